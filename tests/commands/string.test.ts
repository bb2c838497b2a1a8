/** The string commands: replies, errors, and what others learn of a change. */
import { assert, assertEquals } from "@std/assert";
import type { Change } from "../../src/dispatch/commit.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Word } from "../support/client.ts";
import { at } from "../support/clock.ts";
import { flat, wordsOf } from "../support/lines.ts";
import { latin1 } from "../support/reply.ts";

const NOW = 1_700_000_000_000;
const FAR = "4102444800000";
const MAX = 2n ** 63n - 1n;

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NOT_FLOAT = "-ERR value is not a valid float";
const TOO_LONG =
  "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";

/** One client, and what its commands make known. */
class Talk {
  readonly bench: Bench;
  readonly client: BenchClient;
  readonly changes: Change[] = [];

  constructor(values: Record<string, string> = {}, isObserved = true) {
    this.bench = new Bench(values);
    this.client = this.bench.connect();
    if (!isObserved) return;
    this.bench.server.dispatcher.commit.observe((change) => {
      this.changes.push(change);
    });
  }

  /** The reply's lines, with a space between them. */
  call(...words: Word[]): string {
    return flat(at(NOW, () => this.client.call(...words)));
  }

  /** The same for a line of words; '' is an empty one. */
  say(line: string): string {
    return this.call(...wordsOf(line));
  }

  /** What the last line made known: events, then commands. */
  learn(line: string): string {
    this.changes.length = 0;
    this.say(line);
    return this.changes.map(({ effects, commands }) =>
      [
        ...effects.map(({ key, event }) => `${event}:${latin1(key)}`),
        ...commands.map((words) => `> ${words.map(latin1).join(" ")}`),
      ].join(" ")
    ).join(" | ");
  }

  /** The due time of a key in ms, as its own SET would send it on. */
  due(key: string): number {
    const { engine, keyspace } = this.bench.server;
    return keyspace.database(0).due(engine.pushArgument(key));
  }
}

/** Lines and their replies, one after the other on one server. */
function assertReplies(talk: Talk, rows: readonly [string, string][]): void {
  for (const [line, reply] of rows) assertEquals(talk.say(line), reply, line);
}

Deno.test("SET stores, and GET replies with what was stored", () => {
  const talk = new Talk();
  assertReplies(talk, [
    ["GET k", "$-1"],
    ["SET k hello", "+OK"],
    ["GET k", "$5 hello"],
    ["SET k ''", "+OK"],
    ["GET k", "$0"],
  ]);
  talk.say("HELLO 3");
  assertReplies(talk, [["GET none", "_"], ["SET k v NX", "_"]]);
});

Deno.test("SET takes its options in any order, and a repeated one twice", () => {
  assertReplies(new Talk(), [
    ["SET k 1 NX", "+OK"],
    ["SET k 2 nx", "$-1"],
    ["SET k 2 XX GET EX 100", "$1 1"],
    ["SET k 3 ex 100 get xx", "$1 2"],
    ["SET k 4 KEEPTTL GET XX KEEPTTL GET", "$1 3"],
    ["SET k 5 EX 1 EX 100 NX NX", "$-1"],
    ["SET k 6 NX GET", "$1 4"],
    ["SET new 7 GET NX", "$-1"],
    ["SET none 8 XX GET", "$-1"],
    ["MGET k new none", "*3 $1 4 $1 7 $-1"],
  ]);
});

Deno.test("SET refuses options that contradict each other", () => {
  const talk = new Talk();
  const expiries = ["EX 10", "PX 10", "EXAT 10", "PXAT 10", "KEEPTTL"];
  for (const first of expiries) {
    for (const second of expiries) {
      if (first === second) continue;
      assertEquals(talk.say(`SET k v ${first} ${second}`), SYNTAX);
    }
  }
  for (const line of ["NX XX", "XX NX", "EX", "PXAT", "WAT", "''", "PERSIST"]) {
    assertEquals(talk.say(`SET k v ${line}`), SYNTAX, line);
  }
  assertEquals(talk.say("SET k v EX abc NX XX"), SYNTAX);
  assertEquals(talk.say("DBSIZE"), ":0");
  assertEquals(talk.changes, []);
});

