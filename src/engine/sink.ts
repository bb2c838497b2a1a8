import type { Engine } from "./engine.ts";

/**
 * Bytes that the engine wrote for a file, a log or a replica, taken piece by
 * piece in the order in which they were put (sink.ts in wasm/).
 */
export class Sink {
  /** The engine's name of it. */
  readonly handle: number;
  readonly #engine: Engine;

  /** Without a handle it makes a new one; throws when there is no memory. */
  constructor(engine: Engine, handle = engine.calls.sinkNew() >>> 0) {
    if (!handle) throw new Error("no memory for a sink");
    this.#engine = engine;
    this.handle = handle;
  }

  /** How many bytes were ever put in. */
  get total(): number {
    return this.#engine.calls.sinkTotal(this.handle);
  }

  /** Whether bytes were lost because there was no memory. */
  get hasFailed(): boolean {
    return this.#engine.calls.sinkFailed(this.handle) !== 0;
  }

  /** Bytes of the piece that `take` gives next. */
  get nextBytes(): number {
    return this.#engine.calls.sinkHeadBytes(this.handle) >>> 0;
  }

  /** Whether `take` would give a whole piece. */
  get hasFullPiece(): boolean {
    return this.#engine.calls.sinkHeadIsFull(this.handle) !== 0;
  }

  /** Takes the next piece, at most 64 KiB; null when there is none. */
  take(): Uint8Array<ArrayBuffer> | null {
    const bytes = this.view()?.slice() ?? null;
    if (bytes !== null) this.drop();
    return bytes;
  }

  /**
   * The next piece where it lies, for whoever writes it away at once: it is
   * good until the engine is asked for anything else.
   */
  view(): Uint8Array<ArrayBuffer> | null {
    const byteCount = this.nextBytes;
    if (byteCount === 0) return null;
    const address = this.#engine.calls.sinkHeadPtr(this.handle) >>> 0;
    return this.#engine.memory.subarray(address, address + byteCount);
  }

  /** Takes away the piece that `view` has shown. */
  drop(): void {
    this.#engine.calls.sinkDrop(this.handle);
  }

  /** Frees it with what it still holds. */
  free(): void {
    this.#engine.calls.sinkFree(this.handle);
  }
}
