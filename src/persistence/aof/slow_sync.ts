import type { HealthHost } from "./write_health.ts";

/** A sync that keeps bytes waiting for longer is told of. */
const SLOW_SYNC_MS = 2000;

/** Notes how long bytes wait for a sync that runs in the background. */
export class SlowSync {
  /** How often they have waited for too long. */
  count = 0;
  readonly #host: HealthHost;
  #waitingSinceMs: number | null = null;

  constructor(host: HealthHost) {
    this.#host = host;
  }

  /** Something waits, if it has not done so before. */
  waits(): void {
    this.#waitingSinceMs ??= this.#host.now();
  }

  nothingWaits(): void {
    this.#waitingSinceMs = null;
  }

  /** Says so when it takes too long, and again after as long. */
  report(): void {
    const now = this.#host.now();
    if (this.#waitingSinceMs === null) return;
    if (now - this.#waitingSinceMs < SLOW_SYNC_MS) return;
    this.#waitingSinceMs = now;
    this.count++;
    this.#host.log(
      "notice",
      "Asynchronous AOF fsync is taking too long (disk is busy?). Writing " +
        "the AOF buffer without waiting for fsync to complete, this may slow " +
        "down Redis.",
    );
  }
}
