/** One client's pipeline must not keep the others waiting, nor fill the memory. */
import { assert, assertEquals } from "@std/assert";
import { UNREAD_MAX_BYTES } from "../../src/dispatch/session.ts";
import { encodeCommands, type Word } from "../support/client.ts";
import { Bench } from "./harness.ts";

const MEBIBYTE = 2 ** 20;

function repeated(count: number, ...words: Word[]): Uint8Array<ArrayBuffer> {
  return encodeCommands(Array.from({ length: count }, () => words));
}

/** A bench with values under "big" (1 MiB) and "small" (10 KiB). */
function filledBench(): Bench {
  const bench = new Bench();
  const client = bench.connect();
  client.call("SET", "big", "b".repeat(MEBIBYTE));
  client.call("SET", "small", "s".repeat(10_240));
  client.leave();
  return bench;
}

for (const [key, most] of [["big", 3.5], ["small", 3]] as const) {
  Deno.test(`a turn ends soon after two megabytes of replies (${key} values)`, () => {
    const client = filledBench().connect();
    client.sendFirst(repeated(1000, "GET", key));
    let replyBytes = client.transport.takeLength();
    let turnCount = 1;
    while (client.session.isHeld) {
      assert(replyBytes > 0 && replyBytes < most * MEBIBYTE, `${replyBytes}`);
      client.goOn();
      replyBytes = client.transport.takeLength();
      turnCount++;
    }
    assert(turnCount > 4, `${turnCount} turns`);
    assertEquals(client.session.input, 0);
  });
}

Deno.test("a held pipeline gives all replies in order, whatever comes in between", () => {
  const bench = filledBench();
  const client = bench.connect();
  const bytes = encodeCommands(
    Array.from({ length: 60 }, (_, i) => [
      ["GET", "big"],
      ["ECHO", `${i}`],
    ]).flat(),
  );
  let replies = "";
  // More bytes come in while the first ones wait for their turn.
  for (let at = 0; at < bytes.length; at += 100) {
    client.sendFirst(bytes.subarray(at, at + 100));
    replies += client.transport.take();
  }
  while (client.session.isHeld) {
    client.goOn();
    replies += client.transport.take();
  }
  const big = `$${MEBIBYTE}\r\n${"b".repeat(MEBIBYTE)}\r\n`;
  const echoes = replies.split(big).slice(1);
  assertEquals(
    echoes,
    echoes.map((_, i) => `$${`${i}`.length}\r\n${i}\r\n`),
  );
  assertEquals(echoes.length, 60);
});

Deno.test("nothing is executed for whoever leaves too much unread", () => {
  const bench = filledBench();
  const client = bench.connect();
  client.transport.pendingBytes = UNREAD_MAX_BYTES + 1;
  client.sendFirst(repeated(3, "INCR", "n"));
  assertEquals(client.transport.take(), "");
  assert(client.session.isHeld);
  assertEquals(bench.connect().send("EXISTS n\r\n"), ":0\r\n");
  client.transport.pendingBytes = 0;
  client.goOn();
  assertEquals(client.transport.take(), ":1\r\n:2\r\n:3\r\n");
  assert(!client.session.isHeld);
});

Deno.test("slow commands end a turn too", () => {
  const bench = new Bench();
  const client = bench.connect();
  client.call("SETBIT", "bits", 200_000_000, 1);
  client.sendFirst(repeated(200, "BITCOUNT", "bits"));
  const first = client.transport.takeLength();
  assert(first > 0 && first < 200 * ":1\r\n".length, `${first} bytes`);
  assert(client.session.isHeld);
  client.leave();
  bench.verify();
});

/** How many of its commands a client gets an answer to in its first turn. */
function answeredAtFirst(bench: Bench, requests: Uint8Array): number {
  const client = bench.connect();
  const real = performance.now;
  let nowMs = real.call(performance);
  // Whatever is measured takes a tenth of a millisecond.
  performance.now = () => nowMs += 0.1;
  try {
    client.sendFirst(requests);
  } finally {
    performance.now = real;
  }
  const count = client.transport.take().split("\r\n").length - 1;
  assertEquals(client.session.isHeld, true);
  client.leave();
  return count;
}

Deno.test("commands that nobody knows end a turn too", () => {
  const count = answeredAtFirst(new Bench(), repeated(1000, "NONSENSE"));
  assert(count > 0 && count <= 25, `${count} answers`);
});

Deno.test("the turn of one who has not given the password is short", () => {
  const guesses = repeated(1000, "AUTH", "a guess");
  const strangers = answeredAtFirst(new Bench({ requirepass: "x" }), guesses);
  assert(strangers > 0 && strangers <= 6, `${strangers} answers`);
  const others = answeredAtFirst(new Bench(), guesses);
  assert(others > strangers, `${others} answers`);
});

Deno.test("whoever goes while he is held leaves nothing behind", () => {
  const bench = filledBench();
  const usedBytes = () => bench.server.engine.calls.usedBytes();
  const visit = () => {
    const client = bench.connect();
    client.sendFirst(repeated(2000, "GET", "big"));
    assert(client.session.isHeld);
    client.leave();
  };
  visit();
  const before = usedBytes();
  for (let i = 0; i < 10; i++) visit();
  assertEquals(usedBytes(), before);
});

Deno.test("when the input finds no memory, the replies before it are his alone", () => {
  const bench = new Bench();
  const filler = bench.connect();
  const client = bench.connect();
  // From here on the engine gets no more memory from the system.
  bench.server.engine.calls.setCeiling(0);
  for (const bytes of [1_000_000, 50_000, 4000, 200]) {
    const set = (i: number) =>
      filler.call("SETRANGE", `${bytes}:${i}`, bytes, "x");
    for (let i = 0; !set(i).startsWith("-OOM"); i++);
  }
  const long = encodeCommands([["PING"], ["SET", "a", "x".repeat(500_000)]]);
  assertEquals(client.send(long), "+PONG\r\n");
  assert(client.transport.ended);
  client.leave();
  assertEquals(bench.connect().send("PING\r\n"), "+PONG\r\n");
  bench.verify();
});
