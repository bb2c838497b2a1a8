/** MULTI, EXEC, DISCARD, WATCH and UNWATCH: what no recording can show. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { logFails } from "../../src/protocol/errors.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { failingEngine } from "../support/engine.ts";
import { flat, pipelined } from "../support/lines.ts";
import { START_MS, Talk } from "./talk.ts";

/** The replies' lines, with a space between them. */
function sent(client: BenchClient, ...lines: string[]): string {
  return flat(client.send(pipelined(...lines)));
}

/** The commands of a transaction one by one, as interactive clients do. */
function slowly(client: BenchClient, ...lines: string[]): string {
  return lines.map((line) => sent(client, line)).join(" ");
}

/** One field of CLIENT LIST about a client. */
function field({ session }: BenchClient, name: string): string | undefined {
  return session.describe().match(new RegExp(`(?:^| )${name}=([^ ]*)`))?.[1];
}

Deno.test("nobody comes between the commands of a transaction", () => {
  const bench = new Bench();
  const [client, other] = [bench.connect(), bench.connect()];
  assertEquals(slowly(client, "MULTI", "INCR n"), "+OK +QUEUED");
  assertEquals(sent(other, "INCR n", "GET n"), ":1 $1 1");
  assertEquals(
    slowly(client, "GET n", "MGET n m", "EXEC", "GET n"),
    "+QUEUED +QUEUED *3 :2 $1 2 *2 $1 2 $-1 $1 2",
  );
  assertEquals(
    sent(client, "MULTI", "PING", "EXEC", "PING"),
    [
      ...["+OK", "+QUEUED", "*1", "+PONG", "+PONG"],
    ].join(" "),
  );
});

Deno.test("queued commands are taken as they were, of any size and form", () => {
  const bench = new Bench();
  const client = bench.connect();
  const big = "b".repeat(300_000);
  const many = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  const commands: Word[][] = [
    ["MULTI"],
    ["SET", "a", "\r\n\x00\xff"],
    ["SET", "big", big],
    ["SADD", "s", ...many],
    ["SET", "", ""],
    ["EXEC"],
  ];
  const bytes = encodeCommands(commands);
  for (let at = 0; at < bytes.length; at += 70_001) {
    client.sendFirst(bytes.subarray(at, at + 70_001));
    while (client.session.mayGoOn) client.goOn();
  }
  assertEquals(
    client.heard().replaceAll("\r\n", " "),
    "+OK +QUEUED +QUEUED +QUEUED +QUEUED *4 +OK +OK :3000 +OK ",
  );
  assertEquals(sent(client, "STRLEN big", "SCARD s"), ":300000 :3000");
  assertEquals(client.send("GET a\r\n"), "$4\r\n\r\n\x00\xff\r\n");
  assertEquals(
    client.send("MULTI\r\nset 'x y' \"a\\x41\"\r\nGET 'x y'\r\nEXEC\r\n"),
    "+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n$2\r\naA\r\n",
  );
  bench.verify();
});

Deno.test("a reply longer than any buffer comes whole, and only once", () => {
  const bench = new Bench();
  const client = bench.connect();
  client.call("SET", "big", "x".repeat(400_000));
  const reads = Array.from({ length: 30 }, () => "GET big");
  const one = 400_000 + "$400000\r\n\r\n".length;
  client.sendFirst(pipelined("MULTI", ...reads, "INCR n", "EXEC", "PING"));
  while (client.session.mayGoOn) client.goOn();
  const rest = "+OK\r\n".length + 31 * "+QUEUED\r\n".length +
    "*31\r\n:1\r\n+PONG\r\n".length;
  assertEquals(client.transport.takeLength(), 30 * one + rest);
});

