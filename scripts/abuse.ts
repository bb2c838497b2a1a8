/**
 * Abuses a server and measures what a well-behaved client sees meanwhile: first
 * Keysaur, then redis-server, a fresh one for each abuse. Prints a table.
 *
 * --seconds <n>  how long each abuse goes on (3)
 * --only <text>  only abuses whose name has the text; may be given again
 * --server <s>   keysaur or redis in place of both
 */
import { parseArgs } from "@std/cli";
import { makeCertificate } from "../tests/support/certificates.ts";
import { connect } from "../tests/support/client.ts";
import { freePort } from "../tests/support/launch.ts";
import { startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";
import { type Abuse, ABUSES } from "./abuse/abuses.ts";
import { clientCount, meter, PASSWORD, type Sight } from "./abuse/meter.ts";

const args = parseArgs(Deno.args, {
  string: ["seconds", "only", "server"],
  collect: ["only"],
});
const seconds = Number(args.seconds ?? 3);
const STARTERS = { keysaur: startKeysaur, redis: startRedis };
/** Longer than this nobody waits for the abusers to be gone. */
const GONE_LIMIT_MS = 20_000;

const authority = makeCertificate("authority", { isAuthority: true });
const certificate = makeCertificate("server", { issuer: authority });

interface Result extends Sight {
  /** How many came further than they should. */
  intruderCount: number;
  /** After how long the server was alone with us again. */
  goneMs: number;
}

async function measure(
  start: typeof startKeysaur,
  abuse: Abuse,
): Promise<Result> {
  const dir = await Deno.makeTempDir({ prefix: "keysaur-abuse-" });
  const tlsPort = freePort();
  try {
    await using server = await start(await tlsWords(dir, tlsPort), { dir });
    using client = await connect(server.port, { timeoutMs: 60_000 });
    await client.call("AUTH", PASSWORD);
    const worker = new Worker(
      new URL("./abuse/worker.ts", import.meta.url),
      { type: "module" },
    );
    const { port } = server;
    const target = { port, tlsPort, authority: authority.certificate };
    const done = new Promise<number>((settle) =>
      worker.onmessage = ({ data }) => settle(data)
    );
    worker.postMessage({ name: abuse.name, target });
    const over = new Promise((settle) => setTimeout(settle, seconds * 1000));
    const sight = await meter(client, over);
    worker.postMessage("stop");
    const intruderCount = await done;
    worker.terminate();
    return { ...sight, intruderCount, goneMs: await untilGone(server.port) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function tlsWords(dir: string, tlsPort: number): Promise<string[]> {
  await Deno.writeTextFile(`${dir}/ca.crt`, authority.certificate);
  await Deno.writeTextFile(`${dir}/server.crt`, certificate.certificate);
  await Deno.writeTextFile(`${dir}/server.key`, certificate.key);
  return [
    ...["--tls-port", String(tlsPort), "--requirepass", PASSWORD],
    ...["--tls-cert-file", `${dir}/server.crt`],
    ...["--tls-key-file", `${dir}/server.key`],
    ...["--tls-ca-cert-file", `${dir}/ca.crt`],
  ];
}

/** Us and who asks are left then. */
async function untilGone(port: number): Promise<number> {
  const startedAt = performance.now();
  while (await clientCount(port) > 2) {
    if (performance.now() - startedAt > GONE_LIMIT_MS) return Infinity;
    await new Promise((settle) => setTimeout(settle, 10));
  }
  return performance.now() - startedAt;
}

function line(name: string, server: string, result: Result): string {
  const { p50Ms, p99Ms, maxMs, requestCount, intruderCount, goneMs } = result;
  const numbers = [p50Ms, p99Ms, maxMs].map((ms) => ms.toFixed(2));
  const gone = goneMs.toFixed(0);
  const cells = [...numbers, requestCount, intruderCount, gone];
  return `| ${name} | ${server} | ${cells.join(" | ")} |`;
}

if (import.meta.main) {
  console.log(
    "| abuse | server | p50 (ms) | p99 (ms) | max (ms) | requests | " +
      "intruders | gone after (ms) |",
  );
  console.log("|---|---|---:|---:|---:|---:|---:|---:|");
  const chosen = ABUSES.filter(({ name }) =>
    args.only.length === 0 || args.only.some((text) => name.includes(text))
  );
  for (const abuse of chosen) {
    for (const [server, start] of Object.entries(STARTERS)) {
      if (args.server && args.server !== server) continue;
      console.log(line(abuse.name, server, await measure(start, abuse)));
    }
  }
}
