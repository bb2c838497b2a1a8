/** DEBUG RELOAD and LOADAOF: data that has been through its files is the same. */
import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect } from "../support/client.ts";
import { startKeysaur } from "../support/server.ts";
import { DATASET_ARGS } from "./dataset.ts";
import { assertSameFacts, factsOf, fillDataset } from "./same_data.ts";

const options = () => ({ seed: 8, nowMs: Date.now(), hasFieldTimes: true });

Deno.test("DEBUG RELOAD changes nothing", async () => {
  await using server = await startKeysaur([...DATASET_ARGS, "--save", ""]);
  using client = await connect(server.port);
  await fillDataset(server.port, options());
  const before = await factsOf(server.port);
  assertEquals(await client.call("DEBUG", "RELOAD"), "OK");
  assertSameFacts(await factsOf(server.port), before);
});

Deno.test("DEBUG RELOAD NOSAVE goes back to the last dump", async () => {
  await using server = await startKeysaur([...DATASET_ARGS, "--save", ""]);
  using client = await connect(server.port);
  await client.call("SET", "a", "1");
  await client.call("SAVE");
  await client.call("SET", "a", "2");
  await client.call("SET", "b", "2");
  assertEquals(await client.call("DEBUG", "RELOAD", "NOSAVE"), "OK");
  assertEquals(await values(client), ["1", null]);
  await client.call("SET", "a", "3");
  await client.call("SET", "b", "3");
  const merge = ["NOSAVE", "NOFLUSH", "MERGE"];
  assertEquals(await client.call("DEBUG", "RELOAD", ...merge), "OK");
  assertEquals(await values(client), ["1", "3"]);
  await assertRejects(
    () => client.call("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH"),
    Error,
    "ERR Error trying to load the RDB dump, check server logs.",
  );
});

Deno.test("nobody sees half of the data while DEBUG RELOAD runs", async () => {
  await using server = await startKeysaur([...DATASET_ARGS, "--save", ""]);
  using client = await connect(server.port);
  using other = await connect(server.port);
  await client.call("DEBUG", "POPULATE", "50000");
  let isDone = false;
  const reloading = client.call("DEBUG", "RELOAD").finally(() => isDone = true);
  const seen = new Set<unknown>();
  while (!isDone) seen.add(await other.call("DBSIZE").catch(String));
  await reloading;
  seen.delete("ReplyError: LOADING Redis is loading the dataset in memory");
  assertEquals([...seen], [50000]);
});

Deno.test("what a client sends behind DEBUG RELOAD comes after it", async () => {
  await using server = await startKeysaur([...DATASET_ARGS, "--save", ""]);
  using client = await connect(server.port);
  await client.call("SET", "a", "1");
  const replies = await client.pipeline([
    ["DEBUG", "RELOAD"],
    ["APPEND", "a", "2"],
    ["DEBUG", "RELOAD"],
    ["GET", "a"],
  ]);
  assertEquals(replies, ["OK", 2, "OK", "12"]);
});

for (const preamble of ["yes", "no"]) {
  Deno.test(`DEBUG LOADAOF changes nothing, preamble ${preamble}`, async () => {
    await using server = await startKeysaur([
      ...[...DATASET_ARGS, "--save", "", "--appendonly", "yes"],
      ...["--aof-use-rdb-preamble", preamble],
    ]);
    using client = await connect(server.port);
    await fillDataset(server.port, options());
    const before = await factsOf(server.port);
    assertEquals(await client.call("DEBUG", "LOADAOF"), "OK");
    assertSameFacts(await factsOf(server.port), before);
    // And the log goes on.
    await client.call("SET", "after", "1");
    assertEquals(await client.call("DEBUG", "LOADAOF"), "OK");
    assertEquals(await client.call("GET", "after"), "1");
  });
}

function values(client: Client) {
  return client.call("MGET", "a", "b");
}
