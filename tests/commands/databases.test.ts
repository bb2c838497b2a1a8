/** Commands on whole databases, and the server's clock and art. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { maze, ruleThirty } from "../../src/commands/server/lolwut.ts";
import { wallMicroseconds } from "../../src/commands/server/time.ts";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const DB_INDEX = "-ERR DB index is out of range";
const FIRST = "-ERR invalid first DB index";
const SECOND = "-ERR invalid second DB index";

Deno.test("DBSIZE counts the keys of its database", () => {
  new Talk().assert([
    ["DBSIZE", ":0"],
    ["MSET a 1 b 2", "+OK"],
    ["DBSIZE", ":2"],
    ["SELECT 1", "+OK"],
    ["DBSIZE", ":0"],
    ["DBSIZE x", "-ERR wrong number of arguments for 'dbsize' command"],
  ]);
});

Deno.test("FLUSHDB empties its database, FLUSHALL every one", () => {
  for (const mode of ["", " ASYNC", " sync"]) {
    new Talk().assert([
      ["MSET a 1 b 2", "+OK"],
      ["SELECT 1", "+OK"],
      ["SET c 3 EX 100", "+OK"],
      [`FLUSHDB${mode}`, "+OK"],
      ["DBSIZE", ":0"],
      ["SELECT 0", "+OK"],
      ["DBSIZE", ":2"],
      ["SELECT 1", "+OK"],
      ["SET c 3", "+OK"],
      [`FLUSHALL${mode}`, "+OK"],
      ["DBSIZE", ":0"],
      ["SELECT 0", "+OK"],
      ["DBSIZE", ":0"],
      ["GET a", "$-1"],
      ["SET a again", "+OK"],
      ["GET a", "$5 again"],
    ]);
  }
});

Deno.test("FLUSHDB and FLUSHALL know two modes", () => {
  const talk = new Talk();
  talk.say("SET k v");
  for (const name of ["FLUSHDB", "FLUSHALL"]) {
    for (const words of ["WAT", "''", "SYNC ASYNC", "ASYNC WAT"]) {
      assertEquals(talk.say(`${name} ${words}`), SYNTAX);
    }
  }
  assertEquals(talk.say("DBSIZE"), ":1");
});

Deno.test("what empties a database is sent on also when it is empty", () => {
  new Talk().assertLearned([
    ["FLUSHALL", "> FLUSHALL"],
    ["FLUSHDB ASYNC", "> FLUSHDB ASYNC"],
    ["FLUSHDB WAT", ""],
  ]);
});

Deno.test("the keys of an emptied database are freed afterwards", () => {
  const talk = new Talk({ isObserved: false });
  const { keyspace, engine } = talk.bench.server;
  const pairs = Array.from({ length: 2000 }, (_, i) => [`${i}`, "value"]);
  talk.say("FLUSHALL");
  const usedAtStart = engine.calls.usedBytes();
  talk.call("MSET", ...pairs.flat());
  const usedBefore = engine.calls.usedBytes();
  talk.say("FLUSHALL SYNC");
  assertEquals(keyspace.reclaimPending, 2000);
  let sliceCount = 0;
  while (keyspace.reclaimSlice()) sliceCount++;
  assert(sliceCount >= 3, `${sliceCount} slices`);
  assertEquals(keyspace.reclaimPending, 0);
  const usedAfter = engine.calls.usedBytes();
  assert(usedAfter - usedAtStart < (usedBefore - usedAtStart) / 10);
});

Deno.test("SWAPDB exchanges two databases under every client", () => {
  const talk = new Talk();
  const other = talk.bench.connect();
  talk.assert([
    ["SET k zero EX 100", "+OK"],
    ["SELECT 1", "+OK"],
    ["SET k one", "+OK"],
    ["SWAPDB 0 1", "+OK"],
    ["GET k", "$4 zero"],
    ["TTL k", ":100"],
  ]);
  assertEquals(other.call("GET", "k"), "$3\r\none\r\n");
  talk.assert([
    ["SWAPDB 1 1", "+OK"],
    ["GET k", "$4 zero"],
    ["SWAPDB 1 15", "+OK"],
    ["DBSIZE", ":0"],
  ]);
  assertEquals(talk.learn("SWAPDB 15 1"), "> SWAPDB 15 1");
  assertEquals(talk.learn("SET k v"), "set:k@1 > SET k v");
});

Deno.test("SWAPDB refuses databases that do not exist", () => {
  new Talk().assert([
    ["SWAPDB x 0", FIRST],
    ["SWAPDB 0 x", SECOND],
    ["SWAPDB x x", FIRST],
    ["SWAPDB 2147483648 0", FIRST],
    ["SWAPDB 0 99999999999999999999", SECOND],
    ["SWAPDB -1 0", DB_INDEX],
    ["SWAPDB 0 16", DB_INDEX],
    ["SWAPDB 16 16", DB_INDEX],
    ["SWAPDB 0", "-ERR wrong number of arguments for 'swapdb' command"],
  ]);
});

Deno.test("TIME tells seconds and the microseconds beyond", () => {
  const talk = new Talk();
  const before = Date.now() * 1000;
  const reply = talk.client.call("TIME");
  const after = (Date.now() + 1) * 1000;
  const match = /^\*2\r\n\$\d+\r\n(\d+)\r\n\$\d+\r\n(\d{1,6})\r\n$/.exec(reply);
  assert(match, reply);
  const told = Number(match[1]) * 1e6 + Number(match[2]);
  assert(told >= before && told < after, `${before} ${told} ${after}`);
});

Deno.test("the precise clock is heard as long as it agrees with the wall's", () => {
  assertEquals(wallMicroseconds(1000, 1000.25), 1_000_250);
  assertEquals(wallMicroseconds(1000, 999.999), 999_999);
  assertEquals(wallMicroseconds(1000, 1500.25), 1_000_000);
  assertEquals(wallMicroseconds(1000, 900.25), 1_000_000);
});

Deno.test("LOLWUT draws and ends with the version", () => {
  const talk = new Talk();
  for (
    const line of [
      "LOLWUT",
      "LOLWUT VERSION",
      "LOLWUT VERSION 5",
      "LOLWUT version 6 40 4",
      "LOLWUT VERSION 99",
      "LOLWUT VERSION -1 x",
      "LOLWUT WAT x",
    ]
  ) {
    assertMatch(
      talk.client.call(...line.split(" ")),
      /^\$.*Redis ver\. 7\.2\.4\n\r\n$/s,
    );
  }
  talk.say("HELLO 3");
  assertMatch(
    talk.client.call("LOLWUT"),
    /^=\d+\r\ntxt:.*ver\. 7\.2\.4\n\r\n$/s,
  );
});

Deno.test("LOLWUT refuses sizes that are no numbers, and bounds the others", () => {
  const talk = new Talk();
  talk.assert([
    ["LOLWUT VERSION x", NOT_INTEGER],
    ["LOLWUT VERSION 5 x", NOT_INTEGER],
    ["LOLWUT VERSION 6 10 x", NOT_INTEGER],
  ]);
  const bytes =
    talk.client.call("LOLWUT", "VERSION", "5", "-5", "99999").length;
  assert(bytes > 4000 && bytes < 5000, `${bytes} bytes`);
});

Deno.test("the pictures have the size that was asked for", () => {
  const random = () => 0.3;
  for (const draw of [maze, ruleThirty]) {
    const lines = draw(7, 3, random).split("\n");
    assertEquals(lines.map((line) => line.length), [7, 7, 7, 0]);
  }
  let first = true;
  const one = () => first ? (first = false, 0) : 1;
  // A single cell at the left edge of a ring, and the two rows below it.
  assertEquals(ruleThirty(5, 1, one), "█▄  ▄\n");
});
