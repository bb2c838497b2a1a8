import { assert, assertEquals, assertMatch } from "@std/assert";
import { createHash } from "node:crypto";
import { type Client, connect, type Word } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { type RunningServer, startKeysaur } from "../support/server.ts";

const ALLOWED = ["--enable-debug-command", "yes"];
const seed = 20_261_120;
const ZEROS = "0".repeat(40);

/** Lengths are compared: those of compressed strings are the server's own. */
const UNCOMPRESSED = [...ALLOWED, "--rdbcompression", "no"];

function start(): Promise<RunningServer> {
  return startKeysaur(UNCOMPRESSED);
}

async function errorOf(client: Client, ...words: Word[]): Promise<string> {
  const reply = await client.raw(...words);
  assert(reply.kind === "error", `${words.join(" ")} replied ${reply.kind}`);
  return reply.text;
}

/** Round trips enough for every timer that is due to have had its turn. */
async function settle(client: Client): Promise<void> {
  for (let i = 0; i < 20; i++) await client.call("PING");
}

/** Waits until a number is what it must become. */
async function until(
  expected: number,
  actual: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + 5000;
  while (await actual() !== expected) {
    assert(performance.now() < deadline, `it never became ${expected}`);
  }
}

Deno.test("DEBUG is refused unless the configuration allows it", async () => {
  await using server = await startKeysaur();
  using client = await connect(server.port);
  assertEquals(
    await errorOf(client, "DEBUG", "DIGEST"),
    "ERR DEBUG command not allowed. If the enable-debug-command option is " +
      'set to "local", you can run it from a local connection, otherwise ' +
      "you need to set this option in the configuration file, and then " +
      "restart the server.",
  );
  const stats = String(await client.call("INFO", "commandstats"));
  assertMatch(
    stats,
    /cmdstat_debug:calls=0,.*,rejected_calls=1,failed_calls=0/,
  );
});

Deno.test("DEBUG may be allowed to clients of this machine", async () => {
  await using server = await startKeysaur(["--enable-debug-command", "local"]);
  using client = await connect(server.port);
  assertEquals(await client.call("DEBUG", "DIGEST"), ZEROS);
});

Deno.test("DEBUG refuses what it does not know, and wrong numbers of words", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const refusal = (name: string) =>
    "ERR unknown subcommand or wrong number of arguments for " +
    `'${name}'. Try DEBUG HELP.`;
  for (
    const words of [
      ["WAT"],
      ["digest", "x"],
      ["SLEEP"],
      ["Object", "a", "b"],
      ["POPULATE", "1", "a", "2", "x"],
      ["HELP", "x"],
      ["SEGFAULT"],
    ]
  ) {
    assertEquals(await errorOf(client, "DEBUG", ...words), refusal(words[0]));
  }
  assertEquals(
    await errorOf(client, "DEBUG"),
    "ERR wrong number of arguments for 'debug' command",
  );
});

Deno.test("DEBUG RELOAD refuses options that it does not know", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertEquals(
    await errorOf(client, "DEBUG", "RELOAD", "NOSAVE", "fast"),
    "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
  );
});

Deno.test("DEBUG HELP names whatever DEBUG does", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const lines = await client.call("DEBUG", "help") as string[];
  assertMatch(lines[0], /^DEBUG <subcommand> /);
  assertEquals(lines.filter((line) => /^[A-Z]/.test(line)).slice(1), [
    "AOF-FLUSH-SLEEP <microseconds>",
    "CHANGE-REPL-ID",
    "DIGEST",
    "DIGEST-VALUE <key> [<key> ...]",
    "ERROR <string>",
    "HTSTATS <dbid> [full]",
    "HTSTATS-KEY <key> [full]",
    "LISTPACK <key>",
    "LOADAOF",
    "LOG <message>",
    "OBJECT <key>",
    "PAUSE-CRON <0|1>",
    "POPULATE <count> [<prefix>] [<size>]",
    "PROTOCOL <type>",
    "QUICKLIST <key> [<0|1>]",
    "QUICKLIST-PACKED-THRESHOLD <size>",
    "RELOAD [MERGE] [NOFLUSH] [NOSAVE]",
    "REPLYBUFFER RESIZING <0|1>",
    "SET-ACTIVE-EXPIRE <0|1>",
    "SET-SKIP-CHECKSUM-VALIDATION <0|1>",
    "SLEEP <seconds>",
    "STRUCTSIZE",
    "HELP",
  ]);
});

