/** The writer of the append-only file, on disks that misbehave. */
import { DiskPace } from "../../../src/persistence/aof/disk_pace.ts";
import { GroupCommit } from "../../../src/persistence/aof/group_commit.ts";
import { Increment } from "../../../src/persistence/aof/increment.ts";
import { assert, assertEquals } from "@std/assert";
import { FaultyDisk, settled, writerOn } from "./faulty_file.ts";

/** A writer who has written "a" and syncs it, until `synced` is called. */
function syncing() {
  const bench = writerOn();
  const { writer, state } = bench;
  const { promise, resolve } = Promise.withResolvers<void>();
  state.log.add("a");
  writer.beforeReplies();
  state.disk.gate = promise;
  state.nowMs += 1000;
  writer.tick();
  return { ...bench, synced: () => resolve() };
}

Deno.test("what was logged is with the system before replies leave", () => {
  const { writer, state } = writerOn();
  state.log.add("one");
  state.log.add("two");
  assertEquals(writer.beforeReplies(), 0);
  assertEquals(state.disk.content, "onetwo");
  assertEquals(writer.writtenBytes, 6);
});

Deno.test("everysec syncs about once a second, in the background", async () => {
  const { writer, state } = writerOn();
  state.log.add("a");
  writer.beforeReplies();
  writer.tick();
  assertEquals(state.disk.syncCount, 0);
  state.nowMs += 1000;
  writer.tick();
  assertEquals(writer.pendingSyncs, 1);
  await settled();
  assertEquals([state.disk.durable, writer.pendingSyncs], ["a", 0]);
  state.nowMs += 5000;
  writer.tick();
  await settled();
  assertEquals(state.disk.syncCount, 1, "nothing new, nothing to sync");
});

Deno.test("no syncs only when an increment is over", async () => {
  const { writer, state, increment } = writerOn();
  state.policy = "no";
  state.log.add("a");
  writer.beforeReplies();
  state.nowMs += 60_000;
  writer.tick();
  await settled();
  assertEquals(state.disk.syncCount, 0);
  const next = new FaultyDisk();
  writer.switchTo(increment(next));
  state.log.add("b");
  writer.beforeReplies();
  await settled();
  assertEquals([state.disk.durable, state.disk.openHandles], ["a", 0]);
  assertEquals([next.content, next.openHandles], ["b", 5]);
});

Deno.test("while a sync is slow, bytes go through another thread, in order", async () => {
  const { writer, state, synced } = syncing();
  for (const text of ["b", "c", "d"]) {
    state.log.add(text);
    assertEquals(writer.beforeReplies(), 0, "nobody waits");
  }
  assertEquals([state.disk.content, writer.waitingBytes], ["a", 3]);
  state.nowMs += 1999;
  writer.tick();
  assertEquals(writer.delayedSyncs, 0);
  state.nowMs += 1;
  writer.tick();
  writer.tick();
  assertEquals(writer.delayedSyncs, 1);
  assertEquals(state.lines.length, 1);
  assert(
    state.lines[0].startsWith("Asynchronous AOF fsync is taking too long"),
  );
  synced();
  await settled();
  assertEquals([state.disk.content, writer.waitingBytes], ["abcd", 0]);
});

Deno.test("when too much waits for a slow disk, replies and then writes wait", async () => {
  const { writer, state, synced } = syncing();
  const megabyte = new Uint8Array(2 ** 20);
  state.disk.keeps = false;
  for (let i = 0; i < 32; i++) state.log.addBytes(megabyte);
  assertEquals(writer.beforeReplies(), 0);
  state.log.add("y");
  assertEquals(writer.beforeReplies(), state.log.sequence);
  assertEquals(writer.error, null);
  for (let i = 0; i < 224; i++) state.log.addBytes(megabyte);
  writer.beforeReplies();
  assertEquals(writer.error, "Resource temporarily unavailable");
  assertEquals(state.changes, 1);
  synced();
  while (writer.waitingBytes > 0) await settled();
  assertEquals([writer.error, state.safe], [null, state.log.sequence]);
});

Deno.test("a short write is taken back, and nothing is lost or doubled", async () => {
  const { writer, state } = writerOn();
  state.log.add("whole;");
  writer.beforeReplies();
  state.disk.room = 4;
  state.log.add("first;");
  state.log.add("second;");
  assertEquals(writer.beforeReplies(), 0, "with everysec the reply may leave");
  assertEquals(state.disk.content, "whole;");
  assertEquals(writer.error, "No space left on device");
  assertEquals(state.lines, [
    "Short write while writing to the AOF file: (nwritten=4, expected=13)",
  ]);
  state.disk.room = 0;
  state.nowMs += 999;
  writer.tick();
  state.nowMs += 1;
  writer.tick();
  assertEquals(state.lines.length, 1, "one line in half a minute");
  state.log.add("due;");
  state.disk.room = Infinity;
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals(state.disk.content, "whole;first;second;due;");
  assertEquals([writer.error, writer.waitingBytes], [null, 0]);
  assertEquals(
    state.lines[1],
    "AOF write error looks solved, Redis can write again.",
  );
});

