/**
 * Files that one server writes and another reads: ours, redis-server's, and
 * what the programs that check files say about them.
 */
import { assert, assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { KEYSAUR_COMMAND, startKeysaur } from "../support/server.ts";
import { until } from "../server/embedded.ts";
import type { Starter } from "./crash.ts";
import { DATASET_ARGS, datasetCommands } from "./dataset.ts";
import { assertSameFacts, factsOf, fillDataset } from "./same_data.ts";

const AOF = ["--appendonly", "yes"];
const FORMS = [
  { name: "a dump", args: [] },
  { name: "a log with a dump as base", args: AOF },
  {
    name: "a log of commands only",
    args: [...AOF, "--aof-use-rdb-preamble", "no"],
  },
];
const SERVERS: { name: string; start: Starter; hasFieldTimes: boolean }[] = [
  { name: "Keysaur", start: startKeysaur, hasFieldTimes: true },
  { name: "redis-server", start: startRedis, hasFieldTimes: false },
];

/** What is checked, by Redis's programs and by ours. */
const DUMP = "dump.rdb";
const MANIFEST = "appendonlydir/appendonly.aof.manifest";

for (const form of FORMS) {
  for (const writer of SERVERS) {
    for (const reader of SERVERS) {
      if (writer.start === startRedis && reader.start === startRedis) continue;
      const isPair = writer !== reader;
      Deno.test({
        name: `${reader.name} reads ${form.name} of ${writer.name}`,
        ignore: isPair && !realRedis(),
        async fn() {
          const dir = await Deno.makeTempDir({ prefix: "keysaur-exchange-" });
          const args = [...DATASET_ARGS, ...form.args];
          const options = {
            seed: 5,
            nowMs: Date.now(),
            hasFieldTimes: writer.hasFieldTimes && reader.hasFieldTimes,
          };
          const expected = await write(writer.start, args, dir, options);
          const isLog = form.args.length > 0;
          await check(dir, isLog, options.hasFieldTimes);
          {
            await using server = await reader.start(args, { dir });
            assertSameFacts(await factsOf(server.port), expected);
          }
          await Deno.remove(dir, { recursive: true });
        },
      });
    }
  }
}

/** Leaves the data set in files; what was there before they were written. */
async function write(
  start: Starter,
  args: string[],
  dir: string,
  options: Parameters<typeof datasetCommands>[0],
) {
  await using server = await start(args, { dir });
  using client = await connect(server.port);
  const commands = datasetCommands(options);
  const middle = commands.length >> 1;
  await fillDataset(server.port, options, commands.slice(0, middle));
  if (args.includes("--appendonly")) {
    await client.call("BGREWRITEAOF");
    await until("the rewrite's end", async () => {
      const info = String(await client.call("INFO", "persistence"));
      return /aof_rewrite_in_progress:0/.test(info);
    });
  }
  await fillDataset(server.port, options, commands.slice(middle));
  if (!args.includes("--appendonly")) await client.call("SAVE");
  return await factsOf(server.port);
}

/** Redis 7.0 knows no files with due times of fields. */
async function check(dir: string, isLog: boolean, isNewer: boolean) {
  const [kind, file] = isLog ? ["aof", MANIFEST] : ["rdb", DUMP];
  const ours = [...KEYSAUR_COMMAND, `check-${kind}`];
  assertEquals(await exitCode(Deno.execPath(), [...ours, `${dir}/${file}`]), 0);
  if (isNewer || !realRedis()) return;
  assertEquals(await exitCode(`redis-check-${kind}`, [`${dir}/${file}`]), 0);
}

async function exitCode(program: string, args: string[]): Promise<number> {
  const output = await new Deno.Command(program, { args }).output();
  const text = new TextDecoder().decode(output.stdout);
  assert(text.length > 0, `${program} says nothing`);
  if (output.code !== 0) console.log(text);
  return output.code;
}
