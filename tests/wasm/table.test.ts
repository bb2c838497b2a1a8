/**
 * Databases against a plain model: keys, values and due times under every
 * operation that works on any type, while the tables grow and shrink.
 */
import { assert, assertEquals } from "@std/assert";
import { MISSING, OUT_OF_MEMORY } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { KeyspaceHost, NEVER } from "./keyspace_host.ts";

const SEED = 20_261_120;
const STEPS = 24_000;
const DATABASES = 3;
const START_MS = 1_000_000;
const LONG_KEY = "long".repeat(20_000);
const NEW = 1, OLD = 2, LATER = 4, EARLIER = 8;
const REMOVED = 2;

interface Item {
  value: string;
  due: number | null;
}

/** Does by plain means what the engine promises. */
class Model {
  now = START_MS;
  readonly databases = Array.from(
    { length: DATABASES },
    () => new Map<string, Item>(),
  );

  /** The item if it is alive; a dead one goes when it is met. */
  find(db: number, key: string): Item | undefined {
    const item = this.databases[db].get(key);
    if (!item || !this.isDead(item)) return item;
    this.databases[db].delete(key);
  }

  isDead({ due }: Item): boolean {
    return due !== null && due < this.now;
  }

  /** Removes all that is dead and returns how many there were. */
  bury(db: number): number {
    const items = this.databases[db];
    const sizeBefore = items.size;
    for (const [key, item] of items) if (this.isDead(item)) items.delete(key);
    return sizeBefore - items.size;
  }

  expire(db: number, key: string, due: number, conditions: number): number {
    const item = this.find(db, key);
    if (!item) return MISSING;
    const old = item.due ?? Infinity;
    if (conditions & NEW && item.due !== null) return 0;
    if (conditions & OLD && item.due === null) return 0;
    if (conditions & LATER && due <= old) return 0;
    if (conditions & EARLIER && due >= old) return 0;
    if (due <= this.now) {
      this.databases[db].delete(key);
      return REMOVED;
    }
    item.due = due;
    return 1;
  }

  persist(db: number, key: string): number {
    const item = this.find(db, key);
    if (!item) return MISSING;
    if (item.due === null) return 0;
    item.due = null;
    return 1;
  }

  transfer(
    db: number,
    key: string,
    toDb: number,
    to: string,
    { keeps, replaces }: { keeps: boolean; replaces: boolean },
  ): number {
    const item = this.find(db, key);
    if (!item) return MISSING;
    if (this.find(toDb, to) && !replaces) return 0;
    if (!keeps) this.databases[db].delete(key);
    this.databases[toDb].set(to, { ...item });
    return 1;
  }
}

/** An engine and the model, told the same. */
class Pair {
  readonly model = new Model();
  readonly dbs: number[];
  /** How many keys there are to choose from: decides how large tables get. */
  keyCount = 100;
  step = 0;

  constructor(readonly host: KeyspaceHost, readonly random: Random) {
    host.calls.setClock(START_MS);
    this.dbs = Array.from({ length: DATABASES }, () => host.newDatabase());
  }

  get hint(): string {
    return `seed ${this.random.seed} step ${this.step}`;
  }

  key(): string {
    if (this.random.chance(0.001)) return LONG_KEY;
    const number = this.random.int(this.keyCount);
    // Names of all lengths, the empty one among them.
    return number === 0 ? "" : `${number}`.padStart(number % 40, "k\0");
  }

  value(): string {
    if (this.random.chance(0.2)) return `${this.random.int(1e6)}`;
    const byteCount = this.random.chance(0.02) ? 3000 : this.random.int(90);
    return String.fromCharCode(65 + this.random.int(26)).repeat(byteCount);
  }

  due(): number {
    return this.model.now + this.random.int(400) - 40;
  }

  /** One operation on both; what they return must be the same. */
  operate(): void {
    const { host, model, random, dbs } = this;
    const db = random.int(DATABASES);
    const key = this.key();
    switch (random.int(9)) {
      case 0:
      case 1:
        return this.set(db, key);
      case 2: {
        const existed = model.find(db, key) !== undefined;
        model.databases[db].delete(key);
        return this.same(host.delete(dbs[db], key), existed ? 1 : 0);
      }
      case 3: {
        const due = this.due();
        const conditions = random.pick([0, 0, NEW, OLD, LATER, EARLIER]);
        const outcome = host.expire(dbs[db], key, due, conditions);
        return this.same(outcome, model.expire(db, key, due, conditions));
      }
      case 4:
        return this.same(host.persist(dbs[db], key), model.persist(db, key));
      case 5:
      case 6:
        return this.transfer(db, key);
      case 7: {
        const item = model.find(db, key);
        this.same(host.get(dbs[db], key), item?.value ?? null);
        const due = item ? item.due ?? -1 : MISSING;
        return this.same(host.due(dbs[db], key), due);
      }
      default:
        return this.pass(db);
    }
  }

