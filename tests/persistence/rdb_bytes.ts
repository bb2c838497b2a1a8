/**
 * RDB files of every version and type, made by hand: a second writer, slow and
 * obvious, that also says what no real writer would.
 */

import { concat, joined, type Piece } from "../support/bytes.ts";

export { concat, joined, type Piece };

/** An integer of so many bytes, little-endian; negative ones too. */
export function little(value: bigint | number, byteCount: number): number[] {
  const word = BigInt.asUintN(byteCount * 8, BigInt(value));
  return Array.from(
    { length: byteCount },
    (_, i) => Number(word >> BigInt(8 * i) & 255n),
  );
}

export function big(value: bigint | number, byteCount: number): number[] {
  return little(value, byteCount).reverse();
}

export function length(value: number | bigint): number[] {
  if (value < 64) return [Number(value)];
  if (value < 16384) return big(0x4000 + Number(value), 2);
  if (value < 2 ** 32) return [0x80, ...big(value, 4)];
  return [0x81, ...big(value, 8)];
}

export function string(text: Piece): Uint8Array {
  const bytes = joined(text);
  return joined(length(bytes.length), bytes);
}

export function int8(value: number): number[] {
  return [0xc0, ...little(value, 1)];
}

export function int16(value: number): number[] {
  return [0xc1, ...little(value, 2)];
}

export function int32(value: number): number[] {
  return [0xc2, ...little(value, 4)];
}

/** A string whose LZF is nothing but literals, and then repeats of a byte. */
export function compressed(text: string, repeats = 0): Uint8Array {
  const packed: number[] = [];
  for (let at = 0; at < text.length; at += 32) {
    const run = text.slice(at, at + 32);
    packed.push(run.length - 1, ...joined(run));
  }
  for (let left = repeats; left > 0; left -= 9) packed.push(0xe0, 0, 0);
  const whole = text.length + Math.ceil(repeats / 9) * 9;
  return joined([0xc3], length(packed.length), length(whole), packed);
}

export function double(value: number): Uint8Array {
  return new Uint8Array(new Float64Array([value]).buffer);
}

/** A score as old files have it. */
export function textDouble(text: string): Uint8Array {
  const special: Record<string, number> = { nan: 253, inf: 254, "-inf": 255 };
  if (text in special) return Uint8Array.of(special[text]);
  return joined([text.length], text);
}

export function intset(width: 2 | 4 | 8, ...values: (number | bigint)[]) {
  return joined(
    little(width, 4),
    little(values.length, 4),
    ...values.map((value) => little(value, width)),
  );
}

/** An element as a ziplist or listpack is told it; a number is one there. */
export type Element = string | number | bigint;

const count16 = (count: number) => little(Math.min(count, 65535), 2);

export function ziplist(...elements: Element[]): Uint8Array {
  const entries: Uint8Array[] = [];
  let before = 0;
  for (const element of elements) {
    const link = before < 254 ? [before] : [254, ...little(before, 4)];
    const entry = joined(link, ziplistBody(element));
    entries.push(entry);
    before = entry.length;
  }
  const all = concat(entries);
  const tail = 10 + all.length - before;
  return joined(
    little(all.length + 11, 4),
    little(tail, 4),
    count16(elements.length),
    all,
    [255],
  );
}

function ziplistBody(element: Element): Uint8Array {
  if (typeof element === "string") {
    const n = element.length;
    if (n < 64) return joined([n], element);
    if (n < 16384) return joined(big(0x4000 + n, 2), element);
    return joined([0x80], big(n, 4), element);
  }
  const value = BigInt(element);
  if (value >= 0n && value <= 12n) return joined([0xf1 + Number(value)]);
  for (
    const [first, bytes] of [[0xfe, 1], [0xc0, 2], [0xf0, 3], [0xd0, 4]]
  ) {
    if (BigInt.asIntN(bytes * 8, value) === value) {
      return joined([first], little(value, bytes));
    }
  }
  return joined([0xe0], little(value, 8));
}

