/** A disk that is full, and then no longer is. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { until } from "../server/embedded.ts";
import { type Client, connect } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { History } from "./history.ts";
import { canLimitFiles, limitFiles, startLimited } from "./limits.ts";
import { recovered, Writer } from "./writer.ts";

/** For the checks of the tests themselves. */
const isRedis = Deno.env.get("FULL_DISK_SERVER") === "redis";
const ROOM_BYTES = 20_000;
const FULL_BYTES = 50_000;

Deno.test({
  name: "BGSAVE on a full disk fails, stops writes, and recovers",
  ignore: !canLimitFiles(),
  async fn() {
    const args = ["--save", "3600 1000000"];
    await using server = await startLimited(args, { isRedis });
    using client = await connect(server.port);
    await client.call("SET", "small", "value");
    await client.call("SAVE");
    const saved = await Deno.readFile(`${server.dir}/dump.rdb`);
    const noise = new Random(1).bytes(FULL_BYTES * 2);
    await client.call("SET", "large", noise);
    await limitFiles(server.pid, FULL_BYTES);
    await save(client);
    assertMatch(await persistence(client), /^rdb_last_bgsave_status:err/m);
    await assertRejects(() => client.call("SET", "a", "b"), Error, "MISCONF");
    assertEquals(await client.call("GET", "small"), "value");
    await assertRejects(() => client.call("SAVE"), Error, "ERR");
    assertEquals(await Deno.readFile(`${server.dir}/dump.rdb`), saved);
    assertEquals(namesIn(server.dir), ["dump.rdb"], "what was begun is gone");
    await limitFiles(server.pid, Infinity);
    await save(client);
    assertMatch(await persistence(client), /^rdb_last_bgsave_status:ok/m);
    assertEquals(await client.call("SET", "a", "b"), "OK");
  },
});

for (const policy of ["everysec", "always"]) {
  Deno.test({
    name: `a log that finds the disk full recovers, appendfsync ${policy}`,
    // redis-server ends at once where the policy is `always`.
    ignore: !canLimitFiles() || (isRedis && policy === "always"),
    fn: () => fillTheDisk(policy),
  });
}

/** Writes until nothing fits, makes room, kills, and counts. */
async function fillTheDisk(policy: string): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "keysaur-full-" });
  const args = ["--appendonly", "yes", "--appendfsync", policy];
  const histories = [0, 1, 2].map((i) => new History(`client${i}`, i));
  {
    await using server = await startLimited(args, { dir, isRedis });
    using client = await connect(server.port);
    const writers = histories.map((history, i) =>
      new Writer({ port: server.port, history, database: i, pipeline: 16 })
    );
    const runs = writers.map((writer) => writer.run());
    const isPast = (count: number) =>
      histories.every((history) => history.acknowledgedCount > count);
    await until("some writes", () => isPast(200));
    await limitFiles(server.pid, await logBytes(client) + ROOM_BYTES);
    await until("the disk is full", () => isFull(server.port));
    assert(await isRefused(client));
    assertEquals(await client.call("GET", "nothing"), null);
    await limitFiles(server.pid, Infinity);
    await until("its end", async () => !await isRefused(client));
    assertMatch(await persistence(client), /^aof_last_write_status:ok/m);
    const latest = Math.max(...histories.map((each) => each.acknowledgedCount));
    await until("more writes", () => isPast(latest + 200));
    // With `everysec` the last second may go; here nothing shall.
    for (const writer of writers) writer.stop();
    await Promise.all(runs);
    await client.call("SELECT", 15);
    await client.call("SET", "last", "written");
    if (policy === "everysec") await synced(client);
    await server.stop("SIGKILL");
  }
  {
    await using server = await startLimited(args, { dir, isRedis });
    for (const [i, history] of histories.entries()) {
      const replies = await recovered(server.port, i, history);
      assert(history.settle(replies, history.acknowledgedCount) > 0);
    }
  }
  await Deno.remove(dir, { recursive: true });
}

/**
 * Asks by a client of its own: with `always` a reply of the very turn in which
 * the disk becomes full waits for room, even one to a question.
 */
async function isFull(port: number): Promise<boolean> {
  using client = await connect(port);
  const text = await Promise.race([persistence(client), patience()]);
  return /^aof_last_write_status:err/m.test(text);
}

const patience = () =>
  new Promise<string>((resolve) => setTimeout(() => resolve(""), 500));

async function isRefused(client: Client): Promise<boolean> {
  try {
    // Another database, so that no history meets it.
    await client.call("SELECT", 15);
    await client.call("SET", "probe", "x");
    return false;
  } catch (error) {
    assertMatch(String(error), /MISCONF/);
    return true;
  }
}

async function save(client: Client): Promise<void> {
  await client.call("BGSAVE");
  await until(
    "the end of the snapshot",
    async () => /rdb_bgsave_in_progress:0/.test(await persistence(client)),
  );
}

/** Waits until nothing that was executed before is without a sync. */
async function synced(client: Client): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await until("the sync", async () => {
    const text = await persistence(client);
    return /aof_pending_bio_fsync:0/.test(text) &&
      /aof_buffer_length:0/.test(text);
  });
}

async function persistence(client: Client): Promise<string> {
  return String(await client.call("INFO", "persistence"));
}

async function logBytes(client: Client): Promise<number> {
  return Number(
    (await persistence(client)).match(/aof_current_size:(\d+)/)?.[1],
  );
}

function namesIn(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map(({ name }) => name).sort();
}
