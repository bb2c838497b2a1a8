// The shortest decimal that reads back as a given double, and of those the
// nearest to it: the method that Raffaello Giulietti calls Schubfach.
//
// A double's neighbours bound an interval of numbers that read back as it. The
// interval and the double are scaled by a power of ten so that the interval is
// 2 to 20 wide; then either a multiple of ten lies in it, or one of the two
// integers around the double is the answer. The scaled numbers are kept four
// times as large with a lowest bit that says "and a bit more", which is all
// that the comparisons need: no case has to be looked at with more precision.

import { multiplyHigh, powerHigh, powerLow, preparePowers } from "./powers";

/** What `findShortest` found: `shortestDigits` * 10^`shortestExponent`. */
export let shortestDigits: u64 = 0;
export let shortestExponent: i32 = 0;

const FRACTION_BITS = 52;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;
/** The largest power of ten that 128 bits hold exactly. */
const EXACT_MAX: i32 = 55;

/** For a finite value above zero. The digits may end in zeros. */
export function findShortest(value: f64): void {
  preparePowers();
  const bits = reinterpret<u64>(value);
  const fraction = bits & (HIDDEN_BIT - 1);
  const biased = i32(bits >> FRACTION_BITS) & 0x7ff;
  const mantissa = biased ? fraction | HIDDEN_BIT : fraction;
  const exponent = (biased ? biased : 1) - 1075;
  // Below a power of two, doubles are twice as dense.
  const narrow = fraction == 0 && biased > 1;

  // Rounded down: log10(2^exponent), or of three quarters of it.
  const k = (exponent * 1262611 - (narrow ? 524031 : 0)) >> 22;
  const shift = exponent + ((-k * 1741647) >> 19) + 1;
  let low = powerLow(-k);
  let high = powerHigh(-k);
  if (k > 0 || k < -EXACT_MAX) {
    // The proof wants powers rounded up.
    low++;
    high += u64(low == 0);
  }
  const quadruple = mantissa << 2;
  const value4 = scale(low, high, quadruple << shift);
  // Both ends belong to the interval when the mantissa is even.
  const odd = mantissa & 1;
  const least = scale(low, high, (quadruple - 2 + u64(narrow)) << shift) + odd;
  const most = scale(low, high, (quadruple + 2) << shift) - odd;

  const whole = value4 >> 2;
  if (whole >= 10) {
    const tens = whole / 10;
    const below = least <= tens * 40;
    const above = tens * 40 + 40 <= most;
    if (below != above) return found(tens + u64(above), k + 1);
  }
  const below = least <= whole << 2;
  const above = (whole << 2) + 4 <= most;
  if (below != above) return found(whole + u64(above), k);
  const middle = (whole << 2) + 2;
  const isUp = value4 > middle || (value4 == middle && (whole & 1) != 0);
  found(whole + u64(isUp), k);
}

// @ts-ignore: decorator
@inline
function found(digits: u64, exponent: i32): void {
  shortestDigits = digits;
  shortestExponent = exponent;
}

/**
 * The upper 64 bits of a 128-bit fraction times a factor; the lowest is set
 * when anything lies below it.
 */
function scale(low: u64, high: u64, factor: u64): u64 {
  const carry = multiplyHigh(low, factor);
  const middle = high * factor + carry;
  const top = multiplyHigh(high, factor) + u64(middle < carry);
  return top | u64(middle > 1);
}
