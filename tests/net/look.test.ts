/** Looks at what has come in. */
import { assert, assertEquals } from "@std/assert";
import { createServer, type Socket } from "node:net";
import { openIntake } from "../../src/net/intake.ts";
import {
  afterLook,
  forgetLook,
  LookClock,
  openLooks,
} from "../../src/net/look.ts";
import { freePort } from "../support/launch.ts";

// What a test leaves behind fails it.
Deno.test.sanitizer({ ops: true, resources: true });

const look = () => new Promise<void>((settle) => afterLook(settle));

/** A client, and how many bytes a server has read from it. */
async function withReader(
  test: (client: Deno.TcpConn, readCount: () => number) => Promise<void>,
): Promise<void> {
  let readCount = 0;
  const accepted = Promise.withResolvers<Socket>();
  const options = { allowHalfOpen: true, pauseOnConnect: true };
  const server = createServer(options, (socket) => {
    openIntake(socket, {
      received: (bytes) => void (readCount += bytes.length),
      ended: () => socket.destroy(),
      broken: () => socket.destroy(),
    });
    accepted.resolve(socket);
  });
  const port = freePort();
  await new Promise<void>((settle) =>
    server.listen(port, "127.0.0.1", () => settle())
  );
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  await accepted.promise;
  await test(client, () => readCount);
  client.close();
  await new Promise<void>((settle) => server.close(() => settle()));
}

function work(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

Deno.test("what came before a look is read before it is over", async () => {
  const close = openLooks();
  await look();
  const other = () => {};
  await withReader(async (client, readCount) => {
    for (let sent = 1; sent <= 100; sent++) {
      await client.write(new Uint8Array(1));
      // However often one asks, there is one look.
      for (let i = 0; i < 100; i++) afterLook(other);
      const looked = look();
      work(2);
      await looked;
      assertEquals(readCount(), sent);
    }
  });
  await close();
});

Deno.test("there are looks without a connection, too", async () => {
  await look();
  const close = openLooks();
  const closeToo = openLooks();
  await close();
  await look();
  const last = look();
  await closeToo();
  await last;
  await look();
});

Deno.test("who asks twice is called once, who is forgotten not at all", async () => {
  let onceCount = 0;
  const once = () => void onceCount++;
  const never = () => assert(false);
  afterLook(once);
  afterLook(never);
  afterLook(once);
  forgetLook(never);
  await look();
  await look();
  assertEquals(onceCount, 1);
  afterLook(never);
  forgetLook(never);
  await look();
});

Deno.test("a clock whose time is over goes on after a look", async () => {
  const clock = new LookClock();
  assert(clock.isWithin(1));
  work(1);
  assert(!clock.isWithin(1));
  assert(!clock.isWithin(1000));
  await look();
  assert(clock.isWithin(1));
  await look();
});

Deno.test("a clock begins anew with each turn", async () => {
  const clock = new LookClock();
  for (let turn = 0; turn < 3; turn++) {
    assert(clock.isWithin(1000));
    work(2);
    await new Promise((settle) => setTimeout(settle, 0));
    assert(clock.isWithin(2));
  }
  await new Promise((settle) => setTimeout(settle, 0));
});
