import { systemReason } from "../files.ts";
import type { EffectSource, SyncPolicy } from "./faces.ts";
import type { Increment, WriteFailure } from "./increment.ts";
import { GroupCommit } from "./group_commit.ts";
import { LogIntake } from "./log_intake.ts";
import { PeriodicSync } from "./periodic_sync.ts";
import { Retired } from "./retired.ts";
import { SlowSync } from "./slow_sync.ts";
import { type Batch, Waiting } from "./waiting.ts";
import { type HealthHost, WriteHealth } from "./write_health.ts";

export interface WriterHost extends HealthHost {
  readonly effects: EffectSource;
  readonly settings: {
    readonly syncPolicy: SyncPolicy;
    readonly stampsTime: boolean;
  };
  /** Whether syncs wait for other work on the disk. */
  restsSync(): boolean;
  /** Replies that wait for what was logged up to here may leave. */
  safe(sequence: number): void;
  /** The loop has waited so long for a write. */
  wrote(ms: number): void;
  /** Replies have waited so long for a sync. */
  synced(ms: number): void;
}

/** What failed is tried again after so long. */
const RETRY_MS = 1000;
/** With more bytes waiting, replies wait too ... */
const HOLD_BYTES = 32 * 2 ** 20;
/** ... and with more than this, writes are refused. */
const REFUSE_BYTES = 256 * 2 ** 20;

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
 * - always: replies wait until the disk has what they tell of, and other
 *   commands run meanwhile (GroupCommit).
 *
 * Bytes that could not be written stay and are tried again each second; until
 * that succeeds writes are refused (`error`), and what was to be acknowledged
 * with `always` is not. Reads are answered.
 */
export class Writer {
  readonly #host: WriterHost;
  readonly #waiting = new Waiting();
  readonly #intake: LogIntake;
  readonly #health: WriteHealth;
  readonly #retired: Retired;
  readonly #group: GroupCommit;
  readonly #periodic: PeriodicSync;
  readonly #slowSync: SlowSync;
  #increment: Increment | null = null;
  /** The write on another thread. */
  #writing: Promise<void> | null = null;
  #isFull = false;

