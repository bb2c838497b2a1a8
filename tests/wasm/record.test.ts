/** Data of every kind as an RDB file and as commands: real Redis reads both. */
import { assert, assertEquals } from "@std/assert";
import { USE_FREQUENCY, USE_IDLE } from "../../wasm/rdb_codes.ts";
import { type Client, connect } from "../support/client.ts";
import { plain, ReplyError } from "../support/reply.ts";
import { Random } from "../support/random.ts";
import { readRdb } from "../support/rdb.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { DATA_CONFIG, FAR_MS, fill, fillDatedHashes } from "./record_data.ts";
import { RecordHost } from "./record_host.ts";

const SEED = 20_261_121;
const REDIS_OPTIONS = ["--enable-debug-command", "yes", "--databases", "20"];

async function filled(config: Record<string, string> = {}) {
  const host = await RecordHost.open({ ...DATA_CONFIG, ...config });
  const keyCount = fill(host, new Random(SEED));
  return { host, keyCount };
}

/** What a real server holds after it has been given data. */
async function factsOf(port: number) {
  using client = await connect(port);
  const digest = await client.call("DEBUG", "DIGEST");
  const dues = new Map<string, unknown>();
  for (const index of [0, 9, 18]) {
    await client.call("SELECT", index);
    for (const key of await client.call("KEYS", "*") as string[]) {
      dues.set(`${index} ${key}`, await client.call("PEXPIRETIME", key));
    }
  }
  return { digest, dues };
}

/** Sends commands and reads all replies, none of which may be an error. */
async function executeAll(client: Client, bytes: Uint8Array): Promise<void> {
  const sent = client.sendRaw(bytes);
  const last = client.send("ECHO", "that was all");
  while (true) {
    const reply = plain(await client.readReply());
    if (reply instanceof ReplyError) throw reply;
    if (reply === "that was all") break;
  }
  await Promise.all([sent, last]);
}

