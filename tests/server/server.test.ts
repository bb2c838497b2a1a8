/** Servers in one process: their sockets, and where they listen. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { Config } from "../../src/server/config/config.ts";
import { StartError } from "../../src/server/config/errors.ts";
import { Log } from "../../src/server/log.ts";
import { Server } from "../../src/server/server.ts";
import { Client, connect } from "../support/client.ts";
import { Bench } from "../dispatch/harness.ts";
import { freePort } from "../support/launch.ts";
import { embed, until } from "./embedded.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const silent = new Log(() => {});

/** The machine's own address that is not the loopback, if it has one. */
function outerAddress(): string | undefined {
  return Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  )?.address;
}

const withoutIpv6 = !Deno.networkInterfaces().some(({ address }) =>
  address === "::1"
);

async function refuses(port: number, hostname = "127.0.0.1"): Promise<boolean> {
  try {
    (await Deno.connect({ port, hostname })).close();
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return true;
    throw error;
  }
}

Deno.test("servers in one process share nothing", async () => {
  await using first = await embed({ requirepass: "secret", databases: 2 });
  await using second = await embed({ maxmemory: "100mb" });
  using a = await connect(first.port);
  using b = await connect(second.port);
  assertEquals(await a.call("AUTH", "secret"), "OK");
  await a.call("SET", "key", "first");
  await b.call("SET", "key", "second");
  await a.call("CONFIG", "SET", "timeout", "77");
  await a.call("CLIENT", "SETNAME", "one");
  assertEquals(await a.call("GET", "key"), "first");
  assertEquals(await b.call("GET", "key"), "second");
  assertEquals(await b.call("CONFIG", "GET", "timeout"), ["timeout", "0"]);
  assertEquals(await b.call("CLIENT", "GETNAME"), null);
  assertEquals(await b.call("CLIENT", "ID"), 1);
  assertEquals(await b.call("SELECT", "15"), "OK");
  await assertRejects(() => a.call("SELECT", "15"), Error, "out of range");
  assert(first.server.runId !== second.server.runId);
  await first.server.stop();
  assertEquals(await b.call("PING"), "PONG");
});

Deno.test("a server that has stopped leaves its port to the next, at once", async () => {
  const port = freePort();
  for (let round = 0; round < 5; round++) {
    await using embedded = await embed({ port });
    using client = await connect(port);
    // The data went with the server before.
    assertEquals(await client.call("INCR", "n"), 1);
    await embedded.server.stop();
    await client.ended();
  }
  assert(await refuses(port));
});

Deno.test("stopping twice, or before the start has ended, is harmless", async () => {
  const port = freePort();
  const config = Config.from({ port, bind: "127.0.0.1", save: "" });
  const server = new Server(config, { log: silent });
  const started = server.start();
  const stopped = server.stop();
  await started;
  await stopped;
  await server.stop();
  await server.stopped;
  assert(await refuses(port));
});

Deno.test("stopping turns out clients in any state", async () => {
  await using embedded = await embed();
  const { port, server } = embedded;
  using idle = await connect(port);
  await idle.call("PING");
  using half = await connect(port);
  await half.sendRaw(
    new TextEncoder().encode("*2\r\n$3\r\nGET\r\n$100000\r\nx"),
  );
  using greedy = await connect(port);
  await greedy.call("SET", "big", "x".repeat(2 ** 20));
  for (let i = 0; i < 100; i++) await greedy.send("GET", "big");
  // A key that is due later must not keep a timer.
  await idle.call("SET", "k", "v", "EX", "1000");
  await until("the half command", () => server.clients.count === 3);
  await server.stop();
  assertEquals(server.clients.count, 0);
  for (const client of [idle, half, greedy]) await client.ended();
});

