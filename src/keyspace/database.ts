import type { Engine } from "../engine/engine.ts";
import { checked, MISSING } from "../engine/condition.ts";
import { Dump } from "./dump.ts";
import { LOAD_CORRUPT } from "../engine/rdb_codes.ts";
import type { Reply } from "../protocol/reply.ts";
import { Bits } from "./bits.ts";
import { Hashes } from "./hashes.ts";
import { HyperLogLogs } from "./hyper_log_logs.ts";
import { Geo } from "./geo.ts";
import { Inspection } from "./inspection.ts";
import { Sets } from "./sets.ts";
import { SortedSetAlgebra } from "./sorted_set_algebra.ts";
import { type Kind, kindNamed, TYPE_NAMES, type TypeName } from "./kinds.ts";
import { Sorting } from "./sorting.ts";
import { SortedSets } from "./sorted_sets.ts";
import { Lists } from "./lists.ts";

export type { TypeName } from "./kinds.ts";

/** The conditions of EXPIRE: without a due time, with one, later, earlier. */
export const DUE_NEW = 1, DUE_OLD = 2, DUE_LATER = 4, DUE_EARLIER = 8;
/** What EXPIRE comes to: the key has a due time, or it went at once. */
export const DUE_SET = 1, DUE_PASSED = 2;

/** The conditions of SET, and how it stores: `AS_TEXT` makes no integer. */
export const ONLY_NEW = 1, ONLY_OLD = 2, KEEP_DUE = 4, AS_TEXT = 8;

/**
 * One database. Keys and values are named by argument index; `MISSING` is what
 * a method returns for a key that is not there. Other conditions are thrown,
 * and then nothing has changed.
 */
export class Database {
  readonly index: number;
  /** Its strings as rows of bits. */
  readonly bits: Bits;
  readonly hashes: Hashes;
  /** Its strings as HyperLogLogs. */
  readonly hyperLogLogs: HyperLogLogs;
  readonly sets: Sets;
  readonly sortedSets: SortedSets;
  /** Its sorted sets as places on the globe. */
  readonly geo: Geo;
  readonly lists: Lists;
  readonly sortedSetAlgebra: SortedSetAlgebra;
  readonly sorting: Sorting;
  /** What DEBUG, MEMORY and INFO look at. */
  readonly inspection: Inspection;
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  #handle: number;

