/** Client-side caching, beyond what is compared with redis-server. */
import { assertEquals, assertMatch } from "@std/assert";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import { at } from "../support/clock.ts";
import { failingEngine } from "../support/engine.ts";
import { infoField } from "../support/info.ts";
import { repliesIn, shownReplies } from "../support/invalidations.ts";
import { pipelined } from "../support/lines.ts";

/** Sends lines in one piece and shows all that comes back. */
function say(client: BenchClient, ...lines: string[]): string {
  return shownReplies(repliesIn(client.send(pipelined(...lines))));
}

/** What has come since. */
function heard(client: BenchClient): string {
  return shownReplies(repliesIn(client.transport.take()));
}

function tracker(bench: Bench, mode = ""): BenchClient {
  const client = bench.connect();
  say(client, "HELLO 3", `CLIENT TRACKING ON ${mode}`.trimEnd());
  return client;
}

function field(bench: Bench, name: string): string {
  return infoField(bench.server.info(["stats", "clients"]), name);
}

/** What is done on a timer. */
function expire({ server }: Bench): void {
  server.dispatcher.clock.advance();
  while (server.keyspace.expireSlice());
  server.dispatcher.commitExpired();
}

function later<T>(ms: number, work: () => T): T {
  return at(Date.now() + ms, work);
}

Deno.test("a tracker's reads and others' writes stay in the engine", () => {
  const bench = new Bench();
  const reader = tracker(bench);
  const writer = bench.connect();
  const isHot = ({ session }: BenchClient) => session.isHot;
  for (const line of ["GET a", "HGET h f", "PING", "GET a"]) {
    assertEquals(say(reader, line), "=");
    assertEquals(isHot(reader), true, line);
  }
  assertEquals(bench.server.tracking.keyCount, 2);
  for (const line of ["SET b 1", "SET a 1", "INCR a", "HSET h f 1"]) {
    assertEquals(say(writer, line), "=");
    assertEquals(isHot(writer), true, line);
  }
  assertEquals(heard(reader), "a h");
  say(reader, "SET b 2");
  assertEquals(isHot(reader), false);
});

Deno.test("a tracker's own writes leave it, and are told reply by reply", () => {
  const bench = new Bench();
  const client = tracker(bench);
  const told = say(client, "GET a", "SET a 1", "GET a", "INCR a", "GET a");
  assertEquals(told, "= = a = = a =");
  assertEquals(say(client, "SET a 3", "PFADD p x", "PFCOUNT p"), "= a = =");
});

Deno.test("a key that is due is told of, by whom it may be found", () => {
  for (const mode of ["", "NOLOOP"]) {
    const bench = new Bench();
    const client = tracker(bench, mode);
    const other = bench.connect();
    say(other, "SET a 1 PX 10000", "SET b 1 PX 10000", "SET c 1 PX 10000");
    say(client, "MGET a b c");
    later(20_000, () => {
      assertEquals(say(client, "STRLEN a"), "= a");
      say(other, "GET b");
      assertEquals(heard(client), "b");
      expire(bench);
      assertEquals(heard(client), "c");
    });
  }
});

Deno.test("in broadcast nobody is spared what becomes due", () => {
  const bench = new Bench();
  const client = tracker(bench, "BCAST NOLOOP");
  say(client, "SET a 1 PX 10000", "SET b 1 PX 10000", "SET c 1 PX 10000");
  later(20_000, () => {
    assertEquals(say(client, "GET b"), "= b");
    expire(bench);
    assertEquals(heard(client), "a,c");
    assertEquals(say(client, "SET a 1", "SET a 2"), "= =");
    assertEquals(heard(client), "");
  });
});

Deno.test("a field that is due changes its key", () => {
  const bench = new Bench();
  const client = tracker(bench);
  say(bench.connect(), "HSET h f 1 g 2", "HPEXPIRE h 10000 FIELDS 1 f");
  say(client, "HGETALL h");
  later(20_000, () => expire(bench));
  assertEquals(heard(client), "h");
});

