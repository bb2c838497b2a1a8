import { afterLook, forgetLook } from "../net/look.ts";

export interface Pace {
  /** A round of turns lasts no longer than about this; one turn at least. */
  readonly roundMs: number;
  /** Rounds are so far apart, for everything else. */
  readonly pauseMs: number;
}

/**
 * Gives turns to those who asked for one, in the order in which they asked. In
 * between, everything else that has come in is served.
 */
export class Turns<T> {
  readonly #pace: Pace;
  readonly #take: (one: T) => void;
  readonly #waiting = new Set<T>();
  readonly #next = () => this.#round();
  #isExpected = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(pace: Pace, take: (one: T) => void) {
    this.#pace = pace;
    this.#take = take;
  }

  /** Whether anybody waits for one. */
  get areWanted(): boolean {
    return this.#waiting.size > 0;
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
    forgetLook(this.#next);
    this.#isExpected = false;
  }

  #expect(): void {
    if (this.#isExpected) return;
    this.#isExpected = true;
    const { pauseMs } = this.#pace;
    if (pauseMs === 0) afterLook(this.#next);
    else this.#timer = setTimeout(() => afterLook(this.#next), pauseMs);
  }

  #round(): void {
    this.#isExpected = false;
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
