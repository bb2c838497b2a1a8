/** Over sockets: those who wait, what they have sent since, and their going. */
import { assertEquals } from "@std/assert";
import { connect, encodeCommands } from "../support/client.ts";
import { embed, type Embedded, until } from "./embedded.ts";

// What a test leaves behind fails it, a timer too.
Deno.test.sanitizer({ ops: true, resources: true });

function waiters(count: number, { server }: Embedded): Promise<void> {
  return until(
    `${count} clients to wait`,
    () => server.dispatcher.blocking.count === count,
  );
}

Deno.test("a pipeline goes on when its command has waited", async () => {
  await using home = await embed();
  using waiter = await connect(home.port);
  using pusher = await connect(home.port);
  const replies = waiter.pipeline([
    ["BLPOP", "k", 0],
    ["SET", "x", 1],
    ["BLPOP", "k", 0.005],
    ["GET", "x"],
  ]);
  await waiters(1, home);
  assertEquals(await pusher.call("GET", "x"), null);
  assertEquals(await pusher.call("RPUSH", "k", "v"), 1);
  assertEquals(await replies, [["k", "v"], "OK", null, "1"]);
});

Deno.test("who hangs up waits no more, even when he only sends no more", async () => {
  await using home = await embed();
  using pusher = await connect(home.port);
  const half = await Deno.connect({ port: home.port, hostname: "127.0.0.1" });
  await half.write(encodeCommands([["BLPOP", "k", 60]]));
  {
    using gone = await connect(home.port);
    gone.pipeline([["BLPOP", "k", 60]]).catch(() => {});
    await waiters(2, home);
  }
  await waiters(1, home);
  await half.closeWrite();
  await waiters(0, home);
  half.close();
  assertEquals(await pusher.call("RPUSH", "k", "v"), 1);
  assertEquals(await pusher.call("LLEN", "k"), 1);
});

Deno.test("CLIENT UNBLOCK and CLIENT KILL end the waiting of others", async () => {
  await using home = await embed();
  using admin = await connect(home.port);
  using one = await connect(home.port);
  using other = await connect(home.port);
  const id = Number(await one.call("CLIENT", "ID"));
  const otherId = Number(await other.call("CLIENT", "ID"));
  assertEquals(await admin.call("CLIENT", "UNBLOCK", id), 0);
  const timedOut = one.call("BLPOP", "k", 0);
  await waiters(1, home);
  assertEquals(await admin.call("CLIENT", "UNBLOCK", id), 1);
  assertEquals(await timedOut, null);
  const refused = one.pipeline([["BLPOP", "k", 0], ["PING"]]);
  const killed = other.call("BLPOP", "k", 0).catch(() => "killed");
  await waiters(2, home);
  assertEquals(
    await admin.pipeline([
      ["CLIENT", "UNBLOCK", id, "ERROR"],
      ["CLIENT", "KILL", "ID", otherId],
      ["RPUSH", "k", "v"],
      ["LLEN", "k"],
    ]),
    [1, 1, 1, 1],
  );
  const [error, pong] = await refused;
  assertEquals(`${error}`.replace(/^\w*: /, ""), UNBLOCKED);
  assertEquals(pong, "PONG");
  assertEquals(await killed, "killed");
  await waiters(0, home);
});

const UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

Deno.test("a server can be stopped while clients wait", async () => {
  const home = await embed();
  using waiter = await connect(home.port);
  const reply = waiter.call("BLPOP", "k", 60).catch(() => "gone");
  await waiters(1, home);
  await home[Symbol.asyncDispose]();
  assertEquals(await reply, "gone");
});
