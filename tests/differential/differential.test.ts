import { assert, assertEquals, assertMatch } from "@std/assert";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { groups } from "./cases/all.ts";
import { FlippingProxy } from "./flipping_proxy.ts";
import { keysaurArgs, realServerArgs } from "./server_args.ts";
import { readRecorded } from "./recorded.ts";
import { findDifferences, type Level, recordScript } from "./run.ts";
import type { Group } from "./script.ts";
import { findDisagreement } from "./sequences.ts";

const seed = 20_240_101;
const sequenceCalls = 20_000;
const mostShown = 5;

/** Fails with the first few differences of a group from its recording. */
async function assertAsRecorded(
  port: number,
  group: Group,
  level: Level,
): Promise<void> {
  const recorded = await readRecorded(group);
  const found: string[] = [];
  for (const script of group.scripts) {
    const expected = recorded.get(script.name);
    assert(
      expected,
      `"${script.name}" changed since it was recorded; ` +
        "deno run -A tests/differential/record.ts --update",
    );
    const actual = await recordScript(port, script);
    const differences = findDifferences(script, expected, actual, level);
    if (differences.length > 0) found.push(`${script.name}:`, ...differences);
  }
  const shown = found.slice(0, mostShown + 1).join("\n");
  assertEquals(
    found.length,
    0,
    `${group.name}: ${found.length} lines\n${shown}`,
  );
}

Deno.test("Keysaur replies to every script as the real server did", async (t) => {
  await using keysaur = await startKeysaur(keysaurArgs);
  for (const group of groups) {
    await t.step(
      group.name,
      () => assertAsRecorded(keysaur.port, group, "7.2"),
    );
  }
});

Deno.test({
  name: "The installed redis-server still replies as it was recorded",
  ignore: !realRedis(),
  fn: async (t) => {
    await using real = await startRedis(realServerArgs);
    for (const group of groups) {
      await t.step(group.name, () => assertAsRecorded(real.port, group, "7.0"));
    }
  },
});

Deno.test({
  name: "Keysaur and redis-server agree on random sequences of commands",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(realServerArgs);
    await using keysaur = await startKeysaur(keysaurArgs);
    const ports = { realPort: real.port, ourPort: keysaur.port };
    for (const protocol of [2, 3] as const) {
      const sequence = { ...ports, seed, count: sequenceCalls, protocol };
      const message = await findDisagreement(sequence);
      assertEquals(message, null, message ?? "");
    }
  },
});

Deno.test({
  name: "A proxy that changes one kind of reply is found and made small",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(realServerArgs);
    await using other = await startRedis(realServerArgs);
    const change = (text: string) => text.replaceAll(":3\r\n", ":4\r\n");
    await using proxy = new FlippingProxy(other.port, change);
    const message = await findDisagreement({
      realPort: real.port,
      ourPort: proxy.port,
      seed,
      count: 2000,
      protocol: 2,
    });
    assert(message !== null, "the difference was not noticed");
    assertMatch(message, /made small \([1-3] calls\)/);
    assertMatch(message, /expected ":3\\r\\n"\n +but got +":4\\r\\n"/);
  },
});

Deno.test({
  name: "A script that runs through a changing proxy differs in one step",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(realServerArgs);
    const change = (text: string) => text.replace("+PONG\r\n", "+PANG\r\n");
    await using proxy = new FlippingProxy(real.port, change);
    const group = groups.find((each) => each.name === "connection");
    const script = group?.scripts.find((each) => each.name === "PING and ECHO");
    assert(group && script);
    const expected = (await readRecorded(group)).get(script.name);
    assert(expected);
    const actual = await recordScript(proxy.port, script);
    const differences = findDifferences(script, expected, actual, "7.0");
    assertEquals(differences.map((each) => each.split("\n")[0]), [
      "RESP2 step 1: PING",
      "RESP3 step 1: PING",
    ]);
  },
});
