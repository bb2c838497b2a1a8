import type { Engine } from "../engine/engine.ts";

/**
 * One key that a command changed, with the name of what happened to it; empty
 * where subscribers are not told.
 */
export interface Effect {
  readonly database: number;
  readonly key: Uint8Array;
  readonly event: string;
}

/** What one command, or the passing of time, did to the data. */
export interface Change {
  readonly cause: "command" | "expired";
  readonly database: number;
  readonly effects: readonly Effect[];
  /** The commands that make the same change elsewhere. */
  readonly commands: readonly (readonly Uint8Array[])[];
}

/** Whoever must know of every change: logs, replicas, watchers, subscribers. */
export type Observer = (change: Change) => void;

/**
 * The one place where changes become known. A handler states its effects on
 * its call; the dispatcher commits them here when the command has succeeded;
 * keys that the engine removed because they were due come here too. As long as
 * nobody observes, a change costs nothing but a counter in the engine.
 */
export class CommitPoint {
  readonly #engine: Engine;
  readonly #observers: Observer[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Whether anybody wants to know. */
  get observed(): boolean {
    return this.#observers.length > 0;
  }

  /** Adds an observer; the function returned removes it. */
  observe(observer: Observer): () => void {
    this.#observers.push(observer);
    this.#engine.calls.setObserved(1);
    return () => {
      const at = this.#observers.indexOf(observer);
      if (at >= 0) this.#observers.splice(at, 1);
      if (!this.observed) this.#engine.calls.setObserved(0);
    };
  }

  commit(change: Change): void {
    for (const observer of this.#observers) observer(change);
  }

  /**
   * Commits the keys that the engine removed by itself. `databaseOf` names the
   * database of an engine's handle.
   */
  commitExpired(databaseOf: (handle: number) => number): void {
    const { calls } = this.#engine;
    const byteCount = calls.journalLength() >>> 0;
    if (byteCount === 0) return;
    const notes = this.#engine.copy(calls.journalBase() >>> 0, byteCount);
    calls.journalReset();
    const view = new DataView(notes.buffer);
    for (let at = 0; at < byteCount;) {
      const database = databaseOf(view.getUint32(at, true));
      const keyBytes = view.getUint32(at + 4, true);
      const key = notes.slice(at + 8, at + 8 + keyBytes);
      at += 8 + keyBytes;
      this.commit({
        cause: "expired",
        database,
        effects: [{ database, key, event: "expired" }],
        commands: [[DEL, key]],
      });
    }
  }
}

const DEL = new TextEncoder().encode("DEL");
