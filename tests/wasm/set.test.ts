/** Sets in the engine: a fuzz against plain Sets, encodings, want of memory. */
import { assert, assertEquals } from "@std/assert";
import {
  SET_DIFFERENCE,
  SET_INTERSECTION,
  SET_UNION,
} from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { SetHost } from "./set_host.ts";

const KEYS = ["a", "b", "c", "d", "e"];
const OPERATIONS = [SET_INTERSECTION, SET_UNION, SET_DIFFERENCE];
const NO_LIMIT = 2 ** 31 - 1;
const NO_MEMORY = -1;

type Model = Map<string, Set<string>>;

function of(model: Model, key: string): Set<string> {
  return model.get(key) ?? new Set();
}

function combined(model: Model, operation: number, keys: string[]) {
  const [first, ...others] = keys.map((key) => of(model, key));
  return others.reduce(
    (result, other) =>
      operation === SET_UNION
        ? result.union(other)
        : operation === SET_INTERSECTION
        ? result.intersection(other)
        : result.difference(other),
    first,
  );
}

function put(model: Model, key: string, set: Set<string>): void {
  if (set.size) model.set(key, set);
  else model.delete(key);
}

const sorted = (words: Iterable<string>) => [...words].sort();

/** Words of several kinds, so that sets share some of them. */
function word(random: Random, spread: number): string {
  const n = random.int(spread);
  switch (random.int(8)) {
    case 0:
      return `m${n}`;
    case 1:
      return `${n}`.padStart(20, "0");
    case 2:
      return n % 50 ? `-${n + 1}` : "x".repeat(n === 50 ? 66_000 : 80 + n);
    default:
      return `${n}`;
  }
}

class Fuzz {
  readonly model: Model = new Map();

  constructor(
    readonly host: SetHost,
    readonly random: Random,
    readonly spread: number,
    readonly kind: "integers" | "words",
  ) {}

  word(): string {
    return this.kind === "integers"
      ? `${this.random.int(this.spread)}`
      : word(this.random, this.spread);
  }

  words(count: number): string[] {
    return Array.from({ length: count }, () => this.word());
  }

  step(): void {
    const { host, random, model } = this;
    const key = random.pick(KEYS);
    const old = of(model, key);
    const action = random.int(100);
    if (action < 35) this.add(key, random.chance(0.5) ? 1 : random.int(40) + 1);
    else if (action < 50) this.remove(key);
    else if (action < 56) this.move(key, random.pick(KEYS));
    else if (action < 62) {
      const popped = host.pop(key);
      assertEquals(popped !== null, old.size > 0);
      if (popped !== null) this.take(key, [popped]);
    } else if (action < 68) {
      const count = random.int(old.size * 5 / 4 + 2);
      const popped = host.popMany(key, count);
      assertEquals(popped.length, Math.min(count, old.size));
      this.take(key, popped);
    } else if (action < 73) this.draw(key);
    else if (action < 90) this.combine(key);
    else if (action < 93) {
      if (key !== "e" && host.copy(key, "e") === 1) {
        model.set("e", new Set(old));
      }
    } else if (action < 95) {
      assertEquals(host.delete(key), old.size ? 1 : 0);
      model.delete(key);
      host.reclaim();
    } else this.scan(key);
  }

  add(key: string, count: number): void {
    const words = this.words(count);
    const set = new Set(of(this.model, key));
    const before = set.size;
    words.forEach((one) => set.add(one));
    assertEquals(this.host.add(key, ...words), set.size - before);
    put(this.model, key, set);
  }

  remove(key: string): void {
    const { random, model, host } = this;
    const set = new Set(of(model, key));
    const words = random.chance(0.5) || !set.size
      ? this.words(random.int(30) + 1)
      : Array.from({ length: 5 }, () => random.pick([...set]));
    const before = set.size;
    words.forEach((one) => set.delete(one));
    assertEquals(host.remove(key, ...words), before - set.size);
    if (before) assertEquals(host.calls.wasEmptied(), set.size ? 0 : 1);
    put(model, key, set);
  }

