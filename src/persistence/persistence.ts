import { dumpsFail, type ReplyError } from "../protocol/errors.ts";
import type { PersistenceHost } from "./host.ts";
import { type Image, Saves } from "./saves.ts";

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
  isLoading = false;
  readonly #host: PersistenceHost;

  constructor(host: PersistenceHost) {
    this.#host = host;
    this.saves = new Saves(host, () => this.#beginImage());
  }

  get isSaving(): boolean {
    return this.saves.isRunning;
  }

  get isRewriting(): boolean {
    return false;
  }

  get lastSavedMs(): number {
    return this.saves.lastSavedMs;
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
    return false;
  }

  scheduleRewrite(): void {
  }

  reload(): Promise<void> {
    return Promise.resolve();
  }

  reloadLog(): Promise<void> {
    return Promise.resolve();
  }

  /** Begins what is due; to be called about ten times a second. */
  tick(nowMs: number): void {
    if (this.isLoading || this.isSaving || this.isRewriting) return;
    const { saves } = this;
    if (saves.isDue(nowMs)) saves.begin();
    else if (saves.isScheduled && saves.mayTry(nowMs)) saves.begin();
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
    return dumpsMatter && !this.saves.isHealthy ? dumpsFail : null;
  }

  #beginImage(): Image {
    throw new Error("there are no snapshots yet");
  }
}
