/** Due keys go by themselves, and thrown away memory comes back in slices. */
import { assert, assertEquals, assertLess } from "@std/assert";
import { connect, encodeCommands } from "../support/client.ts";
import { embed, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const KEYS = 200_000;

Deno.test("two thousand due keys go at once, untouched, beside many that are not due", async () => {
  await using embedded = await embed({ "enable-debug-command": "yes" });
  const { server } = embedded;
  using client = await connect(embedded.port);
  await client.call("DEBUG", "POPULATE", KEYS, "keep", 10);
  const laterMs = Date.now() + 3_600_000;
  await client.pipeline(
    Array.from({ length: 20_000 }, (_, i) => [
      ...["PEXPIREAT", `keep:${i}`, laterMs + i],
    ]),
  );
  const dueMs = Date.now() + 500;
  await client.pipeline(
    Array.from(
      { length: 2000 },
      (_, i) => ["SET", `go:${i}`, "", "PXAT", dueMs],
    ),
  );
  assertEquals(await client.call("DBSIZE"), KEYS + 2000);
  await until(
    "the due keys are gone",
    async () => await client.call("DBSIZE") === KEYS,
    20_000,
  );
  assert(Date.now() > dueMs);
  assertEquals(await client.call("EXISTS", "go:0", "go:1999", "keep:0"), 1);
  assertEquals(server.engine.calls.statExpired(), 2000);
  assertEquals(server.keyspace.database(0).dueCount, 20_000);
});

Deno.test("a key goes without any client, and nobody before its time", async () => {
  await using embedded = await embed();
  const { server } = embedded;
  const db = server.keyspace.database(1);
  const dueMs = Date.now() + 200;
  {
    using client = await connect(embedded.port);
    await client.pipeline([
      ["SELECT", 1],
      ["SET", "later", "", "EX", 1000],
      ["SET", "soon", "", "PXAT", dueMs],
      ["SET", "saved", "", "PXAT", dueMs],
      ["PERSIST", "saved"],
    ]);
  }
  await until("it is gone", () => {
    if (Date.now() <= dueMs) assertEquals(db.size, 3);
    return db.size === 2;
  });
  assert(Date.now() > dueMs);
});

Deno.test("a due time that comes nearer is noticed", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  await client.call("SET", "a", "", "EX", 100_000);
  await client.call("SET", "b", "", "EX", 1000);
  await client.call("PEXPIRE", "a", 50);
  await until("it is gone", async () => await client.call("DBSIZE") === 1);
  // A due time beyond what a timer can wait must not fire at once.
  await client.call("SET", "c", "", "EX", 10_000_000);
  await client.call("DEL", "b");
  assertEquals(await client.call("DBSIZE"), 1);
});

Deno.test("while expiry is switched off, due keys stay until they are touched", async () => {
  await using embedded = await embed({ "enable-debug-command": "yes" });
  using client = await connect(embedded.port);
  await client.call("DEBUG", "SET-ACTIVE-EXPIRE", 0);
  await client.call("SET", "a", "", "PX", 1);
  await client.call("SET", "b", "", "PX", 1);
  const endMs = Date.now() + 30;
  while (Date.now() < endMs) assertEquals(await client.call("DBSIZE"), 2);
  assertEquals(await client.call("EXISTS", "a"), 0);
  assertEquals(await client.call("DBSIZE"), 1);
  await client.call("DEBUG", "SET-ACTIVE-EXPIRE", 1);
  await until("b is gone", async () => await client.call("DBSIZE") === 0);
});

Deno.test("observers hear of keys that went by themselves", async () => {
  await using embedded = await embed();
  const seen: string[] = [];
  embedded.server.dispatcher.commit.observe(({ cause, commands }) => {
    const words = commands[0].map((word) => new TextDecoder().decode(word));
    if (cause === "expired") seen.push(words.join(" "));
  });
  using client = await connect(embedded.port);
  await client.pipeline(
    Array.from({ length: 100 }, (_, i) => ["SET", `k${i}`, "", "PX", 5]),
  );
  await until("all have gone", () => seen.length >= 100);
  assertEquals(
    seen.sort(),
    Array.from({ length: 100 }, (_, i) => `DEL k${i}`).sort(),
  );
});

for (const command of ["FLUSHALL", "FLUSHDB", "FLUSHALL SYNC"]) {
  Deno.test(`${command} of many keys returns at once and frees in slices`, async () => {
    await using embedded = await embed({ "enable-debug-command": "yes" });
    const { server } = embedded;
    const usedBytes = () => server.engine.calls.usedBytes();
    using client = await connect(embedded.port);
    await client.call("PING");
    const emptyBytes = usedBytes();
    const fill = () => client.call("DEBUG", "POPULATE", KEYS, "key", 100);
    await fill();
    assert(usedBytes() - emptyBytes > KEYS * 100);
    let othersAsked = 0;
    // Within the reply's own turn nearly nothing has been freed.
    const [reply, size] = await client.pipeline([
      command.split(" "),
      ["DBSIZE"],
    ]);
    assertEquals([reply, size], ["OK", 0]);
    assert(server.keyspace.reclaimPending > 0);
    await until("all is freed", async () => {
      assertEquals(await client.call("PING"), "PONG");
      othersAsked++;
      return server.keyspace.reclaimPending === 0;
    });
    assert(othersAsked > 5, `${othersAsked} turns in between`);
    assertLess(usedBytes(), emptyBytes + 100_000);
    assertEquals(server.keyspace.reclaimed, KEYS);
    // The memory serves again.
    await fill();
    assertEquals(await client.call("DBSIZE"), KEYS);
  });
}

Deno.test("a server that stops while it frees leaves no timer", async () => {
  await using embedded = await embed({ "enable-debug-command": "yes" });
  using client = await connect(embedded.port);
  await client.call("DEBUG", "POPULATE", 50_000);
  await client.sendRaw(encodeCommands([
    ["FLUSHALL"],
    ["SET", "a", "", "PX", 1],
    ["SET", "b", "", "EX", 100],
    ["SHUTDOWN", "NOSAVE"],
  ]));
  await client.ended();
  await embedded.server.stopped;
});
