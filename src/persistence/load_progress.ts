/** How far the reading of a file has come, for INFO, the log and a terminal. */
export class LoadProgress {
  readonly startedMs = Date.now();
  loadedBytes = 0;
  /** What the writer of the dump said that its data took. */
  usedMemory = 0;

  constructor(readonly totalBytes: number) {}

  get percent(): number {
    return this.totalBytes === 0
      ? 0
      : Math.min(100, this.loadedBytes / this.totalBytes * 100);
  }

  /** Seconds to go at the pace so far; 1 as long as nobody can tell. */
  etaSeconds(nowMs: number): number {
    const elapsed = Math.floor(nowMs / 1000) -
      Math.floor(this.startedMs / 1000);
    if (elapsed <= 0) return 1;
    const restBytes = Math.max(0, this.totalBytes - this.loadedBytes);
    return Math.floor(elapsed * restBytes / (this.loadedBytes + 1));
  }
}
