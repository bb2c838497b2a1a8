/** Every client is looked at once a second, and few of them at a time. */
import { assert, assertEquals } from "@std/assert";
import type { ClientSession } from "../../src/dispatch/session.ts";
import { ClientRound } from "../../src/server/client_round.ts";

function sessions(count: number): Map<number, ClientSession> {
  const one = { transport: { outputBytes: 0 }, subscriptions: null };
  return new Map(
    Array.from(
      { length: count },
      (_, id) => [id, { id, ...one } as unknown as ClientSession],
    ),
  );
}

for (const count of [0, 1, 100, 101, 5000]) {
  Deno.test(`each of ${count} clients is looked at once a second`, () => {
    const all = sessions(count);
    let roundCount = 0;
    const round = new ClientRound(() => all.values(), () => roundCount++);
    const seen: number[] = [];
    for (let tick = 0; tick < 30; tick++) {
      const before = seen.length;
      round.goOn(1000 * tick / 10, all.size, ({ id }) => seen.push(id));
      assert(seen.length - before <= Math.max(100, count / 8));
    }
    assertEquals(roundCount, 3);
    const expected = [...all.keys()];
    assertEquals(seen, [...expected, ...expected, ...expected]);
    assertEquals(round.heapBytes > 0, count > 0);
  });
}

Deno.test("who goes in the middle of a round is not looked at", () => {
  const all = sessions(300);
  const round = new ClientRound(() => all.values(), () => {});
  const seen: number[] = [];
  round.goOn(0, all.size, ({ id }) => seen.push(id));
  all.delete(250);
  for (let tick = 1; tick < 9; tick++) {
    round.goOn(tick * 100, all.size, ({ id }) => seen.push(id));
  }
  assertEquals(seen.length, 299);
  assert(!seen.includes(250));
});
