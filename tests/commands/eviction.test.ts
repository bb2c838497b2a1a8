/**
 * maxmemory, seen by clients: what is in use never passes it, whatever they
 * write; and who hears of keys that are evicted.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { encodeCommands } from "../support/client.ts";
import { infoField } from "../support/info.ts";
import { flat } from "../support/lines.ts";
import { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { LINES } from "./command_lines.ts";

const SEED = 20_261_121;
const OOM = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";

/** A server at its limit, full of keys that may be evicted. */
class Full {
  readonly bench: Bench;
  readonly client: BenchClient;
  readonly limit: number;

  constructor(
    policy: string,
    { room = 1_000_000, filler = 200, config = {} as Record<string, string> } =
      {},
  ) {
    this.bench = new Bench(config);
    this.client = this.bench.connect();
    this.say(`CONFIG SET maxmemory-policy ${policy}`);
    this.limit = Math.floor(this.used) + room;
    const lasting = policy.startsWith("allkeys") || policy === "noeviction";
    const options = lasting ? [] : ["EX", "10000"];
    for (let i = 0; this.used < this.limit - 1000; i++) {
      this.client.call("SET", `filler:${i}`, "f".repeat(filler), ...options);
    }
    this.say(`CONFIG SET maxmemory ${this.limit}`);
  }

  get server() {
    return this.bench.server;
  }

  /** What counts against the limit. */
  get used(): number {
    const { metrics } = this.bench.server;
    return metrics.used - metrics.uncounted;
  }

  /** Bytes above the limit. */
  get excess(): number {
    return Math.max(0, this.used - this.limit);
  }

  get evicted(): number {
    return this.bench.server.engine.calls.statEvicted();
  }

  say(line: string): string {
    return flat(this.client.call(...line.split(" ")));
  }

  info(field: string): string {
    return infoField(this.client.call("INFO", "everything"), field);
  }
}

const LARGE = {
  "set-max-listpack-entries": "2",
  "list-max-listpack-size": "4",
};

for (const [kind, lines] of Object.entries(LINES)) {
  for (const [form, config] of [["small", {}], ["large", LARGE]] as const) {
    Deno.test(`${kind} at the limit find room and stay below it (${form} forms)`, () => {
      const full = new Full("allkeys-lru", { config });
      for (const line of [...lines, ...lines]) {
        const reply = full.say(line);
        assert(!reply.startsWith("-OOM"), `${line.slice(0, 60)}: ${reply}`);
        assertEquals(full.excess, 0, line.slice(0, 60));
      }
      assert(full.evicted > 0);
      full.bench.verify();
    });
  }

  Deno.test(`${kind} are refused at the limit when nobody may go`, () => {
    const full = new Full("noeviction", { room: 60_000 });
    let refused = 0;
    for (const line of [...lines, ...lines]) {
      const before = full.used;
      const reply = full.client.call(...line.split(" "));
      if (reply.startsWith("-OOM")) {
        assertEquals(reply, OOM);
        refused++;
      }
      // What takes no memory by its nature is done, as in Redis.
      const mayPass =
        /^(MOVE|EXPIRE|PERSIST|RENAME|GETEX|HEXPIRE|HPERSIST|HGETEX)/;
      if (!mayPass.test(line)) {
        assert(full.excess === 0 || full.used <= before, line.slice(0, 60));
      }
    }
    assert(refused > 0);
    assertEquals(full.evicted, 0);
    full.bench.verify();
  });
}

