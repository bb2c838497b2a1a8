import type { Engine } from "../engine/engine.ts";

/** The engine's idea of now: it stands still while a command is executed. */
export class Clock {
  now = 0;
  readonly #calls: Engine["calls"];

  constructor(engine: Engine) {
    this.#calls = engine.calls;
  }

  /** Whoever touches data outside of a batch must set it. */
  set(now: number): void {
    if (now === this.now) return;
    this.now = now;
    this.#calls.setClock(now);
  }

  /** Sets it to the time that it is. */
  advance(): void {
    this.set(Date.now());
  }
}
