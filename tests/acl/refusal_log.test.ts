/** What ACL LOG keeps. */
import { assertEquals } from "@std/assert";
import { RefusalLog } from "../../src/acl/refusal_log.ts";

function note(log: RefusalLog, nowMs: number, clientId = 1, object = "key") {
  log.note(
    {
      reason: "key",
      context: "toplevel",
      object,
      user: "somebody",
      clientId,
      describe: () => `client ${clientId} at ${nowMs}, ${object}`,
    },
    nowMs,
    3,
  );
}

const seen = (log: RefusalLog) =>
  log.newest(10).map(({ client, count }) => `${client}: ${count}`);

Deno.test("like refusals are one entry, with the line of the last client", () => {
  const log = new RefusalLog();
  note(log, 5);
  note(log, 6);
  assertEquals(seen(log), ["client 1 at 6, key: 2"]);
  note(log, 6, 2);
  assertEquals(seen(log), ["client 2 at 6, key: 3"]);
  assertEquals(log.counts.key, 3);
});

Deno.test("a client is described once in a millisecond for the same", () => {
  const log = new RefusalLog();
  let count = 0;
  const facts = {
    reason: "key",
    context: "toplevel",
    object: "key",
    user: "somebody",
    clientId: 1,
    describe: () => `${++count}`,
  } as const;
  for (let i = 0; i < 100; i++) log.note(facts, 5, 3);
  assertEquals(seen(log), ["1: 100"]);
});

Deno.test("the newest come first, and no more than are wanted", () => {
  const log = new RefusalLog();
  for (const object of ["a", "b", "c", "d"]) note(log, 1, 1, object);
  note(log, 2, 1, "b");
  assertEquals(seen(log), [
    "client 1 at 2, b: 2",
    "client 1 at 1, d: 1",
    "client 1 at 1, c: 1",
  ]);
  note(log, 60_003, 1, "b");
  assertEquals(seen(log)[0], "client 1 at 60003, b: 1");
});
