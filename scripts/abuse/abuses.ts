/**
 * What clients may do to a server that they have no business to do. Bounded in
 * number and time, and only against a server on this machine that was started
 * for it.
 */
import { connect, encodeCommands } from "../../tests/support/client.ts";
import { latin1 } from "../../tests/support/reply.ts";
import { PASSWORD } from "./meter.ts";

export interface Target {
  port: number;
  tlsPort: number;
  /** PEM, for handshakes that are done in earnest. */
  authority: string;
}

export interface Abuse {
  readonly name: string;
  /** Goes on until `signal`; returns how many came further than they should. */
  run(target: Target, signal: AbortSignal): Promise<number>;
}

const HOST = "127.0.0.1";
const HALF_OPEN_COUNT = 2000;
const BURST_COUNT = 10_000;
const STORM_WIDTH = 16;
const NEVER_READ_COUNT = 50;
const LORIS_COUNT = 2000;
const LORIS_PAUSE_MS = 1000;
const utf8 = new TextEncoder();
const nothing = new Uint8Array(0);

export const ABUSES: readonly Abuse[] = [
  { name: "nobody else", run: (_, signal) => pause(signal).then(() => 0) },
  {
    name: `TLS: ${HALF_OPEN_COUNT} say nothing`,
    run: ({ tlsPort }, signal) =>
      hold(tlsPort, HALF_OPEN_COUNT, () => nothing, signal),
  },
  {
    name: `TLS: ${HALF_OPEN_COUNT} with half a ClientHello`,
    run: async ({ tlsPort }, signal) => {
      const hello = await clientHello();
      const half = hello.subarray(0, hello.length >> 1);
      return hold(tlsPort, HALF_OPEN_COUNT, () => half, signal);
    },
  },
  {
    name: `TLS: ${HALF_OPEN_COUNT} ClientHellos completed at once`,
    run: completeAtOnce,
  },
  { name: "TLS: plain words, again and again", run: plainOnTls },
  { name: "TLS: handshakes without a certificate", run: storm },
  { name: `slow loris: ${LORIS_COUNT} at a byte a second`, run: loris },
  { name: `a burst of ${BURST_COUNT} connections`, run: burst },
  { name: `${NEVER_READ_COUNT} that send and never read`, run: neverRead },
  { name: "resets in the midst of commands", run: resets },
  { name: "wrong passwords, pipelined", run: guesses },
  { name: "what the user may not, pipelined", run: trespass },
];

/** Connects, says one thing, and waits for what happens. */
async function hold(
  port: number,
  count: number,
  words: () => Uint8Array,
  signal: AbortSignal,
): Promise<number> {
  const connections = await connectMany(port, count, signal);
  let answerCount = 0;
  await Promise.all(
    connections.map(async (connection) => {
      await quietly(connection.write(words()));
      if (await answered(connection)) answerCount++;
    }).concat(pause(signal).then(() => closeAll(connections))),
  );
  return answerCount;
}

async function completeAtOnce({ tlsPort }: Target, signal: AbortSignal) {
  const hello = await clientHello();
  while (!signal.aborted) {
    const connections = await connectMany(tlsPort, HALF_OPEN_COUNT, signal);
    const last = hello.length - 1;
    const send = (bytes: Uint8Array) =>
      Promise.all(connections.map((one) => quietly(one.write(bytes))));
    await send(hello.subarray(0, last));
    await send(hello.subarray(last));
    await wait(500, signal);
    closeAll(connections);
  }
  return 0;
}

async function plainOnTls({ tlsPort }: Target, signal: AbortSignal) {
  let answerCount = 0;
  const words = utf8.encode("PING\r\nSET a b\r\n");
  await many(STORM_WIDTH, signal, async () => {
    using connection = await Deno.connect({ hostname: HOST, port: tlsPort });
    await quietly(connection.write(words));
    if (await answered(connection)) answerCount++;
  });
  return answerCount;
}

/** The server asks for a certificate, so none of these may get a PONG. */
async function storm(target: Target, signal: AbortSignal) {
  let answerCount = 0;
  await many(STORM_WIDTH, signal, async () => {
    using connection = await Deno.connectTls({
      hostname: "localhost",
      port: target.tlsPort,
      caCerts: [target.authority],
    });
    await connection.write(utf8.encode("PING\r\n"));
    if (await answered(connection)) answerCount++;
  });
  return answerCount;
}

async function loris({ port }: Target, signal: AbortSignal) {
  const connections = await connectMany(port, LORIS_COUNT, signal);
  const forms = ["SET a b\r\n", "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\n"];
  const texts = forms.map((text) => utf8.encode(text));
  for (let at = 0; !signal.aborted; at++) {
    await Promise.all(connections.map((connection, i) => {
      const text = texts[i % texts.length];
      const byte = at % text.length;
      return quietly(connection.write(text.subarray(byte, byte + 1)));
    }));
    await wait(LORIS_PAUSE_MS, signal);
  }
  closeAll(connections);
  return 0;
}

async function burst({ port }: Target, signal: AbortSignal) {
  while (!signal.aborted) {
    const connections = await connectMany(port, BURST_COUNT, signal);
    await wait(1000, signal);
    closeAll(connections);
    await wait(1000, signal);
  }
  return 0;
}

