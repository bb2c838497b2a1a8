import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";

/** A slice of work never lasts longer than about this. */
const SLICE_MS = 1;
/** The longest time that a timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface HousekeepingHost {
  readonly keyspace: Keyspace;
  readonly engine: Engine;
  /** Whether due keys may be removed now (DEBUG SET-ACTIVE-EXPIRE). */
  mayExpire(): boolean;
  /** Evicts what is above maxmemory; whether there is more of it. */
  evictSlice(): boolean;
  setClock(now: number): void;
  /** Keys were removed: whoever observes must hear of it. */
  expired(): void;
  /** A slice took so long. */
  spent(ms: number): void;
  /** That is what it did for so long. */
  took(event: LatencyEvent, ms: number): void;
}

/**
 * Removes keys when they are due, frees what was thrown away and evicts what is
 * above maxmemory, in slices of about a millisecond between the commands.
 *
 * The engine tells after each batch when it wants attention (`nextWake`); a
 * single timer is set to that moment. With nothing due and nothing to free no
 * timer runs at all.
 */
export class Housekeeping {
  /** Time spent on removing due keys, in ms. */
  expireMs = 0;
  /** How often due keys were left when a slice was over. */
  unfinishedCount = 0;
  readonly #host: HousekeepingHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAtMs = Infinity;
  #isStopped = false;
  #isEvicting = false;

  constructor(host: HousekeepingHost) {
    this.#host = host;
  }

  /** To be called after whatever may have changed the data. */
  afterBatch(): void {
    const wakeAtMs = this.#host.engine.calls.nextWake();
    if (wakeAtMs < this.#wakeAtMs) this.#setTimer(wakeAtMs);
  }

  /** More is in use than maxmemory allows. */
  evict(): void {
    this.#isEvicting = true;
    this.#setTimer(0);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  resetStatistics(): void {
    this.expireMs = 0;
    this.unfinishedCount = 0;
  }

  /** Whether it may work has changed: looks anew at what is due. */
  refresh(): void {
    this.#setTimer(this.#nextWorkMs(false));
  }

  #setTimer(wakeAtMs: number): void {
    clearTimeout(this.#timer);
    this.#wakeAtMs = wakeAtMs;
    if (wakeAtMs === Infinity || this.#isStopped) return;
    // A key is gone once its due time lies in the past, not at it.
    const waitMs = Math.max(0, wakeAtMs + 1 - Date.now());
    this.#timer = setTimeout(
      () => this.#work(),
      Math.min(waitMs, TIMER_MAX_MS),
    );
  }

  #work(): void {
    const { keyspace } = this.#host;
    this.#host.setClock(Date.now());
    const startedMs = performance.now();
    const endMs = startedMs + SLICE_MS;
    const expireMs = this.expireMs;
    let isExpiring = this.#host.mayExpire();
    let isFreeing = true;
    while (
      (isExpiring || isFreeing || this.#isEvicting) && performance.now() < endMs
    ) {
      if (isExpiring) isExpiring = this.#expire();
      if (isFreeing) isFreeing = keyspace.reclaimSlice();
      if (this.#isEvicting) this.#isEvicting = this.#host.evictSlice();
    }
    this.#host.expired();
    this.#setTimer(
      this.#nextWorkMs(isExpiring || isFreeing || this.#isEvicting),
    );
    if (isExpiring) this.unfinishedCount++;
    const spentMs = performance.now() - startedMs;
    const expiredMs = this.expireMs - expireMs;
    this.#host.spent(spentMs);
    this.#host.took("expire-cycle", expiredMs);
    this.#host.took("free-slice", spentMs - expiredMs);
  }

  #expire(): boolean {
    const startedMs = performance.now();
    const more = this.#host.keyspace.expireSlice();
    this.expireMs += performance.now() - startedMs;
    return more;
  }

  #nextWorkMs(isUnfinished: boolean): number {
    if (isUnfinished) return 0;
    return this.#host.mayExpire() ? this.#host.keyspace.firstDue : Infinity;
  }
}
