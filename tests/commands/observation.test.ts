/**
 * What the server keeps of commands: the slow log, MONITOR, counts and
 * durations, for those that the engine executes too.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { latin1 } from "../support/reply.ts";
import { pipelined, shown } from "../support/lines.ts";
import { until } from "../server/embedded.ts";

function say(client: BenchClient, line: string): string {
  return shown(client.call(...line.split(" ")));
}

/** Several commands in one chunk. */
function sayAll(client: BenchClient, ...lines: string[]): string {
  return shown(client.send(pipelined(...lines)));
}

/** Commands of the slow log, the latest first. */
function logged(bench: Bench): string[] {
  return bench.server.slowLog.latest(Infinity).map(({ words }) =>
    words.map(latin1).join(" ")
  );
}

function loggingBench(): Bench {
  return new Bench({
    "slowlog-log-slower-than": 0,
    "enable-debug-command": "yes",
  });
}

/** What a monitor has seen, without the time. */
function seen(monitor: BenchClient): string[] {
  return monitor.heard().split("\r\n").filter((line) => line !== "")
    .map((line) => line.replace(/^\+\d{10}\.\d{6} /, ""));
}

function use(bench: Bench, name: string): string {
  const { statistics } = bench.server.dispatcher;
  const found = bench.server.table.findFull(name)!;
  const { calls, rejected, failed, durations } = statistics.use(found);
  return [calls, rejected, failed, durations?.count ?? 0].join();
}

Deno.test("SLOWLOG GET tells of commands with address and name", () => {
  const bench = loggingBench();
  const client = bench.connect();
  say(client, "CLIENT SETNAME foo");
  say(client, "SET a 1");
  const reply = say(client, "SLOWLOG GET 1");
  assertMatch(
    reply,
    /^\*1 \*6 :1 :\d{10} :\d+ \*3 SET a 1 127.0.0.1:1 foo$/,
  );
  assertEquals(say(client, "SLOWLOG LEN"), ":3");
  assertEquals(say(client, "SLOWLOG RESET"), "+OK");
  assertEquals(say(client, "SLOWLOG LEN"), ":1");
});

Deno.test("SLOWLOG refuses what Redis refuses, with its words", () => {
  const client = new Bench().connect();
  const count = "-ERR count should be greater than or equal to -1";
  assertEquals(say(client, "SLOWLOG GET -2"), count);
  assertEquals(say(client, "SLOWLOG GET x"), count);
  assertMatch(say(client, "SLOWLOG GET 1 2"), /^-ERR unknown subcommand or wr/);
  assertMatch(say(client, "SLOWLOG LEN 1"), /wrong number.*'slowlog\|len'/);
});

Deno.test("the slow log sees commands that the engine would execute", () => {
  const bench = loggingBench();
  const client = bench.connect();
  sayAll(client, "SET a 1", "GET a", "MULTI", "INCR a", "STRLEN a", "EXEC");
  // EXEC is not among them: it takes as long as what it executes.
  assertEquals(
    logged(bench),
    ["STRLEN a", "INCR a", "MULTI", "GET a", "SET a 1"],
  );
  assertEquals(bench.server.dispatcher.statistics.engineProcessed, 0);
});

Deno.test("what is refused before it begins is not slow", () => {
  const bench = loggingBench();
  const client = bench.connect();
  sayAll(client, "GET", "NOSUCH", "INCR a b", "LPUSH a 1", "INCR a");
  assertEquals(logged(bench), ["INCR a", "LPUSH a 1"]);
});

Deno.test("long commands are TypeScript's, which measures them", () => {
  const bench = new Bench();
  const client = bench.connect();
  const { statistics } = bench.server.dispatcher;
  const pairs = (byteCount: number) =>
    Array.from({ length: 300 }, (_, i) => [`k${i}`, "v".repeat(byteCount)]);
  client.call("MSET", ...pairs(100).flat());
  assertEquals(statistics.engineProcessed, 1);
  client.call("MSET", ...pairs(300).flat());
  assertEquals(statistics.engineProcessed, 1);
  assertEquals(use(bench, "mset"), "2,0,0,2");
});

