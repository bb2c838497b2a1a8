import type { Increment } from "./increment.ts";

/** Pieces of the log that belong into one increment: whole commands only. */
export interface Batch {
  readonly increment: Increment;
  readonly pieces: Uint8Array[];
  byteCount: number;
  /** Where in the log it ends. */
  endSequence: number;
  /** It is being written and gets no more. */
  isSealed: boolean;
  /** Where in its increment it begins, once it is written. */
  start: number;
}

/** What has been logged and is not written, oldest first. */
export class Waiting {
  byteCount = 0;
  /** Bytes that have left it into a file, ever. */
  writtenBytes = 0;
  #batches: Batch[] = [];

  get batchCount(): number {
    return this.#batches.length;
  }

  get first(): Batch | undefined {
    return this.#batches[0];
  }

  /** Where the next pieces for an increment go. */
  openBatch(increment: Increment): Batch {
    const last = this.#batches.at(-1);
    if (last?.increment === increment && !last.isSealed) return last;
    const batch: Batch = {
      increment,
      pieces: [],
      byteCount: 0,
      endSequence: 0,
      isSealed: false,
      start: 0,
    };
    this.#batches.push(batch);
    return batch;
  }

  add(batch: Batch, piece: Uint8Array): void {
    batch.pieces.push(piece);
    batch.byteCount += piece.length;
    this.byteCount += piece.length;
  }

  /** The first batch is in its file. */
  written(batch: Batch): void {
    if (this.#remove(batch)) this.writtenBytes += batch.byteCount;
  }

  /** Batches that were written have to be so again, before all others. */
  giveBack(batches: readonly Batch[]): void {
    this.#batches.unshift(...batches);
    for (const { byteCount } of batches) {
      this.byteCount += byteCount;
      this.writtenBytes -= byteCount;
    }
  }

  /** The beginning of the first batch is in its file. */
  partWritten(batch: Batch, byteCount: number): void {
    this.writtenBytes += byteCount;
    this.byteCount -= byteCount;
    batch.byteCount -= byteCount;
    for (let rest = byteCount; rest > 0;) {
      const [first] = batch.pieces;
      if (first.length > rest) {
        batch.pieces[0] = first.subarray(rest);
        return;
      }
      rest -= first.length;
      batch.pieces.shift();
    }
  }

  /** Whether anything waits for an increment. */
  concerns(increment: Increment): boolean {
    return this.#batches.some((batch) => batch.increment === increment);
  }

  /** Forgets what waits for an increment. */
  drop(increment: Increment): void {
    for (const batch of [...this.#batches]) {
      if (batch.increment === increment) this.#remove(batch);
    }
  }

  clear(): void {
    this.#batches = [];
    this.byteCount = 0;
  }

  #remove(batch: Batch): boolean {
    const index = this.#batches.indexOf(batch);
    if (index < 0) return false;
    this.#batches.splice(index, 1);
    this.byteCount -= batch.byteCount;
    return true;
  }
}
