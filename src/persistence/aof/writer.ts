import { systemReason } from "../files.ts";
import { stampBytes } from "./base_file.ts";
import type { EffectSource, LogLevel, SyncPolicy } from "./faces.ts";
import type { Increment, WriteFailure } from "./increment.ts";

export interface WriterHost {
  readonly effects: EffectSource;
  readonly settings: {
    readonly syncPolicy: SyncPolicy;
    readonly stampsTime: boolean;
  };
  log(level: LogLevel, text: string): void;
  now(): number;
  /** Whether syncs wait for other work on the disk. */
  restsSync(): boolean;
  errorChanged(): void;
  /** The disk may have lost what it was given: only a rewrite is sure. */
  doubtful(): void;
}

/** Log lines about failed writes are no nearer to each other than this. */
const ERROR_LOG_MS = 30_000;
/** What failed is tried again after so long. */
const RETRY_MS = 1000;
const SYNC_EVERY_MS = 1000;
/** A sync that keeps bytes waiting for longer is told of. */
const SLOW_SYNC_MS = 2000;
/** With more bytes waiting, replies wait too ... */
const HOLD_BYTES = 32 * 2 ** 20;
/** ... and with more than this, writes are refused. */
const REFUSE_BYTES = 256 * 2 ** 20;
/** A sync as quick as that is not worth a thread's trouble. */
const QUICK_SYNC_MS = 1;

/** Pieces of the log that belong into one increment, whole commands only. */
interface Batch {
  readonly increment: Increment;
  readonly pieces: Uint8Array[];
  byteCount: number;
}

/**
 * Brings the log of effects into the increments, in order, once in a turn.
 *
 * A batch is all that has been logged since the last look. It is written while
 * the loop waits, which takes microseconds as the system only copies it; while
 * the disk syncs, which may make writers wait, it goes through another thread.
 *
 * - everysec: about once a second a sync runs in the background. Replies do
 *   not wait for it, only for the bytes to be with the system, and not even
 *   for that during a sync.
 * - always: replies wait until the disk has what they tell of. With a disk
 *   that syncs in less than a millisecond that is done at once, for all
 *   commands of the turn; with others it is done in the background, for all
 *   that gathered during the sync before, and other commands run meanwhile.
 *
 * Bytes that could not be written stay and are tried again each second; until
 * that succeeds writes are refused (`error`), and what was to be acknowledged
 * with `always` is not. Reads are answered.
 */
export class Writer {
  /** How often bytes had to wait for a slow sync. */
  delayedSyncs = 0;
  /** Bytes ever written, to whichever increment. */
  writtenBytes = 0;
  readonly #host: WriterHost;
  #increment: Increment | null = null;
  /** What waits, oldest first. */
  #batches: Batch[] = [];
  #waitingBytes = 0;
  /** Increments that get no more and are to be closed. */
  #retired: Increment[] = [];
  /** What another thread does for us: one thing at a time of each kind. */
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  readonly #closing = new Set<Promise<void>>();
  /** Replies that wait for what `#batches` and `#writing` bring to the disk. */
  #gate: PromiseWithResolvers<void> | null = null;
  #error: string | null = null;
  #syncError: string | null = null;
  #errorLoggedMs = -Infinity;
  #triedMs = -Infinity;
  #syncedMs: number;
  #waitingSinceMs: number | null = null;
  #stampedSecond = 0;
  /** How long syncs take of late; at first nobody knows. */
  #syncMs = QUICK_SYNC_MS;

  constructor(host: WriterHost) {
    this.#host = host;
    this.#syncedMs = host.now();
  }

