import type { Engine } from "../engine/engine.ts";

/**
 * The engine's idea of now, which stands still while a command is executed, and
 * the stop-watch of what is executed. The one goes on with the other within a
 * turn: a turn asks once for the time of day, and after each command only how
 * long it took.
 */
export class Clock {
  now = 0;
  /** When the last measurement ended, on a clock of its own. */
  markMs = 0;
  readonly #calls: Engine["calls"];
  /** What both showed when they were set last. */
  #setNow = 0;
  #setMarkMs = 0;

  constructor(engine: Engine) {
    this.#calls = engine.calls;
  }

  /** Whoever touches data outside of a batch must set it. */
  set(now: number): void {
    if (now === this.now) return;
    this.now = now;
    this.#calls.setClock(now);
  }

  /** Sets it to the time that it is; a measurement begins. */
  advance(): void {
    const now = Date.now();
    this.set(now);
    this.#setNow = now;
    this.#setMarkMs = this.markMs = performance.now();
  }

  /** Ends a measurement, and the next one begins: how long it was, in ms. */
  lap(): number {
    const mark = performance.now();
    const ms = mark - this.markMs;
    this.markMs = mark;
    return ms;
  }

  /** Sets it to what it was when the last measurement ended, or a little less. */
  goOn(): void {
    this.set(this.#setNow + Math.floor(this.markMs - this.#setMarkMs));
  }
}