Deno.test("what is refused aborts the transaction, in Redis's words", () => {
  const bench = new Bench();
  const { dispatcher } = bench.server;
  const client = bench.connect();
  const broken = "-EXECABORT Transaction discarded because of previous errors.";
  const oom = "OOM command not allowed when used memory > 'maxmemory'.";
  sent(client, "MULTI");
  dispatcher.memory.bytes = 1;
  assertEquals(slowly(client, "GET a", "EXEC"), `-${oom} ${broken}`);
  assertEquals(slowly(client, "MULTI", "DISCARD"), "+OK +OK");
  assertEquals(slowly(client, "WATCH a", "UNWATCH"), "+OK +OK");
  dispatcher.memory.bytes = Infinity;
  sent(client, "MULTI", "SET a 1");
  dispatcher.memory.bytes = 1;
  assertEquals(
    sent(client, "EXEC", "EXEC"),
    `-EXECABORT Transaction discarded because of: ${oom} ` +
      "-ERR EXEC without MULTI",
  );
  dispatcher.memory.bytes = Infinity;
  sent(client, "MULTI", "GET a");
  dispatcher.memory.bytes = 1;
  assertEquals(sent(client, "EXEC"), "*1 $-1");
  dispatcher.memory.bytes = Infinity;

  const refusal = logFails("No space left on device");
  sent(client, "MULTI", "SET a 1");
  dispatcher.admission.writeRefusal = refusal;
  assertEquals(
    sent(client, "EXEC", "MULTI", "GET a", "EXEC", "MULTI", "DEL a", "EXEC"),
    `-EXECABORT Transaction discarded because of: ${refusal.text} ` +
      `+OK +QUEUED *1 $-1 +OK -${refusal.text} ${broken}`,
  );
  dispatcher.admission.writeRefusal = null;

  sent(client, "MULTI", "GET a");
  dispatcher.admission.isLoading = true;
  const loading = "LOADING Redis is loading the dataset in memory";
  assertEquals(
    sent(client, "EXEC", "MULTI", "PING", "DISCARD", "MULTI", "EXEC"),
    `-EXECABORT Transaction discarded because of: ${loading} ` +
      `+OK -${loading} +OK +OK *0`,
  );
  dispatcher.admission.isLoading = false;
});

Deno.test("what must not be in a transaction is refused or put off", () => {
  const bench = new Bench({ "enable-debug-command": "yes" });
  const client = bench.connect();
  const refused = "-ERR Command not allowed inside a transaction";
  for (const line of ["SAVE", "SHUTDOWN"]) {
    assertEquals(
      sent(client, "MULTI", line, "DISCARD"),
      `+OK ${refused} +OK`,
      line,
    );
  }
  assertEquals(
    sent(client, "SET k v", "MULTI", "MIGRATE 127.0.0.1 1 k 0 9", "EXEC"),
    `+OK +OK +QUEUED *1 ${refused}`,
  );
  assertEquals(
    sent(client, "MULTI", "DEBUG RELOAD", "GET k", "EXEC"),
    `+OK +QUEUED +QUEUED *2 ${refused} $1 v`,
  );
  assertEquals(
    sent(client, "MULTI", "BGSAVE", "BGREWRITEAOF", "EXEC"),
    "+OK +QUEUED +QUEUED *2 +Background saving scheduled " +
      "+Background append only file rewriting scheduled",
  );
});

Deno.test("CLIENT REPLY holds for EXEC and all that it executes", () => {
  const bench = new Bench();
  const client = bench.connect();
  assertEquals(
    sent(client, "CLIENT REPLY OFF", "MULTI", "INCR n", "MGET n n", "EXEC"),
    "",
  );
  assertEquals(sent(client, "CLIENT REPLY ON", "GET n"), "+OK $1 1");
  assertEquals(
    sent(client, "WATCH n", "INCR n", "MULTI", "CLIENT REPLY SKIP", "PING"),
    "+OK :2 +OK +QUEUED +QUEUED",
  );
  assertEquals(sent(client, "EXEC"), "*-1");
  assertEquals(
    sent(client, "MULTI", "INCR n", "EXEC", "CLIENT REPLY SKIP", "EXEC"),
    "+OK +QUEUED *1 :3",
  );
});

Deno.test("CLIENT LIST tells of queued commands and of changed keys", () => {
  const bench = new Bench();
  const [client, other] = [bench.connect(), bench.connect()];
  const facts = () =>
    ["flags", "multi", "cmd"].map((name) => field(client, name)).join(" ");
  assertEquals(facts(), "N -1 NULL");
  sent(client, "WATCH a", "MULTI");
  assertEquals(facts(), "x 0 multi");
  sent(client, "PING", `SET b ${"x".repeat(5000)}`);
  assertEquals(facts(), "x 2 set");
  assert(Number(field(client, "multi-mem")) >= 5000);
  assert(Number(field(client, "tot-mem")) >= 5000);
  sent(other, "SET a 1");
  assertEquals(facts(), "xd 2 set");
  sent(client, "GET a");
  assertEquals(facts(), "xd 2 get");
  assertEquals(sent(client, "EXEC"), "*-1");
  assertEquals(facts(), "N -1 exec");
  assertEquals(field(client, "multi-mem"), "0");
  sent(client, "MULTI", "CLIENT INFO");
  assertMatch(sent(client, "EXEC"), / flags=x .* multi=1 .* cmd=exec /);
});

