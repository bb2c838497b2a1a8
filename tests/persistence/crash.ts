/**
 * Rounds of: start on the files that the round before left, compare, write from
 * several clients, kill -9 at a random moment. What the server has after each
 * start must be what an unbroken sequence of each client's commands makes, and
 * nothing may be missing that the settings promise to keep.
 */
import { connect } from "../support/client.ts";
import type { LaunchOptions, RunningServer } from "../support/launch.ts";
import { Random } from "../support/random.ts";
import { History } from "./history.ts";
import { recovered, Writer } from "./writer.ts";

export type Starter = (
  args: readonly string[],
  options: LaunchOptions,
) => Promise<RunningServer>;

/** What the settings promise to keep when the process dies. */
export type Promised =
  /** Everything that was acknowledged. */
  | "acknowledged"
  /** Everything that was acknowledged two seconds before. */
  | "old"
  /** The data at the moment of a BGSAVE that has ended. */
  | "saved";

export interface CrashOptions {
  start: Starter;
  /** Words for the server's command line. */
  args: readonly string[];
  promised: Promised;
  rounds: number;
  seed: number;
  /** Sent again and again while the clients write. */
  during?: "BGREWRITEAOF" | "BGSAVE";
  /** At most so long after the start of the writers it is killed. */
  maxRunMs: number;
  clients?: number;
  /** Keys that never change and make the work of `during` take longer. */
  stillKeys?: number;
  /** Told about each round. */
  report?: (line: string) => void;
}

const ALWAYS = ["--appendonly", "yes", "--appendfsync", "always"];
const EVERYSEC = ["--appendonly", "yes", "--appendfsync", "everysec"];
const PLAIN_BASE = ["--aof-use-rdb-preamble", "no"];

/** The settings that promise something, with what disturbs them most. */
export const DURABILITIES: readonly (
  & { name: string }
  & Pick<CrashOptions, "args" | "promised" | "during">
)[] = [
  { name: "always", args: ALWAYS, promised: "acknowledged" },
  {
    name: "always, rewrites running",
    args: ALWAYS,
    promised: "acknowledged",
    during: "BGREWRITEAOF",
  },
  {
    name: "always, rewrites without preamble",
    args: [...ALWAYS, ...PLAIN_BASE],
    promised: "acknowledged",
    during: "BGREWRITEAOF",
  },
  {
    name: "always, snapshots running",
    args: ALWAYS,
    promised: "acknowledged",
    during: "BGSAVE",
  },
  {
    name: "everysec, rewrites running",
    args: EVERYSEC,
    promised: "old",
    during: "BGREWRITEAOF",
  },
  { name: "snapshots", args: [], promised: "saved", during: "BGSAVE" },
];

export interface CrashResult {
  /** Commands that were sent, acknowledged, and found after the crash. */
  sent: number;
  acknowledged: number;
  kept: number;
  /** How often what is done `during` had ended, and was cut short. */
  finished: number;
  cutShort: number;
}

const OLD_MS = 2_000;
const POLL_MS = 5;
const SIZE_EACH = 64;

/** Where the data of each history may end after a crash. */
type Bounds = { least: number; most: number }[];

export async function crashRounds(options: CrashOptions): Promise<CrashResult> {
  const { clients = 4, seed, rounds, report = () => {} } = options;
  const random = new Random(seed);
  const dir = await Deno.makeTempDir({ prefix: "keysaur-crash-" });
  const histories = Array.from(
    { length: clients },
    (_, i) => new History(`client${i}`, seed + i),
  );
  const result = {
    sent: 0,
    acknowledged: 0,
    kept: 0,
    finished: 0,
    cutShort: 0,
  };
  let bounds: Bounds[] = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      await using server = await options.start(options.args, { dir });
      const kept = round === 0
        ? 0
        : await compare(server.port, histories, bounds);
      result.kept += kept;
      if (round === 0) await addStillKeys(server.port, options.stillKeys ?? 0);
      else await compareStillKeys(server.port, options.stillKeys ?? 0);
      report(`round ${round}: ${kept} kept, start ${server.startMs | 0} ms`);
      if (round === rounds) break;
      const before = histories.map((history) => history.sentCount);
      bounds = await writeAndKill(server, histories, random, options, result);
      for (const [i, history] of histories.entries()) {
        result.sent += history.sentCount - before[i];
        result.acknowledged += history.acknowledgedCount - before[i];
      }
    }
  } catch (error) {
    throw new Error(`seed ${seed}, files kept in ${dir}`, { cause: error });
  }
  await Deno.remove(dir, { recursive: true });
  return result;
}

/** How many commands more than before the server still knows. */
async function compare(
  port: number,
  histories: readonly History[],
  bounds: readonly Bounds[],
): Promise<number> {
  let kept = 0;
  for (const [i, history] of histories.entries()) {
    const replies = await recovered(port, i, history);
    kept += settleWithin(history, replies, bounds.map((each) => each[i]));
  }
  return kept;
}

