/** Walks of SCAN and KEYS over tables that change between the calls. */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { KeyspaceHost } from "./keyspace_host.ts";

const SEED = 20_261_121;
const STRING = 0, LIST = 1;

/** Keeps a table between two sizes with keys that come and go. */
class Noise {
  readonly keys: string[] = [];
  #count = 0;

  constructor(
    readonly host: KeyspaceHost,
    readonly db: number,
    readonly random: Random,
  ) {}

  grow(count: number): void {
    for (let i = 0; i < count; i++) {
      const key = `noise:${this.#count++}`;
      this.host.set(this.db, key, "");
      this.keys.push(key);
    }
  }

  shrink(count: number): void {
    for (let i = 0; i < count && this.keys.length > 0; i++) {
      const at = this.random.int(this.keys.length);
      const key = this.keys[at];
      this.keys[at] = this.keys[this.keys.length - 1];
      this.keys.pop();
      assertEquals(this.host.delete(this.db, key), 1);
    }
  }
}

/** How the table changes between two calls of a walk. */
const weathers: [name: string, change: (noise: Noise) => void][] = [
  ["stays as it is", () => {}],
  ["grows", (noise) => noise.grow(40)],
  ["shrinks", (noise) => noise.shrink(40)],
  ["sways", (noise) => {
    if (noise.random.chance(0.5)) noise.grow(noise.random.int(12));
    else noise.shrink(noise.random.int(12));
  }],
  ["doubles and halves", (noise) => {
    if (noise.keys.length > 1200) noise.shrink(1200);
    else noise.grow(1200);
  }],
];

for (const { name, debug } of BUILDS) {
  for (const [weather, change] of weathers) {
    Deno.test(`a walk meets every key that stays while the table ${weather} (${name})`, async () => {
      const random = new Random(SEED);
      const host = await KeyspaceHost.load(debug);
      for (let round = 0; round < 6; round++) {
        const db = host.newDatabase();
        const noise = new Noise(host, db, random);
        const stays = Array.from(
          { length: 1 + random.int(600) },
          (_, i) => `stays:${i}`,
        );
        for (const key of stays) host.set(db, key, "");
        noise.grow(random.int(2500));
        const met = new Set<string>();
        let cursor = 0;
        let callCount = 0;
        do {
          const count = random.pick([1, 10, 50, 50]);
          const { next, keys } = host.scan(db, cursor, count);
          for (const key of keys) met.add(key);
          cursor = next;
          change(noise);
          callCount++;
          assert(callCount < 20_000, `seed ${SEED} round ${round}: no end`);
        } while (cursor !== 0);
        const missed = stays.filter((key) => !met.has(key));
        assertEquals(missed, [], `seed ${SEED} round ${round}`);
        for (const key of met) assert(/^(stays|noise):\d+$/.test(key), key);
        host.verifyDatabase(db);
        host.calls.dbFlush(db);
      }
    });
  }
}

Deno.test("a walk over a table that does not change meets each key once", async () => {
  const host = await KeyspaceHost.load(false);
  for (const size of [0, 1, 2, 7, 8, 9, 15, 16, 100, 1000, 5000]) {
    const db = host.newDatabase();
    const keys = Array.from({ length: size }, (_, i) => `${i}`);
    for (const key of keys) host.set(db, key, "");
    for (const count of [1, 10, 333, 10_000]) {
      assertEquals(host.walk(db, count).sort(), keys.toSorted(), `${size}`);
    }
    assertEquals(host.list(db).sort(), keys.toSorted());
  }
});

Deno.test("one call visits about as many keys as COUNT says", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  for (let i = 0; i < 5000; i++) host.set(db, `${i}`, "");
  for (const count of [1, 10, 100, 1000]) {
    const { keys } = host.scan(db, 0, count);
    assert(keys.length >= count && keys.length < count + 60, `${count}`);
  }
  assertEquals(host.scan(db, 0, 2 ** 28).keys.length, 5000);
  assertEquals(host.scan(db, 0, 2 ** 28).next, 0);
});

Deno.test("a call looks into ten classes of keys for each that COUNT asks", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  for (let i = 0; i < 5000; i++) host.set(db, `${i}`, "");
  // What is left lies thin: there are classes without any key.
  for (let i = 500; i < 5000; i++) host.delete(db, `${i}`);
  let cursor = 0;
  do {
    const { next, keys } = host.scan(db, cursor, 1);
    assert(keys.length > 0);
    cursor = next;
  } while (cursor !== 0);
});

Deno.test("any number is a cursor whose walk comes to an end", async () => {
  const host = await KeyspaceHost.load(false);
  const random = new Random(SEED);
  const db = host.newDatabase();
  for (let i = 0; i < 3000; i++) host.set(db, `${i}`, "");
  for (let round = 0; round < 100; round++) {
    let cursor = round === 0 ? 0xffffffff : random.int(2 ** 32);
    let callCount = 0;
    do cursor = host.scan(db, cursor, 10).next; while (
      cursor !== 0 && ++callCount < 1000
    );
    assertEquals(cursor, 0, `seed ${SEED} round ${round}`);
  }
});

Deno.test("a walk leaves out what the pattern or the type does not fit", async () => {
  const host = await KeyspaceHost.load(false);
  const db = host.newDatabase();
  for (let i = 0; i < 1000; i++) host.set(db, `${i}`, "");
  const all = (options: { pattern?: string; type?: number }) => {
    const found: string[] = [];
    let cursor = 0;
    do {
      const { next, keys } = host.scan(db, cursor, 7, options);
      found.push(...keys);
      cursor = next;
    } while (cursor !== 0);
    return found.sort();
  };
  const expected = Array.from({ length: 10 }, (_, i) => `${i}55`).sort();
  expected[expected.indexOf("055")] = "55";
  assertEquals(all({ pattern: "*55" }), expected.sort());
  assertEquals(host.list(db, "*55").sort(), expected);
  assertEquals(all({ type: STRING }).length, 1000);
  assertEquals(all({ type: LIST }), []);
  assertEquals(all({ type: STRING, pattern: "99?" }).length, 10);
  // The number of no type: SCAN TYPE with a name that nobody knows.
  assertEquals(all({ type: 99 }), []);
});

Deno.test("due keys are hidden from KEYS and removed by a walk", async () => {
  const host = await KeyspaceHost.load(true);
  const db = host.newDatabase();
  host.calls.setClock(1000);
  for (let i = 0; i < 500; i++) host.set(db, `${i}`, "", i % 2 ? 2000 : 9000);
  host.calls.setClock(2001);
  assertEquals(host.list(db).length, 250);
  assertEquals(host.calls.dbSize(db), 500);
  assertEquals(host.walk(db, 10).length, 250);
  assertEquals(host.calls.dbSize(db), 250);
  host.verifyDatabase(db);
});

Deno.test("a replica's walk hides due keys and removes none", async () => {
  const host = await KeyspaceHost.load(true);
  const db = host.newDatabase();
  host.calls.setClock(1000);
  for (let i = 0; i < 100; i++) host.set(db, `${i}`, "", 2000);
  host.calls.setClock(2001);
  host.calls.setRemoveDue(0);
  assertEquals(host.walk(db, 10), []);
  assertEquals(host.draw(db), null);
  assertEquals(host.get(db, "1"), null);
  assertEquals(host.calls.dbSize(db), 100);
});
