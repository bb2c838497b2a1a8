import {
  NOTED_EMPTIED,
  NOTED_EVICTED,
  NOTED_HASH,
  NOTED_KEY,
  NOTED_MISSED,
  NOTED_NEW,
  NOTICE_MISSED,
  NOTICE_NEW,
} from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";
import type { EventName } from "../protocol/events.ts";

/**
 * One key that a command changed, with the name of what happened to it; empty
 * where subscribers are not told.
 */
export interface Effect {
  readonly database: number;
  readonly key: Uint8Array;
  readonly event: EventName | "";
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

/** Whoever wants to hear of keys that are new, or that a read has missed. */
export interface NoticeHearer {
  readonly ofNew: boolean;
  readonly ofMissed: boolean;
  hear(notice: Effect): void;
}

/**
 * The one place where changes become known. A handler states its effects on
 * its call; the dispatcher commits them here when the command has succeeded;
 * keys that the engine removed because they were due come here too. As long as
 * nobody observes, a change costs nothing but a counter in the engine.
 */
export class CommitPoint {
  readonly #engine: Engine;
  readonly #observers: Observer[] = [];
  #hearer: NoticeHearer | null = null;

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

  /**
   * Lets one who observes hear of more than changes; null takes it back. It is
   * told in order, before the change of which it is a part.
   */
  set hearer(hearer: NoticeHearer | null) {
    this.#hearer = hearer;
    const bits = (hearer?.ofNew ? NOTICE_NEW : 0) |
      (hearer?.ofMissed ? NOTICE_MISSED : 0);
    this.#engine.calls.setNotices(bits);
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
    for (const note of readNotes(notes)) {
      const { key } = note;
      const database = databaseOf(note.database);
      const effects = note.events.map((event) => ({ database, key, event }));
      if (note.isNotice) {
        for (const effect of effects) this.#hearer?.hear(effect);
        continue;
      }
      const { commands } = note;
      this.commit({ cause: "expired", database, effects, commands });
    }
  }
}

/** Keys and fields that were due, as the engine notes them (journal.ts). */
interface Note {
  database: number;
  key: Uint8Array;
  events: EventName[];
  commands: Uint8Array[][];
  /** Nothing was changed by it, or what it is a part of tells so. */
  isNotice: boolean;
}

function* readNotes(notes: Uint8Array<ArrayBuffer>): Iterable<Note> {
  const view = new DataView(notes.buffer);
  for (let at = 0; at < notes.length;) {
    const note = noteAt(notes, view, at);
    at = note.end;
    // Fields of one hash that follow each other go with one command, and their
    // key with them.
    while (note.isField && at < notes.length) {
      const next = noteAt(notes, view, at);
      const goesOn = next.isField || next.isEmptied;
      if (!goesOn || next.database !== note.database) break;
      if (!isSame(next.key, note.key)) break;
      at = next.end;
      if (next.isField) note.commands[0].push(...next.commands[0].slice(2));
      else {
        note.events.push("del");
        break;
      }
    }
    yield note;
  }
}

function noteAt(
  notes: Uint8Array<ArrayBuffer>,
  view: DataView,
  at: number,
): Note & { end: number; isField: boolean; isEmptied: boolean } {
  const database = view.getUint32(at, true);
  const keyEnd = at + 12 + view.getUint32(at + 4, true);
  const what = view.getUint32(at + 8, true);
  const key = notes.slice(at + 12, keyEnd);
  const isField = what < NOTED_EVICTED;
  const end = isField ? keyEnd + what : keyEnd;
  const note = {
    ...{ database, key, end, isField },
    ...{ isEmptied: false, isNotice: false },
  };
  switch (what) {
    case NOTED_KEY:
      return { ...note, events: ["expired"], commands: [[DEL, key]] };
    case NOTED_EVICTED:
      return { ...note, events: ["evicted"], commands: [[DEL, key]] };
    case NOTED_HASH:
      return { ...note, events: ["hexpired", "del"], commands: [[DEL, key]] };
    case NOTED_EMPTIED:
      return { ...note, isEmptied: true, events: ["del"], commands: [] };
    case NOTED_NEW:
      return { ...note, isNotice: true, events: ["new"], commands: [] };
    case NOTED_MISSED:
      return { ...note, isNotice: true, events: ["keymiss"], commands: [] };
    default: {
      const field = notes.slice(keyEnd, end);
      const commands = [[HDEL, key, field]];
      return { ...note, events: ["hexpired"], commands };
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

const DEL = new TextEncoder().encode("DEL");
const HDEL = new TextEncoder().encode("HDEL");
