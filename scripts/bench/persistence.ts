/** What keeping the data on disk costs, and how fast it comes back. */
import { type Client, connect } from "../../tests/support/client.ts";
import type { RunningServer } from "../../tests/support/launch.ts";
import { fill, itemsOf } from "./filler.ts";
import { loadKeys } from "./loader.ts";
import {
  type Benchmark,
  delay,
  MILLION,
  redisBenchmark,
  residentWithChildren,
  type Starter,
} from "./measure.ts";
import { longestWait } from "./waits.ts";

const BIG = "big";
const POLL_MS = 2;
/** The shortest time for which a wait without a snapshot is looked for. */
const WATCHED_MS = 2_000;
const TIMEOUT_MS = 120_000;

const LOG = ["--appendonly", "yes", "--auto-aof-rewrite-percentage", "0"];

export function persistenceBenchmarks(
  requests: (count: number) => number,
): Benchmark[] {
  const benchmarks = [
    writing("everysec", 16, requests(MILLION)),
    writing("always", 1, requests(MILLION / 10)),
    writing("always", 16, requests(MILLION / 2)),
    loading("dump", [], requests(MILLION)),
    loading("log", LOG, requests(MILLION)),
    savingIdle(requests(2 * MILLION)),
    savingUnderLoad(keysChanging(requests(2 * MILLION))),
    savingUnderLoad(sortedSetChanging(requests(MILLION))),
  ];
  return benchmarks.map((benchmark) => ({ ...benchmark, slow: true }));
}

function shown(count: number): string {
  return count >= MILLION ? `${count / MILLION}M` : `${count / 1000}k`;
}

/** SET with a log of what it does. */
function writing(policy: string, pipeline: number, count: number): Benchmark {
  const args = [
    ...["-t", "SET", "-P", String(pipeline), "-c", "50"],
    ...["-r", String(MILLION), "-n", String(count)],
  ];
  const measure = async ({ port }: RunningServer) => [
    (await redisBenchmark(port, args))[0].rps,
  ];
  const name = `SET, appendfsync ${policy}, P=${pipeline}`;
  return {
    metrics: [{ name, unit: "requests/s" }],
    args: [...LOG, "--appendfsync", policy],
    fresh: false,
    async prepare(server) {
      await loadKeys(server.port, { count });
      await measure(server);
    },
    measure,
  };
}

/** From the start of a server to its readiness, with files to read. */
function loading(kind: string, args: string[], count: number): Benchmark {
  return {
    metrics: [{
      name: `load of a ${kind} of ${shown(count)} SETs`,
      unit: "ms",
    }],
    args,
    fresh: true,
    async measure(server, start) {
      await loadKeys(server.port, { count });
      using client = await patient(server.port);
      if (args.length === 0) await client.call("SAVE");
      // The effects are in the file by then, whatever the policy.
      else await delay(1_500);
      return [await loadTime(server.dir, start, count)];
    },
  };
}

