/**
 * The engine's sets for tests: one database in an instance of its own, with
 * operations on words, one character for each byte.
 */
import { assert, assertEquals } from "@std/assert";
import { type Plain, plain, ReplyReader } from "../support/reply.ts";
import { type Build, loadModules } from "../support/wasm.ts";
import { type DatabaseExports, DatabaseHost } from "./word_host.ts";

export interface SetExports extends DatabaseExports {
  setHashSeed(a: number, b: number, c: number, d: number): void;
  setRandomSeed(high: number, low: number): void;
  setSetLimits(intset: number, entries: number, value: number): void;
  dbSize(db: number): number;
  reclaim(maxCount: number): number;
  deleteKey(db: number, key: number): number;
  copyKey(
    db: number,
    key: number,
    toDb: number,
    to: number,
    replace: number,
  ): number;
  footprintOf(db: number, key: number): number;
  wasEmptied(): number;
  entryEncoding(entry: number): number;
  entryValue(entry: number): number;
  verifyValue(entry: number): number;
  setFlags(entry: number, flags: number): void;
  takeChanges(): number;
  addOne(db: number, key: number, member: number): number;
  addMembers(db: number, key: number, first: number, count: number): number;
  removeMembers(db: number, key: number, first: number, count: number): number;
  isMember(db: number, key: number, member: number): number;
  countMembers(db: number, key: number): number;
  replyMembers(db: number, key: number): number;
  moveMember(db: number, from: number, to: number, member: number): number;
  popOne(db: number, key: number): number;
  popMembers(db: number, key: number, count: number, bare: number): number;
  poppedCount(): number;
  poppedPtr(index: number): number;
  poppedBytes(index: number): number;
  releasePopped(): void;
  replyRandomMember(db: number, key: number): number;
  replyRandomMembers(
    db: number,
    key: number,
    count: number,
    repeats: number,
  ): number;
  replyCombined(
    db: number,
    operation: number,
    first: number,
    count: number,
  ): number;
  countCombined(
    db: number,
    operation: number,
    first: number,
    count: number,
    limit: number,
  ): number;
  storeCombined(
    db: number,
    operation: number,
    target: number,
    first: number,
    count: number,
  ): number;
  estimateUnion(db: number, first: number, count: number): number;
  openScan(db: number, key: number): number;
  scanMembers(cursor: number, count: number, pattern: number): number;
}

const MODULES = [
  ...["allocator", "arguments", "access", "database", "entry", "hash", "keys"],
  ...["limits", "reply", "set", "set_algebra", "set_estimate", "set_pop"],
  ...["random", "set_random", "set_scan", "statistics", "value"],
  ...["graveyard", "lookup"],
];

const ENCODINGS = new Map([[3, "listpack"], [5, "intset"], [6, "hashtable"]]);

export type Form = "listpack" | "intset" | "hashtable" | "none";

/** Methods make their words arguments 0, 1, ... of a call. */
export class SetHost extends DatabaseHost<SetExports> {
  private constructor(calls: SetExports, seed: number) {
    super(calls);
    calls.setHashSeed(1, 2, 3, seed);
    calls.setRandomSeed(seed, 77);
  }

  static async load({ debug }: Build, seed = 4): Promise<SetHost> {
    return new SetHost(await loadModules<SetExports>(MODULES, { debug }), seed);
  }

  add(key: string, ...members: string[]): number {
    this.say(key, ...members);
    return members.length === 1
      ? this.calls.addOne(this.db, 0, 1)
      : this.calls.addMembers(this.db, 0, 1, members.length);
  }

  remove(key: string, ...members: string[]): number {
    this.say(key, ...members);
    return this.calls.removeMembers(this.db, 0, 1, members.length);
  }

  has(key: string, member: string): boolean {
    this.say(key, member);
    return this.calls.isMember(this.db, 0, 1) === 1;
  }

  count(key: string): number {
    this.say(key);
    return this.calls.countMembers(this.db, 0);
  }

  members(key: string): string[] {
    this.say(key);
    assertEquals(this.calls.replyMembers(this.db, 0), 0);
    return this.list();
  }

