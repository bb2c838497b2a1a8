/** Reads that go around the stream. */
import { assert, assertEquals } from "@std/assert";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { readHandleOf } from "../../src/net/handle.ts";
import { type Intake, openIntake } from "../../src/net/intake.ts";
import { makeCertificate } from "../support/certificates.ts";
import { freePort } from "../support/launch.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

/** One socket, and what has come in through its intake. */
class Taken {
  readonly intake: Intake;
  text = "";
  endCount = 0;
  isBroken = false;
  readonly closed: Promise<void>;
  #changed = Promise.withResolvers<void>();

  constructor(readonly socket: Socket) {
    this.intake = openIntake(socket, {
      received: (bytes) => {
        this.text += String.fromCharCode(...bytes);
        this.#note();
      },
      ended: () => {
        this.endCount++;
        this.#note();
      },
      broken: () => {
        this.isBroken = true;
        this.#note();
      },
    });
    socket.on("error", () => {});
    this.closed = new Promise((settle) => socket.on("close", () => settle()));
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#changed.promise;
  }

  #note(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

interface Place {
  readonly port: number;
  /** The next one who comes in. */
  arrival(): Promise<Taken>;
}

async function withServer(test: (place: Place) => Promise<void>) {
  const arrivals: Taken[] = [];
  let noted = () => {};
  const server: Server = createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
  }, (socket) => {
    arrivals.push(new Taken(socket));
    noted();
  });
  const port = freePort();
  await new Promise<void>((settle) =>
    server.listen(port, "127.0.0.1", () => settle())
  );
  const all: Taken[] = [];
  const arrival = async () => {
    if (arrivals.length === 0) {
      await new Promise<void>((settle) => noted = settle);
    }
    const taken = arrivals.shift()!;
    all.push(taken);
    return taken;
  };
  try {
    await test({ port, arrival });
  } finally {
    for (const { socket } of all) socket.destroy();
    await Promise.all(all.map(({ closed }) => closed));
    await new Promise<void>((settle) => server.close(() => settle()));
  }
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("bytes come in without the stream, and so does the end", () =>
  withServer(async ({ port, arrival }) => {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const taken = await arrival();
    assert(readHandleOf(taken.socket) !== null);
    let streamedCount = 0;
    const { push } = taken.socket;
    taken.socket.push = function (this: Socket, ...args: unknown[]) {
      streamedCount++;
      return Reflect.apply(push, this, args);
    };
    await client.write(bytesOf("hello"));
    await taken.until(() => taken.text === "hello");
    await client.write(bytesOf(" and more"));
    await client.closeWrite();
    await taken.until(() => taken.endCount === 1);
    assertEquals(taken.text, "hello and more");
    assertEquals(streamedCount, 0);
    client.close();
  }));

Deno.test("a reset is no end", () =>
  withServer(async ({ port, arrival }) => {
    const client = connect(port, "127.0.0.1");
    const taken = await arrival();
    client.resetAndDestroy();
    await taken.until(() => taken.isBroken);
    assertEquals(taken.endCount, 0);
  }));

Deno.test("many who send at once get each their own bytes", () =>
  withServer(async ({ port, arrival }) => {
    const pairs = [];
    for (let i = 0; i < 30; i++) {
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      pairs.push({ client, taken: await arrival(), sent: "" });
    }
    for (let round = 0; round < 50; round++) {
      await Promise.all(pairs.map(async (pair, i) => {
        const text = `${i}:${round};`.repeat(round);
        pair.sent += text;
        const bytes = bytesOf(text);
        for (let at = 0; at < bytes.length;) {
          at += await pair.client.write(bytes.subarray(at));
        }
      }));
    }
    for (const { client, taken, sent } of pairs) {
      await taken.until(() => taken.text.length === sent.length);
      assertEquals(taken.text, sent);
      client.close();
    }
  }));

Deno.test("what is sent in a pause comes in after it, and the end as well", () =>
  withServer(async ({ port, arrival }) => {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const taken = await arrival();
    await client.write(bytesOf("before"));
    await taken.until(() => taken.text === "before");
    taken.intake.pause();
    taken.intake.pause();
    const other = await Deno.connect({ hostname: "127.0.0.1", port });
    const witness = await arrival();
    await client.write(bytesOf(", after"));
    await client.closeWrite();
    await other.write(bytesOf("later"));
    // What came before it would have been read before it.
    await witness.until(() => witness.text === "later");
    assertEquals(taken.text, "before");
    assertEquals(taken.endCount, 0);
    taken.intake.resume();
    taken.intake.resume();
    await taken.until(() => taken.endCount === 1);
    assertEquals(taken.text, "before, after");
    other.close();
    client.close();
  }));

Deno.test("an end is told of before what others send after it", () =>
  withServer(async ({ port, arrival }) => {
    const other = await Deno.connect({ hostname: "127.0.0.1", port });
    const witness = await arrival();
    for (let round = 1; round <= 20; round++) {
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      const taken = await arrival();
      client.close();
      await other.write(bytesOf("."));
      await witness.until(() => witness.text.length === round);
      assertEquals(taken.endCount, 1);
      taken.socket.destroy();
      await taken.closed;
      assertEquals(taken.endCount, 1);
    }
    other.close();
  }));

Deno.test("of TLS, too, the end is told of at once, and not twice", async () => {
  const authority = makeCertificate("authority", { isAuthority: true });
  const { certificate, key } = makeCertificate("server", { issuer: authority });
  const arrived = Promise.withResolvers<Taken>();
  const terms = { cert: certificate, key, allowHalfOpen: true };
  const server = createTlsServer(terms, (socket) => {
    arrived.resolve(new Taken(socket));
  });
  const port = freePort();
  await new Promise<void>((settle) =>
    server.listen(port, "127.0.0.1", () => settle())
  );
  const client = await Deno.connectTls({
    hostname: "localhost",
    port,
    caCerts: [authority.certificate],
  });
  const taken = await arrived.promise;
  const handle = readHandleOf(taken.socket)!;
  handle.readStop();
  const { onread } = handle;
  const told: number[] = [];
  handle.onread = function (bytes) {
    onread.call(this, bytes);
    told.push(taken.endCount);
  };
  handle.readStart();
  await client.write(bytesOf("hello"));
  await taken.until(() => taken.text === "hello");
  client.close();
  await taken.until(() => taken.endCount > 0);
  assertEquals(told, [0, 1]);
  taken.socket.destroy();
  await taken.closed;
  assertEquals(taken.endCount, 1);
  await new Promise<void>((settle) => server.close(() => settle()));
});

Deno.test("a socket that is gone can be paused and resumed", () =>
  withServer(async ({ port, arrival }) => {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    const taken = await arrival();
    taken.intake.pause();
    client.close();
    taken.socket.destroy();
    await taken.closed;
    taken.intake.resume();
    taken.intake.pause();
    assertEquals(taken.text, "");
  }));
