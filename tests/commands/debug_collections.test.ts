/** What DEBUG and MEMORY tell about collections. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect, type Word } from "../support/client.ts";
import { realRedis, startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { Talk } from "./talk.ts";

const ALLOWED = { "enable-debug-command": "yes" };

function newTalk(config: Record<string, string> = {}): Talk {
  return new Talk({ config: { ...ALLOWED, ...config }, isObserved: false });
}

Deno.test("DEBUG OBJECT tells how a list of many nodes is laid out", () => {
  const talk = newTalk({
    "list-max-listpack-size": "2",
    "list-compress-depth": "1",
  });
  talk.say("RPUSH k a b c d e");
  assertMatch(
    talk.say("DEBUG OBJECT k"),
    / encoding:quicklist serializedlength:\d+ lru:\d+ lru_seconds_idle:0 ql_nodes:3 ql_avg_node:1.67 ql_listpack_max:2 ql_compressed:1 ql_uncompressed_size:36$/,
  );
  talk.say("RPUSH small a");
  const small = talk.say("DEBUG OBJECT small");
  assertMatch(small, / encoding:listpack serializedlength:13 /);
  assert(!small.includes("ql_"), small);
});

/** Collections of large forms, whose length 7.0 and 7.2 tell alike. */
const LARGE: Word[][] = [
  ["HSET", "hash", "field", "x".repeat(100), "n", 12, "m", -70000],
  ["HSET", "small", "field", "value", "n", 12],
  ["SADD", "set", "x".repeat(100), "y", 17],
  ["SADD", "ints", 1, 2, 70000],
  ["ZADD", "zset", 1, "x".repeat(100), -2.5, "b", 1e9, 333],
  ["ZADD", "few", 1, "a", 2.5, "b"],
  ["RPUSH", "short", "a", "b"],
  ["RPUSH", "list", ...Array.from({ length: 3000 }, (_, i) => `item ${i}`)],
];

Deno.test({
  name: "DEBUG OBJECT tells of collections the length that Redis tells",
  ignore: !realRedis(),
  fn: async () => {
    const options = ["--enable-debug-command", "yes", "--rdbcompression", "no"];
    await using real = await startRedis(options);
    await using keysaur = await startKeysaur(options);
    const lengths = async (port: number) => {
      using client = await connect(port);
      await client.pipeline(LARGE);
      const found: Record<string, string> = {};
      for (const [, key] of LARGE) {
        const line = String(await client.call("DEBUG", "OBJECT", key));
        found[String(key)] = /serializedlength:\d+/.exec(line)![0];
      }
      return found;
    };
    assertEquals(await lengths(keysaur.port), await lengths(real.port));
  },
});

Deno.test("DEBUG HTSTATS-KEY shows the table of a collection", () => {
  const talk = newTalk();
  const none = "-ERR The value stored at the specified key is not " +
    "represented using an hash table";
  const long = "x".repeat(100);
  talk.say(`SADD set ${long} b c`);
  talk.say(`HSET hash f ${long} g 1`);
  talk.say(`ZADD zset 1 ${long}`);
  talk.say("SADD ints 1");
  talk.say("SET string v");
  for (const [key, count] of [["set", 3], ["hash", 2], ["zset", 1]]) {
    const text = talk.say(`DEBUG HTSTATS-KEY ${key}`);
    assertMatch(text, /^\$\d+ Hash table 0 stats \(main hash table\):/);
    assert(text.includes(` number of elements: ${count}`), text);
    assert(!text.includes("max chain length"), text);
  }
  const full = talk.say("DEBUG HTSTATS-KEY set full");
  assertMatch(full, /different slots: 1\n max chain length: 3\n/);
  talk.assert([
    ["DEBUG HTSTATS-KEY ints", none],
    ["DEBUG HTSTATS-KEY string", none],
    ["DEBUG HTSTATS-KEY missing", "-ERR no such key"],
  ]);
});

Deno.test("DEBUG LISTPACK and QUICKLIST write to the log", () => {
  const talk = newTalk({ "list-max-listpack-size": "1" });
  talk.say("RPUSH list a b c");
  talk.say("HSET hash f v");
  talk.assert([
    ["DEBUG LISTPACK hash", "+Listpack structure printed on stdout"],
    ["DEBUG QUICKLIST list", "+Quicklist structure printed on stdout"],
    ["DEBUG QUICKLIST list 1", "+Quicklist structure printed on stdout"],
    ["DEBUG LISTPACK list", "-ERR Not a listpack encoded object."],
    ["DEBUG QUICKLIST hash", "-ERR Not a quicklist encoded object."],
    ["DEBUG LISTPACK none", "-ERR no such key"],
  ]);
  assert(talk.bench.logged.some((line) => line.includes("ql_nodes:3")));
});

