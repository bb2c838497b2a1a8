/**
 * Strings of one database of the engine, in which keys and values are plain
 * words, and bit models that go one bit after the other.
 */
import { assert, assertEquals } from "@std/assert";
import { MISSING } from "../../wasm/codes.ts";
import type { Random } from "../support/random.ts";
import { loadModules } from "../support/wasm.ts";
import { type DatabaseExports, DatabaseHost, type Word } from "./word_host.ts";

export interface Exports extends DatabaseExports {
  setClock(ms: number): void;
  dueOf(db: number, key: number): number;
  takeChanges(): number;
  entryKind(entry: number): number;
  setEntryKind(entry: number, type: number, encoding: number): void;
  setMaxStringBytes(byteCount: number): void;
  setString(
    db: number,
    key: number,
    value: number,
    flags: number,
    dueMs: number,
  ): number;
  getString(db: number, key: number): number;
  viewPtr(): number;
  viewBytes(): number;
  getBit(db: number, key: number, offset: number): number;
  setBit(db: number, key: number, offset: number, value: number): number;
  countBits(first: number, last: number): number;
  findBit(bit: number, first: number, last: number): number;
  bitOperation(
    db: number,
    operation: number,
    to: number,
    first: number,
    count: number,
  ): number;
  checkField(type: number, offset: number): number;
  openFields(db: number, key: number, endBit: number): number;
  replyField(type: number, offset: number): void;
  setField(type: number, offset: number, value: number, mode: number): number;
  addToField(
    type: number,
    offset: number,
    delta: number,
    mode: number,
  ): number;
}

const MODULES = [
  ...["allocator", "arguments", "access", "entry", "database", "statistics"],
  ...["reply", "string", "bits", "bitop", "bitfield"],
  ...["limits", "string_edit"],
  ...["keys", "lookup"],
];

const LIST = 1;

/** An engine with one database, in which keys and values are plain words. */
export class Strings extends DatabaseHost<Exports> {
  constructor(calls: Exports) {
    super(calls);
    calls.setClock(1_000_000);
  }

  static async load(debug: boolean): Promise<Strings> {
    return new Strings(await loadModules<Exports>(MODULES, { debug }));
  }

  set(key: Word, value: Word, dueMs = 0): void {
    this.say(key, value);
    assertEquals(this.calls.setString(this.db, 0, 1, 0, dueMs), 1);
  }

  get(key: Word): Uint8Array | null {
    this.say(key);
    if (!this.open(key)) return null;
    const { calls } = this;
    return this.bytes(calls.viewPtr() >>> 0, calls.viewBytes() >>> 0).slice();
  }

  /** Sets the view; false when the key is missing. */
  open(key: Word): boolean {
    this.say(key);
    return this.calls.getString(this.db, 0) !== MISSING;
  }

  encoding(key: Word): number {
    return this.calls.entryKind(this.entry(key)) & 15;
  }

  makeList(key: Word): void {
    this.set(key, "no string any more");
    this.calls.setEntryKind(this.entry(key), LIST, 1);
  }

  setBit(key: Word, offset: Word, value: Word): number {
    this.say(key, offset, value);
    return this.calls.setBit(this.db, 0, 1, 2);
  }

  getBit(key: Word, offset: Word): number {
    this.say(key, offset);
    return this.calls.getBit(this.db, 0, 1);
  }

  combine(operation: number, to: Word, ...sources: Word[]): number {
    this.say(to, ...sources);
    const { db } = this;
    return this.calls.bitOperation(db, operation, 0, 1, sources.length);
  }

  /** One operation on a field: what it replied, and whether it changed all. */
  field(key: Word, step: Step): { reply: string; changed: boolean } {
    const { calls } = this;
    this.say(key, step.type, step.offset, step.amount);
    const end = calls.checkField(1, 2);
    const opened = calls.openFields(this.db, 0, step.kind === "get" ? 0 : end);
    assert(opened >= 0, `openFields: ${opened}`);
    let changed = 0;
    if (step.kind === "get") calls.replyField(1, 2);
    else if (step.kind === "set") changed = calls.setField(1, 2, 3, step.mode);
    else changed = calls.addToField(1, 2, 3, step.mode);
    return { reply: this.takeText(), changed: changed === 1 };
  }
}

export interface Step {
  kind: "get" | "set" | "add";
  type: string;
  offset: Word;
  amount: bigint;
  mode: number;
}

// The models: one bit after the other.

export function bitAt(bytes: Uint8Array, bit: number): number {
  return (bytes[bit >> 3] ?? 0) >> (7 - (bit & 7)) & 1;
}

export function withBit(
  bytes: Uint8Array,
  bit: number,
  value: number,
): Uint8Array {
  const grown = new Uint8Array(Math.max(bytes.length, (bit >> 3) + 1));
  grown.set(bytes);
  const mask = 0x80 >> (bit & 7);
  if (value) grown[bit >> 3] |= mask;
  else grown[bit >> 3] &= ~mask;
  return grown;
}

/** Bytes as bitmaps have them: mostly long runs of one kind. */
export function someBytes(random: Random, byteCount: number): Uint8Array {
  const bytes = random.bytes(byteCount);
  const kind = random.int(4);
  if (kind > 1) bytes.fill(kind === 2 ? 0 : 0xff);
  if (kind > 1 && byteCount && random.chance(0.7)) {
    bytes[random.int(byteCount)] = random.int(256);
  }
  return bytes;
}
