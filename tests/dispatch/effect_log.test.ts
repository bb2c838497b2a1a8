/**
 * The log of effects holds every change and nothing else: replayed elsewhere,
 * it makes the same data, whoever has executed the commands and however they
 * were sent.
 */
import { assert, assertEquals } from "@std/assert";
import type { EffectLog } from "../../src/dispatch/effect_log.ts";
import { LINES } from "../commands/command_lines.ts";
import { concat } from "../support/bytes.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { failingEngine } from "../support/engine.ts";
import { commandsIn } from "../support/lines.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { Bench, type BenchClient, bytesOf } from "./harness.ts";
import { anyStream, randomPieces } from "./streams.ts";

const SEED = 41_000;
const STREAMS = 80;

function loggingBench(observed = false): Bench {
  const bench = new Bench();
  bench.server.dispatcher.effects.enable();
  if (observed) bench.server.dispatcher.commit.observe(() => {});
  return bench;
}

function takeAll(log: EffectLog): Uint8Array<ArrayBuffer> {
  const pieces: Uint8Array[] = [];
  for (let piece; (piece = log.take()) !== null;) pieces.push(piece);
  assertEquals(log.pendingBytes, 0);
  return concat(pieces);
}

/** The log as one line a command. */
function lines(bench: Bench): string[] {
  return commandsIn(latin1(takeAll(bench.server.dispatcher.effects)));
}

