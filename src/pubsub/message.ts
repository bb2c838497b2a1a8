import { takeForMany } from "../protocol/chunks.ts";

const STAR = 0x2a, GREATER = 0x3e, DOLLAR = 0x24, CR = 13, LF = 10;

/**
 * A message as it goes out. Both protocols say the same but for the first
 * byte; each form is made when the first subscriber of its protocol wants it,
 * and all of them get the same bytes.
 */
export class Message {
  readonly #words: readonly Uint8Array[];
  #resp2: Uint8Array | null = null;
  #resp3: Uint8Array | null = null;

  constructor(words: readonly Uint8Array[]) {
    this.#words = words;
  }

  /** Never to be changed, and kept by nobody who gives buffers back. */
  in(resp: number): Uint8Array {
    return resp === 3
      ? this.#resp3 ??= this.#encode(GREATER)
      : this.#resp2 ??= this.#encode(STAR);
  }

  #encode(type: number): Uint8Array {
    const words = this.#words;
    let byteCount = headerBytes(words.length);
    for (const { length } of words) {
      byteCount += headerBytes(length) + length + 2;
    }
    const bytes = takeForMany(byteCount);
    let at = writeHeader(bytes, 0, type, words.length);
    for (const word of words) {
      at = writeHeader(bytes, at, DOLLAR, word.length);
      bytes.set(word, at);
      at += word.length;
      bytes[at++] = CR;
      bytes[at++] = LF;
    }
    return bytes;
  }
}

function headerBytes(count: number): number {
  let digits = 1;
  for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits++;
  return digits + 3;
}

/** Returns where the header ends. */
function writeHeader(
  bytes: Uint8Array,
  start: number,
  type: number,
  count: number,
): number {
  const end = start + headerBytes(count);
  bytes[start] = type;
  bytes[end - 2] = CR;
  bytes[end - 1] = LF;
  let rest = count;
  for (let at = end - 3; at > start; at--) {
    bytes[at] = 0x30 + rest % 10;
    rest = Math.floor(rest / 10);
  }
  return end;
}
