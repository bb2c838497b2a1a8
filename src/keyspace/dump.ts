import type { Engine } from "../engine/engine.ts";
import { Sink } from "../engine/sink.ts";

/**
 * A value as DUMP gives it, in the engine's memory until it is taken piece by
 * piece or freed.
 */
export class Dump {
  readonly byteCount: number;
  /** The checksum that it ends with, in halves. */
  readonly sumLow: number;
  readonly sumHigh: number;
  readonly #sink: Sink;

  /** Takes over what the engine has dumped last. */
  constructor(engine: Engine) {
    const { calls } = engine;
    this.#sink = new Sink(engine, calls.dumpSink() >>> 0);
    this.byteCount = this.#sink.total;
    this.sumLow = calls.dumpSumLow();
    this.sumHigh = calls.dumpSumHigh();
  }

  /** The next piece of at most 64 KiB; null at the end. */
  take(): Uint8Array<ArrayBuffer> | null {
    return this.#sink.take();
  }

  /** Once, whether all has been taken or not. */
  free(): void {
    this.#sink.free();
  }
}