Deno.test("commands count when they are executed, and so does EXEC", () => {
  const bench = new Bench();
  const client = bench.connect();
  const use = (name: string) => {
    const { statistics } = bench.server.dispatcher;
    const found = bench.server.table.find(name)!;
    const { calls, failed, rejected } = statistics.use(found);
    return [calls, failed, rejected].join();
  };
  sent(client, "MULTI", "SET a x", "INCR a", "STRLEN a");
  assertEquals(use("set"), "0,0,0");
  sent(client, "EXEC", "MULTI", "STRLEN", "EXEC", "EXEC");
  assertEquals(use("set"), "1,0,0");
  assertEquals(use("incr"), "1,1,0");
  assertEquals(use("strlen"), "1,0,1");
  assertEquals(use("exec"), "3,2,0");
  assertEquals(use("multi"), "2,0,0");
});

Deno.test("who leaves, resets or discards leaves no memory behind", () => {
  const bench = new Bench();
  const { calls } = bench.server.engine;
  bench.connect().send(pipelined("WATCH a", "MULTI", "SET a 1", "EXEC"));
  bench.connect().send(pipelined("DEL a", "PING"));
  const before = calls.usedBytes();
  const ends: ((client: BenchClient) => void)[] = [
    (client) => client.leave(),
    (client) => client.call("RESET"),
    (client) => client.call("DISCARD"),
    (client) => client.call("EXEC"),
    (client) => client.call("EXEC", "wrong"),
    (client) => {
      client.send(pipelined("NOSUCH", "EXEC"));
    },
  ];
  for (const end of ends) {
    const client = bench.connect();
    const watched = Array.from({ length: 500 }, (_, i) => `key${i}`);
    client.call("WATCH", ...watched);
    client.send(pipelined("MULTI", `ECHO ${"x".repeat(100_000)}`, "PING"));
    assertEquals(calls.watchedCount(), 500);
    assert(calls.usedBytes() > before + 100_000);
    end(client);
    client.heard();
    assertEquals(calls.watchedCount(), 0);
    assertEquals(calls.usedBytes(), before, `${end}`);
  }
  bench.verify();
});

Deno.test("who goes within EXEC goes when it is over", async () => {
  // Its debug build poisons what is freed.
  const { engine } = await failingEngine();
  const bench = new Bench({}, engine);
  const { calls } = bench.server.engine;
  const other = bench.connect();
  sent(other, `SET big ${"x".repeat(300_000)}`, "MSET a 1 b 1", "DEL a b");
  const before = calls.usedBytes();
  const client = bench.connect();
  sent(client, "MULTI", "SET a 1", "GET big", `SET b ${"x".repeat(900)}`);
  client.transport.write = () => client.leave();
  client.transport.writeAll = () => client.leave();
  sent(client, "DEL a", "EXEC");
  assert(client.session.closing);
  assertEquals(sent(other, "STRLEN b", "DEL a b"), ":900 :1");
  assertEquals(calls.usedBytes(), before);
  bench.verify();
});

Deno.test("a queue counts for the limit of a client's input", () => {
  const bench = new Bench({ "client-query-buffer-limit": "1mb" });
  const client = bench.connect();
  sent(client, "MULTI");
  for (let i = 0; i < 100 && !client.session.closing; i++) {
    client.send(pipelined(`ECHO ${"x".repeat(30_000)}`));
  }
  assert(client.session.closing);
  assert(client.transport.destroyed);
  client.leave();
  bench.verify();
});

