/** Client-side caching over sockets: who is told in another one's place. */
import { assertEquals } from "@std/assert";
import { type Client, connect } from "../support/client.ts";
import { plain } from "../support/reply.ts";
import { embed, type Embedded, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const CHANNEL = "__redis__:invalidate";

async function next(client: Client): Promise<unknown> {
  return plain(await client.readReply());
}

/** A client who is told in the place of others, and its id. */
async function listener(
  { port }: Embedded,
  resp: number,
): Promise<[Client, number]> {
  const client = await connect(port);
  await client.call("HELLO", resp);
  const id = await client.call("CLIENT", "ID") as number;
  client.send("SUBSCRIBE", CHANNEL);
  await client.readReply();
  return [client, id];
}

async function tracker({ port }: Embedded, ...words: (string | number)[]) {
  const client = await connect(port);
  await client.call("HELLO", 3);
  await client.call("CLIENT", "TRACKING", "ON", ...words);
  return client;
}

Deno.test("messages go to another connection, in either protocol", async () => {
  await using home = await embed();
  using writer = await connect(home.port);
  for (const resp of [2, 3]) {
    const [told, id] = await listener(home, resp);
    const tell = (keys: string[] | null) =>
      resp === 2 ? ["message", CHANNEL, keys] : ["invalidate", keys];
    using client = await tracker(home, "REDIRECT", id);
    assertEquals(await client.call("CLIENT", "GETREDIR"), id);
    await client.call("GET", "a");
    await writer.call("SET", "a", "1");
    assertEquals(await next(told), tell(["a"]));
    await client.pipeline([["GET", "a"], ["SET", "a", 2]]);
    assertEquals(await next(told), tell(["a"]));
    await writer.call("FLUSHALL");
    assertEquals(await next(told), tell(null));
    // Some time it must get to all keys of one batch.
    const keys = ["a", "b", "c", "d"];
    await client.call("MGET", ...keys);
    await writer.pipeline(keys.map((key) => ["SET", key, 1]));
    for (const key of keys) assertEquals(await next(told), tell([key]));
    told.close();
  }
});

Deno.test("in RESP2 only a subscriber is told anything", async () => {
  await using home = await embed();
  using writer = await connect(home.port);
  const [told, id] = await listener(home, 2);
  using client = await tracker(home, "BCAST", "REDIRECT", id);
  await writer.call("SET", "a", 1);
  assertEquals(await next(told), ["message", CHANNEL, ["a"]]);
  told.send("UNSUBSCRIBE");
  await told.readReply();
  await writer.call("SET", "b", 1);
  assertEquals(await told.call("PING"), "PONG");
  told.close();
  await client.call("PING");
});

Deno.test("a client learns that the other connection has gone", async () => {
  await using home = await embed();
  using writer = await connect(home.port);
  const [told, id] = await listener(home, 3);
  using client = await tracker(home, "REDIRECT", id);
  await client.call("GET", "a");
  assertEquals(await told.call("QUIT"), "OK");
  await writer.call("SET", "a", 1);
  assertEquals(await next(client), ["tracking-redir-broken", id]);
  const info = await client.call("CLIENT", "TRACKINGINFO") as Map<
    string,
    unknown
  >;
  assertEquals(info.get("flags"), new Set(["on", "broken_redirect"]));
  assertEquals(info.get("redirect"), id);
  const line = await client.call("CLIENT", "INFO") as string;
  assertEquals(/flags=(\w+)/.exec(line)![1], "tR");
  // Who turns to somebody else is told again.
  await client.call("CLIENT", "TRACKING", "ON");
  await client.call("GET", "a");
  await writer.call("SET", "a", 2);
  assertEquals(await next(client), ["invalidate", ["a"]]);
  told.close();
});

Deno.test("keys that become due are told of while nobody does anything", async () => {
  await using home = await embed();
  using client = await tracker(home);
  using everything = await tracker(home, "BCAST");
  await client.pipeline([["SET", "a", 1, "PX", 300], ["GET", "a"]]);
  assertEquals(await next(everything), ["invalidate", ["a"]]);
  assertEquals(await next(client), ["invalidate", ["a"]]);
  assertEquals(await next(everything), ["invalidate", ["a"]]);
});

Deno.test("a reload of the data voids all caches", async () => {
  await using home = await embed({ "enable-debug-command": "yes" });
  using client = await tracker(home);
  using writer = await connect(home.port);
  await client.call("GET", "a");
  const options = ["DEBUG", "RELOAD", "NOSAVE"];
  // There is no dump; what was there has gone all the same.
  await writer.call(...options).catch(() => {});
  assertEquals(await next(client), ["invalidate", null]);
});

Deno.test("a table that is far too full is brought down in steps", async () => {
  await using home = await embed();
  using client = await tracker(home);
  const keys = Array.from({ length: 1_000 }, (_, i) => ["GET", `${i}`]);
  await client.pipeline(keys);
  using writer = await connect(home.port);
  await writer.call("CONFIG", "SET", "tracking-table-max-keys", 10);
  const told = new Set<string>();
  for (let i = 0; i < 990; i++) told.add(String(await next(client)));
  assertEquals(told.size, 990);
  await until(
    "the table to be as small as it may be",
    () => home.server.tracking.keyCount === 10,
  );
});

Deno.test("who leaves is forgotten, and the last one takes all with him", async () => {
  await using home = await embed();
  const client = await tracker(home, "BCAST", "PREFIX", "a");
  const other = await tracker(home);
  await other.call("GET", "b");
  const { tracking } = home.server;
  assertEquals([tracking.count, tracking.prefixCount], [2, 1]);
  client.close();
  await until("one to go", () => tracking.count === 1);
  assertEquals(tracking.prefixCount, 0);
  other.close();
  await until("the other to go", () => tracking.count === 0);
  assertEquals(tracking.keyCount, 0);
});