Deno.test("a due time is positive and ends with 64 bits", () => {
  const talk = new Talk();
  const seconds = MAX / 1000n, left = MAX - BigInt(NOW);
  const rows: [string, bigint | string, boolean][] = [
    ["EX", 0, false],
    ["EX", -1, false],
    ["EXAT", seconds, true],
    ["EXAT", seconds + 1n, false],
    ["PXAT", MAX, true],
    ["PXAT", 0, false],
    ["PX", left, true],
    ["PX", left + 1n, false],
    ["EX", left / 1000n, true],
    ["EX", left / 1000n + 1n, false],
    ["EX", MAX, false],
  ].map(([option, amount, fits]) => [
    String(option),
    String(amount),
    Boolean(fits),
  ]);
  for (const [option, amount, fits] of rows) {
    const error = "-ERR invalid expire time in 'set' command";
    const line = `SET k v ${option} ${amount}`;
    assertEquals(talk.say(line), fits ? "+OK" : error, line);
  }
  assertEquals(talk.say("SETEX k 0 v"), invalidIn("setex"));
  assertEquals(talk.say(`PSETEX k ${left + 1n} v`), invalidIn("psetex"));
  assertEquals(talk.say(`GETEX k PX ${left + 1n}`), invalidIn("getex"));
  for (const word of ["abc", "1.5", "''", "+1", String(MAX + 1n)]) {
    assertEquals(talk.say(`SET k v EX ${word}`), NOT_INTEGER, word);
    assertEquals(talk.say(`GETEX k PXAT ${word}`), NOT_INTEGER, word);
  }
});

function invalidIn(name: string): string {
  return `-ERR invalid expire time in '${name}' command`;
}

Deno.test("a due time is counted from now, or is the time itself", () => {
  const talk = new Talk({}, false);
  for (
    const [line, due] of [
      ["SET k v EX 10", NOW + 10_000],
      ["SET k v PX 8000", NOW + 8000],
      ["SET k v EXAT 1700000100", 1_700_000_100_000],
      ["SET k v PXAT 1700000009000", NOW + 9000],
      ["SET k w KEEPTTL", NOW + 9000],
      ["SETEX k 7 v", NOW + 7000],
      ["PSETEX k 6000 v", NOW + 6000],
      ["GETEX k EX 10", NOW + 10_000],
      ["GETEX k PX 8000", NOW + 8000],
      ["GETEX k EXAT 1700000100", 1_700_000_100_000],
      ["GETEX k PXAT 1700000009000", NOW + 9000],
      ["GETEX k", NOW + 9000],
      ["APPEND k 5", NOW + 9000],
      ["SET k 4 KEEPTTL", NOW + 9000],
      ["INCR k", NOW + 9000],
      ["INCRBYFLOAT k 0.5", NOW + 9000],
      ["SETRANGE k 9 x", NOW + 9000],
      ["GETEX k PERSIST", -1],
    ] as const
  ) {
    talk.say(line);
    assertEquals(talk.due("k"), due, line);
  }
  for (const line of ["SET k v", "GETSET k v", "MSET k v"]) {
    talk.say("SET k v EX 10");
    talk.say(line);
    assertEquals(talk.due("k"), -1, line);
  }
});

Deno.test("GETEX looks for the key before it looks at the time", () => {
  assertReplies(new Talk(), [
    ["GETEX none EX 0", "$-1"],
    ["GETEX none WAT", SYNTAX],
    ["SET k v", "+OK"],
    ["GETEX k EX 0", invalidIn("getex")],
    ["GETEX k PERSIST EX 10", SYNTAX],
    ["GETEX k EX 10 PERSIST", SYNTAX],
    ["GETEX k EX 10 PX 10", SYNTAX],
    ["GETEX k EX", SYNTAX],
    ["GETEX k KEEPTTL", SYNTAX],
    ["GETEX k EX 5 EX 10", "$1 v"],
    ["GETEX k PERSIST persist", "$1 v"],
    ["GETEX k EXAT 1", "$1 v"],
    ["GETEX k", "$-1"],
  ]);
});

