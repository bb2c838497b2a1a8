/** Newcomers in large numbers, and those for whom there is no room. */
import { assert, assertEquals } from "@std/assert";
import type { Connection } from "../../src/net/connection.ts";
import { Gate } from "../../src/net/gate.ts";
import { Listener } from "../../src/net/listener.ts";
import { freePort, launch } from "../support/launch.ts";
import { KEYSAUR_COMMAND } from "../support/server.ts";
import { until } from "../server/embedded.ts";

Deno.test.sanitizer({ ops: true, resources: true });

/** A listener that takes 2 ms for each newcomer. */
async function listen(port: number) {
  const connections: Connection[] = [];
  /** How many were let in one after the other, with nobody served between. */
  let inTurn = 0;
  let mostInTurn = 0;
  const listener = await Listener.open({ host: "127.0.0.1", port }, {
    backlog: 511,
    gate: new Gate(),
    keepAliveSeconds: () => 0,
    accepted: (connection) => {
      connections.push(connection);
      const endMs = performance.now() + 2;
      while (performance.now() < endMs);
      if (inTurn++ === 0) setImmediate(() => void (inTurn = 0));
      mostInTurn = Math.max(mostInTurn, inTurn);
    },
  });
  return { listener, connections, mostInTurn: () => mostInTurn };
}

function connectTo(place: number | string): Promise<Deno.Conn> {
  return typeof place === "number"
    ? Deno.connect({ port: place })
    : Deno.connect({ transport: "unix", path: place });
}

/** The system has connected all of them before anybody is accepted. */
function connectAtOnce(
  place: number | string,
  count: number,
): Promise<Deno.Conn[]> {
  return Promise.all(Array.from({ length: count }, () => connectTo(place)));
}

Deno.test("of many who come together some are let in at a time", async () => {
  const port = freePort();
  const { listener, connections, mostInTurn } = await listen(port);
  const clients = await connectAtOnce(port, 50);
  await until("all are in", () => connections.length === 50);
  // One has come before the timer of those who wait, perhaps.
  assert(mostInTurn() <= 2, `${mostInTurn()} were let in together`);
  for (const connection of connections) connection.destroy();
  for (const client of clients) client.close();
  await listener.close();
});

Deno.test("who has not been let in when a listener closes is turned away", async () => {
  const port = freePort();
  const { listener, connections } = await listen(port);
  const clients = await connectAtOnce(port, 50);
  await until("one is in", () => connections.length > 0);
  const closed = listener.close();
  const inCount = connections.length;
  assert(inCount < 50);
  for (const connection of connections) connection.destroy();
  for (const client of clients) {
    await client.read(new Uint8Array(1)).catch(() => {});
    client.close();
  }
  await closed;
  assertEquals(connections.length, inCount);
});

for (const kind of ["tcp", "unix"] as const) {
  Deno.test({
    name: `when descriptors run out newcomers get in later, by ${kind}`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const dir = await Deno.makeTempDir();
      const path = `${dir}/socket`;
      // For so many clients no places have to be made.
      const few = ["--maxclients", "128"];
      const args = ["--save", "", "--dir", dir, "--unixsocket", path, ...few];
      await using server = await launch("sh", (port) => [
        ...["-c", 'ulimit -n 120; exec "$0" "$@"', Deno.execPath()],
        ...[...KEYSAUR_COMMAND, "--port", String(port), ...args],
      ], { dir });
      const place = { tcp: server.port, unix: path }[kind];
      const clients = await connectAtOnce(place, 200);
      const words = "Accepting client connection: accept: Too many open files";
      await until("it is said", () => server.log().includes(words));
      for (const client of clients) client.close();
      await until("somebody gets in", () => pings(place));
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    },
  });
}

async function pings(place: number | string): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    using connection = await connectTo(place);
    timer = setTimeout(() => connection.close(), 500);
    await connection.write(new TextEncoder().encode("PING\r\n"));
    return await connection.read(new Uint8Array(8)) === "+PONG\r\n".length;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
