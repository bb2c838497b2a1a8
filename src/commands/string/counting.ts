/**
 * The two kinds of numbers that INCREX counts in. Sums are not bounded here:
 * the command compares them with its bounds, which the type's limits are part
 * of.
 */
import {
  appliedInfinite,
  appliedOverflow,
  infiniteIncrement,
  infiniteValue,
  namedNotAFloat,
  namedNotAnInteger,
} from "../../protocol/errors.ts";
import type { EventName } from "../../protocol/events.ts";
import type { Call } from "../call.ts";
import {
  compareLongDoubles,
  formatLongDouble,
  isInfinite,
  LARGEST,
  LONG_DOUBLE_TEXT_MAX,
  type LongDouble,
  longDoubleSum,
  negative,
  parseLongDouble,
  ZERO,
} from "../long_double.ts";
import { integerOf, storedInteger, storedLongDouble } from "./stored_number.ts";

export interface Counting<N> {
  /** What a change is called to whoever listens. */
  readonly event: EventName;
  readonly zero: N;
  readonly one: N;
  readonly lowest: N;
  readonly highest: N;
  /** What key 1 holds. */
  stored(call: Call): N;
  /** The word at an index; the error names what it was to be. */
  word(call: Call, index: number, name: string): N;
  increment(call: Call, index: number): N;
  sum(a: N, b: N): N;
  /** Below 0 when a < b, above 0 when a > b. */
  compare(a: N, b: N): number;
  /** What was really added; throws when the type cannot say it. */
  difference(to: N, from: N): N;
  format(value: N): string;
  reply(call: Call, value: N): void;
}

export const integers: Counting<bigint> = {
  event: "incrby",
  zero: 0n,
  one: 1n,
  lowest: -(2n ** 63n),
  highest: 2n ** 63n - 1n,
  stored: storedInteger,
  word(call, index, name) {
    const value = integerOf(call.latin1(index));
    if (value === null) throw namedNotAnInteger(name);
    return value;
  },
  increment: (call, index) => integers.word(call, index, "Increment"),
  sum: (a, b) => a + b,
  compare: (a, b) => a < b ? -1 : a > b ? 1 : 0,
  difference(to, from) {
    const difference = to - from;
    if (BigInt.asIntN(64, difference) !== difference) throw appliedOverflow;
    return difference;
  },
  format: String,
  reply: (call, value) => call.reply.bigInteger(value),
};

export const floats: Counting<LongDouble> = {
  event: "incrbyfloat",
  zero: ZERO,
  one: { mantissa: 1n, exponent: 0 },
  lowest: negative(LARGEST),
  highest: LARGEST,
  stored(call) {
    const value = storedLongDouble(call);
    if (isInfinite(value)) throw infiniteValue;
    return value;
  },
  word(call, index, name) {
    const isShort = call.byteCount(index) <= LONG_DOUBLE_TEXT_MAX;
    const value = isShort ? parseLongDouble(call.latin1(index)) : null;
    if (value === null) throw namedNotAFloat(name);
    return value;
  },
  increment(call, index) {
    const value = floats.word(call, index, "Increment");
    if (isInfinite(value)) throw infiniteIncrement;
    return value;
  },
  sum: (a, b) =>
    // Both have the sign of their sum when it is too large.
    longDoubleSum(a, b) ??
      { mantissa: a.mantissa < 0n ? -1n : 1n, exponent: Infinity },
  compare: compareLongDoubles,
  difference(to, from) {
    const difference = longDoubleSum(to, negative(from));
    if (difference === null) throw appliedInfinite;
    return difference;
  },
  format: formatLongDouble,
  reply(call, value) {
    const text = formatLongDouble(value);
    if (call.reply.resp === 3) call.reply.raw(`,${text}\r\n`);
    else call.reply.bulk(text);
  },
};