// The digest.

Deno.test("DEBUG DIGEST of nothing is zeros", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertEquals(await client.call("DEBUG", "DIGEST"), ZEROS);
  await client.call("SET", "a", "1");
  assert(await client.call("DEBUG", "DIGEST") !== ZEROS);
  await client.call("FLUSHALL");
  assertEquals(await client.call("DEBUG", "DIGEST"), ZEROS);
});

Deno.test("DEBUG DIGEST knows databases and due times, and no order", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const digest = async (...commands: Word[][]) => {
    await client.call("FLUSHALL");
    await client.pipeline([...commands, ["SELECT", 0]]);
    return await client.call("DEBUG", "DIGEST");
  };
  const a = ["SET", "a", "1"];
  const b = ["SET", "b", "2"];
  const both = await digest(a, b);
  assertEquals(await digest(b, a), both);
  assert(await digest(a) !== both);
  assert(await digest(a, ["SELECT", 1], b) !== both);
  assert(await digest(a, [...b, "EX", "1000"]) !== both);
  assertEquals(
    await digest(a, [...b, "EX", "1000"]),
    await digest(a, [...b, "EX", "2000"]),
  );
});

/** Strings of all encodings and lengths in several databases. */
function randomStrings(random: Random): Word[][] {
  const commands: Word[][] = [];
  for (let i = 0; i < 3000; i++) {
    if (random.chance(0.02)) commands.push(["SELECT", random.int(16)]);
    const key = random.chance(0.5)
      ? `key:${random.int(500)}`
      : random.bytes(random.int(100));
    const value = random.chance(0.3)
      ? String(random.int(2 ** 32) * random.pick([1, -1, 1e6]))
      : random.bytes(random.pick([0, 1, 20, 44, 45, 55, 56, 64, 600, 5000]));
    const due = random.chance(0.3) ? ["EX", 100_000 + random.int(1e6)] : [];
    commands.push(["SET", key, value, ...due]);
    if (random.chance(0.1)) commands.push(["APPEND", key, random.bytes(3)]);
    if (random.chance(0.1)) commands.push(["DEL", `key:${random.int(500)}`]);
  }
  return commands;
}

Deno.test({
  name: "DEBUG DIGEST and DIGEST-VALUE equal Redis's for random strings",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(ALLOWED);
    await using keysaur = await start();
    using theirs = await connect(real.port);
    using ours = await connect(keysaur.port);
    for (let round = 0; round < 3; round++) {
      const random = new Random(seed + round);
      const commands = randomStrings(random);
      const keys = commands.filter(([name]) => name === "SET").slice(0, 200)
        .map(([, key]) => key);
      const digests = async (client: Client) => {
        await client.call("FLUSHALL");
        await client.pipeline(commands);
        return await client.pipeline([
          ["DBSIZE"],
          ["DEBUG", "DIGEST"],
          ["DEBUG", "DIGEST-VALUE", ...keys],
        ]);
      };
      assertEquals(
        await digests(ours),
        await digests(theirs),
        `seed ${seed + round}`,
      );
    }
  },
});

