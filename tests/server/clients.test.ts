/** Clients over sockets: who may stay, who must go, and who waits for whom. */
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertNotMatch,
  assertRejects,
} from "@std/assert";
import {
  Client,
  connect,
  encodeCommands,
  type Word,
} from "../support/client.ts";
import { infoField } from "../support/info.ts";
import { embed, type Embedded, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const MEBIBYTE = 2 ** 20;

/** The fields of a client's line in CLIENT LIST. */
async function fieldsOf(
  asker: Client,
  id: number,
): Promise<Map<string, string>> {
  const line = String(await asker.call("CLIENT", "LIST", "ID", id)).trim();
  return new Map(
    line.split(" ").map((field) => {
      const at = field.indexOf("=");
      return [field.slice(0, at), field.slice(at + 1)];
    }),
  );
}

async function statOf(asker: Client, name: string): Promise<number> {
  const text = String(await asker.call("INFO", "everything"));
  return Number(infoField(text, name));
}

function repeated(count: number, ...words: Word[]): Uint8Array<ArrayBuffer> {
  return encodeCommands(Array.from({ length: count }, () => words));
}

// Who may come in.

Deno.test("one client too many is told so and sent away", async () => {
  await using embedded = await embed({ maxclients: 2 });
  const { port } = embedded;
  using first = await connect(port);
  using second = await connect(port);
  await second.call("PING");
  {
    using third = await connect(port);
    const reply = await third.readReply();
    assert(reply.kind === "error");
    assertEquals(reply.text, "ERR max number of clients reached");
    await third.ended();
  }
  await first.call("CONFIG", "SET", "maxclients", "3");
  using third = await connect(port);
  assertEquals(await third.call("PING"), "PONG");
  // Fewer are no reason to send anybody away.
  await first.call("CONFIG", "SET", "maxclients", "1");
  assertEquals(await third.call("PING"), "PONG");
  assertEquals(await statOf(first, "rejected_connections"), 1);
});

Deno.test("five hundred connections come and go without a trace", async () => {
  await using embedded = await embed();
  const { port, server } = embedded;
  using asker = await connect(port);
  const usedBytes = () => server.engine.calls.usedBytes();
  const visit = async () => {
    const clients = await Promise.all(
      Array.from({ length: 500 }, () => connect(port, { timeoutMs: 60_000 })),
    );
    await Promise.all(clients.map(async (client, i) => {
      assertEquals(await client.call("INCRBY", "n", 1) !== null, true);
      // Half of them leave in the middle of a command.
      if (i % 2) {
        await client.sendRaw(repeated(1, "SET", "x", "y").slice(0, 20));
      }
      client.close();
    }));
    await until("all have gone", () => server.clients.count === 1);
  };
  await asker.call("SET", "n", 0);
  const before = usedBytes();
  await visit();
  await visit();
  await until("nothing is left of them", () => usedBytes() === before);
  assertEquals(await asker.call("GET", "n"), "1000");
});

// Who must go.

Deno.test("who has hung up is not counted by what comes after that", async () => {
  await using embedded = await embed();
  const { port } = embedded;
  using asker = await connect(port);
  for (let round = 0; round < 20; round++) {
    const client = await connect(port);
    assertEquals(await client.call("PING"), "PONG");
    assertEquals(await statOf(asker, "connected_clients"), 2);
    client.close();
    assertEquals(await statOf(asker, "connected_clients"), 1);
  }
  // Who stops the server now does not wait for the last of them either.
});

Deno.test("timeout ends those who are silent, and nobody else", async () => {
  await using embedded = await embed({ timeout: 1 });
  using idle = await connect(embedded.port);
  using busy = await connect(embedded.port);
  using half = await connect(embedded.port);
  await idle.call("PING");
  await half.sendRaw(repeated(1, "SET", "x", "y").slice(0, 20));
  let isOver = false;
  const ended = Promise.all([idle.ended(), half.ended()])
    .then(() => isOver = true);
  while (!isOver) {
    assertEquals(await busy.call("PING"), "PONG");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await ended;
  await busy.call("CONFIG", "SET", "timeout", "0");
});

/** Asks for so many large values and reads nothing. */
async function stuff(
  embedded: Embedded,
  count: number,
): Promise<{ greedy: Client; id: number }> {
  using asker = await connect(embedded.port);
  await asker.call("SET", "big", "b".repeat(MEBIBYTE));
  const greedy = await connect(embedded.port, { timeoutMs: 60_000 });
  const id = Number(await greedy.call("CLIENT", "ID"));
  await greedy.sendRaw(repeated(count, "GET", "big"));
  return { greedy, id };
}

Deno.test("the hard output limit ends a client at once", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "normal 20mb 0 0",
  });
  const { greedy } = await stuff(embedded, 100);
  await until("the limit", () => embedded.server.clients.count === 0);
  assertMatch(
    embedded.log(),
    /Client id=\d+ .* closed for overcoming of output buffer limits/,
  );
  greedy.close();
});

