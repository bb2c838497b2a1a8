/** Commands that wait for data: who is served, when, in what order, with what. */
import { assert, assertEquals } from "@std/assert";
import type { Change } from "../../src/dispatch/commit.ts";
import { Bench } from "../dispatch/harness.ts";
import { failingEngine } from "../support/engine.ts";
import { flat } from "../support/lines.ts";
import { latin1 } from "../support/reply.ts";
import { Room } from "./room.ts";

/**
 * A test of a room: with hot execution, with somebody who observes, and when
 * the engine gets what is sent together with what others send.
 */
function test(name: string, rows: readonly [line: string, got: string][]) {
  for (const way of ["", ", observed", ", gathered"]) {
    Deno.test(`${name}${way}`, async () => {
      const room = new Room(new Bench(), way === ", gathered");
      if (way === ", observed") {
        room.bench.server.dispatcher.commit.observe(() => {});
      }
      try {
        await room.assert(rows);
      } finally {
        room.close();
      }
    });
  }
}

test("what is there is taken at once", [
  ["a: RPUSH k 1 2", "a: :2"],
  ["b: BLPOP none k 0", "b: *2 $1 k $1 1"],
  ["b: BRPOP none k 0", "b: *2 $1 k $1 2"],
  ["b: BLPOP k -1", "b: -ERR timeout is negative"],
]);

test("whoever came first is served first, each with one element", [
  ["b: BLPOP k 0", ""],
  ["c: BRPOP k 0", ""],
  ["d: BLPOP k 0", ""],
  ["a: RPUSH k 1 2", "a: :2 | b: *2 $1 k $1 1 | c: *2 $1 k $1 2"],
  ["a: EXISTS k", "a: :0"],
  ["a: RPUSH k 3 4", "a: :2 | d: *2 $1 k $1 3"],
  ["a: LRANGE k 0 -1", "a: *1 $1 4"],
]);

test("a waiter is served between two commands of a pipeline", [
  ["b: BLPOP k 0", ""],
  [
    "a: SET x 1; RPUSH k 1; LLEN k; RPUSH k 2; LLEN k",
    "a: +OK :1 :0 :1 :1 | b: *2 $1 k $1 1",
  ],
]);

test("but after a transaction, and not when it takes the data back", [
  ["b: BLPOP k 0", ""],
  ["a: MULTI; RPUSH k 1; DEL k; EXEC", "a: +OK +QUEUED +QUEUED *2 :1 :1"],
  [
    "a: MULTI; RPUSH k 1; LPUSH k 0; LLEN k; EXEC",
    "a: +OK +QUEUED +QUEUED +QUEUED *3 :1 :2 :2 | b: *2 $1 k $1 0",
  ],
  [
    "a: MULTI; BLPOP none 0; BLMOVE none k LEFT LEFT 0; BZPOPMIN none 0; EXEC",
    "a: +OK +QUEUED +QUEUED +QUEUED *3 *-1 $-1 *-1",
  ],
]);

test("several keys, one of them more than once", [
  ["b: BLPOP k1 k2 k2 k1 0", ""],
  [
    "a: MULTI; RPUSH k2 2; RPUSH k1 1; EXEC",
    "a: +OK +QUEUED +QUEUED *2 :1 :1 | b: *2 $2 k1 $1 1",
  ],
  ["a: LRANGE k2 0 -1", "a: *1 $1 2"],
]);

test("keys that come in another way", [
  ["a: RPUSH from 1 2 3 4 5 6 7 8 9", "a: :9"],
  ["b: BLPOP k 0", ""],
  ["a: COPY from k", "a: :1 | b: *2 $1 k $1 1"],
  ["a: DEL k", "a: :1"],
  ["b: BLPOP k 0", ""],
  ["a: LMOVE from k LEFT LEFT", "a: $1 1 | b: *2 $1 k $1 1"],
  ["b: BLPOP k 0", ""],
  ["a: SORT from STORE k", "a: :8 | b: *2 $1 k $1 2"],
  ["a: DEL k", "a: :1"],
  ["b: SELECT 1; BLPOP from 0", "b: +OK"],
  ["a: MOVE from 1", "a: :1 | b: *2 $4 from $1 2"],
  ["b: BLPOP other 0", ""],
  ["c: SELECT 1; RENAME from other", "c: +OK +OK | b: *2 $5 other $1 3"],
  ["a: BLPOP other 0", ""],
  ["c: SWAPDB 0 1", "c: +OK | a: *2 $5 other $1 4"],
]);

