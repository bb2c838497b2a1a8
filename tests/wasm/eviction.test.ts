/** Whom eviction chooses, and that what is in use stays within the limit. */
import { assert, assertEquals } from "@std/assert";
import {
  EVICTION_DONE,
  EVICTION_EXHAUSTED,
  EVICTION_UNFINISHED,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { Zipf } from "../support/zipf.ts";
import { EvictionHost } from "./eviction_host.ts";
import { NO_MEMORY } from "./keyspace_host.ts";

const SEED = 20_261_121;
const START_MS = 1_700_000_000_000;

/** A cache that forgets exactly what was not used for the longest time. */
class ExactLru {
  readonly #keys = new Map<number, true>();

  constructor(readonly capacity: number) {}

  /** Whether a key was there; it is now. */
  use(key: number): boolean {
    const isHit = this.#keys.delete(key);
    this.#keys.set(key, true);
    if (this.#keys.size > this.capacity) {
      this.#keys.delete(this.#keys.keys().next().value!);
    }
    return isHit;
  }
}

interface Load {
  policy: string;
  keys: number;
  exponent: number;
  uses: number;
  limitBytes: number;
  /** Uses within a second. */
  rate: number;
}

/** The hit rates of our cache and of an exact one with as many keys. */
async function hitRates(load: Load): Promise<{ ours: number; exact: number }> {
  const host = await EvictionHost.open(false, SEED);
  const db = host.newDatabase();
  host.setPolicy(load.policy);
  host.leaveRoom(load.limitBytes);
  const zipf = new Zipf(new Random(SEED), load.keys, load.exponent);
  const value = "v".repeat(100);
  const due = load.policy.startsWith("volatile") ? START_MS * 2 : 0;
  const use = (i: number): boolean => {
    host.calls.setClock(START_MS + Math.floor(i * 1000 / load.rate));
    const key = zipf.next();
    const name = `key:${key}`;
    const isHit = host.get(db, name) !== null;
    if (!isHit) assertEquals(host.put(db, name, value, due), 1);
    used.push(key);
    return isHit;
  };
  const used: number[] = [];
  const half = load.uses / 2;
  let hits = 0;
  for (let i = 0; i < load.uses; i++) {
    const isHit = use(i);
    if (isHit && i >= half) hits++;
  }
  host.verify();
  const exact = new ExactLru(host.calls.dbSize(db));
  const exactHits =
    used.map((key) => exact.use(key)).slice(half).filter((is) => is).length;
  return { ours: hits / half, exact: exactHits / half };
}

const LOAD = {
  keys: 20_000,
  exponent: 0.9,
  uses: 120_000,
  limitBytes: 500_000,
  rate: 1_000_000,
};

Deno.test("allkeys-lru hits nearly as often as an exact LRU", async () => {
  const { ours, exact } = await hitRates({ ...LOAD, policy: "allkeys-lru" });
  assert(ours > exact - 0.006, `${ours} of ${exact}`);
});

Deno.test("volatile-lru does so too, by the heap of due times", async () => {
  const { ours, exact } = await hitRates({ ...LOAD, policy: "volatile-lru" });
  assert(ours > exact - 0.01, `${ours} of ${exact}`);
});

Deno.test("allkeys-lfu hits more often where few keys are used much", async () => {
  const { ours, exact } = await hitRates({ ...LOAD, policy: "allkeys-lfu" });
  assert(ours > exact + 0.01, `${ours} of ${exact}`);
});

Deno.test("allkeys-random hits less often: the measure can fail", async () => {
  const { ours, exact } = await hitRates({ ...LOAD, policy: "allkeys-random" });
  assert(ours < exact - 0.03, `${ours} of ${exact}`);
});

for (const { name, debug } of BUILDS) {
  Deno.test(`what is in use never passes the limit (${name})`, async () => {
    const random = new Random(SEED);
    for (const policy of ["allkeys-lru", "allkeys-lfu", "allkeys-random"]) {
      const host = await EvictionHost.open(debug, SEED);
      const dbs = [host.newDatabase(), host.newDatabase()];
      host.setPolicy(policy);
      const limit = host.calls.usedBytes() + 60_000;
      host.calls.setMemoryLimit(limit);
      for (let i = 0; i < 4000; i++) {
        const value = "v".repeat(random.int(600));
        const due = random.chance(0.2) ? START_MS + i : 0;
        host.calls.setClock(START_MS + i);
        host.put(random.pick(dbs), `k${random.int(5000)}`, value, due);
        host.forget();
        assert(host.calls.usedBytes() <= limit);
      }
      assert(host.calls.statEvicted() > 1000);
      host.verify();
    }
  });
}

Deno.test("volatile policies evict only keys with a due time", async () => {
  for (const kind of ["lru", "lfu", "random", "ttl"]) {
    const host = await EvictionHost.open(true, SEED);
    const dbs = [host.newDatabase(), host.newDatabase()];
    host.setPolicy(`volatile-${kind}`);
    for (let i = 0; i < 200; i++) {
      host.set(dbs[i & 1], `lasting${i}`, "v");
      host.set(dbs[i & 1], `volatile${i}`, "v", START_MS * 2 + i);
    }
    host.forget();
    host.evictKeys(200);
    host.leaveRoom(0);
    assertEquals(host.calls.evict(1, 1000), EVICTION_EXHAUSTED);
    for (const db of dbs) {
      assertEquals(host.calls.dbDueCount(db), 0);
      assertEquals(host.calls.dbSize(db), 100);
    }
    host.verify();
  }
});

Deno.test("volatile-ttl evicts whoever is due next, in all databases", async () => {
  const random = new Random(SEED);
  const host = await EvictionHost.open(true, SEED);
  const dbs = [host.newDatabase(), host.newDatabase(), host.newDatabase()];
  host.setPolicy("volatile-ttl");
  const dues = Array.from({ length: 300 }, (_, i) => {
    const due = START_MS * 2 + random.int(1_000_000);
    host.set(dbs[i % 3], `k${i}`, "v", due);
    return due;
  });
  host.forget();
  host.evictKeys(100);
  const latest = dues.toSorted((a, b) => a - b)[99];
  dues.forEach((due, i) => {
    assertEquals(host.due(dbs[i % 3], `k${i}`) < 0, due <= latest);
  });
});

Deno.test("nobody is evicted who was used since, and any who was not", async () => {
  const host = await EvictionHost.open(true, SEED);
  const db = host.newDatabase();
  host.setPolicy("allkeys-lru", 64);
  host.calls.setClock(START_MS);
  for (let i = 0; i < 400; i++) host.set(db, `k${i}`, "v");
  host.forget();
  // The pool has seen the keys when half of them are used once more.
  host.evictKeys(1);
  host.calls.setClock(START_MS + 10);
  for (let i = 0; i < 200; i++) host.get(db, `k${i}`);
  host.forget();
  host.calls.setClock(START_MS + 20);
  host.evictKeys(190);
  let kept = 0;
  for (let i = 0; i < 200; i++) if (host.get(db, `k${i}`)) kept++;
  assert(kept >= 199, `${kept}`);
});

Deno.test("a clock that goes round knows what is older", async () => {
  const host = await EvictionHost.open(true, SEED);
  const db = host.newDatabase();
  host.setPolicy("allkeys-lru", 64);
  const roundMs = 2 ** 32 / 256 * 1000;
  host.calls.setClock(roundMs * 5 - 1000);
  for (let i = 0; i < 50; i++) host.set(db, `old${i}`, "v");
  host.calls.setClock(roundMs * 5 + 1000);
  for (let i = 0; i < 50; i++) host.set(db, `new${i}`, "v");
  assertEquals(host.idle(db, "old1"), 2);
  host.forget();
  host.evictKeys(50);
  const rest = host.walk(db, 100);
  assertEquals(rest.filter((key) => key.startsWith("old")), []);
  assertEquals(rest.length, 50);
});

Deno.test("random policies go from database to database", async () => {
  for (const policy of ["allkeys-random", "volatile-random"]) {
    const host = await EvictionHost.open(true, SEED);
    const [large, small] = [host.newDatabase(), host.newDatabase()];
    host.setPolicy(policy);
    for (let i = 0; i < 1000; i++) {
      host.set(i < 900 ? large : small, `k${i}`, "v", START_MS * 2);
    }
    host.forget();
    host.evictKeys(100);
    assertEquals(host.calls.dbSize(large), 850);
    assertEquals(host.calls.dbSize(small), 50);
  }
});

Deno.test("others are evicted by the size of their database", async () => {
  const host = await EvictionHost.open(true, SEED);
  const [large, small] = [host.newDatabase(), host.newDatabase()];
  host.setPolicy("allkeys-lru");
  host.calls.setClock(START_MS);
  for (let i = 0; i < 2000; i++) {
    host.set(i < 1800 ? large : small, `k${i}`, "v");
  }
  host.forget();
  host.evictKeys(500);
  const share = (200 - host.calls.dbSize(small)) / 500;
  assert(share > 0.03 && share < 0.25, `${share}`);
});

Deno.test("an eviction ends when its steps do, and can go on", async () => {
  const host = await EvictionHost.open(true, SEED);
  const db = host.newDatabase();
  host.setPolicy("allkeys-random");
  for (let i = 0; i < 1000; i++) host.set(db, `k${i}`, "v".repeat(100));
  host.forget();
  const { calls } = host;
  host.leaveRoom(-50_000);
  assertEquals(calls.isOverLimit(), 1);
  assertEquals(calls.evict(0, 0), EVICTION_UNFINISHED);
  assertEquals(calls.evict(0, 10), EVICTION_UNFINISHED);
  assertEquals(calls.statEvicted(), 10);
  assertEquals(calls.evict(0, 1000), EVICTION_DONE);
  assertEquals(calls.isOverLimit(), 0);
  calls.setOutsideBytes(calls.freeRoom() + 1000);
  assertEquals(calls.isOverLimit(), 1);
  assertEquals(calls.evict(0, 1000), EVICTION_DONE);
  host.setPolicy("noeviction");
  calls.setOutsideBytes(1e9);
  assertEquals(calls.evict(0, 1000), EVICTION_EXHAUSTED);
});

Deno.test("what does not fit is refused, and nothing has changed", async () => {
  const host = await EvictionHost.open(true, SEED);
  const db = host.newDatabase();
  host.set(db, "k", "old");
  host.forget();
  const { calls } = host;
  host.say("k", "v".repeat(5000));
  host.leaveRoom(2000);
  calls.beginBounded();
  assertEquals(calls.setString(db, 0, 1, 0, 0), NO_MEMORY);
  const lack = calls.refusedBytes();
  calls.endBounded();
  host.forget();
  assert(lack > 3000 && lack < 6000, `${lack}`);
  assertEquals(host.get(db, "k"), "old");
  calls.setMemoryLimit(Infinity);
  host.verify();
});
