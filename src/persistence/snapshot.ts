import * as codes from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";
import { Sink } from "../engine/sink.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";

/** A slice of the walk never lasts longer than about this. */
const SLICE_MS = 1;
/** Units of work (snapshot_write.ts) between two looks at the clock. */
const STEP_UNITS = 2000;
/** For whoever stops between the keys: about as few as there can be. */
const SMALL_STEP_UNITS = 1;
/** No pause of keyDelayUs lasts longer before it is asked whether to end. */
const NAP_MAX_MS = 20;
/** The walk waits while more bytes than this wait to be written. */
const UNWRITTEN_MAX_BYTES = 2 ** 20;

/** In RDB files; a hash with fields that have a due time needs the later. */
const RDB_VERSION = 10;
const RDB_VERSION_WITH_FIELD_DUES = 12;

/** Of records, as the engine numbers them. */
const FORMATS = { rdb: 0, commands: 1 } as const;

export interface SnapshotOptions {
  /** An RDB file, or commands that make the data anew. */
  readonly format: keyof typeof FORMATS;
  /** What an RDB file says about itself. */
  readonly aux?: readonly (readonly [name: string, value: string])[];
  /** Whether an RDB file ends with a checksum; it does unless told not to. */
  readonly isSummed?: boolean;
  /** rdb-key-save-delay: a pause for each key, for tests of the server. */
  readonly keyDelayUs?: number;
  /** Told how long each slice of the walk took, in ms. */
  readonly sliceTook?: (ms: number) => void;
}

/** Hands a result on, or throws when it says that memory ran out. */
function enough(code: number): number {
  if (code === codes.OUT_OF_MEMORY) throw new Error("out of memory");
  return code;
}

/** A snapshot was ended before its time, and what ran ends with this. */
export class SnapshotAborted extends Error {}

/**
 * All data as it is at the moment when this is made, whatever happens to it
 * while it is written. Two can be under way at once.
 *
 * `run` gives it in slices of about a millisecond, between which the server
 * goes on; `runSync` all at once. Afterwards, however that went, `abort` gives
 * back what the engine holds for it.
 */
export class Snapshot {
  /** How many keys there are to write. */
  readonly keysTotal: number;
  readonly #calls: Engine["calls"];
  readonly #slot: number;
  readonly #sink: Sink;
  readonly #format: SnapshotOptions["format"];
  readonly #keyDelayUs: number;
  readonly #sliceTook: (ms: number) => void;
  #isComplete = false;
  #isEnded = false;
  #keysDone = 0;

  /** Throws when there is no memory, or two are under way. */
  constructor(engine: Engine, keyspace: Keyspace, options: SnapshotOptions) {
    const { calls } = engine;
    this.#calls = calls;
    this.#format = options.format;
    this.#keyDelayUs = options.keyDelayUs ?? 0;
    this.#sliceTook = options.sliceTook ?? (() => {});
    const slot = calls.snapshotBegin(FORMATS[options.format]);
    if (slot === codes.SNAPSHOT_BUSY) {
      throw new Error("two snapshots are under way");
    }
    this.#slot = enough(slot);
    this.#sink = new Sink(engine, calls.snapshotSink(slot) >>> 0);
    try {
      if (options.format === "rdb") this.#begin(engine, keyspace, options);
      for (const { index, handle } of keyspace) {
        enough(calls.snapshotAddDatabase(slot, index, handle));
      }
    } catch (error) {
      calls.snapshotEnd(slot);
      throw error;
    }
    this.keysTotal = calls.snapshotKeysTotal(slot);
  }

