import {
  dumpsFail,
  logFails,
  reloadFailed,
  reloadLogFailed,
  type ReplyError,
  saveFailed,
} from "../protocol/errors.ts";
import { AppendOnlyFile } from "./aof/append_only_file.ts";
import { AofError } from "./aof/directory.ts";
import type { AofInfo } from "./aof/faces.ts";
import { logHost } from "./aof_host.ts";
import { removeLeftovers } from "./dump_file.ts";
import { systemReason } from "./files.ts";
import type { PersistenceHost } from "./host.ts";
import { Images } from "./images.ts";
import { failureText, LoadAborted, LoadFailure, loadRdb } from "./load.ts";
import { LoadProgress } from "./load_progress.ts";
import { RdbError } from "./rdb_loader.ts";
import { type Image, Saves } from "./saves.ts";

/** What shall become of the data at the end. */
export interface FinishOptions {
  readonly save: "default" | "save" | "nosave";
  /** Ends even if that loses data. */
  readonly force: boolean;
}

/**
 * All that a server keeps on disk, in one hand: what is read at the start, who
 * may write when, what is due, whether writes must be refused.
 *
 * Only one of dump and rewritten log is written at a time, as in Redis: both
 * walk through all data. What is asked for meanwhile is scheduled; `tick`
 * begins it.
 */
export class Persistence {
  readonly saves: Saves;
  readonly aof: AppendOnlyFile;
  /** How far the reading of files has come, null when none is read. */
  loading: LoadProgress | null = null;
  /** Keys of the last dump that was read. */
  loadCounts = { loaded: 0, expired: 0 };
  readonly #host: PersistenceHost;
  readonly #images: Images;
  /** Whether memory holds what the files had; nothing is saved before. */
  #isComplete = false;
  #isEnding = false;
  /** Settles when no file replaces the data any more. */
  #replacing: Promise<unknown> = Promise.resolve();

  constructor(host: PersistenceHost) {
    this.#host = host;
    this.#images = new Images(host);
    this.saves = new Saves(host, () => this.#images.begin("rdb", false));
    this.aof = new AppendOnlyFile(logHost(host, {
      beginSnapshot: (format) => this.#images.begin(format, true),
      loadRdb: (file, progress) => this.#loadLogBase(file, progress),
      loadBegins: (bytesTotal) => this.#beginLoading(bytesTotal),
      loadProgress: (bytesDone) => {
        if (this.#isEnding) throw new LoadAborted();
        if (this.loading !== null) this.loading.loadedBytes = bytesDone;
      },
      loadEnds: () => this.#endLoading(),
      isSaving: () => this.isSaving,
    }));
  }

  get isLoading(): boolean {
    return this.loading !== null;
  }

  get isSaving(): boolean {
    return this.saves.isRunning;
  }

  get isRewriting(): boolean {
    return this.aof.isRewriting;
  }

  /** What walks through the keys now. */
  get image(): Image | null {
    return this.#images.current;
  }

  get lastSavedMs(): number {
    return this.saves.lastSavedMs;
  }

  /** INFO's fields of the log: those that are always there, and the rest. */
  get logFields(): { always: AofInfo; whileOn: AofInfo } {
    const fields = this.aof.info();
    const at = fields.findIndex(([name]) => name === "aof_current_size");
    if (at < 0) return { always: fields, whileOn: [] };
    return { always: fields.slice(0, at), whileOn: fields.slice(at) };
  }

  /**
   * Fills the memory with what the files have. Throws LoadFailure when they
   * are not what they should be.
   */
  async start(): Promise<void> {
    const { settings, log } = this.#host;
    for (const name of removeLeftovers(settings.pathInDir("."))) {
      log("notice", `Removed ${name}: the process that wrote it is gone`);
    }
    try {
      if (settings.get("appendonly")) await this.#startLog();
      else await this.#startFromDump();
    } catch (error) {
      if (error instanceof LoadAborted) throw error;
      // The reason is in the log already and stays its last word.
      if (error instanceof AofError) throw new LoadFailure(error.message);
      if (error instanceof LoadFailure && error.cause instanceof RdbError) {
        const end = "Terminating server after rdb file reading failure.";
        log("warning", `The dump's integrity check failed. ${end}`);
      }
      log("warning", "Fatal error loading the DB, check server logs. Exiting.");
      throw error;
    }
    this.saves.startClean();
    this.#isComplete = true;
  }

  async #startLog(): Promise<void> {
    const startedMs = performance.now();
    if (await this.aof.load() !== "absent") {
      this.#logDuration("append only file", startedMs);
    }
    await this.aof.open();
  }

  async #startFromDump(): Promise<void> {
    const startedMs = performance.now();
    if (await this.#loadDump(false)) this.#logDuration("disk", startedMs);
  }

  #logDuration(source: string, startedMs: number): void {
    const seconds = (performance.now() - startedMs) / 1000;
    const text = `DB loaded from ${source}: ${seconds.toFixed(3)} seconds`;
    this.#host.log("notice", text);
  }

