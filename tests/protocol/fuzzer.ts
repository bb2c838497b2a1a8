/**
 * The protocol fuzzer: many connections send good and broken frames in random
 * pieces, and the oracle says what each must get for it. All the while a
 * healthy connection keeps asking and must get right answers soon.
 */

import { type Client, connect } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { toBytes } from "../differential/bytes.ts";
import { encodeReply } from "../differential/compare.ts";
import { infoField } from "../support/info.ts";
import { anyFrame, cutRandomly, multibulk } from "./frames.ts";
import { type Ending, readRequests, type Requests } from "./oracle.ts";

export interface FuzzOptions {
  port: number;
  frameCount: number;
  seed: number;
  /** How many connections are fuzzed at once. */
  laneCount?: number;
  /** Called now and then with the frames sent so far. */
  onProgress?: (frames: number) => void;
}

export interface FuzzReport {
  frameCount: number;
  connectionCount: number;
  protocolErrorCount: number;
  /** The longest that the healthy connection waited for an answer. */
  slowestAnswerMs: number;
  /** used_memory after the run less that before it. */
  memoryGrowthBytes: number;
  /** What went wrong, with the bytes that were sent; empty if nothing did. */
  failures: string[];
}

const mostFrames = 20;
const enoughFailures = 5;
const progressFrames = 100_000;
const settleMs = 10_000;

export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { port, frameCount, seed, laneCount = 8 } = options;
  using healthy = await connect(port);
  // The first run warms up what a server allocates once and keeps.
  await runLane(options, new Random(seed ^ 0x5eed), 200, emptyReport());
  const memoryBefore = await settledMemory(healthy);
  const report = emptyReport();
  const laneFrames = Math.ceil(frameCount / laneCount);
  let running = true;
  const lanes = Promise.all(
    Array.from(
      { length: laneCount },
      (_, lane) =>
        runLane(options, new Random(seed + lane), laneFrames, report),
    ),
  ).finally(() => running = false);
  const random = new Random(seed ^ 0xabcdef);
  while (running) {
    const waitedMs = await askHealthy(healthy, random, report.failures);
    report.slowestAnswerMs = Math.max(report.slowestAnswerMs, waitedMs);
  }
  await lanes;
  report.memoryGrowthBytes = await settledMemory(healthy) - memoryBefore;
  return report;
}

function emptyReport(): FuzzReport {
  return {
    frameCount: 0,
    connectionCount: 0,
    protocolErrorCount: 0,
    slowestAnswerMs: 0,
    memoryGrowthBytes: 0,
    failures: [],
  };
}

async function runLane(
  options: FuzzOptions,
  random: Random,
  frameCount: number,
  report: FuzzReport,
): Promise<void> {
  for (let sent = 0; sent < frameCount;) {
    if (report.failures.length >= enoughFailures) return;
    const count = Math.min(1 + random.int(mostFrames), frameCount - sent);
    const text = Array.from({ length: count }, () => anyFrame(random)).join("");
    const requests = readRequests(text);
    const failure = await converse(options.port, random, text, requests);
    if (failure !== null) {
      report.failures.push(`${failure}\n  sent ${JSON.stringify(text)}`);
    }
    if (requests.ending.kind === "error") report.protocolErrorCount++;
    report.connectionCount++;
    sent += count;
    const before = report.frameCount;
    report.frameCount += count;
    if (
      Math.floor(before / progressFrames) <
        Math.floor(report.frameCount / progressFrames)
    ) options.onProgress?.(report.frameCount);
  }
}

/** Sends the text on a new connection; null, or what was wrong in return. */
async function converse(
  port: number,
  random: Random,
  text: string,
  requests: Requests,
): Promise<string | null> {
  try {
    using client = await connect(port);
    const sending = sendInPieces(client, random, text);
    const mayLose = requests.ending.kind === "dropped";
    const failure = await checkReplies(client, requests.commands, mayLose) ??
      await checkEnding(client, requests.ending, sending);
    await sending;
    return failure;
  } catch (error) {
    return `failed with ${error instanceof Error ? error.message : error}`;
  }
}

