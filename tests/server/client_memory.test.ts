/** What clients may take: maxmemory-clients and the limits of their output. */
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { type Client, connect, encodeCommands } from "../support/client.ts";
import { infoField } from "../support/info.ts";
import { embed, type Embedded, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const KIBIBYTE = 1024, MEBIBYTE = 1024 * KIBIBYTE;

/** A field of a client's line in CLIENT LIST, as the server has it now. */
function fieldOf({ server }: Embedded, name: string, field: string): string {
  for (const session of server.clients.sessions()) {
    if (session.name !== name) continue;
    return session.describe().match(new RegExp(` ${field}=(\\S*)`))?.[1] ?? "";
  }
  return "gone";
}

async function named(embedded: Embedded, name: string): Promise<Client> {
  const client = await connect(embedded.port, { timeoutMs: 60_000 });
  await client.call("CLIENT", "SETNAME", name);
  return client;
}

/** A client who has sent so many bytes of a command that is not complete. */
async function filled(
  embedded: Embedded,
  name: string,
  byteCount: number,
): Promise<Client> {
  const client = await named(embedded, name);
  const begun = `*2\r\n$${byteCount}\r\n${"v".repeat(byteCount)}`;
  client.sendRaw(new TextEncoder().encode(begun));
  await until("all has come in or it is gone", () => {
    const bytes = fieldOf(embedded, name, "qbuf");
    return bytes === String(byteCount) || bytes === "gone";
  });
  return client;
}

function infoOf({ server }: Embedded, name: string): string {
  return infoField(server.info(["clients", "stats", "memory"]), name);
}

Deno.test("what a client has sent, queued, watched and subscribed to is its memory", async () => {
  await using embedded = await embed();
  using client = await named(embedded, "one");
  const memory = () => Number(fieldOf(embedded, "one", "tot-mem"));
  const empty = memory();
  await client.call("MULTI");
  await client.call("SET", "key", "v".repeat(50_000));
  assertLess(50_000, Number(fieldOf(embedded, "one", "multi-mem")));
  assertLess(empty + 50_000, memory());
  await client.call("DISCARD");
  assertEquals(memory(), empty);
  await client.call("WATCH", "w".repeat(10_000), "w".repeat(10_000));
  assertLess(empty + 10_000, memory());
  assertLess(memory(), empty + 20_000);
  await client.call("UNWATCH");
  assertEquals(memory(), empty);
  await client.call("HELLO", 3);
  client.send("SUBSCRIBE", "s".repeat(10_000), "s".repeat(10_000));
  await client.readReply();
  await client.readReply();
  assertLess(empty + 10_000, memory());
  assertLess(memory(), empty + 20_000);
  client.send("UNSUBSCRIBE");
  await client.readReply();
  assertEquals(memory(), empty);
  assertEquals(infoOf(embedded, "mem_clients_normal"), String(empty));
});

Deno.test("what has come in of a large argument is the query buffer", async () => {
  await using embedded = await embed();
  using client = await filled(embedded, "one", MEBIBYTE);
  assertEquals(fieldOf(embedded, "one", "qbuf"), String(MEBIBYTE));
  const header = `*2\r\n$${MEBIBYTE}\r\n`.length;
  assertEquals(fieldOf(embedded, "one", "argv-mem"), String(header));
  const most = Number(infoOf(embedded, "client_recent_max_input_buffer"));
  assertLess(MEBIBYTE, most);
  client.close();
  // The largest of late is not only that of now.
  const { peaks } = embedded.server.clients;
  for (const session of embedded.server.clients.sessions()) peaks.note(session);
  await until("it has gone", () => embedded.server.clients.count === 0);
  assertLess(0, Number(infoOf(embedded, "client_recent_max_input_buffer")));
});

Deno.test("the largest clients go first, and no more than must", async () => {
  await using embedded = await embed();
  using control = await named(embedded, "control");
  await control.call("CLIENT", "NO-EVICT", "on");
  const sizes = [128 * KIBIBYTE, MEBIBYTE, 3 * MEBIBYTE];
  const clients: Client[] = [];
  const names: string[] = [];
  for (const size of [...sizes, ...sizes]) {
    const name = `${size}-${names.length}`;
    names.push(name);
    clients.push(await filled(embedded, name, size));
  }
  const left = () =>
    names.filter((name) => fieldOf(embedded, name, "id") !== "gone");
  const largest = (count: number) =>
    [...names].sort((a, b) => parseInt(b) - parseInt(a)).slice(0, count);
  const total = () =>
    [...embedded.server.clients.sessions()].reduce(
      (sum, { name }) => sum + Number(fieldOf(embedded, name, "tot-mem")),
      0,
    );
  for (const goneCount of [1, 3, 6]) {
    const gone = largest(goneCount);
    const lost = gone.filter((name) => left().includes(name)).reduce(
      (sum, name) => sum + Number(fieldOf(embedded, name, "tot-mem")),
      0,
    );
    const limit = total() - lost + 2 * KIBIBYTE;
    await control.call("CONFIG", "SET", "maxmemory-clients", limit);
    await until("they have gone", () => left().length <= 6 - goneCount);
    assertEquals(left().length, 6 - goneCount);
    // Of two that are as large, either may go.
    assertEquals(
      left().map((name) => parseInt(name)).sort((a, b) => a - b),
      names.map((name) => parseInt(name)).sort((a, b) => a - b)
        .slice(0, 6 - goneCount),
    );
  }
  assertEquals(infoOf(embedded, "evicted_clients"), "6");
  assertMatch(embedded.log(), /Evicting client: id=\d+ .* name=3145728-/);
  for (const client of clients) client.close();
});

Deno.test("a share of maxmemory is a limit too, and follows it", async () => {
  await using embedded = await embed({
    "maxmemory": "20mb",
    "maxmemory-clients": "10%",
  });
  using control = await named(embedded, "control");
  using small = await filled(embedded, "small", 256 * KIBIBYTE);
  using large = await filled(embedded, "large", 3 * MEBIBYTE);
  assertEquals(fieldOf(embedded, "large", "id"), "gone");
  assertEquals(fieldOf(embedded, "small", "id") === "gone", false);
  await control.call("CONFIG", "SET", "maxmemory", "2mb");
  await until("it has gone", () => embedded.server.clients.count === 1);
  await control.call("CONFIG", "SET", "maxmemory", "0");
  using again = await filled(embedded, "again", 3 * MEBIBYTE);
  assertEquals(fieldOf(embedded, "again", "qbuf"), String(3 * MEBIBYTE));
  for (const client of [small, large, again]) client.close();
});

Deno.test("NO-EVICT spares a client for as long as it is on", async () => {
  await using embedded = await embed({ "maxmemory-clients": "1mb" });
  using control = await named(embedded, "control");
  await control.call("CLIENT", "NO-EVICT", "on");
  await control.call("SET", "big", "b".repeat(MEBIBYTE));
  using greedy = await named(embedded, "greedy");
  await greedy.call("CLIENT", "NO-EVICT", "on");
  greedy.sendRaw(
    encodeCommands(Array.from({ length: 20 }, () => ["GET", "big"])),
  );
  await until(
    "it has more than the limit",
    () => Number(fieldOf(embedded, "greedy", "tot-mem")) > 4 * MEBIBYTE,
  );
  assertLess(
    4 * MEBIBYTE,
    Number(infoOf(embedded, "client_recent_max_output_buffer")),
  );
  assertEquals(embedded.server.clients.count, 2);
  greedy.sendRaw(encodeCommands([["CLIENT", "NO-EVICT", "off"]]));
  // It is noted at the latest a second later.
  await until("it has gone", () => embedded.server.clients.count === 1);
});

Deno.test("who gets more in one turn than the hard limit gets nothing of it", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "normal 100000 0 0",
  });
  using control = await named(embedded, "control");
  await control.call("SET", "value", "v".repeat(10_000));
  await control.call("SET", "big", "v".repeat(150_000));
  const replies: Record<string, string[][]> = {
    one: [["GET", "big"]],
    pipeline: Array.from({ length: 15 }, () => ["GET", "value"]),
    mixed: [["INCR", "n"], ["STRLEN", "big"], ["GET", "big"], ["INCR", "n"]],
  };
  for (const [name, commands] of Object.entries(replies)) {
    using client = await named(embedded, name);
    client.sendRaw(encodeCommands(commands));
    const outcome = await client.readReply().catch((error) => String(error));
    assertMatch(String(outcome), /hung up|reset/, name);
    assertMatch(
      embedded.log(),
      new RegExp(`name=${name} .* closed for overcoming of output`),
    );
  }
  // What stood behind the reply that was too much was not executed.
  assertEquals(await control.call("GET", "n"), "1");
  using modest = await named(embedded, "modest");
  const nine = Array.from({ length: 9 }, () => ["GET", "value"]);
  assertEquals((await modest.pipeline(nine)).length, 9);
});

Deno.test("a transaction that replies too much is executed to its end", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "normal 100000 0 0",
  });
  using control = await named(embedded, "control");
  await control.call("SET", "big", "v".repeat(150_000));
  using client = await named(embedded, "client");
  client.sendRaw(encodeCommands([
    ["MULTI"],
    ["SET", "before", "1"],
    ["GET", "big"],
    ["SET", "behind", "1"],
    ["EXEC"],
    ["SET", "later", "1"],
  ]));
  await client.ended();
  assertEquals(
    await control.call("MGET", "before", "behind", "later"),
    ["1", "1", null],
  );
});

Deno.test("a client that was closed is in no list any more, and its memory in no sum", async () => {
  await using embedded = await embed();
  using control = await named(embedded, "control");
  using other = await named(embedded, "other");
  const [reply, list] = await control.pipeline([
    ["CLIENT", "KILL", "SKIPME", "yes"],
    ["CLIENT", "LIST"],
  ]);
  assertEquals(reply, 1);
  assert(!String(list).includes("name=other"));
  assertEquals(embedded.server.clients.count, 1);
  await other.ended();
});