  #begin(
    engine: Engine,
    keyspace: Keyspace,
    { aux = [], isSummed = true }: SnapshotOptions,
  ): void {
    const calls = this.#calls;
    let version = RDB_VERSION;
    for (const { handle } of keyspace) {
      if (calls.dbFollowedCount(handle) === 0) continue;
      version = RDB_VERSION_WITH_FIELD_DUES;
    }
    calls.snapshotHeader(this.#slot, version, isSummed ? 1 : 0);
    for (const [name, value] of aux) {
      // They go with the next command's arguments.
      const first = engine.pushArgument(name);
      calls.snapshotAux(this.#slot, first, engine.pushArgument(value));
    }
  }

  /** How many keys have been recorded so far. */
  get keysDone(): number {
    if (!this.#isEnded) {
      this.#keysDone = this.#calls.snapshotKeysDone(this.#slot);
    }
    return this.#keysDone;
  }

  /**
   * Goes on for about so many units; true while there is more to record. What
   * was recorded is there for `take`.
   */
  step(units = STEP_UNITS): boolean {
    if (this.#isEnded) throw new SnapshotAborted("the snapshot was aborted");
    if (this.#isComplete) return false;
    const code = enough(this.#calls.snapshotStep(this.#slot, units));
    if (code === codes.SNAPSHOT_MORE) return true;
    if (this.#format === "rdb") this.#calls.snapshotTail(this.#slot);
    if (this.#sink.hasFailed) enough(codes.OUT_OF_MEMORY);
    this.#isComplete = true;
    return false;
  }

  /** The next recorded bytes; before the end only when there are many. */
  take(): Uint8Array<ArrayBuffer> | null {
    if (this.#isEnded) return null;
    if (!this.#isComplete && !this.#sink.hasFullPiece) return null;
    return this.#sink.take();
  }

  /** Writes everything before anything else happens. */
  runSync(write: (bytes: Uint8Array<ArrayBuffer>) => void): void {
    let isMore = true;
    while (isMore) {
      isMore = this.step();
      for (let bytes = this.take(); bytes; bytes = this.take()) write(bytes);
    }
  }

  /**
   * Writes everything in slices, one write after the other. Rejects when a
   * write does, when memory runs out, or when it is aborted meanwhile.
   */
  async run(
    write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  ): Promise<void> {
    let unwrittenBytes = 0;
    let failure: { error: unknown } | undefined;
    let written = Promise.resolve();
    const writeNext = async (bytes: Uint8Array<ArrayBuffer>) => {
      if (!failure) await write(bytes);
      unwrittenBytes -= bytes.length;
    };
    let isMore = true;
    while (isMore && !failure) {
      const keysBefore = this.keysDone;
      isMore = this.#slice();
      for (let bytes = this.take(); bytes; bytes = this.take()) {
        const piece = bytes;
        unwrittenBytes += piece.length;
        written = written.then(() => writeNext(piece))
          .catch((error) => void (failure ??= { error }));
      }
      if (!isMore || unwrittenBytes > UNWRITTEN_MAX_BYTES) await written;
      else await this.#pause(this.keysDone - keysBefore);
    }
    await written;
    if (failure) throw failure.error;
  }

  #slice(): boolean {
    if (this.#keyDelayUs > 0) return this.step(SMALL_STEP_UNITS);
    const startedMs = performance.now();
    let spentMs = 0;
    let isMore = true;
    while (isMore && spentMs < SLICE_MS) {
      isMore = this.step();
      spentMs = performance.now() - startedMs;
    }
    this.#sliceTook(spentMs);
    return isMore;
  }

  /**
   * Lets everybody else have a turn, by a timer: while immediates follow each
   * other the runtime hardly looks at its sockets.
   */
  async #pause(keyCount: number): Promise<void> {
    let delayMs = keyCount * this.#keyDelayUs / 1000;
    if (delayMs < 1) {
      return await new Promise((resolve) => setTimeout(resolve, 0));
    }
    // In naps, so that whoever aborts it need not wait for the end of a delay.
    for (; delayMs > 0 && !this.#isEnded; delayMs -= NAP_MAX_MS) {
      const napMs = Math.min(delayMs, NAP_MAX_MS);
      await new Promise((resolve) => setTimeout(resolve, napMs));
    }
  }

  /** Gives everything back; `run` then rejects. Harmless when called again. */
  abort(): void {
    if (this.#isEnded) return;
    this.#keysDone = this.keysDone;
    this.#isEnded = true;
    this.#calls.snapshotEnd(this.#slot);
  }
}
