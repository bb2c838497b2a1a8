/** Newcomers to TLS: bounded in time and number, and nobody is locked out. */
import { assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { type HandshakeLimits, Handshakes } from "../../src/net/handshakes.ts";
import { TlsContext } from "../../src/net/tls_context.ts";
import { makeCertificate } from "../support/certificates.ts";
import { freePort } from "../support/launch.ts";
import { until } from "../server/embedded.ts";

Deno.test.sanitizer({ ops: true, resources: true });

const certificate = makeCertificate("server");
const LIMITS: HandshakeLimits = {
  deadlineMs: 60_000,
  silentMax: 100,
  activeMax: 10,
  patienceMs: 60_000,
};

/** A port where hands are shaken, and what has come of it. */
class Door implements AsyncDisposable {
  readonly port = freePort();
  readonly reasons: string[] = [];
  readonly secured: TLSSocket[] = [];
  readonly handshakes: Handshakes;
  rejectedCount = 0;
  room = Infinity;
  readonly #server = createServer(
    { allowHalfOpen: true, pauseOnConnect: true },
    (socket: Socket) => this.handshakes.begin(socket),
  );

  constructor(limits: Partial<HandshakeLimits>) {
    this.handshakes = new Handshakes({
      room: () => this.room,
      secured: (socket) => this.secured.push(socket),
      rejected: () => void this.rejectedCount++,
      failed: (_, reason) => this.reasons.push(reason),
    }, { ...LIMITS, ...limits });
    this.handshakes.adopt(
      new TlsContext({
        certificates: certificate.certificate,
        key: certificate.key,
        authorities: [],
        clients: "no",
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
      }),
    );
  }

  static async open(limits: Partial<HandshakeLimits> = {}): Promise<Door> {
    const door = new Door(limits);
    const open = Promise.withResolvers<void>();
    door.#server.listen(door.port, "127.0.0.1", () => open.resolve());
    await open.promise;
    return door;
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  /** The first words of a client that says nothing more. */
  async begin(): Promise<Deno.TcpConn> {
    const client = await this.connect();
    await client.write(await clientHello());
    return client;
  }

  async shake(): Promise<Deno.TlsConn> {
    const client = await Deno.connectTls({
      hostname: "localhost",
      port: this.port,
      caCerts: [certificate.certificate],
    });
    await client.handshake();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.handshakes.close();
    for (const socket of this.secured) socket.destroy();
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    await closed.promise;
  }
}

async function clientHello(): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const client = await Deno.connectTls({ hostname: "127.0.0.1", port });
  const failed = client.handshake().catch(() => {});
  using connection = await listener.accept();
  const bytes = new Uint8Array(16_384);
  const count = await connection.read(bytes) ?? 0;
  connection.close();
  await failed;
  client.close();
  return bytes.slice(0, count);
}

/** Whether the server has closed it. */
async function isClosed(client: Deno.Conn): Promise<boolean> {
  const bytes = new Uint8Array(4096);
  while (true) {
    const count = await client.read(bytes).catch(() => null);
    if (count === null) return true;
  }
}

Deno.test("a handshake may come in pieces", async () => {
  await using door = await Door.open();
  using client = await door.shake();
  await until("it is in", () => door.secured.length === 1);
  assertEquals(door.handshakes.count, 0);
  const hello = await clientHello();
  using slow = await door.connect();
  for (let at = 0; at < hello.length; at += 100) {
    await slow.write(hello.subarray(at, at + 100));
  }
  const answer = new Uint8Array(1);
  await slow.read(answer);
  // A handshake record: the ServerHello.
  assertEquals(answer[0], 22);
  await client.write(new Uint8Array(1));
});

Deno.test("who says nothing or half a word has to go in the end", async () => {
  await using door = await Door.open({ deadlineMs: 150 });
  using silent = await door.connect();
  using half = await door.connect();
  await half.write((await clientHello()).subarray(0, 50));
  using begun = await door.begin();
  assertEquals(await isClosed(silent), true);
  assertEquals(await isClosed(half), true);
  assertEquals(await isClosed(begun), true);
  assertEquals(door.handshakes.count, 0);
  assertEquals(door.reasons, new Array(3).fill("it took too long"));
});

Deno.test("plain words are turned away at once", async () => {
  await using door = await Door.open();
  using client = await door.connect();
  await client.write(new TextEncoder().encode("PING\r\n"));
  assertEquals(await isClosed(client), true);
  assertEquals(door.reasons, ["wrong version number"]);
});

Deno.test("the silent make room for those who come", async () => {
  await using door = await Door.open({ silentMax: 3 });
  const clients = [];
  for (let i = 0; i < 4; i++) clients.push(await door.connect());
  assertEquals(await isClosed(clients[0]), true);
  using client = await door.shake();
  await until("it is in", () => door.secured.length === 1);
  assertEquals(door.handshakes.count, 2);
  await client.write(new Uint8Array(1));
  for (const each of clients) each.close();
});

Deno.test("where there is no room for more clients nobody gets in", async () => {
  await using door = await Door.open();
  door.room = 0;
  using client = await door.connect();
  assertEquals(await isClosed(client), true);
  assertEquals(door.rejectedCount, 1);
});

Deno.test("who stops in the midst makes way for those who wait", async () => {
  await using door = await Door.open({ activeMax: 2, patienceMs: 100 });
  const stuck = [await door.begin(), await door.begin()];
  using client = await door.shake();
  await until("it is in", () => door.secured.length === 1);
  await client.write(new Uint8Array(1));
  for (const each of stuck) each.close();
});

Deno.test("who hangs up before his first words are whole is forgotten", async () => {
  await using door = await Door.open();
  const silent = await door.connect();
  const half = await door.connect();
  await half.write((await clientHello()).subarray(0, 50));
  await until("both are there", () => door.handshakes.count === 2);
  silent.close();
  half.close();
  await until("both are gone", () => door.handshakes.count === 0);
  assertEquals(door.reasons, ["it hung up", "it hung up"]);
});

Deno.test("who hangs up while he waits for his turn is not begun with", async () => {
  await using door = await Door.open({ activeMax: 1 });
  using _active = await door.begin();
  await until("it has begun", () => door.handshakes.count === 1);
  const waiting = await Promise.all(
    Array.from({ length: 20 }, () => door.begin()),
  );
  await until("all are there", () => door.handshakes.count === 21);
  for (const one of waiting) one.close();
  await until("they are gone", () => door.handshakes.count === 1);
  assertEquals(door.reasons, Array(20).fill("it hung up"));
});
