import type { Increment } from "./increment.ts";
import type { Batch } from "./waiting.ts";

/** So many syncs may be under way at once. */
const LANES = 3;

export interface GroupCommitHost {
  /** All up to here is on the disk. */
  durable(sequence: number): void;
  /** It is not: these have to be written again, in this order. */
  failed(reason: unknown, batches: readonly Batch[]): void;
}

/**
 * Brings to the disk what was written, on other threads, for replies that wait.
 *
 * A sync is for all that was written before it, and for what comes meanwhile
 * the next begins at once, up to three at a time: so the way to a thread and
 * back costs no time, and the disk joins what it is asked for together. (With
 * 50 clients that was up to 1.7 times as fast as a sync while the loop waits,
 * and with one at a time.)
 *
 * When a sync fails, the system may have thrown away what it could not bring to
 * the disk, and the next sync would succeed with nothing. Therefore nothing
 * that was not durable before counts, whatever the other syncs say.
 */
export class GroupCommit {
  readonly #host: GroupCommitHost;
  /** Written and not known to be on the disk, oldest first. */
  #written: Batch[] = [];
  /** Of these so many are in the hands of syncs. */
  #coveredCount = 0;
  readonly #lanes = new Set<Promise<void>>();
  #failure: { readonly reason: unknown } | null = null;

  constructor(host: GroupCommitHost) {
    this.#host = host;
  }

  /** Whether all that was written is on the disk. */
  get isEmpty(): boolean {
    return this.#written.length === 0;
  }

  get syncCount(): number {
    return this.#lanes.size;
  }

  /** Whether anything of an increment is not on the disk yet. */
  concerns(increment: Increment): boolean {
    return this.#written.some((batch) => batch.increment === increment);
  }

  /** Resolves when no sync is under way. */
  async settled(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all(this.#lanes);
  }

  /** A batch has been written. */
  add(batch: Batch): void {
    this.#written.push(batch);
    this.#next();
  }

  /** Syncs what was written without it, unless something is under way. */
  sync(increment: Increment): void {
    if (this.#lanes.size > 0 || this.#failure !== null) return;
    this.#begin(increment, []);
  }

  #next(): void {
    const isFree = this.#lanes.size < LANES && this.#failure === null;
    if (!isFree || this.#coveredCount === this.#written.length) return;
    const open = this.#written.slice(this.#coveredCount);
    const [{ increment }] = open;
    const other = open.findIndex((batch) => batch.increment !== increment);
    const batches = other < 0 ? open : open.slice(0, other);
    this.#coveredCount += batches.length;
    this.#begin(increment, batches);
  }

  #begin(increment: Increment, batches: readonly Batch[]): void {
    const lane = increment.sync()
      .then(
        () => {
          for (const batch of batches) batch.isDurable = true;
        },
        (reason) => void (this.#failure ??= { reason }),
      )
      .then(() => {
        this.#lanes.delete(lane);
        this.#settle();
      });
    this.#lanes.add(lane);
  }

  #settle(): void {
    if (this.#failure !== null) {
      if (this.#lanes.size === 0) this.#giveBack(this.#failure.reason);
      return;
    }
    let sequence = 0;
    while (this.#written[0]?.isDurable) {
      sequence = this.#written.shift()!.endSequence;
      this.#coveredCount--;
    }
    this.#next();
    this.#host.durable(sequence);
  }

  #giveBack(reason: unknown): void {
    const batches = this.#written;
    this.#failure = null;
    this.#written = [];
    this.#coveredCount = 0;
    for (const batch of batches) batch.isDurable = false;
    this.#host.failed(reason, batches);
  }
}
