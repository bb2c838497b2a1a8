/** Commands that reply later hold their own client, and nobody else. */
import { assert, assertEquals } from "@std/assert";
import type { LaterEnd } from "../../src/commands/call.ts";
import { command } from "../../src/commands/define/command.ts";
import { ReplyError } from "../../src/protocol/errors.ts";
import { encodeCommands } from "../support/client.ts";
import { latin1 } from "../support/reply.ts";
import { Bench, type BenchClient } from "./harness.ts";

/** What the next LATER does. */
let work: () => LaterEnd | Promise<LaterEnd>;

/** Any command may do it; the table of a test has one that does nothing else. */
function bench(
  flags: readonly ("readonly" | "write" | "fast")[] = ["readonly", "fast"],
): Bench {
  const made = new Bench();
  const { table } = made.server;
  const id = table.commands.indexOf(table.find("LOLWUT")!);
  const later = command({
    name: "LOLWUT",
    group: "server",
    since: "5.0.0",
    summary: "Replies later",
    flags,
    arity: -1,
    run: (call) => call.later(work),
  });
  const commands = [...table.commands];
  commands[id] = later;
  Object.defineProperty(table, "commands", { value: commands });
  return made;
}

/** Lets promises that have settled be heard. */
const soon = () => new Promise((resolve) => setTimeout(resolve, 0));

function sent({ transport }: BenchClient): string {
  return transport.take();
}

Deno.test("commands behind one that waits wait too, those of others do not", async () => {
  const { promise, resolve } = Promise.withResolvers<LaterEnd>();
  work = () => promise;
  const server = bench();
  const [client, other] = [server.connect(), server.connect()];
  client.session.awakened = () => client.goOn();
  client.sendFirst("PING\r\nLOLWUT\r\nSET a 1\r\nGET a\r\n");
  assertEquals(sent(client), "+PONG\r\n");
  client.sendFirst("PING more\r\n");
  assertEquals(sent(client), "");
  assertEquals(other.send("GET a\r\n"), "$-1\r\n");
  client.goOn();
  assertEquals(sent(client), "");
  resolve(({ reply }) => reply.simple("DONE"));
  await soon();
  assertEquals(sent(client), "+DONE\r\n+OK\r\n$1\r\n1\r\n$4\r\nmore\r\n");
  assert(!client.session.isHeld && !client.session.isWaiting);
});

Deno.test("what a pause holds up comes to its end after it", async () => {
  for (const flag of ["readonly", "write"] as const) {
    const { promise, resolve } = Promise.withResolvers<LaterEnd>();
    work = () => promise;
    const server = bench([flag]);
    const client = server.connect();
    client.session.awakened = () => client.goOn();
    client.sendFirst("LOLWUT\r\n");
    const { pause } = server.server;
    pause.begin("write", Date.now() + 60_000);
    resolve(({ reply }) => reply.ok());
    await soon();
    assertEquals(sent(client), flag === "write" ? "" : "+OK\r\n");
    pause.end();
    await soon();
    assertEquals(sent(client), flag === "write" ? "+OK\r\n" : "");
  }
});

Deno.test("a command of its own alone may wait too", async () => {
  const { promise, resolve } = Promise.withResolvers<LaterEnd>();
  work = () => promise;
  const client = bench().connect();
  client.sendFirst("LOLWUT\r\n");
  assert(client.session.isWaiting);
  client.sendFirst("PING\r\n");
  assertEquals(sent(client), "");
  client.session.awakened = () => client.goOn();
  resolve(({ reply }) => reply.ok());
  await soon();
  assertEquals(sent(client), "+OK\r\n+PONG\r\n");
  assertEquals(client.send("PING\r\n"), "+PONG\r\n");
});

Deno.test("errors, effects and arguments of the end are those of a command", async () => {
  const server = bench();
  const { dispatcher } = server.server;
  const told: string[] = [];
  dispatcher.commit.observe(({ commands }) => {
    told.push(...commands.map((words) => words.map(latin1).join(" ")));
  });
  const client = server.connect();
  client.session.awakened = () => client.goOn();
  client.send("SET a 1\r\n");
  told.length = 0;
  work = () => Promise.reject(new ReplyError("IOERR it broke"));
  client.send("LOLWUT\r\n");
  await soon();
  assertEquals(sent(client), "-IOERR it broke\r\n");
  work = () =>
    Promise.resolve((call) => {
      const key = call.push("a");
      assertEquals(call.db.delete(key), true);
      call.changed(key, "del");
      call.propagate(["DEL", "a"]);
      call.reply.integer(1);
    });
  client.send("LOLWUT\r\n");
  await soon();
  assertEquals(sent(client), ":1\r\n");
  assertEquals(told, ["DEL a"]);
  const use = dispatcher.statistics.use(server.server.table.find("LOLWUT")!);
  assertEquals([use.calls, use.failed], [2, 1]);
  server.verify();
});

Deno.test("work without a promise runs between batches and may replay commands", () => {
  const server = bench();
  const { dispatcher } = server.server;
  work = () => {
    const replay = dispatcher.replay();
    assertEquals(replay.feed(encodeCommands([["SET", "a", "7"]])), null);
    replay.close();
    return ({ reply }) => reply.simple("LOADED");
  };
  const client = server.connect();
  assertEquals(
    client.send("PING\r\nLOLWUT\r\nGET a\r\nLOLWUT\r\nPING\r\n"),
    "+PONG\r\n+LOADED\r\n$1\r\n7\r\n+LOADED\r\n+PONG\r\n",
  );
});

Deno.test("a client that leaves gets nothing, but the end is carried out", async () => {
  const { promise, resolve } = Promise.withResolvers<LaterEnd>();
  work = () => promise;
  const server = bench();
  const client = server.connect();
  client.sendFirst("LOLWUT\r\nSET b 1\r\n");
  client.session.kill();
  client.leave();
  let ended = false;
  resolve(({ reply }) => {
    ended = true;
    reply.ok();
  });
  await soon();
  assert(ended);
  const other = server.connect();
  assertEquals(other.send("GET b\r\nPING\r\n"), "$-1\r\n+PONG\r\n");
});

Deno.test("nobody hears of what CLIENT REPLY silences, later neither", async () => {
  work = () => Promise.resolve(({ reply }) => reply.ok());
  const client = bench().connect();
  client.session.awakened = () => client.goOn();
  client.send("CLIENT REPLY SKIP\r\nLOLWUT\r\nPING\r\n");
  await soon();
  assertEquals(sent(client), "+PONG\r\n");
});
