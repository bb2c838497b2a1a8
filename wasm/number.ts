// Integers in decimal: strict reading and fast writing.
//
// Reading accepts exactly one spelling of each 64-bit value: an optional minus,
// no plus, no leading zero, no "-0", no space. That strictness is a contract:
// it decides whether a string is kept as an integer, and turning it back into
// text must give the very bytes that came in.
//
// Both directions take eight (or two) digits at a time. Nothing is read outside
// of the given bytes, and nothing is written outside of the digits announced by
// `integerByteCount`.

/** What the last successful `parseInteger` read. */
export let parsedInteger: i64 = 0;

/** The longest decimal form of a 64-bit integer, a minus included. */
export const INTEGER_MAX_BYTES: u32 = 20;

const DIGITS_MAX: u32 = 19;
const ZERO: u32 = 0x30;
const MINUS: u32 = 0x2d;
const EIGHT_ZEROS: u64 = 0x3030303030303030;

// The least value that has one digit more than its place in this list says;
// the first is 0, because zero itself has one digit.
const THRESHOLDS: u32 = u32(memory.data<u64>([
  0,
  10,
  100,
  1000,
  10000,
  100000,
  1000000,
  10000000,
  100000000,
  1000000000,
  10000000000,
  100000000000,
  1000000000000,
  10000000000000,
  100000000000000,
  1000000000000000,
  10000000000000000,
  100000000000000000,
  1000000000000000000,
  10000000000000000000,
]));

/**
 * Reads a whole byte range as a 64-bit integer: 1 when it is one (then
 * `parsedInteger` holds it), otherwise 0.
 */
export function parseInteger(at: u32, byteCount: u32): i32 {
  if (byteCount == 0) return 0;
  const isNegative = load<u8>(at) == MINUS;
  let digitsLeft = byteCount - u32(isNegative);
  at += u32(isNegative);
  if (digitsLeft - 1 >= DIGITS_MAX) return 0;
  const first = load<u8>(at) - ZERO;
  if (first - 1 >= 9) {
    if (first != 0 || byteCount != 1) return 0;
    parsedInteger = 0;
    return 1;
  }

  // Nineteen digits cannot overflow an unsigned 64-bit sum.
  let sum: u64 = 0;
  while (digitsLeft >= 8) {
    const digits = load<u64>(at);
    if (!areEightDigits(digits)) return 0;
    sum = sum * 100000000 + eightDigits(digits);
    at += 8;
    digitsLeft -= 8;
  }
  for (const end = at + digitsLeft; at != end; at++) {
    const digit = load<u8>(at) - ZERO;
    if (digit > 9) return 0;
    sum = sum * 10 + u64(digit);
  }

  // The smallest integer lies one further from zero than the largest.
  if (sum > u64(i64.MAX_VALUE) + u64(isNegative)) return 0;
  parsedInteger = isNegative ? -i64(sum) : i64(sum);
  return 1;
}

/** Writes a value in decimal and returns how many bytes that took (<= 20). */
export function formatInteger(at: u32, value: i64): u32 {
  let rest = u64(value);
  let signBytes: u32 = 0;
  if (value < 0) {
    store<u8>(at, MINUS);
    signBytes = 1;
    rest = 0 - rest;
  }
  const start = at + signBytes;
  let digitsLeft = digitCount(rest);
  const byteCount = signBytes + digitsLeft;
  while (digitsLeft > 8) {
    const next = rest / 100000000;
    digitsLeft -= 8;
    store<u64>(start + digitsLeft, eightBytes(rest - next * 100000000));
    rest = next;
  }
  storeBytes(start, eightBytes(rest) >> ((8 - digitsLeft) << 3), digitsLeft);
  return byteCount;
}

/** How many decimal digits an unsigned value has; zero has one. */
export function digitCount(value: u64): u32 {
  // 1233 / 4096 is just above log10(2): the estimate is exact or one short.
  const estimate = ((64 - u32(clz(value | 1))) * 1233) >> 12;
  return estimate + u32(value >= load<u64>(THRESHOLDS + (estimate << 3)));
}

/** How many bytes `formatInteger` writes for a value. */
export function integerByteCount(value: i64): u32 {
  if (value >= 0) return digitCount(u64(value));
  return 1 + digitCount(0 - u64(value));
}

// @ts-ignore: decorator
@inline
function areEightDigits(word: u64): bool {
  // A byte is a digit when its high nibble is 3, and still is after adding 6.
  const high: u64 = 0xf0f0f0f0f0f0f0f0;
  return ((word & high) | (((word + 0x0606060606060606) & high) >> 4)) ==
    0x3333333333333333;
}

// @ts-ignore: decorator
@inline
function eightDigits(word: u64): u64 {
  // Neighbours are joined three times: to pairs, to fours, to one eight.
  let sum = word - EIGHT_ZEROS;
  sum = sum * 10 + (sum >> 8);
  return (((sum & 0x000000ff000000ff) * 0x000f424000000064) +
    (((sum >> 16) & 0x000000ff000000ff) * 0x0000271000000001)) >> 32;
}

// @ts-ignore: decorator
@inline
function eightBytes(value: u64): u64 {
  // The reverse: an eight is divided to fours, to pairs, to digits. Each
  // division is a multiplication that is exact for the few values possible.
  const fours = value / 10000;
  let sum = fours | ((value - fours * 10000) << 32);
  const pairs = ((sum * 10486) >> 20) & 0x0000007f0000007f;
  sum = pairs | ((sum - pairs * 100) << 16);
  const digits = ((sum * 103) >> 10) & 0x000f000f000f000f;
  return (digits | ((sum - digits * 10) << 8)) + EIGHT_ZEROS;
}

// @ts-ignore: decorator
@inline
function storeBytes(at: u32, bytes: u64, byteCount: u32): void {
  if (byteCount == 8) {
    store<u64>(at, bytes);
    return;
  }
  if (byteCount & 4) {
    store<u32>(at, u32(bytes));
    bytes >>= 32;
    at += 4;
  }
  if (byteCount & 2) {
    store<u16>(at, u32(bytes));
    bytes >>= 16;
    at += 2;
  }
  if (byteCount & 1) store<u8>(at, u32(bytes));
}
