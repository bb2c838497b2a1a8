/** A log's commands are executed as if a client had sent them, and tell where. */
import { assert, assertEquals } from "@std/assert";
import type { ReplayProblem } from "../../src/dispatch/replay.ts";
import { joined } from "../support/bytes.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { Bench } from "./harness.ts";

interface Seen {
  problem: ReplayProblem | null;
  failed: ReplayProblem[];
  remarks: [string, number][];
  offset: number;
  count: number;
}

/** Feeds a bench in pieces of so many bytes. */
function replayed(
  bench: Bench,
  bytes: Uint8Array,
  pieceBytes = bytes.length || 1,
): Seen {
  const failed: ReplayProblem[] = [];
  const remarks: [string, number][] = [];
  const replay = bench.server.dispatcher.replay({
    failed: (problem) => failed.push(problem),
    annotation: (line, offset) => {
      remarks.push([line, offset]);
      return null;
    },
  });
  let problem: ReplayProblem | null = null;
  for (let at = 0; at < bytes.length && !problem; at += pieceBytes) {
    problem = replay.feed(bytes.subarray(at, at + pieceBytes));
  }
  const { offset, commandCount } = replay;
  replay.close();
  bench.verify();
  return { problem, failed, remarks, offset, count: commandCount };
}

const log = (...commands: Word[][]) => encodeCommands(commands);

const BIG = "b".repeat(100_000);
const COMMANDS: Word[][] = [
  ["SELECT", 0],
  ["SET", "a", "1"],
  ["RPUSH", "list", "1", "2", "3"],
  ["SELECT", 3],
  ["SET", "big", BIG],
  ["APPEND", "big", BIG],
  ["MULTI"],
  ["INCR", "n"],
  ["SELECT", 1],
  ["HSET", "hash", "f", BIG],
  ["EXEC"],
  ["PEXPIREAT", "hash", 33_177_117_420_000],
  ["MSET", "x", "1", "y", "2"],
];

Deno.test("commands are executed wherever the log is cut", () => {
  const bytes = log(...COMMANDS);
  const client = new Bench();
  client.connect().send(
    log(...COMMANDS.filter(([name]) => name !== "MULTI" && name !== "EXEC")),
  );
  for (const pieceBytes of [bytes.length, 70_000, 4096, 1000, 97]) {
    const bench = new Bench();
    const { problem, failed, offset, count } = replayed(
      bench,
      bytes,
      pieceBytes,
    );
    assertEquals([problem, failed], [null, []]);
    assertEquals(offset, bytes.length);
    assertEquals(count, COMMANDS.length - 2);
    assertEquals(
      bench.server.keyspace.digest(),
      client.server.keyspace.digest(),
    );
  }
});

Deno.test("the offset is that of the last whole command, wherever the log ends", () => {
  const commands: Word[][] = [
    ["SET", "a", "1"],
    ["DEL", "b", "a"],
    ["SET", "c", "value"],
    ["MULTI"],
    ["SET", "d", "1"],
    ["DEL", "c"],
    ["EXEC"],
    ["SET", "e", "1"],
  ];
  const bytes = joined("#TS:1\r\n", log(...commands));
  const ends = [7];
  for (const one of commands) {
    ends.push(ends[ends.length - 1] + log(one).length);
  }
  // A transaction is done as a whole.
  const stops = [0, ...ends.filter((_, i) => i < 4 || i > 6)];
  for (let length = 0; length <= bytes.length; length++) {
    const bench = new Bench();
    const { offset, problem } = replayed(bench, bytes.slice(0, length));
    const expected = stops.filter((stop) => stop <= length).pop();
    assertEquals([length, problem, offset], [length, null, expected]);
    const client = bench.connect();
    const hasD = client.call("EXISTS", "d") === ":1\r\n";
    assertEquals(hasD, offset! >= ends[7], `at ${length}`);
  }
});

Deno.test("problems name their place", () => {
  const first = log(["SET", "a", "1"], ["SET", "big", BIG]);
  const cases: [string | Uint8Array, Partial<ReplayProblem>][] = [
    [log(["NOSUCH", "x"]), { kind: "unknown", command: "nosuch" }],
    ["garbage\r\n", {
      kind: "format",
      text: "ERR Protocol error: expected '*', got 'g'",
    }],
    ["*0\r\n", { kind: "format" }],
    ["*2\r\n$3\r\nGET\r\n+x\r\n", { kind: "format" }],
    [joined("*3\r\n$3\r\nSET\r\n$100000\r\n", BIG, "\r\nx"), {
      kind: "format",
      text: "ERR Protocol error: expected '$', got 'x'",
    }],
  ];
  for (const [bytes, expected] of cases) {
    for (const pieceBytes of [1_000_000, 30_000, 61]) {
      const all = joined(first, bytes, "\r\n", log(["SET", "never", "1"]));
      const bench = new Bench();
      const { problem, offset } = replayed(bench, all, pieceBytes);
      assertEquals({ ...problem, ...expected }, problem);
      assertEquals(problem!.offset, first.length);
      assertEquals(offset, first.length);
      assertEquals(bench.connect().call("EXISTS", "never"), ":0\r\n");
    }
  }
});

