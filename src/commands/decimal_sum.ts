/**
 * The sum of INCRBYFLOAT and HINCRBYFLOAT, from text to text. It is that of
 * x86 long doubles (`long_double.ts`); most sums need no such arithmetic.
 */
import {
  formatLongDouble,
  LONG_DOUBLE_TEXT_MAX,
  type LongDouble,
  longDoubleSum,
  parseLongDouble,
} from "./long_double.ts";

/** What a text says, null when it is no number. */
export function decimal(text: string): Decimal | null {
  const plain = PLAIN.exec(text);
  if (plain) return { text, plain, exact: null };
  const exact = parseLongDouble(text);
  return exact && { text, plain: null, exact };
}

export interface Decimal {
  readonly text: string;
  /** Sign, integer and fraction of a short number. */
  readonly plain: RegExpExecArray | null;
  readonly exact: LongDouble | null;
}

/** Whether it is neither plus nor minus infinity. */
export function isFinite({ exact }: Decimal): boolean {
  return exact?.exponent !== Infinity;
}

/** The sum's text, null when it is infinite or no number. */
export function decimalSum(a: Decimal, b: Decimal): string | null {
  const short = shortSum(a, b);
  if (short !== null) return short;
  const sum = longDoubleSum(exactly(a), exactly(b));
  return sum && formatLongDouble(sum);
}

function exactly({ exact, text }: Decimal): LongDouble {
  return exact ?? parseLongDouble(text)!;
}

const PLAIN = /^(-?)(\d{1,15})(?:\.(\d{1,13}))?$/;

/**
 * Below this the three roundings of a sum of long doubles come to less than
 * half of the last digit that is printed, so that it prints as it is on paper.
 */
const ON_PAPER = 32;

/** The sum in whole numbers, null where long doubles may print another one. */
function shortSum(a: Decimal, b: Decimal): string | null {
  if (!a.plain || !b.plain) return null;
  const places = Math.max(
    a.plain[3]?.length ?? 0,
    b.plain[3]?.length ?? 0,
  );
  if (places === 0) return String(Number(a.text) + Number(b.text) + 0);
  const scale = 10 ** places;
  const limit = ON_PAPER * scale;
  const first = scaled(a.plain, places);
  const second = scaled(b.plain, places);
  const sum = first + second;
  if (Math.max(Math.abs(first), Math.abs(second), Math.abs(sum)) >= limit) {
    return null;
  }
  const digits = String(Math.abs(sum)).padStart(places + 1, "0");
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return (sum < 0 ? "-" : "") + digits.slice(0, -places) +
    (fraction === "" ? "" : `.${fraction}`);
}

/** The number times a power of ten. */
function scaled(
  [, sign, integer, fraction = ""]: RegExpExecArray,
  places: number,
): number {
  const size = Number(integer + fraction.padEnd(places, "0"));
  return sign === "-" ? -size : size;
}

// One char is one byte here, and the texts are so short that a loop beats a
// decoder or an encoder.

/** The bytes of a stored number; of a longer text so much is enough. */
export const NUMBER_BYTES_MAX = LONG_DOUBLE_TEXT_MAX + 1;

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