Deno.test("the soft output limit ends a client who stays above it", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "normal 0 10mb 1",
  });
  const startedMs = performance.now();
  const { greedy } = await stuff(embedded, 100);
  await until("the limit", () => embedded.server.clients.count === 0);
  assert(performance.now() - startedMs > 1000);
  greedy.close();
});

Deno.test("whoever comes back below the soft limit in time may stay", async () => {
  await using embedded = await embed({
    "client-output-buffer-limit": "normal 0 10mb 2",
  });
  const { greedy, id } = await stuff(embedded, 30);
  using asker = await connect(embedded.port);
  const omem = async () => Number((await fieldsOf(asker, id)).get("omem"));
  await until("something is pending", async () => await omem() > 10 * MEBIBYTE);
  for (let i = 0; i < 30; i++) await greedy.readReply();
  await until("all is sent", async () => await omem() === 0);
  assertEquals(await greedy.call("PING"), "PONG");
  greedy.close();
});

Deno.test("an endless argument is cut off by client-query-buffer-limit", async () => {
  await using embedded = await embed({ "client-query-buffer-limit": "1mb" });
  using client = await connect(embedded.port);
  client.sendRaw(new TextEncoder().encode("*2\r\n$3\r\nGET\r\n$100000000\r\n"))
    .catch(() => {});
  client.sendRaw(new Uint8Array(8 * MEBIBYTE)).catch(() => {});
  await until("the limit", () => embedded.server.clients.count === 0);
  await client.ended();
  assertMatch(embedded.log(), /Closing client that reached max query buffer/);
});

// Who waits for whom.

