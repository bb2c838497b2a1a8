/** CLIENT PAUSE: whose commands wait, for how long, and what stands still. */
import { assertEquals, assertMatch } from "@std/assert";
import { infoField } from "../support/info.ts";
import { Room } from "./room.ts";

// A timer that is left behind fails a test.
Deno.test.sanitizer({ ops: true, resources: true });

function info({ bench }: Room, name: string): string {
  return infoField(bench.server.info(["clients"]), name);
}

/** It is due when a pause has ended, and leaves no timer when it was. */
function housekeeping(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}

Deno.test("PAUSE WRITE holds up what may change data, and only that", async () => {
  const room = new Room();
  await room.assert([
    ["a: SET k v", "a: +OK"],
    ["a: CLIENT PAUSE 60000 WRITE", "a: +OK"],
    ["a: GET k; PING", "a: $1 v +PONG"],
    ["w: SET k w; GET k", ""],
    ["p: PUBLISH channel message", ""],
    ["f: PFCOUNT none", ""],
    ["a: GET k", "a: $1 v"],
    // Errors come at once.
    ["e: SET k", "e: -ERR wrong number of arguments for 'set' command"],
    ["e: NONE", "e: -ERR unknown command 'NONE', with args beginning with:"],
    ["e: SELECT 1; SET k one; SELECT 0; GET k", "e: +OK"],
  ]);
  assertEquals(info(room, "blocked_clients"), "4");
  assertEquals(info(room, "paused_actions"), "write");
  assertMatch(
    room.client("w").session.describe(),
    / flags=b .* argv-mem=[1-9]/,
  );
  assertEquals(
    await room.say("a: CLIENT UNPAUSE"),
    "a: +OK | w: +OK $1 w | p: :0 | f: :0 | e: +OK +OK $1 w",
  );
  assertEquals(info(room, "blocked_clients"), "0");
  assertEquals(info(room, "paused_reason"), "none");
  assertEquals(await room.say("a: SELECT 1; GET k"), "a: +OK $3 one");
  room.bench.verify();
});

Deno.test("PAUSE ALL holds up everything but errors", async () => {
  const room = new Room();
  await room.assert([
    ["a: CLIENT PAUSE 60000", "a: +OK"],
    ["b: PING; PING", ""],
    ["c: GET", "c: -ERR wrong number of arguments for 'get' command"],
    ["d: CLIENT UNPAUSE", ""],
  ]);
  assertEquals(info(room, "paused_actions"), "all");
  room.bench.server.pause.end();
  await Promise.resolve();
  assertEquals(await room.say("a: PING"), "a: +PONG | b: +PONG +PONG | d: +OK");
});

Deno.test("of two pauses the later end and the stronger level count", async () => {
  const room = new Room();
  const { pause } = room.bench.server;
  const now = Date.now();
  pause.begin("all", now + 60_000);
  pause.begin("write", now + 20);
  assertEquals([pause.level, pause.leftMs > 50_000], ["all", true]);
  pause.end();
  pause.begin("write", now + 20_000);
  pause.begin("all", now + 60_000);
  assertEquals([pause.level, pause.leftMs > 50_000], ["all", true]);
  pause.end();
  // What is over does not count.
  pause.begin("write", now + 60_000);
  assertEquals([pause.level, pause.isOn], ["write", true]);
  pause.end();
  pause.begin("all", 0);
  assertEquals([pause.level, pause.isOn], ["none", false]);
  await room.assert([["a: SET k v", "a: +OK"]]);
});

Deno.test("a pause ends by itself", async () => {
  const room = new Room();
  await room.assert([
    ["a: CLIENT PAUSE 30", "a: +OK"],
    ["b: INCR n", ""],
  ]);
  const { pause } = room.bench.server;
  while (pause.isOn) await new Promise((resolve) => setTimeout(resolve, 5));
  await room.assert([["a: PING", "a: +PONG | b: :1"]]);
});

