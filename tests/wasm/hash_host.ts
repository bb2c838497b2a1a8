/** The engine's hashes for tests: keys, fields and values are plain words. */
import { assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { MISSING } from "../../wasm/codes.ts";
import { loadModules } from "../support/wasm.ts";
import { type KeyspaceExports, KeyspaceHost } from "./keyspace_host.ts";

export interface HashExports extends KeyspaceExports {
  setHashLimits(entries: number, valueBytes: number): void;
  dbFollowedCount(db: number): number;
  statExpiredFields(): number;
  hashReplyField(db: number, key: number, field: number): number;
  hashLength(db: number, key: number): number;
  hashHas(db: number, key: number, field: number): number;
  hashValueLength(db: number, key: number, field: number): number;
  hashSetNew(db: number, key: number, field: number, value: number): number;
  hashSetDue(
    db: number,
    key: number,
    field: number,
    value: number,
    dueMs: number,
  ): number;
  hashSetPairs(
    db: number,
    key: number,
    first: number,
    count: number,
    dueMs: number,
  ): number;
  hashDelete(db: number, key: number, first: number, count: number): number;
  hashTake(db: number, key: number, field: number): number;
  hashIncrement(db: number, key: number, field: number, delta: number): number;
  hashReplyAll(db: number, key: number, what: number): number;
  hashReplyRandom(db: number, key: number): number;
  hashReplySample(
    db: number,
    key: number,
    count: number,
    withValues: number,
  ): number;
  hashScan(
    db: number,
    key: number,
    cursor: number,
    count: number,
    pattern: number,
    what: number,
  ): number;
  setFieldDue(
    db: number,
    key: number,
    field: number,
    dueMs: number,
    conditions: number,
  ): number;
  clearFieldDue(db: number, key: number, field: number): number;
  fieldDue(db: number, key: number, field: number): number;
  wasEmptied(): number;
}

const MODULES = [
  ...["allocator", "arguments", "access", "database", "hash", "journal"],
  ...["keys", "reply", "statistics", "string", "limits", "hashes"],
  ...["hash_many", "hash_walk", "hash_random", "hash_due", "random"],
  ...["graveyard", "key_scan", "lookup", "overdue"],
];

const NAMES = 1, VALUES = 2;

export class HashHost extends KeyspaceHost {
  declare readonly calls: HashExports;

  static async open(debug: boolean): Promise<HashHost> {
    const host = new HashHost(
      await loadModules<HashExports>(MODULES, { debug }),
    );
    host.calls.setHashSeed(1, 2, 3, 4);
    host.calls.setRandomSeed(1, 2);
    return host;
  }

  hset(db: number, key: string, field: string, value: string, due = 0): number {
    this.say(key, field, value);
    return this.calls.hashSetDue(db, 0, 1, 2, due);
  }

  hsetnx(db: number, key: string, field: string, value: string): number {
    this.say(key, field, value);
    return this.calls.hashSetNew(db, 0, 1, 2);
  }

  hsetMany(
    db: number,
    key: string,
    pairs: readonly (readonly [string, string])[],
    due = 0,
  ): number {
    this.say(key, ...pairs.flat());
    return this.calls.hashSetPairs(db, 0, 1, pairs.length, due);
  }

  hget(db: number, key: string, field: string): string | null {
    this.say(key, field);
    const found = this.calls.hashReplyField(db, 0, 1);
    const reply = this.takeText();
    if (found === 1) return reply.slice(reply.indexOf("\r\n") + 2, -2);
    assertEquals(reply, "$-1\r\n");
    return null;
  }

  hlen(db: number, key: string): number {
    this.say(key);
    return this.calls.hashLength(db, 0);
  }

  hdel(db: number, key: string, ...fields: string[]): number {
    this.say(key, ...fields);
    return this.calls.hashDelete(db, 0, 1, fields.length);
  }

  hincrby(db: number, key: string, field: string, delta: number): number {
    this.say(key, field, String(delta));
    const code = this.calls.hashIncrement(db, 0, 1, 2);
    this.takeText();
    return code;
  }

  hexpire(
    db: number,
    key: string,
    field: string,
    due: number,
    conditions = 0,
  ): number {
    this.say(key, field);
    return this.calls.setFieldDue(db, 0, 1, due, conditions);
  }

  hpersist(db: number, key: string, field: string): number {
    this.say(key, field);
    return this.calls.clearFieldDue(db, 0, 1);
  }

  hdue(db: number, key: string, field: string): number {
    this.say(key, field);
    return this.calls.fieldDue(db, 0, 1);
  }

  hgetall(db: number, key: string): Map<string, string> {
    this.say(key);
    assertEquals(this.calls.hashReplyAll(db, 0, NAMES | VALUES), 1);
    const words = bulks(this.takeText());
    return mapOf(words);
  }

  /** All fields as a walk of HSCAN finds them. */
  hwalk(db: number, key: string, count: number): string[] {
    const found: string[] = [];
    let cursor = 0;
    do {
      this.say(key);
      cursor = this.calls.hashScan(db, 0, cursor, count, 0, NAMES);
      if (cursor === MISSING) return found;
      found.push(...this.takeKeys());
    } while (cursor !== 0);
    return found;
  }

  sample(db: number, key: string, count: number): string[] {
    this.say(key);
    assertEquals(this.calls.hashReplySample(db, 0, count, 0), 1);
    return bulks(this.takeText());
  }

  encodingOf(db: number, key: string): number {
    this.say(key);
    return this.calls.kindOf(db, 0) & 15;
  }

  /** Notes of due keys and fields, as the journal has them. */
  takeNotes(): string[] {
    const { calls } = this;
    const notes: string[] = [];
    const end = calls.journalBase() + calls.journalLength();
    for (let at = calls.journalBase(); at < end;) {
      const keyBytes = this.word(at + 4);
      const what = this.word(at + 8);
      const key = this.#latin1(at + 12, keyBytes);
      at += 12 + keyBytes;
      if (what >= 0xfffffffd) {
        notes.push(`${key}!${0xffffffff - what}`);
        continue;
      }
      notes.push(`${key}.${this.#latin1(at, what)}`);
      at += what;
    }
    calls.journalReset();
    return notes;
  }

  #latin1(at: number, byteCount: number): string {
    return Buffer.from(this.bytes(at, byteCount)).toString("latin1");
  }
}

/** The bulk strings behind a reply's header. */
function bulks(reply: string): string[] {
  const found: string[] = [];
  let at = reply.indexOf("\r\n") + 2;
  while (at < reply.length) {
    const lineEnd = reply.indexOf("\r\n", at);
    const length = Number(reply.slice(at + 1, lineEnd));
    found.push(reply.slice(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 4 + length;
  }
  const [, header] = /^[*%~](\d+)/.exec(reply)!;
  assertEquals(found.length, Number(header), reply);
  return found;
}

function mapOf(words: readonly string[]): Map<string, string> {
  const map = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) map.set(words[i], words[i + 1]);
  assertEquals(map.size, words.length / 2, "a field comes once");
  return map;
}