Deno.test("who asks for much and reads nothing holds up only himself", async () => {
  await using embedded = await embed();
  const { greedy, id } = await stuff(embedded, 1000);
  using other = await connect(embedded.port);
  let slowestMs = 0;
  let mostPending = 0;
  for (let i = 0; i < 200; i++) {
    const startedMs = performance.now();
    const fields = await fieldsOf(other, id);
    slowestMs = Math.max(slowestMs, performance.now() - startedMs);
    mostPending = Math.max(mostPending, Number(fields.get("omem")));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // It is his to read up to 64 MB and a turn; the rest is not made yet.
  assertLess(mostPending, 70 * MEBIBYTE);
  assert(mostPending > 50 * MEBIBYTE, `${mostPending}`);
  // A generous bound: all at once would take longer by far.
  assertLess(slowestMs, 500);
  greedy.close();
  await until("he has gone", () => embedded.server.clients.count === 1);
});

Deno.test("who begins to read late gets all that he asked for", async () => {
  await using embedded = await embed();
  const { greedy, id } = await stuff(embedded, 150);
  using other = await connect(embedded.port);
  await until("he is held", async () => {
    const fields = await fieldsOf(other, id);
    return Number(fields.get("omem")) > 64 * MEBIBYTE;
  });
  for (let i = 0; i < 150; i++) {
    assertEquals((await greedy.readReply()).kind, "bulk");
  }
  greedy.close();
});

Deno.test("who reads in the end gets all that he asked for", async () => {
  await using embedded = await embed();
  const { greedy, id } = await stuff(embedded, 150);
  using other = await connect(embedded.port);
  // He goes on sending: first it is kept, then it is not even read.
  const value = "v".repeat(MEBIBYTE);
  const sent = greedy.sendRaw(repeated(60, "SET", "a", value));
  await until("the input is full", async () => {
    const fields = await fieldsOf(other, id);
    return Number(fields.get("qbuf")) > 16 * MEBIBYTE;
  });
  assertEquals(await other.call("EXISTS", "a"), 0);
  assertLess(Number((await fieldsOf(other, id)).get("qbuf")), 17 * MEBIBYTE);
  for (let i = 0; i < 150; i++) {
    const reply = await greedy.readReply();
    assert(reply.kind === "bulk" && reply.bytes.length === MEBIBYTE);
  }
  for (let i = 0; i < 60; i++) {
    assertEquals(await greedy.readReply(), { kind: "simple", text: "OK" });
  }
  await sent;
  assertEquals(await other.call("STRLEN", "a"), MEBIBYTE);
  const fields = await fieldsOf(other, id);
  assertEquals([fields.get("qbuf"), fields.get("omem")], ["0", "0"]);
  greedy.close();
});

Deno.test("what was sent before the connection broke is executed", async () => {
  await using embedded = await embed();
  using asker = await connect(embedded.port);
  await asker.call("SET", "big", "b".repeat(MEBIBYTE));
  const hasty = await Deno.connect({ port: embedded.port });
  const bytes = encodeCommands([
    ...Array.from({ length: 80 }, () => ["GET", "big"]),
    ["SET", "last", "word"],
  ]);
  assertEquals(await hasty.write(bytes), bytes.length);
  const received = new Uint8Array(100);
  await hasty.read(received);
  // Bytes that he has not read make this a reset.
  hasty.close();
  await until("the last", async () => await asker.call("EXISTS", "last") === 1);
  // Without those of which nothing comes but a reply.
  const info = String(await asker.call("INFO", "commandstats"));
  const getCount = Number(info.match(/^cmdstat_get:calls=(\d+)/m)?.[1]);
  assert(getCount < 80, `${getCount} GETs`);
  await until("he has gone", () => embedded.server.clients.count === 1);
});

Deno.test("who only stops sending gets the rest of his replies", async () => {
  await using embedded = await embed();
  using asker = await connect(embedded.port);
  await asker.call("SET", "big", "b".repeat(MEBIBYTE));
  const connection = await Deno.connect({ port: embedded.port });
  using client = new Client(connection, 60_000);
  await client.sendRaw(repeated(100, "GET", "big"));
  await client.sendRaw(
    encodeCommands([["PING"], ["SET", "half"]]).slice(0, -3),
  );
  await connection.closeWrite();
  for (let i = 0; i < 100; i++) {
    assertEquals((await client.readReply()).kind, "bulk");
  }
  assertEquals(await client.readReply(), { kind: "simple", text: "PONG" });
  await client.ended();
  await until("he has gone", () => embedded.server.clients.count === 1);
});

Deno.test("connections that break anywhere leave nothing behind", async () => {
  await using embedded = await embed();
  const { port, server } = embedded;
  using asker = await connect(port);
  await asker.call("SET", "big", "b".repeat(100_000));
  const bytes = encodeCommands([
    ["SET", "a", "x".repeat(50_000)],
    ["GET", "big"],
    ["INCR", "n"],
    ["MSET", ...Array.from({ length: 4000 }, () => "k")],
  ]);
  const visit = async () => {
    for (let at = 1; at < bytes.length; at += 997) {
      const connection = await Deno.connect({ port });
      await connection.write(bytes.subarray(0, at));
      // Some replies are read, so that some ends are resets and some are not.
      if (at % 3 === 0) await connection.closeWrite();
      connection.close();
    }
    await until("all have gone", () => server.clients.count === 1);
  };
  await visit();
  const before = server.engine.calls.usedBytes();
  await visit();
  assertEquals(server.engine.calls.usedBytes(), before);
  assertEquals(server.engine.calls.verifyAllocator(), 0);
  assertEquals(await asker.call("PING"), "PONG");
});

// CLIENT over sockets.

Deno.test("CLIENT LIST has the fields of Redis, in their order", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  await client.call("CLIENT", "SETNAME", "me");
  await client.call("HELLO", "3");
  const line = String(await client.call("CLIENT", "LIST"));
  assertMatch(
    line,
    new RegExp(
      "^id=1 addr=127\\.0\\.0\\.1:\\d+ laddr=127\\.0\\.0\\.1:\\d+ fd=-?\\d+ " +
        "name=me age=\\d+ idle=0 flags=N db=0 sub=0 psub=0 ssub=0 multi=-1 " +
        "qbuf=26 qbuf-free=\\d+ argv-mem=\\d+ multi-mem=0 rbs=\\d+ rbp=\\d+ " +
        "obl=\\d+ oll=\\d+ omem=\\d+ tot-mem=\\d+ events=r " +
        "cmd=client\\|list user=default redir=-1 resp=3 lib-name= lib-ver=\\n$",
    ),
  );
});

Deno.test("CLIENT LIST chooses by number and by kind", async () => {
  await using embedded = await embed();
  using a = await connect(embedded.port);
  using b = await connect(embedded.port);
  await b.call("PING");
  const lines = async (...words: Word[]) =>
    String(await a.call("CLIENT", "LIST", ...words)).split("\n").length - 1;
  assertEquals(await lines(), 2);
  assertEquals(await lines("ID", 2), 1);
  assertEquals(await lines("ID", 1, 2, 99), 2);
  assertEquals(await lines("TYPE", "normal"), 2);
  assertEquals(await lines("TYPE", "pubsub"), 0);
  await assertRejects(() => lines("TYPE", "odd"), Error, "Unknown client type");
  await assertRejects(() => lines("ID", "odd"), Error, "Invalid client ID");
});