Deno.test("what cannot be taken back is not written again", () => {
  const { writer, state } = writerOn();
  state.disk.room = 9;
  state.disk.canTruncate = false;
  for (const text of ["first;", "second;", "third;"]) state.log.add(text);
  writer.beforeReplies();
  assertEquals(state.disk.content, "first;sec");
  state.disk.room = Infinity;
  state.nowMs += 1000;
  writer.tick();
  assertEquals(state.disk.content, "first;second;third;");
  assertEquals(writer.writtenBytes, 19);
});

Deno.test("a sync that fails refuses writes, and asks for a rewrite when it is over", async () => {
  const { writer, state } = writerOn();
  state.log.add("a");
  writer.beforeReplies();
  state.disk.syncError = new Error("Input/output error (os error 5)");
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals(writer.error, "Input/output error");
  state.disk.syncError = null;
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals([writer.error, state.doubts], [null, 1]);
});

Deno.test("always: replies wait for the disk, in groups", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  const slow = Promise.withResolvers<void>();
  state.disk.gate = slow.promise;
  for (const [i, text] of [..."abcde"].entries()) {
    state.log.add(text);
    assertEquals(writer.beforeReplies(), i + 1);
  }
  assertEquals([state.disk.content, writer.pendingSyncs], ["abcde", 1]);
  assertEquals([state.safe, state.disk.durable], [0, ""]);
  slow.resolve();
  await settled();
  assertEquals([state.safe, state.disk.durable], [5, "abcde"]);
  assertEquals(state.disk.syncCount, 2, "what came during a sync is a group");
  assertEquals(writer.beforeReplies(), 0, "a read has nothing to wait for");
});

Deno.test("always: the loop waits for a disk that has shown to be quick", async () => {
  const pace = new DiskPace();
  const disk = new FaultyDisk();
  const increment = new Increment("x", 0, disk.opener);
  const durable: number[] = [];
  const failures: unknown[] = [];
  const syncs: number[] = [];
  const group = new GroupCommit({
    durable: (sequence) => void durable.push(sequence),
    synced: (ms) => void syncs.push(ms),
    failed: (reason) => void failures.push(reason),
  }, pace);
  const write = (endSequence: number) => {
    increment.writeSync([new Uint8Array(1)]);
    const pieces: Uint8Array[] = [];
    group.add({
      increment,
      pieces,
      endSequence,
      byteCount: 1,
      start: 0,
      isSealed: true,
    });
  };
  write(1);
  assertEquals([durable, group.syncCount], [[], 1]);
  await group.settled();
  for (let i = 0; i < 100; i++) pace.note(0.1);
  write(2);
  assertEquals([durable, group.isEmpty], [[1, 2], true], "at once");
  assertEquals(disk.durable, disk.content);
  disk.syncError = new Error("Input/output error (os error 5)");
  write(3);
  assertEquals([failures.length, durable], [1, [1, 2]]);
  disk.syncError = null;
  pace.note(50);
  write(4);
  assertEquals([durable, group.syncCount], [[1, 2], 1], "on another thread");
  await group.settled();
  assertEquals(durable, [1, 2, 4]);
  assertEquals(syncs.length, 3, "a sync that failed has synced nothing");
});

Deno.test("always: a sync that fails while the loop waits is tried again later", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  while (state.safe < 500) {
    state.log.add("a");
    writer.beforeReplies();
    // Sooner or later the disk counts as quick, and nothing has to settle.
    if (writer.pendingSyncs === 0) {
      if (state.safe > 20) break;
    } else await settled();
  }
  const { content } = state.disk;
  state.disk.syncError = new Error("Input/output error (os error 5)");
  state.log.add("b");
  writer.beforeReplies();
  assertEquals([state.disk.content, writer.error], [
    content,
    "Input/output error",
  ]);
  state.disk.syncError = null;
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals([state.disk.durable, writer.error], [content + "b", null]);
  assertEquals(state.safe, state.log.sequence);
});