async function sendInPieces(
  client: Client,
  random: Random,
  text: string,
): Promise<void> {
  for (const piece of cutRandomly(random, text)) {
    await client.sendRaw(toBytes(piece));
  }
}

async function checkReplies(
  client: Client,
  commands: string[][],
  mayLoseReplies: boolean,
): Promise<string | null> {
  for (const [index, args] of commands.entries()) {
    const got = await replyOrEnd(client);
    // Whoever is cut off as an attacker may lose replies to earlier commands.
    if (got === null && mayLoseReplies) return null;
    const expected = predictReply(args);
    const isWrong = expected === null
      ? got === null || got.startsWith("-ERR Protocol error")
      : got !== expected;
    if (isWrong) {
      return `command ${index + 1} ${JSON.stringify(args)} got ` +
        `${JSON.stringify(got)} in place of ${JSON.stringify(expected)}`;
    }
  }
  return null;
}

async function checkEnding(
  client: Client,
  ending: Ending,
  sending: Promise<void>,
): Promise<string | null> {
  switch (ending.kind) {
    case "ready": {
      await sending;
      client.sendRaw(toBytes(multibulk(["PING", "still here"])));
      const got = await replyOrEnd(client);
      return got === "$10\r\nstill here\r\n"
        ? null
        : `after whole commands a PING got ${JSON.stringify(got)}`;
    }
    case "error": {
      const got = await replyOrEnd(client);
      if (got !== `-${ending.text}\r\n`) {
        return `${JSON.stringify(got)} in place of "${ending.text}"`;
      }
      return await expectEnd(client, "after a protocol error");
    }
    case "dropped":
      return await expectEnd(client, "after an attack");
    case "waiting":
    case "unspecified":
      return null;
  }
}

async function expectEnd(client: Client, when: string): Promise<string | null> {
  const got = await replyOrEnd(client);
  return got === null ? null : `${when} still ${JSON.stringify(got)}`;
}

/** The next reply in protocol bytes, or null when the server has closed. */
export async function replyOrEnd(client: Client): Promise<string | null> {
  try {
    return encodeReply(await client.readReply());
  } catch (error) {
    if (error instanceof Error && error.message === "the server hung up") {
      return null;
    }
    throw error;
  }
}

/** What a command replies, where that depends on nothing else; or null. */
function predictReply(args: string[]): string | null {
  const name = args[0].toLowerCase();
  const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
  if (name === "ping" && args.length === 1) return "+PONG\r\n";
  if (name === "ping" && args.length === 2) return bulk(args[1]);
  if (name === "echo" && args.length === 2) return bulk(args[1]);
  if (name === "ping" || name === "echo") {
    return `-ERR wrong number of arguments for '${name}' command\r\n`;
  }
  return null;
}

/** Stores and fetches a value; gives the time that it took. */
async function askHealthy(
  client: Client,
  random: Random,
  failures: string[],
): Promise<number> {
  const value = String(random.int(1e9));
  const startedAt = performance.now();
  const replies = await client.pipeline([
    ["SET", "healthy", value],
    ["GET", "healthy"],
    ["STRLEN", "healthy"],
  ]);
  const waitedMs = performance.now() - startedAt;
  const expected = ["OK", value, value.length];
  if (replies.some((reply, index) => reply !== expected[index])) {
    failures.push(`the healthy connection got ${replies.map(String)}`);
  }
  return waitedMs;
}

/** used_memory of an empty server that has no other client left. */
async function settledMemory(client: Client): Promise<number> {
  await client.call("FLUSHALL");
  await onlyClientLeft(client);
  return await usedMemory(client);
}

export async function usedMemory(client: Client): Promise<number> {
  const info = String(await client.call("INFO", "memory"));
  return Number(infoField(info, "used_memory"));
}

/** Waits until CLIENT LIST shows nobody but whoever asks. */
export async function onlyClientLeft(client: Client): Promise<void> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const list = String(await client.call("CLIENT", "LIST"));
    const lines = list.trim().split("\n");
    if (lines.length === 1) return;
    if (performance.now() > deadline) {
      throw new Error(`clients that have left are still listed:\n${list}`);
    }
  }
}
