/** Publishing over sockets: to many, much, and to those who do not read. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Client, connect, type Reply } from "../support/client.ts";
import { plain } from "../support/reply.ts";
import { embed, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const MEBIBYTE = 2 ** 20;

/** Connects and listens to channel `c`, every other one with RESP3. */
async function listeners(port: number, count: number): Promise<Client[]> {
  return await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const client = await connect(port, { timeoutMs: 30_000 });
      if (i % 2 === 1) await client.call("HELLO", "3");
      client.send("SUBSCRIBE", "c");
      await client.readReply();
      return client;
    }),
  );
}

/** The payload of the next message, and whether it came as a push. */
async function message(client: Client): Promise<[unknown, boolean]> {
  const reply: Reply = await client.readReply();
  const words = plain(reply) as unknown[];
  assertEquals(words.slice(0, -1), ["message", "c"]);
  return [words.at(-1), reply.kind === "push"];
}

async function sendSmall(publisher: Client, count: number): Promise<void> {
  await publisher.pipeline(
    Array.from({ length: count }, (_, i) => ["PUBLISH", "c", `small ${i}`]),
  );
}

Deno.test("all of many listeners get all messages, in order and whole", async () => {
  await using embedded = await embed();
  const { port } = embedded;
  const clients = await listeners(port, 60);
  using publisher = await connect(port);
  // Large and small ones, so that each is sent in its own way.
  const payloads = Array.from(
    { length: 40 },
    (_, i) => `${i}:`.padEnd([10, 700, 3000, 30_000][i % 4], "x"),
  );
  await sendSmall(publisher, 100);
  for (const client of clients) {
    for (let i = 0; i < 100; i++) {
      assertEquals((await message(client))[0], `small ${i}`);
    }
  }
  // Replies in between use the buffers that messages must not be lost to.
  await publisher.call("SET", "big", "y".repeat(10_000));
  const commands = payloads.flatMap((payload) => [
    ["PUBLISH", "c", payload],
    ["GET", "big"],
  ]);
  const counts = (await publisher.pipeline(commands))
    .filter((_, i) => i % 2 === 0);
  assertEquals(counts, payloads.map(() => 60));
  await Promise.all(clients.map(async (client, i) => {
    for (const payload of payloads) {
      assertEquals(await message(client), [payload, i % 2 === 1]);
    }
  }));
  for (const client of clients) client.close();
});

Deno.test("whoever hangs up listens no more", async () => {
  await using embedded = await embed();
  const { port, server } = embedded;
  const clients = await listeners(port, 10);
  using publisher = await connect(port);
  assertEquals(await publisher.call("PUBSUB", "NUMSUB", "c"), ["c", 10]);
  const list = String(await publisher.call("CLIENT", "LIST", "TYPE", "pubsub"));
  assertEquals(list.match(/ flags=P .* sub=1 /g)?.length, 10);
  for (const client of clients) client.close();
  await until("all have gone", () => !server.pubsub.hasListeners);
  assertEquals(await publisher.call("PUBLISH", "c", "x"), 0);
});

Deno.test("CLIENT KILL TYPE pubsub spares who does not listen", async () => {
  await using embedded = await embed();
  const [listener] = await listeners(embedded.port, 1);
  using asker = await connect(embedded.port);
  assertEquals(await asker.call("CLIENT", "KILL", "TYPE", "pubsub"), 1);
  await listener.ended();
  assertEquals(await asker.call("PING"), "PONG");
  listener.close();
});

Deno.test("who does not read is closed at the limit for listeners, and others are not", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "pubsub 8mb 0 0",
  });
  const { port, log } = embedded;
  const [slow, ...others] = await listeners(port, 3);
  using publisher = await connect(port, { timeoutMs: 30_000 });
  const payload = "x".repeat(MEBIBYTE);
  const sessions = [...embedded.server.clients.sessions()];
  let most = 0;
  let count = 3;
  for (let i = 0; i < 100 && count === 3; i++) {
    count = Number(await publisher.call("PUBLISH", "c", payload));
    most = Math.max(most, ...sessions.map((s) => s.transport.pendingBytes));
    for (const other of others) {
      assertEquals((await message(other))[0], payload);
    }
  }
  assertEquals(count, 2);
  // At once, not when somebody looks after all clients the next time.
  assert(most <= 8 * MEBIBYTE, `${most}`);
  assertMatch(log(), /Client .*flags=P .*closed for overcoming of output/);
  for (const client of [slow, ...others]) client.close();
});

Deno.test("a listener may stay above the soft limit only for its time", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "pubsub 0 1mb 1",
  });
  const { port, server } = embedded;
  const [slow] = await listeners(port, 1);
  using publisher = await connect(port, { timeoutMs: 30_000 });
  const [session] = server.clients.sessions();
  const payload = "x".repeat(MEBIBYTE);
  while (session.transport.pendingBytes < 2 * MEBIBYTE) {
    assertEquals(await publisher.call("PUBLISH", "c", payload), 1);
  }
  const startMs = performance.now();
  await until("the time is over", () => !server.pubsub.hasListeners);
  assert(performance.now() - startMs > 500);
  slow.close();
});