test("a key of another type serves nobody until it is replaced", [
  ["b: BLPOP k 0", ""],
  ["c: BZPOPMIN k 0", ""],
  ["a: SET k x", "a: +OK"],
  ["a: FLUSHALL", "a: +OK"],
  ["a: ZADD k 1 x 2 y", "a: :2 | c: *3 $1 k $1 x $1 1"],
  ["a: RPUSH l 1", "a: :1"],
  ["a: RENAME l k", "a: +OK | b: *2 $1 k $1 1"],
]);

test("sorted sets, whatever makes them", [
  ["b: BZPOPMAX k 0", ""],
  ["c: BZMPOP 0 1 k MIN COUNT 2", ""],
  [
    "a: ZADD k 1 x 2 y 3 z 4 w",
    "a: :4 | b: *3 $1 k $1 w $1 4 | " +
    "c: *2 $1 k *2 *2 $1 x $1 1 *2 $1 y $1 2",
  ],
  ["b: BZPOPMIN sum 0", ""],
  ["a: ZUNIONSTORE sum 1 k", "a: :1 | b: *3 $3 sum $1 z $1 3"],
  [
    "b: HELLO 3; BZPOPMIN z 0",
    `b: ${(await new Room().say("b: HELLO 3")).slice(3)}`,
  ],
  ["a: ZINCRBY z 1.5 m", "a: $3 1.5 | b: *3 $1 z $1 m ,1.5"],
]);

test("a chain of waiters who move elements", [
  ["b: BLMOVE k1 k2 LEFT RIGHT 0", ""],
  ["c: BRPOPLPUSH k2 k3 0", ""],
  ["d: BLMPOP 0 2 none k3 LEFT COUNT 3", ""],
  ["a: RPUSH k1 1", "a: :1 | b: $1 1 | c: $1 1 | d: *2 $2 k3 *1 $1 1"],
  ["a: DBSIZE", "a: :0"],
]);

test("a destination of another type", [
  ["b: BLMOVE k dest LEFT RIGHT 0", ""],
  ["a: SET dest x", "a: +OK"],
  [
    "a: RPUSH k 1",
    "a: :1 | b: -WRONGTYPE Operation against a key holding " +
    "the wrong kind of value",
  ],
  ["a: LRANGE k 0 -1", "a: *1 $1 1"],
]);

test("what a waiter has sent waits with it", [
  ["b: BLPOP k 0; PING; BLPOP k 0; PING", ""],
  ["a: RPUSH k 1", "a: :1 | b: *2 $1 k $1 1 +PONG"],
  ["a: RPUSH k 2", "a: :1 | b: *2 $1 k $1 2 +PONG"],
]);

test("a waiter who does not want replies gets none", [
  ["b: CLIENT REPLY OFF; BLPOP k 0", ""],
  ["a: RPUSH k 1", "a: :1"],
  ["a: EXISTS k", "a: :0"],
]);

test("CLIENT UNBLOCK", [
  ["a: PING", "a: +PONG"],
  ["b: BLPOP k 0", ""],
  ["c: BLMOVE k k LEFT LEFT 0", ""],
  ["a: CLIENT UNBLOCK 1", "a: :0"],
  ["a: CLIENT UNBLOCK x", "a: -ERR value is not an integer or out of range"],
  [
    "a: CLIENT UNBLOCK 2 SOON",
    "a: -ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR",
  ],
]);

Deno.test("CLIENT UNBLOCK, CLIENT LIST and INFO know who waits", async () => {
  const room = new Room();
  const { server } = room.bench;
  await room.say("b: BLPOP k l 0");
  await room.say("c: BLPOP k 100");
  const { blocking } = server.dispatcher;
  assertEquals(
    [blocking.count, blocking.keyCount, blocking.timedCount],
    [2, 2, 1],
  );
  assert(room.client("b").session.describe().includes(" flags=b "));
  assert(server.info(["clients"]).includes("blocked_clients:2\r\n"));
  assert(room.client("b").session.unblock(false));
  assert(!room.client("b").session.unblock(false));
  assertEquals(await room.say("a: ECHO x"), "a: $1 x | b: *-1");
  assert(room.client("c").session.unblock(true));
  assertEquals(
    await room.say("a: ECHO x"),
    "a: $1 x | c: -UNBLOCKED client unblocked via CLIENT UNBLOCK",
  );
  assert(room.client("b").session.describe().includes(" flags=N "));
  room.close();
});

Deno.test("who has left is served no more", async () => {
  const room = new Room();
  await room.say("b: BLPOP k 0");
  await room.say("c: BLPOP k 0");
  await room.say("d: BLPOP k 0");
  room.client("b").leave();
  room.client("c").session.kill();
  assertEquals(await room.say("a: RPUSH k 1 2"), "a: :2 | d: *2 $1 k $1 1");
  assertEquals(await room.say("a: LLEN k"), "a: :1");
  room.close();
});