Deno.test("a table that is too full forgets keys, and says so", () => {
  const bench = new Bench({ "tracking-table-max-keys": "10" });
  const client = tracker(bench, "NOLOOP");
  for (let i = 0; i < 30; i++) say(client, `GET key:${i}`);
  assertEquals(bench.server.tracking.keyCount, 10);
  assertEquals(heard(client), "");
  say(bench.connect(), "CONFIG SET tracking-table-max-keys 4");
  const told = heard(client).split(" ");
  assertEquals(told.length, 6);
  for (const key of told) assertMatch(key, /^key:\d+$/);
  // Hot reads, too.
  const many = Array.from({ length: 300 }, (_, i) => `GET many:${i}`);
  say(client, ...many);
  for (let i = 0; i < 5; i++) bench.server.tracking.endTurn();
  assertEquals(bench.server.tracking.keyCount, 4);
  say(client, "CONFIG SET tracking-table-max-keys 0", ...many);
  assertEquals(bench.server.tracking.keyCount >= 300, true);
});

Deno.test("INFO counts clients, keys, readers of keys and prefixes", () => {
  const bench = new Bench();
  const names = ["clients", "total_keys", "total_items", "total_prefixes"];
  const figures = () => names.map((name) => field(bench, `tracking_${name}`));
  assertEquals(figures(), ["0", "0", "0", "0"]);
  const [one, two] = [tracker(bench), tracker(bench)];
  const third = tracker(bench, "BCAST PREFIX a PREFIX b");
  say(one, "MGET a b c");
  say(two, "MGET a d");
  assertEquals(figures(), ["3", "4", "5", "2"]);
  say(third, "RESET");
  two.leave();
  assertEquals(figures(), ["1", "4", "5", "0"]);
  say(one, "CLIENT TRACKING OFF");
  assertEquals(figures(), ["0", "0", "0", "0"]);
});

Deno.test("a client's line tells that it tracks, and how", () => {
  const bench = new Bench();
  const line = (mode: string) => {
    const client = tracker(bench, mode);
    const text = client.call("CLIENT", "INFO");
    return text.match(/flags=(\w+).* redir=(-?\d+) resp=3/)!.slice(1).join(" ");
  };
  assertEquals(line(""), "t 0");
  assertEquals(line("BCAST"), "tB 0");
  const other = bench.connect();
  assertMatch(other.call("CLIENT", "INFO"), /flags=N.* redir=-1 resp=2/);
});

Deno.test("keys that make room for others are told of, by whomever it was", () => {
  // The engine executes a short SET by itself.
  const ways = [[true, 15_000], [false, 15_000], [true, 50_000]] as const;
  for (const [isOwn, byteCount] of ways) {
    const bench = new Bench({ "maxmemory-policy": "volatile-ttl" });
    const client = tracker(bench, "NOLOOP");
    const everything = tracker(bench, "BCAST PREFIX go");
    const writer = isOwn ? client : bench.connect();
    say(writer, "SET stays 1", `SETEX goes 1000 ${"x".repeat(200_000)}`);
    say(client, "MGET stays goes");
    heard(everything);
    const limit = Math.floor(bench.server.metrics.used) + 10_000;
    say(writer, `CONFIG SET maxmemory ${limit}`);
    const told = [say(writer, `SET big ${"x".repeat(byteCount)}`)];
    if (!isOwn) told.push(heard(client));
    assertEquals(told.join(" "), "= goes");
    assertEquals(heard(everything), "goes");
  }
});

Deno.test("RESTORE changes a key, unless what it brings is over", () => {
  const bench = new Bench();
  const client = tracker(bench);
  const other = bench.connect();
  say(other, "SET a 1", "SET b 1");
  const dump = other.call("DUMP", "a").replace(/^\$\d+\r\n/, "").slice(0, -2);
  const restore = (...words: string[]) => {
    say(client, "MGET a b");
    const [key, ttl, ...more] = words;
    other.call("RESTORE", key, ttl, dump, ...more);
    return heard(client);
  };
  assertEquals(restore("b", "0"), "");
  assertEquals(restore("b", "0", "REPLACE"), "b");
  assertEquals(restore("b", "1", "REPLACE", "ABSTTL"), "b");
  assertEquals(restore("b", "1", "REPLACE", "ABSTTL"), "");
  assertEquals(restore("b", "0"), "b");
});

