/** MIGRATE: keys move between Keysaur and redis-server, and are never lost. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { embed } from "../server/embedded.ts";
import { type Client, connect } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { Talk } from "./talk.ts";

const HOST = "127.0.0.1";
const NO_FILES = { save: "", "enable-debug-command": "yes" } as const;

/** A target that does as it is told: it shows what it gets, and replies. */
class FakeTarget implements AsyncDisposable {
  readonly port: number;
  readonly #listener = Deno.listen({ hostname: HOST, port: 0 });
  readonly #connections: Deno.Conn[] = [];
  connectionCount = 0;
  /** What has come in since the last `received`. */
  #text = "";
  #arrived = Promise.withResolvers<void>();
  readonly #serving: Promise<void>;

  constructor() {
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#serving = this.#serve();
  }

  async #serve(): Promise<void> {
    const readers: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.connectionCount++;
      this.#connections.push(connection);
      readers.push(this.#read(connection));
    }
    await Promise.all(readers);
  }

  async #read(connection: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(65536);
    try {
      while (true) {
        const count = await connection.read(buffer);
        if (count === null) break;
        for (let i = 0; i < count; i++) {
          this.#text += String.fromCharCode(buffer[i]);
        }
        this.#arrived.resolve();
        this.#arrived = Promise.withResolvers();
      }
    } catch {
      // Closed by the test.
    }
  }

  /** Waits for words and takes all that has come. */
  async received(words: string): Promise<string> {
    const late = setTimeout(
      () => this.#arrived.reject(new Error(`${words} did not come`)),
      10_000,
    );
    while (!this.#text.includes(words)) await this.#arrived.promise;
    clearTimeout(late);
    const text = this.#text;
    this.#text = "";
    return text;
  }

  async reply(text: string): Promise<void> {
    await this.#connections.at(-1)!.write(new TextEncoder().encode(text));
  }

  hangUp(): void {
    for (const connection of this.#connections.splice(0)) connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    this.#listener.close();
    await this.#serving;
  }
}

/** The words of a command as its bytes hold them. */
function words(text: string): string {
  return text.replaceAll(/\$\d+\r\n/g, "").replaceAll(/\*\d+\r\n/g, "")
    .replaceAll("\r\n", " ");
}

async function open() {
  const server = await embed(NO_FILES);
  const client = await connect(server.port);
  const close = async () => {
    client.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, client, [Symbol.asyncDispose]: close };
}

async function errorOf(client: Client, ...line: string[]): Promise<string> {
  const error = await assertRejects(() => client.call(...line));
  return (error as Error).message;
}

Deno.test("MIGRATE says what it does not understand", () => {
  const talk = new Talk();
  talk.assert([
    ["SET key value", "+OK"],
    ["MIGRATE h 1 key 0 x", "-ERR value is not an integer or out of range"],
    ["MIGRATE h 1 key x 1", "-ERR value is not an integer or out of range"],
    ["MIGRATE h 1 key 0 1 MOVE", "-ERR syntax error"],
    ["MIGRATE h 1 key 0 1 AUTH", "-ERR syntax error"],
    ["MIGRATE h 1 key 0 1 AUTH2 user", "-ERR syntax error"],
    [
      "MIGRATE h 1 key 0 1 KEYS a b",
      "-ERR When using MIGRATE KEYS option, the key argument must be set to " +
      "the empty string",
    ],
    ["MIGRATE h 1 none 0 1", "+NOKEY"],
    ["MIGRATE h 1 '' 0 1 COPY REPLACE KEYS none nothing", "+NOKEY"],
    ["COMMAND GETKEYS MIGRATE h 1 key 0 1", "*1 $3 key"],
    ["COMMAND GETKEYS MIGRATE h 1 '' 0 1 AUTH keys KEYS a b", "*2 $1 a $1 b"],
  ]);
});

Deno.test({
  name: "MIGRATE moves keys of any kind to redis-server",
  ignore: !realRedis(),
  async fn() {
    await using source = await open();
    await using redis = await startRedis(["--enable-debug-command", "yes"]);
    using target = await connect(redis.port);
    const { client } = source;
    const to = ["MIGRATE", HOST, String(redis.port)];
    await client.pipeline([
      ["SET", "string", "Some Value", "PX", 100_000],
      ["SET", "number", 123],
      ["RPUSH", "list", "a", "b", "c"],
      ["RPUSH", "long", ...Array.from({ length: 9000 }, (_, i) => `item ${i}`)],
      ["SADD", "set", "1", "2", "x"],
      ["HSET", "hash", "f", "v"],
      ["ZADD", "zset", 1, "a", "inf", "b"],
      ["SET", "\0binary\r\n", "\xff\0"],
      ["SET", "stays", "here"],
    ]);
    const names = ["string", "number", "list", "long", "set", "hash", "zset"];
    const digests = new Map<string, unknown>();
    for (const name of [...names, "\0binary\r\n"]) {
      digests.set(name, await client.call("DEBUG", "DIGEST-VALUE", name));
    }
    assertEquals(await client.call(...to, "string", 9, 5000), "OK");
    const rest = [...digests.keys()].slice(1);
    const line = [...to, "", 9, 5000, "KEYS", ...rest, "none"];
    assertEquals(await client.call(...line), "OK");
    assertEquals(await client.call("KEYS", "*"), ["stays"]);
    await target.call("SELECT", 9);
    for (const [name, digest] of digests) {
      assertEquals(await target.call("DEBUG", "DIGEST-VALUE", name), digest);
    }
    const ttl = Number(await target.call("PTTL", "string"));
    assert(ttl > 90_000 && ttl <= 100_000);
    assertEquals(await target.call("PTTL", "number"), -1);
    const info = String(await client.call("INFO", "stats"));
    assert(info.includes("migrate_cached_sockets:1\r\n"));
  },
});

Deno.test({
  name: "MIGRATE copies, replaces, and passes on what redis-server objects",
  ignore: !realRedis(),
  async fn() {
    await using source = await open();
    await using redis = await startRedis();
    using target = await connect(redis.port);
    const { client } = source;
    const to = ["MIGRATE", HOST, String(redis.port)];
    await client.call("SET", "key", "mine");
    await target.call("SET", "key", "yours");
    const busy = "ERR Target instance replied with error: " +
      "BUSYKEY Target key name already exists.";
    assertEquals(await errorOf(client, ...to, "key", "0", "5000"), busy);
    assertEquals(await client.call("GET", "key"), "mine");
    const line = [...to, "key", "0", "5000", "COPY", "REPLACE"];
    assertEquals(await client.call(...line), "OK");
    assertEquals(await client.call("GET", "key"), "mine");
    assertEquals(await target.call("GET", "key"), "mine");

    await client.call("MSET", "a", 1, "b", 2, "c", 3);
    await target.call("SET", "b", "busy");
    const several = [...to, "", "0", "5000", "KEYS", "a", "b", "c"];
    assertEquals(await errorOf(client, ...several), busy);
    assertEquals(await client.call("MGET", "a", "b", "c"), [null, "2", null]);
    assertEquals(await target.call("MGET", "a", "b", "c"), ["1", "busy", "3"]);

    const range = "ERR Target instance replied with error: " +
      "ERR DB index is out of range";
    assertEquals(await errorOf(client, ...to, "b", "99", "5000"), range);
    await target.call("CONFIG", "SET", "requirepass", "secret");
    await target.call("AUTH", "secret");
    // The old connection stays as it was: only a new one has to say it.
    source.server.server.targets.expel(Infinity);
    assert((await errorOf(client, ...to, "key", "0", "5000"))
      .startsWith("ERR Target instance replied with error: NOAUTH"));
    const wrong = [...to, "key", "0", "5000", "REPLACE", "AUTH", "wrong"];
    assert((await errorOf(client, ...wrong))
      .startsWith("ERR Target instance replied with error: WRONGPASS"));
    const right = [...to, "key", "0", "5000", "REPLACE", "AUTH", "secret"];
    assertEquals(await client.call(...right), "OK");
    await client.call("SET", "key", "more");
    const user = [...right.slice(0, -2), "AUTH2", "default", "secret"];
    assertEquals(await client.call(...user), "OK");
    assertEquals(await target.call("GET", "key"), "more");
  },
});

Deno.test("MIGRATE lets others go on, and loses no change of theirs", async () => {
  await using target = new FakeTarget();
  await using source = await open();
  const { client, server } = source;
  using other = await connect(server.port);
  await client.call("MSET", "changed", 1, "gone", 2, "same", 3, "copy", 4);
  const changes: string[] = [];
  server.server.dispatcher.commit.observe(({ commands }) => {
    for (const line of commands) {
      changes.push(line.map((word) => new TextDecoder().decode(word)).join());
    }
  });
  const to = ["MIGRATE", HOST, target.port, "", 3, 9000, "KEYS"];
  const moved = client.call(...to, "changed", "gone", "same");
  const after = client.call("ECHO", "after");
  let text = words(await target.received("same"));
  assert(text.startsWith("SELECT 3 RESTORE changed 0 "), text);
  assert(!text.includes("REPLACE"));
  assertEquals(await other.call("INCR", "changed"), 2);
  assertEquals(await other.call("DEL", "gone"), 1);
  await target.reply("+OK\r\n+OK\r\n+OK\r\n+OK\r\n");
  text = words(await target.received("DEL"));
  assert(/^RESTORE changed 0 .* REPLACE DEL gone $/s.test(text), text);
  assertEquals(await other.call("MGET", "changed", "same"), ["2", null]);
  // A due time is a change too.
  await other.call("PEXPIRE", "changed", 60_000);
  await target.reply("+OK\r\n:1\r\n");
  text = words(await target.received("REPLACE"));
  assert(/^RESTORE changed (5|6)\d{4} /.test(text), text);
  await target.reply("+OK\r\n");
  assertEquals(await moved, "OK");
  assertEquals(await after, "after");
  assertEquals(await client.call("KEYS", "*"), ["copy"]);
  const dels = changes.filter((line) => line.startsWith("DEL"));
  assertEquals(dels, ["DEL,gone", "DEL,same", "DEL,changed"]);
  assertEquals(target.connectionCount, 1);
});

Deno.test("MIGRATE from a server to itself loses nothing", async () => {
  await using source = await open();
  const { client, server } = source;
  await client.call("SET", "key", "value");
  const to = ["MIGRATE", HOST, String(server.port), "key"];
  assertEquals(
    await errorOf(client, ...to, "0", "5000", "REPLACE"),
    "IOERR error or timeout reading to target instance",
  );
  assertEquals(await client.call("GET", "key"), "value");
  assertEquals(await client.call(...to, "1", "5000"), "OK");
  assertEquals(await client.call("GET", "key"), null);
  await client.call("SELECT", 1);
  assertEquals(await client.call("GET", "key"), "value");
});

Deno.test("MIGRATE takes due times of fields along", async () => {
  await using source = await open();
  await using target = await open();
  const far = 4_000_000_000_000;
  await source.client.call("HSET", "hash", "a", 1, "b", 2);
  await source.client.call("HPEXPIREAT", "hash", far, "FIELDS", 1, "a");
  const to = ["MIGRATE", HOST, target.server.port, "hash", 0, 5000];
  assertEquals(await source.client.call(...to), "OK");
  const dues = ["HPEXPIRETIME", "hash", "FIELDS", 2, "a", "b"];
  assertEquals(await target.client.call(...dues), [far, -1]);
});

Deno.test({
  name: "redis-server's MIGRATE moves keys here",
  ignore: !realRedis(),
  async fn() {
    await using target = await open();
    await using redis = await startRedis(["--enable-debug-command", "yes"]);
    using source = await connect(redis.port);
    await source.pipeline([
      ["SET", "string", "x".repeat(70_000), "PX", 100_000],
      ["RPUSH", "long", ...Array.from({ length: 9000 }, (_, i) => `item ${i}`)],
      ["SADD", "set", "1", "2", "x"],
      ["HSET", "hash", ...Array.from({ length: 900 }, (_, i) => i)],
      ["ZADD", "zset", 1, "a", "inf", "b"],
    ]);
    const digest = await source.call("DEBUG", "DIGEST");
    const to = ["MIGRATE", HOST, target.server.port, "", 0, 5000, "KEYS"];
    const names = ["string", "long", "set", "hash", "zset"];
    assertEquals(await source.call(...to, ...names), "OK");
    assertEquals(await target.client.call("DEBUG", "DIGEST"), digest);
    assertEquals(await source.call("DBSIZE"), 0);
  },
});

Deno.test("MIGRATE gives up in time, and then the key is still there", async () => {
  await using target = new FakeTarget();
  await using source = await open();
  const { client, server } = source;
  await client.call("SET", "key", "value");
  const line = ["MIGRATE", HOST, String(target.port), "key", "0", "50"];
  assertEquals(
    await errorOf(client, ...line),
    "IOERR error or timeout reading to target instance",
  );
  assertEquals(target.connectionCount, 1);
  assertEquals(await client.call("GET", "key"), "value");
  assertEquals(server.server.targets.count, 0);
  using gone = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = gone.addr as Deno.NetAddr;
  gone.close();
  assertEquals(
    await errorOf(client, "MIGRATE", HOST, String(port), "key", "0", "500"),
    "IOERR error or timeout connecting to the client",
  );
});

Deno.test("MIGRATE tries a new connection when the kept one is dead", async () => {
  await using target = new FakeTarget();
  await using source = await open();
  const { client, server } = source;
  const line = ["MIGRATE", HOST, target.port, "key", 0, 9000];
  for (const round of [1, 2]) {
    await client.call("SET", "key", round);
    const moved = client.call(...line);
    await target.received("RESTORE");
    await target.reply("+OK\r\n+OK\r\n");
    assertEquals(await moved, "OK");
    assertEquals(target.connectionCount, round);
    target.hangUp();
  }
  await client.call("SET", "key", 3);
  const moved = client.call(...line);
  await target.received("RESTORE");
  target.hangUp();
  // One new connection is tried and no more.
  assertEquals(
    await moved.catch((error) => error.message),
    "IOERR error or timeout reading to target instance",
  );
  assertEquals(await client.call("GET", "key"), "3");
  assertEquals(server.server.targets.count, 0);
});

Deno.test("connections of MIGRATE are kept for ten seconds", async () => {
  await using target = new FakeTarget();
  await using source = await open();
  const { targets } = source.server.server;
  const first = await targets.acquire(HOST, target.port, 1000);
  const second = await targets.acquire(HOST, target.port, 1000);
  targets.release(first);
  assertEquals(await targets.acquire(HOST, target.port, 1000), first);
  targets.release(first);
  targets.release(second);
  targets.expel(Date.now() + 9000);
  assertEquals(targets.count, 2);
  targets.expel(Date.now() + 11_000);
  assertEquals(targets.count, 0);
});
