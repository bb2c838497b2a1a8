/**
 * The engine's strings for tests: a database in an instance of its own, with
 * operations that take their arguments as text, one character for one byte.
 */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { type Reply, ReplyReader } from "../support/reply.ts";
import {
  type AllocatorExports,
  Instance,
  loadModules,
} from "../support/wasm.ts";

export interface StringExports extends AllocatorExports {
  clearArguments(): void;
  addArgument(ptr: number, byteCount: number): number;
  addOwnedArgument(block: number): number;
  argPtr(index: number): number;
  argLen(index: number): number;
  verifyArguments(): number;
  replyInit(): number;
  outBase(): number;
  outLength(): number;
  outReset(): number;
  setClock(ms: number): void;
  setLfu(on: number, logFactor: number, decayMinutes: number): void;
  entryAccess(entry: number): number;
  statHits(): number;
  statMisses(): number;
  takeChanges(): number;
  dbNew(): number;
  dbSize(db: number): number;
  dbDueCount(db: number): number;
  deleteKey(db: number, key: number): number;
  setDue(db: number, key: number, dueMs: number): number;
  clearDue(db: number, key: number): number;
  entryKind(entry: number): number;
  hasDue(entry: number): number;
  entryDue(entry: number): number;
  setEntryKind(entry: number, type: number, encoding: number): void;
  lookupKey(db: number, key: number): number;
  verifyDatabase(db: number): number;
  setMaxStringBytes(byteCount: number): void;
  getString(db: number, key: number): number;
  peekString(db: number, key: number): number;
  getRange(db: number, key: number, start: number, end: number): number;
  stringLength(db: number, key: number): number;
  setString(
    db: number,
    key: number,
    value: number,
    flags: number,
    dueMs: number,
  ): number;
  incrementByArgument(
    db: number,
    key: number,
    delta: number,
    negate: number,
  ): number;
  incrementOne(db: number, key: number, down: number): number;
  replyIncremented(): void;
  appendString(db: number, key: number, value: number): number;
  setRange(db: number, key: number, offset: number, value: number): number;
  setStrings(
    db: number,
    first: number,
    count: number,
    flags: number,
    dueMs: number,
  ): number;
  lcsLength(db: number, first: number, second: number): number;
  lcsText(db: number, first: number, second: number): number;
  lcsRanges(
    db: number,
    first: number,
    second: number,
    minBytes: number,
    withLength: number,
  ): number;
  lcsRangeCount(): number;
  viewPtr(): number;
  viewBytes(): number;
}

const MODULES = [
  "access",
  "allocator",
  "arguments",
  "database",
  "limits",
  "lookup",
  "entry",
  "increment",
  "keys",
  "lcs",
  "reply",
  "statistics",
  "string",
  "string_edit",
  "strings",
];

/** Room for the arguments of one command. */
const SCRATCH_BYTES = 1 << 20;
/** Arguments from this length on lie in blocks of their own, as parsed ones. */
const OWNED_BYTES = 32768;

export async function loadStrings(build: { debug: boolean }): Promise<Host> {
  return new Host(await loadModules<StringExports>(MODULES, build));
}

export class Host {
  readonly calls: StringExports;
  readonly db: number;
  readonly instance: Instance<StringExports>;
  readonly #scratch: number;

  constructor(calls: StringExports) {
    this.calls = calls;
    this.instance = new Instance(calls);
    assertEquals(calls.replyInit(), 1);
    this.db = calls.dbNew() >>> 0;
    this.#scratch = this.instance.alloc(SCRATCH_BYTES);
    calls.setClock(1000);
  }

  /** Makes these words the arguments of a command, from 1 on. */
  command(...words: string[]): void {
    this.calls.clearArguments();
    this.#add("x", 0);
    let at = 1;
    for (const word of words) at += this.#add(word, at);
  }

