/** Messages to many, and clients who wait for each other. */
import { encodeCommands } from "../../tests/support/client.ts";
import { writeAll } from "./loader.ts";
import { type Benchmark, redisBenchmark } from "./measure.ts";

const PUBLISHERS = 10;
const CHANNEL = "news";
const MESSAGE = "0123456789abcdef";
const PLAYERS = 1000;
const READ_BYTES = 16384;

const SUBSCRIBED = "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n";
const DELIVERED = "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$16\r\n" +
  `${MESSAGE}\r\n`;

export function clientBenchmarks(
  requests: (count: number) => number,
): Benchmark[] {
  return [
    publish(50, requests(40_000)),
    publish(1000, requests(2_000)),
    pingPong(requests(100)),
  ];
}

/** Until the last subscriber has got the last message. */
function publish(subscriberCount: number, messageCount: number): Benchmark {
  const name = `PUBLISH to ${subscriberCount.toLocaleString("en-US")}`;
  const args = ["-c", String(PUBLISHERS), "-n", String(messageCount)];
  return {
    metrics: [{ name, unit: "messages/s" }],
    slow: true,
    fresh: true,
    async measure({ port }) {
      const subscribers = await Promise.all(
        Array.from({ length: subscriberCount }, () => subscribe(port)),
      );
      const startedMs = performance.now();
      const heard = subscribers.map((one) =>
        take(one, messageCount * DELIVERED.length)
      );
      await redisBenchmark(port, [...args, "publish", CHANNEL, MESSAGE]);
      await Promise.all(heard);
      const seconds = (performance.now() - startedMs) / 1000;
      for (const one of subscribers) one.close();
      return [subscriberCount * messageCount / seconds];
    },
  };
}

async function subscribe(port: number): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await writeAll(connection, encodeCommands([["SUBSCRIBE", CHANNEL]]));
  await take(connection, SUBSCRIBED.length);
  return connection;
}

/**
 * Pairs of clients pass a value to each other: each waits for his key, then
 * pushes to the other's, and waits for the reply to that, as clients do.
 */
function pingPong(rounds: number): Benchmark {
  return {
    metrics: [{ name: "BLPOP and LPUSH of 1,000 clients", unit: "requests/s" }],
    slow: true,
    fresh: true,
    async measure({ port }) {
      const players = await Promise.all(
        Array.from(
          { length: PLAYERS },
          () => Deno.connect({ hostname: "127.0.0.1", port }),
        ),
      );
      for (const player of players) player.setNoDelay(true);
      const playAll = (rounds: number) =>
        Promise.all(players.map((player, at) => play(player, at, rounds)));
      // Both servers are warm when it counts.
      await playAll(rounds);
      const startedMs = performance.now();
      await playAll(rounds);
      const seconds = (performance.now() - startedMs) / 1000;
      for (const player of players) player.close();
      return [PLAYERS * rounds * 2 / seconds];
    },
  };
}

/** Those with an even number begin. */
async function play(player: Deno.TcpConn, index: number, rounds: number) {
  const wait = encodeCommands([["BLPOP", `player:${index}`, 0]]);
  const push = encodeCommands([["LPUSH", `player:${index ^ 1}`, "x"]]);
  const input = new Uint8Array(READ_BYTES);
  const exchange = async (request: Uint8Array) => {
    await writeAll(player, request);
    if (await player.read(input) === null) throw new Error("hung up");
  };
  for (let round = 0; round < rounds; round++) {
    if (index % 2 === 0) await exchange(push);
    await exchange(wait);
    if (index % 2 === 1) await exchange(push);
  }
}

async function take(connection: Deno.TcpConn, byteCount: number) {
  const input = new Uint8Array(READ_BYTES);
  for (let taken = 0; taken < byteCount;) {
    const count = await connection.read(input);
    if (count === null) throw new Error("the server hung up on a subscriber");
    taken += count;
  }
}
