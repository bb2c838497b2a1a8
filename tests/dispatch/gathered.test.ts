/**
 * What many clients send in a turn of the loop is executed together. Nobody may
 * be able to tell: everyone gets the replies that he would get alone.
 */
import { assert, assertEquals } from "@std/assert";
import { GATHERED_SHARES } from "../../src/engine/codes.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { Bench, type BenchClient, bytesOf } from "./harness.ts";
import { ending, stateOf } from "./outcome.ts";
import { anyStream, randomPieces } from "./streams.ts";

const SEED = 20261121;

/** The turn ends, and those who are held get theirs. */
function endTurn(clients: readonly BenchClient[]): void {
  clients[0].server.dispatcher.executeGathered();
  for (const client of clients) {
    while (client.session.isHeld && !client.session.closing) client.goOn();
  }
}

/** A client of whom the engine knows that he sends what it executes itself. */
function hotClient(bench: Bench): BenchClient {
  const client = bench.connect();
  assertEquals(client.call("PING"), "+PONG\r\n");
  return client;
}

Deno.test("a client alone gets the same replies with and without gathering", () => {
  const gathering = new Bench();
  const plain = new Bench();
  for (let seed = SEED; seed < SEED + 100; seed++) {
    const random = new Random(seed);
    for (const bench of [gathering, plain]) bench.server.keyspace.flush();
    const bytes = anyStream(random);
    const pieces = randomPieces(random);
    const one = gathering.connect();
    const other = plain.connect();
    let actual = "", expected = "";
    for (const piece of pieces(bytes)) {
      one.offer(piece);
      // Sometimes more comes in before the turn is over.
      if (random.chance(0.8)) endTurn([one]);
      actual += one.transport.take();
    }
    endTurn([one]);
    actual += one.transport.take() + ending(one);
    for (const piece of pieces(bytes)) expected += other.send(piece);
    expected += ending(other);
    assert(actual === expected, `seed ${seed}`);
    assertEquals(
      stateOf(gathering),
      stateOf(plain),
      `state after seed ${seed}`,
    );
    one.leave();
    other.leave();
  }
  gathering.verify();
});

/** A command that nobody else's commands can meet. */
function ownCommand(random: Random, owner: number): string {
  const key = `${owner}:${random.int(3)}`;
  const value = random.chance(0.05)
    ? "v".repeat(random.pick([1000, 16_384, 16_385, 20_000]))
    : `${random.int(50)}`;
  const commands: Word[][] = [
    ["SET", key, value],
    ["GET", key],
    ["GET", key],
    ["INCR", key],
    ["PING"],
    ["RPUSH", `${key}:l`, value],
    ["LPOP", `${key}:l`],
    ["SADD", `${key}:s`, value],
    ["HSET", `${key}:h`, value, value],
    ["HGET", `${key}:h`, value],
    ["HGETALL", `${key}:h`],
    ["ZADD", `${key}:z`, value, value],
    ["ZPOPMIN", `${key}:z`],
    ["MSET", key, value, `${key}:x`, value],
    ["SET", `${key}:l`, value],
    ["DEL", `${key}:l`],
    ["HELLO", random.chance(0.5) ? 3 : 2],
    ["SELECT", random.int(3)],
    ["APPEND", key, value],
    ["NOSUCH", key],
    ["GET"],
  ];
  if (random.chance(0.03)) return `GET "${key}"\r\n`;
  // Mostly what the engine executes by itself.
  const most = random.chance(0.9) ? 14 : commands.length;
  return latin1(encodeCommands([commands[random.int(most)]]));
}

Deno.test("everyone gets his own replies, in order, and the log all changes", () => {
  const together = new Bench();
  const alone = new Bench();
  const copy = new Bench();
  const { effects } = together.server.dispatcher;
  const replay = copy.server.dispatcher.replay();
  effects.enable();
  for (let seed = SEED; seed < SEED + 40; seed++) {
    const random = new Random(seed);
    for (const bench of [together, alone, copy]) bench.server.keyspace.flush();
    const clientCount = 1 + random.int(60);
    const clients = Array.from({ length: clientCount }, () => ({
      one: together.connect(),
      other: alone.connect(),
      bytes: bytesOf(""),
      at: 0,
    }));
    clients.forEach((client, owner) => {
      let text = "";
      for (let i = random.int(80); i >= 0; i--) {
        text += ownCommand(random, owner);
      }
      if (random.chance(0.05)) text += "*1\r\n+PING\r\n";
      client.bytes = bytesOf(text);
    });
    const most = random.pick([10, 100, 3000, 20_000]);
    while (clients.some(({ bytes, at }) => at < bytes.length)) {
      for (const client of clients) {
        if (random.chance(0.3)) continue;
        const end = client.at + 1 + random.int(most);
        client.one.offer(client.bytes.subarray(client.at, end));
        client.at = end;
      }
      endTurn(clients.map(({ one }) => one));
    }
    clients.forEach(({ one, other, bytes }, owner) => {
      const expected = other.send(bytes) + ending(other);
      const actual = one.transport.take() + ending(one);
      assert(actual === expected, `seed ${seed}, client ${owner}`);
      assertEquals(one.session.lastCommand, other.session.lastCommand);
    });
    assertEquals(stateOf(together), stateOf(alone), `state after seed ${seed}`);
    for (let piece; (piece = effects.take()) !== null;) replay.feed(piece);
    assertEquals(
      copy.server.keyspace.digest(),
      together.server.keyspace.digest(),
    );
    for (const { one, other } of clients) {
      one.leave();
      other.leave();
    }
    together.verify();
  }
});

