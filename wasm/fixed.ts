// Doubles with a fixed number of decimals, as geo commands print them.

import { multiplyHigh } from "./powers";
import { formatInteger } from "./number";

/** Nothing written here is longer. */
export const FIXED_MAX_BYTES: u32 = 32;

const ZERO: u32 = 0x30;
const POINT: u32 = 0x2e;
const MINUS: u32 = 0x2d;

const FRACTION_BITS = 52;
const HIDDEN_BIT: u64 = 1 << FRACTION_BITS;

/** Writes a distance (0 to 10^14) with four decimals; returns the bytes. */
export function formatDistance(to: u32, distance: f64): u32 {
  const scaled = i64(nearest(distance * 10000));
  const whole = formatInteger(to, scaled / 10000);
  store<u8>(to + whole, POINT);
  writeDecimals(to + whole + 1, u64(scaled % 10000), 4);
  return whole + 5;
}

/**
 * Writes a coordinate (-180 to 180) with 17 decimals, rounded exactly and
 * without the zeros at its end; returns the bytes.
 *
 * A double is mantissa * 2^-shift; times 10^17 that is mantissa * 5^17 *
 * 2^(17 - shift): a product of 93 bits that is shifted once. The result fits 64
 * bits, for 1.8 * 10^19 is less than 2^64.
 */
export function formatCoordinate(to: u32, value: f64): u32 {
  const bits = reinterpret<u64>(value);
  const biased = i32(bits >> FRACTION_BITS) & 0x7ff;
  const mantissa = (bits & (HIDDEN_BIT - 1)) | (biased ? HIDDEN_BIT : 0);
  const shift = 1075 - 17 - (biased ? biased : 1);
  let scaled = shiftRounded(mantissa, shift);
  const start = to;
  if (value < 0 && scaled != 0) store<u8>(to++, MINUS);
  const whole = scaled / DECIMALS;
  scaled -= whole * DECIMALS;
  to += formatInteger(to, whole);
  if (scaled == 0) return to - start;
  store<u8>(to, POINT);
  writeDecimals(to + 1, scaled, 17);
  to += 17;
  while (load<u8>(to) == ZERO) to--;
  return to + 1 - start;
}

const DECIMALS: u64 = 100000000000000000;
const FIVES: u64 = 762939453125;

/** mantissa * 5^17 / 2^shift to the nearest integer, ties to even. */
function shiftRounded(mantissa: u64, shift: i32): u64 {
  // Less than a half: the product has 93 bits at most.
  if (shift > 94) return 0;
  const high = multiplyHigh(mantissa, FIVES);
  const low = mantissa * FIVES;
  assert(shift > 0);
  let kept: u64;
  let rest: u64;
  let more: bool = false;
  if (shift < 64) {
    kept = (high << (64 - shift)) | (low >> shift);
    rest = low << (64 - shift);
  } else if (shift == 64) {
    kept = high;
    rest = low;
  } else {
    kept = high >> (shift - 64);
    rest = (high << (128 - shift)) | (low >> (shift - 64));
    more = low << (128 - shift) != 0;
  }
  const half: u64 = 1 << 63;
  const isUp = rest > half || (rest == half && (more || (kept & 1) != 0));
  return kept + u64(isUp);
}

/** Writes exactly so many digits, with zeros in front. */
function writeDecimals(to: u32, value: u64, count: u32): void {
  for (let i = count; i-- > 0;) {
    const rest = value / 10;
    store<u8>(to + i, ZERO + u32(value - rest * 10));
    value = rest;
  }
}
