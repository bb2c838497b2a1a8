/** What time, use and emptying do to a database. */
import { assert, assertEquals } from "@std/assert";
import { MISSING } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { KeyspaceHost, NEVER } from "./keyspace_host.ts";

const SEED = 20_261_122;
const START_MS = 1_000_000;

Deno.test("a key is there until its time has passed, and then not", async () => {
  const host = await KeyspaceHost.load(true);
  const db = host.newDatabase();
  host.calls.setClock(START_MS);
  host.set(db, "k", "v", START_MS + 5);
  host.calls.setClock(START_MS + 5);
  assertEquals(host.get(db, "k"), "v");
  assertEquals(host.calls.expireDue(db, 10), 0);
  host.calls.setClock(START_MS + 6);
  assertEquals(host.get(db, "k"), null);
  assertEquals(host.calls.dbSize(db), 0);
  assertEquals(host.calls.dbDueCount(db), 0);
});

for (const { name, debug } of BUILDS) {
  Deno.test(`due keys are removed earliest first, all and no others (${name})`, async () => {
    const random = new Random(SEED);
    const host = await KeyspaceHost.load(debug);
    const db = host.newDatabase();
    host.calls.setClock(START_MS);
    host.calls.setObserved(1);
    const dues = new Map<string, number>();
    for (let i = 0; i < 3000; i++) {
      const due = START_MS + 1 + random.int(2000);
      const key = `${i}`;
      dues.set(key, due);
      host.set(db, key, "v", due);
      if (random.chance(0.3)) {
        const later = START_MS + 1 + random.int(3000);
        dues.set(key, later);
        assertEquals(host.expire(db, key, later), 1);
      }
      if (random.chance(0.1)) {
        dues.delete(key);
        assertEquals(host.persist(db, key), 1);
      }
    }
    for (let now = START_MS; dues.size > 0; now += 1 + random.int(50)) {
      host.calls.setClock(now);
      const expected = [...dues].filter(([, due]) => due < now)
        .sort(([, a], [, b]) => a - b);
      for (const [key] of expected) dues.delete(key);
      for (let left = expected.length; left > 0; left -= 7) {
        const removed = host.calls.expireDue(db, 7);
        assertEquals(removed, Math.min(7, left), `seed ${SEED} at ${now}`);
      }
      assertEquals(host.calls.expireDue(db, 7), 0);
      const notes = host.takeJournal();
      assertEquals(notes.map(([from]) => from), expected.map(() => db));
      // Keys of one time come in any order.
      assertEquals(
        notes.map(([, key]) => key).sort(),
        expected.map(([key]) => key).sort(),
      );
      host.verifyDatabase(db, `seed ${SEED} at ${now}`);
    }
    assertEquals(host.calls.dbDueCount(db), 0);
  });
}

Deno.test("setting a time that has passed removes the key, except on a replica", async () => {
  const host = await KeyspaceHost.load(true);
  const db = host.newDatabase();
  host.calls.setClock(START_MS);
  for (const due of [START_MS, START_MS - 1, 0, -5]) {
    host.set(db, "k", "v", START_MS + 9);
    assertEquals(host.expire(db, "k", due), 2);
    assertEquals(host.calls.dbSize(db), 0);
    assertEquals(host.expire(db, "k", due), MISSING);
  }
  host.calls.setRemoveDue(0);
  host.set(db, "k", "v");
  assertEquals(host.expire(db, "k", START_MS - 1), 1);
  assertEquals(host.calls.dbSize(db), 1);
  host.verifyDatabase(db);
});

Deno.test("RANDOMKEY draws each key with the same chance", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  const random = new Random(SEED);
  // Growing and shrinking first leaves chains of every length.
  for (let i = 0; i < 4000; i++) host.set(db, `${i}`, "");
  for (let i = 500; i < 4000; i++) host.delete(db, `${i}`);
  for (let i = 4000; i < 4100; i++) host.set(db, `${i}`, "");
  const counts = new Map<string, number>();
  const drawCount = 120_000;
  for (let i = 0; i < drawCount; i++) {
    const key = host.draw(db);
    assert(key !== null);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts.size, 600);
  const expected = drawCount / 600;
  const chiSquare = [...counts.values()]
    .reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 599 degrees of freedom: 599 is the mean, 35 the standard deviation.
  assert(chiSquare > 424 && chiSquare < 774, `${chiSquare} ${random.seed}`);
});

Deno.test("RANDOMKEY finds the last live key among many that are due", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  host.calls.setClock(START_MS);
  for (let i = 0; i < 5000; i++) host.set(db, `${i}`, "", START_MS + 1);
  host.set(db, "alive", "");
  host.calls.setClock(START_MS + 2);
  assertEquals(host.draw(db), "alive");
  host.delete(db, "alive");
  assertEquals(host.draw(db), null);
  assertEquals(host.calls.dbSize(db), 0);
});