/** One small and one large collection of each type. */
function fill(talk: Talk): string[] {
  const many = Array.from({ length: 600 }, (_, i) => `element ${i}`);
  const numbered = many.flatMap((name, i) => [i, name]);
  talk.call("RPUSH", "list small", "a", "b");
  talk.call("RPUSH", "list large", ...many, "x".repeat(9000));
  talk.call("SADD", "set ints", 1, 2, 3);
  talk.call("SADD", "set small", "a", "b");
  talk.call("SADD", "set large", ...many);
  talk.call("HSET", "hash small", "f", "v");
  talk.call("HSET", "hash large", ...numbered);
  talk.call("ZADD", "zset small", 1, "a");
  talk.call("ZADD", "zset large", ...numbered);
  talk.call("SET", "string small", "v");
  talk.call("SET", "string large", "x".repeat(5000));
  return ["list", "set", "hash", "zset", "string"].flatMap((type) => [
    `${type} small`,
    `${type} large`,
  ]).concat("set ints");
}

Deno.test("MEMORY USAGE is what removing a key gives back", () => {
  const talk = newTalk();
  const { calls } = talk.bench.server.engine;
  const keys = fill(talk);
  // Room in the table of keys stays, so that only the entries count.
  talk.say("SET last v");
  for (const key of keys) {
    const usage = Number(talk.call("MEMORY", "USAGE", key).slice(1));
    const before = calls.usedBytes();
    assertEquals(talk.call("DEL", key), ":1");
    while (calls.reclaim(1000)) { /* large values go in slices */ }
    assertEquals(before - calls.usedBytes(), usage, key);
  }
  talk.bench.verify();
});

Deno.test("commands on keys take values of any type and form", () => {
  for (const limit of ["128", "1"]) {
    const talk = newTalk({
      "set-max-listpack-entries": limit,
      "hash-max-listpack-entries": limit,
      "zset-max-listpack-entries": limit,
      "list-max-listpack-size": limit,
    });
    const { calls } = talk.bench.server.engine;
    const ask = (...words: Word[]) => talk.call(...words);
    const look = (key: string, db = "0") => {
      ask("SELECT", db);
      const facts = [ask("TYPE", key), ask("DEBUG", "DIGEST-VALUE", key)];
      facts.push(ask("OBJECT", "ENCODING", key));
      ask("SELECT", "0");
      return facts;
    };
    for (const key of fill(talk)) {
      const facts = look(key);
      assertEquals(ask("COPY", key, "copy"), ":1", key);
      assertEquals(look("copy"), facts, key);
      assertEquals(ask("RENAME", "copy", "renamed"), "+OK");
      assertEquals(look("renamed"), facts, key);
      assertEquals(ask("MOVE", "renamed", "3"), ":1");
      assertEquals(look("renamed", "3"), facts, key);
      assertEquals(ask("COPY", key, "there", "DB", "3"), ":1");
      assertEquals(look("there", "3"), facts, key);
      assertEquals(ask("PEXPIRE", key, "5"), ":1");
      talk.nowMs += 4;
      assertEquals(ask("EXISTS", key), ":1");
      assertEquals(ask("PERSIST", key), ":1");
      assertEquals(look(key), facts, key);
      const type = facts[0].slice(1);
      const scan = ask("SCAN", "0", "COUNT", "1000", "TYPE", type);
      assert(scan.includes(` $${key.length} ${key}`), scan);
      for (const other of ["list", "set", "hash", "zset", "string"]) {
        if (other === type) continue;
        const found = ask("SCAN", "0", "COUNT", "1000", "TYPE", other);
        assert(!found.includes(` $${key.length} ${key}`), found);
      }
      assertEquals(ask("OBJECT", "REFCOUNT", key), ":1");
      assertEquals(ask("OBJECT", "IDLETIME", key), ":0");
      assertEquals(ask("TOUCH", key), ":1");
      assertEquals(ask("PEXPIRE", key, "5"), ":1");
      talk.nowMs += 6;
      assertEquals(ask("EXISTS", key), ":0");
      assertEquals(ask("TYPE", key), "+none");
      ask("SELECT", "3");
      assertEquals(ask("UNLINK", "renamed", "there"), ":2");
      ask("SELECT", "0");
    }
    talk.bench.verify();
    assertEquals(ask("FLUSHALL"), "+OK");
    while (calls.reclaim(1000)) { /* large values go in slices */ }
    talk.bench.verify();
  }
});
