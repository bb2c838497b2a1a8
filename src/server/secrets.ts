/** Forty random hexadecimal digits. */
export function hexId(): string {
  return crypto.getRandomValues(new Uint8Array(20)).toHex();
}
