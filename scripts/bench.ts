/**
 * Measures Keysaur beside redis-server: both in one run, taking turns, so that
 * whatever else the machine does meets both. Prints medians as a table.
 *
 * --quick        fewer rounds and requests
 * --full         also what takes minutes
 * --only <text>  only rows whose name has the text; may be given again
 * --rounds <n>   how many rounds (5)
 * --json         every round's numbers instead of the table
 * --self         redis-server against itself: how far to trust the numbers
 */
import { parseArgs } from "@std/cli";
import { connect } from "../tests/support/client.ts";
import type { LaunchOptions, RunningServer } from "../tests/support/launch.ts";
import { realRedis, startRedis } from "../tests/support/real.ts";
import { startKeysaur } from "../tests/support/server.ts";
import { benchmarks } from "./bench/benchmarks.ts";
import type { Benchmark, Metric, Starter } from "./bench/measure.ts";

export interface Row extends Metric {
  ours: number[];
  theirs: number[];
}

const args = parseArgs(Deno.args, {
  boolean: ["quick", "full", "json", "self"],
  string: ["only", "rounds"],
  collect: ["only"],
});
const rounds = Number(args.rounds ?? (args.quick ? 2 : 5));

const LEGEND = "The ratio is the first server's number divided by the " +
  "second's: for requests and messages more is better, for ms and bytes less.";

/** The servers that take turns: ours, then theirs. */
const STARTERS = [
  args.self ? startRedis : startPlainKeysaur,
  startRedis,
];

/** Without snapshots unless the words say otherwise, as startRedis does it. */
function startPlainKeysaur(words: string[], options?: LaunchOptions) {
  return startKeysaur(["--save", "", ...words], options);
}

/** Runs a benchmark for both servers, round by round. */
async function compare(benchmark: Benchmark): Promise<Row[]> {
  const { metrics, fresh, maxRounds = rounds, needs = [] } = benchmark;
  const starters: Starter[] = STARTERS.map((start) => (options) =>
    start(benchmark.args ?? [], options)
  );
  const rows = metrics.map((metric) => ({ ...metric, ours: [], theirs: [] }));
  const shared: RunningServer[] = [];
  try {
    if (!fresh) {
      for (const start of starters) {
        const server = await start();
        shared.push(server);
        if (await hasAll(server, needs)) await benchmark.prepare?.(server);
      }
    }
    for (let round = 0; round < Math.min(rounds, maxRounds); round++) {
      for (const [side, start] of starters.entries()) {
        const server = shared[side] ?? await start();
        try {
          const isAble = await hasAll(server, needs);
          if (isAble) note(rows, side, await benchmark.measure(server, start));
        } finally {
          if (fresh) await server.stop();
        }
      }
    }
  } finally {
    for (const server of shared) await server.stop();
  }
  return rows;
}

/** Whether the server knows the commands. */
async function hasAll(
  { port }: RunningServer,
  names: readonly string[],
): Promise<boolean> {
  if (names.length === 0) return true;
  using client = await connect(port);
  const found = await client.call("COMMAND", "INFO", ...names);
  return (found as unknown[]).every((info) => info !== null);
}

function note(rows: Row[], side: number, values: number[]): void {
  for (const [i, row] of rows.entries()) {
    (side === 0 ? row.ours : row.theirs).push(values[i]);
  }
}

/** NaN when there are none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One line of the table: medians and ours divided by theirs. */
export function tableLine({ name, unit, ours, theirs }: Row): string {
  const [a, b] = [median(ours), median(theirs)];
  const comparable = Number.isFinite(a) && Number.isFinite(b) && b > 0;
  const ratio = comparable ? `${(a / b).toFixed(2)}x` : "-";
  return `| ${name} (${unit}) | ${shown(a)} | ${shown(b)} | ${ratio} |`;
}

function shown(value: number): string {
  if (Number.isNaN(value)) return "-";
  if (value === Infinity) return "not within the limit";
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

if (import.meta.main) {
  const scale = args.quick
    ? { requests: 0.2, dueLimitMs: 10_000 }
    : { requests: 1, dueLimitMs: 120_000 };
  const chosen = benchmarks(scale).filter(({ metrics, slow }) => {
    if (args.only.length === 0) return !slow || args.full;
    return metrics.some(({ name }) =>
      args.only.some((text) => name.includes(text))
    );
  });
  const ours = args.self ? "redis-server" : "Keysaur";
  const results: Row[] = [];
  if (!args.json) {
    console.log(`| work | ${ours} | redis-server ${realRedis()} | ratio |`);
    console.log("|---|---:|---:|---:|");
  }
  for (const benchmark of chosen) {
    try {
      const rows = await compare(benchmark);
      results.push(...rows);
      if (!args.json) console.log(rows.map(tableLine).join("\n"));
    } catch (error) {
      console.error(`${benchmark.metrics[0].name}: ${error}`);
      Deno.exitCode = 1;
    }
  }
  if (!args.json) console.log(`\n${LEGEND}`);
  if (args.json) console.log(JSON.stringify(results, null, 2));
}
