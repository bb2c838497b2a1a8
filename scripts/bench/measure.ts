/** What every benchmark is, and the ways to put numbers on a server. */
import { connect } from "../../tests/support/client.ts";
import type { RunningServer } from "../../tests/support/launch.ts";

export interface Metric {
  name: string;
  unit: "requests/s" | "ms" | "bytes";
}

export interface Benchmark {
  metrics: Metric[];
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
  measure(server: RunningServer): Promise<number[]>;
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
  const used = info.match(/^used_memory:(\d+)/m)?.[1];
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const rssKb = status.match(/^VmRSS:\s+(\d+) kB/m)?.[1];
  return [Number(used), Number(rssKb) * 1024];
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
