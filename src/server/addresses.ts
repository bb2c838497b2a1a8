/** An address of `bind`, ready to listen on. */
export interface BindAddress {
  readonly host: string;
  /** It may be missing on this machine. */
  readonly isOptional: boolean;
}

const ANY_V4 = "0.0.0.0";
const ANY_V6 = "::";

/**
 * What `bind` means. Deno's listener for all IPv6 addresses takes IPv4 too and
 * cannot be told not to, so where both are wanted it serves both.
 */
export function bindAddresses(bind: readonly string[]): BindAddress[] {
  const addresses = bind.map((text) => ({
    host: hostOf(text),
    isOptional: text.startsWith("-"),
  }));
  const wantsAnyV6 = addresses.some(({ host }) => host === ANY_V6);
  return wantsAnyV6 && canListen(ANY_V6, 0)
    ? addresses.filter(({ host }) => host !== ANY_V4)
    : addresses;
}

function hostOf(text: string): string {
  const plain = text.replace(/^-/, "");
  return plain === "*" ? ANY_V4 : plain === "::*" ? ANY_V6 : plain;
}

/** Tries an address out, at once. */
function canListen(host: string, port: number): boolean {
  try {
    Deno.listen({ hostname: host, port }).close();
    return true;
  } catch {
    return false;
  }
}
