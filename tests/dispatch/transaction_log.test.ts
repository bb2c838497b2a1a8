/** A transaction is one change for the log of effects. */
import { assert, assertEquals } from "@std/assert";
import type { EffectLog } from "../../src/dispatch/effect_log.ts";
import { at } from "../support/clock.ts";
import { failingEngine } from "../support/engine.ts";
import { commandsIn, pipelined } from "../support/lines.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { Bench } from "./harness.ts";

function logging(): Bench {
  const bench = new Bench({ "enable-debug-command": "yes" });
  bench.server.dispatcher.effects.enable();
  return bench;
}

function taken(log: EffectLog): string {
  let text = "";
  for (let piece; (piece = log.take()) !== null;) text += latin1(piece);
  assertEquals(log.pendingBytes, 0);
  return text;
}

/** What the log gets for a transaction, and its reply. */
function logged(bench: Bench, ...commands: string[]): string[] {
  const client = bench.connect();
  client.send(pipelined("MULTI", ...commands, "EXEC"));
  return commandsIn(taken(bench.server.dispatcher.effects));
}

Deno.test("several effects stand between MULTI and EXEC, one stands alone", () => {
  const bench = logging();
  const rows: [commands: string[], log: string[]][] = [
    [["SET a 1"], ["SELECT 0", "SET a 1"]],
    [["SET a 1", "GET a"], ["SET a 1"]],
    [["SET a 2", "SET b 1"], ["MULTI", "SET a 2", "SET b 1", "EXEC"]],
    [["GET a", "DEL nothing", "SET a 1 NX"], []],
    [[], []],
    [["INCRBYFLOAT a 1"], ["SET a 3 KEEPTTL"]],
    [["INCRBYFLOAT a 1", "INCR n"], [
      ...["MULTI", "SET a 4 KEEPTTL", "INCR n", "EXEC"],
    ]],
    [["INCR n", "LPUSH n 1", "GETDEL n"], ["MULTI", "INCR n", "DEL n", "EXEC"]],
    [["SELECT 1", "SET a 1"], ["SELECT 1", "SET a 1"]],
    [["SET a 1", "SELECT 2", "SET a 2"], [
      ...["MULTI", "SELECT 0", "SET a 1", "SELECT 2", "SET a 2", "EXEC"],
    ]],
    [["RPUSH l 1 2 3", "LMPOP 1 l LEFT COUNT 2"], [
      ...["MULTI", "SELECT 0", "RPUSH l 1 2 3", "LPOP l 2", "EXEC"],
    ]],
    [["SADD s x", "SPOP s"], ["MULTI", "SADD s x", "SREM s x", "EXEC"]],
    [["SADD s x", "SADD s x"], ["SADD s x"]],
    [["SPOP s", "SPOP s"], ["SREM s x"]],
    [["FLUSHALL", "SWAPDB 0 1"], ["MULTI", "FLUSHALL", "SWAPDB 0 1", "EXEC"]],
  ];
  for (const [commands, log] of rows) {
    assertEquals(logged(bench, ...commands), log, commands.join());
  }
});

Deno.test("a frame within a frame is part of it", () => {
  const bench = logging();
  const client = bench.connect();
  const { effects } = bench.server.dispatcher;
  effects.beginFrame();
  client.call("SET", "a", "1");
  effects.beginFrame();
  client.call("INCRBYFLOAT", "a", "1");
  effects.endFrame();
  client.call("INCR", "b");
  effects.endFrame();
  client.call("INCR", "c");
  assertEquals(commandsIn(taken(effects)), [
    ...["MULTI", "SELECT 0", "SET a 1", "SET a 2 KEEPTTL", "INCR b", "EXEC"],
    "INCR c",
  ]);
});

Deno.test("a due key that a transaction meets goes within it", () => {
  const bench = logging();
  const client = bench.connect();
  client.send(pipelined("MSET a 1 b 2 c 3", "PEXPIRE a 5", "PEXPIRE b 5"));
  taken(bench.server.dispatcher.effects);
  at(Date.now() + 1000, () => {
    assertEquals(logged(bench, "GET a"), ["DEL a"]);
    assertEquals(logged(bench, "INCR c", "GET b"), [
      ...["MULTI", "INCR c", "DEL b", "EXEC"],
    ]);
  });
});

Deno.test("a frame of many pieces is whole, and its copy the same", () => {
  const random = new Random(20_261_122);
  const leader = logging();
  const copy = new Bench();
  const replay = copy.server.dispatcher.replay();
  const client = leader.connect();
  for (let round = 0; round < 60; round++) {
    const commands: string[] = [];
    for (let i = random.int(6); i > 0; i--) {
      const key = `k${random.int(5)}`;
      const long = "x".repeat(random.pick([1, 2000, 70_000]));
      commands.push(random.pick([
        ...[`SET ${key} ${long}`, `APPEND ${key} ${long}`, `GETDEL ${key}`],
        ...[`SET ${key} 1 NX`, `SELECT ${random.int(3)}`, `DEL ${key}`],
      ]));
    }
    client.send(pipelined("MULTI", ...commands, "EXEC"));
    const text = taken(leader.server.dispatcher.effects);
    const count = (word: string) =>
      commandsIn(text).filter((l) => l === word).length;
    assertEquals(count("MULTI"), count("EXEC"), commands.join());
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    assertEquals(replay.feed(bytes), null);
    assert(!replay.isInTransaction);
    assertEquals(
      copy.server.keyspace.digest(),
      leader.server.keyspace.digest(),
    );
  }
  replay.close();
});

Deno.test("the sequence that a reply waits for never goes back", () => {
  const bench = logging();
  const client = bench.connect();
  const { effects } = bench.server.dispatcher;
  client.call("SET", "big", "x".repeat(200_000));
  const seen: number[] = [];
  const { writeAll, write } = client.transport;
  client.transport.writeAll = function (pieces) {
    seen.push(effects.sequence);
    writeAll.call(this, pieces);
  };
  client.transport.write = function (bytes) {
    seen.push(effects.sequence);
    write.call(this, bytes);
  };
  const reads = Array.from({ length: 40 }, () => "GET big");
  client.send(pipelined("MULTI", "INCR n", ...reads, "EXEC"));
  assert(seen.length > 1, "the reply went out in several pieces");
  assert(Math.max(...seen) <= effects.sequence, `${seen}`);
});

Deno.test("without memory a transaction is logged as far as it was done", async () => {
  const long = "x".repeat(3000);
  for (let count = 0; count < 40; count++) {
    const { engine, failAfter } = await failingEngine();
    const leader = new Bench({}, engine);
    leader.server.dispatcher.effects.enable();
    const client = leader.connect();
    client.send(pipelined("SET x 1", "MULTI", `SET b ${long}`, "GETDEL x"));
    client.send(pipelined("SET c 3", `APPEND c ${long.repeat(30)}`));
    failAfter(count);
    client.send(pipelined("EXEC"));
    failAfter(-1);
    const text = taken(leader.server.dispatcher.effects);
    const copy = new Bench();
    const replay = copy.server.dispatcher.replay();
    const bytes = Uint8Array.from(text, (char) => char.charCodeAt(0));
    assertEquals(replay.feed(bytes), null, `${count}`);
    assert(!replay.isInTransaction, `${count}`);
    assertEquals(
      copy.server.keyspace.digest(),
      leader.server.keyspace.digest(),
      `${count}`,
    );
    replay.close();
    client.leave();
    leader.verify();
  }
});