Deno.test("always: what failed to be synced is written again, then acknowledged", async () => {
  for (const laterSucceeds of [false, true]) {
    const { writer, state } = writerOn();
    state.policy = "always";
    state.log.add("0");
    writer.beforeReplies();
    await settled();
    const slow = Promise.withResolvers<void>();
    state.disk.syncError = new Error("Input/output error (os error 5)");
    state.log.add("a");
    writer.beforeReplies();
    state.disk.gate = slow.promise;
    state.log.add("b");
    const point = writer.beforeReplies();
    assertEquals(point, 3);
    await settled();
    if (laterSucceeds) state.disk.syncError = null;
    slow.resolve();
    await settled();
    assertEquals(state.disk.content, "0", "nobody trusts the other bytes");
    assertEquals([writer.error, state.safe], ["Input/output error", 1]);
    assertEquals(writer.beforeReplies(), 0, "reads are answered");
    state.disk.syncError = null;
    state.nowMs += 1000;
    writer.tick();
    await settled();
    assertEquals(state.disk.durable, "0ab");
    assertEquals([writer.error, state.safe], [null, 3]);
    assertEquals([writer.waitingBytes, writer.writtenBytes], [0, 3]);
  }
});

Deno.test("always: what cannot be taken back is not written twice", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  state.disk.syncError = new Error("Input/output error (os error 5)");
  state.disk.canTruncate = false;
  state.log.add("a");
  writer.beforeReplies();
  await settled();
  assertEquals([writer.error, state.doubts], ["Input/output error", 1]);
  state.disk.syncError = null;
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals([state.disk.durable, writer.error, state.safe], ["a", null, 1]);
});

Deno.test("always after everysec: what has left already is no matter", async () => {
  const { writer, state } = writerOn();
  state.log.add("a");
  writer.beforeReplies();
  state.policy = "always";
  assertEquals(writer.beforeReplies(), 0);
  writer.tick();
  await settled();
  assertEquals(state.disk.durable, "a");
});

Deno.test("always: no acknowledgement before a full disk has room", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  state.disk.room = 2;
  state.log.add("abc");
  assertEquals(writer.beforeReplies(), 3);
  await settled();
  assertEquals([writer.error, state.safe], ["No space left on device", 0]);
  assertEquals(state.disk.content, "");
  state.disk.room = 10;
  state.nowMs += 1000;
  writer.tick();
  await settled();
  assertEquals([writer.error, state.safe, state.disk.durable], [
    null,
    3,
    "abc",
  ]);
});

Deno.test("always rests while a rewrite is on its way, if it is to", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  state.rests = true;
  state.log.add("a");
  assertEquals(writer.beforeReplies(), 0);
  await settled();
  assertEquals([state.disk.content, state.disk.syncCount], ["a", 0]);
  state.rests = false;
  writer.tick();
  await settled();
  assertEquals(state.disk.durable, "a");
});

Deno.test("an increment keeps what was logged before it was over", async () => {
  const { writer, state, increment, synced } = syncing();
  state.log.add("b");
  writer.beforeReplies();
  state.log.add("c");
  const next = new FaultyDisk();
  writer.switchTo(increment(next));
  state.log.add("d");
  writer.beforeReplies();
  synced();
  await settled();
  await settled();
  assertEquals([state.disk.durable, next.content], ["abc", "d"]);
  assertEquals(state.disk.openHandles, 0);
});

Deno.test("an increment that nobody wants takes its bytes and errors along", async () => {
  const { writer, state } = writerOn();
  state.disk.room = 0;
  state.log.add("a");
  writer.beforeReplies();
  assertEquals(writer.error, "No space left on device");
  writer.discard();
  await settled();
  assertEquals([writer.error, writer.waitingBytes], [null, 0]);
  assertEquals(state.disk.openHandles, 0);
});

Deno.test("a time stamp comes before what was logged in a new second", () => {
  const { writer, state } = writerOn();
  state.stampsTime = true;
  state.log.add("a;");
  writer.beforeReplies();
  state.log.add("b;");
  writer.beforeReplies();
  state.nowMs += 1000;
  state.log.add("c;");
  writer.beforeReplies();
  assertEquals(
    state.disk.content,
    "#TS:1700000000\r\na;b;#TS:1700000001\r\nc;",
  );
});

Deno.test("at the end everything is written, synced and closed", async () => {
  const { writer, state, synced } = syncing();
  state.log.add("b");
  writer.beforeReplies();
  state.log.add("c");
  const finished = writer.finish().then(() => writer.close());
  synced();
  await finished;
  assertEquals([state.disk.durable, state.disk.openHandles], ["abc", 0]);
});

Deno.test("at the end a disk that is full is left alone", async () => {
  const { writer, state } = writerOn();
  state.policy = "always";
  state.disk.room = 0;
  state.log.add("a");
  writer.beforeReplies();
  await writer.finish();
  await writer.close();
  assertEquals([state.safe, state.disk.openHandles], [0, 0]);
});

Deno.test("each write that the loop waits for is told of", async () => {
  for (const policy of ["everysec", "always"] as const) {
    const { writer, state } = writerOn();
    state.policy = policy;
    state.log.add("a");
    writer.beforeReplies();
    assertEquals(state.writes, 1, policy);
    writer.beforeReplies();
    assertEquals(state.writes, 1, policy);
    await settled();
  }
});
