/** Searches over sorted sets in the engine, against looking at each member. */
import { assert, assertEquals } from "@std/assert";
import {
  GEO_AS_FOUND,
  GEO_FARTHEST,
  GEO_NEAREST,
  MISSING,
  OUT_OF_MEMORY,
  WRONG_TYPE,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS, loadModules } from "../support/wasm.ts";
import { type DatabaseExports, DatabaseHost } from "./word_host.ts";

interface Exports extends DatabaseExports {
  releaseArguments(): void;
  argPtr(index: number): number;
  argLen(index: number): number;
  deleteKey(db: number, key: number): number;
  setString(
    db: number,
    key: number,
    value: number,
    flags: number,
    due: number,
  ): number;
  verifyValue(entry: number): number;
  reclaim(maxCount: number): number;
  setSortedSetLimits(entries: number, valueBytes: number): void;
  zsetAdd(
    db: number,
    key: number,
    first: number,
    count: number,
    flags: number,
  ): number;
  zsetRangeByRank(
    db: number,
    key: number,
    start: number,
    stop: number,
    reverse: number,
    withScores: number,
  ): number;
  encodePlace(longitude: number, latitude: number, step: number): bigint;
  setCenter(longitude: number, latitude: number): void;
  setCircle(radius: number, unit: number): void;
  setBox(width: number, height: number, unit: number): void;
  distanceWithin(score: number): number;
  openGeo(db: number, key: number): number;
  pushScores(first: number, count: number): number;
  geoSearch(countMax: number, any: number, order: number): number;
  replyFound(details: number): void;
  storeFound(db: number, key: number, distances: number): number;
}

const MODULES = [
  ...["allocator", "arguments", "database", "geo", "geo_area", "geohash"],
  ...["limits", "reply", "string", "value", "zset", "zset_range"],
  ...["graveyard", "keys", "lookup"],
];

class Host extends DatabaseHost<Exports> {
  static async load(debug: boolean): Promise<Host> {
    return new Host(await loadModules<Exports>(MODULES, { debug }));
  }

  override forget(): void {
    this.calls.releaseArguments();
    super.forget();
  }

  argument(index: number): string {
    const { calls } = this;
    return this.text(calls.argPtr(index), calls.argLen(index));
  }

  /** The bulk strings of the replies since the last call. */
  take(): string[] {
    const lines = this.takeText().split("\r\n");
    return lines.filter((line) => line !== "" && !/^[$*]/.test(line));
  }

  /** Members and scores in order, and all invariants. */
  read(key: string): string[] {
    const entry = this.entry(key);
    if (entry) assertEquals(this.calls.verifyValue(entry), 0);
    assertEquals(this.calls.verifyDatabase(this.db), 0);
    assertEquals(this.calls.zsetRangeByRank(this.db, 0, 0, -1, 0, 1), 0);
    return this.take();
  }

  delete(key: string): void {
    this.say(key);
    this.calls.deleteKey(this.db, 0);
    while (this.calls.reclaim(1000) > 0) continue;
  }
}

interface Member {
  name: string;
  score: number;
}

/** Fills the key "g"; some names are integers, no two places equal. */
function fill(host: Host, random: Random, count: number): Member[] {
  const members = new Map<number, Member>();
  while (members.size < count) {
    const longitude = 7 + random.int(2 ** 32) / 2 ** 31;
    const latitude = 46 + random.int(2 ** 32) / 2 ** 31;
    const score = Number(host.calls.encodePlace(longitude, latitude, 26));
    const name = random.chance(0.3)
      ? `${members.size}`
      : `m${members.size}`.padEnd(random.int(30), "x");
    members.set(score, { name, score });
  }
  const all = [...members.values()];
  for (const { name, score } of all) {
    host.say("g", score, name);
    assertEquals(host.calls.zsetAdd(host.db, 0, 1, 1, 0), 0);
  }
  host.take();
  return all;
}

function setArea(host: Host, random: Random): void {
  const { calls } = host;
  calls.setCenter(7 + random.int(300) / 100, 46 + random.int(300) / 100);
  const size = 10 ** (random.int(50) / 10 + 1);
  if (random.chance(0.5)) calls.setCircle(size, 1);
  else calls.setBox(size * 2, size * random.int(5), 1);
}

/** Members in the area, in an order, with their distances. */
function within(host: Host, members: Member[], order: number) {
  const found = members
    .map(({ name, score }) => ({
      name,
      score,
      distance: host.calls.distanceWithin(score),
    }))
    .filter(({ distance }) => distance >= 0);
  const way = order === GEO_FARTHEST ? -1 : 1;
  return found.sort((a, b) => (a.distance - b.distance) * way);
}

