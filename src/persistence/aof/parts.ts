import { type AofDirectory, UncertainManifest } from "./directory.ts";
import type { LogLevel } from "./faces.ts";
import { Manifest } from "./manifest.ts";

/**
 * The manifest that counts, and its changes: one after the other, each on the
 * disk before it counts.
 */
export class Parts {
  manifest = Manifest.empty;
  readonly directory: AofDirectory;
  readonly #log: (level: LogLevel, text: string) => void;
  #last: Promise<void> = Promise.resolve();

  constructor(
    directory: AofDirectory,
    log: (level: LogLevel, text: string) => void,
  ) {
    this.directory = directory;
    this.#log = log;
  }

  /**
   * Makes what `next` comes to the manifest, once it is on the disk. `prepare`
   * brings the files there of which it tells. Rejects when either fails;
   * nothing has changed then, unless by UncertainManifest; `next` may return null to leave it at that.
   */
  change(
    next: (manifest: Manifest) => Manifest | null,
    prepare: (next: Manifest) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const changed = this.#last.then(async () => {
      const manifest = next(this.manifest);
      if (manifest === null) return;
      await prepare(manifest);
      try {
        await this.directory.persist(manifest);
      } catch (error) {
        if (error instanceof UncertainManifest) this.manifest = manifest;
        throw error;
      }
      this.manifest = manifest;
    });
    this.#last = changed.catch(() => {});
    return changed;
  }

  /** Removes the files of the past. That can wait, so failures are no harm. */
  async removeHistory(): Promise<void> {
    const { history } = this.manifest;
    if (history.length === 0) return;
    for (const { name } of history) {
      this.#log(
        "notice",
        `Removing the history file ${name} in the background`,
      );
      await this.directory.remove(name);
    }
    const gone = new Set(history);
    await this.change((manifest) => manifest.withoutHistory(gone))
      .catch(() => {});
  }

  /** Resolves when no change is under way. */
  get settled(): Promise<void> {
    return this.#last;
  }
}