  save(): boolean {
    return this.saves.saveNow();
  }

  beginSave(): boolean {
    return this.saves.begin();
  }

  scheduleSave(): void {
    this.saves.isScheduled = true;
  }

  beginRewrite(): boolean {
    return this.aof.rewrite() === "started";
  }

  scheduleRewrite(): void {
    this.aof.scheduleRewrite();
  }

  /** DEBUG RELOAD. */
  async reload(
    { saves, flushes, merges }: {
      readonly saves: boolean;
      readonly flushes: boolean;
      readonly merges: boolean;
    },
  ): Promise<void> {
    if (saves && !this.saves.saveNow()) throw saveFailed;
    const isLoaded = await this.#replaceData(flushes, async () => {
      await this.#loadDump(merges);
    });
    if (!isLoaded) throw reloadFailed;
  }

  /** DEBUG LOADAOF. */
  async reloadLog(): Promise<void> {
    await this.aof.flush();
    const isLoaded = await this.#replaceData(true, async () => {
      await this.aof.load();
    });
    if (!isLoaded) throw reloadLogFailed;
  }

  #replaceData(
    flushes: boolean,
    load: () => Promise<void>,
  ): Promise<boolean> {
    const replaced = this.#replace(flushes, load);
    this.#replacing = replaced.catch(() => {});
    return replaced;
  }

  /** Nobody is served meanwhile, and none of it is a change to be saved. */
  async #replace(
    flushes: boolean,
    load: () => Promise<void>,
  ): Promise<boolean> {
    const { effects, keyspace, log, setLoading } = this.#host;
    const unsaved = this.saves.unsavedChanges;
    setLoading(true);
    this.#isComplete = false;
    effects.pause();
    try {
      if (flushes) keyspace.flush();
      await load();
      return true;
    } catch (error) {
      if (!(error instanceof AofError || error instanceof LoadFailure)) {
        throw error;
      }
      log("warning", error.message);
      return false;
    } finally {
      effects.resume();
      this.#isComplete = true;
      setLoading(false);
      this.saves.unsavedChanges = unsaved;
    }
  }

  /** DEBUG AOF-FLUSH-SLEEP. */
  set logDelayUs(microseconds: number) {
    this.aof.writeDelayUs = microseconds;
  }

  /** Begins what is due; to be called about ten times a second. */
  tick(nowMs: number): void {
    if (this.isLoading || !this.#isComplete) return;
    this.aof.tick();
    if (this.isSaving || this.isRewriting) return;
    const { saves } = this;
    const isWanted = saves.isDue(nowMs) ||
      (saves.isScheduled && saves.mayTry(nowMs));
    if (isWanted) saves.begin();
  }

  /** The old dump must not bring back what FLUSHALL has removed. */
  emptied(): void {
    if (this.isLoading) return;
    this.saves.kill();
    if (this.#host.settings.get("save").length > 0) this.saves.saveNow();
  }

  /** CONFIG SET appendonly; false when it cannot be switched on. */
  followAppendOnly(): boolean {
    const isWanted = this.#host.settings.get("appendonly");
    if (isWanted === (this.aof.state !== "off")) return true;
    if (isWanted) return this.aof.enable();
    this.aof.disable();
    return true;
  }

  /** Why no write may be executed now, if so. */
  get writeRefusal(): ReplyError | null {
    const { settings } = this.#host;
    const dumpsMatter = settings.get("stop-writes-on-bgsave-error") &&
      settings.get("save").length > 0;
    if (dumpsMatter && !this.saves.isHealthy) return dumpsFail;
    const problem = this.aof.writeError;
    return problem === null ? null : logFails(problem);
  }

  /** Brings to disk what shall stay when the server ends. */
  async finish({ save, force }: FinishOptions): Promise<boolean> {
    const { log, settings } = this.#host;
    if (!this.#isComplete) return await this.#finishLoading();
    const consequence = force ? ". Exit anyway." : ", can't exit.";
    if (this.saves.isRunning) {
      log("warning", "There is a child saving an .rdb. Killing it!");
      await this.saves.kill();
    }
    if (this.aof.state === "waiting" && this.isRewriting) {
      log("warning", `Writing initial AOF${consequence}`);
      if (!force) return false;
    }
    await this.aof.flush();
    if (this.aof.writeError !== null && save !== "nosave") {
      log("warning", `Error trying to write the AOF${consequence}`);
      if (!force) return false;
    }
    const isWanted = save === "default"
      ? settings.get("save").length > 0
      : save === "save";
    if (isWanted) {
      log("notice", "Saving the final RDB snapshot before exiting.");
      if (!await this.saves.saveFinally()) {
        log("warning", `Error trying to save the DB${consequence}`);
        if (!force) return false;
      }
    }
    this.#isEnding = true;
    await this.aof.stop();
    return true;
  }

  /** What is half there must not take the place of what the files have. */
  async #finishLoading(): Promise<boolean> {
    this.#isEnding = true;
    await this.#replacing;
    await this.aof.stop();
    return true;
  }

  /** False when there is no dump. */
  async #loadDump(replaces: boolean): Promise<boolean> {
    const { settings, log } = this.#host;
    const path = settings.pathInDir(settings.get("dbfilename"));
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw new LoadFailure(
        `Fatal error: can't open the RDB file ${path} for reading: ` +
          systemReason(error),
      );
    }
    try {
      const { size } = await file.stat();
      this.#beginLoading(size);
      await this.#loadFrom(file, size, { isLogBase: false, replaces });
      return true;
    } catch (error) {
      if (error instanceof LoadAborted) throw error;
      const text = error instanceof RdbError
        ? failureText(path, error)
        : `The dump ${path} cannot be read: ${systemReason(error)}`;
      log("warning", text);
      throw new LoadFailure(text, { cause: error });
    } finally {
      file.close();
      this.#endLoading();
    }
  }

  async #loadLogBase(
    file: Deno.FsFile,
    progress: (bytesDone: number) => void,
  ): Promise<number> {
    const { size } = await file.stat();
    const how = { isLogBase: true, replaces: false };
    return await this.#loadFrom(file, size, how, progress);
  }

  async #loadFrom(
    file: Deno.FsFile,
    byteCount: number,
    how: { isLogBase: boolean; replaces: boolean },
    progress?: (bytesDone: number) => void,
  ): Promise<number> {
    const { loading } = this;
    const { end, loaded, expired } = await loadRdb(file, this.#host, {
      ...how,
      byteCount,
      progress: progress ?? ((bytesDone) => loading!.loadedBytes = bytesDone),
      usedMemory: (bytes) => loading!.usedMemory = bytes,
      isWanted: () => !this.#isEnding,
    });
    this.loadCounts = { loaded, expired };
    return end;
  }

  #beginLoading(totalBytes: number): void {
    this.loading = new LoadProgress(totalBytes);
    this.loadCounts = { loaded: 0, expired: 0 };
  }

  #endLoading(): void {
    this.loading = null;
  }
}
