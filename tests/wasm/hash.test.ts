/**
 * Hashes against a plain model: fields, values and due times in both encodings,
 * while thresholds are crossed, keys are moved and time goes by.
 */
import { assert, assertEquals } from "@std/assert";
import { MISSING, OUT_OF_MEMORY, WRONG_TYPE } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { HashHost } from "./hash_host.ts";
import { NEVER } from "./keyspace_host.ts";

const SEED = 20_261_121;
const STEPS = 3_000;
const START_MS = 1_000_000;
const LISTPACK = 3, HASHTABLE = 6;
const ENTRIES_MAX = 8, VALUE_BYTES_MAX = 20;

interface Field {
  value: string;
  due: number | null;
}

type Hash = Map<string, Field>;

/** Does by plain means what the engine promises. */
class Model {
  now = START_MS;
  readonly databases = [new Map<string, Hash>(), new Map<string, Hash>()];

  /** The live fields; a hash without any is no key. */
  find(db: number, key: string): Hash | undefined {
    const hash = this.databases[db].get(key);
    if (!hash) return;
    for (const [name, { due }] of hash) {
      if (due !== null && due < this.now) hash.delete(name);
    }
    if (hash.size > 0) return hash;
    this.databases[db].delete(key);
  }

  bury(): void {
    for (const [db, keys] of this.databases.entries()) {
      for (const key of [...keys.keys()]) this.find(db, key);
    }
  }

  make(db: number, key: string): Hash {
    const found = this.find(db, key);
    if (found) return found;
    const hash: Hash = new Map();
    this.databases[db].set(key, hash);
    return hash;
  }

  dropEmpty(db: number, key: string): void {
    if (this.databases[db].get(key)?.size === 0) this.databases[db].delete(key);
  }
}

class Pair {
  readonly model = new Model();
  readonly dbs: number[];

  constructor(readonly host: HashHost) {
    this.dbs = [host.newDatabase(), host.newDatabase()];
    host.calls.setClock(START_MS);
    host.calls.setHashLimits(ENTRIES_MAX, VALUE_BYTES_MAX);
  }

  passTime(ms: number): void {
    this.model.now += ms;
    this.host.calls.setClock(this.model.now);
  }

