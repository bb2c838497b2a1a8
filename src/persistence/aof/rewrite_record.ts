import type { LogLevel } from "./faces.ts";

/** So many failures in a row make the next tries wait. */
const PATIENCE = 3;
const MAX_DELAY_MINUTES = 60;

/**
 * How rewrites went and when the next may begin: after three failures in a row
 * in a minute, after the next in two, then four, eight, up to an hour.
 */
export class RewriteRecord {
  /** A rewrite has been asked for, for as soon as nothing else is written. */
  isScheduled = false;
  /** Rewrites begun since the last CONFIG RESETSTAT. */
  count = 0;
  failuresInARow = 0;
  lastSucceeded = true;
  /** How long the last one took, -1 before there is one. */
  lastSeconds = -1;
  #startedMs: number | null = null;
  #delayMinutes = 0;
  #notBeforeMs: number | null = null;
  readonly #now: () => number;
  readonly #log: (level: LogLevel, text: string) => void;

  constructor(
    now: () => number,
    log: (level: LogLevel, text: string) => void,
  ) {
    this.#now = now;
    this.#log = log;
  }

  /** Seconds that the current one has taken, -1 without one. */
  get currentSeconds(): number {
    return this.#startedMs === null ? -1 : this.#secondsSince(this.#startedMs);
  }

  began(): void {
    this.isScheduled = false;
    this.#startedMs = this.#now();
  }

  ended(succeeded: boolean): void {
    this.lastSucceeded = succeeded;
    this.failuresInARow = succeeded ? 0 : this.failuresInARow + 1;
    this.lastSeconds = this.#startedMs === null
      ? 0
      : this.#secondsSince(this.#startedMs);
    this.#startedMs = null;
  }

  /** It was ended on purpose, which is no failure. */
  killed(): void {
    this.#startedMs = null;
  }

  resetStatistics(): void {
    this.count = 0;
    this.failuresInARow = 0;
  }

  /** Whether the next has to wait although it is due. */
  get isLimited(): boolean {
    if (this.failuresInARow < PATIENCE) {
      this.#delayMinutes = 0;
      this.#notBeforeMs = null;
      return false;
    }
    if (this.#notBeforeMs !== null) {
      if (this.#now() < this.#notBeforeMs) return true;
      this.#notBeforeMs = null;
      return false;
    }
    this.#delayMinutes = Math.min(
      Math.max(1, this.#delayMinutes * 2),
      MAX_DELAY_MINUTES,
    );
    this.#notBeforeMs = this.#now() + this.#delayMinutes * 60_000;
    this.#log(
      "warning",
      "Background AOF rewrite has repeatedly failed and triggered the limit, " +
        `will retry in ${this.#delayMinutes} minutes`,
    );
    return true;
  }

  #secondsSince(startMs: number): number {
    return Math.floor(this.#now() / 1000) - Math.floor(startMs / 1000);
  }
}
