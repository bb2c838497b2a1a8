/**
 * Kills servers under load and looks at what is left, and gives damaged files
 * to an engine, for as long as one likes:
 *
 *   deno task faults --rounds 100 --mutations 100000
 *
 * --rounds <n>      how often each kind is killed (20)
 * --mutations <n>   how many files, logs and payloads are changed (10,000)
 * --only <text>     only kinds whose name has the text; may be given again
 * --seed <n>        the seed of a run that is to be repeated
 * --run-ms <n>      at most so long after the writers' start it is killed
 * --still-keys <n>  keys beside those that change (50,000)
 * --server redis    redis-server instead of Keysaur
 * --verbose         a line for each round
 */
import { parseArgs } from "@std/cli";
import {
  type CrashOptions,
  crashRounds,
  DURABILITIES,
} from "../tests/persistence/crash.ts";
import { mutated, Patient } from "../tests/persistence/damage.ts";
import {
  payloadOf,
  smallFile,
  smallLog,
  smallValues,
} from "../tests/persistence/small_files.ts";
import { failingEngine } from "../tests/support/engine.ts";
import { Random } from "../tests/support/random.ts";
import { startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";

const args = parseArgs(Deno.args, {
  boolean: ["verbose"],
  string: [
    "rounds",
    "mutations",
    "only",
    "seed",
    "run-ms",
    "still-keys",
    "server",
  ],
  collect: ["only"],
});

const options: Omit<CrashOptions, "args" | "promised"> = {
  start: args.server === "redis" ? startRedis : startKeysaur,
  rounds: Number(args.rounds ?? 20),
  seed: Number(args.seed ?? Date.now() % 2 ** 31),
  maxRunMs: Number(args["run-ms"] ?? 2000),
  stillKeys: Number(args["still-keys"] ?? 50_000),
  report: args.verbose ? console.log : undefined,
};

const isChosen = (name: string) =>
  args.only.length === 0 || args.only.some((text) => name.includes(text));

if (isChosen("mutations")) await damage(Number(args.mutations ?? 10_000));
for (const { name, ...kind } of DURABILITIES) {
  if (!isChosen(name)) continue;
  console.log(`${name}, seed ${options.seed}`);
  try {
    // What may be lost is two seconds: they must pass to be worth anything.
    const leastMs = kind.promised === "old" ? 5000 : 0;
    const maxRunMs = Math.max(options.maxRunMs, leastMs);
    const result = await crashRounds({ ...options, ...kind, maxRunMs });
    console.log(
      `  ${options.rounds} kills: ${result.sent} commands sent, ` +
        `${result.acknowledged} acknowledged, ${result.kept} kept; ` +
        `${result.finished} rewrites or snapshots ended, ` +
        `${result.cutShort} were cut short`,
    );
  } catch (error) {
    console.error(error);
    Deno.exitCode = 1;
  }
}

/** Files, logs and payloads, a third each. */
async function damage(count: number): Promise<void> {
  const file = smallFile();
  const log = smallLog();
  const values = smallValues();
  const random = new Random(options.seed);
  const patient = new Patient((await failingEngine()).engine);
  let damaged: Uint8Array = file;
  try {
    for (let i = 0; i < count; i++) {
      if (i % 3 === 0) {
        damaged = mutated(file, random);
        patient.load(damaged, { checksum: false });
      } else if (i % 3 === 1) {
        damaged = mutated(log, random);
        patient.replay(damaged);
      } else {
        damaged = payloadOf(mutated(random.pick(values), random));
        patient.restore(damaged);
      }
    }
  } catch (error) {
    const path = await Deno.makeTempFile({ prefix: "keysaur-damaged-" });
    await Deno.writeFile(path, damaged);
    console.error(`seed ${options.seed}, the bytes are in ${path}`);
    throw error;
  }
  const { loaded, refused } = patient.tally;
  console.log(`${count} mutations: ${loaded} loaded, ${refused} refused`);
}
