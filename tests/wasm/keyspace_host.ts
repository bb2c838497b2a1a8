/**
 * The engine's databases for tests, without the server around them: keys and
 * values are plain words, one character for each byte.
 */
import { assertEquals } from "@std/assert";
import { MISSING } from "../../wasm/codes.ts";
import { loadModules } from "../support/wasm.ts";
import { type WordExports, WordHost } from "./word_host.ts";

export interface KeyspaceExports extends WordExports {
  setClock(ms: number): void;
  setLfu(on: number, logFactor: number, decayMinutes: number): void;
  setNoTouch(on: number): void;
  setHashSeed(a: number, b: number, c: number, d: number): void;
  setRandomSeed(high: number, low: number): void;
  dbNew(): number;
  dbSize(db: number): number;
  dbDueCount(db: number): number;
  dbFirstDue(db: number): number;
  dbFlush(db: number): number;
  reclaim(maxCount: number): number;
  lazyfreePending(): number;
  deleteKey(db: number, key: number): number;
  existsKey(db: number, key: number): number;
  expireDue(db: number, maxCount: number): number;
  setRemoveDue(on: number): void;
  dueOf(db: number, key: number): number;
  tableFootprint(db: number): number;
  verifyDatabase(db: number): number;
  setDue(db: number, key: number, due: number, conditions: number): number;
  clearDue(db: number, key: number): number;
  typeOf(db: number, key: number): number;
  kindOf(db: number, key: number): number;
  idleOf(db: number, key: number): number;
  frequencyOf(db: number, key: number): number;
  touchKey(db: number, key: number): number;
  moveKey(
    db: number,
    key: number,
    toDb: number,
    to: number,
    onlyNew: number,
  ): number;
  copyKey(
    db: number,
    key: number,
    toDb: number,
    to: number,
    replace: number,
  ): number;
  randomKey(db: number): number;
  scanKeys(
    db: number,
    cursor: number,
    count: number,
    pattern: number,
    type: number,
  ): number;
  listKeys(db: number, index: number, pattern: number): number;
  walkEmitted(): number;
  globMatch(
    pattern: number,
    patternBytes: number,
    text: number,
    textBytes: number,
    noCase: number,
  ): number;
  setString(
    db: number,
    key: number,
    value: number,
    flags: number,
    due: number,
  ): number;
  getString(db: number, key: number): number;
  viewPtr(): number;
  viewBytes(): number;
  argPtr(index: number): number;
  argLen(index: number): number;
  hashBytes(ptr: number, byteCount: number): bigint;
  touchBucketOf(table: number, hash: bigint): number;
  touchEntryOf(bucket: number, hash: bigint, byteCount: number): void;
  setObserved(on: number): void;
  journalBase(): number;
  journalLength(): number;
  journalReset(): void;
  statHits(): number;
  statMisses(): number;
  takeChanges(): number;
}

export const MODULES = [
  ...["allocator", "arguments", "access", "database", "hash", "journal"],
  ...["keys", "random", "reply", "statistics", "string", "table_ahead"],
  ...["glob", "graveyard", "key_scan", "overdue"],
];

export const NO_MEMORY = -1;
export const NEVER = -1;

/** An engine with as many databases as a test makes. */
export class KeyspaceHost extends WordHost<KeyspaceExports> {
  static async load(
    debug: boolean,
    seed: [number, number, number, number] = [1, 2, 3, 4],
  ): Promise<KeyspaceHost> {
    const host = new KeyspaceHost(
      await loadModules<KeyspaceExports>(MODULES, { debug }),
    );
    host.calls.setHashSeed(...seed);
    host.calls.setRandomSeed(seed[0], seed[1]);
    return host;
  }

  newDatabase(): number {
    return this.calls.dbNew() >>> 0;
  }

  set(db: number, key: string, value: string, due = 0): number {
    this.say(key, value);
    return this.calls.setString(db, 0, 1, 0, due);
  }

  get(db: number, key: string): string | null {
    this.say(key);
    const { calls } = this;
    if (calls.getString(db, 0) === MISSING) return null;
    return this.text(calls.viewPtr(), calls.viewBytes());
  }

