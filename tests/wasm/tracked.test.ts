/** Which clients have read which keys, each step compared with a plain map. */
import { assert, assertEquals } from "@std/assert";
import { EVICT_RANDOM, EVICTION_DONE } from "../../src/engine/codes.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Keyspace } from "../../src/keyspace/keyspace.ts";
import { type Note, takeNotes } from "../../src/tracking/notes.ts";
import { failingEngine } from "../support/engine.ts";
import { Random } from "../support/random.ts";

const SEED = 20261123;
const utf8 = new TextDecoder();

class Table {
  readonly db: number;

  private constructor(
    readonly engine: Engine,
    readonly failAfter: (count: number) => void,
  ) {
    this.db = new Keyspace(engine, 1).database(0).handle;
    engine.calls.setTracking(1);
  }

  static async make(): Promise<Table> {
    const { engine, failAfter } = await failingEngine();
    return new Table(engine, failAfter);
  }

  /** Calls something that takes the index of an argument. */
  with<T>(word: string, call: (index: number) => T): T {
    const index = this.engine.pushArgument(word);
    const result = call(index);
    this.engine.calls.releaseArguments();
    return result;
  }

  read(tracker: number, key: string): void {
    this.with(key, (index) => this.engine.calls.trackKey(tracker, index));
  }

  change(key: string): void {
    this.with(key, (index) => this.engine.calls.keyChanged(this.db, index));
  }

  /** What is to be told: each key and those who have read it. */
  take(): string[] {
    return takeNotes(this.engine).map(shown);
  }

  verify(): void {
    assertEquals(this.engine.calls.verifyTracked(), 0);
    assertEquals(this.engine.calls.verifyAllocator(), 0);
  }
}

function shown({ key, trackers, isBroadcast }: Note): string {
  if (key === null) return "all";
  return `${utf8.decode(key)}:${trackers.join()}${
    isBroadcast ? " to all" : ""
  }`;
}

class Model {
  readonly keys = new Map<string, Set<number>>();
  /** With the engine's names of them. */
  readonly prefixes: [prefix: string, handle: number][] = [];

  get items(): number {
    return [...this.keys.values()].reduce((sum, { size }) => sum + size, 0);
  }

  read(tracker: number, key: string): void {
    const trackers = this.keys.get(key) ?? new Set();
    this.keys.set(key, trackers.add(tracker));
  }

  change(key: string): string[] {
    const trackers = [...this.keys.get(key) ?? []].sort((a, b) => a - b);
    const isBroadcast = this.prefixes.some(([prefix]) =>
      key.startsWith(prefix)
    );
    this.keys.delete(key);
    if (trackers.length === 0 && !isBroadcast) return [];
    return [`${key}:${trackers.join()}${isBroadcast ? " to all" : ""}`];
  }
}

function step(table: Table, model: Model, random: Random): void {
  const { calls } = table.engine;
  const key = `${"longer than eight ".repeat(random.int(3))}${random.int(200)}`;
  const chance = random.int(1000);
  if (chance < 600) {
    const tracker = random.int(40);
    table.read(tracker, key);
    model.read(tracker, key);
  } else if (chance < 950) {
    table.change(key);
    assertEquals(table.take(), model.change(key));
  } else if (chance < 970) {
    const prefix = key.slice(0, random.int(10));
    const handle = table.with(prefix, (index) => calls.addPrefix(index));
    assert(handle !== 0);
    model.prefixes.push([prefix, handle]);
  } else if (chance < 990 && model.prefixes.length > 0) {
    const at = random.int(model.prefixes.length);
    const [[, handle]] = model.prefixes.splice(at, 1);
    calls.removePrefix(handle);
  } else if (chance < 998) {
    limit(table, model, random);
  } else {
    calls.invalidateAll();
    model.keys.clear();
    assertEquals(table.take(), ["all"]);
  }
}

/** Which keys are forgotten is the table's choice. */
function limit(table: Table, model: Model, random: Random): void {
  const wanted = random.int(300);
  const effort = random.int(50);
  const before = model.keys.size;
  table.engine.calls.limitTracked(wanted, effort);
  for (const note of takeNotes(table.engine)) {
    const key = utf8.decode(note.key!);
    const trackers = [...model.keys.get(key) ?? []].sort((a, b) => a - b);
    assertEquals(note.trackers, trackers);
    assert(model.keys.delete(key));
  }
  const least = Math.min(before, Math.max(wanted, before - effort));
  assertEquals(model.keys.size, least);
}