  move(from: string, to: string): void {
    const { random, model, host } = this;
    const source = of(model, from), target = of(model, to);
    const member = source.size && random.chance(0.7)
      ? random.pick([...source])
      : this.word();
    const expected = !source.has(member)
      ? 0
      : from === to
      ? 1
      : target.has(member)
      ? 3
      : 7;
    assertEquals(host.move(from, to, member), expected);
    if (expected <= 1) return;
    this.take(from, [member]);
    put(model, to, new Set([...target, member]));
  }

  /** The model loses members, each of which it must have. */
  take(key: string, members: string[]): void {
    const set = new Set(of(this.model, key));
    for (const member of members) {
      assert(set.delete(member), `${key} had no ${member}`);
    }
    put(this.model, key, set);
  }

  draw(key: string): void {
    const { host, random, model } = this;
    const set = of(model, key);
    const one = host.random(key);
    assert(set.size ? set.has(one!) : one === null);
    const count = random.int(set.size * 5 / 4 + 2);
    const different = host.randoms(key, count);
    assertEquals(new Set(different).size, Math.min(count, set.size));
    assert(different.every((member) => set.has(member)));
    const repeated = host.randoms(key, count, true);
    assertEquals(repeated.length, set.size ? count : 0);
    assert(repeated.every((member) => set.has(member)));
  }

  combine(target: string): void {
    const { host, random, model } = this;
    const operation = random.pick(OPERATIONS);
    const count = random.chance(0.05) ? 40 : random.int(4) + 1;
    const keys = Array.from({ length: count }, () => random.pick(KEYS));
    const expected = combined(model, operation, keys);
    const hint = `${operation} of ${keys}`;
    const result = host.combine(operation, ...keys);
    assertEquals(sorted(result), sorted(expected), hint);
    const limit = random.chance(0.5) ? NO_LIMIT : random.int(20) + 1;
    assertEquals(
      host.combinedCount(operation, limit, ...keys),
      Math.min(limit, expected.size),
      hint,
    );
    if (!random.chance(0.4)) return;
    assertEquals(host.store(operation, target, ...keys), expected.size, hint);
    put(model, target, new Set(expected));
  }

  scan(key: string): void {
    const { host, random, model } = this;
    const found: string[] = [];
    let cursor = 0;
    do {
      const { next, members } = host.scan(key, cursor, random.int(30) + 1);
      found.push(...members);
      cursor = next;
    } while (cursor !== 0);
    assertEquals(sorted(found), sorted(of(model, key)));
  }

  check(): void {
    const { host, model } = this;
    for (const key of KEYS) {
      const set = of(model, key);
      assertEquals(sorted(host.members(key)), sorted(set), key);
      assertEquals(host.count(key), set.size);
      assertEquals(host.broken(key), 0, `${key} is broken`);
      const word = this.word();
      assertEquals(host.has(key, word), set.has(word));
    }
    assertEquals(host.calls.verifyDatabase(host.db), 0);
    host.verify();
  }
}

for (const build of BUILDS) {
  Deno.test(`sets are the Sets that they model (${build.name})`, async () => {
    const steps = build.debug ? 500 : 1200;
    for (const [index, kind] of ["integers", "words", "words"].entries()) {
      const seed = 20260500 + index;
      console.log(`seed ${seed}`);
      const random = new Random(seed);
      const host = await SetHost.load(build, seed);
      const before = host.dataBytes();
      const spread = [600, 60, 900][index];
      host.calls.setSetLimits(
        ...[[512, 128, 64], [20, 16, 30], [64, 90, 64]][
          index
        ] as [number, number, number],
      );
      const fuzz = new Fuzz(host, random, spread, kind as "words");
      for (let step = 0; step < steps; step++) {
        fuzz.step();
        if (step % 40 === 0) fuzz.check();
      }
      fuzz.check();
      for (const key of KEYS) host.delete(key);
      host.reclaim();
      host.forget();
      assertEquals(host.calls.dbSize(host.db), 0);
      assertEquals(host.dataBytes(), before);
    }
  });
}

