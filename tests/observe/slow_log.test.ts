import { assertEquals } from "@std/assert";
import { SlowLog } from "../../src/observe/slow_log.ts";
import { latin1 } from "../support/reply.ts";

const client = { address: "127.0.0.1:1", name: "c" };

function words(...texts: string[]): Uint8Array[] {
  return texts.map((text) => new TextEncoder().encode(text));
}

function kept(log: SlowLog): string[] {
  return log.latest(Infinity).map((entry) =>
    `${entry.id} ${entry.words.map(latin1).join(" ")}`
  );
}

Deno.test("the slow log keeps the latest entries, and numbers all", () => {
  const log = new SlowLog();
  log.maxLength = 3;
  for (const name of ["a", "b", "c", "d"]) log.add(client, words(name), 1);
  assertEquals(kept(log), ["3 d", "2 c", "1 b"]);
  assertEquals(log.latest(1).map(({ id }) => id), [3]);
  assertEquals(log.latest(0), []);
  log.maxLength = 1;
  assertEquals(log.length, 3);
  log.add(client, words("e"), 1);
  assertEquals(kept(log), ["4 e"]);
  log.reset();
  assertEquals(log.length, 0);
  log.add(client, words("f"), 1);
  assertEquals(kept(log), ["5 f"]);
  log.maxLength = 0;
  log.add(client, words("g"), 1);
  assertEquals(kept(log), []);
});

Deno.test("the slow log wants what takes as long as its threshold", () => {
  const log = new SlowLog();
  log.thresholdUs = 100;
  assertEquals([99, 100].map((us) => log.wants(us)), [false, true]);
  log.thresholdUs = 0;
  assertEquals(log.wants(0), true);
  log.thresholdUs = -1;
  assertEquals(log.wants(1e9), false);
});

Deno.test("the slow log cuts off what is too much", () => {
  const log = new SlowLog();
  const many = (count: number) =>
    words(...Array.from({ length: count }, (_, i) => `${i}`));
  const last = () => log.latest(1)[0].words.map(latin1);
  log.add(client, many(32), 1);
  assertEquals(last().length, 32);
  assertEquals(last()[31], "31");
  log.add(client, many(33), 1);
  assertEquals(last().length, 32);
  assertEquals(last()[31], "... (2 more arguments)");
  log.add(client, words("A".repeat(128), "B".repeat(129)), 1);
  assertEquals(last(), [
    "A".repeat(128),
    `${"B".repeat(128)}... (1 more bytes)`,
  ]);
});
