import { systemReason } from "../files.ts";
import { type RoomFile, SpareRoom } from "./spare_room.ts";

/** What is used of an open file; Deno.FsFile has it, tests have their own. */
export interface AppendFile {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
  syncData(): Promise<void>;
  syncDataSync(): void;
  truncateSync(byteCount: number): void;
  close(): void;
}

/** How the file is opened; tests have their own. */
export interface Opener {
  /** To append; creates it when it is not there. */
  toAppend(path: string): AppendFile;
  /** To write anywhere in it. */
  toWrite(path: string): RoomFile;
}

const OPENER: Opener = {
  toAppend: (path) => Deno.openSync(path, { append: true, create: true }),
  toWrite: (path) => Deno.openSync(path, { write: true }),
};

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
 * write fails half-way the file is cut back to it. Behind it there is nothing,
 * or spare room (spare_room.ts), which goes before anything is appended.
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
  readonly #room: SpareRoom;
  #isClosed = false;

  /** Throws when the file cannot be opened. */
  constructor(path: string, bytes: number, opener: Opener = OPENER) {
    this.path = path;
    this.bytes = bytes;
    this.syncedBytes = bytes;
    const handles: { close(): void }[] = [];
    const opened = <T extends { close(): void }>(handle: T): T => {
      handles.push(handle);
      return handle;
    };
    try {
      // All now: the file may get another name.
      this.#data = opened(opener.toAppend(path));
      this.#room = new SpareRoom(opened(opener.toWrite(path)));
      for (let i = 0; i < SYNC_HANDLES; i++) {
        this.#idle.push(opened(opener.toAppend(path)));
      }
    } catch (error) {
      for (const handle of handles) handle.close();
      throw error;
    }
  }

  /**
   * Writes what will be synced at once: into the spare room where it is fit
   * for that. Returns what went wrong.
   */
  writeGroupSync(
    pieces: readonly Uint8Array[],
    byteCount: number,
  ): WriteFailure | null {
    const unsyncedBytes = this.bytes - this.syncedBytes;
    if (!this.#room.suits(byteCount, unsyncedBytes)) {
      return this.writeSync(pieces);
    }
    const failure = this.#room.isThere
      ? this.#writeToRoom(pieces, byteCount)
      : this.#append(pieces);
    if (failure === null) this.#room.prepare(this.bytes, byteCount);
    return failure;
  }

  /** Takes the spare room off, if there is any. Left there it does no harm. */
  leaveRoom(): void {
    try {
      this.#room.leave(this.bytes);
    } catch {
      // Before anything is appended it is tried again.
    }
  }

  /** Appends all pieces; returns what went wrong. */
  writeSync(pieces: readonly Uint8Array[]): WriteFailure | null {
    try {
      this.#room.leave(this.bytes);
    } catch (error) {
      return this.#undo(error, 0);
    }
    return this.#append(pieces);
  }

  #append(pieces: readonly Uint8Array[]): WriteFailure | null {
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
      this.#room.leave(this.bytes);
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
    this.#room.forget();
    this.bytes = byteCount;
    this.syncedBytes = Math.min(this.syncedBytes, byteCount);
    return true;
  }

  close(): void {
    this.#isClosed = true;
    this.#data.close();
    this.#room.close();
    for (const handle of this.#idle) handle.close();
  }

  #writeToRoom(
    pieces: readonly Uint8Array[],
    byteCount: number,
  ): WriteFailure | null {
    let written = 0;
    try {
      written = this.#room.write(this.bytes, joined(pieces, byteCount));
      if (written < byteCount) progress(0);
    } catch (error) {
      return this.#undo(error, written);
    }
    this.bytes += written;
    return null;
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

function joined(
  pieces: readonly Uint8Array[],
  byteCount: number,
): Uint8Array {
  if (pieces.length === 1) return pieces[0];
  const all = new Uint8Array(byteCount);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
