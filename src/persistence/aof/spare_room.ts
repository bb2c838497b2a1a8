/**
 * Blocks behind the end of the log that are there before they are needed.
 *
 * To sync a file that grows, the disk also has to note its new size and blocks,
 * which takes longer than the few bytes of a group themselves (200 us against
 * 125 us). So a log with `appendfsync always` gets room in advance: lines that
 * begin with `#`, over which everybody passes who reads logs of Redis 7.
 *
 *     | commands            | #########\n####################\n#########\n |
 *     0             Increment.bytes            every LINE_BYTES        #end
 *
 * - A byte of the room is LF where its offset is LINE_BYTES - 1 modulo
 *   LINE_BYTES, and `#` elsewhere. Blocks and pages end with a line, and so
 *   does what a kill in the middle of a write leaves: who appends there begins
 *   a line of their own.
 * - The room never begins with LF, which would be an empty line and an error:
 *   that one becomes a `#`, and two lines one of at most 2 * LINE_BYTES - 1.
 *   (Redis reads 1,023 bytes at a time.)
 * - A power failure may keep any of the pages that were not synced and lose
 *   others, which then still say `#`. So only groups of at most GROUP_BYTES are
 *   written here, and never more than UNSURE_BYTES before a sync. No argument
 *   has a page within it, and its end is not where it should be if the page
 *   with that end is lost. spare_tail.ts has the reader's side.
 * - The UNSURE_BYTES before a room were written by this process, into nothing
 *   but room or the end of the file.
 */

/** What is used of a file that is written anywhere. */
export interface RoomFile {
  writeSync(bytes: Uint8Array): number;
  seekSync(offset: number, whence: Deno.SeekMode): number;
  truncateSync(byteCount: number): void;
  close(): void;
}

export const LINE_BYTES = 512;
export const UNSURE_BYTES = 2 ** 14;
export const HASH = 0x23;
export const LF = 0x0a;
const GROUP_BYTES = 2 ** 12;
const ROOM_BYTES = 2 ** 18;
/** Who has found no space for a room does not ask again before so many. */
const BACKOFF_BYTES = 2 ** 20;

/** All rooms are parts of this. */
const FILLING = new Uint8Array(ROOM_BYTES + 2 * LINE_BYTES).fill(HASH);
for (let at = LINE_BYTES - 1; at < FILLING.length; at += LINE_BYTES) {
  FILLING[at] = LF;
}

/** The room at the end of one file. It has none to begin with. */
export class SpareRoom {
  readonly #file: RoomFile;
  /** Where the file ends; null while it ends with the log. */
  #end: number | null = null;
  #position = 0;
  /** Bytes of groups that were small, in a row. */
  #smallBytes = 0;

  constructor(file: RoomFile) {
    this.#file = file;
  }

  get isThere(): boolean {
    return this.#end !== null;
  }

  /** Whether a group may be written here; `unsyncedBytes` are before it. */
  suits(byteCount: number, unsyncedBytes: number): boolean {
    return byteCount <= GROUP_BYTES &&
      unsyncedBytes + byteCount <= UNSURE_BYTES;
  }

  /** Writes a group that suits; returns how much of it is valid now. */
  write(offset: number, group: Uint8Array): number {
    if (!isLineEnd(offset + group.length)) return this.#write(offset, group);
    const closed = new Uint8Array(group.length + 1);
    closed.set(group);
    closed[group.length] = HASH;
    const count = this.#write(offset, closed);
    return count === closed.length
      ? group.length
      : Math.min(count, group.length - 1);
  }

  /**
   * A small group has been written, and the log ends here now. Makes room when
   * little is left; where that is impossible it goes without.
   */
  prepare(offset: number, byteCount: number): void {
    this.#smallBytes += byteCount;
    if (this.#end === null) {
      if (this.#smallBytes < UNSURE_BYTES || isLineEnd(offset)) return;
    } else if (this.#end - offset > GROUP_BYTES + 1) return;
    const from = this.#end ?? offset;
    const to = Math.ceil((offset + ROOM_BYTES) / LINE_BYTES) * LINE_BYTES;
    const phase = from % LINE_BYTES;
    const filling = FILLING.subarray(phase, phase + to - from);
    let count = 0;
    try {
      count = this.#write(from, filling);
    } catch {
      // The disk is full, or the file is as large as one may be.
    }
    if (count === filling.length) this.#end = to;
    else this.#giveUp(offset, from + count);
  }

  /** The file is cut to the log. Throws when it cannot be. */
  leave(offset: number): void {
    this.#smallBytes = Math.min(this.#smallBytes, 0);
    if (this.#end === null) return;
    this.#file.truncateSync(offset);
    this.#end = null;
  }

  /** Somebody else has cut the file. */
  forget(): void {
    this.#smallBytes = Math.min(this.#smallBytes, 0);
    this.#end = null;
  }

  close(): void {
    this.#file.close();
  }

  #giveUp(offset: number, end: number): void {
    this.#end = end;
    try {
      this.leave(offset);
    } catch {
      // What there is stays, and has to be left before anything is appended.
    }
    this.#smallBytes = -BACKOFF_BYTES;
  }

  #write(offset: number, bytes: Uint8Array): number {
    if (offset !== this.#position) {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      this.#position = offset;
    }
    const count = this.#file.writeSync(bytes);
    this.#position += count;
    return count;
  }
}

/** Whether a line of the filling ends with the byte at this offset. */
export function isLineEnd(offset: number): boolean {
  return offset % LINE_BYTES === LINE_BYTES - 1;
}