Deno.test("in MULTI writes are held up when they are queued, EXEC when it has any", async () => {
  const room = new Room();
  await room.assert([
    ["a: MULTI; GET k", "a: +OK +QUEUED"],
    ["b: MULTI; SET k b", "b: +OK +QUEUED"],
    ["c: MULTI", "c: +OK"],
    ["z: CLIENT PAUSE 60000 WRITE", "z: +OK"],
    ["a: EXEC", "a: *1 $-1"],
    ["b: EXEC; PING", ""],
    ["c: SET k c; EXEC", ""],
    ["z: CLIENT UNPAUSE", "z: +OK | b: *1 +OK +PONG | c: +QUEUED *1 +OK"],
    ["z: GET k", "z: $1 c"],
  ]);
});

Deno.test("a transaction that pauses is executed to its end", async () => {
  const room = new Room();
  await room.assert([
    [
      "a: MULTI; SET x 1; CLIENT PAUSE 60000 WRITE; SET y 2; EXEC",
      "a: +OK +QUEUED +QUEUED +QUEUED *3 +OK +OK +OK",
    ],
    ["b: SET z 3", ""],
    ["a: MGET x y z", "a: *3 $1 1 $1 2 $-1"],
    ["a: CLIENT UNPAUSE", "a: +OK | b: +OK"],
  ]);
});

