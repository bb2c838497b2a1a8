import { HASH, isLineEnd, LF, LINE_BYTES, UNSURE_BYTES } from "./spare_room.ts";

/** So much is read at a time, from the end on. */
const STEP_BYTES = 2 ** 16;
const CR = 0x0d;

/**
 * The end of a log that was not closed and still has its spare room
 * (spare_room.ts).
 *
 * What a kill leaves of a group is its beginning, with filling behind it: a
 * command that ends too early, as at the end of any log. After a power failure
 * there may also be filling before or within what was written last, where a
 * page has not reached the disk. It was not acknowledged then, nor was anything
 * behind it.
 */
export class SpareTail {
  /** Where the log ends and the filling begins. */
  readonly end: number;
  /** The bytes before it which may not have been synced. */
  readonly #unsure: Uint8Array;

  constructor(end: number, unsure: Uint8Array) {
    this.end = end;
    this.#unsure = unsure;
  }

  /** Whether a line that begins here and tells nothing stands for lost bytes. */
  isHole(line: string, offset: number): boolean {
    return offset >= this.#start && !line.startsWith("#TS:");
  }

  /** Whether bytes were lost at the end of a page behind the offset. */
  isTornFrom(offset: number): boolean {
    if (offset < this.#start) return false;
    const first = Math.floor(offset / LINE_BYTES) + 1;
    for (let at = first * LINE_BYTES; at < this.end; at += LINE_BYTES) {
      const last = this.#at(at - 1);
      if (at - 1 === offset && last === HASH) return true;
      if (at - 1 === offset || last !== LF) continue;
      if (this.#at(at - 2) === HASH) return true;
    }
    return false;
  }

  get #start(): number {
    return this.end - this.#unsure.length;
  }

  #at(offset: number): number {
    return this.#unsure[offset - this.#start];
  }
}

/** Null when the file ends with its log. */
export function findSpareTail(
  file: Deno.FsFile,
  byteCount: number,
): SpareTail | null {
  // A room ends with a line; if it was not finished, with a page.
  if (byteCount % LINE_BYTES !== 0) return null;
  let end = byteCount;
  let behind = LF;
  while (end > 0) {
    const from = Math.max(0, end - STEP_BYTES);
    const bytes = readAt(file, from, end - from);
    while (end > from && isFilling(bytes[end - 1 - from], end - 1)) {
      behind = bytes[--end - from];
    }
    if (end === from) continue;
    // The last line end of the log may look like one of the filling.
    if (bytes[end - 1 - from] === CR && behind === LF) end++;
    break;
  }
  if (end === byteCount) return null;
  const from = Math.max(0, end - UNSURE_BYTES);
  return new SpareTail(end, readAt(file, from, end - from));
}

function isFilling(byte: number, offset: number): boolean {
  return byte === HASH || (byte === LF && isLineEnd(offset));
}

function readAt(
  file: Deno.FsFile,
  offset: number,
  byteCount: number,
): Uint8Array {
  const bytes = new Uint8Array(byteCount);
  file.seekSync(offset, Deno.SeekMode.Start);
  let filled = 0;
  while (filled < byteCount) {
    const count = file.readSync(bytes.subarray(filled));
    if (count === null) throw new Error("the file has become shorter");
    filled += count;
  }
  return bytes;
}
