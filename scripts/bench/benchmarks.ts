/** What is measured, and how. Nothing here knows which server it measures. */
import { connect } from "../../tests/support/client.ts";
import { clientBenchmarks } from "./clients.ts";
import { collectionBenchmarks } from "./collections.ts";
import { evictionBenchmarks } from "./eviction.ts";
import { loadKeys } from "./loader.ts";
import {
  type Benchmark,
  delay,
  DUE_DELAY_MS,
  memoryOf,
  MILLION,
  redisBenchmark,
  type Scale,
} from "./measure.ts";
import { persistenceBenchmarks } from "./persistence.ts";

const KEYSPACE = MILLION;
const LOADED_KEYS = MILLION;
const INSERTED_KEYS = 10_000_000;
const INSERT_BATCH = 16;
const DUE_KEYS = 2_000;
const LASTING_KEYS = 200_000;
const POLL_MS = 5;

export function benchmarks(scale: Scale): Benchmark[] {
  const requests = (count: number) => Math.round(count * scale.requests);
  return [
    ...["PING_MBULK", "SET", "GET", "INCR"].map((command) =>
      throughput(command, 1, requests(100_000))
    ),
    ...["SET", "GET", "INCR"].map((command) =>
      throughput(command, 16, requests(MILLION))
    ),
    ...["SET", "GET"].map((command) =>
      throughput(command, 64, requests(3_000_000))
    ),
    ...[500, 2000, 8000].map((connections) =>
      manyConnections(connections, Math.max(requests(100_000), 40_000))
    ),
    bytesPerKey(),
    dueKeys(scale.dueLimitMs),
    startToReady(),
    slowestInsert(),
    ...collectionBenchmarks(requests),
    ...persistenceBenchmarks(requests),
    ...clientBenchmarks(requests),
    ...evictionBenchmarks(requests),
  ];
}

/**
 * One command, 50 connections, a million random keys. They all exist, except
 * INCR's, which the first round makes.
 */
function throughput(
  command: string,
  pipeline: number,
  count: number,
): Benchmark {
  const args = [
    ...["-t", command, "-P", String(pipeline), "-c", "50"],
    ...["-r", String(KEYSPACE), "-n", String(count)],
  ];
  return {
    metrics: [{ name: `${command}, P=${pipeline}`, unit: "requests/s" }],
    fresh: false,
    async prepare({ port }) {
      await loadKeys(port, { count: KEYSPACE });
      await redisBenchmark(port, args);
    },
    async measure({ port }) {
      return [(await redisBenchmark(port, args))[0].rps];
    },
  };
}

function manyConnections(connections: number, count: number): Benchmark {
  const args = ["-t", "set,get", "-r", String(KEYSPACE), "-n", String(count)];
  const name = `GET+SET, ${connections} connections`;
  return {
    metrics: [
      { name, unit: "requests/s" },
      { name: `${name}, p99`, unit: "ms" },
      { name: `${name}, max`, unit: "ms" },
    ],
    fresh: false,
    async prepare({ port }) {
      await loadKeys(port, { count: KEYSPACE });
      await redisBenchmark(port, ["-c", "50", ...args]);
    },
    async measure({ port }) {
      const runs = await redisBenchmark(port, [
        "-c",
        String(connections),
        ...args,
      ]);
      const secondsEach = runs.map(({ rps }) => 1 / rps);
      return [
        runs.length / secondsEach.reduce((a, b) => a + b),
        Math.max(...runs.map(({ p99Ms }) => p99Ms)),
        Math.max(...runs.map(({ maxMs }) => maxMs)),
      ];
    },
  };
}

function bytesPerKey(): Benchmark {
  return {
    metrics: [
      { name: "16+16 byte key, used_memory", unit: "bytes" },
      { name: "16+16 byte key, RSS", unit: "bytes" },
    ],
    fresh: true,
    maxRounds: 3,
    async measure(server) {
      const before = await memoryOf(server);
      await loadKeys(server.port, { count: LOADED_KEYS });
      const size = await keyCount(server.port);
      if (size !== LOADED_KEYS) throw new Error(`${size} keys were loaded`);
      const after = await memoryOf(server);
      return after.map((bytes, i) => (bytes - before[i]) / LOADED_KEYS);
    },
  };
}

/** Keys that are due beside a hundred times as many that are not. */
function dueKeys(limitMs: number): Benchmark {
  return {
    metrics: [{ name: "2,000 due of 202,000 keys, gone after", unit: "ms" }],
    fresh: true,
    maxRounds: 1,
    async measure({ port }) {
      await loadKeys(port, { count: LASTING_KEYS, options: ["EX", "3600"] });
      const dueAt = Date.now() + DUE_DELAY_MS;
      await loadKeys(port, {
        count: DUE_KEYS,
        prefix: "due:",
        options: ["PXAT", String(dueAt)],
      });
      using client = await connect(port);
      await delay(dueAt - Date.now());
      while (await client.call("DBSIZE") !== LASTING_KEYS) {
        if (Date.now() - dueAt > limitMs) return [Infinity];
        await delay(POLL_MS);
      }
      return [Math.max(Date.now() - dueAt, 0)];
    },
  };
}

function startToReady(): Benchmark {
  return {
    metrics: [{ name: "start to ready", unit: "ms" }],
    fresh: true,
    measure: (server) => Promise.resolve([server.startMs]),
  };
}

function slowestInsert(): Benchmark {
  const name = "10M inserts";
  return {
    metrics: [
      { name, unit: "requests/s" },
      { name: `${name}, slowest batch of ${INSERT_BATCH}`, unit: "ms" },
    ],
    fresh: true,
    maxRounds: 3,
    slow: true,
    async measure({ port }) {
      const count = INSERTED_KEYS;
      const load = { count, batchCount: INSERT_BATCH };
      const { slowestMs, totalMs } = await loadKeys(port, load);
      return [count / totalMs * 1000, slowestMs];
    },
  };
}

async function keyCount(port: number): Promise<number> {
  using client = await connect(port);
  return Number(await client.call("DBSIZE"));
}
