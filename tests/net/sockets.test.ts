/** Listeners and connections alone: bytes in, bytes out, and how it ends. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Connection } from "../../src/net/connection.ts";
import { Gate } from "../../src/net/gate.ts";
import {
  type Endpoint,
  Listener,
  type ListenOptions,
} from "../../src/net/listener.ts";
import { PIECE_MAX_BYTES, takePiece } from "../../src/protocol/chunks.ts";
import { freePort } from "../support/launch.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const utf8 = new TextEncoder();
const isLinux = Deno.build.os === "linux";

/** One accepted connection, and what it has reported. */
class Accepted {
  readonly events: string[] = [];
  receivedBytes = 0;
  sentBytes = 0;
  #changed = Promise.withResolvers<void>();

  constructor(readonly connection: Connection) {
    connection.listen({
      received: (bytes) => {
        this.receivedBytes += bytes.length;
        this.#note("received");
      },
      sent: (byteCount) => {
        this.sentBytes += byteCount;
      },
      drained: () => this.#note("drained"),
      ended: () => this.#note("ended"),
      closed: () => this.#note("closed"),
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await this.#changed.promise;
  }

  has(event: string): Promise<void> {
    return this.until(() => this.events.includes(event));
  }

  #note(event: string): void {
    this.events.push(event);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

interface Pair {
  accepted: Accepted;
  client: Deno.Conn;
}

/** Listens, connects one client, and closes everything behind the test. */
async function withPair(
  test: (pair: Pair) => Promise<void>,
  options: Partial<ListenOptions> = {},
  endpoint: Endpoint = { host: "127.0.0.1", port: freePort() },
): Promise<void> {
  const arrival = Promise.withResolvers<Accepted>();
  const listener = await Listener.open(endpoint, {
    backlog: 511,
    gate: new Gate(),
    keepAliveSeconds: () => 0,
    accepted: (connection) => arrival.resolve(new Accepted(connection)),
    ...options,
  });
  const client = "path" in endpoint
    ? await Deno.connect({ transport: "unix", path: endpoint.path })
    : await Deno.connect({ hostname: endpoint.host, port: endpoint.port });
  const accepted = await arrival.promise;
  try {
    await test({ accepted, client });
  } finally {
    accepted.connection.destroy();
    await accepted.has("closed");
    closeQuietly(client);
    await listener.close();
  }
}

function closeQuietly(client: Deno.Conn): void {
  try {
    client.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

/** Reads to the end; with a pause, slower than it comes in. */
async function readAll(client: Deno.Conn, pauseMs = 0): Promise<number> {
  const buffer = new Uint8Array(65536);
  let total = 0;
  for (;;) {
    const count = await client.read(buffer);
    if (count === null) return total;
    total += count;
    if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
  }
}

Deno.test("a connection knows both its addresses", async () => {
  const port = freePort();
  await withPair(
    ({ accepted: { connection }, client }) => {
      const mine = client.localAddr as Deno.NetAddr;
      assertEquals(connection.address, `127.0.0.1:${mine.port}`);
      assertEquals(connection.localAddress, `127.0.0.1:${port}`);
      assert(connection.isLocal && !connection.isUnix);
      return Promise.resolve();
    },
    {},
    { host: "127.0.0.1", port },
  );
});

Deno.test({
  name: "an IPv6 address stands in brackets, a mapped IPv4 address as itself",
  ignore: !Deno.networkInterfaces().some(({ address }) => address === "::1"),
  async fn() {
    const port = freePort();
    await withPair(
      ({ accepted: { connection } }) => {
        assertMatch(connection.address, /^\[::1\]:\d+$/);
        assertEquals(connection.localAddress, `[::1]:${port}`);
        assert(connection.isLocal);
        return Promise.resolve();
      },
      {},
      { host: "::1", port },
    );
    let mapped: Connection | undefined;
    const arrival = Promise.withResolvers<void>();
    const listener = await Listener.open({ host: "::", port }, {
      backlog: 1,
      gate: new Gate(),
      keepAliveSeconds: () => 0,
      accepted: (connection) => {
        mapped = connection;
        arrival.resolve();
      },
    });
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await arrival.promise;
    assertMatch(mapped!.address, /^127\.0\.0\.1:\d+$/);
    assert(mapped!.isLocal);
    mapped!.destroy();
    client.close();
    await listener.close();
  },
});

Deno.test("a unix socket's connections are local and named by its path", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/s`;
  await withPair(
    ({ accepted: { connection } }) => {
      assertEquals(connection.address, `${path}:0`);
      assertEquals(connection.localAddress, `${path}:0`);
      assert(connection.isLocal && connection.isUnix);
      return Promise.resolve();
    },
    {},
    { path },
  );
  assertEquals([...Deno.readDirSync(dir)], []);
  await Deno.remove(dir);
});

Deno.test("bytes go both ways, and both ways are counted", async () => {
  await withPair(async ({ accepted, client }) => {
    await client.write(utf8.encode("hello"));
    await accepted.until(() => accepted.receivedBytes === 5);
    accepted.connection.write(utf8.encode("welcome"));
    const buffer = new Uint8Array(100);
    assertEquals(await client.read(buffer), 7);
    assertEquals(accepted.sentBytes, 7);
    accepted.connection.writeAll(
      ["in ", "", "pieces"].map((it) => utf8.encode(it)),
    );
    assertEquals(await client.read(buffer), 9);
    assertEquals(accepted.sentBytes, 16);
  });
});

Deno.test("what the client does not take is pending, until it is drained", async () => {
  const bytes = new Uint8Array(2 ** 20);
  await withPair(async ({ accepted, client }) => {
    for (let i = 0; i < 64; i++) accepted.connection.write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert(accepted.connection.pendingBytes > 10 * bytes.length);
    const reading = readAll(client);
    await accepted.has("drained");
    assertEquals(accepted.connection.pendingBytes, 0);
    accepted.connection.end();
    assertEquals(await reading, 64 * bytes.length);
  });
});

Deno.test("pieces arrive as they were, however late they are read", async () => {
  // Four of them fill a buffer.
  const byteCount = PIECE_MAX_BYTES;
  const count = 300;
  await withPair(async ({ accepted: { connection }, client }) => {
    // Nobody reads until the system takes no more: then pieces have to wait,
    // while buffers of others are used again.
    for (let i = 0; i < count; i++) {
      connection.write(takePiece(byteCount).fill(i));
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (let i = 0; i < count; i++) {
      const piece = await readFully(client, byteCount);
      assert(piece.every((byte) => byte === (i & 255)), `piece ${i}`);
    }
  });
});

async function readFully(client: Deno.Conn, byteCount: number) {
  const bytes = new Uint8Array(byteCount);
  for (let filled = 0; filled < byteCount;) {
    const count = await client.read(bytes.subarray(filled));
    if (count === null) throw new Error("ended early");
    filled += count;
  }
  return bytes;
}

Deno.test("a paused connection reads nothing until it is resumed", async () => {
  const bytes = new Uint8Array(32 * 2 ** 20);
  await withPair(async ({ accepted, client }) => {
    accepted.connection.pause();
    accepted.connection.pause();
    let isWritten = false;
    const writing = (async () => {
      for (let at = 0; at < bytes.length;) {
        at += await client.write(bytes.subarray(at));
      }
      isWritten = true;
    })();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert(!isWritten);
    assert(accepted.receivedBytes < 2 ** 20, `${accepted.receivedBytes}`);
    accepted.connection.resume();
    await writing;
    await accepted.until(() => accepted.receivedBytes === bytes.length);
  });
});

Deno.test("end delivers what was written, destroy does not wait for it", async () => {
  const bytes = new Uint8Array(16 * 2 ** 20);
  await withPair(async ({ accepted, client }) => {
    accepted.connection.write(bytes);
    accepted.connection.end();
    accepted.connection.write(utf8.encode("too late"));
    assertEquals(await readAll(client), bytes.length);
    await accepted.has("closed");
  });
  await withPair(async ({ accepted, client }) => {
    accepted.connection.write(bytes);
    accepted.connection.destroy();
    await accepted.has("closed");
    const read = await readAll(client).catch(() => 0);
    assert(read < bytes.length);
  });
});

Deno.test("bytes that nobody has read do not cost a client the last replies", async () => {
  const bytes = new Uint8Array(10 * 2 ** 20);
  await withPair(async ({ accepted, client }) => {
    accepted.connection.pause();
    client.write(new Uint8Array(2 ** 20)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    accepted.connection.write(bytes);
    accepted.connection.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(await readAll(client, 1), bytes.length);
  });
});

Deno.test("end closes even if the client never closes its side", async () => {
  await withPair(async ({ accepted }) => {
    accepted.connection.end();
    await accepted.has("closed");
  });
});

Deno.test("a client that stops sending may go on reading", async () => {
  await withPair(async ({ accepted, client }) => {
    await client.write(utf8.encode("last"));
    await (client as Deno.TcpConn).closeWrite();
    await accepted.has("ended");
    assert(!accepted.events.includes("closed"));
    accepted.connection.write(utf8.encode("still here"));
    accepted.connection.end();
    assertEquals(await readAll(client), "still here".length);
  });
});

Deno.test("a client that stops sending gets what is still on its way", () =>
  withPair(async ({ accepted, client }) => {
    const { connection } = accepted;
    // More than the system takes at once, yet nothing waits with us.
    const bytes = new Uint8Array(8 * 2 ** 20);
    await client.write(utf8.encode("x"));
    await accepted.has("received");
    connection.write(bytes);
    assertEquals(connection.pendingBytes, 0);
    await (client as Deno.TcpConn).closeWrite();
    await accepted.has("ended");
    connection.end();
    assertEquals(await readAll(client), bytes.length);
  }));

Deno.test("a reset is a close like any other", async () => {
  await withPair(async ({ accepted, client }) => {
    accepted.connection.write(utf8.encode("unread"));
    await client.write(utf8.encode("x"));
    await accepted.has("received");
    // Closing with unread bytes makes the system send a reset.
    client.close();
    accepted.connection.write(new Uint8Array(100_000));
    accepted.connection.write(new Uint8Array(100_000));
    await accepted.until(() =>
      accepted.events.includes("closed") || accepted.events.includes("ended")
    );
  });
});

Deno.test("what is held back is sent when the time has come", async () => {
  await withPair(async ({ accepted, client }) => {
    const ready = Promise.withResolvers<void>();
    accepted.connection.holdUntil(ready.promise);
    accepted.connection.write(utf8.encode("one "));
    accepted.connection.write(utf8.encode("two"));
    let count = 0;
    const buffer = new Uint8Array(100);
    const reading = (async () => {
      while (count < 7) count += await client.read(buffer) ?? 7;
    })();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(count, 0);
    ready.resolve();
    await reading;
    assertEquals(count, 7);
  });
});

Deno.test("a refused newcomer gets one line", async () => {
  const port = freePort();
  const gone = Promise.withResolvers<void>();
  const listener = await Listener.open({ host: "127.0.0.1", port }, {
    backlog: 1,
    gate: new Gate(),
    keepAliveSeconds: () => 0,
    accepted: (connection) => connection.refuse("-ERR no\r\n", gone.resolve),
  });
  const client = await Deno.connect({ port });
  assertEquals(await readAll(client), "-ERR no\r\n".length);
  client.close();
  await gone.promise;
  await listener.close();
});

Deno.test("an endpoint that cannot be had is an error with the system's code", async () => {
  const options = {
    backlog: 1,
    gate: new Gate(),
    keepAliveSeconds: () => 0,
    accepted: () => {},
  };
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const inUse = await assertRejects(() =>
    Listener.open({ host: "127.0.0.1", port }, options)
  );
  assertEquals((inUse as { code?: string }).code, "EADDRINUSE");
  const missing = await assertRejects(() =>
    Listener.open({ path: "/nonexistent/dir/s" }, options)
  );
  assertEquals((missing as { code?: string }).code, "ENOENT");
});

Deno.test("a closed listener takes nobody, and its connections live on", async () => {
  const port = freePort();
  const arrival = Promise.withResolvers<Accepted>();
  const listener = await Listener.open({ host: "127.0.0.1", port }, {
    backlog: 1,
    gate: new Gate(),
    keepAliveSeconds: () => 0,
    accepted: (connection) => arrival.resolve(new Accepted(connection)),
  });
  const client = await Deno.connect({ port });
  const accepted = await arrival.promise;
  const closed = listener.close();
  await assertRejects(
    () => Deno.connect({ port }),
    Deno.errors.ConnectionRefused,
  );
  await client.write(utf8.encode("x"));
  await accepted.has("received");
  accepted.connection.end();
  await readAll(client);
  client.close();
  await closed;
});

/** Whether the kernel has a keepalive timer for a server's connection. */
async function hasKeepAlive(serverPort: number): Promise<boolean> {
  const hexPort = serverPort.toString(16).toUpperCase().padStart(4, "0");
  const table = await Deno.readTextFile("/proc/net/tcp");
  const fields = table.split("\n").map((line) => line.trim().split(/\s+/));
  const line = fields.find((f) =>
    f[1]?.endsWith(`:${hexPort}`) && f[3] === "01"
  );
  return line![5].startsWith("02:");
}

for (const seconds of [0, 300]) {
  Deno.test({
    name: `tcp-keepalive ${seconds} probes ${
      seconds ? "" : "no "
    }silent clients`,
    ignore: !isLinux,
    async fn() {
      const port = freePort();
      await withPair(
        async () => {
          assertEquals(await hasKeepAlive(port), seconds > 0);
        },
        { keepAliveSeconds: () => seconds },
        { host: "127.0.0.1", port },
      );
    },
  });
}
