/** Numbers that strings spell, as INCRBYFLOAT and INCREX read and write them. */
import { notAFloat, notAnInteger } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { textOf } from "../decimal_sum.ts";
import {
  LONG_DOUBLE_TEXT_MAX,
  type LongDouble,
  parseLongDouble,
  ZERO,
} from "../long_double.ts";

/** The longest text of a 64-bit integer: a sign and 19 digits. */
const INTEGER_TEXT_MAX = 20;
const INTEGER = /^(0|-?[1-9]\d*)$/;

/** The number under key 1, zero when there is none. */
export function storedLongDouble(call: Call): LongDouble {
  const bytes = call.db.peek(1, LONG_DOUBLE_TEXT_MAX + 1);
  return bytes === null ? ZERO : longDoubleOf(textOf(bytes));
}

function longDoubleOf(text: string): LongDouble {
  const value = parseLongDouble(text);
  if (value === null) throw notAFloat;
  return value;
}

/** The integer under key 1, zero when there is none. */
export function storedInteger(call: Call): bigint {
  const bytes = call.db.peek(1, INTEGER_TEXT_MAX + 1);
  if (bytes === null) return 0n;
  const value = integerOf(textOf(bytes));
  if (value === null) throw notAnInteger;
  return value;
}

/** A 64-bit integer as Redis writes one; null for any other text. */
export function integerOf(text: string): bigint | null {
  if (text.length > INTEGER_TEXT_MAX || !INTEGER.test(text)) return null;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : null;
}
