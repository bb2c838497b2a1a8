/**
 * Queued commands are parsed once more and executed like any others: the same
 * commands within transactions and without them come to the same.
 */
import { assert, assertEquals } from "@std/assert";
import { LINES } from "../commands/command_lines.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { failingEngine } from "../support/engine.ts";
import { Random } from "../support/random.ts";
import { Bench } from "./harness.ts";
import { stateOf } from "./outcome.ts";
import { randomPieces } from "./streams.ts";

const SEED = 20_261_123;
const ROUNDS = 60;
const QUEUED = "+QUEUED\r\n";

/** What replies at random, which no second run repeats. */
const RANDOM = /^(SPOP|SRANDMEMBER|HRANDFIELD|ZRANDMEMBER)/;
const USUAL = Object.values(LINES).flat()
  .filter((line) => !RANDOM.test(line)).map((line) => line.split(" "));

function anyCommand(random: Random): Word[] {
  const key = random.pick(["a", "n", "l", "s", "h", "z"]);
  if (random.chance(0.3)) return random.pick(USUAL);
  return random.pick<Word[]>([
    ["GET", key],
    ["SET", key, random.pick(["1", "text", "x".repeat(20_000)])],
    ["INCR", key],
    ["PING"],
    ["LPUSH", key, "1"],
    ["LPOP", key],
    ["SADD", key, random.int(9)],
    ["HSET", key, "f", random.int(9)],
    ["ZADD", key, random.int(9), "m"],
    ["PFADD", "p", random.int(99)],
    ["MSET", key, "1", "b", "2"],
    ["SELECT", random.int(2)],
    ["MGET", key, "n"],
  ]);
}

/** All but what tells of the transactions themselves. */
function state(bench: Bench) {
  const { processed: _, uses, ...others } = stateOf(bench);
  return { ...others, uses: uses.filter((use) => !/^(multi|exec) /.test(use)) };
}

Deno.test("a transaction does and replies what its commands do alone", () => {
  console.log(`seed ${SEED}`);
  const random = new Random(SEED);
  const [plain, framed] = [new Bench(), new Bench()];
  for (let round = 0; round < ROUNDS; round++) {
    const client = plain.connect();
    const other = framed.connect();
    const commands = Array.from(
      { length: random.int(60) },
      () => anyCommand(random),
    );
    let expected = "+OK\r\n" + QUEUED.repeat(commands.length) +
      `*${commands.length}\r\n`;
    let got = "";
    const bytes = encodeCommands([["MULTI"], ...commands, ["EXEC"]]);
    for (const piece of randomPieces(random)(bytes)) got += other.send(piece);
    for (const piece of randomPieces(random)(encodeCommands(commands))) {
      expected += client.send(piece);
    }
    assert(got === expected, `the replies of round ${round}`);
    assertEquals(other.session.database, client.session.database);
    client.leave();
    other.leave();
  }
  assertEquals(state(framed), state(plain));
  framed.verify();
});

Deno.test("without memory nothing is watched or queued by halves", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const { calls } = engine;
  const keys = Array.from({ length: 200 }, (_, i) => `key${i}`);
  bench.connect().call("SET", "key199", "1");
  const before = calls.usedBytes();
  let failures = 0;
  for (let count = 0; count < 300; count++) {
    const client = bench.connect();
    failAfter(count);
    const watched = client.call("WATCH", ...keys);
    failAfter(-1);
    assertEquals(calls.verifyWatchers(), 0);
    if (watched.startsWith("-OOM")) failures++;
    else assertEquals(calls.watchedCount(), keys.length);
    client.call("UNWATCH");
    assertEquals(calls.watchedCount(), 0);
    client.call("MULTI");
    client.call("INCR", "n");
    failAfter(count % 3);
    const queued = client.call("APPEND", "n", "x".repeat(9000));
    failAfter(-1);
    const done = client.call("EXEC");
    if (queued === QUEUED) assert(done.startsWith("*2\r\n"), done);
    else assert(done.startsWith("-EXECABORT"), `${queued} ${done}`);
    client.call("DEL", "n");
    client.leave();
    while (calls.reclaim(1000) > 0);
    assertEquals(calls.usedBytes(), before, `${count}`);
  }
  assert(failures > 50, `${failures}`);
  bench.verify();
});

Deno.test("a queued command that finds no memory in the end ends its client", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const before = engine.calls.usedBytes();
  const many = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  const ends = new Set<string>();
  for (let count = 0; count < 8; count++) {
    const client = bench.connect();
    client.send(encodeCommands([["MULTI"], ["DEL", ...many], ["PING"]]));
    failAfter(count);
    const reply = client.call("EXEC");
    failAfter(-1);
    ends.add(client.session.closing ? "closed" : reply.slice(0, 4));
    client.leave();
    assertEquals(engine.calls.usedBytes(), before);
  }
  assertEquals([...ends], ["-OOM", "closed", "*2\r\n"]);
  bench.verify();
});
