import { join } from "node:path";
import { syncDirectory, systemReason, writeAll } from "../files.ts";
import type { AofSettings, LogLevel } from "./faces.ts";
import { Manifest, manifestBytes, ManifestError } from "./manifest.ts";

/** The server must not start, or cannot do what it was asked to; logged. */
export class AofError extends Error {
  override readonly name = "AofError";
}

/**
 * A manifest has taken its place, but the disk does not say that it stays
 * there: after a power failure it may be the one before.
 */
export class UncertainManifest extends AofError {}

type Write = (level: LogLevel, text: string) => void;

/** `appenddirname` below `dir`: where the manifest and its files are. */
export class AofDirectory {
  readonly #settings: AofSettings;
  readonly #log: Write;

  constructor(settings: AofSettings, log: Write) {
    this.#settings = settings;
    this.#log = log;
  }

  get path(): string {
    return join(this.#settings.dir, this.#settings.directoryName);
  }

  /** Where a file of the manifest is. */
  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** Where the single file of older versions is. */
  get oldFilePath(): string {
    return join(this.#settings.dir, this.#settings.fileName);
  }

  get manifestName(): string {
    return `${this.#settings.fileName}.manifest`;
  }

  /** Where effects gather until a first rewrite is done. */
  get temporaryIncrementName(): string {
    return `temp-${this.#settings.fileName}.incr`;
  }

  /** Throws AofError. */
  create(): void {
    try {
      Deno.mkdirSync(this.path, { recursive: true });
    } catch (error) {
      throw this.#failed(
        `Can't open or create append-only dir ${this.#settings.directoryName}: ` +
          systemReason(error),
      );
    }
  }

  /** What is on the disk; the empty one when there is none. */
  async readManifest(): Promise<Manifest> {
    const path = this.pathOf(this.manifestName);
    if (!isDirectory(this.path)) {
      this.#log("debug", `The AOF directory ${this.path} doesn't exist`);
      return Manifest.empty;
    }
    if (!isFile(path)) {
      this.#log(
        "debug",
        `The AOF manifest file ${this.manifestName} doesn't exist`,
      );
      return Manifest.empty;
    }
    try {
      return Manifest.parse(await Deno.readFile(path));
    } catch (error) {
      if (!(error instanceof ManifestError)) {
        throw this.#failed(
          `Fatal error: can't open the AOF manifest file ${path} for ` +
            `reading: ${systemReason(error)}`,
        );
      }
      for (const text of manifestProblem(error)) this.#log("warning", text);
      throw new AofError(`${path}: ${error.message}`);
    }
  }

  /**
   * Makes a manifest the one that counts: after a crash at any moment either
   * the old or the new one is there, whole. Throws AofError; with
   * UncertainManifest the new one is there, and files of either must stay.
   */
  async persist(manifest: Manifest): Promise<void> {
    const temporary = `temp-${this.manifestName}`;
    const file = await this.#try(
      `Can't open the AOF manifest file ${temporary}`,
      () =>
        Deno.open(this.pathOf(temporary), {
          write: true,
          create: true,
          truncate: true,
        }),
    );
    try {
      await this.#try(
        `Error trying to write the temporary AOF manifest file ${temporary}`,
        () => writeAll(file, manifestBytes(manifest)),
      );
      await this.#try(
        `Fail to fsync the temp AOF file ${temporary}`,
        () => file.syncData(),
      );
    } finally {
      file.close();
    }
    await this.#try(
      `Error trying to rename the temporary AOF manifest file ${temporary} ` +
        `into ${this.manifestName}`,
      () => Deno.rename(this.pathOf(temporary), this.pathOf(this.manifestName)),
    );
    try {
      await syncDirectory(this.path);
    } catch (error) {
      const text = `Fail to fsync AOF directory ${this.path}: ${
        systemReason(error)
      }`;
      this.#log("warning", text);
      throw new UncertainManifest(text);
    }
  }

  /** Removes a file and does not mind when that fails. */
  remove(name: string): Promise<void> {
    return Deno.remove(this.pathOf(name)).catch(() => {});
  }

  /** Bytes of a file; logs and throws AofError when there is none. */
  sizeOf(name: string): number {
    try {
      return Deno.statSync(this.pathOf(name)).size;
    } catch (error) {
      throw this.#failed(
        `Unable to obtain the AOF file ${name} length. stat: ` +
          systemReason(error),
      );
    }
  }

  async #try<T>(what: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.#failed(`${what}: ${systemReason(error)}`);
    }
  }

  #failed(text: string): AofError {
    this.#log("warning", text);
    return new AofError(text);
  }
}

/** What is to be told of a manifest that cannot be used, line by line. */
export function manifestProblem({ line, message }: ManifestError): string[] {
  const place = line === undefined ? [] : [
    `Reading the manifest file, at line ${line.number}`,
    `>>> '${line.text}'`,
  ];
  return ["*** FATAL AOF MANIFEST FILE ERROR ***", ...place, message];
}

export function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

export function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
