/**
 * Sends random command sequences to two servers and compares every reply, and
 * in the end the data. What fails is made small and printed as a case.
 *
 *   deno run -A tests/differential/sequences.ts [--seed N] [--count N] [--port P] [--resp 3]
 *
 * The real server is started; the other is Keysaur, or what listens at --port.
 */

import { parseArgs } from "@std/cli";
import { connect, encodeCommands } from "../support/client.ts";
import { Random } from "../support/random.ts";
import { startRedis } from "../support/real.ts";
import { startKeysaur } from "../support/server.ts";
import { agree, encodeReply } from "./compare.ts";
import { type Call, generateCalls } from "./generator.ts";
import { keysaurArgs, realServerArgs } from "./server_args.ts";
import { type Protocol, showCommand } from "./script.ts";
import { showAsCase, shrinkCalls } from "./shrink.ts";

export interface Sequence {
  realPort: number;
  ourPort: number;
  seed: number;
  count: number;
  protocol: Protocol;
}

const batchCalls = 500;

const digestCall: Call = {
  args: ["DEBUG", "DIGEST"],
  loose: { kind: "exact" },
};

/** Null, or a message with a minimal script if the servers do not agree. */
export async function findDisagreement(
  sequence: Sequence,
): Promise<string | null> {
  const calls = generateCalls(new Random(sequence.seed), sequence.count);
  calls.push(digestCall);
  const found = await firstDifference(sequence, calls);
  if (found === null) return null;
  const failing = calls.slice(0, found.index + 1);
  const fails = async (some: Call[]) =>
    await firstDifference(sequence, [...some, digestCall]) !== null;
  const smallest = await shrinkCalls(failing, fails);
  const last = await firstDifference(sequence, [...smallest, digestCall]);
  return [
    `seed ${sequence.seed}, RESP${sequence.protocol}, call ${found.index + 1}:`,
    found.message,
    `made small (${smallest.length} calls):`,
    showAsCase(`Random sequence ${sequence.seed}`, smallest),
    last?.message ?? "which does not fail every time",
  ].join("\n");
}

interface Difference {
  index: number;
  message: string;
}

async function firstDifference(
  { realPort, ourPort, protocol }: Sequence,
  calls: Call[],
): Promise<Difference | null> {
  using real = await Talker.open(realPort, protocol);
  using ours = await Talker.open(ourPort, protocol);
  for (let start = 0; start < calls.length; start += batchCalls) {
    const batch = calls.slice(start, start + batchCalls);
    const [expected, actual] = await Promise.all([
      real.exchange(batch),
      ours.exchange(batch),
    ]);
    const at = batch.findIndex((call, index) =>
      !agree(call.loose, expected[index], actual[index])
    );
    if (at < 0) continue;
    const message = `${showCommand(batch[at].args)}\n` +
      `  expected ${JSON.stringify(expected[at])}\n` +
      `  but got  ${JSON.stringify(actual[at])}`;
    return { index: start + at, message };
  }
  return null;
}

/** A connection to an empty server that takes whole batches of calls. */
class Talker {
  readonly #client: Awaited<ReturnType<typeof connect>>;

  private constructor(client: Awaited<ReturnType<typeof connect>>) {
    this.#client = client;
  }

  static async open(port: number, protocol: Protocol): Promise<Talker> {
    const client = await connect(port);
    if (protocol === 3) await client.call("HELLO", 3);
    await client.call("FLUSHALL");
    return new Talker(client);
  }

  async exchange(calls: Call[]): Promise<string[]> {
    this.#client.sendRaw(encodeCommands(calls.map((call) => call.args)));
    const replies: string[] = [];
    for (let index = 0; index < calls.length; index++) {
      try {
        replies.push(encodeReply(await this.#client.readReply()));
      } catch (error) {
        replies.push(`(${error instanceof Error ? error.message : error})`);
      }
    }
    return replies;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    string: ["port", "seed", "count", "resp"],
    default: { seed: "1", count: "100000", resp: "2" },
  });
  await using real = await startRedis(realServerArgs);
  await using ours = options.port === undefined
    ? await startKeysaur(keysaurArgs)
    : null;
  const message = await findDisagreement({
    realPort: real.port,
    ourPort: ours?.port ?? Number(options.port),
    seed: Number(options.seed),
    count: Number(options.count),
    protocol: options.resp === "3" ? 3 : 2,
  });
  console.log(message ?? `seed ${options.seed}: ${options.count} calls agree`);
  Deno.exitCode = message === null ? 0 : 1;
}
