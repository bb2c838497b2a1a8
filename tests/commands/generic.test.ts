/** The commands that work on keys of any type. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { cursorAt } from "../../src/commands/generic/scan.ts";
import type { Call } from "../../src/commands/call.ts";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_INT = "-ERR value is out of range, value must between -2147483648 " +
  "and 2147483647";
const DB_INDEX = "-ERR DB index is out of range";
const SAME_OBJECT = "-ERR source and destination objects are the same";
const NO_SUCH_KEY = "-ERR no such key";

function arityError(name: string): string {
  return `-ERR wrong number of arguments for '${name}' command`;
}

Deno.test("DEL and UNLINK count the keys that were there", () => {
  for (const name of ["DEL", "UNLINK"]) {
    const talk = new Talk();
    talk.assert([
      ["MSET a 1 b 2 c 3", "+OK"],
      [`${name} a none b`, ":2"],
      [`${name} c c`, ":1"],
      [`${name} a`, ":0"],
      ["DBSIZE", ":0"],
      [name, arityError(name.toLowerCase())],
    ]);
  }
});

Deno.test("DEL and UNLINK make known what they removed", () => {
  const talk = new Talk();
  talk.say("MSET a 1 b 2 c 3 d 4");
  talk.assertLearned([
    ["DEL a none b", "del:a@0 del:b@0 > DEL a none b"],
    ["UNLINK c", "del:c@0 > UNLINK c"],
    ["UNLINK c", ""],
  ]);
});

Deno.test("EXISTS and TOUCH count a key as often as it is named", () => {
  const talk = new Talk();
  talk.assert([
    ["MSET a 1 b 2", "+OK"],
    ["EXISTS a b none a", ":3"],
    ["TOUCH a b none a", ":3"],
    ["EXISTS none", ":0"],
    ["TOUCH none", ":0"],
    ["EXISTS", arityError("exists")],
    ["TOUCH", arityError("touch")],
  ]);
  assertEquals(talk.learn("TOUCH a"), "");
});

Deno.test("TOUCH counts as a use also for a client that leaves no traces", () => {
  const talk = new Talk();
  talk.say("SET k v");
  talk.client.session.noTouch = true;
  talk.bench.server.keyspace.setNoTouch(true);
  talk.nowMs += 60_000;
  assertEquals(talk.say("OBJECT IDLETIME k"), ":60");
  talk.say("TOUCH k");
  assertEquals(talk.say("OBJECT IDLETIME k"), ":0");
});

Deno.test("TYPE names the type, or says that there is none", () => {
  new Talk().assert([
    ["TYPE k", "+none"],
    ["SET k v", "+OK"],
    ["TYPE k", "+string"],
    ["TYPE", arityError("type")],
    ["TYPE a b", arityError("type")],
  ]);
});

Deno.test("RANDOMKEY replies with a key that is there", () => {
  const talk = new Talk();
  talk.assert([
    ["RANDOMKEY", "$-1"],
    ["SET only v", "+OK"],
    ["RANDOMKEY", "$4 only"],
    ["RANDOMKEY x", arityError("randomkey")],
  ]);
});

Deno.test("KEYS lists what a pattern matches", () => {
  const talk = new Talk();
  talk.assert([
    ["KEYS *", "*0"],
    ["MSET one 1 two 2 three 3 '' empty", "+OK"],
    ["KEYS t[^h]*", "*1 $3 two"],
    ["KEYS ''", "*1 $0"],
    ["KEYS none", "*0"],
    ["KEYS", arityError("keys")],
  ]);
  assertMatch(talk.say("KEYS *"), /^\*4 /);
  assertMatch(talk.say("KEYS **"), /^\*3 /);
});

Deno.test("KEYS of a large database is one whole reply", () => {
  const talk = new Talk({ isObserved: false });
  const count = 30_000;
  for (let i = 0; i < count; i += 1000) {
    const pairs = Array.from({ length: 1000 }, (_, k) => [`key:${i + k}`, "v"]);
    talk.call("MSET", ...pairs.flat());
  }
  const words = talk.say("KEYS *").split(" ");
  assertEquals(words.shift(), `*${count}`);
  assertEquals(new Set(words.filter((_, i) => i % 2 === 1)).size, count);
});

Deno.test("RENAME moves value and time, over what was there", () => {
  const talk = new Talk();
  talk.assert([
    ["RENAME a b", NO_SUCH_KEY],
    ["RENAME a a", NO_SUCH_KEY],
    ["SET a v EX 100", "+OK"],
    ["SET b old", "+OK"],
    ["RENAME a b", "+OK"],
    ["EXISTS a", ":0"],
    ["GET b", "$1 v"],
    ["TTL b", ":100"],
    ["SET c plain", "+OK"],
    ["RENAME c b", "+OK"],
    ["TTL b", ":-1"],
    ["RENAME b b", "+OK"],
    ["GET b", "$5 plain"],
    ["RENAME b", arityError("rename")],
  ]);
  talk.assertLearned([
    ["RENAME b a", "rename_from:b@0 rename_to:a@0 > RENAME b a"],
    ["RENAME a a", ""],
    ["RENAME none a", ""],
  ]);
});

Deno.test("RENAMENX leaves a taken name alone", () => {
  const talk = new Talk();
  talk.assert([
    ["RENAMENX a b", NO_SUCH_KEY],
    ["MSET a 1 b 2", "+OK"],
    ["RENAMENX a b", ":0"],
    ["RENAMENX a a", ":0"],
    ["MGET a b", "*2 $1 1 $1 2"],
    ["RENAMENX a c", ":1"],
    ["MGET a c", "*2 $-1 $1 1"],
  ]);
  talk.assertLearned([
    ["RENAMENX c b", ""],
    ["RENAMENX c d", "rename_from:c@0 rename_to:d@0 > RENAMENX c d"],
  ]);
});

Deno.test("COPY makes a second value with the same time", () => {
  const talk = new Talk();
  talk.assert([
    ["COPY a b", ":0"],
    ["SET a v EX 100", "+OK"],
    ["COPY a b", ":1"],
    ["TTL b", ":100"],
    ["APPEND a w", ":2"],
    ["MGET a b", "*2 $2 vw $1 v"],
    ["COPY a b", ":0"],
    ["COPY a b replace REPLACE", ":1"],
    ["GET b", "$2 vw"],
    ["COPY a a DB 1", ":1"],
    ["COPY a a DB 1", ":0"],
    ["COPY a b DB 1 DB 2 REPLACE", ":1"],
    ["SELECT 2", "+OK"],
    ["KEYS *", "*1 $1 b"],
  ]);
});

Deno.test("COPY refuses what it does not know", () => {
  new Talk().assert([
    ["COPY a a", SAME_OBJECT],
    ["COPY a a DB 0 REPLACE", SAME_OBJECT],
    ["COPY a b WAT", SYNTAX],
    ["COPY a b DB", SYNTAX],
    ["COPY a b DB x", NOT_INTEGER],
    ["COPY a b DB 1.5", NOT_INTEGER],
    ["COPY a b DB -1", DB_INDEX],
    ["COPY a b DB 16", DB_INDEX],
    ["COPY a b DB 2147483648", NOT_INT],
    ["COPY a b DB -2147483649", NOT_INT],
    ["COPY a a DB 16 WAT", DB_INDEX],
    ["COPY a", arityError("copy")],
  ]);
});

Deno.test("MOVE takes a key to another database unless it is there", () => {
  const talk = new Talk();
  talk.assert([
    ["MOVE a 1", ":0"],
    ["SET a v EX 100", "+OK"],
    ["MOVE a 1", ":1"],
    ["EXISTS a", ":0"],
    ["SET a w", "+OK"],
    ["MOVE a 1", ":0"],
    ["MOVE a 0", SAME_OBJECT],
    ["MOVE none 0", SAME_OBJECT],
    ["MOVE a 16", DB_INDEX],
    ["MOVE a -1", DB_INDEX],
    ["MOVE a x", NOT_INTEGER],
    ["MOVE a 2147483648", NOT_INT],
    ["MOVE a", arityError("move")],
    ["SELECT 1", "+OK"],
    ["GET a", "$1 v"],
    ["TTL a", ":100"],
  ]);
});

Deno.test("COPY and MOVE make known in which database a key changed", () => {
  const talk = new Talk();
  talk.say("SET a v");
  talk.assertLearned([
    ["COPY a b DB 3", "copy_to:b@3 > COPY a b DB 3"],
    ["COPY a b DB 3", ""],
    ["MOVE a 2", "move_from:a@0 move_to:a@2 > MOVE a 2"],
    ["MOVE a 2", ""],
  ]);
});

Deno.test("OBJECT ENCODING and REFCOUNT tell how a string is kept", () => {
  const long = "x".repeat(45);
  const talk = new Talk();
  talk.assert([
    ["OBJECT ENCODING k", "$-1"],
    ["OBJECT REFCOUNT k", "$-1"],
    ["MSET i 12345 e text", "+OK"],
    [`SET r ${long}`, "+OK"],
    ["OBJECT ENCODING i", "$3 int"],
    ["object encoding e", "$6 embstr"],
    ["OBJECT ENCODING r", "$3 raw"],
    ["OBJECT REFCOUNT i", ":1"],
    ["OBJECT REFCOUNT e", ":1"],
    ["SET i 9998", "+OK"],
    ["OBJECT REFCOUNT i", ":2147483647"],
    ["INCR i", ":9999"],
    ["OBJECT REFCOUNT i", ":2147483647"],
    ["INCR i", ":10000"],
    ["OBJECT REFCOUNT i", ":1"],
    ["OBJECT ENCODING", arityError("object|encoding")],
    ["OBJECT", arityError("object")],
    ["OBJECT WAT k", "-ERR unknown subcommand 'WAT'. Try OBJECT HELP."],
  ]);
  talk.say("HELLO 3");
  talk.assert([["OBJECT ENCODING none", "_"], ["OBJECT FREQ none", "_"]]);
});

const notice = "Please note that when switching between policies at runtime " +
  "LRU and LFU data will take some time to adjust.";

Deno.test("OBJECT IDLETIME counts the seconds since the last use", () => {
  const talk = new Talk();
  talk.say("SET k v");
  talk.nowMs += 7999;
  talk.assert([
    ["OBJECT IDLETIME none", "$-1"],
    ["OBJECT IDLETIME k", ":7"],
    ["OBJECT FREQ none", "$-1"],
    [
      "OBJECT FREQ k",
      "-ERR An LFU maxmemory policy is not selected, access frequency not " +
      `tracked. ${notice}`,
    ],
  ]);
});

Deno.test("OBJECT FREQ counts uses under a policy that goes by them", () => {
  const talk = new Talk({ config: { "maxmemory-policy": "allkeys-lfu" } });
  talk.say("SET k v");
  talk.assert([
    ["OBJECT FREQ none", "$-1"],
    ["OBJECT FREQ k", ":5"],
    ["OBJECT IDLETIME none", "$-1"],
    [
      "OBJECT IDLETIME k",
      `-ERR An LFU maxmemory policy is selected, idle time not tracked. ${notice}`,
    ],
  ]);
});

Deno.test("OBJECT HELP explains each subcommand", () => {
  const help = new Talk().say("OBJECT HELP");
  for (const name of ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT", "HELP"]) {
    assert(help.includes(`+${name}`), name);
  }
});

Deno.test("SCAN walks, with all its options", () => {
  const talk = new Talk();
  talk.assert([
    ["SCAN 0", "*2 $1 0 *0"],
    ["SET k1 v", "+OK"],
    ["SCAN 0", "*2 $1 0 *1 $2 k1"],
    ["scan 0 match k? count 5 type string", "*2 $1 0 *1 $2 k1"],
    ["SCAN 0 MATCH *", "*2 $1 0 *1 $2 k1"],
    ["SCAN 0 MATCH none", "*2 $1 0 *0"],
    ["SCAN 0 MATCH none MATCH k*", "*2 $1 0 *1 $2 k1"],
    ["SCAN 0 TYPE STRING", "*2 $1 0 *1 $2 k1"],
    ["SCAN 0 TYPE hash", "*2 $1 0 *0"],
    ["SCAN 0 TYPE wat", "*2 $1 0 *0"],
    ["SCAN 0 COUNT 9223372036854775807", "*2 $1 0 *1 $2 k1"],
  ]);
});

Deno.test("SCAN refuses what it does not know", () => {
  new Talk().assert([
    ["SCAN x", "-ERR invalid cursor"],
    ["SCAN x COUNT 0", "-ERR invalid cursor"],
    ["SCAN 0 COUNT 0", SYNTAX],
    ["SCAN 0 COUNT -1", SYNTAX],
    ["SCAN 0 COUNT x", NOT_INTEGER],
    ["SCAN 0 COUNT 9223372036854775808", NOT_INTEGER],
    ["SCAN 0 COUNT", SYNTAX],
    ["SCAN 0 MATCH", SYNTAX],
    ["SCAN 0 COUNT 0 WAT", SYNTAX],
    ["SCAN 0 WAT 1", SYNTAX],
    ["SCAN", arityError("scan")],
  ]);
});

Deno.test("SCAN walks on from a cursor in portions", () => {
  const talk = new Talk({ isObserved: false });
  const pairs = Array.from({ length: 500 }, (_, i) => [`${i}`, "v"]);
  talk.call("MSET", ...pairs.flat());
  const met = new Set<string>();
  let cursor = "0";
  let callCount = 0;
  do {
    const words = talk.say(`SCAN ${cursor} COUNT 20`).split(" ");
    cursor = words[2];
    words.slice(4).forEach((word, i) => i % 2 === 1 && met.add(word));
    callCount++;
  } while (cursor !== "0");
  assertEquals(met.size, 500);
  assert(callCount > 10 && callCount <= 26, `${callCount} calls`);
});

Deno.test("a cursor is read as C reads it, and its lower half counts", () => {
  const read = (text: string) =>
    cursorAt({ latin1: () => text } as unknown as Call, 1);
  const rows: [text: string, cursor: number][] = [
    ["0", 0],
    ["007", 7],
    ["4294967295", 2 ** 32 - 1],
    ["4294967296", 0],
    ["18446744073709551615", 2 ** 32 - 1],
    ["-1", 2 ** 32 - 1],
    ["+5", 5],
    ["", 0],
    ["5\0x", 5],
  ];
  for (const [text, cursor] of rows) assertEquals(read(text), cursor, text);
  for (
    const text of ["x", " 1", "1 ", "1.5", "-", "0x1", "18446744073709551616"]
  ) {
    let thrown: unknown;
    try {
      read(text);
    } catch (error) {
      thrown = error;
    }
    assert(thrown !== undefined, `"${text}" is no cursor`);
  }
});
