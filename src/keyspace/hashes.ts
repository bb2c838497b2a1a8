import { checked, MISSING } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Reply } from "../protocol/reply.ts";
import type { Database } from "./database.ts";

/** What a walk replies with. */
export const NAMES = 1, VALUES = 2;
/** As a due time: none, or the one that the field has. */
export const NO_DUE = 0, SAME_DUE = -1;
/** What giving a field a due time comes to: it went at once. */
export const FIELD_REMOVED = 2;

/**
 * A database's hashes. Keys, fields and values are named by argument index;
 * `MISSING` says that there is no such key or field. Conditions are thrown, and
 * then nothing has changed and nothing was replied. After a change
 * `db.emptied` tells whether the key went with the last field.
 */
export class Hashes {
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #database: Database;

  constructor(engine: Engine, database: Database) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#database = database;
  }

  get #handle(): number {
    return this.#database.handle;
  }

  /** How many hashes have a field with a due time. */
  get withDueCount(): number {
    return this.#calls.dbFollowedCount(this.#handle) >>> 0;
  }

  /** Throws when the key holds another type; counts neither hit nor miss. */
  checkType(key: number): void {
    checked(this.#calls.hashCountFields(this.#handle, key, 0, 0));
  }

  length(key: number): number {
    return checked(this.#calls.hashLength(this.#handle, key));
  }

  has(key: number, field: number): boolean {
    return checked(this.#calls.hashHas(this.#handle, key, field)) === 1;
  }

  /** The length of a field's value, 0 when it is missing. */
  valueLength(key: number, field: number): number {
    return checked(this.#calls.hashValueLength(this.#handle, key, field));
  }

  /** Replies with a value or null. */
  get(key: number, field: number): void {
    checked(this.#calls.hashReplyField(this.#handle, key, field));
  }

  /** The same for a command that writes; whether there was a value. */
  peek(key: number, field: number): boolean {
    return checked(this.#calls.hashPeekField(this.#handle, key, field)) === 1;
  }

  /** Replies with `count` values or nulls, without a header. */
  getMany(key: number, first: number, count: number): void {
    const { hashReplyFields } = this.#calls;
    checked(hashReplyFields(this.#handle, key, first, count));
  }

  /** A copy of a value that is about to change, of a long one only so much. */
  read(
    key: number,
    field: number,
    byteCountMax: number,
  ): Uint8Array<ArrayBuffer> | null {
    const found = checked(this.#calls.hashViewField(this.#handle, key, field));
    if (found === MISSING) return null;
    const byteCount = this.#calls.hashViewBytes() >>> 0;
    return this.#engine.copy(
      this.#calls.hashViewPtr() >>> 0,
      Math.min(byteCount, byteCountMax),
    );
  }

  /** Stores one field; whether it is new. */
  set(key: number, field: number, value: number, dueMs = NO_DUE): boolean {
    const { hashSetDue } = this.#calls;
    return checked(hashSetDue(this.#handle, key, field, value, dueMs)) === 1;
  }

  /** Stores one field unless it is there; whether it did. */
  setNew(key: number, field: number, value: number): boolean {
    const { hashSetNew } = this.#calls;
    return checked(hashSetNew(this.#handle, key, field, value)) === 1;
  }

  /** Stores pairs of arguments from `first` on; returns how many are new. */
  setPairs(key: number, first: number, count: number, dueMs = NO_DUE): number {
    const { hashSetPairs } = this.#calls;
    return checked(hashSetPairs(this.#handle, key, first, count, dueMs));
  }

  /** How many fields are there, of pairs of arguments from `first` on. */
  countPairs(key: number, first: number, count: number): number {
    const { hashCountFields } = this.#calls;
    return checked(hashCountFields(this.#handle, key, first, count));
  }

  /** Removes fields; returns how many were there. */
  delete(key: number, first: number, count: number): number {
    const { hashDelete } = this.#calls;
    return checked(hashDelete(this.#handle, key, first, count));
  }

  /** Replies with a value or null and removes the field; whether it was there. */
  take(key: number, field: number): boolean {
    return checked(this.#calls.hashTake(this.#handle, key, field)) === 1;
  }

  /** Adds an argument to a field and replies with the sum. */
  increment(key: number, field: number, delta: number): void {
    checked(this.#calls.hashIncrement(this.#handle, key, field, delta));
  }

  /** Replies with all fields: NAMES, VALUES, or both as a map. */
  all(key: number, what: number): void {
    checked(this.#calls.hashReplyAll(this.#handle, key, what));
  }

  /** Replies with a field's name by lot, or null. */
  random(key: number): void {
    checked(this.#calls.hashReplyRandom(this.#handle, key));
  }

  /** Replies with fields by lot; a negative count may repeat some. */
  sample(key: number, count: number, withValues: boolean): void {
    const { hashReplySample } = this.#calls;
    checked(hashReplySample(this.#handle, key, count, withValues ? 1 : 0));
  }

  /** Replies as HSCAN does; argument `pattern` 0 means any field. */
  scan(
    reply: Reply,
    key: number,
    cursor: number,
    count: number,
    pattern: number,
    what: number,
  ): void {
    const mark = reply.mark();
    const next = checked(
      this.#calls.hashScan(this.#handle, key, cursor, count, pattern, what),
    );
    const isMissing = next === MISSING;
    const text = isMissing ? "0" : String(next);
    const perField = what === (NAMES | VALUES) ? 2 : 1;
    const length = isMissing ? 0 : this.#calls.hashWalkEmitted() * perField;
    reply.insert(mark, `*2\r\n$${text.length}\r\n${text}\r\n*${length}\r\n`);
  }

  // Due times of fields.

  /**
   * Gives a field a due time under the conditions of EXPIRE: 1, FIELD_REMOVED,
   * 0 when a condition was not met, or MISSING.
   */
  expire(
    key: number,
    field: number,
    dueMs: number,
    conditions: number,
  ): number {
    const { setFieldDue } = this.#calls;
    return checked(setFieldDue(this.#handle, key, field, dueMs, conditions));
  }

  /** 1, 0 when the field has no due time, or MISSING. */
  persist(key: number, field: number): number {
    return checked(this.#calls.clearFieldDue(this.#handle, key, field));
  }

  /** A field's due time in ms, -1 without one, or MISSING. */
  due(key: number, field: number): number {
    const dueMs = this.#calls.fieldDue(this.#handle, key, field);
    return dueMs === -1 ? dueMs : checked(dueMs);
  }
}
