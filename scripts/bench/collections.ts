/** Lists, hashes, sets and sorted sets: throughput, memory, nobody waiting. */
import { connect } from "../../tests/support/client.ts";
import type { RunningServer } from "../../tests/support/launch.ts";
import { collectionsOf, type Fill, fill, itemsOf } from "./filler.ts";
import {
  type Benchmark,
  delay,
  DUE_DELAY_MS,
  memoryOf,
  MILLION,
  redisBenchmark,
} from "./measure.ts";
import { longestWait } from "./waits.ts";

const RANDOM_MEMBERS = MILLION;
const INPUT_COUNT = 200_000;
const LONG_LIST = 10_000;
const COLLECTIONS = 100_000;
const FIELDS_EACH = 10;
const ELEMENTS_EACH = 20;
const DUE_FIELDS = 1_000;
const DUE_LIMIT_MS = 10_000;
/** How long others are watched after a big key is gone: it is freed late. */
const WATCHED_MS = 1_000;

/** The keys on which redis-benchmark works. */
const LIST = "mylist";
const HASH = "myhash";
const SET = "myset";
const ZSET = "myzset";
/** What is combined with one of them. */
const OTHER = "other";
/** The key that goes away. */
const BIG = "big";

/** A test of redis-benchmark. */
interface Test {
  name: string;
  /** The key that it works on, new for each round. */
  key?: string;
  /** Whether it takes away what was there, so that it must be there. */
  pops?: boolean;
}

const TESTS: Test[] = [
  { name: "LPUSH", key: LIST },
  { name: "RPUSH", key: LIST },
  { name: "LPOP", key: LIST, pops: true },
  { name: "RPOP", key: LIST, pops: true },
  { name: "SADD", key: SET },
  { name: "HSET", key: HASH },
  { name: "SPOP", key: SET, pops: true },
  { name: "ZADD", key: ZSET },
  { name: "ZPOPMIN", key: ZSET, pops: true },
  { name: "MSET" },
];

export function collectionBenchmarks(
  requests: (count: number) => number,
): Benchmark[] {
  const benchmarks = [
    ...TESTS.map((test) => throughput(test, 16, requests(MILLION / 2))),
    ...TESTS.map((test) => throughput(test, 1, requests(MILLION / 10))),
    ...[100, 300, 600].map((count) => listRange(count, requests(50_000))),
    ...sortedSetOfAMillion(requests(MILLION / 2)),
    ...memoryGrowth(),
    ...algebra(),
    ...["zset", "hash"].flatMap((type) =>
      ["DEL", "UNLINK"].map((word) => removal(type, word))
    ),
    dueFields(),
  ];
  return benchmarks.map((benchmark) => ({ ...benchmark, slow: true }));
}

function throughput(test: Test, pipeline: number, count: number): Benchmark {
  const { name, key, pops } = test;
  const measure = async ({ port }: RunningServer) => {
    using client = await connect(port, { timeoutMs: 60_000 });
    await client.call("FLUSHALL", "SYNC");
    if (pops) await fill(port, contentOf(key!, count));
    const runs = await redisBenchmark(port, [
      ...["-t", name, "-P", String(pipeline), "-c", "50"],
      ...["-r", String(RANDOM_MEMBERS), "-n", String(count)],
    ]);
    // An error would be fast, too.
    const left = key ? await client.call("EXISTS", key) : 0;
    if (key && left !== (pops ? 0 : 1)) throw new Error(`${name} failed`);
    return [runs[0].rps];
  };
  return {
    metrics: [{ name: `${name}, P=${pipeline}`, unit: "requests/s" }],
    fresh: false,
    needs: [name],
    // The first run warms the server up and is not counted.
    prepare: async (server) => void await measure(server),
    measure,
  };
}