Deno.test("DEBUG DIGEST-VALUE gives a digest for each key", async () => {
  await using server = await start();
  using client = await connect(server.port);
  await client.call("MSET", "a", "same", "b", "same", "c", "other");
  const digests = await client.call(
    ...["DEBUG", "DIGEST-VALUE", "a", "b", "c", "missing"],
  ) as string[];
  assertEquals(digests.length, 4);
  assertEquals(digests[0], digests[1]);
  assert(digests[0] !== digests[2]);
  assertEquals(digests[3], ZEROS);
  assertEquals(await client.call("DEBUG", "DIGEST-VALUE"), []);
});

function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha1").update(bytes).digest());
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]);
}

/** The digest of a string's value, as wasm/digest.ts defines it. */
function valueDigest(value: Uint8Array, isVolatile: boolean): string {
  const type = sha1(sha1(new Uint8Array(4)));
  const mixed = sha1(xor(type, sha1(value)));
  const mark = sha1(new TextEncoder().encode("!!expire!!"));
  return (isVolatile ? xor(mixed, mark) : mixed).toHex();
}

Deno.test("DEBUG DIGEST-VALUE is what it says for values of every length", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const random = new Random(seed);
  const values = Array.from({ length: 200 }, (_, i) => random.bytes(i));
  values.push(random.bytes(100_000));
  await client.pipeline(values.map((value, i) => ["SET", i, value]));
  await client.pipeline([
    ["EXPIRE", 0, 1000],
    ["EXPIRE", 64, 1000],
  ]);
  assertEquals(
    await client.call("DEBUG", "DIGEST-VALUE", ...values.keys()),
    values.map((value, i) => valueDigest(value, i === 0 || i === 64)),
  );
});

// Making and looking at keys.

Deno.test("DEBUG POPULATE makes keys that are missing", async () => {
  await using server = await start();
  using client = await connect(server.port);
  await client.call("SET", "key:1", "kept");
  assertEquals(await client.call("DEBUG", "POPULATE", 12), "OK");
  assertEquals(await client.call("DBSIZE"), 12);
  assertEquals(
    await client.call("MGET", "key:0", "key:1", "key:11", "key:12"),
    ["value:0", "kept", "value:11", null],
  );
  await client.call("DEBUG", "POPULATE", 2, "p", 3);
  assertEquals(await client.call("MGET", "p:0", "p:1"), ["val", "val"]);
  await client.call("DEBUG", "POPULATE", 1, "zeros", 10);
  assertEquals(await client.call("GET", "zeros:0"), "value:0\0\0\0");
  await client.call("DEBUG", "POPULATE", 2, "long", 50_000);
  assertEquals(await client.call("STRLEN", "long:1"), 50_000);
  assertEquals(await client.call("DEBUG", "POPULATE", 0), "OK");
  assertEquals(await client.call("DBSIZE"), 17);
  for (const words of [["-1"], ["x"], ["1", "p", "-1"], ["1", "p", "x"]]) {
    assertEquals(
      await errorOf(client, "DEBUG", "POPULATE", ...words),
      "ERR value is out of range, must be positive",
    );
  }
});

Deno.test({
  name: "DEBUG POPULATE makes what Redis makes",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(ALLOWED);
    await using keysaur = await start();
    const digest = async (port: number) => {
      using client = await connect(port);
      const replies = await client.pipeline([
        ["DEBUG", "POPULATE", 5000],
        ["DEBUG", "POPULATE", 1000, "other"],
        ["DEBUG", "POPULATE", 1200, "other", 7],
        ["DEBUG", "POPULATE", 300, "binary", 1000],
        ["DEBUG", "DIGEST"],
        ["DEBUG", "POPULATE", "x"],
        ["DEBUG", "POPULATE", 1, "p", "x"],
      ]);
      return replies.map(String);
    };
    assertEquals(await digest(keysaur.port), await digest(real.port));
  },
});

Deno.test("DEBUG POPULATE of values that fit nowhere makes nothing", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertMatch(
    await errorOf(client, "DEBUG", "POPULATE", 10, "p", 2 ** 32 - 1),
    /^OOM /,
  );
  assertEquals(await client.call("DBSIZE"), 0);
});