Deno.test("nobody who waits for a key is served in a pause, and times go on", async () => {
  const room = new Room();
  await room.assert([
    ["a: BLPOP list 0", ""],
    ["t: BLPOP other 0.02", ""],
    [
      "z: MULTI; CLIENT PAUSE 60000 WRITE; RPUSH list x; EXEC",
      "z: +OK +QUEUED +QUEUED *2 +OK :1",
    ],
    ["z: LLEN list", "z: :1"],
    ["b: BLPOP list 0", ""],
    ["u: BLPOP list 0", ""],
  ]);
  assertEquals(info(room, "blocked_clients"), "4");
  while (info(room, "blocked_clients") === "4") {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(await room.say("z: PING"), "z: +PONG | t: *-1");
  // One who waits can be told not to; one who is held up cannot.
  const waiting = room.client("a").session.id;
  const heldUp = room.client("b").session.id;
  assertEquals(room.client("a").session.unblock(true), true);
  assertEquals(room.client("b").session.unblock(true), false);
  assertEquals(waiting === heldUp, false);
  assertEquals(
    await room.say("z: PING"),
    "z: +PONG | a: -UNBLOCKED client unblocked via CLIENT UNBLOCK",
  );
  assertEquals(
    await room.say("z: CLIENT UNPAUSE"),
    "z: +OK | b: *2 $4 list $1 x",
  );
  assertEquals(await room.say("z: RPUSH list y"), "z: :1 | u: *2 $4 list $1 y");
});

Deno.test("who waited before the pause is served after it", async () => {
  const room = new Room();
  await room.assert([
    ["a: BLPOP list 0", ""],
    [
      "z: MULTI; CLIENT PAUSE 60000 WRITE; RPUSH list x; EXEC",
      "z: +OK +QUEUED +QUEUED *2 +OK :1",
    ],
    ["z: CLIENT UNPAUSE", "z: +OK | a: *2 $4 list $1 x"],
  ]);
});

Deno.test("due keys are not seen in a pause and go after it", async () => {
  const room = new Room();
  const { calls } = room.bench.server.engine;
  const expired = calls.statExpired();
  await room.assert([
    [
      "z: MULTI; SET a 1 PX 1; SET b 2 PX 1; CLIENT PAUSE 60000 WRITE; EXEC",
      "z: +OK +QUEUED +QUEUED +QUEUED *3 +OK +OK +OK",
    ],
  ]);
  while (await room.say("z: EXISTS a b") !== "z: :0") {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await room.assert([
    ["z: GET a", "z: $-1"],
    ["z: DBSIZE", "z: :2"],
  ]);
  assertEquals(calls.statExpired(), expired);
  await room.assert([
    ["z: CLIENT UNPAUSE", "z: +OK"],
    ["z: GET a; GET b; DBSIZE", "z: $-1 $-1 :0"],
  ]);
  assertEquals(calls.statExpired(), expired + 2);
  await housekeeping();
});

Deno.test("a new key takes the place of a due one that is only hidden", async () => {
  const room = new Room();
  await room.assert([
    ["z: SET k v PX 1; HSET h f v; PEXPIRE h 1", "z: +OK :1 :1"],
  ]);
  room.bench.server.pause.begin("write", Date.now() + 60_000);
  const before = Date.now();
  while (Date.now() < before + 5);
  // Only a transaction that began before can write in a pause.
  room.bench.server.pause.end();
  await room.assert([
    ["z: SET k v PX 1; HSET h f v; PEXPIRE h 1", "z: +OK :1 :1"],
    [
      "z: MULTI; CLIENT PAUSE 60000 WRITE; SADD k m; HSET h g w; DBSIZE",
      "z: +OK +QUEUED +QUEUED +QUEUED +QUEUED",
    ],
  ]);
  const again = Date.now();
  while (Date.now() < again + 5);
  await room.assert([
    ["z: EXEC", "z: *4 +OK :1 :1 :2"],
    ["z: CLIENT UNPAUSE; SMEMBERS k; HGETALL h", "z: +OK *1 $1 m *2 $1 g $1 w"],
  ]);
  await housekeeping();
});

Deno.test("no key is evicted in a pause", async () => {
  const room = new Room();
  await room.assert([
    ["z: CONFIG SET maxmemory-policy allkeys-random maxmemory 8mb", "z: +OK"],
    ["z: SET a 1; SET b 2; CLIENT PAUSE 60000 WRITE", "z: +OK +OK +OK"],
    ["z: CONFIG SET maxmemory 1", "z: +OK"],
    ["z: DBSIZE; GET a; GET b; DBSIZE", "z: :2 $1 1 $1 2 :2"],
    ["z: CLIENT UNPAUSE", "z: +OK"],
    ["z: GET a; DBSIZE", "z: $-1 :0"],
  ]);
  await housekeeping();
});

Deno.test("CLIENT REPLY SKIP is for the command that is held up", async () => {
  const room = new Room();
  await room.assert([
    ["z: CLIENT PAUSE 60000 WRITE", "z: +OK"],
    ["a: CLIENT REPLY SKIP; INCR n; INCR n", ""],
    ["z: CLIENT UNPAUSE", "z: +OK | a: :2"],
  ]);
});

Deno.test("who leaves in a pause leaves nothing behind", async () => {
  const room = new Room();
  await room.assert([
    ["z: CLIENT PAUSE 60000 WRITE", "z: +OK"],
    ["a: SET k v", ""],
  ]);
  const { calls } = room.bench.server.engine;
  const usedBytes = calls.usedBytes();
  room.client("a").leave();
  assertEquals(calls.usedBytes() < usedBytes, true);
  assertEquals(info(room, "blocked_clients"), "0");
  await room.assert([
    ["z: CLIENT UNPAUSE", "z: +OK"],
    ["z: GET k", "z: $-1"],
  ]);
});

Deno.test("what PAUSE does not understand", async () => {
  const room = new Room();
  await room.assert([
    ["a: CLIENT PAUSE x", "a: -ERR timeout is not an integer or out of range"],
    ["a: CLIENT PAUSE -1", "a: -ERR timeout is negative"],
    ["a: CLIENT PAUSE 9223372036854775807", "a: -ERR timeout is out of range"],
    [
      "a: CLIENT PAUSE 1 NONE",
      "a: -ERR CLIENT PAUSE mode must be WRITE or ALL",
    ],
    ["a: CLIENT PAUSE 0", "a: +OK"],
    ["a: CLIENT UNPAUSE", "a: +OK"],
  ]);
});