/** Executes a log on another bench. */
class Copy {
  readonly bench = new Bench();
  readonly #failed: string[] = [];
  readonly #replay = this.bench.server.dispatcher.replay({
    failed: ({ command, text }) => this.#failed.push(`${command}: ${text}`),
  });

  feed(bytes: Uint8Array, label: string): void {
    assertEquals(this.#replay.feed(bytes), null, label);
    assertEquals(this.#failed, [], label);
    assertEquals(this.#replay.offset, this.#replay.fedBytes, label);
  }

  assertLike(leader: Bench, label: string): void {
    assertEquals(
      this.bench.server.keyspace.digest(),
      leader.server.keyspace.digest(),
      label,
    );
  }
}

/** More of what is told in other words than it was sent in. */
function oddStream(random: Random): Uint8Array<ArrayBuffer> {
  const key = () => random.pick(["s1", "s2", "h", "p", "t", "i", "z"]);
  const word = () => random.pick(["1", "22", "x".repeat(70), "", "-5"]);
  const builds: (() => Word[])[] = [
    () => ["SPOP", random.pick(["s1", "s2"])],
    () => ["SPOP", random.pick(["s1", "s2"]), random.int(4)],
    () => ["SADD", "s1", random.int(600)],
    () => ["SADD", "s2", `m${random.int(600)}`],
    () => ["SADD", "s1", ...Array.from({ length: 150 }, (_, i) => `n${i}`)],
    () => ["PFADD", "p", word()],
    () => ["PFADD", "p", word(), "1", "2", "3", "4"],
    () => ["PFCOUNT", "p"],
    () => ["SET", key(), word(), "PX", 1 + random.int(4)],
    () => ["PEXPIRE", key(), random.int(6)],
    () => ["PEXPIRE", key(), 1e12],
    () => ["HSET", "h", word(), word()],
    () => ["HPEXPIRE", "h", random.int(4), "FIELDS", 2, "1", "22"],
    () => ["HPEXPIRE", "h", 1e12, "FIELDS", 1, "1"],
    () => ["GETEX", key(), "PX", 2],
    () => ["GETDEL", key()],
    () => ["SETEX", "t", 1000, word()],
    () => ["INCRBYFLOAT", "i", "0.1"],
    () => ["INCR", "i"],
    () => ["LMPOP", 2, "l", "l2", "LEFT", "COUNT", 2],
    () => ["RPUSH", "l", word(), word()],
    () => ["BLPOP", "l", "l2", 1],
    () => ["ZADD", "z", random.int(9), word()],
    () => ["ZPOPMIN", "z"],
    () => ["ZMPOP", 1, "z", "MAX"],
    () => ["BZPOPMIN", "z", 1],
    () => ["GEOADD", "geo", "13.4", "52.5", word()],
    () => ["HGETDEL", "h", "FIELDS", 1, "1"],
    () => ["HSETEX", "h", "PX", 3, "FIELDS", 1, "22", word()],
    () => ["SORT", "l", "ALPHA", "STORE", "l2"],
    () => ["SELECT", random.int(3)],
    () => ["SWAPDB", 0, random.int(3)],
    () => ["MSET", key(), word(), key(), word()],
    () => ["FLUSHDB"],
    () => ["RANDOMKEY"],
    () => ["SCAN", 0],
  ];
  const commands = Array.from(
    { length: random.int(150) },
    () => random.pick(builds)(),
  ).filter(([name]) => name !== "FLUSHDB" || random.chance(0.2));
  return encodeCommands(commands);
}

/** What has come behind a command that waits is executed, too. */
function waitNoMore(bench: Bench, client: BenchClient): void {
  while (client.session.unblock(false)) {
    bench.server.dispatcher.blocking.serve();
    client.send("");
  }
}

/** A moment passes, so that what is due then is. */
function waitMs(ms: number): void {
  const end = Date.now() + ms;
  while (Date.now() < end);
}

for (const observed of [false, true]) {
  Deno.test(`the log of random streams makes the same data (observed: ${observed})`, () => {
    const leader = loggingBench(observed);
    const copy = new Copy();
    const { effects } = leader.server.dispatcher;
    const { calls } = leader.server.engine;
    for (let seed = SEED; seed < SEED + STREAMS; seed++) {
      const random = new Random(seed);
      const client = leader.connect();
      const before = calls.statChanges() + calls.statExpired() +
        calls.statExpiredFields();
      const stream = random.chance(0.5) ? anyStream : oddStream;
      for (const piece of randomPieces(random)(stream(random))) {
        client.send(piece);
      }
      waitNoMore(leader, client);
      client.leave();
      if (random.chance(0.2)) waitMs(3);
      // What is due goes with its log, and not by the clock of the copy.
      leader.server.dispatcher.clock.set(Date.now());
      while (leader.server.keyspace.expireSlice());
      const changes = calls.statChanges() + calls.statExpired() +
        calls.statExpiredFields() - before;
      const { sequence } = effects;
      const bytes = takeAll(effects);
      assertEquals(bytes.length > 0, changes > 0, `seed ${seed}`);
      copy.feed(bytes, `seed ${seed}`);
      copy.assertLike(leader, `seed ${seed}`);
      assertEquals(effects.sequence, sequence);
      leader.verify();
    }
  });
}

Deno.test("the engine and the handlers log the same bytes", () => {
  const hot = loggingBench();
  const cold = loggingBench(true);
  for (let seed = SEED; seed < SEED + STREAMS; seed++) {
    const bytes = anyStream(new Random(seed));
    const logs = [hot, cold].map((bench) => {
      const client = bench.connect();
      for (const piece of randomPieces(new Random(seed))(bytes)) {
        client.send(piece);
      }
      client.leave();
      return takeAll(bench.server.dispatcher.effects);
    });
    assertEquals(latin1(logs[0]), latin1(logs[1]), `seed ${seed}`);
  }
});

Deno.test("the handlers log what the engine logs, command by command", () => {
  const commands: Word[][] = [
    ["SET", "a", "1"],
    ["INCR", "a"],
    ["INCR", "text"],
    ["MSET", "b", "1", "c", "2", "d", "3", "e", "4", "f", "5"],
    ["LPUSH", "l", "1"],
    ["RPUSH", "l", "2"],
    ["LPOP", "l"],
    ["RPOP", "l"],
    ["RPOP", "l"],
    ["SADD", "s", "1"],
    ["SADD", "s", "1"],
    ["SPOP", "s"],
    ["SPOP", "s"],
    ["SADD", "s", "m"],
    ["SPOP", "s"],
    ["SADD", "s", "m".repeat(100)],
    ["SPOP", "s"],
    ["HSET", "h", "f", "v"],
    ["HSET", "h", "f", "v"],
    ["ZADD", "z", "1", "m"],
    ["ZADD", "z", "1", "m"],
    ["ZPOPMIN", "z"],
    ["ZPOPMIN", "z"],
    ["PFADD", "p", "1"],
    ["PFADD", "p", "1"],
    ["PFADD", "p", "1", "2", "3", "4", "5"],
    ["PFCOUNT", "p"],
    ["PFCOUNT", "p"],
    ["GET", "a"],
    ["PING"],
  ];
  const [hot, cold] = [loggingBench(), loggingBench(true)];
  const clients = [hot.connect(), cold.connect()];
  for (const words of commands) {
    clients.forEach((client) => client.call(...words));
    assertEquals(lines(hot), lines(cold), words.join(" "));
  }
});

Deno.test("hot commands are executed by the engine while they are logged", () => {
  const bench = loggingBench();
  const { statistics } = bench.server.dispatcher;
  bench.connect().send(encodeCommands([
    ["SET", "a", "1"],
    ["SADD", "s", "1"],
    ["SPOP", "s"],
    ["MSET", "a", "1", "b", "2", "c", "3"],
  ]));
  assertEquals(statistics.engineProcessed, 4);
  assertEquals(lines(bench), [
    "SELECT 0",
    "SET a 1",
    "SADD s 1",
    "SREM s 1",
    "MSET a 1 b 2 c 3",
  ]);
});

Deno.test("a command is logged in plain form, however it was sent", () => {
  const bench = loggingBench();
  const client = bench.connect();
  const plain = encodeCommands([["SET", "k", "v"]]);
  const select = encodeCommands([["SELECT", 0]]);
  const forms = [
    latin1(plain),
    "set k v\r\n",
    'SET "k" v\n',
    "*3\rx$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
    "*3\r\n$3\rxSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
    "*3\r\n$3\r\nSETxx$1\r\nk\r\n$1\r\nv\r\n",
    "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nvxx",
    "*0\r\n\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n",
  ];
  for (const form of forms) {
    for (const count of [1, 3]) {
      bench.server.dispatcher.effects.forceSelect();
      client.send(bytesOf(form.repeat(count)));
      const logged = latin1(takeAll(bench.server.dispatcher.effects));
      const expected = latin1(select) + latin1(plain).repeat(count);
      assertEquals(logged.toUpperCase(), expected.toUpperCase(), form);
    }
  }
});

Deno.test("nothing is logged where nothing changes", () => {
  const bench = loggingBench();
  const client = bench.connect();
  client.send("SET a text\r\nSADD s 1\r\nHSET h f 1\r\nZADD z 1 m\r\n");
  client.send("RPUSH l 1\r\nPFADD p 1\r\nPFCOUNT p\r\n");
  const { effects } = bench.server.dispatcher;
  const { sequence } = effects;
  const idle = [
    ...["GET a", "INCR a", "SADD s 1", "SREM s 9", "HDEL h 9", "LPOP none"],
    ...["SPOP none", "ZPOPMIN none", "ZADD z 1 m", "PFADD p 1", "PFCOUNT p"],
    ...["DEL none", "SET a 1 NX", "SETNX a 1", "PERSIST a", "EXPIRE none 1"],
    ...["SELECT 5", "SELECT 0", "PING", "NOSUCH", "LPUSH a 1", "MSET a"],
    ...["HSETNX h f 2", "ZADD z NX 2 m", "LPUSHX none 1", "SMOVE s t 9"],
  ];
  for (const line of idle) {
    client.send(`${line}\r\n`);
    assertEquals(effects.sequence, sequence, line);
  }
});

Deno.test("due keys and fields are logged before the command that met them", () => {
  const bench = loggingBench();
  const client = bench.connect();
  const dueMs = Date.now() + 150;
  client.send("SELECT 2\r\n");
  for (const key of "abc") client.call("SET", key, "1", "PXAT", dueMs);
  client.send("HSET h f 1 g 1 k 1\r\nHSET all f 1\r\n");
  client.call("HPEXPIREAT", "h", dueMs, "FIELDS", 2, "f", "g");
  client.call("HPEXPIREAT", "all", dueMs, "FIELDS", 1, "f");
  lines(bench);
  waitMs(Math.max(0, dueMs + 2 - Date.now()));
  client.send("SET x 1\r\nINCR a\r\nGET b\r\nAPPEND c 1\r\n");
  assertEquals(lines(bench), [
    "SET x 1",
    "DEL a",
    "INCR a",
    "DEL b",
    "DEL c",
    "APPEND c 1",
  ]);
  client.send("HLEN h\r\nHGET all f\r\n");
  const fields = lines(bench);
  assertEquals(fields.slice(0, 2).sort(), ["HDEL h f", "HDEL h g"]);
  assertEquals(fields.slice(2), ["HDEL all f"]);
});

Deno.test("effects name their database when it is another one", () => {
  const bench = loggingBench();
  const { effects } = bench.server.dispatcher;
  const [first, second] = [bench.connect(), bench.connect()];
  second.send("SELECT 3\r\n");
  first.send("SET a 1\r\nSET b 1\r\n");
  second.send("SET c 1\r\n");
  first.send("GET a\r\nSWAPDB 0 3\r\nSET d 1\r\n");
  assertEquals(lines(bench), [
    ...["SELECT 0", "SET a 1", "SET b 1", "SELECT 3", "SET c 1"],
    ...["SELECT 0", "SWAPDB 0 3", "SET d 1"],
  ]);
  first.send("SET e 1\r\n");
  effects.forceSelect();
  first.send("SET f 1\r\n");
  assertEquals(lines(bench), ["SET e 1", "SELECT 0", "SET f 1"]);
  first.send("SPOP none\r\nFLUSHALL\r\nFLUSHDB ASYNC\r\n");
  assertEquals(lines(bench), ["FLUSHALL", "FLUSHDB ASYNC"]);
});

Deno.test("several commands of one change are a transaction", () => {
  const bench = loggingBench();
  const client = bench.connect();
  client.send("SADD s 1 2 3\r\nSPOP s 3\r\n");
  const told = lines(bench);
  assertEquals(told[1], "SADD s 1 2 3");
  if (told.length > 3) {
    assertEquals([told[2], told.at(-1)], ["MULTI", "EXEC"]);
  }
  const copy = new Copy();
  client.send("SADD s 1 2 3\r\nSPOP s 3\r\nSET a 1\r\n");
  copy.feed(takeAll(bench.server.dispatcher.effects), "");
  copy.assertLike(bench, "");
});

Deno.test("a line can be drawn between what is before and after", () => {
  const bench = loggingBench();
  const { effects } = bench.server.dispatcher;
  const client = bench.connect();
  client.call("SET", "a", "x".repeat(100_000));
  client.send("SET b 1\r\n");
  const line = effects.mark();
  client.send("SET c 1\r\n");
  let taken = 0;
  while (taken < line) taken += effects.take()!.length;
  assertEquals(taken, line);
  assertEquals(lines(bench), ["SELECT 0", "SET c 1"]);
});

Deno.test("a log that is off costs nothing and begins anew", () => {
  const bench = loggingBench();
  const { effects } = bench.server.dispatcher;
  const client = bench.connect();
  client.send("SET a 1\r\n");
  const used = effects.sequence;
  assert(used > 0);
  effects.disable();
  assert(!effects.isOn);
  client.send("SET b 1\r\nAPPEND b 1\r\nSPOP none\r\n");
  assertEquals([effects.take(), effects.pendingBytes], [null, 0]);
  assertEquals(effects.sequence, used);
  effects.enable();
  client.send("SET c 1\r\n");
  assertEquals(lines(bench), ["SELECT 0", "SET c 1"]);
  assertEquals(effects.sequence, 2 * used);
  effects.disable();
  client.send("DEL a b c\r\n");
  bench.verify();
});

Deno.test("large values are logged whole, in pieces", () => {
  const bench = loggingBench();
  const copy = new Copy();
  const client = bench.connect();
  const random = new Random(SEED);
  for (const byteCount of [900, 1100, 16_384, 65_530, 65_536, 300_000]) {
    const value = random.bytes(byteCount);
    client.send(encodeCommands([
      ["SET", `k${byteCount}`, value],
      ["RPUSH", "l", value, value],
      ["APPEND", "all", value],
      ["GETSET", "all", value],
    ]));
  }
  copy.feed(takeAll(bench.server.dispatcher.effects), "");
  copy.assertLike(bench, "");
});

Deno.test("a replay is not logged again", () => {
  const bench = loggingBench();
  const replay = bench.server.dispatcher.replay();
  replay.feed(encodeCommands([["SET", "a", "1"], ["DEL", "a"], ["SPOP", "x"]]));
  replay.close();
  assertEquals(lines(bench), []);
  bench.connect().send("SET b 1\r\n");
  assertEquals(lines(bench), ["SELECT 0", "SET b 1"]);
});

for (const [kind, all] of Object.entries(LINES)) {
  Deno.test(`${kind} without memory are logged when they happen, and only then`, async () => {
    const { engine, failAfter } = await failingEngine();
    const bench = new Bench({}, engine);
    const { effects } = bench.server.dispatcher;
    effects.enable();
    const copy = new Copy();
    let client = bench.connect();
    let failures = 0;
    for (const line of all) {
      for (let count = 0; count < 3000; count++) {
        failAfter(count);
        const reply = client.call(...line.split(" "));
        failAfter(-1);
        if (client.session.closing) {
          client.leave();
          client = bench.connect();
        }
        const isDone = reply !== "" && !reply.startsWith("-OOM");
        if (!isDone) failures++;
        // Taken now and then only, it has to make room among the data too.
        if (isDone || count % 5 === 0) {
          copy.feed(takeAll(effects), line);
          copy.assertLike(bench, `${line}, allocation ${count}`);
        }
        if (isDone) break;
      }
    }
    assert(failures > all.length);
    bench.verify();
  });
}

Deno.test("a due key stays, hidden, while its DEL finds no memory", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const { effects } = bench.server.dispatcher;
  effects.enable();
  const client = bench.connect();
  const dueMs = Date.now() + 150;
  client.call("SET", "a", "1", "PXAT", dueMs);
  client.call("HSET", "h", "f", "1");
  client.call("HPEXPIREAT", "h", dueMs, "FIELDS", 1, "f");
  takeAll(effects);
  waitMs(Math.max(0, dueMs + 2 - Date.now()));
  failAfter(0);
  // One by one: what waits for another turn would need memory.
  assertEquals(client.send("GET a\r\n"), "$-1\r\n");
  assertEquals(client.send("HGET h f\r\n"), "$-1\r\n");
  assertEquals(client.send("EXISTS a h\r\n"), ":0\r\n");
  assertEquals(client.send("RANDOMKEY\r\n"), "$-1\r\n");
  assertEquals(client.call("APPEND", "a", "2").slice(0, 4), "-OOM");
  assertEquals(client.call("SET", "a", "2").slice(0, 4), "-OOM");
  assertEquals(client.send("DBSIZE\r\n"), ":2\r\n");
  while (bench.server.keyspace.expireSlice());
  assertEquals(client.send("DBSIZE\r\n"), ":2\r\n");
  failAfter(-1);
  assertEquals(lines(bench), []);
  bench.verify();
  assertEquals(client.call("APPEND", "a", "2"), ":1\r\n");
  assertEquals(client.send("HLEN h\r\nDBSIZE\r\n"), ":0\r\n:1\r\n");
  assertEquals(lines(bench), ["DEL a", "APPEND a 2", "HDEL h f"]);
});

Deno.test("the same holds for whoever observes", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const told: string[] = [];
  bench.server.dispatcher.commit.observe(({ commands }) => {
    for (const words of commands) told.push(words.map(latin1).join(" "));
  });
  const client = bench.connect();
  const dueMs = Date.now() + 150;
  client.call("SET", "a", "1", "PXAT", dueMs);
  told.length = 0;
  waitMs(Math.max(0, dueMs + 2 - Date.now()));
  failAfter(0);
  // One by one: what waits for another turn would need memory.
  assertEquals(client.send("GET a\r\n"), "$-1\r\n");
  assertEquals(client.send("DBSIZE\r\n"), ":1\r\n");
  failAfter(-1);
  assertEquals(told, []);
  assertEquals(client.send("GET a\r\nDBSIZE\r\n"), "$-1\r\n:0\r\n");
  assertEquals(told, ["DEL a"]);
});