  /** Does one thing to both; returns what the engine said and should say. */
  step(random: Random): [name: string, ours: unknown, expected: unknown] {
    const { host, model } = this;
    const at = random.int(2);
    const db = this.dbs[at];
    const key = `key${random.int(4)}`;
    const field = fieldName(random);
    const value = fieldValue(random);
    const found = model.find(at, key);
    const old = found?.get(field);
    const due = model.now + random.int(400) - 100;
    switch (random.int(20)) {
      case 0:
      case 1:
      case 2:
        model.make(at, key).set(field, { value, due: null });
        return ["hset", host.hset(db, key, field, value), old ? 0 : 1];
      case 3: {
        const pairs = Array.from(
          { length: 1 + random.int(6) },
          () => [fieldName(random), fieldValue(random)] as const,
        );
        const hash = model.make(at, key);
        let newCount = 0;
        for (const [name, value] of pairs) {
          if (!hash.has(name)) newCount++;
          hash.set(name, { value, due: null });
        }
        return ["hset many", host.hsetMany(db, key, pairs), newCount];
      }
      case 4:
        if (!old) model.make(at, key).set(field, { value, due: null });
        return ["hsetnx", host.hsetnx(db, key, field, value), old ? 0 : 1];
      case 5:
      case 6: {
        const fields = [field, fieldName(random), fieldName(random)];
        let count = 0;
        for (const name of fields) if (found?.delete(name)) count++;
        model.dropEmpty(at, key);
        const ours = host.hdel(db, key, ...fields);
        const isEmptied = count > 0 && !model.find(at, key);
        assertEquals(host.calls.wasEmptied() === 1, isEmptied);
        return ["hdel", ours, count];
      }
      case 7:
        return ["hget", host.hget(db, key, field), old?.value ?? null];
      case 8: {
        const isInteger = !old || /^-?\d+$/.test(old.value);
        const ours = host.hincrby(db, key, field, 7);
        if (!isInteger) return ["hincrby", ours < 0, true];
        const sum = String(Number(old?.value ?? 0) + 7);
        const due = old?.due ?? null;
        model.make(at, key).set(field, { value: sum, due });
        return ["hincrby", ours, 1];
      }
      case 9:
      case 10:
      case 11: {
        const ours = host.hexpire(db, key, field, due);
        if (!old) return ["hexpire", ours, MISSING];
        if (due > model.now) old.due = due;
        else found!.delete(field);
        model.dropEmpty(at, key);
        return ["hexpire", ours, due > model.now ? 1 : 2];
      }
      case 12: {
        const ours = host.hpersist(db, key, field);
        const expected = !old ? MISSING : old.due === null ? 0 : 1;
        if (old) old.due = null;
        return ["hpersist", ours, expected];
      }
      case 13: {
        const later = model.now + 50 + random.int(100);
        model.make(at, key).set(field, { value, due: later });
        return ["hsetex", host.hset(db, key, field, value, later), old ? 0 : 1];
      }
      case 14: {
        this.passTime(random.int(60));
        const ours = host.calls.expireDue(db, 1 + random.int(20));
        return ["time", ours >= 0, true];
      }
      case 15: {
        const to = `key${random.int(4)}`;
        const isSelf = key === to;
        const ours = host.move(db, key, this.dbs[1 - at], to, false);
        if (!found) return ["move", ours, MISSING];
        model.databases[at].delete(key);
        model.databases[1 - at].set(to, found);
        return [`move ${isSelf}`, ours, 1];
      }
      case 16: {
        const to = `key${random.int(4)}`;
        if (to === key) return ["copy", 0, 0];
        const ours = host.copy(db, key, db, to, true);
        if (!found) return ["copy", ours, MISSING];
        const copy = new Map([...found].map(([name, it]) => [name, { ...it }]));
        model.databases[at].set(to, copy);
        return ["copy", ours, 1];
      }
      case 17:
        if (random.chance(0.7)) return ["none", 0, 0];
        model.databases[at].delete(key);
        if (random.chance(0.5)) {
          return ["del", host.delete(db, key), found ? 1 : 0];
        }
        host.set(db, key, random.chance(0.5) ? "" : "a string");
        return ["overwrite", host.delete(db, key), 1];
      case 18: {
        // A due time of the key itself, which takes another entry each time.
        const ours = host.expire(db, key, model.now + 1_000_000);
        return ["expire", ours, found ? 1 : MISSING];
      }
      default: {
        const dueMs = old?.due ?? -1;
        return ["hdue", host.hdue(db, key, field), old ? dueMs : MISSING];
      }
    }
  }

  /** Whether both hold the same. */
  compare(hint: string): void {
    const { host, model } = this;
    for (const [at, keys] of model.databases.entries()) {
      for (const key of ["key0", "key1", "key2", "key3"]) {
        const hash = model.find(at, key);
        const fields = new Map(
          [...hash ?? []].map(([name, { value }]) => [name, value]),
        );
        const db = this.dbs[at];
        assertEquals(host.hlen(db, key), fields.size, `${hint} ${key}`);
        const ours = host.hgetall(db, key);
        assertEquals(ours, fields, `${hint} ${key}`);
        assertEquals(new Set(host.hwalk(db, key, 5)), new Set(fields.keys()));
      }
      assertEquals(host.calls.dbSize(this.dbs[at]), keys.size, hint);
      host.verifyDatabase(this.dbs[at], hint);
    }
  }
}

function fieldName(random: Random): string {
  if (random.chance(0.1)) return String(random.int(20));
  return random.chance(0.01) ? "long".repeat(20_000) : `f${random.int(14)}`;
}

function fieldValue(random: Random): string {
  if (random.chance(0.4)) return String(random.int(100_000) - 50_000);
  const length = random.chance(0.05) ? random.int(400) : random.int(16);
  return "v".repeat(length);
}

for (const { name, debug } of BUILDS) {
  Deno.test(`hashes do what a plain model does (${name}, seed ${SEED})`, async () => {
    const host = await HashHost.open(debug);
    const pair = new Pair(host);
    const random = new Random(SEED);
    const empty = host.calls.usedBytes();
    for (let i = 0; i < STEPS; i++) {
      const [what, ours, expected] = pair.step(random);
      const hint = `seed ${SEED} step ${i} ${what}`;
      assertEquals(ours, expected, hint);
      if (i % 16 === 0) pair.compare(hint);
    }
    pair.compare("the end");
    host.forget();
    for (const db of pair.dbs) host.calls.dbFlush(db);
    while (host.calls.reclaim(1000) > 0);
    host.verify();
    // Tables of keys have been made anew; nothing else is left.
    assert(host.calls.usedBytes() <= empty + 256, "all memory comes back");
  });
}

