import { DumpFailure, DumpFile } from "./dump_file.ts";
import type { PersistenceHost } from "./host.ts";

/** After a background save that failed, save points wait so long. */
const RETRY_AFTER_MS = 5000;

/** A point-in-time image of all data, as whoever writes it to a file sees it. */
export interface Image {
  readonly keysDone: number;
  readonly keysTotal: number;
  /** Gives all of it, piece by piece, before anything else happens. */
  runSync(write: (bytes: Uint8Array) => void): void;
  /** Gives it in slices; rejects when it was aborted or had no memory. */
  run(write: (bytes: Uint8Array) => Promise<void>): Promise<void>;
  /** Lets go of it; what runs ends soon. Harmless when it has ended. */
  abort(): void;
}

interface Running {
  readonly image: Image;
  readonly startedMs: number;
  /** Changes up to the moment that the image shows. */
  readonly changesBefore: number;
  /** Settles, and never rejects, when nothing of it is left: did it succeed? */
  readonly ended: Promise<boolean>;
  isKilled: boolean;
}

/**
 * The dumps of a server: SAVE, BGSAVE and save points, how the last ones went
 * and how many changes there were since.
 *
 * `changes` counts in the engine and never goes back; what a dump contains is
 * remembered as the count at its beginning, so that changes made while it is
 * written still count as not saved.
 */
export class Saves {
  /** Unix time of the last dump; at first of the start. */
  lastSavedMs = Date.now();
  /** Whether the last background save succeeded, or any save since. */
  isHealthy = true;
  /** How long the last background save took; -1 before there is one. */
  lastSeconds = -1;
  /** Saves begun since the start, however they ended. */
  count = 0;
  /** Another one has been asked for, for when nothing else runs. */
  isScheduled = false;
  readonly #host: PersistenceHost;
  readonly #beginImage: () => Image;
  #savedChanges = 0;
  #lastTryMs = -Infinity;
  #running: Running | null = null;

  /** `beginImage` fixes the point in time; it throws when there is no memory. */
  constructor(host: PersistenceHost, beginImage: () => Image) {
    this.#host = host;
    this.#beginImage = beginImage;
  }

  /** Changes that no dump has. */
  get unsavedChanges(): number {
    return this.#changes - this.#savedChanges;
  }

  set unsavedChanges(count: number) {
    this.#savedChanges = this.#changes - count;
  }

  get isRunning(): boolean {
    return this.#running !== null && !this.#running.isKilled;
  }

  /** Unix time in ms at which the background save that runs began. */
  get startedMs(): number | null {
    return this.#running?.startedMs ?? null;
  }

  /** All data is as the file that was loaded has it. */
  startClean(): void {
    this.#savedChanges = this.#changes;
    this.lastSavedMs = Date.now();
  }

  /** Writes a dump before anything else happens; false when that failed. */
  saveNow(): boolean {
    this.count++;
    const changesBefore = this.#changes;
    let file: DumpFile | null = null;
    let image: Image | null = null;
    try {
      file = this.#open();
      image = this.#beginImage();
      const target = file;
      image.runSync((bytes) => target.writeSync(bytes));
      file.finishSync();
    } catch (error) {
      this.#logFailure(error);
      return false;
    } finally {
      image?.abort();
      file?.discard();
    }
    this.#host.log("notice", "DB saved on disk");
    this.#saved(changesBefore);
    return true;
  }

  /**
   * Begins a dump of this moment, to be written while the server goes on.
   * False when not even that is possible.
   */
  begin(): boolean {
    this.isScheduled = false;
    this.count++;
    this.#lastTryMs = Date.now();
    const running = this.#start();
    if (running === null) {
      this.#failed();
      return false;
    }
    const { log } = this.#host;
    log("notice", `Background saving started by pid ${Deno.pid}`);
    running.ended.then((isSaved) => {
      const spentMs = Date.now() - running.startedMs;
      this.lastSeconds = Math.floor(spentMs / 1000);
      if (isSaved) log("notice", "Background saving terminated with success");
      else if (!running.isKilled) this.#failed();
    });
    return true;
  }

  /** Writes the last dump, in slices so that signals are still heard. */
  async saveFinally(): Promise<boolean> {
    return await this.#start()?.ended ?? false;
  }

  /** Stops the background save, if there is one, and waits for its end. */
  async kill(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    running.isKilled = true;
    running.image.abort();
    await running.ended;
  }

  /** A disk that has just failed is left alone for a while. */
  mayTry(nowMs: number): boolean {
    return this.isHealthy || nowMs - this.#lastTryMs > RETRY_AFTER_MS;
  }

  /** Whether a save point is reached; the log then says which. */
  isDue(nowMs: number): boolean {
    if (!this.mayTry(nowMs)) return false;
    const { settings, log } = this.#host;
    // Whole seconds on both sides, as people compare them with LASTSAVE.
    const passed = Math.floor(nowMs / 1000) -
      Math.floor(this.lastSavedMs / 1000);
    const reached = settings.get("save").find(({ seconds, changes }) =>
      this.unsavedChanges >= changes && passed > seconds
    );
    if (reached === undefined) return false;
    const { seconds, changes } = reached;
    log("notice", `${changes} changes in ${seconds} seconds. Saving...`);
    return true;
  }

  #start(): Running | null {
    let image: Image;
    try {
      image = this.#beginImage();
    } catch (error) {
      this.#logFailure(error);
      return null;
    }
    const running: Running = {
      image,
      startedMs: Date.now(),
      changesBefore: this.#changes,
      isKilled: false,
      // Begins with the next turn, so that `running` is complete by then.
      ended: Promise.resolve().then(() => this.#run(running)),
    };
    return this.#running = running;
  }

  async #run(running: Running): Promise<boolean> {
    let file: DumpFile | null = null;
    try {
      if (running.isKilled) return false;
      const target = file = this.#open();
      await running.image.run((bytes) => target.write(bytes));
      if (running.isKilled) return false;
      if (!await file.finish(() => !running.isKilled)) return false;
      this.#host.log("notice", "DB saved on disk");
      this.#saved(running.changesBefore);
      return true;
    } catch (error) {
      if (!running.isKilled) this.#logFailure(error);
      return false;
    } finally {
      running.image.abort();
      file?.discard();
      // One that was killed may have a successor already.
      if (this.#running === running) this.#running = null;
    }
  }

  #open(): DumpFile {
    const { settings } = this.#host;
    return DumpFile.open({
      path: settings.pathInDir(settings.get("dbfilename")),
      syncsAsItGrows: settings.get("rdb-save-incremental-fsync"),
    });
  }

  #saved(changesBefore: number): void {
    this.#savedChanges = changesBefore;
    this.lastSavedMs = Date.now();
    this.isHealthy = true;
    this.#host.healthChanged();
  }

  #failed(): void {
    this.#host.log("warning", "Background saving error");
    this.isHealthy = false;
    this.#host.healthChanged();
  }

  #logFailure(error: unknown): void {
    const text = error instanceof DumpFailure
      ? error.message
      : `Can't save the data set: ${reasonOf(error)}`;
    this.#host.log("warning", text);
  }

  get #changes(): number {
    return this.#host.engine.calls.statChanges();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
