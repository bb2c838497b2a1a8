import { stampBytes } from "./base_file.ts";
import type { EffectSource } from "./faces.ts";
import type { Increment } from "./increment.ts";
import type { Batch, Waiting } from "./waiting.ts";

export interface LogIntakeHost {
  readonly effects: EffectSource;
  readonly settings: { readonly stampsTime: boolean };
  now(): number;
}

/** Takes what has been logged, so that it waits for an increment. */
export class LogIntake {
  /** How long everything stops each time, for tests. */
  delayUs = 0;
  readonly #host: LogIntakeHost;
  readonly #waiting: Waiting;
  #sequence = 0;
  #stampedSecond = 0;

  constructor(host: LogIntakeHost, waiting: Waiting) {
    this.#host = host;
    this.#waiting = waiting;
  }

  /** Up to here the log has been taken. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Takes all that there is; false when there is nothing. */
  take(increment: Increment): boolean {
    const { effects, settings } = this.#host;
    let piece = effects.take();
    if (piece === null) return false;
    const batch = this.#waiting.openBatch(increment);
    batch.endSequence = this.#sequence = effects.sequence;
    if (settings.stampsTime) this.#stamp(batch);
    for (; piece !== null; piece = effects.take()) {
      this.#waiting.add(batch, piece);
    }
    if (this.delayUs > 0) stopFor(this.delayUs);
    return true;
  }

  /** What is logged from now on is for another increment. */
  turnTo(): void {
    this.#sequence = this.#host.effects.sequence;
  }

  /** Forgets what has been logged. */
  discard(): void {
    while (this.#host.effects.take() !== null);
  }

  /** Says once a second what time it is: a line that loading passes over. */
  #stamp(batch: Batch): void {
    const second = Math.floor(this.#host.now() / 1000);
    if (second <= this.#stampedSecond) return;
    this.#stampedSecond = second;
    this.#waiting.add(batch, stampBytes(second));
  }
}

function stopFor(microseconds: number): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(never, 0, 0, microseconds / 1000);
}