async function neverRead({ port }: Target, signal: AbortSignal) {
  const connections = await connectMany(port, NEVER_READ_COUNT, signal);
  const [first] = connections;
  const big = "x".repeat(100_000);
  await first?.write(encodeCommands([["AUTH", PASSWORD], ["SET", "big", big]]));
  const gets = encodeCommands(new Array(100).fill(["GET", "big"]));
  await Promise.all(
    connections.map(async (connection) => {
      await quietly(connection.write(encodeCommands([["AUTH", PASSWORD]])));
      // It ends when the connection is closed.
      while (await connection.write(gets).catch(() => 0) > 0);
    }).concat(pause(signal).then(() => closeAll(connections))),
  );
  return 0;
}

/** Closing with something unread makes the system send a reset. */
async function resets({ port }: Target, signal: AbortSignal) {
  const words = utf8.encode(
    "PING\r\n".repeat(100) + "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$10000\r\nxxx",
  );
  await many(STORM_WIDTH, signal, async () => {
    using connection = await Deno.connect({ hostname: HOST, port });
    await connection.write(words);
    await connection.read(new Uint8Array(1));
  });
  return 0;
}

function guesses({ port }: Target, signal: AbortSignal) {
  const guess = (i: number) => ["AUTH", `guess ${i}`];
  return insist(port, Array.from({ length: 50 }, (_, i) => guess(i)), signal);
}

/** With a user who may read one key. */
async function trespass({ port }: Target, signal: AbortSignal) {
  using owner = await connect(port);
  await owner.call("AUTH", PASSWORD);
  const rules = ["on", ">weak", "~own", "+get", "-@connection", "+auth"];
  await owner.call("ACL", "SETUSER", "weak", ...rules);
  const commands = Array.from({ length: 50 }, (_, i) =>
    [
      ["GET", `other ${i}`],
      ["SET", "own", "a"],
      ["CONFIG", "SET", "requirepass", ""],
      ["ACL", "SETUSER", "default", "nopass"],
    ][i % 4]);
  return insist(port, commands, signal, ["AUTH", "weak", "weak"]);
}

/** Sends the same over and over; counts replies with anything but errors. */
async function insist(
  port: number,
  commands: string[][],
  signal: AbortSignal,
  first?: string[],
): Promise<number> {
  let answerCount = 0;
  const connections = await connectMany(port, STORM_WIDTH, signal);
  const words = encodeCommands(commands);
  await Promise.all(connections.map(async (connection) => {
    const reply = new Uint8Array(65_536);
    if (first !== undefined) {
      await connection.write(encodeCommands([first]));
      await connection.read(reply);
    }
    while (!signal.aborted) {
      await connection.write(words);
      const count = await connection.read(reply);
      if (count === null) return;
      if (/^[+$*:]/m.test(latin1(reply.subarray(0, count)))) answerCount++;
    }
  }));
  closeAll(connections);
  return answerCount;
}

/** The first words of a real client, to somebody who only listens. */
async function clientHello(): Promise<Uint8Array> {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const client = Deno.connectTls({ hostname: HOST, port });
  using connection = await listener.accept();
  const handshake = client.then((one) => one.handshake().catch(() => {}));
  const bytes = new Uint8Array(16_384);
  const count = await connection.read(bytes) ?? 0;
  connection.close();
  await handshake.catch(() => {});
  return bytes.slice(0, count);
}

async function connectMany(
  port: number,
  count: number,
  signal: AbortSignal,
): Promise<Deno.TcpConn[]> {
  const connections: Deno.TcpConn[] = [];
  const AT_A_TIME = 200;
  while (connections.length < count && !signal.aborted) {
    const opened = await Promise.allSettled(
      Array.from(
        { length: Math.min(AT_A_TIME, count - connections.length) },
        () => Deno.connect({ hostname: HOST, port }),
      ),
    );
    for (const one of opened) {
      if (one.status === "fulfilled") connections.push(one.value);
      else throw one.reason;
    }
  }
  return connections;
}

/** So many do the same over and over. */
async function many(
  width: number,
  signal: AbortSignal,
  once: () => Promise<void>,
): Promise<void> {
  await Promise.all(Array.from({ length: width }, async () => {
    while (!signal.aborted) await quietly(once());
  }));
}

/** Whether the server says anything that is no refusal. */
async function answered(connection: Deno.Conn): Promise<boolean> {
  const bytes = new Uint8Array(64);
  const count = await connection.read(bytes).catch(() => null);
  return count !== null && bytes[0] === "+".charCodeAt(0);
}

/** Failing is what these are made for. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

function closeAll(connections: readonly Deno.Conn[]): void {
  for (const connection of connections) {
    try {
      connection.close();
    } catch {
      // It has closed by itself.
    }
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((settle) => {
    if (signal.aborted) settle();
    signal.addEventListener("abort", () => settle(), { once: true });
  });
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const waited = new Promise<void>((settle) => timer = setTimeout(settle, ms));
  await Promise.race([waited, pause(signal)]);
  clearTimeout(timer);
}
