/** Writes that go around the stream, and what is known of them. */
import { assert, assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { Gate } from "../../src/net/gate.ts";
import { handleOf } from "../../src/net/handle.ts";
import { Outbox } from "../../src/net/outbox.ts";
import { takePiece } from "../../src/protocol/chunks.ts";
import { freePort } from "../support/launch.ts";

async function readAll(client: Deno.Conn, byteCount: number): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let got = 0; got < byteCount;) {
    const count = await client.read(buffer);
    assert(count !== null);
    got += count;
  }
}

Deno.test("whoever reads gets everything through the handle, however much it is", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer((socket) => accepted.resolve(socket));
  const port = freePort();
  const listening = Promise.withResolvers<void>();
  server.listen(port, "127.0.0.1", () => listening.resolve());
  await listening.promise;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const socket = await accepted.promise;
  assert(handleOf(socket) !== null);
  let streamedCount = 0;
  const write = socket.write;
  socket.write = function (this: Socket, ...args: unknown[]) {
    streamedCount++;
    return Reflect.apply(write, this, args);
  };
  const outbox = new Outbox(socket, new Gate(), () => {});
  const sizes = [1000, 5000];
  for (let i = 0; i < 400; i++) {
    const size = sizes[i % 2];
    outbox.add(takePiece(size));
    outbox.endTurn();
    await readAll(client, size);
  }
  assertEquals(streamedCount, 0);
  client.close();
  socket.destroy();
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
});