Deno.test("without memory a hash stays as it was", async () => {
  const host = await HashHost.open(true);
  const pair = new Pair(host);
  const random = new Random(SEED + 1);
  let refused = 0;
  for (let i = 0; i < 400; i++) {
    const at = random.int(2);
    const db = pair.dbs[at];
    const key = `key${random.int(3)}`;
    const field = fieldName(random);
    const value = fieldValue(random);
    const due = pair.model.now + 1 + random.int(1000);
    const before = [0, 1, 2].map((n) => host.hgetall(db, `key${n}`));
    const dueBefore = host.hdue(db, key, field);
    const kind = random.int(4);
    const run = [
      () => host.calls.hashSetDue(db, 0, 1, 2, 0),
      () => host.calls.hashSetDue(db, 0, 1, 2, due),
      () => host.calls.setFieldDue(db, 0, 1, due, 0),
      () => host.calls.clearFieldDue(db, 0, 1),
    ][kind];
    for (let allowed = 0;; allowed++) {
      host.say(key, field, value);
      host.failAfter(allowed);
      const code = run();
      host.failAfter(NEVER);
      if (code !== OUT_OF_MEMORY) break;
      refused++;
      const hint = `seed ${SEED + 1} step ${i} after ${allowed}`;
      for (const n of [0, 1, 2]) {
        assertEquals(host.hgetall(db, `key${n}`), before[n], hint);
      }
      assertEquals(host.hdue(db, key, field), dueBefore, hint);
      host.verifyDatabase(db, hint);
    }
    if (i % 8 === 0) host.delete(db, key);
  }
  assert(refused > 400, `${refused} refusals`);
});

Deno.test("without memory many fields make no hash, and change none", async () => {
  const host = await HashHost.open(true);
  const pair = new Pair(host);
  const [db] = pair.dbs;
  const pairs = Array.from({ length: 30 }, (_, n) => [`f${n}`, "v".repeat(n)]);
  for (const due of [0, START_MS + 100]) {
    let refused = 0;
    for (let allowed = 0;; allowed++, refused++) {
      host.say("k", ...pairs.flat());
      const used = host.calls.usedBytes();
      host.failAfter(allowed);
      const code = host.calls.hashSetPairs(db, 0, 1, pairs.length, due);
      host.failAfter(NEVER);
      host.verifyDatabase(db, `after ${allowed}`);
      if (code === pairs.length) break;
      assertEquals(code, OUT_OF_MEMORY);
      assertEquals(host.calls.dbSize(db), 0);
      // The tables of keys and due times may have got their first block.
      assert(host.calls.usedBytes() <= used + 256);
    }
    assert(refused > 20, `${refused} refusals`);
    const before = host.hgetall(db, "k");
    host.say("k", "f0", "other", "new", "v");
    host.failAfter(0);
    assertEquals(host.calls.hashSetPairs(db, 0, 1, 2, due), OUT_OF_MEMORY);
    host.failAfter(NEVER);
    assertEquals(host.hgetall(db, "k"), before);
    host.delete(db, "k");
  }
});

Deno.test("without memory a move, a copy and a due time leave a hash with due fields", async () => {
  const host = await HashHost.open(true);
  const pair = new Pair(host);
  const [db, other] = pair.dbs;
  for (let i = 0; i < 30; i++) host.hset(db, "a", `f${i}`, "v", START_MS + 9);
  host.hset(other, "b", "x", "y", START_MS + 5);
  const all = host.hgetall(db, "a");
  for (
    const run of [
      () => host.calls.moveKey(db, 0, other, 1, 0),
      () => host.calls.copyKey(other, 1, db, 0, 1),
      () => host.calls.setDue(other, 1, START_MS + 100, 0),
    ]
  ) {
    let refused = 0;
    for (let allowed = 0;; allowed++, refused++) {
      host.say("a", "b");
      host.failAfter(allowed);
      const code = run();
      host.failAfter(NEVER);
      host.verifyDatabase(db, `after ${allowed}`);
      host.verifyDatabase(other, `after ${allowed}`);
      if (code !== OUT_OF_MEMORY) {
        assertEquals(code, 1);
        break;
      }
    }
    assert(refused > 0);
    assertEquals(host.hgetall(other, "b"), all);
  }
});

