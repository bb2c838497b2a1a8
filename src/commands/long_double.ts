/**
 * The arithmetic of INCRBYFLOAT. Redis computes in the x86 processors' "long
 * double": a sign, 64 binary digits, and an exponent of 15 bits. JavaScript has
 * no such number, and a sum in doubles would differ in what a client reads, so
 * it is done here in whole numbers, exactly, and rounded where the processor
 * rounds: to the nearest, a tie to the even neighbour.
 */

/** mantissa * 2^exponent. An infinity has the exponent Infinity. */
export interface LongDouble {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export const ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

/** A longer text is no number, whatever it says. */
export const LONG_DOUBLE_TEXT_MAX = 5 * 1024 - 1;

const MANTISSA_BITS = 64;
/** The exponent of the last binary digit that the smallest numbers have. */
const EXPONENT_MIN = -16445;
/** Numbers from 2 to this power on are infinite. */
const OVERFLOW_BITS = 16384;
/** Decimal points further out than this always overflow, or underflow. */
const DECIMAL_PLACES_MAX = 5000;
/** The same for hexadecimal points, in bits. */
const BINARY_PLACES_MAX = 17000;
/** Fraction digits of a printed number, before zeros are dropped. */
const FRACTION_DIGITS = 17;

const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;

/**
 * Reads a whole text as C's `strtold` does. Null when it is no number, or one
 * so large that it is infinite or so small that nothing is left of it.
 */
export function parseLongDouble(text: string): LongDouble | null {
  if (text.length > LONG_DOUBLE_TEXT_MAX) return null;
  const infinite = INFINITE.exec(text);
  if (infinite) {
    return { mantissa: infinite[1] === "-" ? -1n : 1n, exponent: Infinity };
  }
  const decimal = DECIMAL.exec(text);
  if (decimal) return signed(decimal[1], fromDecimal(decimal));
  const hexadecimal = HEXADECIMAL.exec(text);
  return hexadecimal && signed(hexadecimal[1], fromHexadecimal(hexadecimal));
}

/** The sum, null when that is infinite or not a number at all. */
export function longDoubleSum(a: LongDouble, b: LongDouble): LongDouble | null {
  if (a.exponent === Infinity || b.exponent === Infinity) return null;
  const exponent = Math.min(a.exponent, b.exponent);
  const sum = aligned(a, exponent) + aligned(b, exponent);
  const size = rounded(sum < 0n ? -sum : sum, 1n, exponent);
  return size && signed(sum < 0n ? "-" : "", size);
}

/** Infinite numbers, of either sign. */
export function isInfinite({ exponent }: LongDouble): boolean {
  return exponent === Infinity;
}

export function negative({ mantissa, exponent }: LongDouble): LongDouble {
  return { mantissa: -mantissa, exponent };
}

/** The largest that is not infinite. */
export const LARGEST: LongDouble = {
  mantissa: (1n << BigInt(MANTISSA_BITS)) - 1n,
  exponent: OVERFLOW_BITS - MANTISSA_BITS,
};

/** Below 0 when a < b, above 0 when a > b. */
export function compareLongDoubles(a: LongDouble, b: LongDouble): number {
  if (isInfinite(a) || isInfinite(b)) return infiniteSize(a) - infiniteSize(b);
  const exponent = Math.min(a.exponent, b.exponent);
  const difference = aligned(a, exponent) - aligned(b, exponent);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** -1 or 1 for the infinite numbers, 0 for all between them. */
function infiniteSize(value: LongDouble): number {
  if (!isInfinite(value)) return 0;
  return value.mantissa < 0n ? -1 : 1;
}

/** In decimal, without exponent, with up to 17 digits behind the point. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const scaled = size * tenTo(FRACTION_DIGITS);
  const whole = exponent < 0
    ? quotient(scaled, 1n << BigInt(-exponent))
    : scaled << BigInt(exponent);
  if (whole === 0n) return "0";
  const digits = String(whole).padStart(FRACTION_DIGITS + 1, "0");
  const integer = digits.slice(0, -FRACTION_DIGITS);
  const fraction = digits.slice(-FRACTION_DIGITS).replace(/0+$/, "");
  return (mantissa < 0n ? "-" : "") + integer +
    (fraction === "" ? "" : `.${fraction}`);
}

function signed(sign: string, size: LongDouble | null): LongDouble | null {
  if (size === null || sign !== "-") return size;
  return { mantissa: -size.mantissa, exponent: size.exponent };
}

function aligned({ mantissa, exponent }: LongDouble, to: number): bigint {
  return mantissa << BigInt(exponent - to);
}

function fromDecimal(match: RegExpExecArray): LongDouble | null {
  const [, , integer, fraction = "", power = "0"] = match;
  if (integer + fraction === "") return null;
  const size = BigInt(integer + fraction);
  if (size === 0n) return ZERO;
  const exponent = Number(power) - fraction.length;
  const places = exponent + significantDigits(integer + fraction);
  if (Math.abs(places) > DECIMAL_PLACES_MAX) return null;
  return exponent < 0
    ? nonzero(rounded(size, tenTo(-exponent), 0))
    : nonzero(rounded(size * tenTo(exponent), 1n, 0));
}

function fromHexadecimal(match: RegExpExecArray): LongDouble | null {
  const [, , integer, fraction = "", power = "0"] = match;
  if (integer + fraction === "") return null;
  const size = BigInt(`0x${integer}${fraction}`);
  if (size === 0n) return ZERO;
  const exponent = Number(power) - 4 * fraction.length;
  const places = exponent + 4 * significantDigits(integer + fraction);
  if (Math.abs(places) > BINARY_PLACES_MAX) return null;
  return nonzero(rounded(size, 1n, exponent));
}

function significantDigits(digits: string): number {
  let zeroCount = 0;
  while (digits[zeroCount] === "0") zeroCount++;
  return digits.length - zeroCount;
}

const TENS = Array.from({ length: 40 }, (_, power) => 10n ** BigInt(power));

function tenTo(power: number): bigint {
  return TENS[power] ?? 10n ** BigInt(power);
}

function nonzero(value: LongDouble | null): LongDouble | null {
  return value?.mantissa === 0n ? null : value;
}

/**
 * The long double nearest to numerator / denominator * 2^exponent, none of
 * them negative; null when that is infinite.
 */
function rounded(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
): LongDouble | null {
  if (numerator === 0n) return ZERO;
  // The quotient has one bit more than this, or just as many.
  const leastBits = bitLength(numerator) - bitLength(denominator);
  let shift = MANTISSA_BITS - leastBits;
  if (atLeast(numerator, denominator, leastBits)) shift--;
  shift = Math.min(shift, exponent - EXPONENT_MIN);
  const mantissa = shift < 0
    ? quotient(numerator, denominator << BigInt(-shift))
    : quotient(numerator << BigInt(shift), denominator);
  if (mantissa === 0n) return ZERO;
  if (bitLength(mantissa) + exponent - shift > OVERFLOW_BITS) return null;
  return { mantissa, exponent: exponent - shift };
}

/** Whether numerator / denominator is at least 2^bits. */
function atLeast(
  numerator: bigint,
  denominator: bigint,
  bits: number,
): boolean {
  return bits < 0
    ? numerator << BigInt(-bits) >= denominator
    : numerator >= denominator << BigInt(bits);
}

/** The quotient, rounded to the nearest whole number, a tie to the even one. */
function quotient(numerator: bigint, denominator: bigint): bigint {
  const down = numerator / denominator;
  const twice = 2n * (numerator - down * denominator);
  if (twice < denominator) return down;
  return twice > denominator || (down & 1n) === 1n ? down + 1n : down;
}

/** How many binary digits a positive number has. */
function bitLength(value: bigint): number {
  const size = Number(value);
  if (size === Infinity) return 1020 + bitLength(value >> 1020n);
  // A double may have rounded up to the next power of two, and so may log2.
  const guess = Math.floor(Math.log2(size));
  const top = value >> BigInt(guess);
  return guess + (top === 0n ? 0 : top === 1n ? 1 : 2);
}
