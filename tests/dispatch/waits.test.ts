/**
 * Clients that wait in the engine for a list. Nobody may be able to tell: they
 * get what those get whose commands are executed one by one.
 */
import { assert, assertEquals } from "@std/assert";
import { encodeCommands, type Word } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { Bench, type BenchClient, bytesOf } from "./harness.ts";
import { ending, stateOf } from "./outcome.ts";

const SEED = 20261121;
const CLIENT_COUNT = 8;

/** Clients of whom the engine knows that they send what it executes itself. */
function hotClients(bench: Bench, count: number): BenchClient[] {
  return Array.from({ length: count }, () => {
    const client = bench.connect();
    assertEquals(client.call("PING"), "+PONG\r\n");
    return client;
  });
}

function offer(client: BenchClient, ...words: Word[]): void {
  client.offer(encodeCommands([words]));
}

function endTurn({ server }: Bench): void {
  server.dispatcher.executeGathered();
}

function waiterCount({ server }: Bench): number {
  return server.dispatcher.blocking.count;
}

function leaveAll(bench: Bench, clients: readonly BenchClient[]): void {
  for (const client of clients) client.leave();
  const { blocking } = bench.server.dispatcher;
  const { count, keyCount, timedCount } = blocking;
  assertEquals([count, keyCount, timedCount], [0, 0, 0]);
  bench.verify();
}

/** What the engine executes by itself, of whoever sends it. */
function hotCommand(random: Random): Word[] {
  const key = `k${random.int(4)}`;
  const side = random.pick(["L", "R"]);
  switch (random.int(4)) {
    case 0:
      return [`${side}POP`, key];
    case 1:
      return [`${side}PUSH`, key, `e${random.int(1000)}`];
    case 2:
      return [`B${side}POP`, key, random.pick([0, 1000, 999_999_999])];
    default:
      return random.chance(0.8) ? [`B${side}POP`, key, 0] : ["PING"];
  }
}

/** All that may happen to those who wait, and to their keys. */
function anyCommands(random: Random): Word[][] {
  const key = `k${random.int(4)}`, other = `k${random.int(4)}`;
  const id = 1 + random.int(CLIENT_COUNT);
  const choices: Word[][][] = [
    [["BLPOP", key, other, 0]],
    [["BLPOP", key, 0.5]],
    [["BRPOP", key, "x"]],
    [["BLPOP", key, -1]],
    [["BLMOVE", key, other, "LEFT", "RIGHT", 0]],
    [["BZPOPMIN", key, 0]],
    [["RPUSH", key, 1, 2, 3]],
    [["ZADD", key, 1, "m"]],
    [["SET", key, "v"]],
    [["DEL", key]],
    [["RENAME", key, other]],
    [["MULTI"], ["RPUSH", key, 1, 2], ["RPOP", key], ["EXEC"]],
    [["MULTI"], ["BLPOP", key, 0], ["EXEC"]],
    [["SELECT", random.int(2)]],
    [["SWAPDB", 0, 1]],
    [["FLUSHALL"]],
    [["CLIENT", "UNBLOCK", id, random.pick(["TIMEOUT", "ERROR"])]],
    [["CLIENT", "KILL", "ID", id]],
    [["LPUSH", key, "p"], ["BLPOP", other, 0], ["PING"]],
    [["BRPOP", key, 0], ["LPUSH", other, "q"], ["BRPOP", other, 0]],
    [["HELLO", random.pick([2, 3])]],
  ];
  return random.chance(0.75) ? [hotCommand(random)] : random.pick(choices);
}

Deno.test("whatever happens to waiters in the engine, they get what others get", async () => {
  for (let seed = SEED; seed < SEED + 60; seed++) {
    const random = new Random(seed);
    const benches = [new Bench(), new Bench()] as const;
    const [ones, others] = benches.map((bench) =>
      hotClients(bench, CLIENT_COUNT)
    );
    for (let step = 0; step < 250; step++) {
      const at = random.int(CLIENT_COUNT);
      const commands = anyCommands(random);
      const bytes = encodeCommands(commands);
      ones[at].offer(bytes);
      endTurn(benches[0]);
      if (!others[at].session.closing) others[at].sendFirst(bytes);
      // Who was held up goes on when the command that ended it is over.
      await Promise.resolve();
      const [actual, expected] = [ones, others].map((clients) =>
        clients.map((client) => [
          client.send("") + ending(client),
          client.session.lastCommand,
        ])
      );
      const context = `seed ${seed}, step ${step}: ${commands}`;
      assertEquals(actual, expected, context);
      assertEquals(waiterCount(benches[0]), waiterCount(benches[1]), context);
    }
    assertEquals(stateOf(benches[0]), stateOf(benches[1]), `seed ${seed}`);
    leaveAll(benches[0], ones);
    leaveAll(benches[1], others);
  }
});

