/**
 * Runs units of the official Tcl suite, each against a fresh server:
 *
 *   REDIS_SUITE=<checkout of redis 7.2.4> deno task test:suite unit/type/string
 *
 * --full            the suite starts and restarts the servers by itself, as the
 *                   tests of persistence need it
 * --tls             with --full: over TLS, with certificates that the suite's own
 *                   script makes (needs openssl and Debian's tcl-tls)
 * --server redis    against redis-server instead of Keysaur
 * --skip <name>     leaves a test out by name, or by pattern: /regexp
 * --only <name>     runs only such tests
 * --tags <tags>     as the suite takes them, e.g. "-needs:repl"
 * --singledb, --accurate, --large-memory as in the suite
 * --timeout <s>     gives up after so many seconds without progress
 * --verbose         shows the suite's own output
 * -- <words>        go to the server's command line
 */
import { parseArgs } from "@std/cli";
import { startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";
import { overlay } from "./suite/overlay.ts";

const SERVER_ARGS = [
  ...["--save", "", "--enable-debug-command", "yes"],
  ...["--enable-protected-configs", "yes"],
];
const SWITCHES = ["singledb", "accurate", "large-memory", "ignore-encoding"];

export interface UnitResult {
  ok: number;
  skipped: number;
  /** For each failure its name and what the suite says first about it. */
  failures: string[];
}

/** Reads what the suite prints: a status in brackets, then the test. */
export function resultOf(output: string): UnitResult {
  const result: UnitResult = { ok: 0, skipped: 0, failures: [] };
  const lines = output.split("\n");
  for (const [i, line] of lines.entries()) {
    const [, status, rest] = line.match(/^\[(\w+)\]: (.*)/) ?? [];
    if (status === "ok") result.ok++;
    if (status === "skip" || status === "ignore") result.skipped++;
    if (status === "err") result.failures.push(`${rest}: ${lines[i + 1]}`);
    if (status === "exception") result.failures.push(`exception: ${rest}`);
  }
  return result;
}

const args = parseArgs(Deno.args, {
  "--": true,
  boolean: [...SWITCHES, "full", "tls", "verbose"],
  string: ["server", "skip", "only", "tags", "timeout"],
  collect: ["skip", "only"],
});

/** A unit against a server that stands ready for it. */
async function runUnit(root: string, unit: string): Promise<UnitResult> {
  const start = args.server === "redis" ? startRedis : startKeysaur;
  await using server = await start([...SERVER_ARGS, ...args["--"] ?? []]);
  const place = ["--host", "127.0.0.1", "--port", String(server.port)];
  return await runSuite(root, unit, place);
}

async function runSuite(
  root: string,
  unit: string,
  place: string[],
): Promise<UnitResult> {
  const child = new Deno.Command("tclsh", {
    cwd: root,
    args: [
      "tests/test_helper.tcl",
      ...place,
      ...["--baseport", String(basePort()), "--portcount", "100"],
      // Goes on after an error that is no failed assertion.
      ...["--single", unit, "--durable"],
      ...["--timeout", args.timeout ?? "120"],
      ...SWITCHES.filter((name) => args[name]).map((name) => `--${name}`),
      ...args.tls ? ["--tls"] : [],
      ...args.tags ? ["--tags", args.tags] : [],
      ...args.skip.flatMap((name) => ["--skiptest", name]),
      ...args.only.flatMap((name) => ["--only", name]),
    ],
    env: { TERM: "dumb" },
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (args.verbose) await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const result = resultOf(output);
  const { success } = await child.status;
  if (!success && result.failures.length === 0) {
    result.failures.push(output.trim().split("\n").slice(-15).join("\n"));
  }
  return result;
}

/**
 * The first of a hundred ports below those that the system gives to clients:
 * the suite does not always recover from one that is taken.
 */
function basePort(): number {
  return 20_000 + 100 * Math.floor(Math.random() * 120);
}

/** Where the suite looks for them. */
async function makeCertificates(root: string, checkout: string) {
  const { success, stderr } = await new Deno.Command("bash", {
    cwd: root,
    args: [await Deno.realPath(`${checkout}/utils/gen-test-certs.sh`)],
    stdout: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

if (import.meta.main) {
  const checkout = Deno.env.get("REDIS_SUITE");
  const units = args._.map(String);
  if (!checkout || units.length === 0) {
    console.error("usage: REDIS_SUITE=<checkout> deno task test:suite <unit>");
    Deno.exit(2);
  }
  const root = await overlay(
    await Deno.realPath(checkout),
    args.full && args.server !== "redis" ? "keysaur" : "redis",
  );
  if (args.tls) await makeCertificates(root, checkout);
  const total: UnitResult = { ok: 0, skipped: 0, failures: [] };
  for (const unit of units) {
    const { ok, skipped, failures } = await (
      args.full ? runSuite(root, unit, []) : runUnit(root, unit)
    );
    console.log(`${unit}: ${ok} ok, ${failures.length} err, ${skipped} skip`);
    for (const failure of failures) console.log(`  ${failure}`);
    total.ok += ok;
    total.skipped += skipped;
    total.failures.push(...failures);
  }
  await Deno.remove(root, { recursive: true });
  console.log(
    `${units.length} units: ${total.ok} ok, ${total.failures.length} err, ` +
      `${total.skipped} skip`,
  );
  if (total.failures.length > 0) Deno.exit(1);
}
