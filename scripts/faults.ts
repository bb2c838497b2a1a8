/**
 * Kills servers under load and looks at what is left, for as long as one likes:
 *
 *   deno task faults --rounds 100
 *
 * --rounds <n>      how often each kind is killed (20)
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
import { startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";

const args = parseArgs(Deno.args, {
  boolean: ["verbose"],
  string: ["rounds", "only", "seed", "run-ms", "still-keys", "server"],
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

const chosen = DURABILITIES.filter(({ name }) =>
  args.only.length === 0 || args.only.some((text) => name.includes(text))
);
for (const { name, ...kind } of chosen) {
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