Deno.test("DEBUG OBJECT shows how a value is stored", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const object = async (value: string) => {
    await client.call("SET", "k", value);
    return String(await client.call("DEBUG", "OBJECT", "k"))
      .replace(/0x[0-9a-f]{1,8} /, "0x1 ").replace(/lru:\d+ /, "lru:2 ");
  };
  const line = (references: number, encoding: string, byteCount: number) =>
    `Value at:0x1 refcount:${references} encoding:${encoding} ` +
    `serializedlength:${byteCount} lru:2 lru_seconds_idle:0`;
  assertEquals(await object("42"), line(2 ** 31 - 1, "int", 2));
  assertEquals(await object("-300"), line(1, "int", 3));
  assertEquals(await object("70000"), line(1, "int", 5));
  assertEquals(await object("5000000000"), line(1, "int", 11));
  assertEquals(await object("text"), line(1, "embstr", 5));
  assertEquals(await object("v".repeat(64)), line(1, "raw", 66));
  assertEquals(await object("v".repeat(20_000)), line(1, "raw", 20_005));
  assertEquals(
    await errorOf(client, "DEBUG", "OBJECT", "missing"),
    "ERR no such key",
  );
});

Deno.test({
  name: "DEBUG OBJECT tells the length that Redis tells",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(UNCOMPRESSED);
    await using keysaur = await start();
    const values = ["", "0", "127", "128", "-129", "32768", "-2147483648"]
      .concat("2147483648", "012", "1.5", "v".repeat(63), "v".repeat(64))
      .concat("v".repeat(16_383), "v".repeat(16_384));
    const shown = async (port: number) => {
      using client = await connect(port);
      const lines: string[] = [];
      for (const value of values) {
        await client.call("SET", "k", value);
        const line = String(await client.call("DEBUG", "OBJECT", "k"));
        lines.push(line.replace(/^.* encoding/, "").replace(/ lru.*/, ""));
      }
      return lines;
    };
    assertEquals(await shown(keysaur.port), await shown(real.port));
  },
});

Deno.test("DEBUG HTSTATS tells how the keys lie", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const empty = String(await client.call("DEBUG", "HTSTATS", 0));
  assertMatch(empty, /^\[Dictionary HT\]\n.*\n.*empty.*\n\[Expires HT\]\n/);
  await client.call("DEBUG", "POPULATE", 1000);
  await client.call("EXPIRE", "key:1", 1000);
  const text = String(await client.call("DEBUG", "HTSTATS", 0, "full"));
  const figure = (name: string) =>
    Number(new RegExp(`^ ${name}: (\\d+)`, "m").exec(text)?.[1]);
  assertEquals(figure("number of elements"), 1000);
  assertEquals(figure("heap of due times"), 1);
  const chains = [...text.matchAll(/^ {3}(\d+): (\d+) /gm)]
    .map(([, length, count]) => [Number(length), Number(count)]);
  const sum = (of: (pair: number[]) => number) =>
    chains.reduce((total, pair) => total + of(pair), 0);
  assertEquals(sum(([, count]) => count), figure("table size"));
  assertEquals(sum(([length, count]) => length * count), 1000);
  assertEquals(Math.max(...chains.map(([n]) => n)), figure("max chain length"));
  assertEquals(
    await errorOf(client, "DEBUG", "HTSTATS", 16),
    "ERR Out of range database",
  );
});

Deno.test("DEBUG STRUCTSIZE tells sizes by name", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertMatch(
    String(await client.call("DEBUG", "STRUCTSIZE")),
    /^bits:32 (\w+:[1-9]\d* )+$/,
  );
});

// Protocol, errors, log.