Deno.test("time is up, to the millisecond", async () => {
  const room = new Room();
  const startMs = performance.now();
  await room.say("b: BLPOP k 30");
  await room.say("c: BZPOPMIN k 0.011; PING");
  const { session, transport } = room.client("c");
  const over = Promise.withResolvers<number>();
  session.awakened = () => over.resolve(performance.now());
  const endMs = await over.promise;
  assert(endMs - startMs >= 11);
  assertEquals(transport.take(), "*-1\r\n");
  assertEquals(await room.say("c: PING"), "c: +PONG +PONG");
  assertEquals(room.bench.server.dispatcher.blocking.timedCount, 1);
  assertEquals(await room.say("a: RPUSH k 1"), "a: :1 | b: *2 $1 k $1 1");
  room.close();
});

Deno.test("others learn what the serving amounts to, behind its cause", async () => {
  const room = new Room();
  const seen: string[] = [];
  room.bench.server.dispatcher.commit.observe(({ commands }: Change) => {
    for (const words of commands) seen.push(words.map(latin1).join(" "));
  });
  const rows = [
    ["BLPOP k 0", "RPUSH k 1", "LPOP k"],
    ["BRPOP k 0", "RPUSH k 1", "RPOP k"],
    ["BLMOVE k d LEFT RIGHT 0", "RPUSH k 1", "LMOVE k d LEFT RIGHT"],
    ["BRPOPLPUSH k d 0", "RPUSH k 1", "RPOPLPUSH k d"],
    ["BLMPOP 0 1 k LEFT COUNT 5", "RPUSH k 1 2", "LPOP k 2"],
    ["BZPOPMIN k 0", "ZADD k 1 x", "ZPOPMIN k"],
    ["BZPOPMAX k 0", "ZADD k 1 x", "ZPOPMAX k"],
    ["BZMPOP 0 1 k MAX COUNT 5", "ZADD k 1 x", "ZPOPMAX k 1"],
  ];
  for (const [wait, cause, effect] of rows) {
    await room.say(`b: ${wait}`);
    seen.length = 0;
    await room.say(`a: ${cause}`);
    assertEquals(seen, [cause, effect]);
  }
  room.close();
});

Deno.test("the log has it behind its cause, a transaction as a whole", async () => {
  const room = new Room();
  const { effects } = room.bench.server.dispatcher;
  effects.enable();
  await room.say("b: BLPOP k 0");
  await room.say("a: RPUSH k 1; RPUSH other 2");
  await room.say("b: BLMOVE k other LEFT LEFT 0");
  await room.say("a: MULTI; RPUSH k 3; SET x 1; EXEC");
  const log = flat(latin1(effects.take() ?? new Uint8Array()));
  const words = log.split(" ").filter((word) => !/^[*$]/.test(word));
  assertEquals(
    words.join(" "),
    "SELECT 0 RPUSH k 1 LPOP k RPUSH other 2 " +
      "MULTI RPUSH k 3 SET x 1 EXEC LMOVE k other LEFT LEFT",
  );
  room.close();
});

Deno.test("without memory nobody waits, and nothing is left behind", async () => {
  const { engine, failAfter } = await failingEngine();
  const room = new Room(new Bench({}, engine));
  await room.say("b: BLPOP k1 0");
  for (let count = 0; count < 4; count++) {
    failAfter(count);
    const reply = room.client("a").call("BLPOP", "k1", "k2", "k3", "0");
    failAfter(-1);
    const { blocking } = room.bench.server.dispatcher;
    if (reply === "") {
      assertEquals([blocking.count, blocking.keyCount], [2, 3]);
      break;
    }
    assert(count < 3 && reply.startsWith("-OOM"), reply);
    assertEquals([blocking.count, blocking.keyCount], [1, 1]);
  }
  assertEquals(await room.say("c: RPUSH k3 x"), "c: :1 | a: *2 $2 k3 $1 x");
  room.close();
});

Deno.test("thousands wait for keys of their own", () => {
  const room = new Room();
  for (let i = 0; i < 1000; i++) {
    room.client(`${i}`).call("BLPOP", `own${i}`, "all", "0");
  }
  const one = room.bench.connect();
  for (let i = 999; i > 0; i -= 2) {
    assertEquals(one.call("RPUSH", `own${i}`, "x"), ":1\r\n");
    assert(room.client(`${i}`).heard().startsWith("*2"));
  }
  one.call("RPUSH", "all", ...Array.from({ length: 501 }, (_, i) => `${i}`));
  for (let i = 0; i < 1000; i += 2) {
    const got = room.client(`${i}`).heard();
    assertEquals(flat(got).split(" ").at(-1), `${i / 2}`);
  }
  assertEquals(one.call("LLEN", "all"), ":1\r\n");
  room.close();
});
