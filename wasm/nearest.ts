// The double nearest to a decimal number, ties to even: correct for all inputs.
//
// A number of up to 19 digits times a power of ten is converted by one or two
// 64-bit multiplications with a 128-bit power of ten (Eisel and Lemire; that
// this never needs a second look was proven by Mushtak and Lemire). Of a longer
// number the first 19 digits give two candidates, for all that follows being
// zeros or nines. Nearly always they are one; when not, they are neighbours,
// and the whole number is compared with the middle between them in big
// integers:
//
//   digits * 10^exponent  ?  (2 * mantissa + 1) * 2^(power - 1)
//
// with both sides multiplied so that no fraction is left. 800 digits decide
// any such comparison (no middle has more than 767); what follows them only
// matters by being more than nothing.

import { multiplyHigh, powerHigh, powerLow, preparePowers } from "./powers";

const FRACTION_BITS = 52;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;
const INFINITE: u64 = 0x7ff0000000000000;
/** Decimal exponents outside of this give zero or infinity for any u64. */
const EXPONENT_MIN: i64 = -342;
const EXPONENT_MAX: i64 = 308;

const ZERO: u32 = 0x30;
const POINT: u32 = 0x2e;

/** digits * 10^exponent, rounded; infinite when it is too large. */
export function nearestDouble(digits: u64, exponent: i64): f64 {
  // Both exact, so that one rounding is left.
  if (digits <= HIDDEN_BIT * 2 && exponent >= -22 && exponent <= 22) {
    const power = exactPower(u32(exponent < 0 ? -exponent : exponent));
    return exponent < 0 ? f64(digits) / power : f64(digits) * power;
  }
  if (digits == 0 || exponent < EXPONENT_MIN) return 0;
  if (exponent > EXPONENT_MAX) return Infinity;
  return reinterpret<f64>(nearestBits(digits, i32(exponent)));
}

// @ts-ignore: decorator
@inline
function exactPower(exponent: u32): f64 {
  return load<f64>(EXACT_POWERS + (exponent << 3));
}

const EXACT_POWERS = u32(memory.data<f64>([
  1e0,
  1e1,
  1e2,
  1e3,
  1e4,
  1e5,
  1e6,
  1e7,
  1e8,
  1e9,
  1e10,
  1e11,
  1e12,
  1e13,
  1e14,
  1e15,
  1e16,
  1e17,
  1e18,
  1e19,
  1e20,
  1e21,
  1e22,
]));

function nearestBits(digits: u64, exponent: i32): u64 {
  preparePowers();
  const shift = i32(clz(digits));
  digits <<= shift;
  // Near one the powers are rounded up, so that exact products show as such.
  const up = u64(exponent < 0 && exponent >= -27);
  const powerLowUp = powerLow(exponent) + up;
  const factor = powerHigh(exponent) + u64(powerLowUp < up);
  let high = multiplyHigh(digits, factor);
  let low = digits * factor;
  // 55 bits are looked at; a carry can only come through nine set bits.
  if ((high & 0x1ff) == 0x1ff) {
    const carry = multiplyHigh(digits, powerLowUp);
    low += carry;
    high += u64(low < carry);
  }
  const top = i32(high >> 63);
  const dropped = u64(top + 9);
  let mantissa = high >> dropped;
  let biased = ((217706 * exponent) >> 16) + 63 + 1023 + top - shift;
  if (biased <= 0) {
    if (biased <= -63) return 0;
    mantissa >>= u64(1 - biased);
    // Exact ties do not occur down there; a carry makes a normal number.
    return (mantissa + (mantissa & 1)) >> 1;
  }
  // An exact tie above an even mantissa: rounded down.
  if (
    low <= 1 && exponent >= -4 && exponent <= 23 && (mantissa & 3) == 1 &&
    mantissa << dropped == high
  ) {
    mantissa--;
  }
  mantissa = (mantissa + (mantissa & 1)) >> 1;
  if (mantissa == HIDDEN_BIT << 1) {
    mantissa = HIDDEN_BIT;
    biased++;
  }
  if (biased >= 0x7ff) return INFINITE;
  return (u64(biased) << FRACTION_BITS) | (mantissa & (HIDDEN_BIT - 1));
}