Deno.test("replicas get times that do not depend on when they read them", () => {
  const talk = new Talk();
  const rows: [string, string][] = [
    ["SET k v", "set:k > SET k v"],
    ["set k v XX", "set:k > set k v XX"],
    ["SET k v NX", ""],
    ["SET k v XX get", "set:k > SET k v XX"],
    ["SET k v EX 10", `set:k expire:k > SET k v PXAT ${NOW + 10_000}`],
    ["SET k v GET px 10", `set:k expire:k > SET k v PXAT ${NOW + 10}`],
    ["SET k v EXAT 4102444800", `set:k expire:k > SET k v PXAT ${FAR}`],
    [`set k v pxat ${FAR}`, `set:k expire:k > set k v pxat ${FAR}`],
    ["SET k v KEEPTTL GET", "set:k > SET k v KEEPTTL"],
    ["SETEX k 10 v", `set:k expire:k > SET k v PXAT ${NOW + 10_000}`],
    ["PSETEX k 10 v", `set:k expire:k > SET k v PXAT ${NOW + 10}`],
    ["SETNX k v", ""],
    ["SETNX n v", "set:n > SETNX n v"],
    ["GETSET k w", "set:k > SET k w"],
    ["GETEX k", ""],
    ["GETEX k PERSIST", ""],
    ["GETEX k EX 10", `expire:k > PEXPIREAT k ${NOW + 10_000}`],
    ["GETEX k PERSIST", "persist:k > PERSIST k"],
    ["GETEX k PXAT 1", "del:k > DEL k"],
    ["GETEX k PXAT 1", ""],
    ["GETDEL n", "del:n > DEL n"],
    ["GETDEL n", ""],
  ];
  for (const [line, known] of rows) assertEquals(talk.learn(line), known, line);
});

Deno.test("a due time beyond what doubles tell apart is sent on in digits", () => {
  const talk = new Talk();
  const sent = (line: string) => talk.learn(line).split(" ").at(-1);
  assertEquals(sent(`SET k v PX ${MAX - BigInt(NOW)}`), String(MAX));
  assertEquals(sent("SET k v EXAT 9007199254740993"), "9007199254740993024");
});

Deno.test("a time that has passed stores what the next look finds gone", () => {
  const talk = new Talk();
  assertEquals(talk.learn("SET k v PXAT 1"), "set:k expire:k > SET k v PXAT 1");
  assertEquals(talk.learn("GET k"), "expired:k > DEL k");
  talk.say("SET k v PXAT 1");
  assertEquals(
    talk.learn("SET k w"),
    "expired:k > DEL k | set:k > SET k w",
    "what replaces a due key comes after its end",
  );
  talk.say("DEL k");
  assertEquals(talk.say("SET k v NX EXAT 1"), "+OK");
  assertEquals(talk.say("SET k w NX GET"), "$-1");
  assertEquals(talk.say("GET k"), "$1 w");
});

Deno.test("what changes a part of a string says so, if it did", () => {
  const talk = new Talk();
  const rows: [string, string][] = [
    ["APPEND k ''", "append:k > APPEND k ''"],
    ["APPEND k 12", "append:k > APPEND k 12"],
    ["SETRANGE k 0 ''", ""],
    ["SETRANGE none 5 ''", ""],
    ["SETRANGE k 1 3", "setrange:k > SETRANGE k 1 3"],
    ["INCR k", "incrby:k > INCR k"],
    ["DECR k", "incrby:k > DECR k"],
    ["INCRBY k 2", "incrby:k > INCRBY k 2"],
    ["DECRBY k 2", "incrby:k > DECRBY k 2"],
    ["INCRBYFLOAT k 0.25", "incrbyfloat:k > SET k 13.25 KEEPTTL"],
    ["INCR k", ""],
    ["INCRBYFLOAT k nan", ""],
    ["GETRANGE k 0 1", ""],
    ["MSET a 1 b 2", "set:a set:b > MSET a 1 b 2"],
    ["MSETNX a 1 c 2", ""],
    ["MSETNX c 1 c 2", "set:c set:c > MSETNX c 1 c 2"],
    ["MGET a b", ""],
    ["LCS a b", ""],
  ];
  for (const [line, known] of rows) {
    assertEquals(talk.learn(line), known.replace("''", ""), line);
  }
});

Deno.test("INCR and its kind stop at the ends of 64 bits and at texts", () => {
  const overflow = "-ERR increment or decrement would overflow";
  assertReplies(new Talk(), [
    ["INCR n", ":1"],
    ["DECRBY n 11", ":-10"],
    ["INCRBY n -5", ":-15"],
    [`INCRBY n ${MAX}`, `:${MAX - 15n}`],
    ["INCRBY n 15", `:${MAX}`],
    ["INCR n", overflow],
    ["DECRBY n -1", overflow],
    ["DECRBY n -9223372036854775808", "-ERR decrement would overflow"],
    ["GET n", `$19 ${MAX}`],
    ["SET t text", "+OK"],
    ["INCR t", NOT_INTEGER],
    ["DECRBY t 1.0", NOT_INTEGER],
    ["INCRBY none x", NOT_INTEGER],
    ["EXISTS none", ":0"],
  ]);
});

