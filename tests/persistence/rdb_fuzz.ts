/**
 * A long fuzz of the RDB reader:
 *
 *     deno run -A tests/persistence/rdb_fuzz.ts [--rounds N] [--seed N]
 *         [--release]
 *
 * Each block of rounds has a seed of its own, which is printed when one fails;
 * the input that failed is kept in a file.
 */
import { parseArgs } from "@std/cli";
import { Engine } from "../../src/engine/engine.ts";
import { failingEngine } from "../support/engine.ts";
import { RdbFuzzer } from "./rdb_fuzzer.ts";
import { RdbHost } from "./rdb_host.ts";

const BLOCK_ROUNDS = 5000;

/** A host whose engine proves all that it does, or one as shipped. */
export async function fuzzHost(isRelease = false): Promise<RdbHost> {
  const engine = isRelease
    ? new Engine(new Uint32Array([1, 2, 3, 4]))
    : (await failingEngine()).engine;
  return new RdbHost({ databases: "2" }, engine);
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { boolean: ["release"] });
  const rounds = Number(options.rounds ?? 100_000);
  const first = Number(options.seed ?? 1);
  const total = { loaded: 0, refused: 0, faults: new Map<number, number>() };
  for (let done = 0, seed = first; done < rounds; seed++) {
    const fuzzer = new RdbFuzzer(await fuzzHost(options.release), seed);
    const count = Math.min(BLOCK_ROUNDS, rounds - done);
    for (let round = 0; round < count; round++) {
      try {
        fuzzer.round();
      } catch (error) {
        const path = await Deno.makeTempFile({ suffix: ".rdb" });
        await Deno.writeFile(path, fuzzer.input);
        console.error(`seed ${seed}, round ${round}: the input is ${path}`);
        throw error;
      }
    }
    done += count;
    total.loaded += fuzzer.counts.loaded;
    total.refused += fuzzer.counts.refused;
    for (const [fault, times] of fuzzer.counts.faults) {
      total.faults.set(fault, (total.faults.get(fault) ?? 0) + times);
    }
    console.log(`${done} rounds: ${total.loaded} loaded, ${total.refused} not`);
  }
  console.log("files refused, by what was wrong:", total.faults);
}
