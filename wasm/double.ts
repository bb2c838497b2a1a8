// Doubles as text: what clients write, and what Redis 7.2 prints.
//
// Read is a whole text as C's strtod reads one, without spaces around it:
// decimals with or without point and exponent, "inf" and "infinity" in any
// case, hexadecimal integers and fractions with a binary exponent. Not a number
// and numbers that no double comes near (1e400, 1e-400) are refused, as Redis
// does.
//
// Printed is the shortest decimal that reads back as the same double; but an
// integer up to 2^62 always with all its digits.

import { formatInteger } from "./number";
import { nearestDouble, nearestOfMany } from "./nearest";
import { findShortest, shortestDigits, shortestExponent } from "./shortest";

/** What the last successful `parseDouble` read. */
export let parsedDouble: f64 = 0;

/** The longest text that `formatDouble` writes, rounded up. */
export const DOUBLE_MAX_BYTES: u32 = 32;

/** No exponent that counts comes near, and nothing overflows at this one. */
const EXPONENT_LIMIT: i64 = 1 << 50;
/** Digits that an u64 surely holds. */
const DIGITS_MAX: i32 = 19;
const HEX_DIGITS_MAX: i32 = 16;
/** Above this an integer is printed as any other double. */
const INTEGER_MAX: f64 = 4611686018427387904;

const ZERO: u32 = 0x30;
const POINT: u32 = 0x2e;
const PLUS: u32 = 0x2b;
const MINUS: u32 = 0x2d;

/** The exponent behind a number's digits, see `readExponent`. */
let readPower: i64 = 0;

/** 1 when the whole text is a double (then `parsedDouble`), otherwise 0. */
export function parseDouble(at: u32, byteCount: u32): i32 {
  const end = at + byteCount;
  if (at == end) return 0;
  const sign = u32(load<u8>(at));
  if (sign == PLUS || sign == MINUS) at++;
  const first = at < end ? u32(load<u8>(at)) : 0;
  let value: f64;
  if (first - ZERO < 10 || first == POINT) {
    value = first == ZERO && at + 1 < end && lowered(at + 1) == 0x78
      ? readHex(at + 2, end)
      : readDecimal(at, end);
    if (value == Infinity) return 0;
  } else if (isInfinity(at, end)) value = Infinity;
  else return 0;
  if (isNaN(value)) return 0;
  parsedDouble = sign == MINUS ? -value : value;
  return 1;
}

// @ts-ignore: decorator
@inline
function lowered(at: u32): u32 {
  return u32(load<u8>(at)) | 0x20;
}

function isInfinity(at: u32, end: u32): bool {
  // The letters, eight in a word; "inf" is its lowest three.
  const letters: u64 = 0x7974696e69666e69;
  const byteCount = end - at;
  if (byteCount != 3 && byteCount != 8) return false;
  for (let i: u32 = 0; i < byteCount; i++) {
    if (lowered(at + i) != (u32(letters >> (i << 3)) & 0xff)) return false;
  }
  return true;
}

/** A number without sign; NaN for what is none, or for none but zero. */
function readDecimal(at: u32, end: u32): f64 {
  let digits: u64 = 0;
  /** Digits from the first that is no zero on, and those behind the point. */
  let count: i64 = 0;
  let behindPoint: i64 = 0;
  let digitCount: u32 = 0;
  let firstAt: u32 = 0;
  let pointed = false;
  for (; at < end; at++) {
    const digit = u32(load<u8>(at)) - ZERO;
    if (digit < 10) {
      digitCount++;
      behindPoint += i64(pointed);
      if (count > 0 || digit > 0) {
        if (count == 0) firstAt = at;
        if (count < DIGITS_MAX) digits = digits * 10 + u64(digit);
        count++;
      }
    } else if (!pointed && digit == POINT - ZERO) pointed = true;
    else break;
  }
  if (digitCount == 0 || !readExponent(at, end, 0x65)) return NaN;
  if (digits == 0) return 0;
  const exponent = readPower - behindPoint;
  const value = count <= DIGITS_MAX
    ? nearestDouble(digits, exponent)
    : nearestOfMany(digits, exponent + count - DIGITS_MAX, firstAt, at);
  return value == 0 ? NaN : value;
}

/** The rest of a number: nothing, or a letter, a sign and digits. */
function readExponent(at: u32, end: u32, letter: u32): bool {
  readPower = 0;
  if (at == end) return true;
  if (lowered(at) != letter) return false;
  at++;
  const sign = at < end ? u32(load<u8>(at)) : 0;
  if (sign == PLUS || sign == MINUS) at++;
  if (at == end) return false;
  let power: i64 = 0;
  for (; at < end; at++) {
    const digit = u32(load<u8>(at)) - ZERO;
    if (digit > 9) return false;
    if (power < EXPONENT_LIMIT) power = power * 10 + i64(digit);
  }
  readPower = sign == MINUS ? -power : power;
  return true;
}

