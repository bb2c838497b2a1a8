import { latin1Of } from "./text.ts";
import type { Engine } from "../engine/engine.ts";
import { notAFloat, notAnInteger, type ReplyError } from "./errors.ts";

const utf8 = new TextDecoder();

/** Reads the arguments of the current command where the parser left them. */
export class Arguments {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#calls = engine.calls;
  }

  get count(): number {
    return this.#calls.argumentCount();
  }

  byteCount(index: number): number {
    return this.#calls.argumentBytes(index) >>> 0;
  }

  bytes(index: number): Uint8Array<ArrayBuffer> {
    const address = this.#calls.argumentPtr(index) >>> 0;
    return this.#engine.copy(address, this.byteCount(index));
  }

  /** One char per byte, binary-safe. */
  latin1(index: number): string {
    const start = this.#calls.argumentPtr(index) >>> 0;
    const end = start + this.byteCount(index);
    const memory = this.#engine.memory;
    if (end - start > 64) return latin1Of(memory.subarray(start, end));
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(memory[i]);
    return text;
  }

  text(index: number): string {
    return utf8.decode(this.bytes(index));
  }

  /** In lower case (ASCII), one char per byte. */
  word(index: number): string {
    return this.latin1(index).replace(/[A-Z]+/g, (run) => run.toLowerCase());
  }

  is(index: number, option: string): boolean {
    const byteCount = this.byteCount(index);
    if (byteCount !== option.length) return false;
    const start = this.#calls.argumentPtr(index) >>> 0;
    const memory = this.#engine.memory;
    for (let i = 0; i < byteCount; i++) {
      const byte = memory[start + i];
      const folded = byte >= 0x61 && byte <= 0x7a ? byte - 32 : byte;
      if (folded !== option.charCodeAt(i)) return false;
    }
    return true;
  }

  isInteger(index: number): boolean {
    return this.#calls.argumentIsInteger(index) === 1;
  }

  integer(index: number): number {
    return this.#calls.argumentIsInteger(index)
      ? this.#calls.argumentInteger()
      : fail(notAnInteger);
  }

  bigInteger(index: number): bigint {
    if (!this.#calls.argumentIsInteger(index)) fail(notAnInteger);
    return BigInt(this.latin1(index));
  }

  double(index: number, error: ReplyError = notAFloat): number {
    return this.#calls.argumentIsDouble(index)
      ? this.#calls.argumentDouble()
      : fail(error);
  }

  push(value: Uint8Array | string): number {
    return this.#engine.pushArgument(value);
  }
}

function fail(error: unknown): never {
  throw error;
}
