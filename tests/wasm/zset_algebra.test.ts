/** What combines sorted sets, when memory ends in the midst of it. */
import { assert, assertEquals } from "@std/assert";
import {
  AGGREGATE_SUM,
  COMBINE_DIFFERENCE,
  COMBINE_INTERSECTION,
  COMBINE_UNION,
  OUT_OF_MEMORY,
  RANGE_BY_RANK,
  RANGE_BY_SCORE,
} from "../../wasm/codes.ts";
import { loadModules } from "../support/wasm.ts";
import { type DatabaseExports, DatabaseHost } from "./word_host.ts";

interface AlgebraExports extends DatabaseExports {
  entryValue(entry: number): number;
  verifyValue(entry: number): number;
  reclaim(maxCount: number): number;
  zsetAdd(
    db: number,
    key: number,
    first: number,
    count: number,
    flags: number,
  ): number;
  zsetLength(db: number, key: number): number;
  zsetOpenInputs(db: number, first: number, count: number): number;
  zsetCloseInputs(): void;
  zsetStoreCombined(
    db: number,
    to: number,
    operation: number,
    aggregate: number,
  ): number;
  zsetReplyCombined(
    operation: number,
    aggregate: number,
    withScores: number,
  ): number;
  zsetStoreRange(
    db: number,
    to: number,
    key: number,
    by: number,
    start: number,
    stop: number,
    low: number,
    high: number,
    offset: number,
    limit: number,
    reverse: number,
  ): number;
  zsetReplyRandoms(
    db: number,
    key: number,
    count: number,
    repeats: number,
    scores: number,
  ): number;
}

const MODULES = [
  ...["allocator", "arguments", "database", "entry", "reply", "value"],
  ...["zset", "zset_algebra", "zset_inputs", "zset_random"],
  ...["graveyard", "lookup"],
  "zset_range_store",
];
const ALL = 0x7fff_ffff;

class Host extends DatabaseHost<AlgebraExports> {
  static async load(): Promise<Host> {
    return new Host(
      await loadModules<AlgebraExports>(MODULES, { debug: true }),
    );
  }

  /** Adds members from a number on, each with a score that is no integer. */
  fill(key: string, first: number, count: number): void {
    for (let i = first; i < first + count; i++) {
      this.say(key, (i * 7 % 50) + 0.5, `member ${i}`);
      assertEquals(this.calls.zsetAdd(this.db, 0, 1, 1, 0), 0);
    }
    this.calls.outReset();
  }

  size(key: string): number {
    this.say(key);
    return this.calls.zsetLength(this.db, 0);
  }

  value(key: string): number {
    return this.calls.entryValue(this.entry(key));
  }

  /** Bytes in use once everything that was thrown away is gone. */
  override used(): number {
    this.calls.outReset();
    while (this.calls.reclaim(ALL) > 0) continue;
    return super.used();
  }

  prove(key: string, context: string): void {
    this.say(key);
    const entry = this.calls.lookupKey(this.db, 0) >>> 0;
    if (entry) assertEquals(this.calls.verifyValue(entry), 0, context);
    assertEquals(this.calls.verifyDatabase(this.db), 0, context);
    this.verify();
  }
}

/**
 * Lets the first allocation of some work on these words fail, then the second,
 * until all succeed.
 */
function failEverywhere(
  host: Host,
  name: string,
  words: string[],
  work: () => number,
): number {
  const before = host.value("to");
  const size = host.size("to");
  for (let count = 0;; count++) {
    const used = host.used();
    host.say(...words);
    host.calls.failAllocationsAfter(count);
    const result = work();
    host.calls.failAllocationsAfter(-1);
    host.calls.zsetCloseInputs();
    const context = `${name}, ${count} allocations`;
    host.prove("to", context);
    if (result !== OUT_OF_MEMORY) {
      assert(count > 0, `${name} needs no memory`);
      return result;
    }
    assertEquals(host.used(), used, context);
    assertEquals([host.value("to"), host.size("to")], [before, size], context);
  }
}

const operations: [string, number, string[]][] = [
  ["union", COMBINE_UNION, ["a", "b"]],
  ["intersection", COMBINE_INTERSECTION, ["a", "b"]],
  ["difference", COMBINE_DIFFERENCE, ["a", "b"]],
  ["difference of many", COMBINE_DIFFERENCE, [
    "a",
    ...Array.from({ length: 40 }, () => "few"),
  ]],
];

for (const count of [20, 150]) {
  for (const [name, operation, keys] of operations) {
    Deno.test(`${name} of ${count}: without memory nothing changes`, async () => {
      const host = await Host.load();
      host.fill("a", 0, count);
      host.fill("b", count / 2, count);
      host.fill("few", 1, 2);
      host.fill("to", 0, 3);
      const { calls, db } = host;
      const words = ["to", ...keys];
      const open = () => calls.zsetOpenInputs(db, 1, keys.length);
      const stored = failEverywhere(
        host,
        name,
        words,
        () =>
          open() ||
          calls.zsetStoreCombined(db, 0, operation, AGGREGATE_SUM),
      );
      assertEquals(host.size("to"), stored);
      // Stored over itself, what was there before is gone, and nothing else.
      const used = host.used();
      host.say(...words);
      open();
      calls.zsetStoreCombined(db, 0, operation, AGGREGATE_SUM);
      calls.zsetCloseInputs();
      assertEquals(host.used(), used);
    });
  }

  Deno.test(`range of ${count}: without memory nothing changes`, async () => {
    const host = await Host.load();
    host.fill("a", 0, count);
    host.fill("to", 0, 3);
    const { calls, db } = host;
    for (const by of [RANGE_BY_RANK, RANGE_BY_SCORE]) {
      const words = ["to", "a", "-inf", "+inf"];
      const stored = failEverywhere(
        host,
        `range ${by}`,
        words,
        () => calls.zsetStoreRange(db, 0, 1, by, 0, -1, 2, 3, 0, -1, 0),
      );
      assertEquals([stored, host.size("to")], [count, count]);
    }
  });
}

Deno.test("random members are not drawn without memory for it", async () => {
  const host = await Host.load();
  host.fill("a", 0, 20);
  host.fill("large", 0, 300);
  const { calls, db } = host;
  for (
    const [key, count, repeats] of [["a", 5, 1], ["large", 50, 0]] as const
  ) {
    const used = host.used();
    host.say(key);
    calls.failAllocationsAfter(0);
    assertEquals(
      calls.zsetReplyRandoms(db, 0, count, repeats, 0),
      OUT_OF_MEMORY,
    );
    calls.failAllocationsAfter(-1);
    assertEquals(calls.zsetReplyRandoms(db, 0, count, repeats, 0), 0);
    assertEquals(host.used(), used);
  }
});

Deno.test("a combination that is only replied leaves nothing behind", async () => {
  const host = await Host.load();
  host.fill("a", 0, 150);
  host.fill("b", 75, 150);
  const { calls, db } = host;
  for (const operation of operations.map(([, one]) => one)) {
    host.used();
    const before = host.used();
    host.say("a", "b");
    assertEquals(calls.zsetOpenInputs(db, 0, 2), 0);
    assertEquals(calls.zsetReplyCombined(operation, AGGREGATE_SUM, 1), 0);
    calls.zsetCloseInputs();
    assertEquals(host.used(), before);
  }
});