Deno.test("nobody sees passwords", () => {
  const bench = loggingBench();
  const monitor = bench.connect();
  say(monitor, "MONITOR");
  monitor.heard();
  const client = bench.connect();
  const rows = [
    ["AUTH x", "AUTH (redacted)"],
    ["AUTH user secret", "AUTH (redacted) (redacted)"],
    [
      "HELLO 2 SETNAME AUTH AUTH user secret",
      "HELLO 2 SETNAME AUTH AUTH (redacted) (redacted)",
    ],
    ["HELLO 2 AUTH user", "HELLO 2 AUTH user"],
    [
      "ACL SETUSER alice on >secret",
      "ACL SETUSER (redacted) (redacted) (redacted)",
    ],
    [
      "CONFIG SET masterauth secret port 0 RequirePass secret",
      "CONFIG SET masterauth (redacted) port 0 RequirePass (redacted)",
    ],
    [
      "MIGRATE h 1 a 0 1 AUTH secret COPY",
      "MIGRATE h 1 a 0 1 AUTH (redacted) COPY",
    ],
    [
      "MIGRATE h 1 a 0 1 AUTH2 user secret KEYS AUTH b",
      "MIGRATE h 1 a 0 1 AUTH2 (redacted) (redacted) KEYS AUTH b",
    ],
  ];
  for (const [line, expected] of rows) {
    bench.server.slowLog.reset();
    say(client, line);
    assertEquals(logged(bench), [expected]);
    const quoted = expected.split(" ").map((word) => `"${word}"`).join(" ");
    // What is for administrators is not shown at all.
    const inMonitor = /^(CONFIG|ACL)/.test(line)
      ? []
      : [`[0 127.0.0.1:1] ${quoted}`];
    assertEquals(seen(monitor), inMonitor);
  }
});

Deno.test("MONITOR shows commands as they are executed", () => {
  const bench = new Bench();
  const [monitor, client] = [bench.connect(), bench.connect()];
  assertEquals(say(monitor, "MONITOR"), "+OK");
  assertEquals(say(monitor, "MONITOR"), "");
  assertMatch(monitor.session.describe(), / flags=O /);
  sayAll(client, "SET a 1", "SELECT 3", "get nothing", "GET", "CONFIG GET x");
  client.call("ECHO", 'a"\\\r\n\t\x07\x08\x00\xff');
  sayAll(client, "MULTI", "INCR a", "GET a", "EXEC", "MULTI", "DISCARD");
  assertEquals(seen(monitor), [
    '[0 127.0.0.1:1] "SET" "a" "1"',
    '[3 127.0.0.1:1] "SELECT" "3"',
    '[3 127.0.0.1:1] "get" "nothing"',
    '[3 127.0.0.1:1] "ECHO" "a\\"\\\\\\r\\n\\t\\a\\b\\x00\\xff"',
    '[3 127.0.0.1:1] "MULTI"',
    '[3 127.0.0.1:1] "INCR" "a"',
    '[3 127.0.0.1:1] "GET" "a"',
    '[3 127.0.0.1:1] "EXEC"',
    '[3 127.0.0.1:1] "MULTI"',
    '[3 127.0.0.1:1] "DISCARD"',
  ]);
});

Deno.test("who monitors sees his own commands behind their replies", () => {
  const bench = new Bench();
  const monitor = bench.connect();
  say(monitor, "MONITOR");
  const lines = monitor.call("PING").split("\r\n");
  assertEquals(lines[0], "+PONG");
  assertMatch(lines[1], /^\+\d{10}\.\d{6} \[0 127.0.0.1:1\] "PING"$/);
});

Deno.test("who monitors may not touch data, and RESET ends it", () => {
  const bench = new Bench();
  const [monitor, client] = [bench.connect(), bench.connect()];
  say(monitor, "MONITOR");
  const refusal = "-ERR Replica can't interact with the keyspace";
  for (const line of ["GET a", "SET a 1", "PUBLISH a b"]) {
    assertEquals(say(monitor, line), refusal);
  }
  assertEquals(say(monitor, "RESET").split(" ")[0], "+RESET");
  assertEquals(bench.server.monitors.isEmpty, true);
  say(client, "SET a 1");
  assertEquals(monitor.heard(), "");
  assertEquals(say(monitor, "GET a"), "1");
  assert(bench.server.dispatcher.statistics.engineProcessed > 0);
});

Deno.test("who leaves monitors no more, and MONITOR is not for EXEC", () => {
  const bench = new Bench();
  const [monitor, client] = [bench.connect(), bench.connect()];
  say(monitor, "MONITOR");
  monitor.leave();
  assertEquals(bench.server.monitors.isEmpty, true);
  assertEquals(
    sayAll(client, "MULTI", "MONITOR", "EXEC"),
    "+OK +QUEUED *1 -ERR MONITOR isn't allowed for DENY BLOCKING client",
  );
});

