import { takeForMany } from "../protocol/chunks.ts";

const STAR = 0x2a, GREATER = 0x3e, DOLLAR = 0x24, CR = 13, LF = 10;

/** So much goes out together; a longer message goes alone. */
const ROOM_BYTES = 16 * 1024;

/**
 * Messages to the same subscribers, one after the other as they go out: all of
 * them get the same bytes. Both protocols say the same but for the first byte
 * of each message; what RESP3 says is made when the first who speaks it wants
 * it.
 */
export class Messages {
  #bytes = new Uint8Array(ROOM_BYTES);
  #byteCount = 0;
  readonly #starts: number[] = [];

  /** Whether there is room for one more, as there is for any first one. */
  hasRoom(words: readonly Uint8Array[]): boolean {
    return this.#byteCount === 0 ||
      this.#byteCount + messageBytes(words) <= ROOM_BYTES;
  }

  /** Whether the next one is not worth waiting for. */
  get isFull(): boolean {
    return this.#byteCount > ROOM_BYTES / 2;
  }

  add(words: readonly Uint8Array[]): void {
    const end = this.#byteCount + messageBytes(words);
    if (end > this.#bytes.length) this.#bytes = new Uint8Array(end);
    this.#starts.push(this.#byteCount);
    write(this.#bytes, this.#byteCount, words);
    this.#byteCount = end;
  }

  /** What they are, and none are left. */
  take(): Parcel {
    const bytes = takeForMany(this.#byteCount);
    bytes.set(this.#bytes.subarray(0, this.#byteCount));
    const parcel = new Parcel(bytes, this.#starts.slice());
    this.#starts.length = 0;
    this.#byteCount = 0;
    if (this.#bytes.length > ROOM_BYTES) {
      this.#bytes = new Uint8Array(ROOM_BYTES);
    }
    return parcel;
  }
}

/** Messages that go out together. */
export class Parcel {
  readonly #resp2: Uint8Array;
  readonly #starts: readonly number[];
  #resp3: Uint8Array | null = null;

  /** Messages as RESP2 says them, and where each begins. */
  constructor(resp2: Uint8Array, starts: readonly number[]) {
    this.#resp2 = resp2;
    this.#starts = starts;
  }

  /** Never to be changed, and kept by nobody who gives buffers back. */
  in(resp: number): Uint8Array {
    if (resp !== 3) return this.#resp2;
    return this.#resp3 ??= this.#pushes();
  }

  #pushes(): Uint8Array {
    const bytes = takeForMany(this.#resp2.length);
    bytes.set(this.#resp2);
    for (const start of this.#starts) bytes[start] = GREATER;
    return bytes;
  }
}

function messageBytes(words: readonly Uint8Array[]): number {
  let byteCount = headerBytes(words.length);
  for (const { length } of words) {
    byteCount += headerBytes(length) + length + 2;
  }
  return byteCount;
}

function write(
  bytes: Uint8Array,
  start: number,
  words: readonly Uint8Array[],
): void {
  let at = writeHeader(bytes, start, STAR, words.length);
  for (const word of words) {
    at = writeHeader(bytes, at, DOLLAR, word.length);
    bytes.set(word, at);
    at += word.length;
    bytes[at++] = CR;
    bytes[at++] = LF;
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