for (const { name, debug } of BUILDS) {
  Deno.test(`an emptied database gives its memory back in slices (${name})`, async () => {
    const host = await KeyspaceHost.load(debug);
    const { calls } = host;
    const db = host.newDatabase(), other = host.newDatabase();
    calls.setClock(START_MS);
    host.set(other, "kept", "v");
    host.forget();
    const usedAtStart = calls.usedBytes();
    for (let i = 0; i < 3000; i++) {
      host.set(db, `${i}`, "v".repeat(i % 300), i % 3 ? 0 : START_MS + 9);
    }
    assertEquals(calls.dbFlush(db), 3000);
    assertEquals(calls.dbFlush(db), 0);
    assertEquals(calls.dbSize(db), 0);
    assertEquals(calls.dbFirstDue(db), Infinity);
    host.set(db, "new", "v", START_MS + 5);
    host.forget();
    for (let left = 3000; left > 0; left -= 100) {
      assertEquals(calls.lazyfreePending(), left);
      const usedBefore = calls.usedBytes();
      calls.reclaim(100);
      assert(calls.usedBytes() < usedBefore);
      host.verify();
    }
    while (calls.reclaim(1));
    assertEquals(host.get(db, "new"), "v");
    host.verifyDatabase(db);
    calls.dbFlush(db);
    while (calls.reclaim(1));
    host.forget();
    assertEquals(calls.usedBytes(), usedAtStart);
    assertEquals(host.get(other, "kept"), "v");
  });
}

Deno.test("a database can be emptied when there is no memory at all", async () => {
  const host = await KeyspaceHost.load(true);
  const { calls } = host;
  const db = host.newDatabase();
  calls.setClock(START_MS);
  host.forget();
  const usedAtStart = calls.usedBytes();
  for (const size of [1, 100, 3000]) {
    for (let i = 0; i < size; i++) host.set(db, `${i}`, "v", START_MS + i);
    host.forget();
    for (const allowed of [0, 1]) {
      calls.takeChanges();
      const before = calls.dbSize(db);
      host.failAfter(allowed);
      assertEquals(calls.dbFlush(db), before);
      host.failAfter(NEVER);
      assertEquals(calls.takeChanges(), before);
      assertEquals(calls.dbSize(db), 0);
      host.verifyDatabase(db);
      host.set(db, "k", "v");
    }
    calls.dbFlush(db);
    while (calls.reclaim(100));
    host.forget();
    assertEquals(calls.usedBytes(), usedAtStart);
  }
});

/** What each operation does to a key that was last used 100 s ago. */
const uses: [
  name: string,
  counts: boolean,
  touches: boolean,
  operate: (host: KeyspaceHost, db: number) => void,
][] = [
  ["GET", true, true, (host, db) => host.get(db, "k")],
  ["TOUCH", true, true, ({ calls }, db) => calls.touchKey(db, 0)],
  ["EXISTS", true, false, ({ calls }, db) => calls.existsKey(db, 0)],
  ["TYPE", true, false, ({ calls }, db) => calls.typeOf(db, 0)],
  ["TTL", true, false, ({ calls }, db) => calls.dueOf(db, 0)],
  ["OBJECT ENCODING", true, false, ({ calls }, db) => calls.kindOf(db, 0)],
  ["OBJECT FREQ", true, false, ({ calls }, db) => calls.frequencyOf(db, 0)],
  ["COPY", true, true, (host, db) => host.copy(db, "k", db, "l", true)],
  ["EXPIRE", false, true, (host, db) => host.expire(db, "k", START_MS * 2)],
  ["EXPIRE NX", false, true, (host, db) => host.expire(db, "k", 2e6, 2)],
  ["PERSIST", false, true, (host, db) => host.persist(db, "k")],
  ["KEYS", false, false, (host, db) => host.list(db)],
  ["SCAN", false, false, (host, db) => host.walk(db, 10)],
  ["RANDOMKEY", false, false, (host, db) => host.draw(db)],
];

Deno.test("only what uses a value counts as its use, as in Redis", async () => {
  for (const [name, counts, touches, operate] of uses) {
    const host = await KeyspaceHost.load(false);
    const { calls } = host;
    const db = host.newDatabase();
    calls.setClock(START_MS);
    host.set(db, "k", "v");
    calls.setClock(START_MS + 100_000);
    host.say("k");
    const hitsBefore = calls.statHits();
    operate(host, db);
    assertEquals(calls.statHits() - hitsBefore, counts ? 1 : 0, name);
    assertEquals(host.idle(db, "k"), touches ? 0 : 100, name);
  }
});

Deno.test("a moved key counts as used, and a copy as new", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  for (const operation of ["move", "copy"] as const) {
    host.calls.setClock(START_MS);
    host.set(db, "k", "v");
    host.calls.setClock(START_MS + 100_000);
    host[operation](db, "k", db, "l", false);
    assertEquals(host.idle(db, "l"), 0);
  }
});

Deno.test("a copy begins with the frequency of a new key", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  const frequency = (key: string) => {
    host.say(key);
    return host.calls.frequencyOf(db, 0);
  };
  host.calls.setClock(START_MS);
  // With this factor every use counts.
  host.calls.setLfu(1, 0, 1);
  host.set(db, "k", "v");
  const fresh = frequency("k");
  for (let i = 0; i < 10; i++) host.get(db, "k");
  assertEquals(frequency("k"), fresh + 10);
  host.copy(db, "k", db, "copy", false);
  assertEquals(frequency("copy"), fresh);
  host.move(db, "k", db, "moved", false);
  assert(frequency("moved") > fresh + 10);
});

Deno.test("small numbers are marked as shared, and nothing else is", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  const shared = (value: string) => {
    host.set(db, "k", value);
    host.say("k");
    return host.calls.kindOf(db, 0) >= 256;
  };
  for (const value of ["0", "1", "9999"]) assert(shared(value), value);
  for (const value of ["10000", "-1", "01", "a", "", "9".repeat(18)]) {
    assert(!shared(value), value);
  }
});