/** The same in hexadecimal, behind the `0x`. */
function readHex(at: u32, end: u32): f64 {
  let digits: u64 = 0;
  /** The power of two of the lowest digit kept. */
  let power: i64 = 0;
  let count: i32 = 0;
  let digitCount: u32 = 0;
  let more = false;
  let pointed = false;
  for (; at < end; at++) {
    const digit = hexDigit(load<u8>(at));
    if (digit < 16) {
      digitCount++;
      if (count < HEX_DIGITS_MAX) {
        digits = (digits << 4) | u64(digit);
        count += i32(digits != 0);
        power -= pointed ? 4 : 0;
      } else {
        more = more || digit != 0;
        power += pointed ? 0 : 4;
      }
    } else if (!pointed && load<u8>(at) == POINT) pointed = true;
    else break;
  }
  if (digitCount == 0 || !readExponent(at, end, 0x70)) return NaN;
  if (digits == 0) return 0;
  const value = roundBinary(digits, power + readPower, more);
  return value == 0 ? NaN : value;
}

/** The value of a hexadecimal digit, 16 and more for anything else. */
// @ts-ignore: decorator
@inline
function hexDigit(char: u32): u32 {
  const decimal = char - ZERO;
  if (decimal < 10) return decimal;
  const letter = (char | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}

/** digits * 2^power to the nearest double; `more` says that a bit is missing. */
function roundBinary(digits: u64, power: i64, more: bool): f64 {
  const shift = i64(clz(digits));
  digits <<= shift;
  const exponent = power - shift + 63;
  if (exponent > 1023) return Infinity;
  const isNormal = exponent >= -1022;
  const dropped = isNormal ? 11 : 11 - 1022 - exponent;
  if (dropped > 64) return 0;
  const kept = dropped == 64 ? 0 : digits >> dropped;
  const rest = dropped == 64 ? digits : digits << (64 - dropped);
  const half: u64 = 1 << 63;
  const isUp = rest > half || (rest == half && (more || (kept & 1) != 0));
  // A normal number's leading bit adds one to the exponent, as a carry does.
  const biased = isNormal ? u64(exponent + 1022) << 52 : 0;
  return reinterpret<f64>(biased + kept + u64(isUp));
}

/** Writes a double and returns how many bytes that took. */
export function formatDouble(to: u32, value: f64): u32 {
  if (value >= -INTEGER_MAX && value <= INTEGER_MAX) {
    const whole = i64(value);
    if (f64(whole) == value) {
      // -0 has no integer.
      if (whole != 0 || 1 / value > 0) return formatInteger(to, whole);
      store<u16>(to, 0x302d);
      return 2;
    }
  }
  return formatShortest(to, value);
}

/** The same with an exponent for integers too, where that is shorter. */
export function formatShortest(to: u32, value: f64): u32 {
  const start = to;
  if (reinterpret<u64>(value) >> 63) {
    store<u8>(to++, MINUS);
    value = -value;
  }
  if (value == Infinity || isNaN(value)) {
    store<u8>(to, value == Infinity ? 0x69 : 0x6e);
    store<u16>(to + 1, value == Infinity ? 0x666e : 0x6e61);
    return to + 3 - start;
  }
  if (value == 0) {
    store<u8>(to, ZERO);
    return to + 1 - start;
  }
  findShortest(value);
  return to + placeDigits(to, shortestDigits, shortestExponent) - start;
}

/**
 * Writes digits * 10^exponent without an exponent where that is short; returns
 * how many bytes.
 */
function placeDigits(to: u32, digits: u64, exponent: i32): u32 {
  while (digits % 10 == 0) {
    digits /= 10;
    exponent++;
  }
  const count = i32(formatInteger(to, i64(digits)));
  const scientific = exponent + count - 1;
  if (exponent >= 0 && exponent < 8) {
    memory.fill(to + count, u8(ZERO), exponent);
    return count + exponent;
  }
  if (exponent < 0 && (exponent > -7 || abs(scientific) < 4)) {
    return placePoint(to, count, count + exponent);
  }
  let end = to + 1;
  if (count > 1) {
    memory.copy(to + 2, to + 1, count - 1);
    store<u8>(to + 1, POINT);
    end = to + 1 + count;
  }
  store<u8>(end, 0x65);
  store<u8>(end + 1, scientific < 0 ? MINUS : PLUS);
  end += 2;
  return end + formatInteger(end, abs(scientific)) - to;
}

/** Puts a point behind so many of the digits; returns how many bytes. */
function placePoint(to: u32, count: i32, before: i32): u32 {
  if (before > 0) {
    memory.copy(to + before + 1, to + before, count - before);
    store<u8>(to + before, POINT);
    return count + 1;
  }
  memory.copy(to + 2 - before, to, count);
  memory.fill(to, u8(ZERO), 2 - before);
  store<u8>(to + 1, POINT);
  return count + 2 - before;
}
