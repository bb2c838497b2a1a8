/** Several clients of one server without sockets, by their names. */
import { assertEquals } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { flat, pipelined } from "../support/lines.ts";

export class Room {
  readonly #clients = new Map<string, BenchClient>();

  /** With `gathers` what they send waits for the end of the turn. */
  constructor(readonly bench = new Bench(), readonly gathers = false) {}

  client(name: string): BenchClient {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = this.bench.connect();
      this.#clients.set(name, client);
    }
    return client;
  }

  /** Lines like "b: GET k; PING", and for each what all clients have got. */
  async assert(rows: readonly [line: string, got: string][]): Promise<void> {
    for (const [line, got] of rows) {
      assertEquals(await this.say(line), got, line);
    }
    this.bench.verify();
  }

  async say(line: string): Promise<string> {
    const [name, words] = line.split(": ");
    const client = this.client(name);
    const bytes = pipelined(...words.split("; "));
    const got = this.gathers ? client.sendGathered(bytes) : client.send(bytes);
    const replies = new Map([[name, got]]);
    // Who was held up goes on when the command that ended it is over.
    await Promise.resolve();
    for (const [other, client] of this.#clients) {
      replies.set(other, (replies.get(other) ?? "") + client.send(""));
    }
    return [...replies].filter(([, got]) => got !== "")
      .map(([name, got]) => `${name}: ${flat(got)}`).join(" | ");
  }

  /** Everybody leaves: no timer goes on. */
  close(): void {
    for (const client of this.#clients.values()) client.leave();
    this.bench.verify();
    const { blocking } = this.bench.server.dispatcher;
    assertEquals([blocking.count, blocking.keyCount], [0, 0]);
  }
}