Deno.test("pipelines of writes of all kinds and sizes stay below the limit", () => {
  const random = new Random(SEED);
  const policies = ["allkeys-lru", "allkeys-lfu", "allkeys-random"];
  for (const policy of policies) {
    const full = new Full(policy, { room: 400_000 });
    const bytes = () =>
      "v".repeat(random.int(random.chance(0.05) ? 9000 : 300));
    const key = (type: string) => `${type}${random.int(300)}`;
    const writes: (() => string[])[] = [
      () => ["SET", key("s"), bytes()],
      () => ["MSET", key("s"), bytes(), key("s"), bytes(), key("s"), bytes()],
      () => ["INCR", key("n")],
      () => ["LPUSH", key("l"), bytes()],
      () => ["RPUSH", key("l"), bytes()],
      () => ["RPUSH", key("l"), bytes(), bytes(), bytes()],
      () => ["SADD", key("set"), bytes()],
      () => ["HSET", key("h"), `${random.int(1000)}`, bytes()],
      () => ["ZADD", key("z"), `${random.int(1000)}`, bytes()],
      () => ["PFADD", key("p"), bytes(), bytes()],
      () => ["APPEND", key("s"), bytes()],
      () => ["SETRANGE", key("s"), `${random.int(20_000)}`, bytes()],
      () => ["SETBIT", key("b"), `${random.int(200_000)}`, "1"],
      () => ["BITOP", "OR", key("b"), key("b"), key("b")],
      () => ["SORT", key("l"), "ALPHA", "STORE", key("l")],
      () => ["COPY", key("l"), key("l"), "REPLACE"],
      () => ["COPY", key("s"), key("s"), "REPLACE"],
      () => ["SUNIONSTORE", key("set"), key("set"), key("set")],
      () => ["ZUNIONSTORE", key("z"), "2", key("z"), key("z")],
      () => ["LMOVE", key("l"), key("l"), "LEFT", "RIGHT"],
      () => ["RENAME", key("h"), key("h")],
      () => ["EXPIRE", key("s"), "100"],
      () => ["GET", key("s")],
      () => ["LPOP", key("l")],
      () => ["DEL", key("l")],
    ];
    for (let turn = 0; turn < 150; turn++) {
      const batch = Array.from(
        { length: 1 + random.int(60) },
        () => random.pick(writes)(),
      );
      const reply = full.client.send(encodeCommands(batch));
      assert(!reply.includes("-OOM"), reply.slice(0, 200));
      assertEquals(full.excess, 0);
    }
    assert(full.evicted > 100);
    full.bench.verify();
  }
});

Deno.test("a value of half the limit finds room, one beyond it is refused", () => {
  const full = new Full("allkeys-lru", { room: 2_000_000 });
  const half = Math.floor(full.limit / 2);
  assertEquals(full.say(`SETRANGE big ${half} x`), `:${half + 1}`);
  assertEquals(full.excess, 0);
  assertEquals(full.client.call("SET", "other", "v".repeat(half)), "+OK\r\n");
  assertEquals(full.excess, 0);
  assertEquals(full.client.call("SETRANGE", "k", `${full.limit}`, "x"), OOM);
  assertEquals(full.excess, 0);
  assertEquals(full.say("EXISTS k"), ":0");
});

Deno.test("what was thrown away is freed before any key is evicted", () => {
  const full = new Full("allkeys-lru", { room: 4_000_000 });
  const members = Array.from({ length: 20_000 }, (_, i) => `member:${i}`);
  full.client.call("SADD", "large", ...members);
  full.say("PING");
  assertEquals(full.excess, 0);
  const before = full.evicted;
  full.say("DEL large");
  for (let i = 0; i < 300; i++) {
    full.client.call("SET", `new:${i}`, "v".repeat(1000));
    assertEquals(full.excess, 0);
  }
  assertEquals(full.evicted, before);
});

Deno.test("evicting a large value frees it bit by bit, as room is needed", () => {
  const full = new Full("allkeys-lru", { room: 200_000 });
  const members = Array.from({ length: 20_000 }, (_, i) => `member:${i}`);
  full.say("CONFIG SET maxmemory 0");
  full.client.call("SADD", "large", ...members);
  for (let i = 0; full.say(`EXISTS filler:${i}`) === ":1"; i++) {
    full.say(`DEL filler:${i}`);
  }
  const limit = Math.floor(full.used) + 100_000;
  full.say(`CONFIG SET maxmemory ${limit}`);
  for (let i = 0; full.evicted === 0; i++) {
    full.client.call("SET", `new:${i}`, "v".repeat(1000));
    assert(full.used <= limit);
  }
});