/** As much as a run of pops takes away, in one of redis-benchmark's keys. */
function contentOf(key: string, count: number): Fill {
  if (key === LIST) return itemsOf(["RPUSH", key], () => ["xyz"], count);
  if (key === SET) return itemsOf(["SADD", key], member, count);
  return itemsOf(["ZADD", key], scored, count);
}

function member(i: number): string[] {
  return [`element:${String(i).padStart(12, "0")}`];
}

/** Members with scores in no order: steps that are prime to a million. */
function scored(i: number): string[] {
  return [String((i * 7919 + 13) % MILLION), ...member(i)];
}

function field(i: number): string[] {
  return [...member(i), `value:${i}`];
}

/** The first elements of a long list; the name is redis-benchmark's. */
function listRange(length: number, count: number): Benchmark {
  const name = `LRANGE_${length}`;
  const words = ["LRANGE", LIST, "0", String(length - 1)];
  const measure = async ({ port }: RunningServer) => {
    const args = ["-c", "50", "-n", String(count), ...words];
    return [(await redisBenchmark(port, args))[0].rps];
  };
  return {
    metrics: [{ name: `${name}, P=1`, unit: "requests/s" }],
    fresh: false,
    needs: ["RPUSH", "LRANGE"],
    async prepare(server) {
      await fill(server.port, contentOf(LIST, LONG_LIST));
      await measure(server);
    },
    measure,
  };
}

/** Commands with random arguments on a sorted set of a million members. */
function sortedSetOfAMillion(count: number): Benchmark[] {
  const member = "element:__rand_int__";
  const commands = [
    ["ZADD", ZSET, "__rand_int__", member],
    ["ZRANK", ZSET, member],
    [
      ...["ZRANGE", ZSET, "__rand_int__", "+inf"],
      ...["BYSCORE", "LIMIT", "0", "10"],
    ],
  ];
  return commands.map((command) => {
    const measure = async ({ port }: RunningServer) => {
      const runs = await redisBenchmark(port, [
        ...["-P", "16", "-c", "50", "-n", String(count)],
        ...["-r", String(MILLION), ...command],
      ]);
      return [runs[0].rps];
    };
    return {
      metrics: [{
        name: `${command[0]}, sorted set of 1M, P=16`,
        unit: "requests/s",
      }],
      fresh: false,
      needs: ["ZADD", command[0]],
      async prepare(server) {
        await fill(server.port, contentOf(ZSET, MILLION));
        await measure(server);
      },
      measure,
    };
  });
}