for (const build of BUILDS) {
  Deno.test(`a search finds what looking at each member finds (${build.name})`, async () => {
    const host = await Host.load(build.debug);
    const { calls, db } = host;
    for (const [limit, count] of [[200, 60], [128, 700]]) {
      const random = new Random(900 + count);
      calls.setSortedSetLimits(limit, 64);
      const members = fill(host, random, count);
      const used = host.used();
      for (let round = 0; round < 200; round++) {
        const context = `seed ${random.seed}, round ${round}`;
        setArea(host, random);
        const order = random.pick([GEO_NEAREST, GEO_FARTHEST]);
        const wanted = random.chance(0.3) ? Infinity : 1 + random.int(40);
        const found = within(host, members, order);
        const some = found.slice(0, wanted);
        host.say("g", "to");
        assertEquals(calls.openGeo(db, 0), 1);
        assertEquals(calls.geoSearch(wanted, 0, order), some.length, context);
        if (random.chance(0.5)) {
          calls.replyFound(0);
          assertEquals(host.take(), some.map(({ name }) => name), context);
          continue;
        }
        assertEquals(calls.storeFound(db, 1, 1) >= 0, true, context);
        const stored = host.read("to").filter((_, i) => i % 2 === 0);
        const nearest = within(host, some, GEO_NEAREST);
        assertEquals(stored, nearest.map(({ name }) => name), context);
        host.delete("to");

        host.say("g");
        calls.openGeo(db, 0);
        const any = calls.geoSearch(wanted, 1, GEO_AS_FOUND);
        assertEquals(any, some.length, context);
        calls.replyFound(0);
        const names = new Set(found.map(({ name }) => name));
        assert(names.isSupersetOf(new Set(host.take())), context);
      }
      assertEquals(host.used(), used, "nothing is left behind");
      host.delete("g");
    }
  });
}

Deno.test("without memory a search changes nothing and leaves nothing", async () => {
  const host = await Host.load(true);
  const { calls, db } = host;
  const random = new Random(77);
  let failures = 0;
  for (const [limit, count] of [[200, 100], [20, 400]]) {
    calls.setSortedSetLimits(limit, 64);
    fill(host, random, count);
    host.say("to", "1", "old");
    assertEquals(calls.zsetAdd(db, 0, 1, 1, 0), 0);
    host.take();
    calls.setCenter(8, 47);
    calls.setCircle(200_000, 1);
    const used = host.used();
    for (let allowed = 0;; allowed++) {
      host.say("g", "to");
      calls.failAllocationsAfter(allowed);
      assertEquals(calls.openGeo(db, 0), 1);
      let code = calls.geoSearch(Infinity, 0, GEO_NEAREST);
      if (code > 0) code = calls.storeFound(db, 1, 0);
      calls.failAllocationsAfter(-1);
      if (code === 1) break;
      failures++;
      assertEquals(code, OUT_OF_MEMORY);
      assertEquals(host.used(), used);
      if (allowed % 10 === 0) assertEquals(host.read("to"), ["old", "1"]);
    }
    assertEquals(host.read("to"), host.read("g"));
    host.delete("g");
    host.delete("to");
  }
  assert(failures > 100, `only ${failures} failures`);
});

Deno.test("places become the pairs that ZADD takes", async () => {
  const host = await Host.load(true);
  const { calls } = host;
  host.say(
    "g",
    "13.361389",
    "38.115556",
    "Palermo",
    "-180",
    "-85.05112878",
    "",
  );
  const first = calls.pushScores(1, 2);
  const words = [0, 1, 2, 3].map((i) => host.argument(first + i));
  assertEquals(words, ["3479099956230698", "Palermo", "0", ""]);
  host.say("g", ..."123123123".split(""));
  calls.failAllocationsAfter(0);
  assertEquals(calls.pushScores(1, 3), OUT_OF_MEMORY);
  calls.failAllocationsAfter(-1);
  assertEquals(host.argument(calls.pushScores(1, 3) + 5), "3");
});

Deno.test("a key that is missing or no sorted set cannot be opened", async () => {
  const host = await Host.load(false);
  const { calls, db } = host;
  host.say("s", "text");
  assertEquals(calls.openGeo(db, 0), MISSING);
  calls.setString(db, 0, 1, 0, 0);
  assertEquals(calls.openGeo(db, 0), WRONG_TYPE);
});
