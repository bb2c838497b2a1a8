import type { Engine } from "../engine/engine.ts";
import { PIECE_MAX_BYTES, releasePiece, takePiece } from "./chunks.ts";
import { bytesOfLatin1 } from "./text.ts";

const utf8 = new TextEncoder();

/** Bytes above this go to the socket's queue straight from where they lie. */
const SPILL_BYTES = 16 * 1024;

const NOTHING = new Uint8Array(0);

/** RESP3 types whose header is a type byte and a count. */
const ARRAY = 0x2a, MAP = 0x25, SET = 0x7e, PUSH = 0x3e, BULK = 0x24;

/**
 * Writes replies of either protocol version. They gather in the engine's
 * output buffer; `take` hands over what a batch has produced.
 */
export class Reply {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  #resp = 2;
  #spilled: Uint8Array[] = [];
  #spilledBytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#calls = engine.calls;
  }

  get resp(): number {
    return this.#resp;
  }

  /** The protocol version of the replies that follow. */
  set resp(version: number) {
    if (version === this.#resp) return;
    this.#resp = version;
    this.#calls.setResp(version);
  }

  ok(): void {
    this.#calls.replyOk();
  }

  /** `+text`; a text with line breaks would break the protocol. */
  simple(text: string): void {
    this.#line(`+${text}\r\n`);
  }

  /**
   * `-text`, line breaks made spaces. A char is a byte: what errors quote of a
   * client's words comes back as it was sent.
   */
  error(text: string): void {
    const room = text.length + 3;
    const address = this.#calls.outReserve(room) >>> 0;
    if (!address) return;
    const { memory } = this.#engine;
    memory[address] = 0x2d;
    for (let i = 0; i < text.length; i++) {
      const char = text.charCodeAt(i);
      memory[address + 1 + i] = char === 10 || char === 13 ? 32 : char;
    }
    memory[address + room - 2] = 13;
    memory[address + room - 1] = 10;
    this.#calls.outFilled(room);
  }

  integer(value: number): void {
    this.#calls.replyInteger(value);
  }

  bigInteger(value: bigint): void {
    this.#line(`:${value}\r\n`);
  }

  bulk(value: Uint8Array | string): void {
    if (typeof value === "string") value = utf8.encode(value);
    if (value.length > SPILL_BYTES) {
      this.#calls.replyHeader(BULK, value.length);
      this.#spill(value.slice());
    } else this.#lineOf(BULK, value);
    this.#line("\r\n");
  }

  /** A bulk string with one byte for each char. */
  latin1(text: string): void {
    this.bulk(bytesOfLatin1(text));
  }

  /** The engine's current view as a bulk string, however large. */
  view(): void {
    const address = this.#calls.viewPtr() >>> 0;
    const byteCount = this.#calls.viewBytes() >>> 0;
    if (byteCount <= SPILL_BYTES) {
      this.#calls.replyBulk(address, byteCount);
      return;
    }
    const value = this.#engine.copy(address, byteCount);
    this.#calls.replyHeader(BULK, byteCount);
    this.#spill(value);
    this.#line("\r\n");
  }

  /** Takes pieces, so many bytes in all, as one bulk string. */
  pieces(byteCount: number, take: () => Uint8Array | null): void {
    this.#calls.replyHeader(BULK, byteCount);
    for (let piece = take(); piece; piece = take()) this.#spill(piece);
    this.#line("\r\n");
  }

  null(): void {
    this.#calls.replyNull();
  }

  nullArray(): void {
    this.#calls.replyNullArray();
  }

  array(count: number): void {
    this.#calls.replyHeader(ARRAY, count);
  }

  /** A map of so many pairs; in RESP2 a flat array. */
  map(pairCount: number): void {
    if (this.#resp === 3) this.#calls.replyHeader(MAP, pairCount);
    else this.#calls.replyHeader(ARRAY, pairCount * 2);
  }

  set(count: number): void {
    this.#calls.replyHeader(this.#resp === 3 ? SET : ARRAY, count);
  }

  push(count: number): void {
    this.#calls.replyHeader(this.#resp === 3 ? PUSH : ARRAY, count);
  }

  double(value: number): void {
    this.#calls.replyDouble(value);
  }

  boolean(value: boolean): void {
    if (this.#resp === 3) this.#line(value ? "#t\r\n" : "#f\r\n");
    else this.integer(value ? 1 : 0);
  }

  /** A text for people; `format` is "txt" or "mkd". */
  verbatim(text: string, format = "txt"): void {
    if (this.#resp !== 3) return this.bulk(text);
    const bytes = utf8.encode(text);
    this.#line(`=${bytes.length + 4}\r\n${format}:${text}\r\n`);
  }

  /** Bytes that already are a reply. */
  raw(text: string): void {
    this.#line(text);
  }

  /** Bytes that are a message of their own; large ones are kept, not copied. */
  message(bytes: Uint8Array): void {
    if (bytes.length > SPILL_BYTES) return this.#spill(bytes);
    const address = this.#calls.outReserve(bytes.length) >>> 0;
    if (!address) return;
    this.#engine.memory.set(bytes, address);
    this.#calls.outFilled(bytes.length);
  }

  /** Where the reply stands now, to come back to with `truncate`. */
  mark(): number {
    return this.#spilled.length * 2 ** 32 + (this.#calls.outLength() >>> 0);
  }

  /** Takes back what was written since a mark. */
  truncate(mark: number): void {
    const spilledCount = Math.floor(mark / 2 ** 32);
    if (spilledCount === this.#spilled.length) {
      this.#calls.outTruncate(mark % 2 ** 32);
      return;
    }
    // The buffer was emptied behind the mark: its part now is a chunk.
    const chunk = this.#spilled[spilledCount].subarray(0, mark % 2 ** 32);
    for (const dropped of this.#spilled.splice(spilledCount)) {
      this.#spilledBytes -= dropped.length;
    }
    if (chunk.length > 0) this.#keep(chunk);
    this.#calls.outReset();
  }

  /** Writes text in front of what was written since a mark. */
  insert(mark: number, text: string): void {
    const bytes = utf8.encode(text);
    const address = this.#calls.outInsert(mark % 2 ** 32, bytes.length) >>> 0;
    if (address) this.#engine.memory.set(bytes, address);
  }

  /** How many bytes wait to be taken. */
  get pendingBytes(): number {
    return this.#spilledBytes + (this.#calls.outLength() >>> 0);
  }

  /** How many of them lie outside of the engine's buffer. */
  get spilledBytes(): number {
    return this.#spilledBytes;
  }

  /**
   * Hands over all that was written since the last take, in order. Returns
   * null when a reply had to be dropped for want of memory: the stream has a
   * gap and the connection must go.
   */
  take(): Uint8Array[] | null {
    this.#flushBuffer();
    const chunks = this.#spilled;
    this.#spilled = [];
    this.#spilledBytes = 0;
    return this.#calls.outReset() ? null : chunks;
  }

  /** Forgets all that was written since the last take. */
  drop(): void {
    this.#spilled = [];
    this.#spilledBytes = 0;
    this.#calls.outReset();
  }

  /** The usual take: everything is in the buffer. Null as for `take`. */
  takeOne(): Uint8Array | Uint8Array[] | null {
    if (this.#spilled.length > 0) return this.take();
    const address = this.#calls.outBase() >>> 0;
    const byteCount = this.#calls.outLength() >>> 0;
    if (byteCount > PIECE_MAX_BYTES) {
      const bytes = this.#engine.copy(address, byteCount);
      return this.#calls.outReset() ? null : bytes;
    }
    if (byteCount === 0) return this.#calls.outReset() ? null : NOTHING;
    const piece = takePiece(byteCount);
    const { memory } = this.#engine;
    piece.set(memory.subarray(address, address + byteCount));
    if (!this.#calls.outReset()) return piece;
    releasePiece(piece);
    return null;
  }

  #spill(chunk: Uint8Array): void {
    this.#flushBuffer();
    this.#keep(chunk);
  }

  #keep(chunk: Uint8Array): void {
    this.#spilled.push(chunk);
    this.#spilledBytes += chunk.length;
  }

  #flushBuffer(): void {
    const byteCount = this.#calls.outLength() >>> 0;
    if (byteCount === 0) return;
    const address = this.#calls.outBase() >>> 0;
    this.#keep(this.#engine.copy(address, byteCount));
    this.#calls.outTruncate(0);
  }

  #line(text: string): void {
    const room = text.length * 3;
    const address = this.#calls.outReserve(room) >>> 0;
    if (!address) return;
    const target = this.#engine.memory.subarray(address, address + room);
    this.#calls.outFilled(utf8.encodeInto(text, target).written);
  }

  #lineOf(type: number, bytes: Uint8Array): void {
    this.#calls.replyHeader(type, bytes.length);
    const address = this.#calls.outReserve(bytes.length) >>> 0;
    if (!address) return;
    this.#engine.memory.set(bytes, address);
    this.#calls.outFilled(bytes.length);
  }
}
