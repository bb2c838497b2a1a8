/** What every benchmark is, and the ways to put numbers on a server. */
import { connect } from "../../tests/support/client.ts";
import { infoField } from "../../tests/support/info.ts";
import type {
  LaunchOptions,
  RunningServer,
} from "../../tests/support/launch.ts";

export const MILLION = 1_000_000;
/** So long after it was made is due what shall expire while it is watched. */
export const DUE_DELAY_MS = 3_000;

export interface Metric {
  name: string;
  unit:
    | "requests/s"
    | "messages/s"
    | "ms"
    | "bytes"
    | "times before"
    | "keys"
    | "%";
}

/** Starts another server of the kind that is measured. */
export type Starter = (options?: LaunchOptions) => Promise<RunningServer>;

export interface Benchmark {
  metrics: Metric[];
  /** Words for the servers' command lines. */
  args?: string[];
  /** Starts a server for each round; otherwise all rounds share one. */
  fresh: boolean;
  /** How often at most, when a round takes long. */
  maxRounds?: number;
  /** Runs only when it is asked for with --full. */
  slow?: boolean;
  /** Commands that a server must have, or its numbers are missing. */
  needs?: string[];
  /** Fills a shared server before the first round. */
  prepare?(server: RunningServer): Promise<void>;
  /** One round: a number for each metric. */
  measure(server: RunningServer, start: Starter): Promise<number[]>;
}

export interface Scale {
  /** What to multiply request counts with. */
  requests: number;
  /** How long to wait for due keys. */
  dueLimitMs: number;
}

export interface Run {
  rps: number;
  p99Ms: number;
  maxMs: number;
}

/** Runs redis-benchmark; gives one result for each command that it sent. */
export async function redisBenchmark(
  port: number,
  args: string[],
): Promise<Run[]> {
  const { success, stdout, stderr } = await new Deno.Command(
    "redis-benchmark",
    { args: ["-p", String(port), "--csv", ...args] },
  ).output();
  const decoder = new TextDecoder();
  const [head, ...rows] = decoder.decode(stdout).trim().split("\n").map(cells);
  if (!success || rows.length === 0) {
    throw new Error(`redis-benchmark failed: ${decoder.decode(stderr)}`);
  }
  return rows.map((row) => ({
    rps: Number(row[head.indexOf("rps")]),
    p99Ms: Number(row[head.indexOf("p99_latency_ms")]),
    maxMs: Number(row[head.indexOf("max_latency_ms")]),
  }));
}

function cells(line: string): string[] {
  return line.split(",").map((cell) => cell.replaceAll('"', ""));
}

/** What the server says it uses, and what the system says. */
export async function memoryOf(
  { port, pid }: RunningServer,
): Promise<number[]> {
  using client = await connect(port);
  const info = String(await client.call("INFO", "memory"));
  const used = Number(infoField(info, "used_memory"));
  return [used, await kilobytes(pid, "status", "VmRSS")];
}

/**
 * What a process has in main memory and, with what they share counted once,
 * its children: one of redis-server's writes its snapshot.
 */
export async function residentWithChildren(pid: number): Promise<number> {
  const children = await childrenOf(pid);
  if (children.length === 0) return await kilobytes(pid, "status", "VmRSS");
  let total = 0;
  for (const each of [pid, ...children]) {
    total += await kilobytes(each, "smaps_rollup", "Pss");
  }
  return total;
}

/** A figure of the system's about a process, in bytes; 0 when it is gone. */
async function kilobytes(pid: number, file: string, name: string) {
  const text = await Deno.readTextFile(`/proc/${pid}/${file}`).catch(() => "");
  const found = text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"));
  return Number(found?.[1] ?? 0) * 1024;
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  return text.trim().split(" ").filter((word) => word !== "").map(Number);
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
