/**
 * Random commands of several clients while memory is scarce in one way or
 * another: nothing traps, every structure stays whole, and the log makes the
 * same data. What fails names its seed; whoever has more time takes more seeds.
 */
import { assert, assertEquals } from "@std/assert";
import { TYPE_NAMES } from "../../src/keyspace/kinds.ts";
import { LINES } from "../commands/command_lines.ts";
import { encodeCommands } from "../support/client.ts";
import { failingEngine } from "../support/engine.ts";
import { Random } from "../support/random.ts";
import { Bench, type BenchClient } from "./harness.ts";

const SEED = 20_261_121;
const SEED_COUNT = 8;
const STEPS = 1200;
const DATABASES = "4";
/** Nobody but what takes the memory away uses this database. */
const FILLED = 3;
const FILLERS = [60_000, 15_000, 3900, 1000, 300, 100];

const SMALL_FORMS = {
  "set-max-intset-entries": "2",
  "set-max-listpack-entries": "2",
  "hash-max-listpack-entries": "2",
  "zset-max-listpack-entries": "2",
  "list-max-listpack-size": "4",
  "list-compress-depth": "1",
};

const POLICIES = [
  ...["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random"],
  ...["volatile-lru", "volatile-random", "volatile-ttl"],
];

/** How memory is scarce. */
const WAYS = ["allocations fail", "maxmemory", "the engine is full"] as const;

/** Time stands still unless a test lets it pass. */
let nowMs = 1_800_000_000_000;

const lines = Object.values(LINES).flat().filter((it) => it.length < 5000);

function many(random: Random, most: number, word: () => string): string {
  return Array.from({ length: 1 + random.int(most) }, word).join(" ");
}

/** Any line; the letter of a key says what it mostly holds. */
function someLine(random: Random): string {
  const key = (letter = random.pick([..."ALHSZ"])) =>
    random.chance(0.2) ? random.pick([..."abhilz"]) : letter + random.int(5);
  const int = (below: number) => random.int(below);
  const builds: (() => string)[] = [
    () => `PEXPIRE ${key()} ${int(50)}`,
    () => `HSETEX ${key("H")} PX ${1 + int(60)} FIELDS 2 f${int(9)} v g w`,
    () => `HPEXPIRE ${key("H")} ${1 + int(60)} FIELDS 2 f${int(9)} g`,
    () => `HGET ${key("H")} f${int(9)}`,
    () => `HSET ${key("H")} ${many(random, 60, () => `f${int(200)} v`)}`,
    () => `WATCH ${key()} ${key()}`,
    () => random.pick(["MULTI", "EXEC", "EXEC"]),
    () => `COPY ${key()} ${key()} DB ${int(FILLED)} REPLACE`,
    () => `RENAME ${key()} ${key()}`,
    () => `MOVE ${key()} ${int(FILLED)}`,
    () => `SELECT ${int(FILLED)}`,
    () => random.chance(0.9) ? "PING" : random.pick(["FLUSHALL", "SWAPDB 0 1"]),
    () => `BLPOP ${key("L")} ${key("L")} 0`,
    () => `${random.pick(["BLPOP", "BRPOP"])} ${key("L")} ${int(2) * 1000}`,
    () => `${random.pick(["LPUSH", "RPUSH"])} ${key("L")} e${int(100)}`,
    () => `RPUSH ${key("L")} ${many(random, 30, () => `e${int(100)}`)}`,
    () => `RPOP ${key("L")}`,
    () => `GET ${key("A")}`,
    () => `SET ${key("A")} ${"v".repeat(int(3000))}`,
    () =>
      `MSET ${key("A")} 1 ${key("A")} 2 ${key("A")} ${"x".repeat(int(900))}`,
    () => `INCR i`,
    () => `SADD ${key("S")} ${many(random, 80, () => `m${int(400)}`)}`,
    () => `SPOP ${key("S")}${random.chance(0.5) ? ` ${int(5)}` : ""}`,
    () =>
      `ZADD ${key("Z")} ${many(random, 80, () => `${int(50)} m${int(400)}`)}`,
    () => `ZPOPMIN ${key("Z")}`,
    () => `SORT ${key()} ALPHA STORE ${key()}`,
    () => `DEL ${key()}`,
    () => random.pick(lines),
  ];
  return random.pick(builds)();
}

