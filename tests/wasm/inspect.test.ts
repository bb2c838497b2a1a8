import { assert, assertEquals } from "@std/assert";
import * as codes from "../../wasm/codes.ts";
import { type EngineExports, loadEngine } from "../support/engine.ts";

async function newEngine(): Promise<[engine: EngineExports, db: number]> {
  const engine = await loadEngine({ debug: true });
  engine.init(1, 2, 3, 4);
  return [engine, engine.dbNew() >>> 0];
}

/** An argument with these bytes. */
function push(engine: EngineExports, text: string): number {
  const index = engine.pushBlock(text.length);
  const address = engine.argumentPtr(index) >>> 0;
  const memory = new Uint8Array(engine.memory.buffer);
  new TextEncoder().encodeInto(text, memory.subarray(address));
  return index;
}

Deno.test("Populating until no memory is left keeps what was made", async () => {
  const [engine, db] = await newEngine();
  engine.setCeiling(engine.reservedBytes());
  const code = engine.populate(db, 1_000_000, push(engine, "p"), 2000);
  engine.releaseArguments();
  assertEquals(code, codes.OUT_OF_MEMORY);
  const size = engine.dbSize(db) >>> 0;
  assert(size > 100 && size < 1_000_000, `there are ${size} keys`);
  assertEquals(engine.verifyDatabase(db), 0);
  assertEquals(engine.verifyAllocator(), 0);
});

Deno.test("Populating gives its scratch memory back", async () => {
  const [engine, db] = await newEngine();
  const prefix = push(engine, "key");
  assertEquals(engine.populate(db, 1, prefix, 0), 1);
  engine.releaseArguments();
  const usedBytes = engine.usedBytes();
  const again = push(engine, "key");
  assertEquals(engine.populate(db, 1, again, 100_000), 1);
  engine.releaseArguments();
  assertEquals(engine.usedBytes(), usedBytes);
  assertEquals(engine.dbSize(db), 1);
});

Deno.test("The census counts as many bytes as the allocator", async () => {
  const [engine, db] = await newEngine();
  const counted = () => {
    engine.takeCensus();
    const word = (index: number) => engine.censusWord(index) >>> 0;
    let usedBytes = word(2) * 4096;
    for (let i = 0; i < word(0); i++) {
      usedBytes += word(8 + i * 5) * word(8 + i * 5 + 4);
    }
    return [usedBytes, (word(2) + word(6)) * 4096];
  };
  for (const valueBytes of [0, 100, 2000, 20_000, 500_000]) {
    const prefix = push(engine, `key${valueBytes}`);
    assertEquals(engine.populate(db, 50, prefix, valueBytes), 1);
    engine.releaseArguments();
    assertEquals(counted(), [engine.usedBytes(), engine.activeBytes()]);
  }
  engine.freeSpareSlabs();
  assertEquals(counted(), [engine.usedBytes(), engine.activeBytes()]);
  assert(engine.touchedBytes() >= engine.activeBytes());
  assert(engine.touchedBytes() <= engine.reservedBytes());
  assertEquals(engine.verifyAllocator(), 0);
});

Deno.test("The mean lifetime is that of a sample, and 0 without any", async () => {
  const [engine, db] = await newEngine();
  engine.setClock(1_000_000);
  assertEquals(engine.meanLifetime(db), 0);
  const prefix = push(engine, "key");
  engine.populate(db, 1000, prefix, 0);
  engine.releaseArguments();
  assertEquals(engine.meanLifetime(db), 0);
  for (let i = 0; i < 1000; i++) {
    const key = push(engine, `key:${i}`);
    const code = engine.setDue(db, key, 1_000_000 + (i + 1) * 100, 0);
    assertEquals(code, 1);
    engine.releaseArguments();
  }
  const mean = engine.meanLifetime(db);
  assert(Math.abs(mean - 50_050) < 10_000, `it is ${mean}`);
  engine.setClock(2_000_000);
  assertEquals(engine.meanLifetime(db), 0);
});
