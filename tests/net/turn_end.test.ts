import { assert, assertEquals } from "@std/assert";
import {
  executeAtTurnEnd,
  handOverAtTurnEnd,
  pushAtTurnEnd,
  sendAtTurnEnd,
} from "../../src/net/turn_end.ts";

/** Notes in what order senders are called. */
class Recorder {
  readonly order: string[] = [];
  readonly #done = Promise.withResolvers<void>();
  readonly #last: string;

  constructor(last: string) {
    this.#last = last;
  }

  get done(): Promise<void> {
    return this.#done.promise;
  }

  sender(name: string, then: () => void = () => {}) {
    return {
      endTurn: () => {
        this.order.push(name);
        then();
        if (name === this.#last) this.#done.resolve();
      },
    };
  }
}

/** Longer than a slice of messages may take. */
function takeTime(): void {
  const endMs = performance.now() + 2;
  while (performance.now() < endMs);
}

Deno.test("work is done, then replies go out, then messages", async () => {
  const recorder = new Recorder("message");
  pushAtTurnEnd(recorder.sender("message"));
  sendAtTurnEnd(recorder.sender("reply"));
  executeAtTurnEnd(recorder.sender("work").endTurn);
  await recorder.done;
  assertEquals(recorder.order, ["work", "reply", "message"]);
});

Deno.test("a reply does not wait for all messages", async () => {
  const recorder = new Recorder("last");
  const reply = recorder.sender("reply");
  const first = recorder.sender("first", () => sendAtTurnEnd(reply));
  pushAtTurnEnd(first);
  for (let i = 0; i < 20; i++) {
    pushAtTurnEnd(recorder.sender("message", takeTime));
  }
  pushAtTurnEnd(recorder.sender("last"));
  await recorder.done;
  const { order } = recorder;
  assertEquals(order.indexOf("first"), 0);
  // The clock is looked at after eight, and the timer of the next slice may be
  // due already when the replies are.
  assert([8, 16].includes(order.indexOf("reply")), `${order}`);
  assertEquals(order.length, 23);
});

Deno.test("who gets more meanwhile has its turn behind the others", async () => {
  const recorder = new Recorder("again");
  const again = recorder.sender("again");
  pushAtTurnEnd(recorder.sender("first", () => pushAtTurnEnd(again)));
  pushAtTurnEnd(recorder.sender("second"));
  await recorder.done;
  assertEquals(recorder.order, ["first", "second", "again"]);
});

Deno.test("what is handed over goes out in the round that begins", async () => {
  const recorder = new Recorder("last");
  const again = () => handOverAtTurnEnd(recorder.sender("last").endTurn);
  pushAtTurnEnd(recorder.sender("pushed"));
  handOverAtTurnEnd(() => {
    recorder.order.push("hand over");
    pushAtTurnEnd(recorder.sender("handed", again));
  });
  await recorder.done;
  assertEquals(recorder.order, ["hand over", "pushed", "handed", "last"]);
});
