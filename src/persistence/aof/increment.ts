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
 * An increment that is open. It has two handles, since Deno lets a file do one
 * thing at a time: while one syncs on another thread the other goes on
 * writing. A sync concerns the file, whoever wrote.
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
  readonly #sync: AppendFile;

  /** Throws when the file cannot be opened. */
  constructor(path: string, bytes: number, open: OpenFile = openToAppend) {
    this.path = path;
    this.bytes = bytes;
    this.syncedBytes = bytes;
    this.#data = open(path);
    try {
      this.#sync = open(path);
    } catch (error) {
      this.#data.close();
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

  /** Forces to the disk what has been written; throws when that fails. */
  syncNow(): void {
    const { bytes } = this;
    this.#data.syncDataSync();
    this.syncedBytes = bytes;
  }

  /** The same on another thread, of what has been written up to now. */
  async sync(): Promise<void> {
    const { bytes } = this;
    await this.#sync.syncData();
    this.syncedBytes = Math.max(this.syncedBytes, bytes);
  }

  /** Takes back what was written after so many bytes; false if impossible. */
  cutTo(byteCount: number): boolean {
    try {
      this.#data.truncateSync(byteCount);
    } catch {
      return false;
    }
    this.bytes = byteCount;
    return true;
  }

  close(): void {
    this.#data.close();
    this.#sync.close();
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
