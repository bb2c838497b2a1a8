/** Replies leave when what they tell of is safe, and in order. */
import { assertEquals } from "@std/assert";
import type { Socket } from "node:net";
import { setImmediate } from "node:timers";
import { Gate } from "../../src/net/gate.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { latin1 } from "../support/reply.ts";
import { bytesOf } from "../dispatch/harness.ts";

/** A log that stands where a test puts it. */
const logAt = (sequence: number) => ({
  sequence,
  beforeReplies(): number {
    return this.sequence;
  },
});

/** An outbox on a socket that takes everything. */
function outboxAt(gate: Gate) {
  const sent: string[] = [];
  const socket = {
    writableLength: 0,
    cork() {},
    uncork() {},
    write(bytes: Uint8Array, done: () => void) {
      sent.push(latin1(bytes));
      done();
    },
  };
  const outbox = new Outbox(
    socket as unknown as Socket,
    gate,
    () => sent.push("released"),
  );
  return { outbox, sent, add: (text: string) => outbox.add(bytesOf(text)) };
}

/** What is sent at the end of a turn has been sent. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

Deno.test("an open gate and a log that is safe hold nothing back", async () => {
  const gate = new Gate();
  const { sent, add, outbox } = outboxAt(gate);
  add("one ");
  const log = logAt(70);
  gate.close(log);
  gate.reached(70);
  add("two");
  await turn();
  assertEquals(sent, ["one two"]);
  assertEquals([outbox.pendingBytes, gate.waitingCount], [0, 0]);
});

Deno.test("replies wait for the point where the log stood", async () => {
  const gate = new Gate();
  const log = logAt(0);
  gate.close(log);
  const writer = outboxAt(gate);
  const reader = outboxAt(gate);
  log.sequence = 10;
  writer.add("a");
  writer.add("b".repeat(5000));
  reader.add("c");
  await turn();
  log.sequence = 20;
  writer.add("d");
  await turn();
  assertEquals([writer.sent, reader.sent], [[], []]);
  assertEquals(writer.outbox.pendingBytes, 5002);
  gate.reached(9);
  assertEquals(writer.sent, []);
  gate.reached(10);
  // Whoever has nothing left to wait for is told so.
  assertEquals(writer.sent, ["a" + "b".repeat(5000)]);
  assertEquals(reader.sent, ["c", "released"]);
  reader.add("e");
  await turn();
  gate.reached(25);
  assertEquals(writer.sent.slice(1), ["d", "released"]);
  assertEquals(reader.sent.slice(2), ["e", "released"]);
  assertEquals(gate.waitingCount, 0);
  log.sequence = 25;
  reader.add("f");
  await turn();
  assertEquals(reader.sent.pop(), "f");
});

Deno.test("the log is written once, at the end of a turn", async () => {
  const gate = new Gate();
  let count = 0;
  gate.close({ beforeReplies: () => (count++, 0) });
  const { sent, add } = outboxAt(gate);
  add("a");
  add("b");
  assertEquals([count, sent], [0, []]);
  await turn();
  assertEquals([count, sent], [1, ["ab"]]);
});

Deno.test("opening the gate lets everything out", async () => {
  const gate = new Gate();
  const log = logAt(0);
  gate.close(log);
  const { sent, add } = outboxAt(gate);
  log.sequence = 5;
  add("a");
  await turn();
  log.sequence = 9;
  add("b");
  await turn();
  gate.open();
  add("c");
  await turn();
  assertEquals(sent, ["a", "b", "released", "c"]);
});

Deno.test("a connection ends after what waits at the gate", async () => {
  const gate = new Gate();
  const log = logAt(0);
  gate.close(log);
  const { outbox, sent, add } = outboxAt(gate);
  log.sequence = 5;
  add("last");
  let isEmpty = false;
  outbox.whenEmpty(() => isEmpty = true);
  await turn();
  assertEquals(isEmpty, false);
  gate.reached(5);
  assertEquals([isEmpty, sent], [true, ["last", "released"]]);
});

Deno.test("a gate and another reason to wait both count", async () => {
  const gate = new Gate();
  const log = logAt(0);
  gate.close(log);
  const { outbox, sent, add } = outboxAt(gate);
  const ready = Promise.withResolvers<void>();
  log.sequence = 5;
  outbox.holdUntil(ready.promise);
  add("a");
  gate.reached(5);
  await turn();
  assertEquals([sent, outbox.pendingBytes], [[], 1]);
  ready.resolve();
  await turn();
  assertEquals(sent, ["a"]);
});

Deno.test("what is forgotten waits no more", async () => {
  const gate = new Gate();
  const log = logAt(0);
  gate.close(log);
  const { outbox, sent, add } = outboxAt(gate);
  log.sequence = 5;
  add("a");
  await turn();
  assertEquals(gate.waitingCount, 1);
  outbox.clear();
  assertEquals([gate.waitingCount, outbox.pendingBytes], [0, 0]);
  gate.reached(5);
  await turn();
  assertEquals(sent, []);
});
