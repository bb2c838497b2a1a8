/** A round of turns never lasts longer than about this. */
const ROUND_MS = 10;

/**
 * Gives turns to those who asked for one, in the order in which they asked. In
 * between, everything else that has happened is served.
 */
export class Turns<T> {
  readonly #take: (one: T) => void;
  readonly #waiting = new Set<T>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(take: (one: T) => void) {
    this.#take = take;
  }

  add(one: T): void {
    this.#waiting.add(one);
    this.#timer ??= setTimeout(() => this.#round(), 0);
  }

  remove(one: T): void {
    this.#waiting.delete(one);
  }

  stop(): void {
    this.#waiting.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #round(): void {
    this.#timer = undefined;
    const endMs = performance.now() + ROUND_MS;
    for (const one of [...this.#waiting]) {
      // A turn may remove others who wait.
      if (!this.#waiting.delete(one)) continue;
      this.#take(one);
      if (performance.now() > endMs) break;
    }
    if (this.#waiting.size > 0) this.#timer ??= setTimeout(() => this.#round());
  }
}
