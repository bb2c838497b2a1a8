/** Rankings against a sorted array. */
import { assert, assertEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { OUT_OF_MEMORY } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import {
  type AllocatorExports,
  BUILDS,
  Instance,
  loadModules,
} from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  newField(ptr: number, n: number, valueBytes: number, due: number): number;
  rankingInit(ranking: number): void;
  rankingCount(ranking: number): number;
  rankingFirst(ranking: number): number;
  rankingInsert(ranking: number, score: number, member: number): number;
  rankingAppend(ranking: number, score: number, member: number): number;
  rankingRemove(ranking: number, score: number, member: number): void;
  rankingMove(
    ranking: number,
    from: number,
    to: number,
    member: number,
  ): number;
  rankOf(ranking: number, score: number, member: number): number;
  rankOfScore(ranking: number, score: number, orEqual: number): number;
  rankOfName(
    ranking: number,
    ptr: number,
    byteCount: number,
    orEqual: number,
  ): number;
  seekRank(ranking: number, rank: number): void;
  cutHere(ranking: number, maxCount: number): number;
  stepForward(): number;
  stepBack(): number;
  memberHere(): number;
  scoreHere(): number;
  rankingDrain(ranking: number): number;
  rankingBytes(ranking: number): number;
  verifyRanking(ranking: number): number;
  compareBytes(a: number, aBytes: number, b: number, bBytes: number): number;
}

const SEED = 20_261_123;
const RANKING_BYTES = 24;
const LEAF_CAPACITY = 41;
const INNER_CAPACITY = 50;

interface Element {
  score: number;
  name: string;
  member: number;
}

function compare(a: Element, b: Element): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** A ranking and the sorted array that it must agree with. */
class Host extends Instance<Exports> {
  readonly ranking = this.alloc(RANKING_BYTES);
  readonly model: Element[] = [];
  readonly #scratch = this.alloc(1024);

  static async load(debug: boolean): Promise<Host> {
    const names = ["allocator", "field", "ranking"];
    const host = new Host(await loadModules<Exports>(names, { debug }));
    host.calls.rankingInit(host.ranking);
    return host;
  }

