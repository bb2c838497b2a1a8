import {
  removeIfThere,
  syncDirectory,
  syncDirectorySync,
  systemReason,
  writeAll,
  writeAllSync,
} from "./files.ts";
import { dirname, join } from "node:path";

/**
 * A dump on its way to disk.
 *
 * It grows under a name of its own, `temp-<pid>.rdb`, beside the file that it
 * shall replace. Only when all of it is on disk does a rename put it into the
 * place of the old one, in one step, and then the directory is synced: at any
 * moment a crash leaves either the old dump or the new one, whole.
 *
 * The temp file is locked as long as it grows. One without a lock was left
 * behind by a process that died (`removeLeftovers`).
 */

/** With incremental fsync so many bytes at most wait for the disk at the end. */
const SYNC_EVERY_BYTES = 4 * 2 ** 20;

const TEMP_NAME = /^temp-\d+(-\d+)?\.rdb$/;

/** Temp files of this process, which may hold several servers. */
const inUse = new Set<string>();

/** A dump could not be written; the text is what the log says. */
export class DumpFailure extends Error {}

export interface DumpTarget {
  /** Where the dump belongs, an absolute path or one as the process sees it. */
  readonly path: string;
  /** Whether what is written goes to disk bit by bit, not all at the end. */
  readonly syncsAsItGrows: boolean;
}

export class DumpFile {
  readonly #target: DumpTarget;
  readonly #directory: string;
  readonly #tempPath: string;
  readonly #file: Deno.FsFile;
  #unsyncedBytes = 0;
  #isClosed = false;

  private constructor(
    target: DumpTarget,
    directory: string,
    tempPath: string,
    file: Deno.FsFile,
  ) {
    this.#target = target;
    this.#directory = directory;
    this.#tempPath = tempPath;
    this.#file = file;
  }

  /** Creates the temp file: one call of the system, so never a promise. */
  static open(target: DumpTarget): DumpFile {
    const directory = dirname(target.path);
    const tempPath = freeTempPath(directory);
    try {
      const file = Deno.openSync(tempPath, {
        write: true,
        create: true,
        truncate: true,
      });
      inUse.add(tempPath);
      file.tryLockSync(true);
      return new DumpFile(target, directory, tempPath, file);
    } catch (error) {
      throw new DumpFailure(
        `Failed opening the temp RDB file ${tempPath} ` +
          `(in server root dir ${directory}) for saving: ` +
          systemReason(error),
      );
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#writing("write", () => writeAll(this.#file, bytes));
    if (!this.#isSyncDue(bytes.length)) return;
    await this.#writing("fsync", () => this.#file.syncData());
  }

  writeSync(bytes: Uint8Array): void {
    this.#writingSync("write", () => writeAllSync(this.#file, bytes));
    if (!this.#isSyncDue(bytes.length)) return;
    this.#writingSync("fsync", () => this.#file.syncDataSync());
  }

  /**
   * All is written: from now on it is the dump, unless it is not wanted any
   * more when the disk has it. False then.
   */
  async finish(isWanted: () => boolean = () => true): Promise<boolean> {
    await this.#writing("fsync", () => this.#file.sync());
    if (!isWanted()) return false;
    const old = this.#keepOld();
    this.#takePlace();
    if (old !== null) {
      await Deno.remove(old).catch(() => {});
      inUse.delete(old);
    }
    await syncDirectory(this.#directory).catch(this.#directoryFailed);
    return true;
  }

  /**
   * Gives the old dump one more name, if there is one and the file system knows
   * how. When a file's last name goes, its blocks are freed, and that held up
   * the loop for 20 ms with 100 MB; now another thread does it.
   */
  #keepOld(): string | null {
    const path = freeTempPath(this.#directory);
    try {
      Deno.linkSync(this.#target.path, path);
      inUse.add(path);
      return path;
    } catch {
      return null;
    }
  }

  finishSync(): void {
    this.#writingSync("fsync", () => this.#file.syncSync());
    this.#takePlace();
    try {
      syncDirectorySync(this.#directory);
    } catch (error) {
      this.#directoryFailed(error);
    }
  }

  /** Gives it up; the dump that was there before stays. Harmless twice. */
  discard(): void {
    if (this.#isClosed) return;
    this.#close();
    removeIfThere(this.#tempPath);
  }

  #isSyncDue(byteCount: number): boolean {
    this.#unsyncedBytes += byteCount;
    if (!this.#target.syncsAsItGrows) return false;
    if (this.#unsyncedBytes < SYNC_EVERY_BYTES) return false;
    this.#unsyncedBytes = 0;
    return true;
  }

  #takePlace(): void {
    // Windows renames no file that is open.
    this.#close();
    try {
      Deno.renameSync(this.#tempPath, this.#target.path);
    } catch (error) {
      removeIfThere(this.#tempPath);
      throw new DumpFailure(
        `Error moving temp DB file ${this.#tempPath} on the final ` +
          `destination ${this.#target.path} (in server root dir ` +
          `${this.#directory}): ${systemReason(error)}`,
      );
    }
  }

  #close(): void {
    this.#isClosed = true;
    inUse.delete(this.#tempPath);
    this.#file.close();
  }

  async #writing(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      throw writeFailure(what, error);
    }
  }

  #writingSync(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      throw writeFailure(what, error);
    }
  }

  readonly #directoryFailed = (error: unknown): never => {
    throw new DumpFailure(
      `Failed to fsync directory while saving DB: ${systemReason(error)}`,
    );
  };
}

function writeFailure(what: string, error: unknown): DumpFailure {
  return new DumpFailure(
    `Write error while saving DB to the disk(${what}): ${systemReason(error)}`,
  );
}

/** Several servers of one process may save into one directory at once. */
function freeTempPath(directory: string): string {
  const name = (more: string) => join(directory, `temp-${Deno.pid}${more}.rdb`);
  let path = name("");
  for (let i = 1; inUse.has(path); i++) path = name(`-${i}`);
  return path;
}

/** Removes what processes that died have left in a directory; says what. */
export function removeLeftovers(directory: string): string[] {
  const removed: string[] = [];
  for (const name of namesIn(directory)) {
    const path = join(directory, name);
    if (!TEMP_NAME.test(name) || inUse.has(path) || isLocked(path)) continue;
    removeIfThere(path);
    removed.push(name);
  }
  return removed;
}

function namesIn(directory: string): string[] {
  try {
    return [...Deno.readDirSync(directory)]
      .filter(({ isFile }) => isFile)
      .map(({ name }) => name);
  } catch {
    // Whoever reads or writes there next will say what is wrong with it.
    return [];
  }
}

function isLocked(path: string): boolean {
  try {
    using file = Deno.openSync(path, { write: true });
    return !file.tryLockSync(true);
  } catch {
    return true;
  }
}
