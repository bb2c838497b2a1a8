/**
 * Compares a server's replies with the checked-in recordings, or makes them.
 *
 *   deno run -A tests/differential/record.ts              the installed redis-server
 *   deno run -A tests/differential/record.ts --update     the same, and write them down
 *   deno run -A tests/differential/record.ts --port 6379  any server, which it empties
 *
 * --level 7.2 compares with what the scripts say that Redis 7.2 answers, where
 * that is another reply than the recorded 7.0's. It is so for --port anyway.
 */

import { parseArgs } from "@std/cli";
import { realRedis, startRedis } from "../support/real.ts";
import { groups } from "./cases/all.ts";
import { realServerArgs } from "./server_args.ts";
import { readRecorded, writeRecorded } from "./recorded.ts";
import { findDifferences, type Level, recordGroup } from "./run.ts";

async function compareAll(port: number, level: Level): Promise<number> {
  let differenceCount = 0;
  for (const group of groups) {
    const recorded = await readRecorded(group);
    const recordings = await recordGroup(port, group);
    for (const script of group.scripts) {
      const expected = recorded.get(script.name) ?? new Map();
      const actual = recordings.get(script.name) ?? new Map();
      const found = findDifferences(script, expected, actual, level);
      differenceCount += found.length;
      if (found.length === 0) continue;
      console.log(`${group.name}: ${script.name}\n${found.join("\n")}\n`);
    }
  }
  return differenceCount;
}

async function updateAll(port: number): Promise<void> {
  for (const group of groups) {
    await writeRecorded(group, await recordGroup(port, group));
  }
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    boolean: ["update"],
    string: ["port", "level"],
  });
  let differenceCount = 0;
  if (options.port !== undefined) {
    differenceCount = await compareAll(Number(options.port), "7.2");
  } else if (realRedis()) {
    await using real = await startRedis(realServerArgs);
    if (options.update) await updateAll(real.port);
    const level = options.level === "7.2" ? "7.2" : "7.0";
    differenceCount = await compareAll(real.port, level);
  } else {
    console.log("redis-server is not installed; name a server with --port");
    Deno.exit(2);
  }
  console.log(`${differenceCount} differences`);
  if (differenceCount > 0) Deno.exit(1);
}