/**
 * The same for a number whose first 19 digits are `digits`, `exponent` being
 * the power of the last of these. All digits lie from `at` (the first that is
 * no zero) to `end`, perhaps with a point among them.
 */
export function nearestOfMany(
  digits: u64,
  exponent: i64,
  at: u32,
  end: u32,
): f64 {
  const lower = nearestDouble(digits, exponent);
  const upper = nearestDouble(digits + 1, exponent);
  if (lower == upper) return lower;
  const bits = reinterpret<u64>(lower);
  const biased = i32(bits >> FRACTION_BITS);
  const fraction = bits & (HIDDEN_BIT - 1);
  const mantissa = biased ? fraction | HIDDEN_BIT : fraction;
  const power = (biased ? biased : 1) - 1075;
  const order = compareWithMiddle(at, end, i32(exponent), mantissa, power);
  if (order == 0) return (bits & 1) == 0 ? lower : upper;
  return order < 0 ? lower : upper;
}

/** Big integers of 32-bit words, the lowest first: the sides compared. */
const BIG_BYTES: u32 = 512;
const left = u32(memory.data(BIG_BYTES, 8));
const right = u32(memory.data(BIG_BYTES, 8));

const DIGITS_MAX: i32 = 800;
/** How many digits `digits` above has. */
const FIRST_DIGITS: i32 = 19;

function compareWithMiddle(
  at: u32,
  end: u32,
  exponent: i32,
  mantissa: u64,
  power: i32,
): i32 {
  memory.fill(left, 0, BIG_BYTES);
  memory.fill(right, 0, BIG_BYTES);
  exponent += FIRST_DIGITS - readDigits(at, end);
  const middle = 2 * mantissa + 1;
  store<u64>(right, middle);
  // 10^exponent is 5^exponent and a shift; so is what it becomes on the right.
  multiplyByFives(exponent < 0 ? right : left, abs(exponent));
  const shift = power - 1 - exponent;
  shiftLeft(shift < 0 ? left : right, abs(shift));
  for (let i = BIG_BYTES; i > 0;) {
    i -= 4;
    const a = load<u32>(left + i);
    const b = load<u32>(right + i);
    if (a != b) return a < b ? -1 : 1;
  }
  return 0;
}

/**
 * Reads digits into the left side and returns how many. Above DIGITS_MAX, one
 * more stands for the rest: 1 unless they all are zeros.
 */
function readDigits(at: u32, end: u32): i32 {
  let count: i32 = 0;
  for (; at < end && count < DIGITS_MAX; at++) {
    const char = u32(load<u8>(at));
    if (char == POINT) continue;
    multiplyAdd(left, 10, char - ZERO);
    count++;
  }
  let more: u32 = 0;
  for (; at < end && more == 0; at++) {
    const char = u32(load<u8>(at));
    if (char != POINT && char != ZERO) more = 1;
  }
  multiplyAdd(left, 10, more);
  return count + 1;
}

function multiplyByFives(big: u32, count: i32): void {
  for (; count >= 13; count -= 13) multiplyAdd(big, 1220703125, 0);
  for (; count > 0; count--) multiplyAdd(big, 5, 0);
}

function multiplyAdd(big: u32, factor: u32, summand: u32): void {
  let carry = u64(summand);
  for (let i: u32 = 0; i < BIG_BYTES; i += 4) {
    carry += u64(load<u32>(big + i)) * factor;
    store<u32>(big + i, u32(carry));
    carry >>= 32;
  }
}

function shiftLeft(big: u32, bitCount: i32): void {
  const bytes = u32(bitCount >> 5) << 2;
  memory.copy(big + bytes, big, BIG_BYTES - bytes);
  memory.fill(big, 0, bytes);
  const rest = u32(bitCount & 31);
  if (rest) multiplyAdd(big, 1 << rest, 0);
}
