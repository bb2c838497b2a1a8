/**
 * Hot commands are executed in the engine, which looks ahead over the bytes of
 * a pipeline. Nobody may be able to tell: the same stream goes through two
 * servers, one of which has an observer, so that it executes nothing by itself.
 */
import { assertEquals } from "@std/assert";
import { encodeCommands } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { Bench, bytesOf } from "./harness.ts";
import { ending, stateOf } from "./outcome.ts";
import { anyStream, type Pieces, randomPieces } from "./streams.ts";

const SEED = 20240607;
const STREAMS = 120;

/** Sends the stream in pieces to a new client; gives what he got. */
function replies(bench: Bench, bytes: Uint8Array, pieces: Pieces): string {
  const client = bench.connect();
  let text = "";
  for (const piece of pieces(bytes)) text += client.send(piece);
  text += ending(client);
  client.leave();
  return text;
}

/** Shows only where two long texts part. */
function assertSameText(actual: string, expected: string, label: string) {
  if (actual === expected) return;
  let at = 0;
  while (actual[at] === expected[at]) at++;
  const near = (text: string) => text.slice(Math.max(0, at - 100), at + 100);
  assertEquals(near(actual), near(expected), `${label}, reply byte ${at}`);
}

function observedBench(): Bench {
  const bench = new Bench();
  bench.server.dispatcher.commit.observe(() => {});
  return bench;
}

const whole: Pieces = (bytes) => [bytes];

Deno.test("random streams give the same replies with and without hot execution", () => {
  const hot = new Bench();
  const cold = observedBench();
  for (let seed = SEED; seed < SEED + STREAMS; seed++) {
    const random = new Random(seed);
    for (const bench of [hot, cold]) bench.server.keyspace.flush();
    const bytes = anyStream(random);
    const expected = replies(cold, bytes, randomPieces(random));
    const actual = replies(hot, bytes, randomPieces(random));
    assertSameText(actual, expected, `seed ${seed}`);
    assertEquals(stateOf(hot), stateOf(cold), `state after seed ${seed}`);
    for (const bench of [hot, cold]) {
      while (bench.server.keyspace.reclaimSlice());
      bench.verify();
    }
  }
});

Deno.test("a pipeline gives the same replies wherever it is cut in two", () => {
  const text = latin1(encodeCommands([
    ["SET", "a", "1"],
    ["GET", "a"],
    ["INCR", "a"],
    ["PING"],
    ["APPEND", "a", "x"],
    ["INCR", "a"],
    ["GET", "a"],
  ])) + 'SET b "two words"\r\nGET b\r\n*0\r\n' +
    latin1(encodeCommands([["GET", "b"], ["NOSUCH"], ["SET", "c", ""]])) +
    // The failing one is looked at again together with what stands behind it.
    latin1(encodeCommands([["PING"], ["INCR", "a"], ["PING"]])) +
    "*0\r\nGET 'b'\r\n" +
    latin1(encodeCommands([["GET", "c"], ["PING"], ["INCR", "n"]])) +
    "*1\r\n+PING\r\n" + latin1(encodeCommands([["SET", "a", "never"]]));
  const bytes = bytesOf(text);
  const hot = new Bench();
  const expected = replies(observedBench(), bytes, whole);
  for (let at = 0; at <= bytes.length; at++) {
    hot.server.keyspace.flush();
    const cut: Pieces = (all) => [all.subarray(0, at), all.subarray(at)];
    assertSameText(replies(hot, bytes, cut), expected, `cut at ${at}`);
  }
});

Deno.test("hot execution happens, and only without an observer", () => {
  const bytes = encodeCommands([["SET", "a", "1"], ["GET", "a"], ["PING"]]);
  const counted = (bench: Bench) => {
    replies(bench, bytes, whole);
    return bench.server.dispatcher.statistics.engineProcessed;
  };
  assertEquals(counted(new Bench()), 3);
  assertEquals(counted(observedBench()), 0);
});

Deno.test("hot commands do not see keys that are due", () => {
  const pipeline = encodeCommands([
    ["GET", "a"],
    ["INCR", "b"],
    ["SET", "c", "new"],
    ["GET", "c"],
    ["GET", "b"],
  ]);
  for (const bench of [new Bench(), observedBench()]) {
    const client = bench.connect();
    const dueMs = Date.now() + 10;
    for (const key of "abc") client.call("SET", key, "7", "PXAT", dueMs);
    while (Date.now() <= dueMs);
    assertEquals(
      client.send(pipeline),
      "$-1\r\n:1\r\n+OK\r\n$3\r\nnew\r\n$1\r\n1\r\n",
    );
    assertEquals(client.send("PTTL b\r\nPTTL c\r\n"), ":-1\r\n:-1\r\n");
    assertEquals(bench.server.engine.calls.statExpired(), 3);
  }
});