Deno.test("a lower limit evicts at once, and in slices until it is kept", async () => {
  const full = new Full("allkeys-random", { room: 4_000_000 });
  const limit = full.limit - 3_000_000;
  assertEquals(full.say(`CONFIG SET maxmemory ${limit}`), "+OK");
  assertMatch(
    full.bench.logged.join("\n"),
    new RegExp(
      `WARNING: the new maxmemory value set via CONFIG SET \\(${limit}\\) is ` +
        "smaller than the current memory usage \\(\\d+\\)\\. This will result",
    ),
  );
  while (full.used > limit) await new Promise((done) => setTimeout(done));
  assert(full.evicted > 1000);
  assertEquals(full.info("current_eviction_exceeded_time"), "0");
  assertEquals(full.info("evicted_keys"), `${full.evicted}`);
  full.server.stop();
});

Deno.test("above a limit that nobody can keep, only what adds is refused", () => {
  const full = new Full("noeviction");
  assertEquals(full.say("CONFIG SET maxmemory 1"), "+OK");
  assertEquals(full.client.call("SET", "k", "v"), OOM);
  assertEquals(full.client.call("LPUSH", "k", "v"), OOM);
  assertEquals(full.say("GET filler:1"), `$200 ${"f".repeat(200)}`);
  assertEquals(full.say("EXPIRE filler:1 100"), ":1");
  assertEquals(full.say("DEL filler:2"), ":1");
  assert(Number(full.info("total_eviction_exceeded_time")) >= 0);
  assertEquals(full.say("CONFIG SET maxmemory 0"), "+OK");
  assertEquals(full.say("SET k v"), "+OK");
  full.server.stop();
});

Deno.test("what clients wait for counts, and keys make room for it", () => {
  const full = new Full("allkeys-lru", { room: 2_000_000 });
  full.server.dispatcher.memory.outsideBytes = () => 500_000;
  full.say("CONFIG RESETSTAT");
  full.server.dispatcher.memory.bytes = full.limit;
  while (full.server.dispatcher.memory.evictSlice());
  assert(full.used + 500_000 <= full.limit);
  assert(full.evicted > 500);
});

Deno.test("a long value evicts others while it is still coming in", () => {
  const full = new Full("allkeys-lru", { room: 2_000_000 });
  const value = "v".repeat(1_000_000);
  const bytes = new TextEncoder().encode(
    `*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n${value}\r\n`,
  );
  for (let at = 0; at < bytes.length; at += 32_768) {
    full.client.sendFirst(bytes.subarray(at, at + 32_768));
  }
  assertEquals(full.client.transport.take(), "+OK\r\n");
  assertEquals(full.excess, 0);
});

Deno.test("a transaction is admitted as a whole, and evicts others between", () => {
  const full = new Full("allkeys-lru");
  const value = "v".repeat(100_000);
  full.say("MULTI");
  for (const key of ["a", "b", "c"]) {
    assertEquals(full.client.call("SET", key, value), "+QUEUED\r\n");
  }
  assertEquals(full.say("EXEC"), "*3 +OK +OK +OK");
  assertEquals(full.excess, 0);
  assertEquals(full.say("EXISTS a b c"), ":3");

  // What a transaction does to the limit counts from its end on.
  full.say("SET x 1");
  full.say("MULTI");
  full.say("INCR x");
  full.say("CONFIG SET maxmemory 1");
  full.say("INCR x");
  assertEquals(full.say("EXEC"), "*3 :2 +OK :3");
  full.server.stop();
});

Deno.test("EXEC is refused for what it would do, in Redis's words", () => {
  const full = new Full("noeviction");
  full.say("CONFIG SET maxmemory 0");
  full.say("MULTI");
  full.say("SET a 1");
  full.server.dispatcher.memory.bytes = 1;
  assertEquals(
    full.say("EXEC"),
    `-EXECABORT Transaction discarded because of: ${OOM.slice(1).trim()}`,
  );
  full.server.dispatcher.memory.bytes = Infinity;
  full.say("MULTI");
  full.say("DEL a");
  full.server.dispatcher.memory.bytes = 1;
  assertEquals(full.say("EXEC"), "*1 :0");
});

