import type { Increment } from "./increment.ts";

const SYNC_EVERY_MS = 1000;

export interface PeriodicSyncHost {
  now(): number;
  synced(): void;
  failed(error: unknown): void;
  /** Nobody waits for the disk any more, whatever came of it. */
  ended(): void;
}

/** Syncs about once a second, on another thread, one sync at a time. */
export class PeriodicSync {
  readonly #host: PeriodicSyncHost;
  #running: Promise<void> | null = null;
  #sinceMs: number;

  constructor(host: PeriodicSyncHost) {
    this.#host = host;
    this.#sinceMs = host.now();
  }

  /** The sync under way. */
  get running(): Promise<void> | null {
    return this.#running;
  }

  /** Somebody else has synced: the next one is due a second from now. */
  postpone(): void {
    this.#sinceMs = this.#host.now();
  }

  /** Begins one when it is time, and there is something to sync. */
  beginIfDue(increment: Increment, now: number): void {
    if (increment.syncedBytes >= increment.bytes) return;
    if (this.#running !== null || now - this.#sinceMs < SYNC_EVERY_MS) return;
    this.#sinceMs = now;
    this.#running = increment.sync()
      .then(() => this.#host.synced(), (error) => this.#host.failed(error))
      .finally(() => {
        this.#running = null;
        this.#host.ended();
      });
  }
}