Deno.test({
  name: "DEBUG PROTOCOL and ERROR send the bytes that Redis sends",
  ignore: !realRedis(),
  fn: async () => {
    await using real = await startRedis(ALLOWED);
    await using keysaur = await start();
    const types = ["string", "integer", "double", "bignum", "null", "array"]
      .concat("set", "map", "verbatim", "true", "false", "attrib", "PUSH")
      .concat("nothing", "constructor");
    const commands = types.map((type) => `DEBUG PROTOCOL ${type}`)
      .concat('DEBUG ERROR "MY text"', 'DEBUG ERROR "two\\r\\nlines"');
    const lines = [...commands, "HELLO 3", "ECHO begin", ...commands, "QUIT"];
    const bytes = async (port: number) => {
      const connection = await Deno.connect({ port });
      await connection.write(
        new TextEncoder().encode(lines.join("\r\n") + "\r\n"),
      );
      const text = await new Response(connection.readable).text();
      // What HELLO replies depends on the server.
      return text.replace(/%7[^]*begin/, "").split("\r\n");
    };
    assertEquals(await bytes(keysaur.port), await bytes(real.port));
  },
});

Deno.test("DEBUG ERROR is no error of the server's own", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertEquals(
    await errorOf(client, "DEBUG", "ERROR", "MINE text"),
    "MINE text",
  );
  const stats = String(await client.call("INFO", "errorstats"));
  assertEquals(stats, "# Errorstats\r\n");
});

Deno.test("DEBUG LOG writes to the log", async () => {
  await using server = await start();
  using client = await connect(server.port);
  assertEquals(await client.call("DEBUG", "LOG", "here I am"), "OK");
  await server.stop();
  assertMatch(server.log(), /# DEBUG LOG: here I am\n/);
});

// Time.

Deno.test("DEBUG SLEEP holds up the whole loop", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const startedMs = performance.now();
  assertEquals(await client.call("DEBUG", "SLEEP", "0.25"), "OK");
  assert(performance.now() - startedMs >= 249);
  const text = String(await client.call("INFO", "debug"));
  const [, longest] = /eventloop_duration_max:(\d+)/.exec(text) ?? [];
  assert(Number(longest) >= 249_000, `the longest turn took ${longest} us`);
  for (const nothing of ["0", "-1", "x"]) {
    assertEquals(await client.call("DEBUG", "SLEEP", nothing), "OK");
  }
});

/** Makes a key that is due, while nothing but time could remove it. */
async function makeDueKey(client: Client): Promise<void> {
  await client.call("SET", "due", "soon", "PX", 5);
  await client.call("DEBUG", "SLEEP", "0.02");
  await settle(client);
}

Deno.test("DEBUG SET-ACTIVE-EXPIRE leaves due keys until they are asked for", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const size = () => client.call("DBSIZE");
  await client.call("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await makeDueKey(client);
  assertEquals(await size(), 1);
  assertEquals(await client.call("GET", "due"), null);
  assertEquals(await size(), 0);
  await makeDueKey(client);
  assertEquals(await size(), 1);
  await client.call("DEBUG", "SET-ACTIVE-EXPIRE", 1);
  await until(0, size);
});

Deno.test("DEBUG PAUSE-CRON stops what is done on a timer", async () => {
  await using server = await start();
  using client = await connect(server.port);
  const size = () => client.call("DBSIZE");
  await client.call("DEBUG", "PAUSE-CRON", 1);
  await makeDueKey(client);
  assertEquals(await size(), 1);
  await client.call("DEBUG", "PAUSE-CRON", 0);
  await until(0, size);
});

Deno.test("A due key is still there for DEBUG OBJECT and DIGEST", async () => {
  await using server = await start();
  using client = await connect(server.port);
  await client.call("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await makeDueKey(client);
  assertMatch(
    String(await client.call("DEBUG", "OBJECT", "due")),
    /encoding:embstr/,
  );
  assert(await client.call("DEBUG", "DIGEST") !== ZEROS);
  assertEquals(await client.call("DBSIZE"), 1);
});
