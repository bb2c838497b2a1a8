import { systemReason } from "../files.ts";
import {
  type AofDirectory,
  AofError,
  isDirectory,
  isFile,
} from "./directory.ts";
import type {
  AofHost,
  LoadOutcome,
  ReplayFeed,
  ReplayProblem,
} from "./faces.ts";
import type { Manifest, ManifestFile } from "./manifest.ts";
import { findSpareTail, type SpareTail } from "./spare_tail.ts";

/** So much is read at a time, and other clients are served in between. */
const CHUNK_BYTES = 2 ** 18;

export interface Loaded {
  readonly outcome: LoadOutcome;
  readonly manifest: Manifest;
  /** Without the spare room at ends. */
  readonly totalBytes: number;
  readonly baseBytes: number;
}

/**
 * Makes of the files of a manifest the data they stand for.
 *
 * Only the last file may end in the middle of a command or transaction: the
 * server died while it wrote there. That tail goes, if the configuration
 * allows it, and so does spare room (spare_room.ts). Anything else that is
 * wrong ends the start, with a line that names the file, the place and what to
 * do.
 */
export class Loader {
  readonly #directory: AofDirectory;
  readonly #host: AofHost;
  /** Bytes of the files that are done. */
  #doneBytes = 0;
  /** Bytes of spare room that was found. */
  #spareBytes = 0;

  constructor(directory: AofDirectory, host: AofHost) {
    this.#directory = directory;
    this.#host = host;
  }

  /** Throws AofError, after its log lines, when the data cannot be used. */
  async load(): Promise<Loaded> {
    let manifest = await this.#directory.readManifest();
    if (this.#isToBeUpgraded(manifest)) {
      manifest = await this.#upgrade(manifest);
    }
    if (manifest.isEmpty) {
      return { outcome: "absent", manifest, totalBytes: 0, baseBytes: 0 };
    }
    const sizes = manifest.files.map(({ name }) =>
      this.#directory.sizeOf(name)
    );
    const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
    const baseBytes = manifest.base === null ? 0 : sizes[0];
    if (totalBytes === 0) {
      return { outcome: "empty", manifest, totalBytes, baseBytes };
    }
    let outcome: LoadOutcome | undefined;
    this.#doneBytes = this.#spareBytes = 0;
    this.#host.loadBegins(totalBytes);
    try {
      outcome = await this.#loadFiles(manifest.files, sizes);
    } finally {
      this.#host.loadEnds(outcome !== undefined);
    }
    return {
      outcome,
      manifest,
      totalBytes: totalBytes - this.#spareBytes,
      baseBytes,
    };
  }

