/**
 * A cache at its limit: writes that push others out, and how often reads find
 * what they want. The load is the usual one of a cache: a key that is missed is
 * fetched from elsewhere and put in. Both servers get the same sequence.
 */
import { connect } from "../../tests/support/client.ts";
import { infoField } from "../../tests/support/info.ts";
import { Random } from "../../tests/support/random.ts";
import { Zipf } from "../../tests/support/zipf.ts";
import { type Benchmark, delay, MILLION, redisBenchmark } from "./measure.ts";

const LIMIT_BYTES = 100 * 2 ** 20;
const VALUE_BYTES = 300;
const WRITES = 2 * MILLION;
const PIPELINE = 16;
const SAMPLE_MS = 100;

const CACHED_KEYS = 2 * MILLION;
/** The first half of the uses fills the cache, the second one counts. */
const USES = 1.2 * MILLION;
const USES_AT_ONCE = 250;
const EXPONENTS = [0.7, 0.9];
const SEED = 20_261_121;

const args = (policy: string) => [
  ...["--maxmemory", String(LIMIT_BYTES)],
  ...["--maxmemory-policy", policy],
];

export function evictionBenchmarks(
  requests: (count: number) => number,
): Benchmark[] {
  return [
    writesAtLimit(requests(WRITES)),
    ...EXPONENTS.map((exponent) =>
      hitRate("allkeys-lru", exponent, requests(USES))
    ),
    hitRate("allkeys-lfu", EXPONENTS[0], requests(USES)),
  ];
}

/** Random keys of which a seventh finds room, and what is in use meanwhile. */
function writesAtLimit(count: number): Benchmark {
  const name = "eviction: SET of 300 bytes, allkeys-lru, P=16";
  const words = [
    ...["-t", "set", "-d", String(VALUE_BYTES), "-P", String(PIPELINE)],
    ...["-c", "50", "-r", String(count * 5), "-n", String(count)],
  ];
  return {
    metrics: [
      { name, unit: "requests/s" },
      { name: `${name}, used above maxmemory`, unit: "bytes" },
      { name: `${name}, kept`, unit: "keys" },
    ],
    args: args("allkeys-lru"),
    fresh: true,
    slow: true,
    async measure({ port }) {
      const writing = redisBenchmark(port, words);
      const peak = peakUse(port, writing);
      const [{ rps }] = await writing;
      using client = await connect(port);
      const kept = Number(await client.call("DBSIZE"));
      return [rps, Math.max(0, await peak - LIMIT_BYTES), kept];
    },
  };
}

/** The most that counted against the limit, ten times a second. */
async function peakUse(port: number, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  work.finally(() => isDone = true).catch(() => {});
  using client = await connect(port, { timeoutMs: 60_000 });
  let peak = 0;
  while (!isDone) {
    const info = String(await client.call("INFO", "memory"));
    const uncounted = infoField(info, "mem_not_counted_for_evict");
    const used = Number(infoField(info, "used_memory")) - Number(uncounted);
    peak = Math.max(peak, used);
    await delay(SAMPLE_MS);
  }
  return peak;
}

function hitRate(policy: string, exponent: number, uses: number): Benchmark {
  const name = `eviction: ${policy}, zipf ${exponent}`;
  return {
    metrics: [
      { name: `${name}, hits`, unit: "%" },
      { name: `${name}, kept`, unit: "keys" },
    ],
    args: args(policy),
    fresh: true,
    slow: true,
    maxRounds: 1,
    async measure({ port }) {
      using client = await connect(port, { timeoutMs: 60_000 });
      const keys = new Zipf(new Random(SEED), CACHED_KEYS, exponent);
      const value = "v".repeat(VALUE_BYTES);
      let hits = 0;
      for (let done = 0; done < uses; done += USES_AT_ONCE) {
        const names = Array.from(
          { length: USES_AT_ONCE },
          () => `key:${keys.next()}`,
        );
        const found = await client.pipeline(names.map((key) => ["GET", key]));
        const missed = names.filter((_, i) => found[i] === null);
        await client.pipeline(missed.map((key) => ["SET", key, value]));
        if (done * 2 >= uses) hits += USES_AT_ONCE - missed.length;
      }
      return [hits * 200 / uses, Number(await client.call("DBSIZE"))];
    },
  };
}
