/**
 * The same lines of words for redis-server and for us, where the engine
 * executes hot commands and where handlers execute all of them.
 */
import { assertEquals } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { type Client, connect } from "../support/client.ts";
import { repliesIn } from "../support/invalidations.ts";
import { wordsOf } from "../support/lines.ts";
import { startRedis } from "../support/real.ts";
import type { Reply } from "../support/reply.ts";

/** Who is asked. Clients have names, and are there when they are needed. */
export interface Asked {
  readonly name: string;
  /** Runs lines as a client; gives all that it gets up to the last reply. */
  run(client: string, lines: readonly string[]): Promise<Reply[]>;
}

/** What a line does after those that make its data, in words of the test. */
export type Question = (
  asked: Asked,
  setup: readonly string[],
  line: string,
) => Promise<string>;

/** We answer as redis-server does, line for line. */
export async function assertLikeRedis(
  sets: readonly (readonly [setup: string[], lines: string[]])[],
  question: Question,
): Promise<void> {
  await using server = await startRedis(["--enable-debug-command", "yes"]);
  using redis = real(server.port);
  const ours = [bench(true), bench(false)];
  const differences: string[] = [];
  for (const [setup, lines] of sets) {
    for (const line of lines) {
      const expected = await question(redis, setup, line);
      for (const one of ours) {
        const got = await question(one, setup, line);
        if (got === expected) continue;
        differences.push(`${line} by ${one.name}: ${got}; not ${expected}`);
      }
    }
  }
  assertEquals(differences, []);
}

export function bench(isHot: boolean): Asked {
  const bench = new Bench({ "enable-debug-command": "yes" });
  const { calls } = bench.server.engine;
  const clients = new Map<string, BenchClient>();
  return {
    name: isHot ? "the engine" : "the handlers",
    run(name, lines) {
      const client = clients.get(name) ?? bench.connect();
      clients.set(name, client);
      client.session.noTouch = !isHot;
      const before = client.heard();
      const stream = lines.map((line) => client.call(...wordsOf(line)));
      assertEquals(calls.verifyWatchers() || calls.verifyTracked(), 0);
      return Promise.resolve(repliesIn(before + stream.join("")));
    },
  };
}

function real(port: number): Asked & Disposable {
  const clients = new Map<string, Client>();
  return {
    name: "redis-server",
    async run(name, lines) {
      const client = clients.get(name) ?? await connect(port);
      clients.set(name, client);
      const replies: Reply[] = [];
      for (const line of lines) {
        client.send(...wordsOf(line));
        let next: Reply;
        do {
          next = await client.readReply();
          replies.push(next);
        } while (next.kind === "push");
      }
      return replies;
    },
    [Symbol.dispose]() {
      for (const client of clients.values()) client.close();
    },
  };
}
