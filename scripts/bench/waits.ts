/** How long a client waits while the server is busy with another's work. */
import { writeAll } from "./loader.ts";

const PING = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");
const PONG_BYTES = "+PONG\r\n".length;

/**
 * The longest that a PING takes while the work goes on. One after the other,
 * in buffers that are made once: what the watcher does itself hardly shows.
 */
export async function longestWait(
  port: number,
  work: () => Promise<void>,
): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.setNoDelay(true);
  const input = new Uint8Array(PONG_BYTES);
  let longestMs = 0;
  let isDone = false;
  const working = work().finally(() => isDone = true);
  // Its failure is told where it is awaited, once the last PING is back.
  working.catch(() => {});
  while (!isDone) {
    const sentAt = performance.now();
    await ping(connection, input);
    longestMs = Math.max(longestMs, performance.now() - sentAt);
  }
  await working;
  return longestMs;
}

async function ping(
  connection: Deno.TcpConn,
  input: Uint8Array<ArrayBuffer>,
): Promise<void> {
  await writeAll(connection, PING);
  for (let missing = PONG_BYTES; missing > 0;) {
    const got = await connection.read(input.subarray(0, missing));
    if (got === null) throw new Error("the server hung up on PING");
    missing -= got;
  }
}
