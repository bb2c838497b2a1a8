/** Lists in the engine: a model beside them, their forms, and no memory. */
import { assert, assertEquals } from "@std/assert";
import { OUT_OF_MEMORY, WRONG_TYPE } from "../../wasm/codes.ts";
import { Random } from "../support/random.ts";
import { BUILDS } from "../support/wasm.ts";
import { ListHost, LISTPACK, type Outcome, QUICKLIST } from "./list_host.ts";
import { Model, type Step, Steps } from "./list_model.ts";

const SEED = 20_261_121;

/** list-max-listpack-size, list-compress-depth and the packed threshold. */
const SHAPES = [
  { fill: 1, depth: 0, threshold: 0 },
  { fill: 2, depth: 1, threshold: 0 },
  { fill: 4, depth: 1, threshold: 60 },
  { fill: 3, depth: 2, threshold: 60 },
  { fill: 4, depth: 3, threshold: 60 },
  { fill: 6, depth: 0, threshold: 40 },
  { fill: -1, depth: 0, threshold: 0 },
  { fill: -1, depth: 1, threshold: 2000 },
];

/** Few different ones, so that equal ones meet; most can be compressed. */
function elementMaker(random: Random, isLarge: boolean): () => string {
  const pool = ["", "0", "-7", "12345678901", "x", "12a", "abc".repeat(7)];
  for (const length of [50, 63, 64, 90, 130]) {
    pool.push("ab".repeat(length).slice(0, length));
  }
  pool.push(String.fromCharCode(...random.bytes(70)));
  if (isLarge) pool.push("y".repeat(900), "z".repeat(2500), "w".repeat(4200));
  return () => random.pick(pool);
}

function perform(host: ListHost, { name, words, numbers }: Step): Outcome {
  const [x, y, z] = numbers;
  const { db } = host;
  return host.run(words, (calls) => {
    switch (name) {
      case "push":
        return words.length === 2
          ? calls.pushOne(db, 0, 1, x)
          : calls.pushMany(db, 0, 1, words.length - 1, x, 0);
      case "pop":
        return calls.popOne(db, 0, x);
      case "popMany":
        return calls.popMany(db, 0, x, y);
      case "move":
        return calls.moveElement(db, 0, 1, x, y);
      case "range":
        return calls.listRange(db, 0, x, y);
      case "index":
        return calls.listIndex(db, 0, 1);
      case "set":
        return calls.listSet(db, 0, 1, 2);
      case "insert":
        return calls.listInsert(db, 0, 1, 2, x);
      case "remove":
        return calls.listRemove(db, 0, x, 1);
      case "trim":
        return calls.listTrim(db, 0, x, y);
      default:
        return calls.listPositions(db, 0, 1, x, y, z);
    }
  });
}