/** On a copy: a server that still runs has the files open. */
async function loadTime(
  from: string,
  start: Starter,
  count: number,
): Promise<number> {
  const dir = await Deno.makeTempDir({ prefix: "keysaur-load-" });
  try {
    await copyFiles(from, dir);
    const startedAt = performance.now();
    await using server = await start({ dir });
    using client = await patient(server.port);
    while (await countOf(client) === null) await delay(POLL_MS);
    const loadMs = performance.now() - startedAt;
    const found = await countOf(client);
    if (found !== count) throw new Error(`${found} of ${count} keys are there`);
    return loadMs;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Null while the server loads. */
async function countOf(client: Client): Promise<number | null> {
  try {
    return Number(await client.call("DBSIZE"));
  } catch (error) {
    if (String(error).includes("LOADING")) return null;
    throw error;
  }
}

async function copyFiles(from: string, to: string): Promise<void> {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) {
      await Deno.mkdir(`${to}/${name}`);
      await copyFiles(`${from}/${name}`, `${to}/${name}`);
    } else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

function savingIdle(count: number): Benchmark {
  return {
    metrics: [{ name: `BGSAVE of ${shown(count)} keys`, unit: "ms" }],
    fresh: false,
    maxRounds: 3,
    prepare: async ({ port }) => void await loadKeys(port, { count }),
    measure: async ({ port }) => [await backgroundSave(port)],
  };
}

/** Data that a client changes all the time. */
interface Changing {
  name: string;
  prepare(port: number): Promise<void>;
  /** Words for redis-benchmark. */
  command: string[];
}

function keysChanging(count: number): Changing {
  return {
    name: `${shown(count)} keys changing`,
    prepare: async (port) => void await loadKeys(port, { count }),
    command: ["-r", String(count), "SET", "key:__rand_int__", "changed"],
  };
}

function sortedSetChanging(count: number): Changing {
  const scored = (i: number) => [
    String(i * 7919 % count),
    `element:${String(i).padStart(12, "0")}`,
  ];
  return {
    name: `sorted set of ${shown(count)} changing`,
    prepare: (port) => fill(port, itemsOf(["ZADD", BIG], scored, count)),
    command: [
      ...["-r", String(count)],
      ...["ZADD", BIG, "__rand_int__", "element:__rand_int__"],
    ],
  };
}

/** How much longer others wait, and how much more memory is in use. */
function savingUnderLoad(changing: Changing): Benchmark {
  const name = `BGSAVE, ${changing.name}`;
  return {
    metrics: [
      { name: `${name}, its duration`, unit: "ms" },
      { name: `${name}, longest wait without it`, unit: "ms" },
      { name: `${name}, longest wait with it`, unit: "ms" },
      { name: `${name}, memory at its peak`, unit: "times before" },
    ],
    fresh: true,
    maxRounds: 3,
    async measure(server) {
      const { port } = server;
      await changing.prepare(port);
      await using _load = startLoad(port, changing.command);
      await delay(WATCHED_MS);
      const without = await longestWait(port, () => delay(WATCHED_MS));
      await using memory = new MemoryWatch(server);
      let durationMs = 0;
      const save = async () => {
        durationMs = await backgroundSave(port);
      };
      const withIt = await longestWait(port, save);
      return [durationMs, without, withIt, await memory.growth()];
    },
  };
}

/** Sends one command over and over until it is let go of. */
function startLoad(port: number, command: string[]): AsyncDisposable {
  const child = new Deno.Command("redis-benchmark", {
    args: [
      ...["-p", String(port), "-q", "-c", "10", "-P", "16"],
      ...["-n", String(1000 * MILLION), ...command],
    ],
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

/** Looks at a server's memory again and again. */
class MemoryWatch implements AsyncDisposable {
  #before = 0;
  #peak = 0;
  #isDone = false;
  readonly #watching: Promise<void>;

  constructor({ pid }: RunningServer) {
    this.#watching = this.#watch(pid);
  }

  /** The most that was in use, divided by what was at first. */
  async growth(): Promise<number> {
    this.#isDone = true;
    await this.#watching;
    return this.#peak / this.#before;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.growth();
  }

  async #watch(pid: number): Promise<void> {
    this.#before = await residentWithChildren(pid);
    while (!this.#isDone) {
      this.#peak = Math.max(this.#peak, await residentWithChildren(pid));
      await delay(50);
    }
  }
}

/** From the command to the end of the snapshot. */
async function backgroundSave(port: number): Promise<number> {
  using client = await patient(port);
  const startedAt = performance.now();
  await client.call("BGSAVE");
  while (true) {
    const info = String(await client.call("INFO", "persistence"));
    if (info.includes("rdb_bgsave_in_progress:0")) {
      const durationMs = performance.now() - startedAt;
      if (info.includes("rdb_last_bgsave_status:ok")) return durationMs;
      throw new Error("BGSAVE failed");
    }
    await delay(POLL_MS);
  }
}

function patient(port: number): Promise<Client> {
  return connect(port, { timeoutMs: TIMEOUT_MS });
}
