import { dumpsFail, logFails, type ReplyError } from "../protocol/errors.ts";
import type { AofInfo, AppendOnlyFileFace } from "./aof/faces.ts";
import { removeLeftovers } from "./dump_file.ts";
import type { PersistenceHost } from "./host.ts";
import type { LoadProgress } from "./load_progress.ts";
import { type Image, Saves } from "./saves.ts";

/** What shall become of the data at the end. */
export interface FinishOptions {
  readonly save: "default" | "save" | "nosave";
  /** Ends even if that loses data. */
  readonly force: boolean;
}

/**
 * All that a server keeps on disk, in one hand: who may write when, what is
 * due, whether writes must be refused.
 *
 * Only one of dump and rewritten log is written at a time, as in Redis: both
 * walk through all data. What is asked for meanwhile is scheduled; `tick`
 * begins it.
 */
export class Persistence {
  readonly saves: Saves;
  /** How far the reading of files has come, null when none is read. */
  loading: LoadProgress | null = null;
  /** Keys of the last dump that was read. */
  loadCounts = { loaded: 0, expired: 0 };
  readonly #host: PersistenceHost;
  readonly #log: AppendOnlyFileFace | null = null;
  /** Whether memory holds what the files had; nothing is saved before. */
  #isComplete = false;

  constructor(host: PersistenceHost) {
    this.#host = host;
    this.saves = new Saves(host, () => this.#beginImage());
  }

  get isLoading(): boolean {
    return this.loading !== null;
  }

  get isSaving(): boolean {
    return this.saves.isRunning;
  }

  get isRewriting(): boolean {
    return this.#log?.isRewriting ?? false;
  }

  /** What walks through the keys now. */
  get image(): Image | null {
    return this.saves.image;
  }

  get lastSavedMs(): number {
    return this.saves.lastSavedMs;
  }

  /** INFO's fields of the log: those that are always there, and the rest. */
  get logFields(): { always: AofInfo; whileOn: AofInfo } {
    const fields = this.#log?.info() ?? [];
    const at = fields.findIndex(([name]) => name === "aof_current_size");
    if (at < 0) return { always: fields, whileOn: [] };
    return { always: fields.slice(0, at), whileOn: fields.slice(at) };
  }

  /** Bytes that wait to be written to the log. */
  get logBufferBytes(): number {
    return this.#log?.bufferBytes ?? 0;
  }

  /** Fills the memory with what the files have; throws what is in the way. */
  async start(): Promise<void> {
    const { settings, log } = this.#host;
    for (const name of removeLeftovers(settings.pathInDir("."))) {
      log("notice", `Removed ${name}, which a save that died has left behind`);
    }
    await Promise.resolve();
    this.saves.startClean();
    this.#isComplete = true;
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
    return this.#log?.rewrite() === "started";
  }

  scheduleRewrite(): void {
    this.#log?.rewrite();
  }

  reload(): Promise<void> {
    return Promise.resolve();
  }

  reloadLog(): Promise<void> {
    return Promise.resolve();
  }

  /** Begins what is due; to be called about ten times a second. */
  tick(nowMs: number): void {
    if (this.isLoading) return;
    this.#log?.tick();
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

  /** Why no write may be executed now, if so. */
  get writeRefusal(): ReplyError | null {
    const { settings } = this.#host;
    const dumpsMatter = settings.get("stop-writes-on-bgsave-error") &&
      settings.get("save").length > 0;
    if (dumpsMatter && !this.saves.isHealthy) return dumpsFail;
    const problem = this.#log?.writeError ?? null;
    return problem === null ? null : logFails(problem);
  }

  /** Brings to disk what shall stay when the server ends. */
  async finish({ save, force }: FinishOptions): Promise<boolean> {
    const { log, settings } = this.#host;
    if (this.saves.isRunning) {
      log("warning", "There is a child saving an .rdb. Killing it!");
      await this.saves.kill();
    }
    if (this.#log !== null && this.#log.state !== "off") {
      if (this.#log.state === "waiting" && !force) {
        log("warning", "Writing initial AOF, can't exit.");
        return false;
      }
      log("notice", "Calling fsync() on the AOF file.");
      this.#log.flush();
    }
    const isWanted = save === "default"
      ? settings.get("save").length > 0
      : save === "save";
    if (isWanted && this.#isComplete) {
      log("notice", "Saving the final RDB snapshot before exiting.");
      if (!await this.saves.saveFinally()) {
        const end = force ? ". Exit anyway." : ", can't exit.";
        log("warning", `Error trying to save the DB${end}`);
        if (!force) return false;
      }
    }
    await this.#log?.stop();
    return true;
  }

  #beginImage(): Image {
    throw new Error("there are no snapshots yet");
  }
}