  constructor(engine: Engine, index: number) {
    this.index = index;
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#handle = engine.calls.dbNew() >>> 0;
    if (!this.#handle) throw new Error("no memory for a database");
    this.#calls.dbSetIndex(this.#handle, index);
    this.bits = new Bits(engine, this);
    this.hashes = new Hashes(engine, this);
    this.hyperLogLogs = new HyperLogLogs(engine, this);
    this.sets = new Sets(engine, this);
    this.sortedSets = new SortedSets(engine, this);
    this.geo = new Geo(engine, this);
    this.lists = new Lists(engine, this);
    this.sortedSetAlgebra = new SortedSetAlgebra(engine, this);
    this.sorting = new Sorting(engine, this);
    this.inspection = new Inspection(engine, this);
  }

  /** The engine's name of this database, for the batch loop. */
  get handle(): number {
    return this.#handle;
  }

  static exchange(first: Database, second: Database): void {
    const handle = first.#handle;
    first.#calls.disturbSwapped(handle, second.#handle);
    first.#handle = second.#handle;
    second.#handle = handle;
    for (const one of [first, second]) {
      one.#calls.dbSetIndex(one.#handle, one.index);
    }
    first.#calls.noteSwapped(first.#handle, second.#handle);
  }

  // Any type.

  get size(): number {
    return this.#calls.dbSize(this.#handle) >>> 0;
  }

  /** How many keys have a due time. */
  get dueCount(): number {
    return this.#calls.dbDueCount(this.#handle) >>> 0;
  }

  get firstDue(): number {
    return this.#calls.dbFirstDue(this.#handle);
  }

  /** Bytes of the key table itself. */
  get tableBytes(): number {
    return this.#calls.tableFootprint(this.#handle);
  }

  /** Whether the last change took a collection's last element and its key. */
  get emptied(): boolean {
    return this.#calls.wasEmptied() === 1;
  }

  has(key: number): boolean {
    return this.#calls.existsKey(this.#handle, key) === 1;
  }

  delete(key: number): boolean {
    return this.#calls.deleteKey(this.#handle, key) === 1;
  }

  touch(key: number): boolean {
    return this.#calls.touchKey(this.#handle, key) === 1;
  }

  /** The type's name, null when there is no key. */
  type(key: number): TypeName | null {
    const type = this.#calls.typeOf(this.#handle, key);
    return type < 0 ? null : TYPE_NAMES[type];
  }

  /** The type and encoding, null when there is no key. */
  encoding(key: number): Kind | null {
    const kind = this.#calls.kindOf(this.#handle, key);
    return kind < 0 ? null : kindNamed(kind);
  }

  /** Seconds since the last use, or MISSING. */
  idleSeconds(key: number): number {
    return this.#calls.idleOf(this.#handle, key);
  }

  /** The LFU counter, or MISSING. */
  frequency(key: number): number {
    return this.#calls.frequencyOf(this.#handle, key);
  }

  /** Bytes of a key with its value, or MISSING. */
  footprint(key: number): number {
    return this.#calls.footprintOf(this.#handle, key);
  }

  /** The due time in ms, -1 without one, or MISSING. */
  due(key: number): number {
    return this.#calls.dueOf(this.#handle, key);
  }

  /** The same for a command that writes: it counts neither hit nor miss. */
  peekDue(key: number): number {
    return this.#calls.peekDueOf(this.#handle, key);
  }

  /** False when there is no key. A time that has passed removes the key. */
  setDue(key: number, dueMs: number): boolean {
    return this.expire(key, dueMs, 0) > 0;
  }

  /**
   * Sets a due time under the conditions of EXPIRE: DUE_SET, DUE_PASSED when
   * the time has passed and the key was removed, 0 when a condition was not
   * met, or MISSING.
   */
  expire(key: number, dueMs: number, conditions: number): number {
    const { setDue } = this.#calls;
    return checked(setDue(this.#handle, key, dueMs, conditions));
  }

  /** False when there is no key or no due time. */
  clearDue(key: number): boolean {
    return checked(this.#calls.clearDue(this.#handle, key)) === 1;
  }

  /** 1, 0 when the target is taken or the key itself, or MISSING. */
  move(key: number, to: number, target: Database, onlyNew: boolean): number {
    return checked(
      this.#calls.moveKey(
        this.#handle,
        key,
        target.#handle,
        to,
        onlyNew ? 1 : 0,
      ),
    );
  }

  /** 1, 0 when the target is taken, or MISSING. */
  copy(key: number, to: number, target: Database, replace: boolean): number {
    return checked(
      this.#calls.copyKey(
        this.#handle,
        key,
        target.#handle,
        to,
        replace ? 1 : 0,
      ),
    );
  }

  /** Whether an argument is a payload of DUMP that can be read. */
  isPayload(payload: number): boolean {
    return this.#calls.isPayload(payload) === 1;
  }

  /** Where the last value that was corrupt is so. */
  get payloadFaultOffset(): number {
    return this.#calls.sourceFaultOffset();
  }

  /**
   * Makes a key from the value of such an argument, in the place of one that
   * is there; false when the value is corrupt. With `isPast` it only looks.
   */
  restore(key: number, payload: number, how: {
    dueMs: number;
    isPast: boolean;
    idleSeconds: number;
    frequency: number;
  }): boolean {
    const result = this.#calls.restoreKey(
      this.#handle,
      key,
      payload,
      how.dueMs,
      how.idleSeconds,
      how.frequency,
      how.isPast ? 1 : 0,
    );
    return result !== LOAD_CORRUPT && checked(result) === 1;
  }

  /** DUMP: replies with a value as RESTORE reads it, or null. */
  replyDump(reply: Reply, key: number): void {
    const code = checked(this.#calls.dumpReply(this.#handle, key));
    if (code === MISSING) reply.null();
    if (code !== 1) return;
    const dump = new Dump(this.#engine);
    reply.pieces(dump.byteCount, () => dump.take());
    dump.free();
  }

  /** The same for the caller to take and to free; null when there is no key. */
  dump(key: number): Dump | null {
    const code = checked(this.#calls.dumpKey(this.#handle, key));
    return code === MISSING ? null : new Dump(this.#engine);
  }

  /** Whether a dump of the key would still be the same; null without a key. */
  isAsDumped(key: number, dump: Dump): boolean | null {
    const { byteCount, sumLow, sumHigh } = dump;
    const { isDumpOf } = this.#calls;
    const code = checked(
      isDumpOf(this.#handle, key, byteCount, sumLow, sumHigh),
    );
    return code === MISSING ? null : code === 1;
  }

  /** Empties it; returns how many keys there were. */
  flush(): number {
    return this.#calls.dbFlush(this.#handle) >>> 0;
  }

  /** Removes up to so many due keys; returns how many it removed. */
  expireDue(maxCount: number): number {
    return this.#calls.expireDue(this.#handle, maxCount);
  }

  /** Replies with a random key, or null. */
  randomKey(reply: Reply): void {
    if (!this.#calls.randomKey(this.#handle)) reply.null();
  }

  /**
   * Replies as SCAN does. `pattern` is an argument index or 0, `type` a type's
   * name or null.
   */
  scan(
    reply: Reply,
    cursor: number,
    count: number,
    pattern: number,
    type: string | null,
  ): void {
    const typeNumber = type === null
      ? -1
      : TYPE_NAMES.indexOf(type as TypeName);
    const mark = reply.mark();
    const next = this.#calls.scanKeys(
      this.#handle,
      cursor,
      count,
      pattern,
      type !== null && typeNumber < 0 ? 99 : typeNumber,
    ) >>> 0;
    const found = this.#calls.walkEmitted();
    const text = String(next);
    reply.insert(mark, `*2\r\n$${text.length}\r\n${text}\r\n*${found}\r\n`);
  }

  /** Replies with all keys that match argument `pattern`. */
  keys(reply: Reply, pattern: number): void {
    const mark = reply.mark();
    let count = 0;
    let index = 0;
    do {
      index = this.#calls.listKeys(this.#handle, index, pattern) >>> 0;
      count += this.#calls.walkEmitted();
    } while (index !== 0);
    reply.insert(mark, `*${count}\r\n`);
  }

  // Strings.

  /** Replies with a string or null; false when it was null. */
  get(reply: Reply, key: number): boolean {
    const found = this.#view(key);
    if (found) reply.view();
    else reply.null();
    return found;
  }

  /** Replies with a string; null also for what is none (MGET). */
  getOrNull(reply: Reply, key: number): void {
    if (this.#calls.getString(this.#handle, key) === 1) reply.view();
    else reply.null();
  }

  /** A copy of a string's bytes, null when missing. */
  read(key: number): Uint8Array<ArrayBuffer> | null {
    if (!this.#view(key)) return null;
    const address = this.#calls.viewPtr() >>> 0;
    return this.#engine.copy(address, this.#calls.viewBytes() >>> 0);
  }

  /**
   * A copy of a string's bytes for a command that is about to change it; null
   * when missing. Of a longer one only so many.
   */
  peek(key: number, byteCountMax: number): Uint8Array<ArrayBuffer> | null {
    const found = checked(this.#calls.peekString(this.#handle, key));
    if (found === MISSING) return null;
    const byteCount = Math.min(this.#calls.viewBytes() >>> 0, byteCountMax);
    return this.#engine.copy(this.#calls.viewPtr() >>> 0, byteCount);
  }

  /** Replies with the part between two offsets, both included. */
  getRange(reply: Reply, key: number, start: number, end: number): void {
    checked(this.#calls.getRange(this.#handle, key, start, end));
    reply.view();
  }

  length(key: number): number {
    return checked(this.#calls.stringLength(this.#handle, key));
  }

  /**
   * Stores a string; `dueMs` 0 means no due time. False when the condition in
   * `flags` was not met.
   */
  set(key: number, value: number, flags = 0, dueMs = 0): boolean {
    const { setString } = this.#calls;
    return checked(setString(this.#handle, key, value, flags, dueMs)) === 1;
  }

  /**
   * Stores pairs of arguments, from `first` on, as `set` stores one. False,
   * and nothing stored, when one of the keys does not meet the condition.
   */
  setPairs(first: number, count: number, flags = 0, dueMs = 0): boolean {
    const { setStrings } = this.#calls;
    return checked(setStrings(this.#handle, first, count, flags, dueMs)) === 1;
  }

  /** Whether a string equals an argument, or MISSING. */
  holdsValue(key: number, value: number): number {
    return checked(this.#calls.holdsValue(this.#handle, key, value));
  }

  /** Whether a string has the hash that an argument says, or MISSING. */
  holdsDigest(key: number, digest: number): number {
    return checked(this.#calls.holdsDigest(this.#handle, key, digest));
  }

  /** Replies with the hash of a string, or null. */
  valueDigest(reply: Reply, key: number): void {
    const found = checked(this.#calls.replyDigest(this.#handle, key));
    if (found === MISSING) reply.null();
  }

  /** Appends; returns the new length. */
  append(key: number, value: number): number {
    return checked(this.#calls.appendString(this.#handle, key, value));
  }

  /** Overwrites from an offset on; returns the new length. */
  setRange(key: number, offset: number, value: number): number {
    return checked(this.#calls.setRange(this.#handle, key, offset, value));
  }

  /** Adds 1 or -1 and replies with the result. */
  incrementOne(key: number, down: boolean): void {
    checked(this.#calls.incrementOne(this.#handle, key, down ? 1 : 0));
    this.#calls.replyIncremented();
  }

  /** Adds an argument, or subtracts it, and replies with the result. */
  incrementBy(key: number, delta: number, negate: boolean): void {
    const { incrementByArgument } = this.#calls;
    checked(incrementByArgument(this.#handle, key, delta, negate ? 1 : 0));
    this.#calls.replyIncremented();
  }

  /** Replies with the longest common subsequence of two strings. */
  commonText(first: number, second: number): void {
    checked(this.#calls.lcsText(this.#handle, first, second));
  }

  /** The length of the longest common subsequence of two strings. */
  commonLength(first: number, second: number): number {
    return checked(this.#calls.lcsLength(this.#handle, first, second));
  }

  /**
   * Replies with a list of the ranges that the longest common subsequence
   * consists of, those of at least `minBytes`; returns its length.
   */
  commonRanges(
    reply: Reply,
    first: number,
    second: number,
    minBytes: number,
    withLengths: boolean,
  ): number {
    const { lcsRanges } = this.#calls;
    const mark = reply.mark();
    const length = checked(
      lcsRanges(this.#handle, first, second, minBytes, withLengths ? 1 : 0),
    );
    reply.insert(mark, `*${this.#calls.lcsRangeCount()}\r\n`);
    return length;
  }

  /** Sets the engine's view to a string; false when missing. */
  #view(key: number): boolean {
    return checked(this.#calls.getString(this.#handle, key)) !== MISSING;
  }
}
