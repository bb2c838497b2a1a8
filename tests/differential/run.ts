/** Sends scripts to a server and writes down what comes back. */

import { type Client, connect, encodeCommands } from "../support/client.ts";
import type { Reply } from "../support/reply.ts";
import { agree, encodeReply } from "./compare.ts";
import {
  type Expected,
  type Group,
  type Protocol,
  type Script,
  showStep,
  type Step,
} from "./script.ts";

/**
 * What came of each step: the reply in protocol bytes, or for other outcomes
 * a note in parentheses.
 */
export type Outcomes = string[];

const closedNote = "(closed)";
const silentNote = "(silent)";

/** Further SCAN calls than any database here could need. */
const mostScanCalls = 20_000;

/** Runs one script on fresh connections and an empty server. */
async function runScript(
  port: number,
  script: Script,
  protocol: Protocol,
): Promise<Outcomes> {
  const clients = new Map<string, Client>();
  const outcomes: Outcomes = [];
  try {
    const first = await openClient(port, protocol);
    clients.set("main", first);
    await first.call("FLUSHALL");
    for (const batch of batches(script.steps)) {
      const name = batch[0].client;
      const client = clients.get(name) ?? await openClient(port, protocol);
      clients.set(name, client);
      outcomes.push(...await runBatch(client, batch));
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  return outcomes;
}

async function openClient(port: number, protocol: Protocol): Promise<Client> {
  const client = await connect(port);
  if (protocol === 3) await client.call("HELLO", 3);
  return client;
}

/** Cuts steps into runs that go out in one write, from one client each. */
function* batches(steps: Step[]): Generator<Step[]> {
  let batch: Step[] = [];
  for (const step of steps) {
    const last = batch.at(-1);
    const joins = last !== undefined && last.client === step.client &&
      isPlain(last) && isPlain(step) && !logsIn(step);
    if (!joins && last !== undefined) {
      yield batch;
      batch = [];
    }
    batch.push(step);
  }
  if (batch.length > 0) yield batch;
}

function isPlain(step: Step): boolean {
  return step.act === "run" || step.act === "silent";
}

/**
 * Redis 7.2.4 swallows the error of a failed log-in when other replies wait
 * for their write, so no log-in is sent behind other commands.
 */
function logsIn(step: Step): boolean {
  return "args" in step && /^(auth|hello)$/i.test(step.args[0]);
}

async function runBatch(client: Client, batch: Step[]): Promise<Outcomes> {
  const only = batch[0];
  if (only.act === "scan") return [await scanAll(client, only.args)];
  if (only.act === "closed") return [await waitForEnd(client)];
  const commands = batch.flatMap((step) => "args" in step ? [step.args] : []);
  const written = client.sendRaw(encodeCommands(commands));
  const outcomes: Outcomes = [];
  for (const step of batch) {
    outcomes.push(step.act === "silent" ? silentNote : await nextReply(client));
  }
  await written;
  return outcomes;
}

async function nextReply(client: Client): Promise<string> {
  try {
    return encodeReply(await client.readReply());
  } catch (error) {
    return `(${error instanceof Error ? error.message : error})`;
  }
}

/** The note that the connection ended, or the reply that came instead. */
async function waitForEnd(client: Client): Promise<string> {
  const outcome = await nextReply(client);
  return outcome === "(the server hung up)" ? closedNote : outcome;
}

/** All keys of a whole iteration, once each and in order of their bytes. */
async function scanAll(client: Client, options: string[]): Promise<string> {
  const found = new Set<string>();
  let cursor = "0";
  for (let call = 0; call < mostScanCalls; call++) {
    const reply = await client.raw("SCAN", cursor, ...options);
    const page = scanPage(reply);
    if (page === null) return encodeReply(reply);
    for (const key of page.keys) found.add(key);
    cursor = page.cursor;
    if (cursor === "0") {
      return `*${found.size}\r\n${[...found].sort().join("")}`;
    }
  }
  return `(SCAN did not end within ${mostScanCalls} calls)`;
}

function scanPage(reply: Reply): { cursor: string; keys: string[] } | null {
  if (reply.kind !== "array" || reply.items.length !== 2) return null;
  const [cursor, keys] = reply.items;
  if (cursor.kind !== "bulk" || keys.kind !== "array") return null;
  return {
    cursor: String.fromCharCode(...cursor.bytes),
    keys: keys.items.map(encodeReply),
  };
}

/** One script's outcomes in each of the protocols that it is run in. */
export type Recording = Map<Protocol, Outcomes>;

export async function recordScript(
  port: number,
  script: Script,
): Promise<Recording> {
  const recording: Recording = new Map();
  for (const protocol of script.protocols) {
    recording.set(protocol, await runScript(port, script, protocol));
  }
  return recording;
}

/** Records every script of a group, by the scripts' names. */
export async function recordGroup(
  port: number,
  group: Group,
): Promise<Map<string, Recording>> {
  const recordings = new Map<string, Recording>();
  for (const script of group.scripts) {
    recordings.set(script.name, await recordScript(port, script));
  }
  return recordings;
}

/**
 * Which level of Redis the compared server has: one of 7.0 answers all calls
 * as recorded, one of 7.2 those that are marked so as the mark says.
 */
export type Level = "7.0" | "7.2";

/** A line of text for each step on which the two do not agree. */
export function findDifferences(
  script: Script,
  expected: Recording,
  actual: Recording,
  level: Level,
): string[] {
  const differences: string[] = [];
  for (const [protocol, outcomes] of actual) {
    const wanted = expected.get(protocol) ?? [];
    for (const [index, step] of script.steps.entries()) {
      const loose = step.act === "run"
        ? step.loose
        : { kind: "exact" as const };
      const recorded = wanted[index] ?? "(not recorded)";
      const want = loose.kind === "differs" && level === "7.2"
        ? resolve(loose.expected, recorded, protocol)
        : recorded;
      if (agree(loose, want, outcomes[index])) continue;
      differences.push(
        `RESP${protocol} step ${index + 1}: ${showStep(step)}\n` +
          `  expected ${JSON.stringify(want)}\n` +
          `  but got  ${JSON.stringify(outcomes[index])}`,
      );
    }
  }
  return differences;
}

function resolve(
  expected: Expected,
  recorded: string,
  protocol: Protocol,
): string {
  return typeof expected === "string" ? expected : expected(recorded, protocol);
}
