/**
 * Commands that run out of memory, at each allocation that they make: they say
 * so, change nothing, and keep nothing that they had taken.
 */
import { assert, assertEquals } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { failingEngine } from "../support/engine.ts";
import { LINES } from "./command_lines.ts";

const FORMS: Record<string, Record<string, string>> = {
  "small forms": {},
  "large forms": {
    "set-max-intset-entries": "2",
    "set-max-listpack-entries": "2",
    "hash-max-listpack-entries": "2",
    "zset-max-listpack-entries": "2",
    "list-max-listpack-size": "4",
    "list-compress-depth": "1",
  },
};

/** More allocations than any of the lines makes. */
const ALLOCATIONS_MAX = 3000;

class Trial {
  readonly bench: Bench;
  client: BenchClient;
  /** How many failures were met. */
  failureCount = 0;

  constructor(
    config: Record<string, string>,
    readonly failing: Awaited<ReturnType<typeof failingEngine>>,
  ) {
    this.bench = new Bench(config, failing.engine);
    this.client = this.bench.connect();
  }

  /** Lets each allocation of a line fail, one after the other. */
  run(line: string): void {
    const words = line.split(" ");
    const { keyspace } = this.bench.server;
    const before = keyspace.digest();
    for (let count = 0; count < ALLOCATIONS_MAX; count++) {
      let used = this.#used();
      for (let again = 0; again < 3; again++) {
        const reply = this.#attempt(words, count);
        if (reply !== "" && !reply.startsWith("-OOM")) {
          assert(!reply.startsWith("-"), `${line}: ${reply}`);
          return;
        }
        const context = `${shortened(line)}, allocation ${count}`;
        // Without a reply the connection was given up, maybe after the deed.
        if (reply === "" && keyspace.digest() !== before) return;
        this.failureCount++;
        assertEquals(keyspace.digest(), before, context);
        this.bench.verify();
        const left = this.#used() - used;
        if (left <= 0) break;
        // A table or a heap may keep room that it had made, but only once.
        assert(again < 2, `${context}: ${left} bytes are left`);
        used += left;
      }
    }
    throw new Error(`${line} makes no end of allocations`);
  }

  #attempt(words: string[], count: number): string {
    if (this.client.session.closing) {
      this.client.leave();
      this.client = this.bench.connect();
    }
    this.client.call("PING");
    this.failing.failAfter(count);
    const reply = this.client.call(...words);
    this.failing.failAfter(-1);
    return reply;
  }

  #used(): number {
    const { calls } = this.bench.server.engine;
    while (calls.reclaim(1000)) { /* large values go in slices */ }
    this.client.call("PING");
    return calls.usedBytes();
  }
}

function shortened(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}...` : line;
}

for (const [form, config] of Object.entries(FORMS)) {
  for (const [kind, lines] of Object.entries(LINES)) {
    Deno.test(`${kind} without memory stay as they were (${form})`, async () => {
      const trial = new Trial(config, await failingEngine());
      for (const line of lines) trial.run(line);
      const { failureCount } = trial;
      assert(failureCount > lines.length, `only ${failureCount} failures`);
    });

    if (form === "small forms") continue;
    Deno.test(`${kind} at the end of memory`, () => {
      // Looking into a compressed list would need memory.
      const bench = new Bench({ ...config, "list-compress-depth": "0" });
      const client = bench.connect();
      const { engine, keyspace } = bench.server;
      for (const line of lines) client.call(...line.split(" "));
      engine.calls.setCeiling(engine.calls.reservedBytes());
      for (const valueBytes of [20_000, 3000, 300, 40]) {
        const key = engine.pushArgument(`filler${valueBytes}`);
        engine.calls.populate(
          keyspace.database(2).handle,
          1e6,
          key,
          valueBytes,
        );
        engine.calls.releaseArguments();
      }
      let failureCount = 0;
      for (const line of [...lines, ...lines]) {
        const before = keyspace.digest();
        if (!client.call(...line.split(" ")).startsWith("-OOM")) continue;
        failureCount++;
        assertEquals(keyspace.digest(), before, shortened(line));
        bench.verify();
      }
      assert(failureCount > 0, "everything found room");
    });
  }
}