Deno.test("a listpack becomes a table at its limits and stays one", async () => {
  const host = await HashHost.open(false);
  const { dbs: [db] } = new Pair(host);
  for (let i = 0; i < ENTRIES_MAX; i++) host.hset(db, "k", `f${i}`, `${i}`);
  assertEquals(host.encodingOf(db, "k"), LISTPACK);
  host.hset(db, "k", "f0", "again");
  assertEquals(host.encodingOf(db, "k"), LISTPACK);
  host.hset(db, "k", "one more", "");
  assertEquals(host.encodingOf(db, "k"), HASHTABLE);
  for (let i = 0; i < ENTRIES_MAX; i++) host.hdel(db, "k", `f${i}`);
  assertEquals(host.encodingOf(db, "k"), HASHTABLE);
  const long = "x".repeat(VALUE_BYTES_MAX + 1);
  for (const [name, value] of [[long, "v"], ["f", long]]) {
    host.hset(db, "l", "short", "v");
    assertEquals(host.encodingOf(db, "l"), LISTPACK);
    host.hset(db, "l", name, value);
    assertEquals(host.encodingOf(db, "l"), HASHTABLE);
    assertEquals(host.hget(db, "l", "short"), "v");
    host.delete(db, "l");
  }
  // So many pairs make a table at once, even of one field.
  host.hsetMany(db, "m", Array(ENTRIES_MAX + 1).fill(["f", "v"]));
  assertEquals(host.encodingOf(db, "m"), HASHTABLE);
  assertEquals(host.hlen(db, "m"), 1);
  host.hset(db, "d", "f", "v");
  host.hexpire(db, "d", "f", START_MS + 9);
  assertEquals(host.encodingOf(db, "d"), HASHTABLE);
  host.hpersist(db, "d", "f");
  assertEquals(host.encodingOf(db, "d"), HASHTABLE);
  host.verifyDatabase(db);
});

Deno.test("due fields go exactly when they are due, and their key with them", async () => {
  const host = await HashHost.open(true);
  const pair = new Pair(host);
  const [db] = pair.dbs;
  host.calls.setObserved(1);
  for (const [name, due] of [["a", 10], ["b", 20], ["c", 20]] as const) {
    host.hset(db, "k", name, "v", START_MS + due);
  }
  assertEquals(host.calls.dbFirstDue(db), START_MS + 10);
  assertEquals(host.calls.dbDueCount(db), 0, "no key is due");
  assertEquals(host.calls.dbFollowedCount(db), 1);
  pair.passTime(10);
  assertEquals(host.calls.expireDue(db, 100), 0);
  pair.passTime(1);
  assertEquals(host.calls.expireDue(db, 100), 1);
  assertEquals(host.takeNotes(), ["k.a"]);
  assertEquals(host.calls.dbFirstDue(db), START_MS + 20);
  pair.passTime(10);
  assertEquals(host.calls.expireDue(db, 1), 1);
  assertEquals(host.hlen(db, "k"), 0);
  assertEquals(host.calls.dbSize(db), 0);
  assertEquals(host.takeNotes().map((note) => note.length), [3, 3, 3]);
  assertEquals(host.calls.dbFollowedCount(db), 0);
  assertEquals(host.calls.statExpiredFields(), 3);
  host.verifyDatabase(db);
});

Deno.test("a hash of very many due fields is gone at the first look", async () => {
  const host = await HashHost.open(false);
  const pair = new Pair(host);
  const [db] = pair.dbs;
  host.calls.setObserved(1);
  for (let i = 0; i < 2000; i++) {
    host.hset(db, "all", `f${i}`, "v", START_MS + 1 + i % 7);
    host.hset(db, "most", `f${i}`, "v", START_MS + 1 + i % 7);
  }
  host.hset(db, "most", "stays", "v");
  pair.passTime(8);
  assertEquals(host.hlen(db, "all"), 0);
  assertEquals(host.takeNotes(), ["all!2"]);
  assertEquals(host.calls.dbSize(db), 1);
  // The others go in slices, and none of them is seen.
  assertEquals(host.hlen(db, "most"), 1);
  assertEquals([...host.hgetall(db, "most").keys()], ["stays"]);
  assertEquals(host.sample(db, "most", -3), ["stays", "stays", "stays"]);
  assertEquals(host.sample(db, "most", 3), ["stays"]);
  assertEquals(host.hget(db, "most", "f1999"), null);
  assertEquals(host.hset(db, "most", "f1999", "new"), 1);
  host.verifyDatabase(db);
  while (host.calls.expireDue(db, 64) > 0);
  assertEquals(host.hlen(db, "most"), 2);
  assertEquals(host.calls.dbFollowedCount(db), 0);
  host.verifyDatabase(db);
});

