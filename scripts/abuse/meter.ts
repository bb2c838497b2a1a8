/** What a well-behaved client sees while others misbehave. */
import { type Client, connect } from "../../tests/support/client.ts";
import { infoField } from "../../tests/support/info.ts";

export interface Sight {
  requestCount: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** One request is due each time that so long has passed. */
const PERIOD_MS = 2;

/**
 * Sends PING and SET in turn until `ended`. Requests that were due while one
 * waited are not sent, but counted as if they had waited for the rest of that:
 * a long wait counts for all that it would have held up.
 */
export async function meter(
  client: Client,
  ended: Promise<unknown>,
): Promise<Sight> {
  const waitsMs: number[] = [];
  let isOver = false;
  let count = 0;
  ended.finally(() => isOver = true);
  while (!isOver) {
    const sentAt = performance.now();
    if (count++ % 2 === 0) await client.call("PING");
    else await client.call("SET", "meter", count);
    let waitMs = performance.now() - sentAt;
    const pauseMs = PERIOD_MS - waitMs % PERIOD_MS;
    for (; waitMs > 0; waitMs -= PERIOD_MS) waitsMs.push(waitMs);
    await sleep(pauseMs);
  }
  return sightOf(waitsMs);
}

function sleep(ms: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, ms));
}

export function sightOf(waitsMs: readonly number[]): Sight {
  const sorted = waitsMs.toSorted((a, b) => a - b);
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  return {
    requestCount: sorted.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    maxMs: at(1),
  };
}

/** How many clients the server counts, us among them. */
export async function clientCount(port: number): Promise<number> {
  using client = await connect(port, { timeoutMs: 60_000 });
  await client.call("AUTH", PASSWORD);
  const info = String(await client.call("INFO", "clients"));
  return Number(infoField(info, "connected_clients"));
}

export const PASSWORD = "open sesame";
