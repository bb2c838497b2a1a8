import { checkAof } from "../persistence/aof/check.ts";
import { checkRdb } from "../persistence/check_rdb.ts";
import { parseCommandLine } from "./config/commandLine.ts";
import { StartError } from "./config/errors.ts";
import { Server } from "./server.ts";
import { REDIS_VERSION, VERSION } from "./version.ts";

const USAGE = `Usage: main.ts [/path/to/redis.conf] [options] [-]
       main.ts - (read config from stdin)
       main.ts -v or --version
       main.ts -h or --help
       main.ts check-rdb <dump.rdb>
       main.ts check-aof [--fix|--truncate-to-timestamp $timestamp] <file>

Every directive of redis.conf is an option:

       main.ts (run the server with default conf)
       echo 'maxmemory 128mb' | main.ts -
       main.ts /etc/redis/6379.conf
       main.ts --port 7777
       main.ts --port 7777 --bind 127.0.0.1 --loglevel verbose
       main.ts /etc/myredis.conf --save "" --loglevel verbose -`;

/** Runs a server until it is told to stop; returns the exit code. */
export async function run(args: readonly string[]): Promise<number> {
  const tool = TOOLS.get(args[0]);
  if (tool !== undefined) return tool(args.slice(1));
  try {
    const plan = parseCommandLine(args, sources, workingDirectory());
    if (plan.kind === "version") {
      console.log(
        `Keysaur server v=${VERSION} redis_version=${REDIS_VERSION} ` +
          `deno=${Deno.version.deno} v8=${Deno.version.v8}`,
      );
      return 0;
    }
    if (plan.kind === "help") {
      console.log(USAGE);
      return 0;
    }
    const server = new Server(plan.config);
    for (const warning of plan.warnings) server.log("warning", warning);
    // First, so that a signal is obeyed from the first log line on.
    stopOnSignals(server);
    await server.start();
    await server.stopped;
    return server.exitCode;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    console.error(error.message);
    return 1;
  }
}

/** What runs instead of a server when the first argument names it. */
const TOOLS = new Map<string, (args: readonly string[]) => number>([
  ["check-aof", (args) => checkAof(args, { print, answer })],
  ["check-rdb", (args) => checkRdb(args, print)],
]);

const utf8 = new TextEncoder();

function print(text: string): void {
  const bytes = utf8.encode(text);
  for (let at = 0; at < bytes.length;) {
    at += Deno.stdout.writeSync(bytes.subarray(at));
  }
}

function answer(): string {
  const buffer = new Uint8Array(128);
  const byteCount = Deno.stdin.readSync(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, byteCount));
}

function stopOnSignals(server: Server): void {
  // Windows knows no SIGTERM to listen for.
  const second = Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM";
  for (const name of ["SIGINT", second] as const) {
    Deno.addSignalListener(name, () => server.signalled(name));
  }
}

function workingDirectory(): string | undefined {
  try {
    return Deno.cwd();
  } catch {
    return undefined;
  }
}

const sources = {
  readTextFile: Deno.readTextFileSync,
  listDirectory: (path: string) =>
    [...Deno.readDirSync(path)].map((entry) => entry.name),
  checkDirectory(path: string): void {
    Deno.readDirSync(path);
  },
  readStandardInput(): string {
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(65536);
    let text = "";
    for (;;) {
      const byteCount = Deno.stdin.readSync(buffer);
      if (byteCount === null) return text + decoder.decode();
      text += decoder.decode(buffer.subarray(0, byteCount), { stream: true });
    }
  },
};