class Trial {
  readonly random: Random;
  readonly way: typeof WAYS[number];
  readonly bench: Bench;
  readonly #failAfter: (count: number) => void;
  readonly #clients: BenchClient[];
  readonly #copy = new Bench({ databases: DATABASES });
  readonly #failed: string[] = [];
  readonly #replay = this.#copy.server.dispatcher.replay({
    failed: ({ command, text }) => this.#failed.push(`${command}: ${text}`),
  });
  /** The engine's number of the snapshot that is under way. */
  #snapshot = -1;

  private constructor(
    seed: number,
    { engine, failAfter }: Awaited<ReturnType<typeof failingEngine>>,
  ) {
    this.random = new Random(seed);
    this.#failAfter = failAfter;
    this.way = this.random.pick(WAYS);
    const forms = this.random.chance(0.5) ? SMALL_FORMS : {};
    const values = { databases: DATABASES, ...forms };
    this.bench = new Bench(values, engine);
    const { dispatcher } = this.bench.server;
    dispatcher.effects.enable();
    if (this.random.chance(0.3)) dispatcher.commit.observe(() => {});
    this.#clients = Array.from({ length: 5 }, () => this.bench.connect());
    this.#clients[0].send("HELLO 3\r\nCLIENT TRACKING ON\r\n");
    this.#clients[1].send("HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX A\r\n");
    if (this.way === "maxmemory") this.#limit();
  }

  static async make(seed: number): Promise<Trial> {
    return new Trial(seed, await failingEngine());
  }

  #limit(): void {
    const { engine, dispatcher } = this.bench.server;
    const used = engine.calls.usedBytes() - engine.calls.uncountedBytes() +
      dispatcher.memory.outsideBytes();
    const policy = this.random.pick(POLICIES);
    const limit = used + 20_000 + this.random.int(150_000);
    this.#clients[2].send(
      `CONFIG SET maxmemory-policy ${policy} maxmemory ${limit}\r\n`,
    );
  }

  step(): void {
    const { random } = this;
    if (random.chance(0.15)) nowMs += random.int(60);
    if (this.way === "the engine is full") {
      if (random.chance(0.03)) this.#fill();
      if (random.chance(0.03)) this.#empty();
    }
    const fails = this.way === "allocations fail" && random.chance(0.4);
    if (fails) this.#failAfter(random.int(random.chance(0.5) ? 6 : 60));
    if (random.chance(0.05)) this.#keepHouse();
    else if (random.chance(0.3)) this.#stepSnapshot();
    else this.#send();
    this.#failAfter(-1);
    if (random.chance(0.1)) this.#feed();
  }

  #send(): void {
    const { random } = this;
    const at = random.int(this.#clients.length);
    const { session } = this.#clients[at];
    if (session.closing || session.waiting !== null) {
      this.#clients[at].leave();
      this.#failAfter(-1);
      this.#clients[at] = this.bench.connect();
    }
    const count = random.chance(0.7) ? 1 : 1 + random.int(8);
    const words = Array.from(
      { length: count },
      () => someLine(random).split(" "),
    );
    const bytes = encodeCommands(words);
    if (random.chance(0.5)) this.#clients[at].send(bytes);
    else this.#clients[at].sendGathered(bytes);
  }

  /** What is done on a timer. */
  #keepHouse(): void {
    const { keyspace, dispatcher } = this.bench.server;
    dispatcher.clock.advance();
    keyspace.expireSlice();
    keyspace.reclaimSlice();
    dispatcher.memory.evictSlice();
    dispatcher.commitExpired();
  }

  /** Small blocks can still be had, or none at all. */
  #fill(): void {
    const { engine, keyspace } = this.bench.server;
    const { calls } = engine;
    calls.setCeiling(calls.reservedBytes());
    const count = 1 + this.random.int(FILLERS.length);
    for (const byteCount of FILLERS.slice(0, count)) {
      const key = engine.pushArgument(`filler${byteCount}`);
      calls.populate(keyspace.database(FILLED).handle, 1e6, key, byteCount);
      calls.releaseArguments();
    }
  }

  #empty(): void {
    const { engine: { calls }, keyspace } = this.bench.server;
    calls.setCeiling(2 ** 32);
    calls.dbFlush(keyspace.database(FILLED).handle);
    while (calls.reclaim(1000) > 0);
  }

  #stepSnapshot(): void {
    const { engine: { calls }, keyspace } = this.bench.server;
    if (this.#snapshot < 0) {
      this.#snapshot = calls.snapshotBegin(this.random.int(2));
      if (this.#snapshot < 0) return;
      for (const { index, handle } of keyspace) {
        if (calls.snapshotAddDatabase(this.#snapshot, index, handle) < 0) {
          return this.#endSnapshot();
        }
      }
    }
    const code = calls.snapshotStep(this.#snapshot, 1 + this.random.int(60));
    const sink = calls.snapshotSink(this.#snapshot);
    while (calls.sinkHeadIsFull(sink)) calls.sinkDrop(sink);
    if (code !== 0 || this.random.chance(0.02)) this.#endSnapshot();
  }

  #endSnapshot(): void {
    this.bench.server.engine.calls.snapshotEnd(this.#snapshot);
    this.#snapshot = -1;
  }

  #feed(): void {
    const { effects } = this.bench.server.dispatcher;
    for (let piece; (piece = effects.take()) !== null;) {
      assertEquals(this.#replay.feed(piece), null);
      assertEquals(this.#failed, []);
    }
  }

  verify(context: string): void {
    this.bench.verify();
    const bug = this.bench.logged.find((line) => line.includes("unexpected"));
    assert(bug === undefined, `${context}: ${bug}`);
    this.#verifyWaits(context);
  }

  /** Nobody waits in the engine for a list that is there. */
  #verifyWaits(context: string): void {
    const { engine: { calls }, keyspace } = this.bench.server;
    for (const { session } of this.#clients) {
      const wait = session.waiting?.engineWait ?? 0;
      if (wait === 0) continue;
      const { handle } = keyspace.database(session.database);
      const type = calls.awaitedType(calls.waitKey(wait), handle);
      assert(TYPE_NAMES[type] !== "list", `${context}: waits in vain`);
    }
  }

  /** Both sides have the same data, once all that is due has gone. */
  compare(context: string): void {
    this.#empty();
    this.verify(context);
    this.#feed();
    this.#replay.close();
    for (const { server } of [this.bench, this.#copy]) {
      server.dispatcher.clock.advance();
      while (server.keyspace.expireSlice());
      server.dispatcher.commitExpired();
    }
    const [ours, theirs] = [this.bench, this.#copy]
      .map(({ server }) => server.keyspace.digest());
    assertEquals(theirs, ours, context);
  }
}

async function tryAll(seed: number, count: number): Promise<void> {
  const realNow = Date.now;
  Date.now = () => nowMs;
  try {
    for (let at = seed; at < seed + count; at++) {
      const trial = await Trial.make(at);
      const context = `seed ${at}, ${trial.way}`;
      for (let step = 0; step < STEPS; step++) {
        trial.step();
        if (step % 10 === 0) trial.verify(context);
      }
      trial.compare(context);
    }
  } finally {
    Date.now = realNow;
  }
}

Deno.test("with little memory nothing comes apart, and the log tells all", () =>
  tryAll(SEED, SEED_COUNT));