export function listpack(...elements: Element[]): Uint8Array {
  const all = concat(elements.map((element) => {
    const body = listpackBody(element);
    return joined(body, backwards(body.length));
  }));
  return joined(
    little(all.length + 7, 4),
    count16(elements.length),
    all,
    [255],
  );
}

function listpackBody(element: Element): Uint8Array {
  if (typeof element === "string") {
    const n = element.length;
    if (n < 64) return joined([0x80 + n], element);
    if (n < 4096) return joined(big(0xe000 + n, 2), element);
    return joined([0xf0], little(n, 4), element);
  }
  const value = BigInt(element);
  if (value >= 0n && value < 128n) return joined([Number(value)]);
  if (BigInt.asIntN(13, value) === value) {
    return joined(big(0xc000n + BigInt.asUintN(13, value), 2));
  }
  for (
    const [first, bytes] of [[0xf1, 2], [0xf2, 3], [0xf3, 4], [0xf4, 8]]
  ) {
    if (BigInt.asIntN(bytes * 8, value) === value) {
      return joined([first], little(value, bytes));
    }
  }
  throw new Error(`${element} has more than 64 bits`);
}

/** The length of a body as it stands behind it: the lowest group last. */
function backwards(bytes: number): number[] {
  const groups: number[] = [];
  let rest = bytes;
  for (; rest > 127; rest >>>= 7) groups.unshift(rest & 127 | 128);
  return [rest, ...groups];
}

/** Names and values in turn; each value has so many spare bytes behind it. */
export function zipmap(spare: number, ...texts: string[]): Uint8Array {
  const size = (n: number) => n < 254 ? [n] : [254, ...little(n, 4)];
  return joined(
    [Math.min(texts.length / 2, 254)],
    ...texts.map((text, i) =>
      i & 1
        ? joined(size(text.length), [spare], text, "x".repeat(spare))
        : joined(size(text.length), text)
    ),
    [255],
  );
}

/** A key with a value whose bytes are given. */
export function key(type: number, name: string, ...value: Piece[]) {
  return joined([type], string(name), ...value);
}

export function dueMs(ms: number): Uint8Array {
  return joined([252], little(ms, 8));
}

export function dueSeconds(seconds: number): Uint8Array {
  return joined([253], little(seconds, 4));
}

export function select(index: number): Uint8Array {
  return joined([254], length(index));
}

export function resize(keys: number | bigint, due: number): Uint8Array {
  return joined([251], length(keys), length(due));
}

export function aux(name: string, value: Piece): Uint8Array {
  return joined([250], string(name), string(value));
}

/** A whole file; from version 5 on with its checksum. */
export function file(version: number, ...parts: Piece[]) {
  const body = joined(
    `REDIS${String(version).padStart(4, "0")}`,
    ...parts,
    [255],
  );
  return version < 5 ? body : joined(body, little(crc64(body), 8));
}

/** What DUMP would give for a value. */
export function payload(type: number, ...value: Piece[]) {
  const body = joined([type], ...value, little(11, 2));
  return joined(body, little(crc64(body), 8));
}

/** A payload or file with its checksum put right again. */
export function resummed(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const body = bytes.subarray(0, bytes.length - 8);
  return joined(body, little(crc64(body), 8));
}

const TABLE = new BigUint64Array(256).map((_, byte) => {
  let sum = BigInt(byte);
  for (let bit = 0; bit < 8; bit++) {
    sum = sum & 1n ? sum >> 1n ^ 0x95ac9329ac4bc9b5n : sum >> 1n;
  }
  return sum;
});

export function crc64(bytes: Uint8Array): bigint {
  let sum = 0n;
  for (const byte of bytes) {
    sum = TABLE[Number(sum & 255n) ^ byte] ^ sum >> 8n;
  }
  return sum;
}