for (const build of BUILDS) {
  const test = (name: string, run: (host: ListHost) => void) =>
    Deno.test(`${name} (${build.name})`, async () => {
      run(await ListHost.open(build.debug));
    });

  for (const { fill, depth, threshold } of SHAPES) {
    const shape = `fill ${fill} depth ${depth} threshold ${threshold}`;
    test(`lists are what arrays are, ${shape}, seed ${SEED}`, (host) => {
      host.calls.setListLimits(fill, depth);
      host.calls.setPackedThreshold(threshold);
      const random = new Random(SEED + fill * 100 + depth);
      const isLarge = fill < 0;
      const element = elementMaker(random, isLarge);
      const steps = new Steps(random, element, isLarge ? 60 : 40);
      const model = new Model();
      const empty = usedAfterFlush(host);
      let refusedCount = 0, quicklistCount = 0, compressedCount = 0;
      for (let round = 0; round < (isLarge ? 600 : 1200); round++) {
        const step = steps.next(model);
        const hint = `round ${round} ${step.name} ${step.numbers}`;
        const isStarved = build.debug && random.chance(0.3);
        if (isStarved) host.starveNext(random.int(7));
        const outcome = perform(host, step);
        if (isStarved && outcome.code === OUT_OF_MEMORY) {
          refusedCount++;
          assertEquals(outcome.replies, [], hint);
        } else assertEquals(outcome, step.apply(model), hint);
        for (const key of ["a", "b"]) {
          assert(same(host.elements(key), model.get(key)), `${hint}: ${key}`);
          host.verifyList(key, hint);
          if (!build.debug) host.verifyCompression(key, depth, hint);
        }
        if (host.encoding("a") === QUICKLIST) quicklistCount++;
        if (host.nodes("a").some((it) => it.compressed)) compressedCount++;
      }
      host.verifyDatabase(host.db);
      assert(quicklistCount > 100, `${quicklistCount} times a quicklist`);
      assertEquals(compressedCount > 100, depth > 0, `${compressedCount}`);
      assert(!build.debug || refusedCount > 10, `${refusedCount} refused`);
      host.delete(host.db, "a");
      host.delete(host.db, "b");
      assertEquals(usedAfterFlush(host), empty, "something was not freed");
      host.verify();
    });
  }

  test("a list is a listpack up to the limit, and again from its half", (host) => {
    host.calls.setListLimits(8, 0);
    const values = (count: number) =>
      Array.from({ length: count }, (_, i) => `${i}`);
    host.push("k", values(8), 0);
    assertEquals(host.encoding("k"), LISTPACK);
    host.push("k", ["x"], 0);
    assertEquals(host.encoding("k"), QUICKLIST);
    const pop = () => host.run(["k"], (calls) => calls.popOne(host.db, 0, 0));
    // The second node goes first, then the first one down to the half.
    for (let left = 8; left > 4; left--) {
      pop();
      assertEquals([left, host.encoding("k")], [left, QUICKLIST]);
    }
    pop();
    assertEquals(host.encoding("k"), LISTPACK);
    assertEquals(host.elements("k"), ["0", "1", "2", "3"]);
  });

  test("an element beyond the limit makes a quicklist at once", (host) => {
    host.calls.setListLimits(-2, 0);
    host.push("k", ["x".repeat(8185)], 0);
    assertEquals(host.encoding("k"), LISTPACK);
    host.push("big", ["x".repeat(8186)], 0);
    assertEquals(host.encoding("big"), QUICKLIST);
  });

  test("what a split moves inwards is compressed", (host) => {
    host.calls.setListLimits(4, 3);
    host.calls.setPackedThreshold(60);
    const large = Array.from({ length: 9 }, (_, i) => `${i}`.repeat(80));
    host.push("k", ["a", "b", ...large], 0);
    host.verifyCompression("k", 3, "before");
    const insertion = host.run(
      ["k", "b", large[0]],
      (calls) => calls.listInsert(host.db, 0, 1, 2, 0),
    );
    assertEquals(insertion.code, 12);
    assertEquals(host.elements("k"), ["a", large[0], "b", ...large]);
    host.verifyCompression("k", 3, "after");
  });

  test("a cut of many nodes is freed in slices", (host) => {
    host.calls.setListLimits(1, 0);
    const empty = usedAfterFlush(host);
    const values = Array.from({ length: 1000 }, (_, i) => `element ${i}`);
    host.push("k", values, 0);
    assertEquals(host.nodes("k").length, 1000);
    const trim = host.run(
      ["k"],
      (calls) => calls.listTrim(host.db, 0, 900, -2),
    );
    assertEquals(trim.code, 1);
    assertEquals(host.calls.lazyfreePending(), 900);
    host.calls.reclaim(100);
    assertEquals(host.calls.lazyfreePending(), 800);
    host.bury();
    assertEquals(host.calls.lazyfreePending(), 0);
    assertEquals(host.elements("k"), values.slice(900, -1));
    host.delete(host.db, "k");
    assertEquals(host.calls.lazyfreePending(), 99);
    assertEquals(usedAfterFlush(host), empty);
    host.verify();
  });

  test("a copy has the same nodes and a life of its own", (host) => {
    host.calls.setListLimits(3, 1);
    host.calls.setPackedThreshold(50);
    const values = Array.from(
      { length: 40 },
      (_, i) => i % 9 === 4 ? "p".repeat(80) : `element ${i}`.repeat(3),
    );
    host.push("k", values, 0);
    host.copy(host.db, "k", host.db, "copy", false);
    const shape = (key: string) =>
      host.nodes(key).map(({ count, plain, compressed }) =>
        [count, plain, compressed].join()
      );
    assertEquals(shape("copy"), shape("k"));
    host.push("copy", ["more"], 1);
    assertEquals(host.elements("copy"), ["more", ...values]);
    assertEquals(host.elements("k"), values);
    host.verifyList("copy", "copy");
    if (!build.debug) return;
    for (let count = 0;; count++) {
      host.starveNext(count);
      const { code } = host.run(
        ["k", "other"],
        (calls) => calls.copyKey(host.db, 0, host.db, 1, 0),
      );
      if (code === 1) break;
      assertEquals([code, host.encoding("other")], [OUT_OF_MEMORY, 0]);
    }
  });

  test("a footprint is what the allocator counts", (host) => {
    host.calls.setListLimits(3, 1);
    for (const count of [1, 2, 40]) {
      const empty = usedAfterFlush(host);
      host.push("k", Array.from({ length: count }, (_, i) => `${i}`), 0);
      host.say("k");
      const footprint = host.calls.footprintOf(host.db, 0);
      host.forget();
      assertEquals(footprint, host.calls.usedBytes() - empty);
      host.delete(host.db, "k");
    }
  });

  test("a key of another type is left alone", (host) => {
    const { calls, db } = host;
    host.set(db, "s", "text");
    host.push("l", ["x"], 0);
    host.say("s", "1", "l");
    const codes = [
      calls.pushOne(db, 0, 1, 0),
      calls.pushMany(db, 0, 1, 2, 0, 0),
      calls.popOne(db, 0, 0),
      calls.popMany(db, 0, 1, 0),
      calls.moveElement(db, 0, 2, 0, 0),
      calls.moveElement(db, 2, 0, 0, 0),
      calls.listLength(db, 0),
      calls.listRange(db, 0, 0, -1),
      calls.listIndex(db, 0, 1),
      calls.listPositions(db, 0, 1, 1, 1, 0),
      calls.listSet(db, 0, 1, 1),
      calls.listInsert(db, 0, 1, 1, 0),
      calls.listRemove(db, 0, 0, 1),
      calls.listTrim(db, 0, 0, -1),
    ];
    assertEquals(codes, codes.map(() => WRONG_TYPE));
    assertEquals(calls.outLength(), 0);
    assertEquals(host.get(db, "s"), "text");
    assertEquals(host.elements("l"), ["x"]);
  });
}

function usedAfterFlush(host: ListHost): number {
  host.forget();
  host.bury();
  return host.calls.usedBytes();
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((it, i) => it === b[i]);
}
