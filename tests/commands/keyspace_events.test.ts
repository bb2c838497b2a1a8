/** What subscribers are told of keys, by `notify-keyspace-events`. */
import { assertEquals } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { at } from "../support/clock.ts";
import { shown } from "../support/lines.ts";

/** One who writes, and one who listens to all events. */
class Listening {
  readonly bench: Bench;
  readonly writer: BenchClient;
  readonly listener: BenchClient;

  constructor(classes: string) {
    this.bench = new Bench({ "notify-keyspace-events": classes });
    this.writer = this.bench.connect();
    this.listener = this.bench.connect();
    this.listener.call("PSUBSCRIBE", "__key*");
    this.listener.heard();
  }

  /** Says a line; gives the events that it made, `channel payload` each. */
  events(line: string): string {
    this.writer.call(...line.split(" "));
    return this.heard();
  }

  heard(): string {
    return shown(this.listener.heard())
      .replaceAll("*4 pmessage __key* ", "");
  }

  /** Lines and the events of each. */
  assert(rows: readonly [line: string, events: string][]): void {
    for (const [line, events] of rows) {
      assertEquals(this.events(line), events, line);
    }
    this.bench.verify();
  }
}

Deno.test("an event goes to the key's channel and to its own, by database", () => {
  new Listening("KEA").assert([
    ["SET k 1", "__keyspace@0__:k set __keyevent@0__:set k"],
    ["DEL k", "__keyspace@0__:k del __keyevent@0__:del k"],
    ["GET k", ""],
    ["SELECT 3", ""],
    ["RPUSH l 1", "__keyspace@3__:l rpush __keyevent@3__:rpush l"],
  ]);
  new Listening("KA").assert([["SET k 1", "__keyspace@0__:k set"]]);
  new Listening("EA").assert([["SET k 1", "__keyevent@0__:set k"]]);
});

Deno.test("only the classes that are named are told", () => {
  const lines: [line: string, event: string, eventClass: string][] = [
    ["SET a 1", "set a", "$"],
    ["EXPIRE a 100", "expire a", "g"],
    ["RPUSH l 1", "rpush l", "l"],
    ["SADD s 1", "sadd s", "s"],
    ["HSET h f 1", "hset h", "h"],
    ["ZADD z 1 a", "zadd z", "z"],
    ["COPY a b", "copy_to b", "g"],
    ["MOVE b 1", "move_from b", "g"],
    ["SORT l STORE l2", "sortstore l2", "l"],
    ["SUNIONSTORE s2 s", "sunionstore s2", "s"],
    ["ZUNIONSTORE z2 1 z", "zunionstore z2", "z"],
    ["PFADD p 1", "pfadd p", "$"],
  ];
  for (const classes of ["g", "$", "l", "s", "h", "z", "x", "A", "g$"]) {
    const listening = new Listening(`E${classes}`);
    for (const [line, event, eventClass] of lines) {
      const isTold = classes === "A" || classes.includes(eventClass);
      const first = listening.events(line).split(" __key")[0];
      const expected = `__keyevent@0__:${event}`;
      // MOVE tells of the other database, too, which is of the same class.
      assertEquals(first, isTold ? expected : "", `${line} with ${classes}`);
    }
  }
});

Deno.test("nothing is told without K or E, without a class, or by default", () => {
  for (const classes of ["", "A", "KE", "K$", "Eg"]) {
    new Listening(classes).assert([
      ["RPUSH l 1", ""],
    ]);
  }
});

Deno.test("keys and fields that are due are told of when they go", () => {
  const { bench, writer, listener } = new Listening("KEA");
  writer.call("SET", "k", "1", "PX", "10");
  listener.heard();
  at(Date.now() + 60_000, () => writer.call("GET", "k"));
  assertEquals(
    shown(listener.heard()),
    "*4 pmessage __key* __keyspace@0__:k expired " +
      "*4 pmessage __key* __keyevent@0__:expired k",
  );
  bench.verify();
});

