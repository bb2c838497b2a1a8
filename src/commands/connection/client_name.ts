import { failure } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

/**
 * A name that a client gives itself or its library. CLIENT LIST parts fields
 * with spaces and clients with line breaks, so neither may be in a name.
 */
export function checkedName(
  call: Call,
  index: number,
  what: string,
): string {
  const name = call.latin1(index);
  if (/^[!-~]*$/.test(name)) return name;
  throw failure(
    `ERR ${what} cannot contain spaces, newlines or special characters.`,
  );
}
