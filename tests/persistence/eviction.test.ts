/** A cache at its limit comes back as it was; its dump is of one moment. */
import { assert, assertEquals } from "@std/assert";
import { type Client, connect } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { embed, until } from "../server/embedded.ts";

const SEED = 20_261_121;
const WRITES = 6000;
const PART = 200;

/** Writes of several kinds, in an order that the seed gives. */
function writes(seed: number): string[][] {
  const random = new Random(seed);
  return Array.from({ length: WRITES }, () => {
    const key = `k${random.int(3000)}`;
    const value = "v".repeat(random.int(600));
    if (random.chance(0.1)) return ["APPEND", key, value];
    if (random.chance(0.1)) return ["HSET", `h${key}`, value, "1"];
    if (random.chance(0.2)) return ["SETEX", key, "10000", value];
    return ["SET", key, value];
  });
}

/** What a client has sent ahead counts, too, and would leave no room for keys. */
async function inParts(client: Client, commands: string[][]): Promise<void> {
  for (let at = 0; at < commands.length; at += PART) {
    await client.pipeline(commands.slice(at, at + PART));
  }
}

Deno.test("after a restart the log gives what eviction has left", async () => {
  const dir = await Deno.makeTempDir();
  const values = { appendonly: true, dir };
  let digest: string;
  {
    await using first = await embed({
      ...values,
      maxmemory: "900kb",
      "maxmemory-policy": "allkeys-lru",
    });
    using client = await connect(first.port);
    await inParts(client, writes(SEED));
    assert(first.server.keyspace.database(0).size > 1000);
    assert(first.server.engine.calls.statEvicted() > 1000);
    digest = first.server.keyspace.digest();
  }
  {
    await using second = await embed(values);
    assertEquals(second.server.keyspace.digest(), digest);
  }
  // A limit is no reason to load less than there is.
  await using third = await embed({ ...values, maxmemory: "500kb" });
  assertEquals(third.server.keyspace.digest(), digest);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a dump is of its moment while keys are evicted under it", async () => {
  const dir = await Deno.makeTempDir();
  const policy = "allkeys-random";
  let digest: string;
  {
    await using first = await embed({ dir, "maxmemory-policy": policy });
    const { server } = first;
    using client = await connect(first.port);
    await inParts(client, writes(SEED));
    const used = server.metrics.used;
    digest = server.keyspace.digest();
    const [started] = await client.pipeline([
      ["BGSAVE"],
      ["CONFIG", "SET", "maxmemory", `${Math.floor(used * 0.9)}`],
      ...writes(SEED + 1),
    ]);
    assertEquals(started, "Background saving started");
    assert(server.engine.calls.statEvicted() > 500);
    await until("the dump is written", async () => {
      const info = String(await client.call("INFO", "persistence"));
      return info.includes("rdb_bgsave_in_progress:0");
    });
    assert(server.keyspace.digest() !== digest);
  }
  await using second = await embed({ dir });
  assertEquals(second.server.keyspace.digest(), digest);
  await Deno.remove(dir, { recursive: true });
});