  /** Returns how many bytes of the scratch block it took. */
  #add(word: string, at: number): number {
    const bytes = Buffer.from(word, "latin1");
    if (bytes.length < OWNED_BYTES) {
      const ptr = this.#scratch + at;
      this.instance.bytes(ptr, bytes.length).set(bytes);
      this.calls.addArgument(ptr, bytes.length);
      return bytes.length;
    }
    const block = this.instance.alloc(bytes.length + 4);
    this.instance.setWord(block, bytes.length);
    this.instance.bytes(block + 4, bytes.length).set(bytes);
    this.calls.addOwnedArgument(block);
    return 0;
  }

  argument(index: number): string {
    const address = this.calls.argPtr(index) >>> 0;
    return this.#text(address, this.calls.argLen(index));
  }

  /** The value, null when missing; counts neither hit nor miss. */
  value(key: string): string | null {
    this.command(key);
    const found = this.calls.peekString(this.db, 1);
    return found === 1 ? this.view() : null;
  }

  view(): string {
    const { calls } = this;
    return this.#text(calls.viewPtr() >>> 0, calls.viewBytes() >>> 0);
  }

  set(key: string, value: string, flags = 0, dueMs = 0): number {
    this.command(key, value);
    return this.calls.setString(this.db, 1, 2, flags, dueMs);
  }

  setMany(pairs: readonly (readonly [string, string])[]): number {
    this.command(...pairs.flat());
    return this.calls.setStrings(this.db, 1, pairs.length, 0, 0);
  }

  append(key: string, value: string): number {
    this.command(key, value);
    return this.calls.appendString(this.db, 1, 2);
  }

  setRange(key: string, offset: number, value: string): number {
    this.command(key, value);
    return this.calls.setRange(this.db, 1, offset, 2);
  }

  increment(key: string, by: string, negate = 0): number {
    this.command(key, by);
    return this.calls.incrementByArgument(this.db, 1, 2, negate);
  }

  delete(key: string): number {
    this.command(key);
    return this.calls.deleteKey(this.db, 1);
  }

  /** "int", "embstr" or "raw" of a key that is there. */
  encoding(key: string): string {
    const kind = this.calls.entryKind(this.#entry(key));
    return ["int", "embstr", "raw"][kind & 15];
  }

  /** The due time of a key that is there, -1 without one. */
  due(key: string): number {
    const entry = this.#entry(key);
    return this.calls.hasDue(entry) ? this.calls.entryDue(entry) : -1;
  }

  /** The access field of a key that is there. */
  access(key: string): number {
    return this.calls.entryAccess(this.#entry(key));
  }

  /** Makes a string pass for a list. */
  disguise(key: string): void {
    this.set(key, "not really a list");
    this.calls.setEntryKind(this.#entry(key), 1, 0);
  }

  /** The replies since the last call; some may wait for a header in front. */
  replies(header = ""): Reply[] {
    const reader = new ReplyReader();
    reader.push(Buffer.from(header));
    const { calls } = this;
    reader.push(
      this.instance.bytes(calls.outBase() >>> 0, calls.outLength()).slice(),
    );
    assertEquals(calls.outReset(), 0);
    const replies: Reply[] = [];
    for (let next = reader.next(); next; next = reader.next()) {
      replies.push(next);
    }
    return replies;
  }

  /** Bytes in use, without what the current arguments hold. */
  used(): number {
    this.calls.clearArguments();
    return this.calls.usedBytes();
  }

  verify(): void {
    assertEquals(this.calls.verifyAllocator(), 0, "allocator");
    assertEquals(this.calls.verifyDatabase(this.db), 0, "database");
    assertEquals(this.calls.verifyArguments(), 0, "arguments");
  }

  #entry(key: string): number {
    this.command(key);
    const entry = this.calls.lookupKey(this.db, 1) >>> 0;
    assert(entry !== 0, `the key ${key.slice(0, 20)} is missing`);
    return entry;
  }

  #text(address: number, byteCount: number): string {
    const bytes = this.instance.bytes(address, byteCount);
    return Buffer.from(bytes).toString("latin1");
  }
}