for (const compression of [1, 0]) {
  Deno.test({
    name: `redis-server loads what was written, compression ${compression}`,
    ignore: !realRedis() || !realRedis("redis-check-rdb"),
    async fn() {
      const { host, keyCount } = await filled();
      host.calls.setRdbCompression(compression);
      const bytes = host.saveRdb({ aux: { "redis-ver": "7.2.4" } });
      const dir = await Deno.makeTempDir({ prefix: "keysaur-" });
      try {
        await Deno.writeFile(`${dir}/dump.rdb`, bytes);
        const check = await new Deno.Command("redis-check-rdb", {
          args: [`${dir}/dump.rdb`],
        }).output();
        const said = new TextDecoder().decode(check.stdout);
        assert(check.success, said);
        assert(said.includes(`${keyCount} keys read`), said);
        assert(said.includes("Checksum OK"), said);
        await using server = await startRedis(REDIS_OPTIONS, { dir });
        const { digest, dues } = await factsOf(server.port);
        assertEquals(dues.size, keyCount);
        for (const entry of readRdb(bytes).entries) {
          const due = dues.get(`${entry.database} ${entry.key}`);
          assertEquals(due, entry.dueMs ?? -1);
        }
        assertEquals(digest, host.digest());
      } finally {
        await Deno.remove(dir, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: "redis-server executes what was written as commands",
  ignore: !realRedis(),
  async fn() {
    const { host, keyCount } = await filled();
    const bytes = host.saveCommands();
    await using server = await startRedis(REDIS_OPTIONS);
    using client = await connect(server.port);
    await executeAll(client, bytes);
    const { digest, dues } = await factsOf(server.port);
    assertEquals(dues.size, keyCount);
    assertEquals(digest, host.digest());
  },
});

Deno.test("a file says what it holds, and the same each time", async () => {
  const { host, keyCount } = await filled();
  const bytes = host.saveRdb({ aux: { "redis-ver": "7.2.4", ctime: "17" } });
  const file = readRdb(bytes);
  assertEquals(file.version, 10);
  assertEquals(file.aux, { "redis-ver": "7.2.4", ctime: "17" });
  assertEquals([...file.sizes.keys()], [0, 9, 18]);
  let announced = 0;
  for (const [database, [keys, dues]] of file.sizes) {
    const mine = file.entries.filter((entry) => entry.database === database);
    assertEquals(mine.length, keys);
    assertEquals(mine.filter(({ dueMs }) => dueMs).length, dues);
    announced += keys;
  }
  assertEquals(announced, keyCount);
  assert(file.compressed > 50);
  const types = new Set(file.entries.map(({ type }) => type));
  assertEquals([...types].sort((a, b) => a - b), [0, 2, 4, 5, 11, 16, 17, 18]);
  assertEquals(host.saveRdb({ aux: file.aux }), bytes);

  const unsummed = readRdb(host.saveRdb({ isSummed: false }));
  assertEquals(unsummed.crc, 0n);
  host.calls.setRdbCompression(0);
  const plain = readRdb(host.saveRdb());
  // Nodes of lists that are compressed in memory stay so.
  assert(plain.compressed > 0 && plain.compressed < 50);
  assertEquals(plain.entries, file.entries);
});

Deno.test("due times of fields are in a file of version 12", async () => {
  const host = await RecordHost.open();
  fillDatedHashes(host);
  const file = readRdb(host.saveRdb({ version: 12 }));
  assertEquals(file.version, 12);
  const found = new Map(file.entries.map((entry) => [entry.key, entry]));
  const fields = (key: string) => {
    const { value, fieldDues } = found.get(key)!;
    const rows = value.flatMap((name, i) =>
      i % 2 ? [] : [[name, value[i + 1], fieldDues?.[i / 2] ?? -1]]
    );
    return rows.sort();
  };
  assertEquals(found.get("dated:all")!.type, 24);
  assertEquals(fields("dated:all"), [["a", "1", FAR_MS], ["b", "2", FAR_MS]]);
  assertEquals(found.get("dated:some")!.dueMs, FAR_MS);
  assertEquals(fields("dated:some"), [
    ["a", "1", 0],
    ["b", "x".repeat(80), FAR_MS + 77],
    ["c", "3", FAR_MS + 5e9],
  ]);
  assertEquals(found.get("dated:no more")!.type, 4);
  assertEquals(fields("dated:no more"), [["a", "1", -1], ["b", "2", -1]]);
});

Deno.test("due times of fields survive as commands", async () => {
  const host = await RecordHost.open();
  fillDatedHashes(host);
  const other = await RecordHost.open();
  assert(!other.client.send(host.saveCommands()).includes("-"));
  assertEquals(other.digest(), host.digest());
  for (const key of ["dated:all", "dated:some", "dated:no more"]) {
    for (const { client } of [host, other]) client.call("SELECT", 4);
    const asked = ["HPEXPIRETIME", key, "FIELDS", "3", "a", "b", "c"];
    assertEquals(other.call(...asked), host.call(...asked), key);
  }
});

Deno.test("a file says how keys were used when it matters", async () => {
  const lru = await RecordHost.open();
  lru.call("SET", "key", "value");
  const { calls } = lru;
  calls.setRecordUse(USE_IDLE);
  calls.setClock(Date.now() + 1_000_000);
  const [idle] = readRdb(lru.saveRdb()).entries;
  assert(idle.idle !== undefined && idle.idle >= 999 && idle.idle <= 1001);
  assertEquals(idle.frequency, undefined);

  const lfu = await RecordHost.open({ "maxmemory-policy": "allkeys-lfu" });
  lfu.call("SET", "key", "value");
  lfu.calls.setRecordUse(USE_FREQUENCY);
  const [used] = readRdb(lfu.saveRdb()).entries;
  assertEquals([used.frequency, used.idle], [5, undefined]);
});

Deno.test("without memory the sink fails and the data stay", async () => {
  const { host } = await filled();
  const digest = host.digest();
  for (const save of [() => host.saveRdb(), () => host.saveCommands()]) {
    for (const count of [0, 1, 2, 5, 20]) {
      let failure = "";
      host.calls.failAllocationsAfter(count);
      try {
        save();
      } catch (error) {
        failure = (error as Error).message;
      }
      host.calls.failAllocationsAfter(-1);
      assert(/no memory|has failed/.test(failure), failure);
    }
  }
  assertEquals(host.digest(), digest);
  host.bench.verify();
});