  write(name: string): number {
    const bytes = Buffer.from(name, "latin1");
    this.bytes(this.#scratch, bytes.length).set(bytes);
    return this.#scratch;
  }

  newMember(name: string): number {
    const { calls } = this;
    return calls.newField(this.write(name), name.length, 8, 0) >>> 0;
  }

  /** Where an element stands or would stand in the model. */
  place(element: Element): number {
    let low = 0, high = this.model.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(this.model[middle], element) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  insert(score: number, name: string): number {
    const element = { score, name, member: this.newMember(name) };
    const place = this.place(element);
    const code = this.calls.rankingInsert(this.ranking, score, element.member);
    if (code === 0) this.model.splice(place, 0, element);
    else this.calls.free(element.member);
    return code;
  }

  remove(index: number): void {
    const [element] = this.model.splice(index, 1);
    this.calls.rankingRemove(this.ranking, element.score, element.member);
    this.calls.free(element.member);
  }

  move(index: number, score: number): number {
    const [element] = this.model.splice(index, 1);
    const { calls, ranking } = this;
    const { member } = element;
    const code = calls.rankingMove(ranking, element.score, score, member);
    if (code === 0) element.score = score;
    this.model.splice(this.place(element), 0, element);
    return code;
  }

  /** Removes a range by ranks, leaf by leaf, members first. */
  cut(rank: number, count: number): void {
    for (const { member } of this.model.splice(rank, count)) {
      this.calls.free(member);
    }
    while (count > 0) {
      this.calls.seekRank(this.ranking, rank);
      count -= this.calls.cutHere(this.ranking, count);
    }
  }

  here(): Element | undefined {
    const member = this.calls.memberHere() >>> 0;
    return this.model.find((element) => element.member === member);
  }

  check(context: string): void {
    assertEquals(this.calls.verifyRanking(this.ranking), 0, context);
    assertEquals(this.calls.rankingCount(this.ranking), this.model.length);
  }

  /** Compares everything, in both directions. */
  compareAll(context: string): void {
    this.check(context);
    const { calls, model, ranking } = this;
    if (model.length === 0) return;
    calls.seekRank(ranking, 0);
    for (let i = 0; i < model.length; i++) {
      assertEquals(calls.memberHere() >>> 0, model[i].member, context);
      assert(Object.is(calls.scoreHere(), model[i].score), context);
      assertEquals(calls.stepForward() !== 0, i + 1 < model.length, context);
    }
    calls.seekRank(ranking, model.length - 1);
    for (let i = model.length - 1; i >= 0; i--) {
      assertEquals(calls.memberHere() >>> 0, model[i].member, context);
      assertEquals(calls.stepBack() !== 0, i > 0, context);
    }
  }

  /** Asks for ranks, by element, by score and by rank. */
  askAbout(random: Random, context: string): void {
    const { calls, model, ranking } = this;
    if (model.length === 0) return;
    const rank = random.int(model.length);
    const { score, member } = model[rank];
    assertEquals(calls.rankOf(ranking, score, member), rank, context);
    calls.seekRank(ranking, rank);
    assertEquals(calls.memberHere() >>> 0, member, context);
    const bound = random.chance(0.5) ? score : score + random.int(3) - 1.5;
    const below = model.filter((it) => it.score < bound).length;
    const notAbove = model.filter((it) => it.score <= bound).length;
    for (const [expected, orEqual] of [[below, 0], [notAbove, 1]]) {
      const found = calls.rankOfScore(ranking, bound, orEqual);
      assertEquals(found, expected, `${context}: score ${bound}`);
      if (expected === model.length) continue;
      assertEquals(calls.memberHere() >>> 0, model[expected].member, context);
    }
  }

  /** The same by name; only where all scores are equal. */
  askByName(name: string, context: string): void {
    const { calls, model, ranking } = this;
    const below = model.filter((it) => it.name < name).length;
    const notAbove = model.filter((it) => it.name <= name).length;
    for (const [expected, orEqual] of [[below, 0], [notAbove, 1]]) {
      const ptr = this.write(name);
      const found = calls.rankOfName(ranking, ptr, name.length, orEqual);
      assertEquals(found, expected, context);
      if (expected === model.length) continue;
      assertEquals(calls.memberHere() >>> 0, model[expected].member, context);
    }
  }

  clear(): void {
    this.cut(0, this.model.length);
  }
}

const SCORES: ((random: Random) => number)[] = [
  (random) => random.int(1_000_000),
  (random) => random.int(8),
  (random) => random.pick([-Infinity, -1e300, -0, 0, 5e-324, 0.1, Infinity]),
  () => 1,
];

function nameOf(random: Random, serial: number): string {
  const prefix = random.pick([
    "",
    "a",
    "member:",
    "\xff",
    "a much longer name ",
  ]);
  return `${prefix}${random.int(50)}:${serial}`;
}

for (const { name, debug } of BUILDS) {
  const test = (what: string, run: (host: Host) => void) =>
    Deno.test(`ranking (${name}): ${what}`, async () => {
      run(await Host.load(debug));
    });

  SCORES.forEach((scoreOf, kind) =>
    test(`agrees with a sorted array, scores of kind ${kind}`, (host) => {
      const random = new Random(SEED + kind);
      const used = host.calls.usedBytes();
      for (let turn = 0, serial = 0; turn < 60; turn++) {
        const context = `seed ${SEED + kind} turn ${turn}`;
        const grows = random.chance(0.55);
        for (let step = random.int(400); step > 0; step--) {
          const { length } = host.model;
          const choice = random.int(10);
          if (choice < (grows ? 6 : 2) || length === 0) {
            host.insert(scoreOf(random), nameOf(random, serial++));
          } else if (choice < 8) host.remove(random.int(length));
          else host.move(random.int(length), scoreOf(random));
          if (debug && step % 16 === 0) host.check(context);
        }
        if (random.chance(0.3) && host.model.length > 0) {
          const rank = random.int(host.model.length);
          const most = Math.min(host.model.length - rank, 600);
          host.cut(rank, random.int(most + 1));
        }
        host.compareAll(context);
        for (let i = 0; i < 10; i++) host.askAbout(random, context);
        if (kind === 3) host.askByName(nameOf(random, serial), context);
      }
      host.clear();
      host.compareAll("at the end");
      assertEquals(host.calls.usedBytes(), used);
      host.verify();
    })
  );

  test("elements that come in order fill their leaves", (host) => {
    for (let i = 0; i < 5000; i++) host.insert(i, `up${i}`);
    host.compareAll("ascending");
    const leaves = Math.ceil(5000 / LEAF_CAPACITY);
    const room = leaves * 512 + 5 * 1024;
    assert(host.calls.rankingBytes(host.ranking) <= room);
    for (let i = 1; i < 3000; i++) host.insert(-i, `down${i}`);
    host.compareAll("descending");
    const more = Math.ceil(8000 / LEAF_CAPACITY);
    assert(host.calls.rankingBytes(host.ranking) <= more * 512 + 9 * 1024);
  });

  test("appending needs no search and packs", (host) => {
    for (let i = 0; i < 3000; i++) {
      const name = `m${String(i).padStart(6, "0")}`;
      const member = host.newMember(name);
      assertEquals(host.calls.rankingAppend(host.ranking, 7, member), 0);
      host.model.push({ score: 7, name, member });
    }
    host.compareAll("appended");
    host.askByName("m001000", "appended");
  });

  test("a range goes from any border to any other", (host) => {
    for (let turn = 0; turn < 40; turn++) {
      for (let i = 0; i < 300; i++) host.insert(i % 50, `${turn}:${i}`);
      const { length } = host.model;
      const rank = [0, 1, 40, 41, 42, length - 1, length >> 1][turn % 7];
      host.cut(rank, Math.min(length - rank, 1 + turn * 37));
      host.compareAll(`turn ${turn}`);
    }
  });

  test("whole leaves and whole nodes go from the front of others", (host) => {
    const nodeElements = LEAF_CAPACITY * INNER_CAPACITY;
    for (let i = 0; i < 4 * nodeElements; i++) host.insert(i, `${i}`);
    host.cut(nodeElements, LEAF_CAPACITY);
    host.compareAll("the first leaf of the second node");
    host.cut(nodeElements, nodeElements - LEAF_CAPACITY);
    host.compareAll("the rest of that node");
    host.cut(0, nodeElements);
    host.compareAll("the first node");
    host.cut(LEAF_CAPACITY, 2 * nodeElements - 2 * LEAF_CAPACITY);
    host.compareAll("all but two leaves");
  });

  test("taking the lowest one by one leaves nothing behind", (host) => {
    const used = host.calls.usedBytes();
    for (let i = 0; i < 2000; i++) host.insert(i % 7, `${i}`);
    while (host.model.length > 0) {
      host.cut(0, 1);
      if (host.model.length % 50 === 0) host.compareAll("popping");
    }
    assertEquals(host.calls.usedBytes(), used);
    assertEquals(host.calls.rankingFirst(host.ranking), 0);
  });

  test("draining frees a leaf a call and ends", (host) => {
    const used = host.calls.usedBytes();
    for (let i = 0; i < 4000; i++) host.insert(i, `${i}`);
    for (const { member } of host.model.splice(0)) host.calls.free(member);
    let calls = 1;
    while (host.calls.rankingDrain(host.ranking)) calls++;
    assert(calls >= 4000 / LEAF_CAPACITY);
    assertEquals(host.calls.usedBytes(), used);
    assertEquals(host.calls.rankingDrain(host.ranking), 0);
    host.compareAll("drained");
  });

  test("bytes compare as unsigned ones, shorter before longer", (host) => {
    const words = ["", "\0", "a", "a\0", "ab", "abcdefgh", "abcdefgh\0"];
    words.push("abcdefgi", "abcdefgi\x7f", "abcdefgi\x80", "b", "\xff");
    const places = words.map((word) => host.newMember(word));
    words.forEach((one, i) =>
      words.forEach((other, j) => {
        // A short name lies 4 bytes into its block.
        const order = host.calls.compareBytes(
          places[i] + 4,
          one.length,
          places[j] + 4,
          other.length,
        );
        assertEquals(Math.sign(order), Math.sign(i - j), `${one} ${other}`);
      })
    );
  });
}

Deno.test("a ranking without memory stays as it was", async () => {
  const host = await Host.load(true);
  const random = new Random(SEED + 9);
  let failures = 0;
  for (let turn = 0; turn < 4000; turn++) {
    const context = `seed ${SEED + 9} turn ${turn}`;
    const moves = host.model.length > 0 && random.chance(0.3);
    const index = moves ? random.int(host.model.length) : 0;
    const score = random.int(400);
    const wanted = random.int(4);
    host.calls.failAllocationsAfter(moves ? wanted : wanted + 1);
    const code = moves
      ? host.move(index, score)
      : host.insert(score, nameOf(random, turn));
    host.calls.failAllocationsAfter(-1);
    if (code === OUT_OF_MEMORY) failures++;
    else assertEquals(code, 0);
    if (turn % 50 === 0 || code !== 0) host.check(context);
  }
  host.compareAll("at the end");
  assert(failures > 20, `only ${failures} failures`);
});

Deno.test("verifyRanking finds what is broken", async () => {
  const host = await Host.load(false);
  for (let i = 0; i < 500; i++) host.insert(i, `${i}`);
  const { calls, ranking } = host;
  const root = host.word(ranking), first = host.word(ranking + 8);
  const child = host.word(root + 616);
  assertEquals(child, first);
  const breaks: [number, number][] = [
    [first + 16 + 4, 1], // the first score
    [first, 2], // its count, which becomes 0
    [root + 416, 3], // a separator's member
    [root + 816, 4], // a count below
    [ranking + 16, 4], // the count in all
    [first + 4, 5], // the next leaf
    [ranking + 8, 5], // the first leaf
  ];
  for (const [address, code] of breaks) {
    const before = host.word(address);
    host.setWord(
      address,
      code === 1 ? 0x7ff00000 : code === 2 ? 0 : before + 8,
    );
    assertEquals(calls.verifyRanking(ranking), code, `at ${address - first}`);
    host.setWord(address, before);
  }
  host.check("repaired");
});
