/** The ranges of BITCOUNT and BITPOS, given in bytes or in bits. */
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";

/** Both ends are included. */
export interface BitRange {
  readonly first: number;
  readonly last: number;
}

/** Whether the word at an index says BIT and not BYTE. */
export function saysBit(call: Call, index: number): boolean {
  if (call.is(index, "BIT")) return true;
  if (call.is(index, "BYTE")) return false;
  throw syntaxError;
}

/**
 * The part of a string between two ends, which count from its end when they
 * are negative; null when no bit is in it.
 */
export function bitRange(
  start: number,
  end: number,
  inBits: boolean,
  byteCount: number,
): BitRange | null {
  const total = inBits ? byteCount * 8 : byteCount;
  start = Math.max(0, start < 0 ? start + total : start);
  end = Math.min(total - 1, Math.max(0, end < 0 ? end + total : end));
  if (start > end) return null;
  return inBits
    ? { first: start, last: end }
    : { first: start * 8, last: end * 8 + 7 };
}

/** BYTE or BIT, as both commands document it. */
export const unitArgument: Argument = arg.oneOf(
  "unit",
  arg.token("BYTE"),
  arg.token("BIT"),
).optional().since("7.0.0");
