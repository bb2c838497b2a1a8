import type { Increment } from "./increment.ts";

/** Increments that get no more: synced and closed in the background. */
export class Retired {
  readonly #failed: (error: unknown) => void;
  #waiting: Increment[] = [];
  readonly #closing = new Set<Promise<void>>();

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  get closingCount(): number {
    return this.#closing.size;
  }

  /** Resolves when those that are being closed are. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  add(increment: Increment): void {
    this.#waiting.push(increment);
  }

  /** Closes those that have all of their bytes, after what is under way. */
  closeIf(
    isComplete: (increment: Increment) => boolean,
    after: Promise<void>,
  ): void {
    if (this.#waiting.length === 0) return;
    const complete = this.#waiting.filter(isComplete);
    this.#waiting = this.#waiting.filter((one) => !complete.includes(one));
    for (const increment of complete) {
      const closed = after
        .then(() => closeDurably(increment))
        .catch(this.#failed)
        .finally(() => this.#closing.delete(closed));
      this.#closing.add(closed);
    }
  }
}

async function closeDurably(increment: Increment): Promise<void> {
  try {
    increment.leaveRoom();
    if (!increment.isAbandoned && increment.syncedBytes < increment.bytes) {
      await increment.sync();
    }
  } finally {
    increment.close();
  }
}
