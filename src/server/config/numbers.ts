/**
 * The number forms of redis.conf and CONFIG SET, each as strict or as lenient
 * as Redis is about it. All read into bigint, because limits go up to 2^64 - 1
 * and CONFIG GET must answer with the very digits that were set.
 */

export const INT_MIN = -2147483648;
export const INT_MAX = 2147483647;
export const UINT_MAX = 4294967295;
export const LONG_MAX = 9223372036854775807n;
export const ULONG_MAX = 18446744073709551615n;
export const MEBIBYTE = 1024 * 1024;

const LONG_MIN = -LONG_MAX - 1n;
const LONGEST_LONG_DIGITS = 20;
const LONGEST_MEMORY_DIGITS = 127;

/** A canonical signed 64-bit integer: no sign plus, no blank, no zero before. */
export function parseInteger(text: string): bigint | undefined {
  if (text.length > LONGEST_LONG_DIGITS) return undefined;
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= LONG_MIN && value <= LONG_MAX ? value : undefined;
}

/**
 * An integer in the lenient form that the list-like directives take: blanks
 * before it, a sign and leading zeros are allowed, nothing at all means 0, and
 * what lies beyond 64 bits is cut to the nearest limit.
 */
export function parseLenientInteger(text: string): bigint | undefined {
  if (text === "") return 0n;
  const digits = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)$/.exec(text);
  if (digits === null) return undefined;
  const value = digits[1] === "-" ? -BigInt(digits[2]) : BigInt(digits[2]);
  if (value > LONG_MAX) return LONG_MAX;
  return value < LONG_MIN ? LONG_MIN : value;
}

/** An octal number such as a file mode, in the same lenient form. */
export function parseOctal(text: string): bigint | undefined {
  if (text === "") return 0n;
  const digits = /^[ \t\n\v\f\r]*([+-]?)([0-7]+)$/.exec(text);
  if (digits === null) return undefined;
  const magnitude = BigInt("0o" + digits[2]);
  if (magnitude > LONG_MAX) return undefined;
  return digits[1] === "-" ? -magnitude : magnitude;
}

const MEMORY_UNITS = new Map([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1024n],
  ["m", 1000n ** 2n],
  ["mb", 1024n ** 2n],
  ["g", 1000n ** 3n],
  ["gb", 1024n ** 3n],
]);

/**
 * An amount of memory with an optional unit, unsigned. Like Redis it takes no
 * digits for 0, cuts the digits to 64 bits and wraps what the unit overflows.
 */
export function parseMemory(text: string): bigint | undefined {
  const parts = /^([0-9]*)([a-z]*)$/i.exec(text);
  if (parts === null || parts[1].length > LONGEST_MEMORY_DIGITS) {
    return undefined;
  }
  const unit = MEMORY_UNITS.get(parts[2].toLowerCase());
  if (unit === undefined) return undefined;
  const amount = BigInt(parts[1]);
  return BigInt.asUintN(64, (amount > ULONG_MAX ? ULONG_MAX : amount) * unit);
}

/** An amount of memory in the largest unit that divides it, for a file. */
export function formatMemory(bytes: bigint): string {
  if (bytes !== 0n) {
    for (const unit of ["gb", "mb", "kb"]) {
      const unitBytes = MEMORY_UNITS.get(unit)!;
      if (bytes % unitBytes === 0n) return `${bytes / unitBytes}${unit}`;
    }
  }
  return `${bytes}`;
}

/** A decimal number as a percentile is written, or undefined. */
export function parseDecimal(text: string): number | undefined {
  if (/^[+-]?inf(inity)?$/i.test(text)) {
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  const isDecimal = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i
    .test(text);
  return isDecimal ? Number(text) : undefined;
}