Deno.test("what comes in one turn is done in its order, and the log tells it", () => {
  for (let seed = SEED; seed < SEED + 60; seed++) {
    const random = new Random(seed);
    const [together, alone, copy] = [new Bench(), new Bench(), new Bench()];
    const { effects } = together.server.dispatcher;
    const replay = copy.server.dispatcher.replay();
    if (random.chance(0.7)) effects.enable();
    const ones = hotClients(together, 40);
    const others = hotClients(alone, 40);
    for (let turn = 0; turn < 30; turn++) {
      ones.forEach((one, at) => {
        if (random.chance(0.4) || one.session.waiting !== null) return;
        const bytes = encodeCommands([hotCommand(random)]);
        one.offer(bytes);
        others[at].sendFirst(bytes);
      });
      endTurn(together);
      assertEquals(
        ones.map(({ transport }) => transport.take()),
        others.map(({ transport }) => transport.take()),
        `seed ${seed}, turn ${turn}`,
      );
      together.verify();
    }
    assertEquals(stateOf(together), stateOf(alone), `seed ${seed}`);
    for (let piece; (piece = effects.take()) !== null;) replay.feed(piece);
    if (effects.isOn) {
      assertEquals(
        copy.server.keyspace.digest(),
        together.server.keyspace.digest(),
      );
    }
    leaveAll(together, ones);
    leaveAll(alone, others);
  }
});

/** A bench of which somebody waits for the key `k`, in the engine. */
function withWaiter(...words: Word[]) {
  const bench = new Bench();
  const [waiter, pusher] = hotClients(bench, 2);
  offer(waiter, ...words.length > 0 ? words : ["BLPOP", "k", 0]);
  endTurn(bench);
  assertEquals(waiter.session.waiting?.wait, null, "it waits elsewhere");
  const push = () => {
    pusher.call("PING");
    offer(pusher, "RPUSH", "k", "v");
    endTurn(bench);
  };
  return { bench, waiter, pusher, push };
}

Deno.test("who waits in the engine is served there, and counted when it is over", () => {
  const { bench, waiter, pusher, push } = withWaiter();
  const { statistics } = bench.server.dispatcher;
  const calls = () =>
    [...statistics.uses].map(([{ name }, use]) => [name, use.calls]);
  assertEquals(calls(), [["PING", 2]]);
  assertEquals(waiter.session.lastCommand, "blpop");
  push();
  assertEquals(waiter.transport.take(), "*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
  assertEquals(pusher.transport.take(), ":1\r\n");
  assertEquals(calls(), [["PING", 3], ["RPUSH", 1], ["BLPOP", 1]]);
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("nothing is given to one who was killed while he waited", () => {
  const { bench, waiter, pusher, push } = withWaiter();
  waiter.session.kill();
  push();
  assertEquals(pusher.call("LRANGE", "k", 0, -1), ":1\r\n*1\r\n$1\r\nv\r\n");
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("whoever may not take it any more gets an error, and not the data", () => {
  const { bench, waiter, pusher, push } = withWaiter();
  pusher.call("ACL", "SETUSER", "default", "-blpop");
  push();
  assertEquals(
    waiter.transport.take(),
    "-NOPERM User default has no permissions to run the 'blpop' command\r\n",
  );
  assertEquals(pusher.call("LLEN", "k"), ":1\r\n:1\r\n");
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("its timeout ends the waiting", async () => {
  const { bench, waiter, pusher } = withWaiter("BRPOP", "k", 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const { write } = waiter.transport;
  waiter.transport.write = (bytes) => {
    write.call(waiter.transport, bytes);
    resolve();
  };
  await promise;
  assertEquals(waiter.transport.take(), "*-1\r\n");
  assertEquals(waiter.call("PING"), "+PONG\r\n");
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("CLIENT LIST and the memory of clients know who waits in the engine", () => {
  const { bench, waiter, pusher } = withWaiter();
  assert(waiter.session.describe().includes("flags=b"));
  const { host } = waiter.session;
  assert(host.argumentBytes(waiter.session) > 0);
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("nor to one whose input found no memory", () => {
  const { bench, waiter, pusher, push } = withWaiter();
  const { calls } = bench.server.engine;
  calls.setCeiling(0);
  for (
    let i = 0;
    !pusher.call("SETRANGE", i, 60_000, "x").startsWith("-");
    i++
  );
  waiter.send(bytesOf(`*2\r\n$3\r\nGET\r\n$90000\r\n${"k".repeat(80_000)}`));
  assertEquals(ending(waiter), "|closed");
  calls.setCeiling(Infinity);
  push();
  assertEquals(pusher.call("LLEN", "k"), ":1\r\n:1\r\n");
  leaveAll(bench, [waiter, pusher]);
});

Deno.test("without room in the log a waiter is served all the same", () => {
  const random = new Random(SEED);
  const bench = new Bench();
  const { engine: { calls }, dispatcher } = bench.server;
  dispatcher.effects.enable();
  const clients = hotClients(bench, 3);
  const [waiter, pusher, other] = clients;
  // From here on there is room for small things, and not for a piece of a log.
  calls.setCeiling(0);
  for (const byteCount of [1e6, 60_000]) {
    const fill = (i: number) =>
      other.call("SETRANGE", `${byteCount}:${i}`, byteCount, "x");
    for (let i = 0; !fill(i).startsWith("-OOM"); i++);
  }
  const key = "k".repeat(1000);
  for (let i = 0; i < 500; i++) {
    offer(waiter, "BLPOP", key, 0);
    endTurn(bench);
    offer(pusher, "RPUSH", key, "v".repeat(random.int(500)));
    endTurn(bench);
    const [got, replied] = [waiter, pusher].map(({ transport }) =>
      transport.take().slice(0, 4)
    );
    assertEquals([got, replied], ["*2\r\n", ":1\r\n"]);
  }
  leaveAll(bench, clients);
});