  set(db: number, key: string): void {
    const { host, model, dbs, random } = this;
    const value = this.value();
    const due = random.chance(0.4) ? model.now + 1 + random.int(400) : null;
    model.databases[db].set(key, { value, due });
    this.same(host.set(dbs[db], key, value, due ?? 0), 1);
  }

  transfer(db: number, key: string): void {
    const { host, model, dbs, random } = this;
    const toDb = random.int(DATABASES);
    const to = random.chance(0.2) ? key : this.key();
    const keeps = random.chance(0.5);
    const replaces = random.chance(0.5);
    if (db === toDb && key === to) return;
    const outcome = keeps
      ? host.copy(dbs[db], key, dbs[toDb], to, replaces)
      : host.move(dbs[db], key, dbs[toDb], to, !replaces);
    const options = { keeps, replaces };
    this.same(outcome, model.transfer(db, key, toDb, to, options));
  }

  /** Time passes, or housekeeping is done, or a database is thrown away. */
  pass(db: number): void {
    const { host, model, dbs, random } = this;
    if (random.chance(0.7)) {
      model.now += random.int(4);
      host.calls.setClock(model.now);
    } else if (random.chance(0.98)) {
      this.bury(db);
    } else if (random.chance(0.5)) {
      this.same(host.calls.dbFlush(dbs[db]), model.databases[db].size);
      model.databases[db].clear();
    } else host.calls.reclaim(random.int(200));
  }

  bury(db: number): void {
    const { host: { calls }, model, dbs } = this;
    this.same(calls.expireDue(dbs[db], 1e9), model.bury(db));
  }

  same<T>(actual: T, expected: T): void {
    if (actual !== expected) assertEquals(actual, expected, this.hint);
  }

  /** Compares everything there is. */
  compare(): void {
    const { host, model, dbs, random, hint } = this;
    for (let db = 0; db < DATABASES; db++) {
      host.verifyDatabase(dbs[db], hint);
      assertEquals(host.calls.dbSize(dbs[db]), model.databases[db].size, hint);
      this.bury(db);
      const items = [...model.databases[db]];
      const keys = items.map(([key]) => key).sort();
      assertEquals(host.list(dbs[db]).sort(), keys, hint);
      assertEquals(host.walk(dbs[db], 1 + random.int(50)).sort(), keys, hint);
      const dues = items.flatMap(([, { due }]) => due ?? []);
      assertEquals(host.calls.dbDueCount(dbs[db]), dues.length, hint);
      assertEquals(
        host.calls.dbFirstDue(dbs[db]),
        Math.min(Infinity, ...dues),
        hint,
      );
      const drawn = host.draw(dbs[db]);
      assert(drawn === null ? keys.length === 0 : keys.includes(drawn), hint);
    }
    host.verify();
  }

  /** Throws everything away. */
  clear(): void {
    const { host, dbs } = this;
    for (const db of dbs) host.calls.dbFlush(db);
    while (host.calls.reclaim(100));
    host.forget();
  }
}

for (const { name, debug } of BUILDS) {
  Deno.test(`databases do what a plain model does (${name})`, async () => {
    const pair = new Pair(await KeyspaceHost.load(debug), new Random(SEED));
    pair.host.forget();
    const usedAtStart = pair.host.calls.usedBytes();
    for (; pair.step < STEPS; pair.step++) {
      // Tables that had grown shrink when there are few keys left to set.
      if (pair.step % 4000 === 0) {
        pair.keyCount = pair.keyCount === 100 ? 2500 : 100;
        if (pair.keyCount === 100) pair.host.calls.dbFlush(pair.dbs[0]);
        if (pair.keyCount === 100) pair.model.databases[0].clear();
      }
      pair.operate();
      if (pair.step % 500 === 0) pair.compare();
    }
    pair.compare();
    pair.clear();
    assertEquals(pair.host.calls.usedBytes(), usedAtStart);
    pair.host.verify();
  });
}