  constructor(host: WriterHost) {
    this.#host = host;
    this.#intake = new LogIntake(host, this.#waiting);
    this.#health = new WriteHealth(host);
    this.#slowSync = new SlowSync(host);
    this.#retired = new Retired((error) => this.#failSync(error));
    this.#group = new GroupCommit({
      durable: (sequence) => this.#durable(sequence),
      synced: (ms) => this.#host.synced(ms),
      failed: (reason, batches) => this.#failGroup(reason, batches),
    });
    this.#periodic = new PeriodicSync({
      now: () => host.now(),
      synced: () => this.#health.synced(),
      failed: (error) => this.#failSync(error),
      ended: () => {
        if (this.#waiting.batchCount === 0) this.#slowSync.nothingWaits();
      },
    });
  }

  /** How long everything stops before each write, for tests. */
  set delayUs(microseconds: number) {
    this.#intake.delayUs = microseconds;
  }

  /** Why writes must be refused. */
  get error(): string | null {
    return this.#isFull
      ? "Resource temporarily unavailable"
      : this.#health.error;
  }

  get waitingBytes(): number {
    return this.#waiting.byteCount;
  }

  /** Bytes ever written, to whichever increment. */
  get writtenBytes(): number {
    return this.#waiting.writtenBytes;
  }

  get pendingSyncs(): number {
    return (this.#periodic.running === null ? 0 : 1) + this.#group.syncCount +
      this.#retired.closingCount;
  }

  /** How often bytes had to wait for a slow sync. */
  get delayedSyncs(): number {
    return this.#slowSync.count;
  }

  set delayedSyncs(count: number) {
    this.#slowSync.count = count;
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
    this.#intake.turnTo();
    if (this.#increment !== null) this.#retired.add(this.#increment);
    this.#increment = increment;
    this.#retire();
  }

  /** Forgets the increment, and what has not been written to it. */
  discard(): void {
    this.#intake.discard();
    const increment = this.#increment;
    this.#increment = null;
    if (increment === null) return;
    increment.isAbandoned = true;
    this.#waiting.drop(increment);
    this.#retired.add(increment);
    this.#retire();
    this.#health.forget();
    this.#allSafe();
  }

  /** Old failures are no concern of a log that begins anew. */
  forgive(): void {
    this.#health.forgive();
  }

  /** See AppendOnlyFileFace. */
  beforeReplies(): number {
    if (this.#increment === null) return 0;
    const isNew = this.#collect();
    if (this.#syncsAlways) return this.#beforeDurableReplies(isNew);
    if (this.#health.hasWriteError) return 0;
    if (isNew) this.#flush();
    return this.#waiting.byteCount > HOLD_BYTES ? this.#intake.sequence : 0;
  }

  /** About ten times a second: what is due by the clock. */
  tick(): void {
    const now = this.#host.now();
    this.#collect();
    const hasFailed = this.#health.hasWriteError;
    if (!hasFailed || now - this.#health.triedMs >= RETRY_MS) {
      if (this.#syncsAlways) {
        this.#commit();
      } else {
        this.#increment?.leaveRoom();
        if (hasFailed || this.#waiting.batchCount > 0) this.#flush();
      }
    }
    if (!this.#health.hasWriteError) this.#slowSync.report();
    this.#syncIfDue(now);
    this.#retire();
  }

  /** Writes all and syncs; what fails is logged and left. */
  async finish(): Promise<void> {
    this.#collect();
    while (this.#writing !== null || this.#periodic.running !== null) {
      await (this.#writing ?? this.#periodic.running);
    }
    await this.#group.settled();
    const increment = this.#increment;
    increment?.leaveRoom();
    if (!this.#flushNow()) return;
    if (increment !== null && increment.syncedBytes < increment.bytes) {
      try {
        await increment.sync();
        this.#periodic.postpone();
      } catch (error) {
        return this.#failSync(error);
      }
    }
    this.#allSafe();
    this.#retire();
  }

  /** After `finish`: lets go of the file, and of what nothing could write. */
  async close(): Promise<void> {
    this.switchTo(null);
    while (this.#writing !== null) await this.#writing;
    await this.#group.settled();
    this.#waiting.clear();
    this.#retire();
    await this.#retired.closed();
  }

  get #syncsAlways(): boolean {
    return this.#host.settings.syncPolicy === "always" &&
      !this.#host.restsSync();
  }

  /** Takes what has been logged; false when nothing was. */
  #collect(): boolean {
    const increment = this.#increment;
    if (increment === null || !this.#intake.take(increment)) return false;
    if (this.#waiting.byteCount > REFUSE_BYTES) this.#setFull(true);
    return true;
  }

  // everysec and no.

  #flush(): void {
    if (this.#writing !== null) this.#slowSync.waits();
    else if (this.#periodic.running === null) this.#flushNow();
    else {
      this.#slowSync.waits();
      this.#inBackground(() => this.#writeAll());
    }
  }

  /** Writes while the loop waits. */
  #flushNow(): boolean {
    for (let batch = this.#next(); batch; batch = this.#next()) {
      const { increment, pieces } = batch;
      const failure = this.#timed(() => increment.writeSync(pieces));
      if (failure !== null) return this.#fail(batch, failure);
      this.#waiting.written(batch);
    }
    this.#allWritten();
    return true;
  }

  #timed(write: () => WriteFailure | null): WriteFailure | null {
    const startedMs = performance.now();
    const failure = write();
    this.#host.wrote(performance.now() - startedMs);
    return failure;
  }

  async #writeAll(): Promise<void> {
    for (let batch = this.#next(); batch; batch = this.#next()) {
      const failure = await batch.increment.write(batch.pieces);
      if (failure !== null) return void this.#fail(batch, failure);
      this.#waiting.written(batch);
    }
    this.#allWritten();
  }

  #next(): Batch | undefined {
    const batch = this.#waiting.first;
    if (batch !== undefined) batch.isSealed = true;
    return batch;
  }

  #allWritten(): void {
    this.#settled();
    if (!this.#syncsAlways) this.#allSafe();
    this.#syncIfDue(this.#host.now());
  }

  #allSafe(): void {
    this.#host.safe(this.#intake.sequence);
  }

  /** Nothing waits any more. */
  #settled(): void {
    this.#slowSync.nothingWaits();
    this.#health.written();
    this.#setFull(false);
    this.#retire();
  }

  /** The disk is so slow that it must get no more. */
  #setFull(is: boolean): void {
    if (is === this.#isFull) return;
    this.#isFull = is;
    this.#host.errorChanged();
  }

  #syncIfDue(now: number): void {
    if (this.#increment === null || this.#host.restsSync()) return;
    if (this.#host.settings.syncPolicy !== "everysec") return;
    this.#periodic.beginIfDue(this.#increment, now);
  }

  // always.

  #beforeDurableReplies(isNew: boolean): number {
    // While writes are refused, what is logged is only what was due anyway.
    if (this.#health.hasWriteError) return 0;
    if (isNew) this.#commit();
    return this.#isAllDurable ? 0 : this.#intake.sequence;
  }

  get #isAllDurable(): boolean {
    return this.#waiting.batchCount === 0 && this.#group.isEmpty;
  }

  /** Writes what waits; the disk has it some time later. */
  #commit(): void {
    if (this.#writing !== null) return;
    for (let batch = this.#next(); batch; batch = this.#next()) {
      batch.start = batch.increment.bytes;
      const { increment, pieces, byteCount } = batch;
      const failure = this.#timed(() =>
        increment.writeGroupSync(pieces, byteCount)
      );
      if (failure !== null) return void this.#fail(batch, failure);
      this.#waiting.written(batch);
      this.#group.add(batch);
      // A sync that failed at once has given it back: it is tried again later.
      if (this.#waiting.first === batch) return;
    }
    const increment = this.#increment;
    if (increment === null || increment.syncedBytes >= increment.bytes) return;
    this.#group.sync(increment);
  }

  #durable(sequence: number): void {
    this.#periodic.postpone();
    this.#health.synced();
    if (this.#waiting.batchCount === 0) this.#settled();
    if (this.#isAllDurable) this.#allSafe();
    else if (sequence > 0) this.#host.safe(sequence);
    this.#retire();
  }

  /** What may have got lost is taken back and written again. */
  #failGroup(error: unknown, batches: readonly Batch[]): void {
    const kept = batches.findLastIndex(({ increment, start }) =>
      !increment.cutTo(start)
    );
    this.#waiting.giveBack(batches.slice(kept + 1));
    if (kept >= 0) this.#host.doubtful();
    const reason = systemReason(error);
    this.#health.writeFailed(
      reason,
      "Can't persist AOF for fsync error when the AOF fsync policy is " +
        `'always': ${reason}. Writes are refused until it succeeds.`,
    );
  }

  // Failures.

  #fail(batch: Batch, failure: WriteFailure): false {
    if (batch.increment.isAbandoned) return false;
    const { reason, keptBytes, writtenBytes } = failure;
    this.#health.writeFailed(
      reason,
      writtenBytes === 0
        ? `Error writing to the AOF file: ${reason}`
        : `Short write while writing to the AOF file: ` +
          `(nwritten=${writtenBytes}, expected=${batch.byteCount})`,
    );
    if (keptBytes === 0) return false;
    // What is in the file must not get there twice.
    this.#waiting.partWritten(batch, keptBytes);
    this.#host.log(
      "warning",
      "Could not remove short write from the append-only file.  Redis may " +
        "refuse to load the AOF the next time it starts.",
    );
    return false;
  }

  #failSync(error: unknown): void {
    this.#health.syncFailed(systemReason(error));
  }

  // Other threads.

  #inBackground(work: () => Promise<void>): void {
    this.#writing = work().finally(() => {
      this.#writing = null;
      this.#retire();
    });
  }

  #retire(): void {
    if (this.#writing !== null) return;
    this.#retired.closeIf(
      (increment) =>
        !this.#waiting.concerns(increment) && !this.#group.concerns(increment),
      this.#periodic.running ?? Promise.resolve(),
    );
  }
}
