/** Observers learn of each change once, in order, with what it came from. */
import { assert, assertEquals } from "@std/assert";
import type { Change } from "../../src/dispatch/commit.ts";
import { latin1 } from "../support/reply.ts";
import { encodeCommands } from "../support/client.ts";
import { Bench, type BenchClient } from "./harness.ts";

const FAR_FUTURE_MS = 33_177_117_420_000;

/** A change in few words: cause, effects as `db event key`, and commands. */
interface Seen {
  cause: string;
  effects: string[];
  commands: string[];
}

function seen({ cause, effects, commands }: Change): Seen {
  return {
    cause,
    effects: effects.map(({ database, event, key }) =>
      `${database} ${event} ${latin1(key)}`
    ),
    commands: commands.map((words) => words.map(latin1).join(" ")),
  };
}

function observed(): { bench: Bench; client: BenchClient; changes: Seen[] } {
  const bench = new Bench();
  const changes: Seen[] = [];
  bench.server.dispatcher.commit.observe((change) =>
    void changes.push(seen(change))
  );
  return { bench, client: bench.connect(), changes };
}

const byCommand = (effects: string[], ...commands: string[]): Seen => ({
  cause: "command",
  effects,
  commands,
});
const expired = (key: string, database = 0): Seen => ({
  cause: "expired",
  effects: [`${database} expired ${key}`],
  commands: [`DEL ${key}`],
});

/** What a command does to `a` (text), `n` (5) and nobody, and what it tells. */
const CASES: [command: string, expected: Seen[]][] = [
  ["GET a", []],
  ["STRLEN a", []],
  ["SET a 1", [byCommand(["0 set a"], "SET a 1")]],
  ["SET a 1 NX", []],
  ["SET nobody 1 XX", []],
  ["SET a 1 WRONG", []],
  ["SETNX a 1", []],
  ["SETNX fresh 1", [byCommand(["0 set fresh"], "SETNX fresh 1")]],
  ["INCR n", [byCommand(["0 incrby n"], "INCR n")]],
  ["INCR a", []],
  ["APPEND a x", [byCommand(["0 append a"], "APPEND a x")]],
  ["DEL nobody", []],
  ["DEL a nobody n", [byCommand(["0 del a", "0 del n"], "DEL a nobody n")]],
  ["GETDEL nobody", []],
  ["RENAME nobody a", []],
  [
    "RENAME a b",
    [byCommand(["0 rename_from a", "0 rename_to b"], "RENAME a b")],
  ],
  ["PERSIST a", []],
  ["EXPIRE nobody 10", []],
  [
    `PEXPIREAT a ${FAR_FUTURE_MS}`,
    [byCommand(["0 expire a"], `PEXPIREAT a ${FAR_FUTURE_MS}`)],
  ],
  [
    "MSET a 1 n 2",
    [byCommand(["0 set a", "0 set n"], "MSET a 1 n 2")],
  ],
  ["MSETNX a 1 z 2", []],
  ["SETRANGE a 0 x", [byCommand(["0 setrange a"], "SETRANGE a 0 x")]],
  ["SETBIT a 0 1", [byCommand(["0 setbit a"], "SETBIT a 0 1")]],
  ["SETBIT a 0 0", []],
  ["NOSUCH a", []],
  ["PING", []],
];

for (const [command, expected] of CASES) {
  Deno.test(`observers of ${command} see ${expected.length} changes`, () => {
    const { client, changes } = observed();
    client.send("SET a text\r\nSET n 5\r\n");
    changes.length = 0;
    client.send(encodeCommands([command.split(" ")]));
    assertEquals(changes, expected);
  });
}

Deno.test("INCRBYFLOAT is handed on as the SET that it came to", () => {
  const { client, changes } = observed();
  client.send("SET a 1\r\nINCRBYFLOAT a 0.5\r\n");
  assertEquals(changes[1].effects, ["0 incrbyfloat a"]);
  assertEquals(changes[1].commands, ["SET a 1.5 KEEPTTL"]);
});

Deno.test("a change names the database that it happened in", () => {
  const { client, changes } = observed();
  client.send("SELECT 7\r\nSET a 1\r\nCOPY a b DB 3\r\n");
  assertEquals(changes.map(({ effects }) => effects), [
    ["7 set a"],
    ["3 copy_to b"],
  ]);
});

/** Makes keys that are due when the clock shows `dueMs`. */
function makeDue(client: BenchClient, keys: string[], dueMs: number): void {
  for (const key of keys) client.call("SET", key, "1", "PXAT", dueMs);
}

/** Waits until a moment has passed, in slices of nothing. */
function waitUntil(ms: number): void {
  while (Date.now() <= ms);
}

Deno.test("a key found expired is reported before the command that found it", () => {
  const { client, changes } = observed();
  const dueMs = Date.now() + 20;
  makeDue(client, ["a", "b", "c"], dueMs);
  changes.length = 0;
  waitUntil(dueMs);
  client.send("SET x 1\r\nSET a 2\r\nGET b\r\nSET y 1\r\nDEL c\r\n");
  assertEquals(changes, [
    byCommand(["0 set x"], "SET x 1"),
    expired("a"),
    byCommand(["0 set a"], "SET a 2"),
    expired("b"),
    byCommand(["0 set y"], "SET y 1"),
    expired("c"),
  ]);
});

Deno.test("a key found expired by a command that fails is reported", () => {
  const { client, changes } = observed();
  const dueMs = Date.now() + 20;
  client.send("SELECT 4\r\n");
  makeDue(client, ["a"], dueMs);
  changes.length = 0;
  waitUntil(dueMs);
  client.send("RENAME a b\r\n");
  assertEquals(changes, [expired("a", 4)]);
});

Deno.test("keys that housekeeping removes are reported once each", () => {
  const { bench, client, changes } = observed();
  const { dispatcher, keyspace } = bench.server;
  const dueMs = Date.now() + 20;
  const keys = Array.from({ length: 200 }, (_, i) => `key:${i}`);
  makeDue(client, keys, dueMs);
  changes.length = 0;
  waitUntil(dueMs);
  dispatcher.clock.set(Date.now());
  while (keyspace.expireSlice());
  dispatcher.commitExpired();
  assertEquals(
    changes.map(({ commands }) => commands[0]).sort(),
    keys.map((key) => `DEL ${key}`).sort(),
  );
  assert(changes.every(({ cause }) => cause === "expired"));
  client.send("GET key:0\r\n");
  assertEquals(changes.length, 200);
});

Deno.test("databases keep their numbers for observers when they are swapped", () => {
  const { client, changes } = observed();
  const dueMs = Date.now() + 30;
  client.send("SELECT 1\r\n");
  makeDue(client, ["a"], dueMs);
  client.send("SWAPDB 1 2\r\nSELECT 2\r\n");
  changes.length = 0;
  waitUntil(dueMs);
  client.send("GET a\r\n");
  assertEquals(changes, [expired("a", 2)]);
});

Deno.test("an observer that has left hears nothing more", () => {
  const bench = new Bench();
  const client = bench.connect();
  let count = 0;
  const { commit } = bench.server.dispatcher;
  const leaveFirst = commit.observe(() => count++);
  const leaveSecond = commit.observe(() => count++);
  client.send("SET a 1\r\n");
  assertEquals(count, 2);
  leaveFirst();
  client.send("SET a 1\r\n");
  assertEquals(count, 3);
  assert(commit.observed);
  leaveSecond();
  leaveSecond();
  client.send("SET a 1\r\n");
  assertEquals(count, 3);
  assert(!commit.observed);
});
