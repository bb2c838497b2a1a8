/** The checker of the crash tests must itself be able to find faults. */
import { assertEquals, assertThrows } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { type Plain, plain, ReplyReader } from "../support/reply.ts";
import { History } from "./history.ts";

const COUNT = 5000;
const SEED = 11;

/** Replies as a client sees them. */
function ask(client: BenchClient, commands: string[][]): Plain[] {
  const reader = new ReplyReader();
  return commands.map((command) => {
    const text = client.call(...command);
    reader.push(Uint8Array.from(text, (char) => char.charCodeAt(0)));
    return plain(reader.next()!);
  });
}

/** What a server has that executed only the commands that a filter lets by. */
function executed(isExecuted: (index: number) => boolean) {
  const bench = new Bench();
  const client = bench.connect();
  const history = new History("h", SEED);
  for (let i = 0; i < COUNT; i++) {
    const command = history.next();
    history.acknowledge();
    if (isExecuted(i)) client.call(...command);
  }
  return { history, replies: ask(client, history.readers()) };
}

Deno.test("a history finds itself, and goes on from there", () => {
  const { history, replies } = executed(() => true);
  assertEquals(history.settle(replies, COUNT), COUNT);
  assertEquals(history.sentCount, COUNT);
});

Deno.test("a history finds how many of its commands were lost", () => {
  for (const lost of [1, 2, 7, 8, 9, 700]) {
    const { history, replies } = executed((i) => i < COUNT - lost);
    assertThrows(() => history.settle(replies, COUNT), Error, "the position");
    const again = executed((i) => i < COUNT - lost);
    const kept = again.history.settle(again.replies, COUNT - lost - 10);
    // The last of them may have changed nothing.
    assertEquals(kept <= COUNT - lost && kept > COUNT - lost - 10, true);
  }
});

Deno.test("a history misses each command that was left out in between", () => {
  // Some change nothing, such as the removal of what is not there.
  let missed = 0;
  for (let i = 0; i < 60; i++) {
    const left = COUNT - 100 + i;
    const { history, replies } = executed((each) => each !== left);
    try {
      history.settle(replies, COUNT - 20);
    } catch {
      missed++;
    }
  }
  assertEquals(missed > 20, true, `${missed} of 60`);
});

Deno.test("a command that was refused has changed nothing", () => {
  const bench = new Bench();
  const client = bench.connect();
  const history = new History("h", SEED);
  for (let i = 0; i < COUNT; i++) {
    const command = history.next();
    if (i % 3 === 2) history.refused();
    else {
      client.call(...command);
      history.acknowledge();
    }
  }
  const replies = ask(client, history.readers());
  assertEquals(history.settle(replies, COUNT), COUNT);
});