/** The first of the ranges in which the history's end can lie. */
function settleWithin(
  history: History,
  replies: readonly unknown[],
  ranges: { least: number; most: number }[],
): number {
  const before = history.settledCount;
  let failure: unknown;
  for (const { least, most } of ranges) {
    try {
      return history.settle(replies, least, most) - before;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}

async function writeAndKill(
  server: RunningServer,
  histories: readonly History[],
  random: Random,
  options: CrashOptions,
  result: CrashResult,
): Promise<Bounds[]> {
  const writers = histories.map((history, i) =>
    new Writer({
      port: server.port,
      history,
      database: i,
      pipeline: random.pick([1, 1, 16, 64]),
    })
  );
  await Promise.all(writers.map((writer) => writer.begin()));
  const runs = writers.map((writer) => writer.run());
  const besides = new Besides(server.port, histories, options, result);
  const beside = besides.run();
  await delay(random.int(options.maxRunMs));
  // One at least shall come to its end, however slow the machine is.
  if (options.during && result.finished === 0) await besides.firstEnd;
  const killedAtMs = Date.now();
  await server.stop("SIGKILL");
  await Promise.all([...runs, beside]);
  return boundsOf(histories, options.promised, killedAtMs, besides.saves);
}

function boundsOf(
  histories: readonly History[],
  promised: Promised,
  killedAtMs: number,
  saves: readonly Bounds[],
): Bounds[] {
  if (promised === "saved") return [...saves];
  return [histories.map((history) => ({
    least: promised === "acknowledged"
      ? history.acknowledgedCount
      : history.acknowledgedBefore(killedAtMs - OLD_MS),
    most: history.sentCount,
  }))];
}

/** Asks for a rewrite or a snapshot whenever none is running. */
class Besides {
  /**
   * Where a snapshot may end: the last one that was seen to be complete, and
   * the one after that, which may or may not be.
   */
  saves: Bounds[];
  /** Settles when one of them has ended, or nothing more will. */
  readonly firstEnd: Promise<void>;
  #settleFirstEnd!: () => void;
  readonly #port: number;
  readonly #histories: readonly History[];
  readonly #options: CrashOptions;
  readonly #result: CrashResult;

  constructor(
    port: number,
    histories: readonly History[],
    options: CrashOptions,
    result: CrashResult,
  ) {
    this.#port = port;
    this.#histories = histories;
    this.#options = options;
    this.#result = result;
    this.firstEnd = new Promise((settle) => this.#settleFirstEnd = settle);
    this.saves = [histories.map((history) => ({
      least: history.sentCount,
      most: history.sentCount,
    }))];
  }

  async run(): Promise<void> {
    const { during } = this.#options;
    if (during === undefined) return;
    try {
      using client = await connect(this.#port);
      while (true) {
        const least = this.#histories.map((h) => h.acknowledgedCount);
        this.saves = [
          this.saves.at(-1)!,
          least.map((each) => ({
            least: each,
            most: Infinity,
          })),
        ];
        this.#result.cutShort++;
        await client.call(during);
        for (const [i, bound] of this.saves[1].entries()) {
          bound.most = this.#histories[i].sentCount;
        }
        while (isBusy(String(await client.call("INFO", "persistence")))) {
          await delay(POLL_MS);
        }
        this.#result.cutShort--;
        this.#result.finished++;
        this.#settleFirstEnd();
        this.saves.shift();
      }
    } catch (error) {
      if (!/hung up|refused|reset/i.test(String(error))) throw error;
    } finally {
      this.#settleFirstEnd();
    }
  }
}

/** Whether a rewrite or a snapshot runs; says so when the last one failed. */
function isBusy(info: string): boolean {
  if (/^(rdb_last_bgsave|aof_last_bgrewrite)_status:err/m.test(info)) {
    throw new Error(`it has failed:\n${info}`);
  }
  return /^(rdb_bgsave|aof_rewrite)_(in_progress|scheduled):1/m.test(info);
}

async function addStillKeys(port: number, count: number): Promise<void> {
  if (count === 0) return;
  using client = await connect(port);
  await client.call("SELECT", 15);
  const value = "v".repeat(SIZE_EACH);
  for (let first = 0; first < count; first += 1000) {
    const size = Math.min(1000, count - first);
    await client.pipeline(
      Array.from({ length: size }, (_, i) => ["SET", `k${first + i}`, value]),
    );
  }
  await client.call("SAVE");
}

async function compareStillKeys(port: number, count: number): Promise<void> {
  using client = await connect(port);
  await client.call("SELECT", 15);
  const found = await client.call("DBSIZE");
  if (found !== count) throw new Error(`${found} of ${count} still keys`);
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
