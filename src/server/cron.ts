export interface CronHost {
  everyTenth(): void;
  everySecond(): void;
  /** One of them took so long. */
  took(ms: number): void;
}

/** What is done by the clock: ten times a second, and once a second. */
export class Cron {
  /** DEBUG PAUSE-CRON: nothing is done. */
  isPaused = false;
  readonly #host: CronHost;
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(host: CronHost) {
    this.#host = host;
  }

  start(): void {
    const { everyTenth, everySecond } = this.#host;
    this.#timers = [
      setInterval(() => this.#do(everyTenth), 100),
      setInterval(() => this.#do(everySecond), 1000),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  #do(work: () => void): void {
    if (this.isPaused) return;
    const startedMs = performance.now();
    work();
    this.#host.took(performance.now() - startedMs);
  }
}