Deno.test("new keys are told of before what was done, and only with n", () => {
  new Listening("KEAn").assert([
    [
      "SET k 1",
      "__keyspace@0__:k new __keyevent@0__:new k " +
      "__keyspace@0__:k set __keyevent@0__:set k",
    ],
    ["SET k 2", "__keyspace@0__:k set __keyevent@0__:set k"],
  ]);
  new Listening("En").assert([
    ["SET k 1", "__keyevent@0__:new k"],
    ["APPEND k 1", ""],
    ["APPEND a 1", "__keyevent@0__:new a"],
    ["INCR i", "__keyevent@0__:new i"],
    ["RPUSH l 1 2", "__keyevent@0__:new l"],
    ["RPUSH l 1 2", ""],
    ["HSET h f v", "__keyevent@0__:new h"],
    ["SADD s m", "__keyevent@0__:new s"],
    ["ZADD z 1 m", "__keyevent@0__:new z"],
    ["MSET k 1 m 2", "__keyevent@0__:new m"],
    ["RENAME k r", "__keyevent@0__:new r"],
    ["COPY r c", "__keyevent@0__:new c"],
    ["MOVE c 1", "__keyevent@1__:new c"],
    ["SUNIONSTORE u s", "__keyevent@0__:new u"],
    ["SUNIONSTORE u s", ""],
    ["EXPIRE r 100", ""],
    ["PERSIST r", ""],
    ["RPUSH r x", ""],
  ]);
  new Listening("KEA").assert([["PING", ""], ["MSET", ""]]);
});

Deno.test("missed keys are told of with m, by reads alone", () => {
  new Listening("Em").assert([
    ["GET k", "__keyevent@0__:keymiss k"],
    ["MGET k l", "__keyevent@0__:keymiss k __keyevent@0__:keymiss l"],
    ["EXISTS k", "__keyevent@0__:keymiss k"],
    ["TTL k", "__keyevent@0__:keymiss k"],
    ["TYPE k", "__keyevent@0__:keymiss k"],
    ["LRANGE k 0 -1", "__keyevent@0__:keymiss k"],
    ["SMEMBERS k", "__keyevent@0__:keymiss k"],
    ["OBJECT ENCODING k", ""],
    ["DEL k", ""],
    ["SET k 1", ""],
    ["GET k", ""],
  ]);
  new Listening("EA").assert([["GET k", ""]]);
});

Deno.test("CONFIG SET switches events on and off, and so do listeners", () => {
  const listening = new Listening("");
  const { bench, writer } = listening;
  const { commit } = bench.server.dispatcher;
  listening.assert([
    ["SET k 1", ""],
    ["CONFIG SET notify-keyspace-events E$", ""],
    ["SET k 1", "__keyevent@0__:set k"],
    ["CONFIG SET notify-keyspace-events KE", ""],
    ["SET k 1", ""],
    ["CONFIG SET notify-keyspace-events K$", ""],
    ["SET k 1", "__keyspace@0__:k set"],
  ]);
  assertEquals(commit.observed, true);
  listening.listener.call("PUNSUBSCRIBE");
  // Nobody listens: the engine may execute hot commands by itself.
  assertEquals(commit.observed, false);
  writer.call("SET", "k", "1");
  listening.listener.call("SUBSCRIBE", "__keyspace@0__:k");
  listening.listener.heard();
  assertEquals(commit.observed, true);
  assertEquals(
    listening.events("SET k 1"),
    "*3 message __keyspace@0__:k set",
  );
  listening.listener.leave();
  assertEquals(commit.observed, false);
});

Deno.test("keys of any bytes and lengths are named as they are", () => {
  const { writer, listener } = new Listening("KE$");
  const key = new Uint8Array(9000).map((_, i) => i);
  writer.call("SET", key, "1");
  const text = String.fromCharCode(...key);
  assertEquals(
    listener.heard(),
    "*4\r\n$8\r\npmessage\r\n$6\r\n__key*\r\n$9015\r\n__keyspace@0__:" +
      `${text}\r\n$3\r\nset\r\n` +
      "*4\r\n$8\r\npmessage\r\n$6\r\n__key*\r\n$18\r\n__keyevent@0__:set" +
      `\r\n$9000\r\n${text}\r\n`,
  );
});

Deno.test("whoever writes and listens gets events right after the reply", () => {
  const bench = new Bench({ "notify-keyspace-events": "EA" });
  const client = bench.connect();
  client.call("HELLO", "3");
  client.call("SUBSCRIBE", "__keyevent@0__:set");
  assertEquals(
    shown(client.send("SET a 1\r\nPING\r\n")),
    "+OK >3 message __keyevent@0__:set a +PONG",
  );
});