function memoryGrowth(): Benchmark[] {
  const hash = (i: number) => [
    ...["HSET", `hash:${i}`],
    ...numbers(FIELDS_EACH).flatMap((n) => [`field:${n}`, `value:${i}`]),
  ];
  const list = (i: number) => [
    ...["RPUSH", `list:${i}`],
    ...numbers(ELEMENTS_EACH).map((n) => `item:${i}:${n}`),
  ];
  return [
    growth("100k hashes of 10 fields", collectionsOf(hash, COLLECTIONS)),
    growth("100k lists of 20", collectionsOf(list, COLLECTIONS)),
    growth("set of 1M", contentOf(SET, MILLION)),
    growth("sorted set of 1M", contentOf(ZSET, MILLION)),
  ];
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** By how much the server grows when it is filled. */
function growth(name: string, content: Fill): Benchmark {
  return {
    metrics: [
      { name: `${name}, used_memory`, unit: "bytes" },
      { name: `${name}, RSS`, unit: "bytes" },
    ],
    fresh: true,
    maxRounds: 3,
    needs: [content.command(0, 1)[0]],
    async measure(server) {
      const before = await memoryOf(server);
      await fill(server.port, content);
      const after = await memoryOf(server);
      return after.map((bytes, i) => bytes - before[i]);
    },
  };
}

/** One command over all of two collections of 200k that share a half. */
function algebra(): Benchmark[] {
  const shifted = (item: (i: number) => string[]) => (i: number) =>
    item(i + INPUT_COUNT / 2);
  const sets = ["SUNIONSTORE", "SINTERSTORE", "SDIFFSTORE"]
    .map((name) => [name, "to", SET, OTHER]);
  const zsets = ["ZUNIONSTORE", "ZINTERSTORE", "ZDIFFSTORE"]
    .map((name) => [name, "to", "2", ZSET, OTHER]);
  const range = ["ZRANGESTORE", "to", ZSET, "0", "-1"];
  return [...sets, ...zsets, range].map((command) => {
    const isSet = command[0].startsWith("S");
    const [word, key, item] = isSet
      ? ["SADD", SET, member] as const
      : ["ZADD", ZSET, scored] as const;
    return {
      metrics: [{ name: `${command[0]} of 2 x 200k`, unit: "ms" }],
      fresh: false,
      needs: [word, command[0]],
      async prepare({ port }) {
        await fill(port, itemsOf([word, key], item, INPUT_COUNT));
        await fill(port, itemsOf([word, OTHER], shifted(item), INPUT_COUNT));
      },
      async measure({ port }) {
        using client = await connect(port, { timeoutMs: 60_000 });
        await client.call("DEL", "to");
        const sentAt = performance.now();
        if (Number(await client.call(...command)) < INPUT_COUNT / 2) {
          throw new Error(`${command[0]} has lost members`);
        }
        return [performance.now() - sentAt];
      },
    };
  });
}

/** What others wait for while a key with a million members goes. */
function removal(type: string, word: string): Benchmark {
  const content = type === "hash"
    ? itemsOf(["HSET", BIG], field, MILLION)
    : itemsOf(["ZADD", BIG], scored, MILLION);
  return {
    metrics: [
      { name: `${word} of a ${type} of 1M, longest wait`, unit: "ms" },
    ],
    fresh: false,
    maxRounds: 3,
    needs: [word, content.command(0, 1)[0]],
    async measure({ port }) {
      await fill(port, content);
      using client = await connect(port);
      const remove = async () => {
        if (await client.call(word, BIG) !== 1) throw new Error("no such key");
        await delay(WATCHED_MS);
      };
      return [await longestWait(port, remove)];
    },
  };
}

/** Fields that are due in a hash of many that are not. */
function dueFields(): Benchmark {
  return {
    metrics: [{ name: "1,000 due of 1M hash fields, gone after", unit: "ms" }],
    fresh: true,
    maxRounds: 1,
    needs: ["HPEXPIREAT"],
    async measure({ port }) {
      const farOff = Date.now() + 24 * 3600_000;
      await fill(port, itemsOf(["HSET", BIG], field, MILLION));
      await fill(port, fieldsDue(farOff, member, MILLION));
      const due = (i: number) => [`due:${i}`];
      const dueField = (i: number) => [...due(i), "value"];
      await fill(port, itemsOf(["HSET", BIG], dueField, DUE_FIELDS));
      const dueAt = Date.now() + DUE_DELAY_MS;
      await fill(port, fieldsDue(dueAt, due, DUE_FIELDS));
      using client = await connect(port);
      if (await client.call("HLEN", BIG) !== MILLION + DUE_FIELDS) {
        throw new Error("the hash is not filled");
      }
      await delay(dueAt - Date.now());
      while (await client.call("HLEN", BIG) !== MILLION) {
        if (Date.now() - dueAt > DUE_LIMIT_MS) return [Infinity];
        await delay(1);
      }
      return [Math.max(Date.now() - dueAt, 0)];
    },
  };
}

function fieldsDue(
  dueAt: number,
  name: (i: number) => string[],
  count: number,
): Fill {
  const words = ["HPEXPIREAT", BIG, String(dueAt), "FIELDS"];
  const named = itemsOf([], name, count);
  return {
    ...named,
    command: (first, size) => [
      ...words,
      String(size),
      ...named.command(first, size),
    ],
  };
}
