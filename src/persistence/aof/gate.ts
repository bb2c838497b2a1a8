/**
 * Replies that wait until the disk has what they tell of.
 *
 * Who comes while a sync is on its way waits for the next one: `take` parts
 * those whom the sync concerns from those who come later. When it fails `put`
 * brings them together again.
 */
export class Gate {
  #open: PromiseWithResolvers<void> | null = null;

  wait(): Promise<void> {
    this.#open ??= Promise.withResolvers();
    return this.#open.promise;
  }

  /** All that anybody waits for has happened. */
  open(): void {
    this.#open?.resolve();
    this.#open = null;
  }

  /** Returns what opens the gate for those who wait now. */
  take(): PromiseWithResolvers<void> | null {
    const taken = this.#open;
    this.#open = null;
    return taken;
  }

  /** Those from whom it was taken wait on, and longest with the others. */
  put(taken: PromiseWithResolvers<void> | null): void {
    if (taken === null) return;
    if (this.#open === null) this.#open = taken;
    else void this.#open.promise.then(taken.resolve);
  }
}