Deno.test("a blocking command is shown when it begins, and slow when it ends", () => {
  const bench = loggingBench();
  const [monitor, waiter, client] = [1, 2, 3].map(() => bench.connect());
  say(monitor, "MONITOR");
  monitor.heard();
  say(waiter, "BLPOP l 0");
  assertEquals(seen(monitor), ['[0 127.0.0.1:1] "BLPOP" "l" "0"']);
  assertEquals(logged(bench).includes("BLPOP l 0"), false);
  assertEquals(use(bench, "blpop"), "0,0,0,0");
  say(client, "LPUSH l 1");
  assertEquals(seen(monitor), ['[0 127.0.0.1:1] "LPUSH" "l" "1"']);
  assertEquals(logged(bench).slice(0, 2), ["BLPOP l 0", "LPUSH l 1"]);
  assertEquals(use(bench, "blpop"), "1,0,0,1");
});

Deno.test("a pause is not charged to whom it has kept waiting", async () => {
  const bench = new Bench();
  const [waiter, client] = [bench.connect(), bench.connect()];
  say(waiter, "BLPOP l 0");
  sayAll(client, "MULTI", "LPUSH l 1", "CLIENT PAUSE 200 WRITE", "EXEC");
  assertEquals(waiter.heard(), "");
  await until("the pause is over", () => bench.server.keyspace.size === 0);
  const { uses } = bench.server.dispatcher.statistics;
  const blpop = uses.get(bench.server.table.find("blpop")!)!;
  assertEquals(blpop.calls, 1);
  assert(blpop.spentMs < 100, `${blpop.spentMs} ms`);
});

Deno.test("counts are exact whoever executes a command", () => {
  const bench = new Bench();
  const client = bench.connect();
  sayAll(
    client,
    ...["SET a 1", "GET a", "GET b", "SET c x", "INCR a", "INCR c", "SET a"],
    ...["LPUSH a 1", "EXPIRE a 10", "SET b 2", "PING", "PING hello"],
    ...["MULTI", "SET d 1", "INCR c", "GET d", "EXEC", "CLIENT ID"],
  );
  const { statistics } = bench.server.dispatcher;
  assertEquals(use(bench, "set"), "4,1,0,4");
  assertEquals(use(bench, "get"), "3,0,0,3");
  assertEquals(use(bench, "incr"), "3,0,2,3");
  assertEquals(use(bench, "lpush"), "1,0,1,1");
  assertEquals(use(bench, "expire"), "1,0,0,1");
  assertEquals(use(bench, "ping"), "2,0,0,2");
  assertEquals(use(bench, "exec"), "1,0,0,1");
  assertEquals(use(bench, "client"), "0,0,0,0");
  assertEquals(use(bench, "client|id"), "1,0,0,1");
  assertEquals(statistics.processed, 17);
  assertEquals(statistics.engineProcessed, 9);
  assertEquals(
    [...statistics.errors],
    [["ERR", 3], ["WRONGTYPE", 1]],
  );
  assertEquals(statistics.errorReplies, 4);
});

Deno.test("durations add up to the time that passed", () => {
  const bench = new Bench({ "enable-debug-command": "yes" });
  const client = bench.connect();
  const startedMs = performance.now();
  sayAll(client, "SET a 1", "DEBUG SLEEP 0.02", "SET a 1", "GET a");
  const passedMs = performance.now() - startedMs;
  const { uses } = bench.server.dispatcher.statistics;
  let sumMs = 0;
  for (const [command, { spentMs }] of uses) {
    assert(spentMs > 0, command.name);
    if (command.name !== "DEBUG") assert(spentMs < 20, command.name);
    sumMs += spentMs;
  }
  assert(sumMs >= 20 && sumMs <= passedMs, `${sumMs} of ${passedMs}`);
});

Deno.test("latency-tracking switches durations off", () => {
  const bench = new Bench({ "latency-tracking": false });
  const client = bench.connect();
  sayAll(client, "SET a 1", "STRLEN a");
  assertEquals(use(bench, "set"), "1,0,0,0");
  assertEquals(say(client, "LATENCY HISTOGRAM"), "*0");
  assertEquals(bench.server.info(["latencystats"]), "# Latencystats\r\n");
  say(client, "CONFIG SET latency-tracking yes");
  sayAll(client, "SET a 1", "STRLEN a");
  assertEquals(use(bench, "set"), "2,0,0,1");
});

