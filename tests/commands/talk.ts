/**
 * Conversations with a server that has no sockets: one line of words each, the
 * reply as its lines, and what the line made known to logs and replicas.
 */
import { assertEquals } from "@std/assert";
import type { Change } from "../../src/dispatch/commit.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Word } from "../support/client.ts";
import { at } from "../support/clock.ts";
import { flat, wordsOf } from "../support/lines.ts";
import { latin1 } from "../support/reply.ts";

export const START_MS = 1_700_000_000_000;

export interface TalkOptions {
  /** Values of the configuration. */
  config?: Record<string, string>;
  /** Whether somebody learns of changes; without, the short ways are taken. */
  isObserved?: boolean;
}

export class Talk {
  readonly bench: Bench;
  readonly client: BenchClient;
  /** What the clock says while a line runs. */
  nowMs = START_MS;
  readonly #changes: Change[] = [];

  constructor({ config = {}, isObserved = true }: TalkOptions = {}) {
    this.bench = new Bench(config);
    this.client = this.bench.connect();
    if (!isObserved) return;
    this.bench.server.dispatcher.commit.observe((change) => {
      this.#changes.push(change);
    });
  }

  /** The reply's lines, with a space between them. */
  call(...words: Word[]): string {
    return flat(at(this.nowMs, () => this.client.call(...words)));
  }

  /** The same for a line of words. */
  say(line: string): string {
    return this.call(...wordsOf(line));
  }

  /** What a line made known: its events, then the commands for others. */
  learn(line: string): string {
    return this.learnCall(...wordsOf(line));
  }

  /** The same for words of any bytes. */
  learnCall(...words: Word[]): string {
    this.#changes.length = 0;
    this.call(...words);
    return this.#changes.map(({ effects, commands }) =>
      [
        ...effects.map(({ database, key, event }) =>
          `${event}:${latin1(key)}@${database}`
        ),
        ...commands.map((words) => `> ${words.map(latin1).join(" ")}`),
      ].join(" ")
    ).join(" | ");
  }

  /** Lines and their replies, one after the other. */
  assert(rows: readonly [line: string, reply: string][]): void {
    for (const [line, reply] of rows) assertEquals(this.say(line), reply, line);
    this.bench.verify();
  }

  /** Lines and what each makes known, as `learn` shows it. */
  assertLearned(rows: readonly [line: string, known: string][]): void {
    for (const [line, known] of rows) {
      assertEquals(this.learn(line), known, line);
    }
  }
}