Deno.test("CLIENT KILL closes those it names and spares the asker", async () => {
  await using embedded = await embed();
  const { port, server } = embedded;
  using asker = await connect(port);
  const kill = (...words: Word[]) => asker.call("CLIENT", "KILL", ...words);
  const victim = async () => {
    const client = await connect(port);
    const fields = await fieldsOf(
      asker,
      Number(await client.call("CLIENT", "ID")),
    );
    return { client, fields };
  };
  for (
    const filter of [
      (f: Map<string, string>) => ["ID", f.get("id")!],
      (f: Map<string, string>) => ["ADDR", f.get("addr")!],
      (f: Map<string, string>) => ["ADDR", f.get("addr")!, "USER", "default"],
      (f: Map<string, string>) => ["LADDR", f.get("laddr")!],
      () => ["TYPE", "normal"],
      // Of two of a kind the last one counts.
      (f: Map<string, string>) => ["ID", "99", "ID", f.get("id")!],
    ]
  ) {
    const { client, fields } = await victim();
    assertEquals(await kill(...filter(fields)), 1);
    await client.ended();
    client.close();
    await until("he has gone", () => server.clients.count === 1);
  }
  const { client, fields } = await victim();
  assertEquals(await kill(fields.get("addr")!), "OK");
  await client.ended();
  client.close();
  await assertRejects(() => kill("1.2.3.4:5"), Error, "No such client");
  await assertRejects(() => kill("MAXAGE", "x"), Error, "not an integer");
  await assertRejects(() => kill("MAXAGE", 0), Error, "greater than 0");
  assertEquals(await kill("MAXAGE", 1000, "SKIPME", "no"), 0);
  assertEquals(await kill("ID", 99), 0);
  assertEquals(await kill("ID", 1), 0);
  assertEquals(await kill("ID", 1, "SKIPME", "no"), 1);
  await asker.ended();
});

Deno.test("a killed client's pipeline goes no further", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  using other = await connect(embedded.port);
  await other.call("PING");
  const replies = await client.pipeline([
    ["SET", "a", "1"],
    ["CLIENT", "KILL", "ID", 1, "SKIPME", "no"],
  ]);
  assertEquals(replies, ["OK", 1]);
  await client.ended();
  using last = await connect(embedded.port);
  last.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");
  last.send("SET", "a", "2");
  assertEquals((await last.readReply()).kind, "integer");
  await last.ended();
  using asker = await connect(embedded.port);
  assertEquals(await asker.call("GET", "a"), "1");
});

Deno.test("a protocol error closes only behind the replies before it", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  await client.sendRaw(new TextEncoder().encode(
    "SET a 1\r\nNOSUCH\r\nGET a\r\n*1\r\n+PING\r\nSET a 2\r\n",
  ));
  assertEquals(await client.readReply(), { kind: "simple", text: "OK" });
  assertEquals((await client.readReply()).kind, "error");
  assertEquals((await client.readReply()).kind, "bulk");
  const last = await client.readReply();
  assert(last.kind === "error");
  assertEquals(last.text, "ERR Protocol error: expected '$', got '+'");
  await client.ended();
  using asker = await connect(embedded.port);
  assertEquals(await asker.call("GET", "a"), "1");
});

Deno.test("QUIT and its last replies reach who asked for megabytes", async () => {
  await using embedded = await embed();
  const { port } = embedded;
  using client = await connect(port, { timeoutMs: 60_000 });
  await client.call("SET", "big", "b".repeat(10 * MEBIBYTE));
  await client.send("GET", "big");
  await client.send("QUIT");
  // Unread bytes at the server's end must not cost him the replies.
  await client.sendRaw(repeated(100, "SET", "never", "x".repeat(10_000)));
  assertEquals((await client.readReply()).kind, "bulk");
  assertEquals(await client.readReply(), { kind: "simple", text: "OK" });
  await client.ended();
  using asker = await connect(port);
  assertEquals(await asker.call("EXISTS", "never"), 0);
});

Deno.test("traffic is counted in both directions", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  const ping = encodeCommands([["PING"]]);
  const before = {
    input: await statOf(client, "total_net_input_bytes"),
    output: embedded.server.clients.netOutputBytes,
  };
  const infoBytes = encodeCommands([["INFO", "everything"]]).length;
  for (let i = 0; i < 10; i++) await client.call("PING");
  assertEquals(
    await statOf(client, "total_net_input_bytes") - before.input,
    10 * ping.length + infoBytes,
  );
  assert(embedded.server.clients.netOutputBytes > before.output + 70);
});

Deno.test("the log tells of clients at verbose, and only then", async () => {
  await using quiet = await embed();
  (await connect(quiet.port)).close();
  await using talkative = await embed({ loglevel: "verbose" });
  using client = await connect(talkative.port);
  await client.call("PING");
  assertNotMatch(quiet.log(), /Accepted/);
  assertMatch(talkative.log(), / - Accepted 127\.0\.0\.1:\d+\n/);
});
