import { systemReason } from "../files.ts";

/** What is used of an open file; Deno.FsFile has it, tests have their own. */
export interface AppendFile {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  syncData(): Promise<void>;
  syncDataSync(): void;
  truncateSync(byteCount: number): void;
  close(): void;
}

export type OpenFile = (path: string) => AppendFile;

/** Opens to append, and creates it when it is not there. */
export const openToAppend: OpenFile = (path) =>
  Deno.openSync(path, { append: true, create: true });

/** A group commit syncs, and everysec or the end may at the same time. */
const SYNC_HANDLES = 3;

/** Why bytes did not get into the file, and what is in it now. */
export class WriteFailure {
  constructor(
    readonly reason: string,
    /** Bytes of what was to be written that are in the file nevertheless. */
    readonly keptBytes: number,
    /** Bytes that had been written when it failed. */
    readonly writtenBytes: number,
  ) {}
}

/**
 * An increment that is open. It has several handles, since Deno lets a file do
 * one thing at a time: while some sync on other threads one goes on writing. A
 * sync concerns the file, whoever wrote.
 *
 * `bytes` is the length up to which the file has whole commands only. When a
 * write fails half-way the file is cut back to it.
 */
export class Increment {
  readonly path: string;
  /** Whole commands in the file. */
  bytes: number;
  /** So much of it is known to be on the disk. */
  syncedBytes: number;
  /** Nobody will read it: what could not be written to it is of no use. */
  isAbandoned = false;
  readonly #data: AppendFile;
  /** For syncs; those under way are not among them. */
  readonly #idle: AppendFile[] = [];
  #isClosed = false;

  /** Throws when the file cannot be opened. */
  constructor(path: string, bytes: number, open: OpenFile = openToAppend) {
    this.path = path;
    this.bytes = bytes;
    this.syncedBytes = bytes;
    this.#data = open(path);
    try {
      // All now: the file may get another name.
      for (let i = 0; i < SYNC_HANDLES; i++) this.#idle.push(open(path));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Writes all pieces; returns what went wrong. */
  writeSync(pieces: readonly Uint8Array[]): WriteFailure | null {
    let written = 0;
    try {
      for (const piece of pieces) {
        for (let at = 0; at < piece.length;) {
          const rest = at === 0 ? piece : piece.subarray(at);
          const count = progress(this.#data.writeSync(rest));
          at += count;
          written += count;
        }
      }
    } catch (error) {
      return this.#undo(error, written);
    }
    this.bytes += written;
    return null;
  }

  /** The same on another thread. Nothing else may be written meanwhile. */
  async write(pieces: readonly Uint8Array[]): Promise<WriteFailure | null> {
    let written = 0;
    try {
      for (const piece of pieces) {
        for (let at = 0; at < piece.length;) {
          const rest = at === 0 ? piece : piece.subarray(at);
          const count = progress(await this.#data.write(rest));
          at += count;
          written += count;
        }
      }
    } catch (error) {
      return this.#undo(error, written);
    }
    this.bytes += written;
    return null;
  }

  /**
   * Forces to the disk what has been written up to now, on another thread.
   * Rejects when that fails.
   */
  async sync(): Promise<void> {
    const { bytes } = this;
    const handle = this.#idle.pop();
    if (handle === undefined) throw new Error("too many syncs at once");
    try {
      await handle.syncData();
      this.syncedBytes = Math.max(this.syncedBytes, bytes);
    } finally {
      if (this.#isClosed) handle.close();
      else this.#idle.push(handle);
    }
  }

  /** The same while the loop waits. */
  syncNow(): void {
    this.#data.syncDataSync();
    this.syncedBytes = this.bytes;
  }

  /** Takes back what was written after so many bytes; false if impossible. */
  cutTo(byteCount: number): boolean {
    try {
      this.#data.truncateSync(byteCount);
    } catch {
      return false;
    }
    this.bytes = byteCount;
    this.syncedBytes = Math.min(this.syncedBytes, byteCount);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#data.close();
    for (const handle of this.#idle) handle.close();
  }

  #undo(error: unknown, written: number): WriteFailure {
    const reason = systemReason(error);
    if (written === 0 || this.cutTo(this.bytes)) {
      return new WriteFailure(reason, 0, written);
    }
    this.bytes += written;
    return new WriteFailure(reason, written, written);
  }
}

/** A file that takes nothing and gives no reason would be asked for ever. */
function progress(byteCount: number): number {
  if (byteCount === 0) throw new Error("No space left on device");
  return byteCount;
}