Deno.test("INCRBYFLOAT replies with a decimal number and stores a text", () => {
  assertReplies(new Talk(), [
    ["INCRBYFLOAT f 3.0e3", "$4 3000"],
    ["OBJECT ENCODING f", "$6 embstr"],
    // The x86's 64 binary digits show where Redis prints 17 decimal ones.
    ["INCRBYFLOAT f 0.1", "$22 3000.10000000000000009"],
    ["SET f 3", "+OK"],
    ["INCRBYFLOAT f 1.1", "$3 4.1"],
    ["INCRBYFLOAT f 0x10", "$4 20.1"],
    ["INCRBYFLOAT f x", NOT_FLOAT],
    ["INCRBYFLOAT f ''", NOT_FLOAT],
    ["INCRBYFLOAT f inf", "-ERR increment would produce NaN or Infinity"],
    ["GET f", "$4 20.1"],
    ["SET t 1,5", "+OK"],
    ["INCRBYFLOAT t x", NOT_FLOAT],
  ]);
  const talk = new Talk();
  assertEquals(talk.call("INCRBYFLOAT", "k", "1".repeat(6000)), NOT_FLOAT);
  talk.call("SET", "k", "1".repeat(6000));
  assertEquals(talk.say("INCRBYFLOAT k 1"), NOT_FLOAT);
});

Deno.test("GETRANGE and SUBSTR cut at both ends", () => {
  const talk = new Talk();
  talk.say("SET k hello");
  talk.say("SET n -12345");
  for (const name of ["GETRANGE", "SUBSTR"]) {
    assertReplies(talk, [
      [`${name} k 0 -1`, "$5 hello"],
      [`${name} k 1 2`, "$2 el"],
      [`${name} k -3 -2`, "$2 ll"],
      [`${name} k -99 99`, "$5 hello"],
      [`${name} k 3 1`, "$0"],
      [`${name} k -1 -5`, "$0"],
      [`${name} k 5 9`, "$0"],
      [`${name} k 0 ${MAX}`, "$5 hello"],
      [`${name} k -9223372036854775808 ${MAX}`, "$5 hello"],
      [`${name} n 0 2`, "$3 -12"],
      [`${name} none 0 -1`, "$0"],
      [`${name} none x 1`, NOT_INTEGER],
      [`${name} none 1 ${MAX + 1n}`, NOT_INTEGER],
    ]);
  }
});

Deno.test("SETRANGE and APPEND respect proto-max-bulk-len", () => {
  const talk = new Talk({ "proto-max-bulk-len": "1mb" });
  const limit = 2 ** 20;
  assertReplies(talk, [
    [`SETRANGE k ${limit} x`, TOO_LONG],
    [`SETRANGE k ${limit - 1} xy`, TOO_LONG],
    [`SETRANGE k ${MAX} x`, TOO_LONG],
    ["SETRANGE k -1 x", "-ERR offset is out of range"],
    ["SETRANGE k -1 ''", "-ERR offset is out of range"],
    ["SETRANGE k x ''", NOT_INTEGER],
    [`SETRANGE k ${MAX} ''`, ":0"],
    ["EXISTS k", ":0"],
    [`SETRANGE k ${limit - 1} x`, `:${limit}`],
    ["APPEND k ''", `:${limit}`],
    ["APPEND k x", TOO_LONG],
    [`SETRANGE k ${limit - 2} yz`, `:${limit}`],
    ["STRLEN k", `:${limit}`],
    ["GETRANGE k -3 -1", "$3 \0yz"],
  ]);
});

Deno.test("large values come back whole, on their own and among others", () => {
  const talk = new Talk();
  const big = "0123456789abcdef".repeat(10_000);
  talk.call("SET", "big", big);
  const whole = `$${big.length} ${big}`;
  assert(talk.say("GET big") === whole);
  assert(talk.say("MGET big none big") === `*3 ${whole} $-1 ${whole}`);
  assert(talk.say("GETRANGE big 1 -2").endsWith(big.slice(1, -1)));
  assert(talk.say("SET big small GET") === whole);
  assertEquals(talk.say("GETSET big smaller"), "$5 small");
  // An error after the value takes the value back.
  talk.call("SET", "big", big);
  assertEquals(talk.say("GETEX big EX 0"), invalidIn("getex"));
  assert(talk.say("GETDEL big") === whole);
  assertEquals(talk.say("STRLEN big"), ":0");
});