  async #loadFiles(
    files: readonly ManifestFile[],
    sizes: readonly number[],
  ): Promise<LoadOutcome> {
    let outcome: LoadOutcome = "loaded";
    for (const [i, file] of files.entries()) {
      if (sizes[i] === 0) continue;
      const { name, type } = file;
      const startedMs = performance.now();
      const isLast = i === files.length - 1;
      if (!await this.#loadFile(file, sizes[i], isLast)) outcome = "truncated";
      this.#doneBytes += sizes[i];
      this.#host.log(
        "notice",
        `DB loaded from ${type === "b" ? "base" : "incr"} file ${name}: ` +
          `${((performance.now() - startedMs) / 1000).toFixed(3)} seconds`,
      );
    }
    return outcome;
  }

  /** False when the end of it was torn, and has been cut off. */
  async #loadFile(
    { name, type }: ManifestFile,
    byteCount: number,
    isLast: boolean,
  ): Promise<boolean> {
    using file = await this.#open(name);
    const start = await isRdb(file) ? await this.#loadRdb(file, name) : 0;
    const tail = type === "i" && start === 0
      ? this.#spareTail(file, name, byteCount)
      : null;
    const replay = this.#host.replay({
      failed: ({ text, command }) =>
        this.#host.log(
          "warning",
          "== CRITICAL == This server is sending an error to its " +
            `AOF-loading-client: '${text}' after processing the command ` +
            `'${command}'`,
        ),
      annotation: (line, offset) =>
        tail?.isHole(line, offset) ? "ERR what was written is missing" : null,
    });
    try {
      const problem = await this.#replay(file, name, start, replay, tail);
      if (problem !== null && !isTear(problem, tail)) {
        throw this.#refused(name, start + problem.offset, problem);
      }
      if (replay.fedBytes === replay.offset) {
        if (tail !== null && isLast) this.#takeOff(tail, name);
        return true;
      }
      if (replay.isInTransaction) {
        this.#host.log(
          "warning",
          `Revert incomplete MULTI/EXEC transaction in AOF file ${name}`,
        );
      }
      await this.#cut(name, start + replay.offset, isLast);
      return false;
    } finally {
      replay.close();
    }
  }

  async #open(name: string): Promise<Deno.FsFile> {
    try {
      return await Deno.open(this.#directory.pathOf(name));
    } catch (error) {
      throw this.#failed(
        `Fatal error: can't open the append log file ${name} for reading: ` +
          systemReason(error),
      );
    }
  }

  #spareTail(
    file: Deno.FsFile,
    name: string,
    byteCount: number,
  ): SpareTail | null {
    try {
      const tail = findSpareTail(file, byteCount);
      if (tail !== null) this.#spareBytes += byteCount - tail.end;
      return tail;
    } catch (error) {
      throw this.#unreadable(name, error);
    }
  }

  /** What will be appended belongs behind the last command. */
  #takeOff({ end }: SpareTail, name: string): void {
    try {
      Deno.truncateSync(this.#directory.pathOf(name), end);
    } catch (error) {
      throw this.#failed(
        `Error truncating the AOF file ${name}: ${systemReason(error)}`,
      );
    }
  }

  /** Returns where it ends: the single file of older versions goes on. */
  async #loadRdb(file: Deno.FsFile, name: string): Promise<number> {
    const isOldStyle = name === this.#host.settings.fileName;
    this.#host.log(
      "notice",
      isOldStyle
        ? "Reading RDB preamble from AOF file..."
        : "Reading RDB base file on AOF loading...",
    );
    let end: number;
    try {
      await file.seek(0, Deno.SeekMode.Start);
      end = await this.#host.loadRdb(
        file,
        (bytes) => this.#host.loadProgress(this.#doneBytes + bytes, name),
      );
    } catch (error) {
      this.#host.log("warning", systemReason(error));
      throw this.#failed(
        isOldStyle
          ? `Error reading the RDB preamble of the AOF file ${name}, AOF ` +
            "loading aborted"
          : `Error reading the RDB base file ${name}, AOF loading aborted`,
      );
    }
    if (isOldStyle) {
      this.#host.log("notice", "Reading the remaining AOF tail...");
    }
    return end;
  }

  /** Executes what the file has, up to its spare room. */
  async #replay(
    file: Deno.FsFile,
    name: string,
    start: number,
    replay: ReplayFeed,
    tail: SpareTail | null,
  ): Promise<ReplayProblem | null> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    await file.seek(start, Deno.SeekMode.Start);
    while (true) {
      const leftBytes = (tail?.end ?? Infinity) - start - replay.fedBytes;
      const room = chunk.subarray(0, Math.min(CHUNK_BYTES, leftBytes));
      if (room.length === 0) return null;
      const byteCount = await this.#read(file, name, room);
      if (byteCount === null) return null;
      const problem = replay.feed(chunk.subarray(0, byteCount));
      if (problem !== null) return problem;
      this.#host.loadProgress(this.#doneBytes + start + replay.fedBytes, name);
    }
  }

  async #read(
    file: Deno.FsFile,
    name: string,
    chunk: Uint8Array,
  ): Promise<number | null> {
    try {
      return await file.read(chunk);
    } catch (error) {
      throw this.#unreadable(name, error);
    }
  }

  #unreadable(name: string, error: unknown): AofError {
    return this.#failed(
      `Unrecoverable error reading the append only file ${name}: ` +
        systemReason(error),
    );
  }

  #refused(
    name: string,
    offset: number,
    { kind, command, text }: { kind: string; command: string; text: string },
  ): AofError {
    if (kind === "unknown") {
      return this.#failed(
        `Unknown command '${command}' reading the append only file ${name} ` +
          `at offset ${offset}`,
      );
    }
    if (kind === "memory") {
      return this.#failed(
        `Out of memory reading the append only file ${name} at offset ` +
          `${offset}: ${text}`,
      );
    }
    this.#host.log(
      "warning",
      `The append only file ${name} is damaged at offset ${offset}: ${text}`,
    );
    return this.#failed(
      `Bad file format reading the append only file ${name}: make a backup ` +
        `of your AOF file, then use ${this.#remedy}`,
    );
  }

  /** Takes off what is behind the last whole command or transaction. */
  async #cut(name: string, offset: number, isLast: boolean): Promise<void> {
    const warn = (text: string) => this.#host.log("warning", text);
    if (this.#host.settings.loadsTruncated) {
      warn(`!!! Warning: short read while loading the AOF file ${name}!!!`);
      if (!isLast) {
        throw this.#failed(
          "Fatal error: the truncated file is not the last file",
        );
      }
      warn(`!!! Truncating the AOF ${name} at offset ${offset} !!!`);
      try {
        await Deno.truncate(this.#directory.pathOf(name), offset);
        return warn(
          `AOF ${name} loaded anyway because aof-load-truncated is enabled`,
        );
      } catch (error) {
        warn(`Error truncating the AOF file ${name}: ${systemReason(error)}`);
      }
    }
    throw this.#failed(
      `Unexpected end of file reading the append only file ${name}, good up ` +
        `to offset ${offset}. You can: 1) Make a backup of your AOF file, ` +
        `then use ${this.#remedy}. 2) Alternatively you can set the ` +
        "'aof-load-truncated' configuration option to yes and restart the " +
        "server.",
    );
  }

  get #remedy(): string {
    const { manifestName } = this.#directory;
    return `main.ts check-aof --fix ${this.#directory.pathOf(manifestName)}`;
  }

  // The single file of versions before 7.

  /** Also when that was interrupted before the file had been moved. */
  #isToBeUpgraded({ base, increments, isEmpty }: Manifest): boolean {
    const { fileName } = this.#host.settings;
    if (!isFile(this.#directory.oldFilePath)) return false;
    return !isDirectory(this.#directory.path) || isEmpty ||
      (base?.name === fileName && increments.length === 0 &&
        !isFile(this.#directory.pathOf(fileName)));
  }

  /** Makes it the base. The manifest comes first, so that nothing is lost. */
  async #upgrade(manifest: Manifest): Promise<Manifest> {
    const { fileName, directoryName } = this.#host.settings;
    this.#directory.create();
    const upgraded = manifest.withOldBase(fileName);
    await this.#directory.persist(upgraded);
    try {
      await Deno.rename(
        this.#directory.oldFilePath,
        this.#directory.pathOf(fileName),
      );
    } catch (error) {
      throw this.#failed(
        `Error trying to move the old AOF file ${fileName} into dir ` +
          `${directoryName}: ${systemReason(error)}`,
      );
    }
    this.#host.log(
      "notice",
      `Successfully migrated an old-style AOF file (${fileName}) into the ` +
        `AOF directory (${directoryName}).`,
    );
    return upgraded;
  }

  #failed(text: string): AofError {
    this.#host.log("warning", text);
    return new AofError(text);
  }
}

/** Whether it is only that the disk lost what it was not asked to keep. */
function isTear(
  { kind, offset }: ReplayProblem,
  tail: SpareTail | null,
): boolean {
  return (kind === "format" || kind === "unknown") && tail !== null &&
    tail.isTornFrom(offset);
}

async function isRdb(file: Deno.FsFile): Promise<boolean> {
  const head = new Uint8Array(5);
  return await file.read(head) === 5 &&
    new TextDecoder().decode(head) === "REDIS";
}
