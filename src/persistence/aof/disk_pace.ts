/** A sync that takes no longer may be waited for. */
const QUICK_MS = 1;
/** So many in a row must have been quick. */
const TRUSTED_COUNT = 16;

/**
 * Whether the disk is so quick that waiting for a sync on the loop is less than
 * the way to another thread and back. A disk that has been slow once must show
 * anew that it is quick, on the other thread.
 */
export class DiskPace {
  #quickCount = 0;

  get isQuick(): boolean {
    return this.#quickCount >= TRUSTED_COUNT;
  }

  /** A sync has taken so long. */
  note(durationMs: number): void {
    this.#quickCount = durationMs > QUICK_MS ? 0 : this.#quickCount + 1;
  }
}