Deno.test("a replica hides due fields and removes none", async () => {
  const host = await HashHost.open(true);
  const pair = new Pair(host);
  const [db] = pair.dbs;
  host.calls.setRemoveDue(0);
  host.hset(db, "k", "a", "v", START_MS + 1);
  host.hset(db, "k", "b", "v");
  host.hset(db, "gone", "a", "v", START_MS + 1);
  pair.passTime(5);
  assertEquals(host.hget(db, "k", "a"), null);
  assertEquals(host.hlen(db, "k"), 1);
  assertEquals(host.hwalk(db, "k", 10), ["b"]);
  assertEquals(host.hlen(db, "gone"), 0);
  assertEquals(host.list(db), ["k"]);
  assertEquals(host.walk(db, 10), ["k"]);
  assertEquals(host.draw(db), "k");
  assertEquals(host.calls.dbSize(db), 2);
  host.verifyDatabase(db);
});

Deno.test("a large hash is freed in slices", async () => {
  const host = await HashHost.open(false);
  const { dbs: [db] } = new Pair(host);
  const used = host.calls.usedBytes();
  for (let i = 0; i < 20_000; i++) host.hset(db, "k", `f${i}`, "v".repeat(20));
  const full = host.calls.usedBytes();
  host.delete(db, "k");
  host.forget();
  assert(host.calls.usedBytes() > full - 1000, "nothing waits for it");
  assertEquals(host.calls.lazyfreePending(), 20_000);
  let slices = 0;
  while (host.calls.reclaim(500) > 0) slices++;
  assert(slices >= 40);
  assert(host.calls.usedBytes() <= used);
  host.verify();
});

Deno.test("each field is drawn equally often", async () => {
  const host = await HashHost.open(false);
  const { dbs: [db] } = new Pair(host);
  for (const size of [6, 90]) {
    const key = `k${size}`;
    for (let i = 0; i < size; i++) host.hset(db, key, `f${i}`, "v");
    for (const count of [-3, 2, size - 1]) {
      const drawn = new Map<string, number>();
      const each = Math.abs(count);
      const turns = Math.ceil(400 * size / each);
      for (let i = 0; i < turns; i++) {
        const fields = host.sample(db, key, count);
        assertEquals(fields.length, each);
        if (count > 0) assertEquals(new Set(fields).size, each);
        for (const name of fields) drawn.set(name, (drawn.get(name) ?? 0) + 1);
      }
      assertEquals(drawn.size, size);
      for (const [name, times] of drawn) {
        assert(times > 280 && times < 520, `${name} of ${size}: ${times}`);
      }
    }
  }
});

Deno.test("HSCAN meets every field that stays while the table grows and shrinks", async () => {
  const host = await HashHost.open(false);
  const { dbs: [db] } = new Pair(host);
  for (let i = 0; i < 500; i++) host.hset(db, "k", `stays${i}`, "v");
  const found = new Set<string>();
  let cursor = 0;
  let turn = 0;
  do {
    host.say("k");
    cursor = host.calls.hashScan(db, 0, cursor, 10, 0, 1);
    for (const name of host.takeKeys()) found.add(name);
    for (let i = 0; i < 100; i++) {
      if (turn < 12) host.hset(db, "k", `more${turn}.${i}`, "v");
      else host.hdel(db, "k", `more${turn - 12}.${i}`);
    }
    turn++;
  } while (cursor !== 0);
  for (let i = 0; i < 500; i++) assert(found.has(`stays${i}`), `stays${i}`);
});

Deno.test("a key of another type is left alone", async () => {
  const host = await HashHost.open(false);
  const { dbs: [db] } = new Pair(host);
  host.set(db, "s", "string");
  assertEquals(host.hset(db, "s", "f", "v"), WRONG_TYPE);
  assertEquals(host.hsetMany(db, "s", [["f", "v"], ["g", "v"]]), WRONG_TYPE);
  assertEquals(host.hsetnx(db, "s", "f", "v"), WRONG_TYPE);
  assertEquals(host.hdel(db, "s", "f"), WRONG_TYPE);
  assertEquals(host.hlen(db, "s"), WRONG_TYPE);
  assertEquals(host.hexpire(db, "s", "f", START_MS + 1), WRONG_TYPE);
  assertEquals(host.hpersist(db, "s", "f"), WRONG_TYPE);
  assertEquals(host.get(db, "s"), "string");
});