  /** Why writes must be refused. */
  get error(): string | null {
    if (this.#error !== null) return this.#error;
    if (this.#syncError !== null) return this.#syncError;
    return this.#waitingBytes > REFUSE_BYTES
      ? "Resource temporarily unavailable"
      : null;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  get pendingSyncs(): number {
    return (this.#syncing === null ? 0 : 1) + this.#closing.size;
  }

  get increment(): Increment | null {
    return this.#increment;
  }

  /**
   * What is logged from now on belongs into another increment. The one before
   * is synced and closed as soon as it has all of its own.
   */
  switchTo(increment: Increment | null): void {
    this.#collect();
    if (this.#increment !== null) this.#retired.push(this.#increment);
    this.#increment = increment;
    this.#retire();
  }

  /** Forgets what has not been written, and the increment. */
  discard(): void {
    while (this.#host.effects.take() !== null);
    const increment = this.#increment;
    this.#increment = null;
    if (increment === null) return;
    increment.isAbandoned = true;
    this.#keep(this.#batches.filter((batch) => batch.increment !== increment));
    this.#retired.push(increment);
    this.#error = null;
    this.#host.errorChanged();
    this.#retire();
    this.#open();
  }

  /** Old failures are no concern of a log that begins anew. */
  forgive(): void {
    if (this.#syncError !== null) {
      this.#host.log(
        "warning",
        "AOF reopen, just ignore the AOF fsync error in bio job",
      );
    }
    if (this.#error !== null) {
      this.#host.log("warning", "AOF reopen, just ignore the last error.");
    }
    this.#error = this.#syncError = null;
    this.#host.errorChanged();
  }

  /** See AppendOnlyFileFace. */
  beforeReplies(): Promise<void> | null {
    if (this.#increment === null) return null;
    const isNew = this.#collect();
    if (this.#syncsAlways) return this.#beforeDurableReplies(isNew);
    if (isNew && this.#error === null) this.#flush();
    if (this.#waitingBytes <= HOLD_BYTES || this.#error !== null) return null;
    return this.#wait();
  }

  /** About ten times a second: what is due by the clock. */
  tick(): void {
    const now = this.#host.now();
    this.#collect();
    const hasFailed = this.#error !== null;
    if (!hasFailed || now - this.#triedMs >= RETRY_MS) {
      if (this.#syncsAlways) {
        if (hasFailed || this.#needsSync) this.#commit();
      } else if (hasFailed || this.#batches.length > 0) this.#flush();
    }
    this.#reportSlowSync(now);
    this.#syncIfDue(now);
    this.#retire();
  }

  /** Writes all and syncs; what fails is logged and given up. */
  async finish(): Promise<void> {
    this.#collect();
    while (this.#writing !== null || this.#syncing !== null) {
      await (this.#writing ?? this.#syncing);
    }
    this.#flushNow();
    const increment = this.#increment;
    if (increment === null || increment.syncedBytes === increment.bytes) return;
    try {
      await increment.sync();
      this.#syncedMs = this.#host.now();
    } catch (error) {
      this.#host.log(
        "warning",
        `Fail to fsync the AOF file: ${systemReason(error)}`,
      );
    }
  }

  /** After `finish`: lets go of the file, and of what nothing could write. */
  async close(): Promise<void> {
    this.switchTo(null);
    if (this.#error === null) this.#open();
    while (this.#writing !== null) await this.#writing;
    this.#keep([]);
    this.#retire();
    await Promise.all(this.#closing);
  }

  get #syncsAlways(): boolean {
    return this.#host.settings.syncPolicy === "always" &&
      !this.#host.restsSync();
  }

  get #needsSync(): boolean {
    const increment = this.#increment;
    return this.#batches.length > 0 ||
      (increment !== null && increment.syncedBytes < increment.bytes);
  }

  /** Takes what has been logged; false when nothing was. */
  #collect(): boolean {
    const increment = this.#increment;
    if (increment === null) return false;
    const { effects, settings } = this.#host;
    let piece = effects.take();
    if (piece === null) return false;
    const last = this.#batches.at(-1);
    const batch: Batch = last?.increment === increment
      ? last
      : { increment, pieces: [], byteCount: 0 };
    if (batch !== last) this.#batches.push(batch);
    const before = batch.byteCount;
    if (settings.stampsTime) this.#stamp(batch);
    for (; piece !== null; piece = effects.take()) add(batch, piece);
    this.#countWaiting(batch.byteCount - before);
    return true;
  }

  /** Says once a second what time it is: a line that loading passes over. */
  #stamp(batch: Batch): void {
    const second = Math.floor(this.#host.now() / 1000);
    if (second <= this.#stampedSecond) return;
    this.#stampedSecond = second;
    add(batch, stampBytes(second));
  }

  // everysec and no.

  #flush(): void {
    if (this.#writing !== null) return this.#noteWaiting();
    if (this.#syncing === null) return void this.#flushNow();
    this.#noteWaiting();
    this.#inBackground(() => this.#writeAll());
  }

  /** Writes while the loop waits. */
  #flushNow(): boolean {
    while (this.#batches.length > 0) {
      const failure = this.#batches[0].increment.writeSync(
        this.#batches[0].pieces,
      );
      if (!this.#written(failure)) return false;
    }
    return this.#allWritten();
  }

  async #writeAll(): Promise<void> {
    while (this.#batches.length > 0) {
      const batch = this.#batches.shift()!;
      const failure = await batch.increment.write(batch.pieces);
      this.#batches.unshift(batch);
      if (!this.#written(failure)) return;
    }
    this.#allWritten();
  }

  /** The first batch has been written, or not. */
  #written(failure: WriteFailure | null): boolean {
    this.#triedMs = this.#host.now();
    if (failure !== null) {
      this.#fail(failure);
      return false;
    }
    this.#countWaiting(-this.#batches.shift()!.byteCount);
    return true;
  }

  #allWritten(): true {
    this.#setError(null);
    this.#waitingSinceMs = null;
    if (!this.#syncsAlways) this.#open();
    this.#syncIfDue(this.#host.now());
    this.#retire();
    return true;
  }

  #syncIfDue(now: number): void {
    const increment = this.#increment;
    if (this.#host.settings.syncPolicy !== "everysec") return;
    if (increment === null || increment.syncedBytes >= increment.bytes) return;
    if (this.#syncing !== null || this.#host.restsSync()) return;
    if (now - this.#syncedMs < SYNC_EVERY_MS) return;
    this.#syncedMs = now;
    this.#syncing = increment.sync()
      .then(() => this.#setSyncError(null), (error) => this.#failSync(error))
      .finally(() => {
        this.#syncing = null;
        if (this.#batches.length === 0) this.#waitingSinceMs = null;
      });
  }

  #noteWaiting(): void {
    this.#waitingSinceMs ??= this.#host.now();
  }

  #reportSlowSync(now: number): void {
    const isSlow = this.#waitingSinceMs !== null &&
      now - this.#waitingSinceMs >= SLOW_SYNC_MS;
    if (!isSlow || this.#error !== null) return;
    this.#waitingSinceMs = now;
    this.delayedSyncs++;
    this.#host.log(
      "notice",
      "Asynchronous AOF fsync is taking too long (disk is busy?). Writing " +
        "the AOF buffer without waiting for fsync to complete, this may slow " +
        "down Redis.",
    );
  }

  // always.

  #beforeDurableReplies(isNew: boolean): Promise<void> | null {
    // While writes are refused, what is logged is only what was due anyway.
    if (this.#error !== null) return null;
    if (!isNew && !this.#needsSync && this.#writing === null) return null;
    if (this.#writing === null && this.#syncMs < QUICK_SYNC_MS) {
      return this.#commitNow() ? null : this.#wait();
    }
    const durable = this.#wait();
    this.#commit();
    return durable;
  }

  #commit(): void {
    if (this.#writing !== null) return;
    this.#inBackground(() => this.#commitAll());
  }

  /** Writes and syncs while the loop waits; false when it failed. */
  #commitNow(): boolean {
    while (this.#needsSync) {
      const batch = this.#batches[0] ?? nothingFor(this.#increment!);
      const before = batch.increment.bytes;
      const failure = batch.increment.writeSync(batch.pieces);
      if (failure !== null) return this.#fail(failure);
      const startedMs = performance.now();
      try {
        batch.increment.syncNow();
      } catch (error) {
        return this.#failCommit(error, batch, before);
      }
      this.#noteSync(startedMs);
      this.#durable(batch);
    }
    this.#allDurable();
    return true;
  }

  async #commitAll(): Promise<void> {
    while (this.#needsSync) {
      // Who comes while this is on its way waits for the next sync; who waits
      // for two increments, for the second.
      const gate = this.#batches.length > 1 ? null : this.#gate;
      if (gate !== null) this.#gate = null;
      const batch = this.#batches.shift() ?? nothingFor(this.#increment!);
      const before = batch.increment.bytes;
      const failure = await batch.increment.write(batch.pieces);
      let syncFailure: { readonly reason: unknown } | null = null;
      const startedMs = performance.now();
      if (failure === null) {
        await batch.increment.sync().catch((reason) =>
          syncFailure = { reason }
        );
      }
      this.#batches.unshift(batch);
      if (failure !== null || syncFailure !== null) {
        this.#joinGates(gate);
        if (failure !== null) this.#fail(failure);
        else this.#failCommit(syncFailure!.reason, batch, before);
        return;
      }
      this.#noteSync(startedMs);
      this.#durable(batch);
      gate?.resolve();
    }
    this.#allDurable();
  }

  /** A batch, the first of those that wait, is on the disk. */
  #durable(batch: Batch): void {
    this.#triedMs = this.#syncedMs = this.#host.now();
    if (this.#batches[0] !== batch) return;
    this.#batches.shift();
    this.#countWaiting(-batch.byteCount);
  }

  #allDurable(): void {
    this.#setError(null);
    this.#setSyncError(null);
    this.#open();
    this.#retire();
  }

  #noteSync(startedMs: number): void {
    this.#syncMs += (performance.now() - startedMs - this.#syncMs) / 8;
  }

  /**
   * The system may have thrown away what it could not bring to the disk, and a
   * next sync would then succeed with nothing: the bytes are written again.
   */
  #failCommit(error: unknown, batch: Batch, before: number): false {
    const isUndone = batch.increment.cutTo(before);
    if (!isUndone && this.#batches[0] === batch) {
      this.#batches.shift();
      this.#countWaiting(-batch.byteCount);
      this.#host.doubtful();
    }
    const reason = systemReason(error);
    this.#refuse(
      reason,
      "Can't persist AOF for fsync error when the AOF fsync policy is " +
        `'always': ${reason}. Writes are refused until it succeeds.`,
    );
    return false;
  }

  // Failures.

  #fail({ reason, keptBytes, writtenBytes }: WriteFailure): false {
    const batch = this.#batches[0];
    if (batch.increment.isAbandoned) {
      this.#countWaiting(-this.#batches.shift()!.byteCount);
      return false;
    }
    this.#refuse(
      reason,
      writtenBytes === 0
        ? `Error writing to the AOF file: ${reason}`
        : `Short write while writing to the AOF file: ` +
          `(nwritten=${writtenBytes}, expected=${batch.byteCount})`,
    );
    if (keptBytes === 0) return false;
    // What is in the file must not get there twice.
    cutFront(batch, keptBytes);
    this.#countWaiting(-keptBytes);
    this.#host.log(
      "warning",
      "Could not remove short write from the append-only file.  Redis may " +
        "refuse to load the AOF the next time it starts.",
    );
    return false;
  }

  #refuse(reason: string, text: string): void {
    const now = this.#host.now();
    this.#triedMs = now;
    if (now - this.#errorLoggedMs > ERROR_LOG_MS) {
      this.#errorLoggedMs = now;
      this.#host.log("warning", text);
    }
    this.#setError(reason);
  }

  #setError(reason: string | null): void {
    if (reason === this.#error) return;
    if (reason === null) {
      this.#host.log(
        "notice",
        "AOF write error looks solved, Redis can write again.",
      );
    }
    this.#error = reason;
    this.#host.errorChanged();
  }

  #failSync(error: unknown): void {
    const reason = systemReason(error);
    this.#host.log("warning", `Fail to fsync the AOF file: ${reason}`);
    this.#setSyncError(reason);
  }

  #setSyncError(reason: string | null): void {
    if (reason === this.#syncError) return;
    this.#syncError = reason;
    this.#host.errorChanged();
    if (reason === null) this.#host.doubtful();
  }

  // Gates.

  #wait(): Promise<void> {
    this.#gate ??= Promise.withResolvers();
    return this.#gate.promise;
  }

  /** All that replies wait for has happened. */
  #open(): void {
    this.#gate?.resolve();
    this.#gate = null;
  }