Deno.test("an operation without memory changes nothing", async () => {
  const seed = 20260510;
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  const host = await SetHost.load(BUILDS[1], seed);
  host.calls.setSetLimits(24, 16, 30);
  const fuzz = new Fuzz(host, random, 60, "words");
  for (let step = 0; step < 200; step++) fuzz.step();
  let failures = 0;
  for (let step = 0; step < 80; step++) {
    // The same words as often as it takes, with one allocation more each time.
    const key = random.pick(KEYS), other = random.pick(KEYS);
    const words = fuzz.words(random.int(20) + 1);
    const operation = random.pick(OPERATIONS);
    const action = random.int(5);
    for (let allowed = 0;; allowed++) {
      const before = KEYS.map((one) => sorted(of(fuzz.model, one)));
      host.say(key, other, ...words);
      const { calls, db } = host;
      calls.failAllocationsAfter(allowed);
      const result = action === 0
        ? calls.addMembers(db, 0, 2, words.length)
        : action === 1
        ? calls.moveMember(db, 0, 1, 2)
        : action === 2
        ? calls.storeCombined(db, operation, 1, 0, 2)
        : action === 3
        ? calls.popMembers(db, 0, words.length, 0)
        : calls.replyCombined(db, operation, 0, 2);
      calls.failAllocationsAfter(-1);
      calls.releasePopped();
      if (result !== NO_MEMORY) break;
      failures++;
      // A reply that was begun is taken back.
      assertEquals(host.replies(), []);
      KEYS.forEach((one, i) => {
        assertEquals(sorted(host.members(one)), before[i]);
        assertEquals(host.broken(one), 0);
      });
    }
    host.replies();
    for (const one of KEYS) put(fuzz.model, one, new Set(host.members(one)));
    host.verify();
  }
  assert(failures > 50, `${failures} failures`);
});