Deno.test(`the table of tracked keys is a map, seed ${SEED}`, async () => {
  const table = await Table.make();
  const { calls } = table.engine;
  const random = new Random(SEED);
  const model = new Model();
  const before = calls.usedBytes();
  for (let i = 0; i < 20_000; i++) {
    step(table, model, random);
    if (i % 50 > 0) continue;
    assertEquals(calls.trackedKeyCount(), model.keys.size);
    assertEquals(calls.trackedItemCount(), model.items);
    table.verify();
  }
  for (const [, handle] of model.prefixes) calls.removePrefix(handle);
  calls.setTracking(0);
  while (calls.reclaim(100) > 0);
  table.verify();
  const notes = calls.usedBytes() - before;
  assert(notes <= 4096, `${notes} bytes are left`);
});

/** A read that finds memory for so many blocks and no more. */
function readScarcely(table: Table, key: string, blockCount: number): void {
  table.with(key, (index) => {
    table.failAfter(blockCount);
    table.engine.calls.trackKey(3, index);
    table.failAfter(-1);
  });
}

Deno.test("without memory all is given up, and everybody is told so", async () => {
  for (const isFirst of [true, false]) {
    for (const blockCount of [0, 1, 2]) {
      const table = await Table.make();
      if (!isFirst) table.read(1, "a");
      readScarcely(table, "a", blockCount);
      // The second reader of a key needs one block, the first key three.
      const isEnough = blockCount >= (isFirst ? 3 : 1);
      assertEquals(table.take(), isEnough ? [] : ["all"]);
      const left = isEnough ? 2 : 0;
      assertEquals(table.engine.calls.trackedItemCount(), left);
      table.read(5, "b");
      table.change("b");
      assertEquals(table.take(), ["b:5"]);
      table.verify();
    }
  }
});

Deno.test("a note that finds no memory gives all up, the rest included", async () => {
  const table = await Table.make();
  for (let i = 0; i < 100; i++) table.read(1, `${i}`);
  table.with("7", (index) => {
    table.failAfter(0);
    table.engine.calls.keyChanged(table.db, index);
    table.failAfter(-1);
  });
  assertEquals(table.take(), ["all"]);
  assertEquals(table.engine.calls.trackedKeyCount(), 0);
  table.verify();
});

Deno.test("what nobody tracks any more is freed in slices", async () => {
  const table = await Table.make();
  const { calls } = table.engine;
  const before = calls.usedBytes();
  for (let i = 0; i < 1_000; i++) {
    table.read(1, `${i}`);
    table.read(2, `${i}`);
  }
  calls.setTracking(0);
  assertEquals(calls.trackedKeyCount(), 0);
  assertEquals(calls.trackedItemCount(), 0);
  assertEquals(calls.nextWake(), 0);
  let slices = 0;
  while (calls.reclaim(100) > 0) slices++;
  assertEquals(slices, 10);
  assertEquals(calls.usedBytes(), before);
  assertEquals(calls.hasTrackedNotes(), 0);
});

Deno.test("what is read after all was forgotten is forgotten the next time", async () => {
  const table = await Table.make();
  const { calls } = table.engine;
  table.read(1, "a");
  calls.invalidateAll();
  table.read(1, "a");
  calls.invalidateAll();
  assertEquals(calls.trackedKeyCount(), 0);
  calls.invalidateAll();
  assertEquals(table.take(), ["all", "all"]);
  table.verify();
});

Deno.test("what nobody tracks any more makes room before keys do", async () => {
  const table = await Table.make();
  const { calls } = table.engine;
  for (let i = 0; i < 1_000; i++) table.read(1, `${i}`);
  table.with("k", (key) => calls.populate(table.db, 100, key, 0));
  calls.setVictims(EVICT_RANDOM, 0, 5);
  calls.setMemoryLimit(calls.usedBytes());
  calls.setTracking(0);
  assertEquals(calls.evict(10_000, 1_000), EVICTION_DONE);
  assertEquals(calls.statEvicted(), 0);
  assertEquals(calls.dbSize(table.db), 100);
});
