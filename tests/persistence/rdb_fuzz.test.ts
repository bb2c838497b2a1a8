import { assert, assertThrows } from "@std/assert";
import { fuzzHost } from "./rdb_fuzz.ts";
import { RdbFuzzer } from "./rdb_fuzzer.ts";

const ROUNDS = 2500;

Deno.test("broken files and payloads are refused or loaded whole", async () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const fuzzer = new RdbFuzzer(await fuzzHost(), seed);
  for (let round = 0; round < ROUNDS; round++) {
    try {
      fuzzer.round();
    } catch (error) {
      console.error(`seed ${seed}, round ${round}:`, fuzzer.input.toBase64());
      throw error;
    }
  }
  const { loaded, refused, faults } = fuzzer.counts;
  assert(loaded > ROUNDS / 50, `${loaded} loaded`);
  assert(refused > ROUNDS / 4, `${refused} refused`);
  assert(faults.size > 10, `only ${faults.size} things were wrong`);
});

Deno.test("the fuzzer notices memory that does not come back", async () => {
  const fuzzer = new RdbFuzzer(await fuzzHost(), 1);
  fuzzer.round();
  fuzzer.host.engine.calls.sinkNew();
  assertThrows(() => fuzzer.round(), Error, "memory did not come back");
});