const numbers = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${from + i}`);
const texts = (count: number) => numbers(count).map((n) => `m${n}`);

Deno.test("encodings change at the bounds of Redis 7.2", async () => {
  const host = await SetHost.load(BUILDS[0]);
  const encodingOf = (...steps: string[][]) => {
    host.delete("s");
    for (const members of steps) host.add("s", ...members);
    assertEquals(host.broken("s"), 0);
    return host.encoding("s");
  };
  const one = (members: string[]) => members.map((member) => [member]);
  assertEquals(encodingOf(numbers(512)), "intset");
  assertEquals(encodingOf(numbers(513)), "hashtable");
  assertEquals(encodingOf(...one(numbers(512))), "intset");
  assertEquals(encodingOf(...one(numbers(513))), "hashtable");
  assertEquals(encodingOf(...one([...numbers(512), "511"])), "intset");
  assertEquals(encodingOf(texts(128)), "listpack");
  assertEquals(encodingOf(texts(129)), "hashtable");
  assertEquals(encodingOf(...one(texts(128))), "listpack");
  assertEquals(encodingOf(...one(texts(129))), "hashtable");
  // So many members at once make a hash table, however few they really are.
  assertEquals(encodingOf(["x"], Array(129).fill("x")), "hashtable");
  assertEquals(encodingOf(["1"], Array(513).fill("1")), "hashtable");
  assertEquals(encodingOf(Array(200).fill("x")), "hashtable");
  assertEquals(encodingOf(Array(200).fill("1")), "intset");
  assertEquals(encodingOf(["x".repeat(64)]), "listpack");
  assertEquals(encodingOf(["x".repeat(65)]), "hashtable");
  assertEquals(encodingOf(["x"], ["x".repeat(65)]), "hashtable");
  assertEquals(encodingOf(...one([...numbers(127), "x"])), "listpack");
  assertEquals(encodingOf(...one([...numbers(128), "x"])), "hashtable");
  assertEquals(encodingOf(["1"], ["x".repeat(65)]), "hashtable");
  assertEquals(encodingOf(["01"]), "listpack");
  assertEquals(encodingOf(["9223372036854775807"]), "intset");
  assertEquals(encodingOf(["9223372036854775808"]), "listpack");

  host.calls.setSetLimits(0, 128, 64);
  assertEquals(encodingOf(["1"]), "listpack");
  host.calls.setSetLimits(0, 0, 64);
  assertEquals(encodingOf(["1"]), "hashtable");
  host.calls.setSetLimits(512, 128, 3);
  assertEquals(encodingOf(["1", "22"], ["x"]), "listpack");
  assertEquals(encodingOf(["1", "-222"], ["x"]), "hashtable");
  assertEquals(encodingOf(["1", "2222"], ["x"]), "hashtable");
});

Deno.test("stored results have the encodings of Redis 7.2", async () => {
  const host = await SetHost.load(BUILDS[0]);
  host.add("ints", ...numbers(300));
  host.add("ints2", ...numbers(300, 250));
  host.add("texts", ...texts(100));
  host.add("mixed", "1", "2", "x");
  host.add("table", ...texts(200), ...numbers(30));
  host.add("tableOfInts", ...numbers(600));
  const encodingOf = (operation: number, ...keys: string[]) => {
    host.delete("to");
    host.store(operation, "to", ...keys);
    assertEquals(host.broken("to"), 0);
    return host.encoding("to");
  };
  const inter = SET_INTERSECTION, union = SET_UNION, diff = SET_DIFFERENCE;
  assertEquals(encodingOf(inter, "ints", "ints2"), "intset");
  assertEquals(encodingOf(inter, "table", "ints"), "intset");
  assertEquals(encodingOf(inter, "table", "mixed", "ints"), "intset");
  assertEquals(encodingOf(inter, "table", "texts"), "listpack");
  assertEquals(encodingOf(inter, "table"), "hashtable");
  assertEquals(encodingOf(inter, "tableOfInts"), "hashtable");
  assertEquals(encodingOf(inter, "tableOfInts", "table"), "intset");
  assertEquals(encodingOf(union, "ints", "ints"), "intset");
  assertEquals(encodingOf(union, "ints", "ints2"), "hashtable");
  assertEquals(encodingOf(union, "mixed", "none"), "listpack");
  assertEquals(encodingOf(union, "texts", "mixed"), "listpack");
  assertEquals(encodingOf(union, "mixed", "ints"), "hashtable");
  assertEquals(encodingOf(union, "tableOfInts"), "hashtable");
  assertEquals(encodingOf(diff, "ints", "ints2"), "intset");
  assertEquals(encodingOf(diff, "table", "texts"), "hashtable");
  assertEquals(encodingOf(diff, "mixed", "ints"), "listpack");
  assertEquals(encodingOf(diff, "ints", "ints"), "none");
  assertEquals(encodingOf(diff, "tableOfInts", "ints2"), "intset");
  // Its second way copies the first set: that decides the encoding.
  const few = Array.from({ length: 9 }, (_, i) => `few${i}`);
  for (const key of few) host.add(key, ...numbers(120), "y");
  assertEquals(encodingOf(diff, "tableOfInts", ...few), "hashtable");
  assertEquals(host.count("to"), 480);

  host.calls.setSetLimits(100, 128, 64);
  host.add("small", ...numbers(90));
  host.add("large", ...numbers(90), "x");
  // More integers than an intset may have and few enough for a listpack.
  host.add("both", ...texts(10), ...numbers(115));
  assertEquals(encodingOf(inter, "both", "ints"), "listpack");
  assertEquals(encodingOf(union, "small", "large"), "listpack");
});

Deno.test("SPOP of nearly all members makes a new and smaller set", async () => {
  const host = await SetHost.load(BUILDS[0]);
  host.add("s", ...texts(1000));
  const popped = host.popMany("s", 960);
  assertEquals(host.encoding("s"), "listpack");
  assertEquals(sorted([...popped, ...host.members("s")]), sorted(texts(1000)));
  host.add("i", ...numbers(500));
  host.popMany("i", 490);
  assertEquals(host.encoding("i"), "intset");
  host.add("t", ...texts(1000));
  host.popMany("t", 840);
  assertEquals(host.encoding("t"), "hashtable");
  assertEquals(host.count("t"), 160);
  host.reclaim();
  host.verify();
});

/** The sum over members of (seen - expected)^2 / expected. */
function chiSquare(counts: Map<string, number>, members: string[]): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  const expected = total / members.length;
  return members.reduce(
    (sum, one) => sum + ((counts.get(one) ?? 0) - expected) ** 2 / expected,
    0,
  );
}

Deno.test("random members come with equal chances", async () => {
  const host = await SetHost.load(BUILDS[0], 99);
  const forms = [
    ["intset", numbers(40)],
    ["listpack", texts(40)],
    ["hashtable", [...texts(39), "x".repeat(70)]],
  ] as const;
  const draws: [string, () => string[]][] = [
    ["one", () => [host.random("s")!]],
    ["repeated", () => host.randoms("s", 7, true)],
    ["few", () => host.randoms("s", 5)],
    ["many", () => host.randoms("s", 30)],
    ["popped", () => {
      host.copy("s", "t");
      return [host.pop("t")!];
    }],
    ["popped few", () => {
      host.copy("s", "t");
      return host.popMany("t", 4);
    }],
    ["popped most", () => {
      host.copy("s", "t");
      return host.popMany("t", 37);
    }],
  ];
  for (const [form, members] of forms) {
    host.delete("s");
    host.add("s", ...members);
    assertEquals(host.encoding("s"), form);
    for (const [name, draw] of draws) {
      const counts = new Map<string, number>();
      for (let i = 0; i < 1000; i++) {
        for (const one of draw()) counts.set(one, (counts.get(one) ?? 0) + 1);
      }
      // 39 degrees of freedom: beyond 90 in fewer than 1 of 100,000 runs.
      const value = chiSquare(counts, [...members]);
      assert(value < 90, `${form}, ${name}: ${value}`);
    }
  }
});

Deno.test("SSCAN meets what stays in a set that grows and shrinks", async () => {
  const host = await SetHost.load(BUILDS[0]);
  const random = new Random(20260520);
  for (const growing of [true, false]) {
    host.delete("s");
    const stays = texts(500);
    const comes = numbers(6000);
    for (let i = 0; i < 6500; i += 500) {
      const part = [...stays, ...(growing ? [] : comes)].slice(i, i + 500);
      if (part.length) host.add("s", ...part);
    }
    const found = new Set<string>();
    let cursor = 0;
    do {
      const { next, members } = host.scan("s", cursor, 10);
      members.forEach((one) => found.add(one));
      cursor = next;
      const part = Array.from({ length: 40 }, () => random.pick(comes));
      if (growing) host.add("s", ...part);
      else host.remove("s", ...part);
    } while (cursor !== 0);
    for (const one of stays) assert(found.has(one), one);
  }
});

Deno.test("the estimate of a union is within three per cent", async () => {
  const host = await SetHost.load(BUILDS[0]);
  assertEquals(host.estimate("none", "nothing"), 0);
  host.add("i", "1", "2", "3");
  host.add("l", "3", "x");
  assertEquals(host.estimate("i", "l"), 4);
  for (let i = 0; i < 60; i++) {
    host.add(`big${i % 3}`, ...numbers(1000, i * 700));
  }
  const exact = host.combinedCount(SET_UNION, NO_LIMIT, "big0", "big1", "big2");
  const estimate = host.estimate("big0", "big1", "big2", "i");
  assert(Math.abs(estimate - exact) < exact * 0.03, `${estimate} of ${exact}`);
});

Deno.test("a broken hash table of members is named", async () => {
  const host = await SetHost.load(BUILDS[0]);
  host.add("s", "x".repeat(65));
  assertEquals(host.broken("s"), 0);
  const table = host.calls.entryValue(host.entry("s"));
  const bucket = host.word(host.word(table + 8));
  const member = host.word(bucket + 16);
  host.calls.setFlags(member, 8 | 16);
  assertEquals(host.broken("s"), 10);
  host.calls.setFlags(member, 8);
  assertEquals(host.broken("s"), 0);
});