  /** A gate that stays shut opens together with the next one. */
  #joinGates(gate: PromiseWithResolvers<void> | null): void {
    if (gate === null) return;
    void this.#gate?.promise.then(gate.resolve);
    if (this.#gate === null) this.#gate = gate;
  }

  // Other threads.

  #inBackground(work: () => Promise<void>): void {
    this.#writing = work().finally(() => {
      this.#writing = null;
      this.#retire();
    });
  }

  /** Closes increments that have all of their bytes. */
  #retire(): void {
    if (this.#retired.length === 0 || this.#writing !== null) return;
    const isBusy = (increment: Increment) =>
      this.#batches.some((batch) => batch.increment === increment);
    const done = this.#retired.filter((increment) => !isBusy(increment));
    this.#retired = this.#retired.filter(isBusy);
    for (const increment of done) {
      const closed = (this.#syncing ?? Promise.resolve())
        .then(() => closeDurably(increment))
        .catch((error) => this.#failSync(error))
        .finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }

  #keep(batches: Batch[]): void {
    this.#batches = batches;
    let byteCount = 0;
    for (const batch of batches) byteCount += batch.byteCount;
    this.#countWaiting(byteCount - this.#waitingBytes);
  }

  #countWaiting(change: number): void {
    const wasTooMuch = this.#waitingBytes > REFUSE_BYTES;
    this.#waitingBytes += change;
    const isTooMuch = this.#waitingBytes > REFUSE_BYTES;
    if (isTooMuch !== wasTooMuch) this.#host.errorChanged();
  }
}

async function closeDurably(increment: Increment): Promise<void> {
  try {
    if (!increment.isAbandoned && increment.syncedBytes < increment.bytes) {
      await increment.sync();
    }
  } finally {
    increment.close();
  }
}

function add(batch: Batch, piece: Uint8Array): void {
  batch.pieces.push(piece);
  batch.byteCount += piece.length;
}

function nothingFor(increment: Increment): Batch {
  return { increment, pieces: [], byteCount: 0 };
}

function cutFront(batch: Batch, byteCount: number): void {
  batch.byteCount -= byteCount;
  while (byteCount > 0) {
    const first = batch.pieces[0];
    if (first.length > byteCount) {
      batch.pieces[0] = first.subarray(byteCount);
      return;
    }
    batch.pieces.shift();
    byteCount -= first.length;
  }
}