  move(from: string, to: string, member: string): number {
    this.say(from, to, member);
    return this.calls.moveMember(this.db, 0, 1, 2);
  }

  pop(key: string): string | null {
    this.say(key);
    this.calls.popOne(this.db, 0);
    return this.reply() as string | null;
  }

  /** What is popped, as the reply says; the list must name the same. */
  popMany(key: string, count: number): string[] {
    this.say(key);
    const { calls } = this;
    const popped = calls.popMembers(this.db, 0, count, 0);
    assert(popped >= 0, `code ${popped}`);
    const members = this.list();
    assertEquals(members.length, popped);
    if (calls.poppedCount() > 0) {
      const listed = Array.from(
        { length: calls.poppedCount() },
        (_, i) => this.text(calls.poppedPtr(i), calls.poppedBytes(i)),
      );
      assertEquals(listed, members);
    }
    calls.releasePopped();
    return members;
  }

  random(key: string): string | null {
    this.say(key);
    assertEquals(this.calls.replyRandomMember(this.db, 0), 0);
    return this.reply() as string | null;
  }

  randoms(key: string, count: number, repeats = false): string[] {
    this.say(key);
    const { calls } = this;
    const code = calls.replyRandomMembers(this.db, 0, count, repeats ? 1 : 0);
    assertEquals(code, 0);
    return this.list();
  }

  combine(operation: number, ...keys: string[]): string[] {
    this.say(...keys);
    const { calls } = this;
    assertEquals(calls.replyCombined(this.db, operation, 0, keys.length), 0);
    return this.list();
  }

  combinedCount(operation: number, limit: number, ...keys: string[]): number {
    this.say(...keys);
    const { calls } = this;
    return calls.countCombined(this.db, operation, 0, keys.length, limit);
  }

  /** As the command does, it deletes the target of an empty result. */
  store(operation: number, target: string, ...keys: string[]): number {
    this.say(target, ...keys);
    const { calls } = this;
    const count = calls.storeCombined(this.db, operation, 0, 1, keys.length);
    if (count === 0) calls.deleteKey(this.db, 0);
    return count;
  }

  estimate(...keys: string[]): number {
    this.say(...keys);
    return this.calls.estimateUnion(this.db, 0, keys.length);
  }

  /** One step of SSCAN. */
  scan(key: string, cursor: number, count: number, pattern = "") {
    this.say(key, pattern);
    if (!this.calls.openScan(this.db, 0)) return { next: 0, members: [] };
    const next = this.calls.scanMembers(cursor, count, pattern ? 1 : 0) >>> 0;
    return { next, members: this.replies() as string[] };
  }

  encoding(key: string): Form {
    const entry = this.entry(key);
    if (!entry) return "none";
    return ENCODINGS.get(this.calls.entryEncoding(entry)) as Form;
  }

  /** 0, or what is broken in the set of a key. */
  broken(key: string): number {
    const entry = this.entry(key);
    return entry ? this.calls.verifyValue(entry) : 0;
  }

  copy(from: string, to: string): number {
    this.say(from, to);
    return this.calls.copyKey(this.db, 0, this.db, 1, 1);
  }

  delete(key: string): number {
    this.say(key);
    return this.calls.deleteKey(this.db, 0);
  }

  /** Frees what waits to be freed, in slices. */
  reclaim(): void {
    while (this.calls.reclaim(100) > 0);
  }

  /** Bytes in use beside the reply's buffer, which grows with the replies. */
  dataBytes(): number {
    return this.calls.usedBytes() - this.usable(this.calls.outBase());
  }

  reply(): Plain {
    const replies = this.replies();
    assertEquals(replies.length, 1);
    return replies[0];
  }

  list(): string[] {
    return this.reply() as string[];
  }

  replies(): Plain[] {
    const { calls } = this;
    const reader = new ReplyReader();
    reader.push(this.bytes(calls.outBase() >>> 0, calls.outLength()).slice());
    assertEquals(calls.outReset(), 0);
    const replies: Plain[] = [];
    for (let next = reader.next(); next; next = reader.next()) {
      replies.push(plain(next));
    }
    return replies;
  }
}