Deno.test("nothing is executed before the turn ends, then in the order of arrival", () => {
  const bench = new Bench();
  const clients = Array.from({ length: 5 }, () => hotClient(bench));
  for (const client of clients) client.offer(bytesOf("INCR n\r\n".repeat(1)));
  // An inline command is left to the usual path; the others wait.
  assertEquals(clients.map(({ transport }) => transport.take()).join(""), "");
  endTurn(clients);
  assertEquals(
    clients.map(({ transport }) => transport.take()),
    [1, 2, 3, 4, 5].map((n) => `:${n}\r\n`),
  );
  for (const client of clients) {
    client.offer(encodeCommands([["INCR", "n"], ["INCR", "n"]]));
  }
  assertEquals(bench.connect().call("GET", "n"), "$1\r\n5\r\n");
  endTurn(clients);
  assertEquals(
    clients.map(({ transport }) => transport.take()),
    [6, 8, 10, 12, 14].map((n) => `:${n}\r\n:${n + 1}\r\n`),
  );
});

Deno.test("nothing of a client is executed that was killed before his turn", () => {
  const bench = new Bench();
  const clients = Array.from({ length: 3 }, () => hotClient(bench));
  for (const client of clients) client.offer(encodeCommands([["INCR", "n"]]));
  clients[1].session.kill();
  endTurn(clients);
  assertEquals(
    clients.map(({ transport }) => transport.take()),
    [":1\r\n", "", ":2\r\n"],
  );
});

Deno.test("who may no longer be served by the engine alone is served all the same", () => {
  const bench = new Bench();
  const clients = Array.from({ length: 3 }, () => hotClient(bench));
  const changes: string[] = [];
  for (const client of clients) client.offer(encodeCommands([["INCR", "n"]]));
  const { commit } = bench.server.dispatcher;
  const leave = commit.observe(({ effects }) => {
    for (const { event } of effects) changes.push(event);
  });
  endTurn(clients);
  leave();
  assertEquals(changes, ["incrby", "incrby", "incrby"]);
  assertEquals(
    clients.map(({ transport }) => transport.take()),
    [":1\r\n", ":2\r\n", ":3\r\n"],
  );
});

Deno.test("more clients than a batch has room for are served in one turn", () => {
  const bench = new Bench();
  const count = 2 * GATHERED_SHARES + 10;
  const clients = Array.from({ length: count }, () => hotClient(bench));
  const value = "x".repeat(100);
  clients.forEach((client, i) => {
    client.offer(encodeCommands([["SET", `k${i}`, value], ["INCR", "n"]]));
  });
  endTurn(clients);
  clients.forEach(({ transport }, i) => {
    assertEquals(transport.take(), `+OK\r\n:${i + 1}\r\n`);
  });
  assertEquals(bench.connect().call("DBSIZE"), `:${count + 1}\r\n`);
});

Deno.test("replies that fill the output several times reach their clients", () => {
  const bench = new Bench();
  const clients = Array.from({ length: 40 }, () => hotClient(bench));
  const value = (i: number) => `${i}`.padEnd(16_000, "v");
  clients.forEach((client, i) => client.call("SET", `k${i}`, value(i)));
  clients.forEach((client, i) => {
    client.offer(encodeCommands([["GET", `k${i}`], ["GET", `k${i}`]]));
  });
  endTurn(clients);
  clients.forEach(({ transport }, i) => {
    assertEquals(transport.take(), `$16000\r\n${value(i)}\r\n`.repeat(2));
  });
});

Deno.test("a reply without memory costs only its own client", () => {
  const bench = new Bench();
  const { calls } = bench.server.engine;
  const clients = Array.from({ length: 3 }, () => hotClient(bench));
  clients[0].call("HSET", "hash", "field", "v".repeat(3_000_000));
  // From here on the engine gets no more memory from the system.
  calls.setCeiling(0);
  const fill = (i: number) =>
    clients[0].call("SETRANGE", `${i}`, 1_000_000, "x");
  for (let i = 0; !fill(i).startsWith("-OOM"); i++);
  clients.forEach((client) => client.call("PING"));
  clients.forEach((client, i) => {
    const command = i === 1 ? ["HGET", "hash", "field"] : ["PING"];
    client.offer(encodeCommands([command, ["PING"]]));
  });
  endTurn(clients);
  calls.setCeiling(Infinity);
  assertEquals(clients.map(ending), ["", "|destroyed", ""]);
  const pongs = "+PONG\r\n".repeat(2);
  assertEquals(clients[0].transport.take(), pongs);
  assertEquals(clients[2].transport.take(), pongs);
  bench.verify();
});
