/**
 * Commands that run out of memory, at each allocation that they make: they say
 * so, change nothing, and keep nothing that they had taken.
 */
import { assert, assertEquals } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { failingEngine } from "../support/engine.ts";

const LONG = "L".repeat(100);
const HUGE = "H".repeat(40_000);
const NAMES = Array.from({ length: 40 }, (_, i) => `name${i}`).join(" ");
const PAIRS = Array.from({ length: 40 }, (_, i) => `field${i} ${i}`).join(" ");
const SCORED = Array.from({ length: 40 }, (_, i) => `${i} name${i}`).join(" ");

/** Lines run in turn; most are tried with small and with large forms. */
const LINES: Record<string, string[]> = {
  strings: [
    `SET a ${LONG}`,
    `SET b ${HUGE} PX 100000`,
    `MSET a 1 b ${LONG} c ${HUGE} d 4`,
    `MSETEX 4 a 1 b ${HUGE} e 3 f ${LONG} PX 100000`,
    "MSETEX 3 a 1 b 2 g 3 KEEPTTL",
    "APPEND a tail",
    `SETRANGE c 50000 ${LONG}`,
    "INCR n",
    "INCRBYFLOAT n 1.5",
    "INCREX m BYINT 5 EX 100",
    "SETBIT bits 100000 1",
    "BITOP ONE d b c bits",
    "BITFIELD bits SET u8 900000 255",
    `PFADD p ${NAMES}`,
    "PFMERGE q p p",
    "COPY b copy",
    "RENAME copy renamed",
    "EXPIRE renamed 1000",
    "PERSIST renamed",
    "GETEX renamed PX 5000",
  ],
  lists: [
    `RPUSH l ${NAMES}`,
    `LPUSH l ${LONG} ${HUGE}`,
    `LINSERT l BEFORE name5 ${LONG}`,
    `LINSERT l AFTER name30 ${HUGE}`,
    `LSET l 7 ${LONG}${LONG}`,
    `LSET l 9 ${HUGE}`,
    "LREM l 1 name7",
    "LTRIM l 1 -2",
    "LMOVE l m LEFT RIGHT",
    "RPOPLPUSH l m",
    "LPOP l 3",
    "LMPOP 2 none l RIGHT COUNT 2",
    "LPOS l name9 COUNT 0",
    "LRANGE l 0 -1",
    "COPY l copy",
    "RENAME copy l",
    "EXPIRE l 1000",
    "MOVE m 1",
    `RPUSHX l ${NAMES}`,
  ],
  sets: [
    "SADD i 1 2 3 4 5",
    "SADD i 70000 8000000000",
    "SADD i name",
    `SADD s ${NAMES}`,
    `SADD s ${LONG}`,
    `SADD t name1 name2 ${HUGE}`,
    "SMOVE s t name3",
    "SMOVE s new name4",
    "SUNIONSTORE u s t i",
    "SINTERSTORE u s t",
    "SDIFFSTORE u s t",
    "SINTERCARD 2 s t",
    "SDIFF s t",
    "SRANDMEMBER s -5",
    "SRANDMEMBER s 5",
    "SPOP s 3",
    "SREM s name9 name10",
    "COPY s copy",
    "RENAME copy s",
    "EXPIRE s 1000",
  ],
  hashes: [
    `HSET h ${PAIRS}`,
    `HSET h field1 ${LONG} fresh ${HUGE}`,
    `HMSET h ${PAIRS}`,
    "HSETNX h once 1",
    "HINCRBY h field2 5",
    "HINCRBYFLOAT h field3 1.5",
    "HDEL h field4 field5",
    "HGETALL h",
    "HRANDFIELD h 5 WITHVALUES",
    "HEXPIRE h 1000 FIELDS 2 field6 field7",
    "HPERSIST h FIELDS 1 field6",
    "HGETEX h EX 500 FIELDS 2 field8 field9",
    `HSETEX h EX 500 FIELDS 2 field8 v fresh2 ${LONG}`,
    "HGETDEL h FIELDS 1 field10",
    "COPY h copy",
    "RENAME copy h",
    "EXPIRE h 1000",
    "MOVE h 1",
  ],
  "sorted sets": [
    `ZADD z ${SCORED}`,
    `ZADD z 7 name1 8 ${LONG}`,
    `ZADD z 9 ${HUGE}`,
    `ZADD y 1 name1 2 name2 3 ${LONG}`,
    "ZINCRBY z 5 name3",
    "ZINCRBY z 5 fresh",
    "ZUNIONSTORE u 2 z y WEIGHTS 2 3",
    "ZINTERSTORE u 2 z y",
    "ZDIFFSTORE u 2 z y",
    "ZUNION 2 z y WITHSCORES",
    "ZINTER 2 z y",
    "ZDIFF 2 z y",
    "ZRANGESTORE r z 2 20",
    "ZRANGEBYSCORE z 3 9",
    "ZRANDMEMBER z 5",
    "ZPOPMIN z 2",
    "ZMPOP 1 z MAX COUNT 2",
    "ZREM z name9",
    "ZREMRANGEBYRANK z 3 5",
    "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
    "GEOSEARCHSTORE near g FROMLONLAT 15 37 BYRADIUS 200 km",
    "COPY z copy",
    "RENAME copy z",
    "EXPIRE z 1000",
  ],
};

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
