import { assertEquals } from "@std/assert";
import { checkRdb } from "../../src/persistence/check_rdb.ts";
import { connect } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { DATASET_ARGS, datasetCommands } from "./dataset.ts";
import * as rdb from "./rdb_bytes.ts";
import { RdbHost } from "./rdb_host.ts";

function check(...args: string[]): [code: number, lines: string[]] {
  let text = "";
  const code = checkRdb(args, (more) => {
    text += more;
  });
  return [code, text.trimEnd().split("\n")];
}

async function checkBytes(bytes: Uint8Array): Promise<[number, string[]]> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    const [code, lines] = check(path);
    return [code, lines.map((line) => line.replace(path, "FILE"))];
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("check-rdb says what a file has, and a summary by type", async () => {
  const bytes = rdb.file(
    11,
    rdb.aux("redis-ver", "7.2.4"),
    rdb.select(0),
    rdb.key(0, "s", rdb.string("v")),
    rdb.select(3),
    ...[rdb.dueMs(1), rdb.key(2, "set", [2], ...["a", "b"].map(rdb.string))],
    ...[rdb.dueMs(2 ** 42), rdb.key(1, "list", [1], rdb.string("a"))],
    rdb.joined([7], rdb.string("module"), rdb.length(2n ** 63n), [2, 1, 0]),
  );
  assertEquals(await checkBytes(bytes), [0, [
    "[offset 0] Checking RDB file FILE",
    "[offset 26] AUX FIELD redis-ver = '7.2.4'",
    "[offset 28] Selecting DB ID 0",
    "[offset 35] Selecting DB ID 3",
    `[offset ${bytes.length}] Checksum OK`,
    `[offset ${bytes.length}] \\o/ RDB looks OK! \\o/`,
    "[info] 4 keys read",
    "[info] 2 expires",
    "[info] 1 already expired",
    "[type] string: 1 keys, 1 elements, 3 bytes",
    "[type] list: 1 keys, 1 elements, 7 bytes",
    "[type] set: 1 keys, 2 elements, 8 bytes",
    "[type] module: 1 keys, 1 elements, 18 bytes",
  ]]);
});

Deno.test("check-rdb says where a file is broken", async () => {
  const good = rdb.file(9, rdb.key(0, "k", rdb.string("v")));
  const cut = good.subarray(0, 13);
  assertEquals(await checkBytes(cut), [1, [
    "[offset 0] Checking RDB file FILE",
    "--- RDB ERROR DETECTED ---",
    "[offset 13] Unexpected EOF reading RDB file (expected a length that " +
    "the rest of the input can hold)",
    "[additional info] While doing: read-object-value",
    "[additional info] Reading key 'k'",
    "[additional info] Reading type 0 (string)",
    "[info] 1 keys read",
    "[info] 0 expires",
    "[info] 0 already expired",
  ]]);
  const [code, lines] = await checkBytes(
    good.with(good.length - 1, good[good.length - 1] ^ 1),
  );
  assertEquals([code, lines[2], lines[3]], [
    1,
    "[offset 15] RDB CRC error (expected the checksum of what stands before it)",
    "[additional info] While doing: check-sum",
  ]);
  assertEquals(
    (await checkBytes(rdb.joined("REDIX0009")))[1][2].slice(0, 52),
    [
      "[offset 0] Wrong signature trying to load DB from fi",
    ][0],
  );
});

Deno.test("check-rdb needs one file that can be opened", () => {
  assertEquals(check(), [1, ["Usage: main.ts check-rdb <rdb-file-name>"]]);
  const [code, lines] = check("/nowhere/at/all.rdb");
  assertEquals([code, lines.length], [1, 1]);
});

Deno.test({
  name: "check-rdb and redis-check-rdb say the same of a real file, and the " +
    "file loads with the same data",
  ignore: !realRedis(),
  async fn() {
    await using redis = await startRedis(DATASET_ARGS);
    using client = await connect(redis.port);
    await client.pipeline(datasetCommands({ seed: 3, nowMs: Date.now() }));
    await client.call("SAVE");
    const [, dir] = await client.call("CONFIG", "GET", "dir") as string[];
    const path = `${dir}/dump.rdb`;
    const { stdout } = await new Deno.Command("redis-check-rdb", {
      args: [path],
    }).output();
    const theirs = new TextDecoder().decode(stdout).trimEnd().split("\n");
    const [code, lines] = check(path);
    assertEquals(code, 0);
    assertEquals(lines.filter((line) => !line.startsWith("[type]")), theirs);

    const bytes = await Deno.readFile(path);
    for (const piece of [1000, bytes.length]) {
      const host = new RdbHost(configOf(DATASET_ARGS));
      host.load(bytes, { piece, budget: 50 });
      const digest = await client.call("DEBUG", "DIGEST");
      assertEquals(host.bench.server.keyspace.digest(), digest);
      host.verify();
    }
  },
});

function configOf(args: readonly string[]): Record<string, string> {
  const config: Record<string, string> = {};
  for (let i = 0; i < args.length; i += 2) {
    config[args[i].slice(2)] = args[i + 1];
  }
  return config;
}
