export interface Pace {
  /** A round of turns lasts no longer than about this; one turn at least. */
  readonly roundMs: number;
  /** Rounds are so far apart, for everything else. */
  readonly pauseMs: number;
}

/**
 * Gives turns to those who asked for one, in the order in which they asked. In
 * between, everything else that has happened is served: that takes a timer, for
 * as long as callbacks of `setImmediate` follow each other the runtime looks
 * for what has come in only now and then.
 */
export class Turns<T> {
  readonly #pace: Pace;
  readonly #take: (one: T) => void;
  readonly #waiting = new Set<T>();
  readonly #next = () => this.#round();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pace: Pace, take: (one: T) => void) {
    this.#pace = pace;
    this.#take = take;
  }

  add(one: T): void {
    this.#waiting.add(one);
    if (this.#waiting.size === 1) this.#expect();
  }

  remove(one: T): void {
    this.#waiting.delete(one);
  }

  stop(): void {
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expect(): void {
    this.#timer ??= setTimeout(this.#next, this.#pace.pauseMs);
  }

  #round(): void {
    this.#timer = undefined;
    const endMs = performance.now() + this.#pace.roundMs;
    for (const one of [...this.#waiting]) {
      // A turn may remove others who wait.
      if (!this.#waiting.delete(one)) continue;
      this.#take(one);
      if (performance.now() >= endMs) break;
    }
    if (this.#waiting.size > 0) this.#expect();
  }
}
