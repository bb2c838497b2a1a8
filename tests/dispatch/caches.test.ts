/**
 * What client-side caching is for: a client who keeps what it has read, and
 * forgets what it is told to forget, never believes what is not so any more.
 */
import { assert, assertEquals } from "@std/assert";
import { encodeCommands, type Word } from "../support/client.ts";
import { repliesIn } from "../support/invalidations.ts";
import { Random } from "../support/random.ts";
import { latin1, plain, type Reply } from "../support/reply.ts";
import { Bench, type BenchClient } from "./harness.ts";

const SEED = 20261124;
const KEYS = ["a", "b", "c", "ab", "prefixed:a", "prefixed:b"];
const PREFIX = "prefixed:";

type Tracked = (key: string) => boolean;

/** A client with a cache; `tracks` says what it is told of. */
class Cache {
  readonly client: BenchClient;
  readonly known = new Map<string, string | null>();
  /** Keys of the GETs without a reply so far; null for other commands. */
  #asked: (string[] | null)[] = [];
  #inMulti: string[] | null = null;

  constructor(bench: Bench, mode: string, readonly tracks: Tracked) {
    this.client = bench.connect();
    this.client.call("HELLO", "3");
    const line = `CLIENT TRACKING ON ${mode}`.trimEnd();
    assertEquals(this.client.call(...line.split(" ")), "+OK\r\n");
  }

  /** A pipeline of random commands; its bytes. */
  pipeline(random: Random): Uint8Array {
    const commands = Array.from(
      { length: 1 + random.int(4) },
      () => anyCommands(random),
    ).flat();
    for (const command of commands) this.#expect(command);
    return encodeCommands(commands);
  }

  /** What EXEC replies with is about all that was queued. */
  #expect([name, ...args]: Word[]): void {
    const key = name === "GET" ? String(args[0]) : "";
    if (name === "MULTI") this.#inMulti = [];
    else if (name === "EXEC") {
      this.#asked.push(this.#inMulti!);
      this.#inMulti = null;
    } else if (this.#inMulti !== null) {
      this.#inMulti.push(key);
      this.#asked.push(null);
    } else this.#asked.push(key === "" ? null : [key]);
    if (name === "MULTI") this.#asked.push(null);
  }

  /** Reads all that has come. */
  read(): void {
    for (const reply of repliesIn(this.client.transport.take())) {
      if (reply.kind === "push") this.#forget(reply.items[1]);
      else this.#learn(this.#asked.shift() ?? null, plain(reply));
    }
  }

  #learn(keys: string[] | null, value: unknown): void {
    if (keys === null) return;
    const values = Array.isArray(value) ? value : [value];
    keys.forEach((key, i) => {
      const isText = typeof values[i] === "string" || values[i] === null;
      if (key !== "" && isText) this.known.set(key, values[i]);
    });
  }

  #forget(what: Reply): void {
    if (what.kind !== "array") return this.known.clear();
    for (const key of what.items) {
      assert(key.kind === "bulk");
      this.known.delete(latin1(key.bytes));
    }
  }
}

function anyCommands(random: Random): Word[][] {
  if (!random.chance(0.1)) return [anyCommand(random)];
  const queued = Array.from({ length: 1 + random.int(3) }, () => {
    return anyCommand(random);
  });
  return [["MULTI"], ...queued, ["EXEC"]];
}

function anyCommand(random: Random): Word[] {
  const key = random.pick(KEYS);
  const other = random.pick(KEYS);
  const value = random.int(1000);
  const chance = random.int(100);
  if (chance < 55) return ["GET", key];
  if (chance < 75) return ["SET", key, value];
  if (chance < 80) return ["INCR", key];
  if (chance < 84) return ["MSET", key, value, other, value];
  if (chance < 87) return ["DEL", key, other];
  if (chance < 89) return ["RENAME", key, other];
  if (chance < 91) return ["EXPIRE", key, 0];
  if (chance < 93) return ["SET", key, value, "PXAT", 1];
  if (chance < 95) return ["LPUSH", "list", value];
  if (chance < 97) return ["APPEND", key, "x"];
  if (chance < 98) return ["GETEX", key, "PERSIST"];
  return chance < 99 ? ["FLUSHDB"] : ["COPY", key, other, "REPLACE"];
}

function play(seed: number): void {
  const random = new Random(seed);
  const bench = new Bench({
    "tracking-table-max-keys": random.pick(["0", "3"]),
  });
  const all: Tracked = () => true;
  const caches = [
    new Cache(bench, "BCAST", all),
    new Cache(bench, `BCAST PREFIX ${PREFIX}`, (key) => key.startsWith(PREFIX)),
    new Cache(bench, "OPTOUT", all),
    ...Array.from({ length: 3 }, () => new Cache(bench, "", all)),
  ];
  const judge = bench.connect();
  const { dispatcher } = bench.server;
  for (let turn = 0; turn < 60; turn++) {
    for (const { client, pipeline } of shuffled(caches, random)) {
      const bytes = pipeline();
      if (!dispatcher.gather(client.session, bytes)) {
        dispatcher.receive(client.session, bytes);
      }
    }
    dispatcher.executeGathered();
    for (const cache of caches) cache.read();
    for (const key of KEYS) {
      const [reply] = repliesIn(judge.call("GET", key)).map(plain);
      for (const { known, tracks } of caches) {
        if (!tracks(key) || !known.has(key)) continue;
        assertEquals(
          known.get(key),
          reply,
          `${key} in turn ${turn} of ${seed}`,
        );
      }
    }
    assertEquals(bench.server.engine.calls.verifyTracked(), 0);
  }
}

/** Some of the clients, in any order, each with what it sends. */
function shuffled(caches: readonly Cache[], random: Random) {
  return Array.from({ length: 4 }, () => random.pick(caches)).map((cache) => ({
    client: cache.client,
    pipeline: () => cache.pipeline(random),
  }));
}

Deno.test(`no cache believes what is not so, seeds from ${SEED}`, () => {
  for (let seed = SEED; seed < SEED + 25; seed++) play(seed);
});
