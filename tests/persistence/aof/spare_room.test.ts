/** The room behind the log with `appendfsync always`: what it holds and when. */
import { assert, assertEquals } from "@std/assert";
import { Increment } from "../../../src/persistence/aof/increment.ts";
import { Random } from "../../support/random.ts";
import { FaultyDisk, settled, writerOn } from "./faulty_file.ts";

/** So many bytes in small groups must come before a room. */
const WARM_BYTES = 2 ** 14;
const GROUP_BYTES = 2 ** 12;

function group(byteCount: number): Uint8Array {
  return new Uint8Array(byteCount).fill(0x78);
}

class Case {
  readonly disk = new FaultyDisk();
  readonly increment = new Increment("x", 0, this.disk.opener);

  write(byteCount: number, isSynced = true) {
    const failure = this.increment.writeGroupSync(
      [group(byteCount)],
      byteCount,
    );
    if (isSynced && failure === null) this.increment.syncNow();
    return failure;
  }

  /** Until there is room. */
  warm(): this {
    while (this.increment.bytes < WARM_BYTES) this.write(1000);
    assert(this.room.length > 0);
    return this;
  }

  get room(): string {
    return this.disk.content.slice(this.increment.bytes);
  }

  /** What every reader asks of it: lines that begin with `#`, and are whole. */
  prove(): void {
    const { bytes } = this.increment;
    const { room } = this;
    assert(!this.disk.content.slice(bytes - GROUP_BYTES, bytes).includes("#"));
    if (room === "") return;
    assert(room.endsWith("\n"), "an end without a line end");
    assertEquals(this.disk.content.length % 512, 0);
    // All but the first two are as they were made.
    for (const line of room.slice(0, 1500).split("\n").slice(0, 2)) {
      assert(/^#{1,1022}$/.test(line), `a line of ${line.length}`);
    }
  }

  proveAll(): void {
    for (const line of this.room.slice(0, -1).split("\n")) {
      assert(/^#{1,1022}$/.test(line), `a line of ${line.length}`);
    }
    const { bytes } = this.increment;
    assertEquals(this.disk.content.slice(0, bytes), "x".repeat(bytes));
  }
}

Deno.test("a room is there after some small groups, not before", () => {
  const each = new Case();
  while (each.increment.bytes + 1000 < WARM_BYTES) {
    each.write(1000);
    assertEquals(each.room, "");
  }
  each.write(1000);
  each.prove();
  assert(each.room.length >= 2 ** 18);
});

Deno.test("the room is lines of comments, wherever the log ends", () => {
  const each = new Case().warm();
  const random = new Random(7);
  let grown = 0;
  for (let i = 0; i < 1500; i++) {
    const before = each.disk.content.length;
    const size = random.chance(0.2)
      ? 1 + random.int(GROUP_BYTES)
      : 1 + random.int(90);
    assertEquals(each.write(size), null);
    each.prove();
    assert(each.room.length > GROUP_BYTES, "there is always room for a group");
    if (each.disk.content.length > before) grown++;
  }
  each.proveAll();
  assert(grown > 0);
});

Deno.test("whatever a kill leaves of a room is whole lines", () => {
  // What is written beyond the end may be cut short at the end of a page.
  const { disk, increment } = new Case().warm();
  for (let end = 4096; end <= disk.content.length; end += 4096) {
    if (end > increment.bytes) assertEquals(disk.content[end - 1], "\n");
  }
});

Deno.test("a large group is appended to the log, and the room goes first", () => {
  const each = new Case().warm();
  each.write(GROUP_BYTES + 1);
  assertEquals(each.room, "");
  each.write(10);
  assertEquals(each.room, "", "and comes back only after some small ones");
  each.increment.syncNow();
  const { bytes } = each.increment;
  while (each.increment.bytes < bytes + WARM_BYTES) each.write(1000);
  each.prove();
  assert(each.room.length > 0);
});

Deno.test("no more than some pages of the room wait for a sync", () => {
  const each = new Case().warm();
  for (let unsynced = 4000; unsynced <= WARM_BYTES; unsynced += 4000) {
    each.write(4000, false);
    assert(each.room.length > 0);
  }
  each.write(4000, false);
  assertEquals(each.room, "", "this one was appended");
});

Deno.test("a disk without space for a room gets the groups only", () => {
  for (const space of [WARM_BYTES + 5000, WARM_BYTES + 100_000]) {
    const each = new Case();
    each.disk.room = space;
    while (each.increment.bytes < WARM_BYTES + 3000) {
      assertEquals(each.write(1000), null);
      assertEquals(each.room, "");
    }
    each.disk.room = Infinity;
    let written = 0;
    for (; each.room === ""; written += 4000) each.write(4000);
    assert(written > 2 ** 20, "it does not try that all the time");
    each.prove();
  }
});

Deno.test("on a disk that is full now, the room costs nobody a byte", () => {
  const each = new Case().warm();
  const most = each.disk.content.length;
  each.disk.room = 0;
  while (each.write(1000) === null);
  assert(each.increment.bytes + 1000 > most);
  assertEquals(each.room, "");
  assertEquals(each.write(1000)?.reason, "No space left on device");
  assertEquals(each.room, "", "nor does what failed leave anything");
  each.disk.room = 5000;
  assertEquals(each.write(1000), null);
});

Deno.test("a room that cannot be taken off fails appending, and nothing is lost", () => {
  const each = new Case().warm();
  each.disk.canTruncate = false;
  const { bytes } = each.increment;
  const failure = each.write(GROUP_BYTES + 1);
  assertEquals([failure?.reason, failure?.keptBytes], ["Permission denied", 0]);
  each.prove();
  assertEquals(each.write(10), null, "a small group needs not take it off");
  each.disk.canTruncate = true;
  assertEquals(each.write(GROUP_BYTES + 1), null);
  assertEquals(each.disk.content.length, bytes + 10 + GROUP_BYTES + 1);
});

/** A writer whose file has a room. */
async function writerWithRoom() {
  const { writer, state, increment } = writerOn();
  state.policy = "always";
  const log = "x".repeat(1000);
  const commit = async (text = log) => {
    state.log.add(text);
    writer.beforeReplies();
    while (state.safe < state.log.sequence) await settled();
  };
  while (!state.disk.content.includes("#")) await commit();
  return { writer, state, increment, commit };
}

Deno.test("the room is no part of what is counted", async () => {
  const { writer, state, commit } = await writerWithRoom();
  await commit();
  assertEquals(writer.writtenBytes, state.log.sequence);
  assertEquals(writer.increment?.bytes, state.log.sequence);
  assert(state.disk.durable.length > state.log.sequence);
});

Deno.test("the room goes when the policy is no longer always", async () => {
  for (const policy of ["everysec", "no"] as const) {
    for (const isBusy of [false, true]) {
      const { writer, state } = await writerWithRoom();
      state.policy = policy;
      if (isBusy) {
        state.log.add("more");
        writer.beforeReplies();
      } else writer.tick();
      assert(!state.disk.content.includes("#"));
      assertEquals(state.disk.content.length, state.log.sequence);
    }
  }
});

Deno.test("the room goes at the end, and with a new increment", async () => {
  for (const isEnd of [false, true]) {
    const { writer, state, increment } = await writerWithRoom();
    const next = new FaultyDisk();
    if (isEnd) await writer.finish();
    else writer.switchTo(increment(next));
    await settled();
    assertEquals(state.disk.content, "x".repeat(state.log.sequence));
    assertEquals(state.disk.durable.slice(0, state.log.sequence).at(-1), "x");
    await writer.close();
    assertEquals([state.disk.openHandles, next.openHandles], [0, 0]);
  }
});

Deno.test("a sync that fails takes group and room back", async () => {
  const { writer, state, commit } = await writerWithRoom();
  const { sequence } = state.log;
  state.disk.syncError = new Error("Input/output error (os error 5)");
  state.log.add("yyy");
  writer.beforeReplies();
  while (writer.error === null) await settled();
  assertEquals(state.disk.content, "x".repeat(sequence));
  state.disk.syncError = null;
  state.nowMs += 1000;
  writer.tick();
  while (state.safe < state.log.sequence) await settled();
  assertEquals(state.disk.durable, "x".repeat(sequence) + "yyy");
  await commit("z");
});