Deno.test("LATENCY HISTOGRAM knows commands and their subcommands", () => {
  const bench = new Bench();
  const client = bench.connect();
  sayAll(client, "SET a 1", "SET a 2", "CLIENT ID", "CLIENT GETNAME");
  const names = (line: string) =>
    [...say(client, line).matchAll(/(\S+) \*4 calls :(\d+) histogram_usec/g)]
      .map(([, name, count]) => `${name}=${count}`);
  assertEquals(
    names("LATENCY HISTOGRAM"),
    ["set=2", "client|id=1", "client|getname=1"],
  );
  assertEquals(
    names("LATENCY HISTOGRAM client nosuch get SET"),
    ["client|getname=1", "client|id=1", "set=2"],
  );
  assertEquals(names("LATENCY HISTOGRAM client|id"), ["client|id=1"]);
});

Deno.test("LATENCY tells of slow commands, quick ones by themselves", () => {
  const bench = new Bench({
    "enable-debug-command": "yes",
    "latency-monitor-threshold": 5,
  });
  const client = bench.connect();
  say(client, "DEBUG SLEEP 0.01");
  const [found] = bench.server.latency.latest();
  assertEquals(found.event, "command");
  assert(found.maxMs >= 10);
  assertMatch(
    say(client, "LATENCY LATEST"),
    /^\*1 \*4 command :\d+ :\d+ :\d+$/,
  );
  assertMatch(say(client, "LATENCY HISTORY command"), /^\*1 \*2 :\d+ :\d+$/);
  assertEquals(say(client, "LATENCY HISTORY nosuch"), "*0");
  assertEquals(
    say(client, "LATENCY GRAPH nosuch"),
    "-ERR No samples available for event 'nosuch'",
  );
  assertMatch(say(client, "LATENCY GRAPH command"), /command - high/);
  assertEquals(say(client, "LATENCY RESET command nosuch"), ":1");
  assertEquals(say(client, "LATENCY RESET"), ":0");
});

Deno.test("LATENCY tells of batches of the engine that took long", () => {
  const bench = new Bench({ "latency-monitor-threshold": 50 });
  const client = bench.connect();
  const realNow = performance.now;
  let nowMs = Math.ceil(realNow.call(performance));
  performance.now = () => nowMs += 100;
  try {
    sayAll(client, "SET a 1", "GET a");
    assertEquals(bench.server.latency.history("fast-command").length, 1);
    assertEquals(bench.server.latency.latest()[0].maxMs, 50);
    sayAll(client, "SET a 1", "GET a", "GET a");
  } finally {
    performance.now = realNow;
  }
  assertEquals(bench.server.latency.latest()[0].maxMs, 50);
  assertEquals(bench.server.dispatcher.statistics.engineProcessed, 5);
});

Deno.test("a command that EXEC may not execute any more is an error, no call", () => {
  const bench = new Bench();
  const [admin, client] = [bench.connect(), bench.connect()];
  say(admin, "ACL SETUSER alice on nopass +@all ~*");
  sayAll(client, "AUTH alice x", "MULTI", "LPUSH l 1", "STRLEN a");
  say(admin, "ACL SETUSER alice -lpush");
  assertMatch(say(client, "EXEC"), /^\*2 -NOPERM .* :0$/);
  assertEquals(use(bench, "lpush"), "0,0,0,0");
  assertEquals(use(bench, "strlen"), "1,0,0,1");
  assertEquals(bench.server.dispatcher.statistics.errors.get("NOPERM"), 1);
});

Deno.test("no more than 128 kinds of errors are told apart", () => {
  const bench = new Bench();
  const { statistics } = bench.server.dispatcher;
  for (let i = 0; i < 130; i++) statistics.countError(`KIND${i} text`);
  statistics.countError("KIND5 text");
  statistics.countError("Text without a kind".replaceAll(" ", "_"));
  assertEquals(statistics.errors.size, 129);
  assertEquals(statistics.errors.get("KIND5"), 2);
  assertEquals(statistics.errors.get("ERRORSTATS_OVERFLOW"), 3);
  assertEquals(statistics.errorReplies, 132);
});