Deno.test("a transaction that will fail takes no more memory", () => {
  const bench = new Bench();
  const [client, other] = [bench.connect(), bench.connect()];
  sent(client, "WATCH a", "MULTI", "PING");
  const queued = field(client, "multi-mem");
  sent(other, "SET a 1");
  assertEquals(sent(client, `ECHO ${"x".repeat(50_000)}`), "+QUEUED");
  assertEquals(field(client, "multi-mem"), queued);
  assertEquals(sent(client, "EXEC"), "*-1");
  sent(client, "MULTI", "NOSUCH", `ECHO ${"x".repeat(50_000)}`);
  assertEquals(field(client, "multi-mem"), "0");
});

/** What EXEC comes to for somebody who watches a key meanwhile. */
function whileWatched(
  talk: Talk,
  keys: string,
  meanwhile: () => void,
): "done" | "aborted" {
  talk.say(`WATCH ${keys}`);
  meanwhile();
  talk.say("MULTI");
  talk.say("PING");
  const reply = talk.say("EXEC");
  assertEquals(talk.bench.server.engine.calls.verifyWatchers(), 0);
  return reply === "*-1" ? "aborted" : "done";
}

Deno.test("a key that becomes due after WATCH aborts, one that was does not", () => {
  const talk = new Talk({ isObserved: false });
  const other = talk.bench.connect();
  const { keyspace } = talk.bench.server;
  const later = () => void (talk.nowMs += 1000);
  const expire = () => {
    talk.bench.server.dispatcher.clock.set(talk.nowMs);
    while (keyspace.expireSlice());
  };
  const setDue = (name: string) => talk.say(`SET ${name} v PX 500`);
  const cases: [string, string, () => void, () => void][] = [
    ["not yet due", "done", () => {}, () => {}],
    ["due since", "aborted", () => {}, later],
    ["due and removed since", "aborted", () => {}, () => (later(), expire())],
    ["met by others", "aborted", () => {}, () => {
      later();
      talk.say("EXISTS k");
    }],
    ["due before", "done", later, () => {}],
    ["due before, removed since", "done", later, expire],
    ["due before, met since", "done", later, () => void talk.say("GET k")],
    ["due before, deleted since", "done", later, () => void talk.say("DEL k")],
    ["due before, flushed", "done", later, () => void talk.say("FLUSHALL")],
    ["due before, made again", "aborted", later, () => void setDue("k")],
    ["due before, removed, made again", "aborted", later, () => {
      expire();
      setDue("k");
    }],
    ["due before, exchanged for nothing", "done", later, () => {
      talk.say("SWAPDB 0 1");
    }],
    ["due before, exchanged for a live one", "aborted", () => {
      later();
      talk.say("SELECT 1");
      setDue("k");
      talk.say("SELECT 0");
    }, () => void talk.say("SWAPDB 0 1")],
    ["due before, exchanged for one", "done", () => {
      talk.say("SELECT 1");
      setDue("k");
      talk.say("SELECT 0");
      later();
    }, () => void talk.say("SWAPDB 1 0")],
  ];
  for (const [name, expected, before, meanwhile] of cases) {
    talk.nowMs = START_MS;
    talk.say("FLUSHALL");
    setDue("k");
    before();
    assertEquals(whileWatched(talk, "k", meanwhile), expected, name);
  }
  other.leave();
});

Deno.test("fields of hashes that become due are changes", () => {
  const talk = new Talk({ isObserved: false });
  const later = () => void (talk.nowMs += 1000);
  const set = (fields: string) => {
    talk.nowMs = START_MS;
    talk.say("FLUSHALL");
    talk.say("HSET h a 1 b 2");
    talk.say(`HPEXPIRE h 500 FIELDS ${fields}`);
  };
  set("1 a");
  assertEquals(whileWatched(talk, "h", () => {}), "done");
  assertEquals(whileWatched(talk, "h", later), "aborted");
  assertEquals(whileWatched(talk, "h", () => void talk.say("HLEN h")), "done");
  set("2 a b");
  later();
  assertEquals(whileWatched(talk, "h", () => void talk.say("HLEN h")), "done");
  set("2 a b");
  assertEquals(whileWatched(talk, "h", later), "aborted");
  set("1 a");
  later();
  assertEquals(
    whileWatched(talk, "h", () => void talk.say("HGET h a")),
    "done",
  );
});