/** One operation and what it must return when there is memory. */
interface Attempt {
  words: string[];
  run: () => number;
  expect: () => number;
}

function anyAttempt(pair: Pair): Attempt {
  const { host: { calls }, model, random, dbs } = pair;
  const db = random.int(DATABASES), toDb = random.int(DATABASES);
  const key = pair.key(), to = `${pair.key()}'`;
  const value = pair.value();
  const due = model.now + 1 + random.int(1000);
  const replaces = random.chance(0.5);
  const flag = replaces ? 1 : 0;
  const transfer = (keeps: boolean) => () =>
    model.transfer(db, key, toDb, to, { keeps, replaces });
  return random.pick<Attempt>([
    {
      words: [key, value],
      run: () => calls.setString(dbs[db], 0, 1, 0, due),
      expect: () => (model.databases[db].set(key, { value, due }), 1),
    },
    {
      words: [key],
      run: () => calls.setDue(dbs[db], 0, due, 0),
      expect: () => model.expire(db, key, due, 0),
    },
    {
      words: [key],
      run: () => calls.clearDue(dbs[db], 0),
      expect: () => model.persist(db, key),
    },
    {
      words: [key, to],
      run: () => calls.copyKey(dbs[db], 0, dbs[toDb], 1, flag),
      expect: transfer(true),
    },
    {
      words: [key, to],
      run: () => calls.moveKey(dbs[db], 0, dbs[toDb], 1, 1 - flag),
      expect: transfer(false),
    },
  ]);
}

Deno.test("without memory an operation says so and changes nothing", async () => {
  const pair = new Pair(await KeyspaceHost.load(true), new Random(SEED));
  const { host, random } = pair;
  host.forget();
  const usedAtStart = host.calls.usedBytes();
  let failureCount = 0;
  for (; pair.step < 12_000; pair.step++) {
    pair.keyCount = pair.step < 6000 ? 1000 : 100;
    if (random.chance(0.5)) pair.operate();
    // A look-up removes what is due, also before memory runs out.
    for (let db = 0; db < DATABASES; db++) pair.bury(db);
    const { words, run, expect } = anyAttempt(pair);
    // The words come first, so that they are there in any case.
    host.say(...words);
    host.failAfter(random.int(3));
    const outcome = run();
    host.failAfter(NEVER);
    if (outcome === OUT_OF_MEMORY) failureCount++;
    else pair.same(outcome, expect());
    if (pair.step % 200 === 0) pair.compare();
  }
  pair.compare();
  assert(failureCount > 500, `only ${failureCount} failures`);
  pair.clear();
  assertEquals(host.calls.usedBytes(), usedAtStart);
});

Deno.test("tables grow and shrink without memory for it, only less well", async () => {
  const host = await KeyspaceHost.load(true);
  const random = new Random(SEED);
  const db = host.newDatabase();
  host.forget();
  const usedAtStart = host.calls.usedBytes();
  const keys = new Set<string>();
  for (let step = 0; step < 40_000; step++) {
    const key = `${random.int(4000)}`;
    const grows = step % 10_000 < 5000;
    host.say(key, "v");
    // The entry finds memory, and what the table wants behind it does not.
    if (random.chance(0.9)) host.failAfter(random.int(4) + (grows ? 1 : 0));
    if (grows) {
      if (host.calls.setString(db, 0, 1, 0, 0) === 1) keys.add(key);
    } else {
      assertEquals(host.calls.deleteKey(db, 0), keys.delete(key) ? 1 : 0);
    }
    host.failAfter(NEVER);
    if (step % 100 === 0) host.verifyDatabase(db, `step ${step}`);
  }
  assertEquals(host.list(db).sort(), [...keys].sort());
  host.calls.dbFlush(db);
  while (host.calls.reclaim(100));
  host.forget();
  assertEquals(host.calls.usedBytes(), usedAtStart);
});

Deno.test("looking ahead for a long key touches nothing behind the memory", async () => {
  const host = await KeyspaceHost.load(false);
  const { calls } = host;
  const db = host.newDatabase();
  host.set(db, "key", "value");
  host.say("key");
  const key = calls.argPtr(0) >>> 0;
  const hash = calls.hashBytes(key, 3);
  const bucket = calls.touchBucketOf(db, hash) >>> 0;
  for (let byteCount = 1; byteCount < 2 ** 32; byteCount *= 2) {
    calls.touchEntryOf(bucket, hash, byteCount);
  }
});
