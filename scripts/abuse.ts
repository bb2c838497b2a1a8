/**
 * Abuses a server and measures what a well-behaved client sees meanwhile: first
 * Keysaur, then redis-server, a fresh one for each abuse. Prints a table.
 *
 * Abusers are elsewhere in life; here they, the server and the meter share the
 * machine, and on one of few cores the meter would tell how long the system
 * lets the server wait for the abuser. So the abuser, a process of its own,
 * stands back a little, whichever server it is. (Not more: an abuser that waits
 * for its time in the midst of something holds up whom it talks to.) `--nice 0`
 * lets it have as much as they.
 *
 * --seconds <n>  how long each abuse goes on (3)
 * --only <text>  only abuses whose name has the text; may be given again
 * --server <s>   keysaur or redis in place of both
 * --nice <n>     how much abusers stand back, from 0 to 19 (5)
 */
import { parseArgs } from "@std/cli";
import { makeCertificate } from "../tests/support/certificates.ts";
import { connect } from "../tests/support/client.ts";
import { freePort } from "../tests/support/launch.ts";
import { startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";
import { type Abuse, ABUSES, type Target } from "./abuse/abuses.ts";
import { clientCount, meter, PASSWORD, type Sight } from "./abuse/meter.ts";

const args = parseArgs(Deno.args, {
  string: ["seconds", "only", "server", "nice"],
  collect: ["only"],
});
const seconds = Number(args.seconds ?? 3);
const nice = args.nice ?? "5";
const STARTERS = { keysaur: startKeysaur, redis: startRedis };
/** So long a server has for what it does when it has started. */
const SETTLE_MS = 1000;
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
    await sleep(SETTLE_MS);
    const { port } = server;
    const target = { port, tlsPort, authority: authority.certificate };
    const abuser = startAbuser(abuse.name, target);
    const sight = await meter(client, sleep(seconds * 1000));
    await abuser.stdin.close();
    const { stdout } = await abuser.output();
    const intruderCount = Number(new TextDecoder().decode(stdout).trim());
    return { ...sight, intruderCount, goneMs: await untilGone(server.port) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function startAbuser(name: string, target: Target): Deno.ChildProcess {
  const path = new URL("./abuse/abuser.ts", import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "-A", path];
  return new Deno.Command("nice", {
    args: ["-n", nice, ...run, name, JSON.stringify(target)],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
}

function sleep(ms: number): Promise<void> {
  return new Promise((settle) => setTimeout(settle, ms));
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
    await sleep(10);
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