  delete(db: number, key: string): number {
    this.say(key);
    return this.calls.deleteKey(db, 0);
  }

  expire(db: number, key: string, due: number, conditions = 0): number {
    this.say(key);
    return this.calls.setDue(db, 0, due, conditions);
  }

  persist(db: number, key: string): number {
    this.say(key);
    return this.calls.clearDue(db, 0);
  }

  due(db: number, key: string): number {
    this.say(key);
    return this.calls.dueOf(db, 0);
  }

  move(
    db: number,
    key: string,
    toDb: number,
    to: string,
    onlyNew: boolean,
  ): number {
    this.say(key, to);
    return this.calls.moveKey(db, 0, toDb, 1, onlyNew ? 1 : 0);
  }

  copy(
    db: number,
    key: string,
    toDb: number,
    to: string,
    replace: boolean,
  ): number {
    this.say(key, to);
    return this.calls.copyKey(db, 0, toDb, 1, replace ? 1 : 0);
  }

  idle(db: number, key: string): number {
    this.say(key);
    return this.calls.idleOf(db, 0);
  }

  /** A random key, null when there is none. */
  draw(db: number): string | null {
    return this.calls.randomKey(db) ? this.takeKeys()[0] : null;
  }

  /** One step of SCAN. */
  scan(
    db: number,
    cursor: number,
    count: number,
    { pattern = "", type = -1 } = {},
  ): { next: number; keys: string[] } {
    this.say("", pattern);
    const { calls } = this;
    const next =
      calls.scanKeys(db, cursor, count, pattern === "" ? 0 : 1, type) >>> 0;
    const keys = this.takeKeys();
    assertEquals(keys.length, calls.walkEmitted());
    return { next, keys };
  }

  /** All keys as a walk of SCAN without interruption finds them. */
  walk(db: number, count: number): string[] {
    const found: string[] = [];
    let cursor = 0;
    do {
      const { next, keys } = this.scan(db, cursor, count);
      found.push(...keys);
      cursor = next;
    } while (cursor !== 0);
    return found;
  }

  /** KEYS. */
  list(db: number, pattern = ""): string[] {
    this.say("", pattern);
    const found: string[] = [];
    let index = 0;
    do {
      index = this.calls.listKeys(db, index, pattern === "" ? 0 : 1) >>> 0;
      found.push(...this.takeKeys());
    } while (index !== 0);
    return found;
  }

  matches(pattern: string, text: string, noCase = false): boolean {
    this.say(pattern, text);
    const { argPtr, argLen, globMatch } = this.calls;
    const [at, textAt] = [argPtr(0), argPtr(1)];
    return globMatch(at, argLen(0), textAt, argLen(1), noCase ? 1 : 0) === 1;
  }

  /** The bulk strings that were replied. */
  takeKeys(): string[] {
    const text = this.takeText();
    const keys: string[] = [];
    for (let at = 0; at < text.length;) {
      const lineEnd = text.indexOf("\r\n", at);
      const start = lineEnd + 2;
      const end = start + Number(text.slice(at + 1, lineEnd));
      keys.push(text.slice(start, end));
      at = end + 2;
    }
    return keys;
  }

  /** The keys that were removed because they were due, as they were noted. */
  takeJournal(): [db: number, key: string][] {
    const { calls } = this;
    const notes: [number, string][] = [];
    const end = calls.journalBase() + calls.journalLength();
    for (let at = calls.journalBase(); at < end;) {
      const keyBytes = this.word(at + 4);
      notes.push([this.word(at), this.text(at + 12, keyBytes)]);
      at += 12 + keyBytes;
    }
    calls.journalReset();
    return notes;
  }

  verifyDatabase(db: number, hint = ""): void {
    assertEquals(this.calls.verifyDatabase(db), 0, hint);
  }

  /** Lets so many allocations succeed and no more; NEVER takes it back. */
  failAfter(count: number): void {
    this.calls.failAllocationsAfter(count);
  }
}