for (
  const [kind, make, removal] of [
    ["key", "SET a 1 PXAT", "DEL a"],
    ["hash", "HSETEX a PXAT", "HDEL a f"],
  ]
) {
  Deno.test(`a hidden ${kind} is not made a second time`, () => {
    const bench = new Bench();
    const { effects } = bench.server.dispatcher;
    const { engine, keyspace } = bench.server;
    effects.enable();
    const client = bench.connect();
    const dueMs = Date.now() + 60;
    client.send("SET other 1\r\nDEL other\r\n");
    const fields = kind === "hash" ? " FIELDS 1 f v" : "";
    const made = client.send(`${make} ${dueMs}${fields}\r\n`);
    assert(!made.startsWith("-"), made);
    takeAll(effects);
    engine.calls.setCeiling(engine.calls.reservedBytes());
    // Small blocks can still be had, but none for a piece of the log.
    for (const valueBytes of [60_000, 15_000, 3900]) {
      const key = engine.pushArgument(`filler${valueBytes}`);
      engine.calls.populate(keyspace.database(2).handle, 1e6, key, valueBytes);
      engine.calls.releaseArguments();
    }
    waitMs(Math.max(0, dueMs + 2 - Date.now()));
    assertEquals(client.call("SET", "a", "2").slice(0, 4), "-OOM");
    assertEquals(client.send("DBSIZE\r\nGET a\r\n"), ":1\r\n$-1\r\n");
    bench.verify();
    engine.calls.setCeiling(2 ** 32);
    assertEquals(client.send("SET a 3\r\nDBSIZE\r\n"), "+OK\r\n:1\r\n");
    assertEquals(lines(bench), [removal, "SET a 3"]);
  });
}

Deno.test("due keys do not take the room that was made for a command", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const { effects } = bench.server.dispatcher;
  effects.enable();
  const copy = new Copy();
  const client = bench.connect();
  // Longer than what is always reserved beyond a command's own bytes.
  const key = "due".repeat(100);
  for (let room = 300; room < 900; room += 20) {
    const dueMs = Date.now() + 2;
    client.call("SET", key, "1", "PXAT", dueMs);
    copy.feed(takeAll(effects), "");
    for (let left = 65_528 - room; left > 0;) {
      const byteCount = Math.min(left, 16_000);
      client.call("SET", "pad", "x".repeat(Math.max(0, byteCount - 36)));
      left -= byteCount;
    }
    waitMs(Math.max(0, dueMs + 2 - Date.now()));
    failAfter(1);
    client.call("INCR", key);
    failAfter(-1);
    copy.feed(takeAll(effects), `${room}`);
    copy.assertLike(bench, `${room} bytes of room`);
  }
});