Deno.test("a command that fails is told of, and the next ones are executed", () => {
  const good = log(["SET", "a", "text"]);
  const bad = log(["INCR", "a"]);
  const wrong = log(["GET"]);
  const bench = new Bench();
  const all = joined(good, bad, wrong, log(["SET", "b", "1"]));
  const { failed, problem } = replayed(bench, all);
  assertEquals(problem, null);
  assertEquals(
    failed.map(({ command, offset, text }) => [command, offset, text] as const),
    [
      ["incr", good.length, "ERR value is not an integer or out of range"],
      [
        "get",
        good.length + bad.length,
        "ERR wrong number of arguments for 'get' command",
      ],
    ],
  );
  assertEquals(bench.connect().call("GET", "b"), "$1\r\n1\r\n");
});

Deno.test("remarks are handed on with their place", () => {
  const one = log(["SET", "a", "1"]);
  const bytes = joined('#TS:"17\r\n', one, one, "#TS:18\n", one);
  for (const pieceBytes of [1000, 1]) {
    const { remarks } = replayed(new Bench(), bytes, pieceBytes);
    assertEquals(remarks, [['#TS:"17', 0], ["#TS:18", 9 + 2 * one.length]]);
  }
});

Deno.test("nothing is due during a replay, and all that is due goes after it", () => {
  const bench = new Bench();
  const past = Date.now() - 100_000;
  const { failed } = replayed(
    bench,
    log(
      ["SET", "a", "5", "PXAT", past],
      ["INCR", "a"],
      ["SET", "b", "1"],
      ["PEXPIREAT", "b", past],
      ["PERSIST", "b"],
      ["SET", "c", "1"],
      ["PEXPIREAT", "c", past],
      ["HSET", "h", "f", "1", "g", "1"],
      ["HPEXPIREAT", "h", past, "FIELDS", 1, "f"],
      ["HINCRBY", "h", "f", "1"],
      ["RENAME", "a", "d"],
      ["HSETEX", "h", "PXAT", past, "FIELDS", 1, "k", "1"],
      ["HSETEX", "h", "KEEPTTL", "FIELDS", 1, "k", "2"],
      ["HPERSIST", "h", "FIELDS", 1, "k"],
      ["GETEX", "d", "PXAT", past],
      ["GETEX", "d", "PERSIST"],
    ),
  );
  assertEquals(failed, []);
  const client = bench.connect();
  assertEquals(client.send("DBSIZE\r\n"), ":4\r\n");
  assertEquals(
    client.send("EXISTS a\r\nEXISTS b\r\nEXISTS c\r\nEXISTS d\r\nHLEN h\r\n"),
    ":0\r\n:1\r\n:0\r\n:1\r\n:2\r\n",
  );
});

Deno.test("a replay asks for no password, keeps to no limit and counts nothing", () => {
  const bench = new Bench({ maxmemory: "1", requirepass: "secret" });
  const { dispatcher } = bench.server;
  const seen: unknown[] = [];
  dispatcher.commit.observe((change) => seen.push(change));
  dispatcher.admission.isLoading = true;
  const { failed, count } = replayed(
    bench,
    log(["SET", "a", "1"], ["DEL", "b"], ["APPEND", "a", "1"]),
  );
  assertEquals([failed, count, seen], [[], 3, []]);
  dispatcher.admission.isLoading = false;
  assertEquals(dispatcher.statistics.processed, 0);
  assertEquals(bench.server.clients.count, 0);
  const client = bench.connect();
  assertEquals(
    client.send("GET a\r\nAUTH secret\r\nGET a\r\nSET a 1\r\n"),
    "-NOAUTH Authentication required.\r\n+OK\r\n$2\r\n11\r\n" +
      "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
  );
});

Deno.test("clients may be served between the pieces of a log", () => {
  const bench = new Bench();
  const replay = bench.server.dispatcher.replay();
  const client = bench.connect();
  const bytes = log(["SELECT", 2], ["MULTI"], ["SET", "a", BIG], ["EXEC"]);
  for (let at = 0; at < bytes.length; at += 1500) {
    assertEquals(replay.feed(bytes.slice(at, at + 1500)), null);
    assertEquals(client.send("SET a 1\r\nGET a\r\n"), "+OK\r\n$1\r\n1\r\n");
  }
  replay.close();
  assertEquals(client.send("SELECT 2\r\nSTRLEN a\r\n"), "+OK\r\n:100000\r\n");
  assert(!bench.server.dispatcher.admission.isLoading);
});