Deno.test("commands newer than Redis 7.2 disturb what they change", () => {
  const talk = new Talk({ isObserved: false });
  const rows: [line: string, expected: "done" | "aborted"][] = [
    ["HEXPIRE h 100 FIELDS 1 a", "aborted"],
    ["HEXPIRE h 100 FIELDS 1 no", "done"],
    ["HEXPIRE none 100 FIELDS 1 a", "done"],
    ["HPEXPIREAT h 1 FIELDS 1 a", "aborted"],
    ["HPERSIST h FIELDS 1 b", "aborted"],
    ["HPERSIST h FIELDS 1 a", "done"],
    ["HGETEX h FIELDS 1 a", "done"],
    ["HGETEX h EX 10 FIELDS 1 a", "aborted"],
    ["HGETDEL h FIELDS 1 a", "aborted"],
    ["HGETDEL h FIELDS 1 no", "done"],
    ["HSETEX h FNX FIELDS 1 a 1", "done"],
    ["HSETEX h FIELDS 1 a 1", "aborted"],
    ["HTTL h FIELDS 1 a", "done"],
    ["DELEX h", "aborted"],
    ["DELEX s IFEQ other", "done"],
    ["DELEX s IFEQ text", "aborted"],
    ["SET s x IFEQ other", "done"],
    ["SET s x IFEQ text", "aborted"],
    ["INCREX n BYINT 5", "aborted"],
    ["INCREX n BYINT 50 UBOUND 10", "done"],
    ["MSETEX 1 s x NX", "done"],
    ["MSETEX 2 s x n 1 EX 100", "aborted"],
    ["BITOP DIFF s n s", "aborted"],
    ["RESTORE s 0 junk", "done"],
  ];
  for (const [line, expected] of rows) {
    talk.say("FLUSHALL");
    talk.say("HSET h a 1 b 2");
    talk.say("HEXPIRE h 1000 FIELDS 1 b");
    talk.say("MSET n 5 s text");
    const run = () => void talk.say(line);
    assertEquals(whileWatched(talk, "h n s", run), expected, line);
  }
  talk.say("SET s text");
  const payload = talk.call("DUMP", "s").slice("$15 ".length);
  const restore = (...more: string[]) => () =>
    void talk.call("RESTORE", "s", "0", payload, ...more);
  assertEquals(whileWatched(talk, "s", restore()), "done");
  assertEquals(whileWatched(talk, "s", restore("REPLACE")), "aborted");
});

Deno.test("others' commands stay the engine's own while keys are watched", () => {
  const bench = new Bench();
  const [client, other] = [bench.connect(), bench.connect()];
  const { calls } = bench.server.engine;
  sent(client, "WATCH a b c");
  sent(other, "SET x 1", "LPUSH l 1", "SADD s 1", "HSET h f 1", "ZADD z 1 m");
  sent(other, "GET a", "HGET h f", "PFCOUNT a", "INCR n", "LPOP a", "SPOP b");
  assert(other.session.isHot, "the last command was a hot one");
  assertEquals(calls.watchedCount(), 3);
  sent(other, "MSET x 1 y 2 c 3");
  assert(other.session.isHot);
  assertEquals(calls.watchedCount(), 0);
  assertEquals(sent(client, "MULTI", "EXEC"), "+OK *-1");
});

Deno.test("each of many watchers learns of his own keys only", () => {
  const bench = new Bench();
  const { calls } = bench.server.engine;
  const watchers = Array.from({ length: 300 }, () => bench.connect());
  watchers.forEach((client, i) => {
    sent(client, "WATCH shared", `WATCH own${i} own${i}`, `WATCH k${i % 7}`);
  });
  assertEquals(calls.watchedCount(), 900);
  assertEquals(calls.verifyWatchers(), 0);
  const writer = bench.connect();
  sent(writer, "SET k3 1", "SET own5 1");
  assertEquals(calls.verifyWatchers(), 0);
  const isAborted = (client: BenchClient) =>
    sent(client, "MULTI", "EXEC") === "+OK *-1";
  watchers.forEach((client, i) => {
    if (i % 2 === 0) return;
    assertEquals(isAborted(client), i % 7 === 3 || i === 5, `${i}`);
  });
  sent(writer, "SET shared 1");
  assertEquals(calls.watchedCount(), 0);
  watchers.forEach((client, i) => {
    if (i % 2 === 0) assert(isAborted(client), `${i}`);
  });
});