Deno.test("who wants no replies is told all the same", () => {
  const bench = new Bench();
  const client = tracker(bench);
  say(client, "GET a", "GET b");
  assertEquals(say(client, "CLIENT REPLY OFF", "SET a 1"), "a");
  say(bench.connect(), "SET b 1");
  assertEquals(heard(client), "b");
  assertEquals(say(client, "CLIENT REPLY ON", "PING"), "= =");
});

Deno.test("who has waited is told behind his reply, others before theirs", () => {
  const bench = new Bench();
  const waiter = tracker(bench);
  const pusher = tracker(bench);
  say(waiter, "LRANGE to 0 -1");
  say(pusher, "LRANGE to 0 -1", "LRANGE from 0 -1");
  say(waiter, "BLMOVE from to LEFT LEFT 0");
  assertEquals(say(pusher, "RPUSH from x", "PING"), "= from to =");
  assertEquals(heard(waiter), "= to");
});

Deno.test("messages wait for the end of a transaction, in their order", () => {
  const bench = new Bench();
  const client = tracker(bench);
  const other = tracker(bench);
  for (const one of [client, other]) say(one, "MGET a b");
  const queued = ["INCR b", "GET b", "FLUSHDB", "GET a", "SET a 1"];
  assertEquals(
    say(client, "MULTI", ...queued, "EXEC", "PING"),
    "= = = = = = = b * a =",
  );
  assertEquals(heard(other), "b *");
});

Deno.test("what nobody was left to be told of is not told to the next one", () => {
  const bench = new Bench();
  const client = tracker(bench, "BCAST");
  say(client, "MULTI", "SET a 1", "CLIENT TRACKING OFF", "EXEC");
  assertEquals(bench.server.engine.calls.hasTrackedNotes(), 0);
  assertEquals(say(client, "CLIENT TRACKING ON BCAST", "PING"), "= =");
  assertEquals(heard(client), "");
});

Deno.test("a number that was given up is not taken for another client", () => {
  const bench = new Bench();
  const stays = tracker(bench);
  const goes = tracker(bench);
  say(goes, "GET a");
  say(goes, "CLIENT TRACKING OFF", "CLIENT TRACKING ON");
  const comes = tracker(bench);
  say(bench.connect(), "SET a 1");
  for (const client of [stays, goes, comes]) assertEquals(heard(client), "");
});

Deno.test("without memory for the table everybody is told to forget all", async () => {
  const { engine, failAfter } = await failingEngine();
  const bench = new Bench({}, engine);
  const [one, two] = [tracker(bench), tracker(bench)];
  say(one, "GET a");
  say(two, "GET b");
  // The arguments of a short command take none.
  failAfter(0);
  assertEquals(say(two, "GET c"), "= *");
  failAfter(-1);
  assertEquals(heard(one), "*");
  assertEquals(bench.server.tracking.keyCount, 0);
  say(one, "GET a");
  assertEquals(say(two, "SET a 1"), "=");
  assertEquals(heard(one), "a");
  bench.verify();
});

Deno.test("a flush disturbs all watchers, whatever chains they hang in", () => {
  const bench = new Bench();
  const writer = bench.connect();
  const watchers = Array.from({ length: 100 }, () => bench.connect());
  const keys = Array.from({ length: 300 }, (_, i) => `key:${i}`);
  for (const key of keys) say(writer, `SET ${key} 1`);
  watchers.forEach((watcher, i) => {
    const mine = keys.filter((_, k) => k % 100 === i || k % 7 === i % 7);
    say(watcher, `WATCH ${mine.join(" ")}`, "WATCH missing");
  });
  say(writer, "FLUSHALL");
  assertEquals(bench.server.engine.calls.verifyWatchers(), 0);
  for (const watcher of watchers) {
    const stream = watcher.send(pipelined("MULTI", "PING", "EXEC"));
    assertEquals(stream, "+OK\r\n+QUEUED\r\n*-1\r\n");
  }
});