Deno.test("MSET with a key twice keeps the last value, also of big ones", () => {
  const talk = new Talk();
  const [first, second] = ["1", "2"].map((digit) => digit.repeat(60_000));
  assertEquals(talk.call("MSET", "k", first, "j", "x", "k", second), "+OK");
  assert(talk.say("GET k") === `$60000 ${second}`);
  const words = talk.changes[0].commands[0].map(latin1);
  assert(words[2] === first && words[6] === second);
  assertEquals(talk.call("MSETNX", "n", first, "n", "3"), ":1");
  assertEquals(talk.say("MGET n j"), "*2 $1 3 $1 x");
  talk.bench.verify();
});

Deno.test("MSET and MSETNX want pairs", () => {
  assertReplies(new Talk(), [
    ["MSET a", "-ERR wrong number of arguments for 'mset' command"],
    ["MSET a 1 b", "-ERR wrong number of arguments for 'mset' command"],
    ["MSETNX a 1 b", "-ERR wrong number of arguments for 'msetnx' command"],
    ["DBSIZE", ":0"],
  ]);
});

Deno.test("a command that finds no memory changes nothing", () => {
  const talk = new Talk();
  const { calls } = talk.bench.server.engine;
  const OOM = "-OOM the engine's memory is used up";
  const value = "x".repeat(20_000);
  talk.say("MSET a old b old");
  calls.setCeiling(0);
  let count = 0;
  while (talk.call("SET", `fill ${count}`, value) === "+OK") count++;
  talk.changes.length = 0;
  assertEquals(talk.call("MSET", "a", "new", "new", value), OOM);
  assertEquals(talk.call("SET", "a", value, "GET"), OOM);
  assertEquals(talk.call("SETRANGE", "a", 20_000, "x"), OOM);
  assertEquals(talk.say("MGET a b new"), "*3 $3 old $3 old $-1");
  assertEquals(talk.changes, []);
  calls.setCeiling(2 ** 32);
  assertEquals(talk.call("MSET", "a", "new", "new", value), "+OK");
  assertEquals(talk.say("MGET a b"), "*2 $3 new $3 old");
  talk.bench.verify();
});

Deno.test("LCS replies with the text, its length or its ranges", () => {
  const talk = new Talk();
  const both =
    "-ERR If you want both the length and indexes, please just use IDX.";
  assertReplies(talk, [
    ["MSET a ohmytext b mynewtext", "+OK"],
    ["LCS a b", "$6 mytext"],
    ["LCS a b LEN", ":6"],
    [
      "LCS a b IDX",
      "*4 $7 matches *2 *2 *2 :4 :7 *2 :5 :8 *2 *2 :2 :3 *2 :0 :1 $3 len :6",
    ],
    [
      "LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN",
      "*4 $7 matches *1 *3 *2 :4 :7 *2 :5 :8 :4 $3 len :6",
    ],
    ["LCS a none IDX", "*4 $7 matches *0 $3 len :0"],
    ["LCS a none", "$0"],
    ["LCS a b idx MINMATCHLEN -5 minmatchlen 5", "*4 $7 matches *0 $3 len :6"],
    ["LCS a b MINMATCHLEN 5", "$6 mytext"],
    ["LCS a b LEN IDX", both],
    ["LCS a b LEN IDX WAT", SYNTAX],
    ["LCS a b IDX MINMATCHLEN", SYNTAX],
    ["LCS a b MINMATCHLEN x", NOT_INTEGER],
  ]);
  talk.say("HELLO 3");
  assertEquals(
    talk.say("LCS a b IDX MINMATCHLEN 4"),
    "%2 $7 matches *1 *2 *2 :4 :7 *2 :5 :8 $3 len :6",
  );
});

Deno.test("LCS refuses what Redis would have no memory for", () => {
  const talk = new Talk({ "proto-max-bulk-len": "1mb" });
  talk.call("SET", "a", "a".repeat(511));
  talk.call("SET", "b", "b".repeat(511));
  talk.call("SET", "c", "c".repeat(512));
  assertEquals(talk.say("LCS a b LEN"), ":0");
  const error = "-ERR Insufficient memory, transient memory for LCS exceeds " +
    "proto-max-bulk-len";
  assertEquals(talk.say("LCS a c LEN"), error);
  assertEquals(talk.say("LCS a c"), error);
  assertEquals(talk.say("LCS c a IDX"), error);
});

Deno.test("SET reads its key only with the option GET", () => {
  const talk = new Talk();
  assertEquals(
    talk.say("COMMAND GETKEYSANDFLAGS SET k v EX 10"),
    "*1 *2 $1 k *2 +OW +update",
  );
  assertEquals(
    talk.say("COMMAND GETKEYSANDFLAGS SET k v EX 10 get"),
    "*1 *2 $1 k *3 +RW +access +update",
  );
});