Deno.test("a server that cannot have its port says so and leaves nothing", async () => {
  await using taken = await embed();
  const dir = await Deno.makeTempDir();
  let log = "";
  const config = Config.from({
    save: "",
    port: taken.port,
    bind: "127.0.0.1",
    pidfile: `${dir}/server.pid`,
    unixsocket: `${dir}/socket`,
  });
  const server = new Server(config, { log: new Log((line) => log += line) });
  await assertRejects(
    () => server.start(),
    StartError,
    `Failed listening on port ${taken.port} (tcp), aborting.`,
  );
  assertMatch(
    log,
    new RegExp(
      `# Warning: Could not create server TCP listening socket ` +
        `127.0.0.1:${taken.port}: bind: Address already in use\n`,
    ),
  );
  assertEquals([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
  using client = await connect(taken.port);
  assertEquals(await client.call("PING"), "PONG");
});

Deno.test({
  name: "when one of several addresses is taken, the others are given back",
  ignore: withoutIpv6,
  async fn() {
    const port = freePort();
    const other = Deno.listen({ hostname: "::1", port });
    const config = Config.from({ port, bind: "127.0.0.1 ::1", save: "" });
    const server = new Server(config, { log: silent });
    await assertRejects(() => server.start(), StartError);
    assert(await refuses(port));
    other.close();
  },
});

Deno.test({
  name: "a server listens on every address of bind",
  ignore: withoutIpv6,
  async fn() {
    await using embedded = await embed({ bind: "127.0.0.1 ::1 -192.0.2.77" });
    const { port } = embedded;
    using four = await connect(port);
    using six = await connect(port, { hostname: "::1" });
    const info4 = String(await four.call("CLIENT", "INFO"));
    const info6 = String(await six.call("CLIENT", "INFO"));
    assertMatch(
      info4,
      new RegExp(`addr=127.0.0.1:\\d+ laddr=127.0.0.1:${port} `),
    );
    assertMatch(
      info6,
      new RegExp(`addr=\\[::1\\]:\\d+ laddr=\\[::1\\]:${port} `),
    );
    assertMatch(embedded.log(), /listening socket 192\.0\.2\.77:\d+: /);
  },
});

Deno.test("an address that must exist and does not ends the start", async () => {
  const config = Config.from({
    save: "",
    port: freePort(),
    bind: "127.0.0.1 192.0.2.77",
  });
  const server = new Server(config, { log: silent });
  await assertRejects(() => server.start(), StartError, "Failed listening");
});

Deno.test("a server that would listen nowhere does not start", async () => {
  for (const values of [{ port: 0 }, { bind: "-192.0.2.77" }, { bind: "" }]) {
    const config = Config.from({ port: freePort(), save: "", ...values });
    const server = new Server(config, { log: silent });
    await assertRejects(
      () => server.start(),
      StartError,
      "Configured to not listen anywhere, exiting.",
    );
  }
});

// Unix sockets.

async function connectUnix(path: string): Promise<Client> {
  const connection = await Deno.connect({ transport: "unix", path });
  // It has no delay to switch off, and the client asks for nothing else.
  return new Client(connection as unknown as Deno.TcpConn, 10_000);
}

Deno.test("a unix socket serves beside TCP, and goes with the server", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/keysaur.sock`;
  // What a server that was killed has left behind is in nobody's way.
  await Deno.writeTextFile(path, "");
  {
    await using embedded = await embed({
      dir,
      unixsocket: "keysaur.sock",
      unixsocketperm: "700",
    });
    using tcp = await connect(embedded.port);
    using unix = await connectUnix(path);
    await unix.call("SET", "a", "1");
    assertEquals(await tcp.call("GET", "a"), "1");
    const info = String(await unix.call("CLIENT", "INFO"));
    assert(info.includes(` addr=${path}:0 laddr=${path}:0 `), info);
    assertMatch(info, / flags=U /);
    const { mode } = await Deno.stat(path);
    assertEquals(mode! & 0o777, 0o700);
    assertMatch(embedded.log(), /Ready to accept connections tcp\n/);
    assertMatch(embedded.log(), /Ready to accept connections unix\n/);
  }
  assertEquals([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a server may listen on a unix socket alone", async () => {
  const dir = await Deno.makeTempDir();
  const unixsocket = `${dir}/s`;
  await using _embedded = await embed({ port: 0, unixsocket });
  using client = await connectUnix(unixsocket);
  assertEquals(await client.call("PING"), "PONG");
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a unix socket that cannot be made ends the start", async () => {
  const port = freePort();
  const unixsocket = "/nonexistent/dir/s";
  const config = Config.from({ port, bind: "127.0.0.1", unixsocket, save: "" });
  let log = "";
  const server = new Server(config, { log: new Log((line) => log += line) });
  await assertRejects(() => server.start(), StartError, "(unix)");
  assertMatch(log, /Failed opening Unix socket: bind: No such file/);
  assert(await refuses(port));
});

// CONFIG SET of port and bind.

Deno.test("CONFIG SET port moves to the port; who is connected stays", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  const first = embedded.port;
  for (let round = 0; round < 20; round++) {
    const next = freePort();
    assertEquals(await client.call("CONFIG", "SET", "port", next), "OK");
    // The reply is the promise that the new port is open.
    using moved = await connect(next);
    assertEquals(await moved.call("PING"), "PONG");
  }
  assert(await refuses(first));
  assertEquals(await client.call("CONFIG", "SET", "port", "0"), "OK");
  assertEquals(await client.call("PING"), "PONG");
  assertEquals(await client.call("CONFIG", "SET", "port", first), "OK");
  using back = await connect(first);
  assertEquals(await back.call("PING"), "PONG");
});

Deno.test("the reply to CONFIG SET port waits for the port to be open", async () => {
  const bench = new Bench({ bind: "127.0.0.1", port: freePort() });
  const client = bench.connect();
  const port = freePort();
  assertEquals(client.call("CONFIG", "SET", "port", port), "+OK\r\n");
  await client.transport.heldUntil;
  (await Deno.connect({ port })).close();
  await bench.server.stop();
});

Deno.test("CONFIG SET of a taken port is refused and changes nothing", async () => {
  await using embedded = await embed();
  await using other = await embed();
  using client = await connect(embedded.port);
  await assertRejects(
    () => client.call("CONFIG", "SET", "timeout", "5", "port", other.port),
    Error,
    "ERR CONFIG SET failed (possibly related to argument 'port') - " +
      "Unable to listen on this port. Check server logs.",
  );
  assertEquals(
    await client.call("CONFIG", "GET", "port", "timeout"),
    ["port", String(embedded.port), "timeout", "0"],
  );
  using again = await connect(embedded.port);
  assertEquals(await again.call("PING"), "PONG");
});

Deno.test({
  name: "CONFIG SET bind adds and leaves addresses, or is refused",
  ignore: withoutIpv6,
  async fn() {
    await using embedded = await embed();
    const { port } = embedded;
    using client = await connect(port);
    const bind = (to: string) => client.call("CONFIG", "SET", "bind", to);
    assert(await refuses(port, "::1"));
    assertEquals(await bind("127.0.0.1 ::1"), "OK");
    (await connect(port, { hostname: "::1" })).close();
    (await connect(port)).close();
    assertEquals(await bind("::1"), "OK");
    assert(await refuses(port));
    (await connect(port, { hostname: "::1" })).close();
    await assertRejects(
      () => bind("127.0.0.1 192.0.2.77"),
      Error,
      "(possibly related to argument 'bind') - " +
        "Failed to bind to specified addresses.",
    );
    assert(await refuses(port));
    // All addresses overlap with each one, in both directions.
    assertEquals(await bind("*"), "OK");
    (await connect(port)).close();
    assertEquals(await bind("127.0.0.1"), "OK");
    (await connect(port)).close();
    assertEquals(await bind("* -::*"), "OK");
    (await connect(port)).close();
    (await connect(port, { hostname: "::1" })).close();
  },
});

Deno.test("a pipeline of moves ends where the last one says", async () => {
  await using embedded = await embed();
  using client = await connect(embedded.port);
  const ports = Array.from({ length: 6 }, freePort);
  const moves = [...ports, ports[0], ports[1], ports[0]];
  const replies = await client.pipeline(
    moves.map((port) => ["CONFIG", "SET", "port", port]),
  );
  assertEquals(replies, moves.map(() => "OK"));
  (await connect(ports[0])).close();
  for (const port of ports.slice(1)) assert(await refuses(port), `${port}`);
});

Deno.test("protected mode turns strangers away until there is a password", async () => {
  const address = outerAddress();
  if (address === undefined) {
    console.log("this machine has no address for strangers");
    return;
  }
  await using embedded = await embed({ bind: `127.0.0.1 ${address}` });
  const { port } = embedded;
  using local = await connect(port);
  {
    using stranger = await connect(port, { hostname: address });
    const denied = await stranger.readReply();
    assert(denied.kind === "error", denied.kind);
    assertMatch(denied.text, /^DENIED Redis is running in protected mode/);
    await stranger.ended();
  }
  assertMatch(
    String(await local.call("INFO", "stats")),
    /rejected_connections:1\r\n/,
  );
  await local.call("CONFIG", "SET", "requirepass", "secret");
  {
    using stranger = await connect(port, { hostname: address });
    assertEquals(await stranger.call("AUTH", "secret"), "OK");
  }
  await local.call("CONFIG", "SET", "requirepass", "", "protected-mode", "no");
  using stranger = await connect(port, { hostname: address });
  assertEquals(await stranger.call("PING"), "PONG");
});