Deno.test("who watches a key that is evicted has lost", () => {
  const full = new Full("allkeys-random", { room: 20_000 });
  full.say("WATCH filler:1 filler:2 filler:3 filler:4 filler:5");
  const other = full.bench.connect();
  for (let i = 0; i < 300; i++) other.call("SET", `o${i}`, "v".repeat(200));
  full.say("MULTI");
  full.say("PING");
  assertEquals(full.say("EXEC"), "*-1");
});

Deno.test("subscribers hear of evicted keys in the class e, before the write", () => {
  const full = new Full("allkeys-lru", {
    config: { "notify-keyspace-events": "Ee$" },
  });
  const listener = full.bench.connect();
  listener.call("PSUBSCRIBE", "__key*");
  listener.heard();
  full.client.call("SET", "k", "v".repeat(2000));
  const heard = listener.heard();
  assertMatch(heard, /__keyevent@0__:evicted\r\n\$\d+\r\nfiller:/);
  assert(heard.indexOf(":evicted") < heard.indexOf("__keyevent@0__:set"));
});

Deno.test("the log has what was evicted before what needed its room", () => {
  for (const lines of [["SET k"], ["APPEND k"], ["MULTI", "SET k", "EXEC"]]) {
    const full = new Full("allkeys-lru", { room: 100_000 });
    const { effects } = full.server.dispatcher;
    effects.enable();
    for (const line of lines) {
      const words = line.split(" ");
      full.client.call(...words, ...words.length > 1 ? ["v".repeat(9000)] : []);
    }
    let text = "";
    for (let piece; (piece = effects.take()) !== null;) text += latin1(piece);
    const evicted = text.lastIndexOf("DEL\r\n");
    assert(evicted > 0 && evicted < text.indexOf("$9000"), text.slice(0, 300));
  }
});

Deno.test("a replay of the log gives the same data", () => {
  const random = new Random(SEED);
  for (const policy of ["allkeys-lru", "volatile-ttl"]) {
    const full = new Full(policy, { room: 200_000 });
    full.say("FLUSHALL");
    const { effects } = full.server.dispatcher;
    effects.enable();
    for (let turn = 0; turn < 100; turn++) {
      const batch = Array.from({ length: 40 }, () => {
        const key = `k${random.int(1000)}`;
        const value = "v".repeat(random.int(500));
        if (random.chance(0.3)) return ["SETEX", key, "1000", value];
        if (random.chance(0.1)) return ["RPUSH", `l${key}`, value, value];
        return random.chance(0.1) ? ["SELECT", `${random.int(3)}`] : [
          ...["SET", key, value, "EX", "2000"],
        ];
      });
      full.client.send(encodeCommands(batch));
    }
    assert(full.evicted > 100, policy);
    const copy = new Bench();
    const replay = copy.server.dispatcher.replay();
    for (let piece; (piece = effects.take()) !== null;) replay.feed(piece);
    replay.close();
    assertEquals(
      copy.server.keyspace.digest(),
      full.server.keyspace.digest(),
      policy,
    );
  }
});

Deno.test("OBJECT REFCOUNT shows what the policy makes of small integers", () => {
  const bench = new Bench({ maxmemory: "1gb" });
  const client = bench.connect();
  client.call("SET", "n", "1");
  const rows: [policy: string, count: string][] = [
    ["noeviction", ":2147483647"],
    ["allkeys-random", ":2147483647"],
    ["allkeys-lru", ":1"],
    ["volatile-lfu", ":1"],
  ];
  for (const [policy, count] of rows) {
    client.call("CONFIG", "SET", "maxmemory-policy", policy);
    assertEquals(client.call("OBJECT", "REFCOUNT", "n").trim(), count, policy);
  }
});
