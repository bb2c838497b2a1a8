import { assert, assertEquals, assertMatch } from "@std/assert";
import * as rdb from "./rdb_bytes.ts";
import { NOW_MS, RdbHost } from "./rdb_host.ts";

/** Digits as a text must come back as an integer, and longer ones as text. */
const STRINGS = rdb.file(
  1,
  rdb.select(0),
  rdb.key(0, "text", rdb.string("value")),
  rdb.key(0, "digits", rdb.string("12345")),
  rdb.key(0, "int8", rdb.int8(-7)),
  rdb.key(0, "int16", rdb.int16(-3000)),
  rdb.key(0, "int32", rdb.int32(-2_000_000_000)),
  rdb.key(0, "lzf", rdb.compressed("abc", 90)),
  rdb.key(0, "empty", rdb.string("")),
  rdb.key(0, "45", rdb.string("x".repeat(45))),
  rdb.key(0, "long", rdb.string("y".repeat(600))),
  rdb.joined([0], rdb.int8(99), rdb.string("an integer's name")),
);

const STRING_ROWS: [string, string][] = [
  ["GET text", "$5 value"],
  ["GET digits", "$5 12345"],
  ["OBJECT ENCODING digits", "$3 int"],
  ["GET int8", "$2 -7"],
  ["OBJECT ENCODING int8", "$3 int"],
  ["GET int16", "$5 -3000"],
  ["GET int32", "$11 -2000000000"],
  ["GET lzf", `$93 ab${"c".repeat(91)}`],
  ["OBJECT ENCODING lzf", "$3 raw"],
  ["STRLEN empty", ":0"],
  ["OBJECT ENCODING text", "$6 embstr"],
  ["OBJECT ENCODING 45", "$3 raw"],
  ["STRLEN long", ":600"],
  ["GET 99", "$17 an integer's name"],
  ["DBSIZE", ":10"],
];

/** Collections in every form, old and new, with the same few elements. */
const COLLECTIONS = rdb.file(
  12,
  rdb.aux("redis-ver", "7.4.0"),
  rdb.select(2),
  rdb.resize(30, 2),
  rdb.key(1, "l1", [3], rdb.string("a"), rdb.int8(1), rdb.string("c")),
  rdb.key(10, "l10", rdb.string(rdb.ziplist("a", 1, "c"))),
  rdb.key(
    14,
    "l14",
    [3],
    rdb.string(rdb.ziplist("a")),
    rdb.string(rdb.ziplist()),
    rdb.string(rdb.ziplist(1, "c")),
  ),
  rdb.key(
    18,
    "l18",
    [2, 2],
    rdb.string(rdb.listpack("a", 1)),
    [1],
    rdb.string("c"),
  ),
  rdb.key(2, "s2", [3], rdb.string("a"), rdb.int8(1), rdb.string("c")),
  rdb.key(2, "s2i", [3], rdb.int8(3), rdb.int8(1), rdb.int16(2000)),
  rdb.key(11, "s11", rdb.string(rdb.intset(2, 1, 3, 2000))),
  rdb.key(20, "s20", rdb.string(rdb.listpack("a", 1, "c"))),
  rdb.key(
    3,
    "z3",
    [3],
    ...[rdb.string("b"), rdb.textDouble("1.5")],
    ...[rdb.string("a"), rdb.textDouble("-inf")],
    ...[rdb.string("c"), rdb.textDouble("inf")],
  ),
  rdb.key(
    5,
    "z5",
    [3],
    ...[rdb.string("c"), rdb.double(Infinity)],
    ...[rdb.string("b"), rdb.double(1.5)],
    ...[rdb.string("a"), rdb.double(-Infinity)],
  ),
  rdb.key(
    12,
    "z12",
    rdb.string(rdb.ziplist("a", "-inf", "b", "1.5", "c", "inf")),
  ),
  rdb.key(
    17,
    "z17",
    rdb.string(rdb.listpack("a", "-inf", "b", "1.5", "c", "inf")),
  ),
  rdb.key(4, "h4", [2], ...["f", "v", "g", "w"].map(rdb.string)),
  rdb.key(9, "h9", rdb.string(rdb.zipmap(3, "f", "v", "g", "w"))),
  rdb.key(13, "h13", rdb.string(rdb.ziplist("f", "v", "g", "w"))),
  rdb.key(16, "h16", rdb.string(rdb.listpack("f", "v", "g", "w"))),
  rdb.key(
    24,
    "h24",
    rdb.little(NOW_MS + 5000, 8),
    [2],
    ...[[0], rdb.string("f"), rdb.string("v")],
    ...[rdb.length(2001), rdb.string("g"), rdb.string("w")],
  ),
  rdb.key(
    25,
    "h25",
    rdb.little(NOW_MS + 7000, 8),
    rdb.string(rdb.listpack("g", "w", NOW_MS + 7000, "f", "v", 0)),
  ),
);

const COLLECTION_ROWS: [string, string][] = [
  ["SELECT 2", "+OK"],
  ...["l1", "l10", "l14", "l18"].map((key): [string, string] => [
    `LRANGE ${key} 0 -1`,
    "*3 $1 a $1 1 $1 c",
  ]),
  ...["l1", "l10"].map((key): [string, string] => [
    `OBJECT ENCODING ${key}`,
    "$8 listpack",
  ]),
  ["OBJECT ENCODING l14", "$9 quicklist"],
  ["SORT s2 ALPHA", "*3 $1 1 $1 a $1 c"],
  ["OBJECT ENCODING s2", "$8 listpack"],
  ["SMEMBERS s2i", "*3 $1 1 $1 3 $4 2000"],
  ["OBJECT ENCODING s2i", "$6 intset"],
  ["SMEMBERS s11", "*3 $1 1 $1 3 $4 2000"],
  ["SORT s20 ALPHA", "*3 $1 1 $1 a $1 c"],
  ...["z3", "z5", "z12", "z17"].flatMap((key): [string, string][] => [
    [
      `ZRANGE ${key} 0 -1 WITHSCORES`,
      "*6 $1 a $4 -inf $1 b $3 1.5 $1 c $3 inf",
    ],
    [`OBJECT ENCODING ${key}`, "$8 listpack"],
  ]),
  ...["h4", "h9", "h13", "h16"].flatMap((key): [string, string][] => [
    [`HGETALL ${key}`, "*4 $1 f $1 v $1 g $1 w"],
    [`OBJECT ENCODING ${key}`, "$8 listpack"],
  ]),
  ["HMGET h24 f g", "*2 $1 v $1 w"],
  ["HPEXPIRETIME h24 FIELDS 2 f g", `*2 :-1 :${NOW_MS + 7000}`],
  ["HMGET h25 f g", "*2 $1 v $1 w"],
  ["HPEXPIRETIME h25 FIELDS 2 f g", `*2 :-1 :${NOW_MS + 7000}`],
];

for (const piece of [1, 2, 3, 7, 64, 65536]) {
  Deno.test(`loads what comes in pieces of ${piece} bytes`, () => {
    const host = new RdbHost();
    const strings = host.load(STRINGS, { piece, budget: piece });
    assertEquals([strings.version, strings.keys], [1, 10]);
    assertEquals(strings.checksum, "none");
    host.assert(STRING_ROWS);
    const loaded = host.load(COLLECTIONS, { piece, budget: piece });
    assertEquals(loaded.checksum, "good");
    assertEquals(loaded.offset, COLLECTIONS.length);
    host.assert(COLLECTION_ROWS);
  });
}

Deno.test("loads without knowing how long the input is", () => {
  const host = new RdbHost();
  host.load(COLLECTIONS, { byteCount: -1, piece: 11 });
  host.assert(COLLECTION_ROWS);
});

Deno.test("every version from 1 to 12 is read, and no other", () => {
  for (let version = 1; version <= 12; version++) {
    const host = new RdbHost();
    const bytes = rdb.file(version, rdb.key(0, "k", rdb.string("v")));
    assertEquals(host.load(bytes).version, version);
    assertEquals(host.say("GET k"), "$1 v");
  }
  const host = new RdbHost();
  for (const digits of ["0000", "0013", "9999", "000:", "-001", " 9  "]) {
    const bytes = rdb.joined("REDIS", digits, [255]);
    assertEquals(host.refusal(bytes).offset, 5, digits);
  }
});

Deno.test("large collections get the encodings that the limits ask for", () => {
  const host = new RdbHost();
  const numbers = Array.from({ length: 600 }, (_, i) => i);
  const words = numbers.map((i) => `word ${i}`);
  const pairs = words.flatMap((word, i) => [word, i]);
  const scored = numbers.flatMap((i) => [`m${1000 + i}`, i]);
  host.load(rdb.file(
    11,
    rdb.key(2, "s2", rdb.length(600), ...words.map(rdb.string)),
    rdb.key(2, "s2i", rdb.length(600), ...numbers.map(rdb.int32)),
    rdb.key(2, "s200", rdb.length(200), ...words.slice(0, 200).map(rdb.string)),
    rdb.key(11, "s11", rdb.string(rdb.intset(8, ...numbers))),
    rdb.key(20, "s20", rdb.string(rdb.listpack(...words))),
    rdb.key(13, "h13", rdb.string(rdb.ziplist(...pairs))),
    rdb.key(16, "h16", rdb.string(rdb.listpack(...pairs))),
    rdb.key(9, "h9", rdb.string(rdb.zipmap(0, "f", "v".repeat(65)))),
    rdb.key(12, "z12", rdb.string(rdb.ziplist(...scored))),
    rdb.key(17, "z17", rdb.string(rdb.listpack(...scored))),
    rdb.key(
      5,
      "z5",
      rdb.length(600),
      ...numbers.flatMap((i) => [rdb.string(`m${1000 + i}`), rdb.double(i)]),
    ),
    rdb.key(
      5,
      "long member",
      [1],
      ...[rdb.string("m".repeat(65)), rdb.double(1)],
    ),
    rdb.key(10, "l10", rdb.string(rdb.ziplist(...words, "x".repeat(9000)))),
    rdb.key(1, "l1", rdb.length(600), ...words.map((w) => rdb.string(w + w))),
  ));
  host.assert([
    ...["s2", "s2i", "s200", "s11", "s20", "h13", "h16", "h9"].map(
      (key): [string, string] => [`OBJECT ENCODING ${key}`, "$9 hashtable"],
    ),
    ...["z12", "z17", "z5"].map(
      (key): [string, string] => [`OBJECT ENCODING ${key}`, "$8 skiplist"],
    ),
    ["OBJECT ENCODING l10", "$9 quicklist"],
    ["OBJECT ENCODING l1", "$9 quicklist"],
    ["SCARD s2", ":600"],
    ["SISMEMBER s20 x", ":0"],
    ["HLEN h16", ":600"],
    ["ZRANGE z12 0 0", "*1 $5 m1000"],
    ["ZRANK z5 m1599", ":599"],
    ["LLEN l10", ":601"],
  ]);
  assertEquals(host.call("OBJECT", "ENCODING", "long member"), "$8 skiplist");
  assertEquals(host.call("SISMEMBER", "s20", "word 599"), ":1");
  assertEquals(host.call("HGET", "h13", "word 599"), "$3 599");
  assertEquals(host.call("LINDEX", "l1", "-1"), "$16 word 599word 599");
});

Deno.test("a list's node of more elements than it can count is split", () => {
  const host = new RdbHost();
  const numbers = Array.from({ length: 70_000 }, (_, i) => i % 100);
  const node = rdb.string(rdb.listpack(...numbers));
  host.load(rdb.file(11, rdb.key(18, "l", [1, 2], node)));
  host.assert([["LLEN l", ":70000"], ["LINDEX l 69999", "$2 99"]]);
});

Deno.test("digits in a listpack's string become an integer", () => {
  const host = new RdbHost();
  const odd = rdb.listpack("123", "f", "-5", "g");
  host.load(rdb.file(
    11,
    rdb.key(20, "s", rdb.string(odd)),
    rdb.key(17, "z", rdb.string(rdb.listpack("5", "17", "4", "17.5"))),
  ));
  host.assert([
    ["SISMEMBER s 123", ":1"],
    ["SREM s -5", ":1"],
    ["ZSCORE z 5", "$2 17"],
  ]);
});

Deno.test("due times come in seconds and in milliseconds", () => {
  const host = new RdbHost();
  const later = NOW_MS + 100_000;
  const loaded = host.load(rdb.file(
    9,
    ...[rdb.dueMs(later + 1), rdb.key(0, "a", rdb.string("1"))],
    ...[rdb.dueSeconds(later / 1000), rdb.key(0, "b", rdb.string("2"))],
    ...[rdb.dueMs(NOW_MS - 1), rdb.key(0, "c", rdb.string("3"))],
    ...[rdb.dueMs(NOW_MS - 1), rdb.key(2, "d", [1], rdb.string("3"))],
    rdb.key(0, "e", rdb.string("4")),
  ));
  assertEquals([loaded.keys, loaded.expired], [3, 2]);
  host.assert([
    ["PEXPIRETIME a", `:${later + 1}`],
    ["PEXPIRETIME b", `:${later}`],
    ["EXISTS c d", ":0"],
    ["PEXPIRETIME e", ":-1"],
  ]);
});

Deno.test("the base of a log brings keys that are due already", () => {
  const host = new RdbHost();
  const loaded = host.load(
    rdb.file(9, rdb.dueMs(NOW_MS - 1), rdb.key(0, "c", rdb.string("3"))),
    { keepsExpired: true },
  );
  assertEquals([loaded.keys, loaded.expired], [1, 0]);
  assertEquals(host.say("DBSIZE"), ":1");
  assertEquals(host.say("GET c"), "$-1");
});

Deno.test("use of keys is kept under the policy that it belongs to", () => {
  const idle = rdb.joined([248], rdb.length(1000));
  const bytes = rdb.file(
    9,
    ...[idle, rdb.key(0, "a", rdb.string("1"))],
    ...[[249, 77], rdb.key(0, "b", rdb.string("1"))],
    rdb.key(0, "c", rdb.string("1")),
  );
  const lru = new RdbHost({ "maxmemory-policy": "allkeys-lru" });
  lru.load(bytes);
  lru.assert([
    ["OBJECT IDLETIME a", ":1000"],
    ["OBJECT IDLETIME b", ":0"],
    ["OBJECT IDLETIME c", ":0"],
  ]);
  const lfu = new RdbHost({ "maxmemory-policy": "allkeys-lfu" });
  lfu.load(bytes);
  lfu.assert([
    ["OBJECT FREQ a", ":5"],
    ["OBJECT FREQ b", ":77"],
    ["OBJECT FREQ c", ":5"],
  ]);
});

Deno.test("tells what a file says besides keys", () => {
  const host = new RdbHost();
  const moduleNumber = 0x1234n << 10n;
  const bytes = rdb.file(
    12,
    rdb.aux("redis-ver", "7.4.0"),
    rdb.joined([250], rdb.string("ctime"), rdb.int32(1234)),
    rdb.joined([245], rdb.string("#!lua name=lib")),
    rdb.joined(
      ...[[247], rdb.length(moduleNumber), [2, 1]],
      ...[[1, 5], [2, 6], [3, 0, 0, 0, 0], [4], rdb.double(1)],
      ...[[5], rdb.string("data"), [0]],
    ),
    rdb.select(1),
    rdb.joined([244], rdb.length(100), [1, 0]),
    rdb.key(2, "nothing", [0]),
    rdb.key(10, "no node", rdb.string(rdb.ziplist())),
    rdb.key(0, "k", rdb.string("v")),
  );
  for (const piece of [1, 1000]) {
    assertEquals(
      host.events(bytes, { piece }),
      [
        "redis-ver=7.4.0",
        "ctime=1234",
        "function #!lua name=lib",
        "module AAAAAABI0",
        "select 1",
        "empty nothing",
        "empty no node",
      ].map((it) => it.startsWith("module") ? "module AAAAAABI0" : it),
    );
    host.say("FLUSHALL");
  }
});

Deno.test("a key that is there already is refused, or replaced", () => {
  const host = new RdbHost();
  const twice = rdb.file(
    9,
    rdb.key(0, "k", rdb.string("1")),
    rdb.key(2, "k", [1], rdb.string("m")),
  );
  const error = host.refusal(twice);
  assertEquals([error.key, error.type], ["k", "set-hashtable"]);
  assertEquals(error.expected, "RDB has duplicated key 'k' in DB 0");
  host.load(twice, { replaces: true });
  host.assert([["SMEMBERS k", "*1 $1 m"], ["DBSIZE", ":1"]]);
});

Deno.test("a database that there is not is refused", () => {
  const host = new RdbHost({ databases: "2" });
  const error = host.refusal(rdb.file(9, rdb.select(2)));
  assertMatch(error.message, /a database below 2, got 2/);
});

Deno.test("a string longer than the window is received where it will be", () => {
  const host = new RdbHost();
  const text = "0123456789".repeat(30_000);
  const bytes = rdb.file(
    9,
    rdb.key(0, "big", rdb.string(text)),
    rdb.key(1, "list", [1], rdb.string(text)),
  );
  for (const byteCount of [bytes.length, -1]) {
    host.load(bytes, { piece: 10_000, byteCount });
    assertEquals(host.call("GET", "big"), `$300000 ${text}`);
    assertEquals(host.call("LINDEX", "list", "0"), `$300000 ${text}`);
    host.verify();
    host.say("FLUSHALL");
  }
});

Deno.test("the checksum counts unless it is zero or not wanted", () => {
  const host = new RdbHost();
  const good = rdb.file(9, rdb.key(0, "k", rdb.string("v")));
  const bad = good.slice();
  bad[bad.length - 1] ^= 1;
  const error = host.refusal(bad);
  assertEquals(error.offset, bad.length - 8);
  host.say("FLUSHALL");
  assertEquals(host.load(bad, { checksum: false }).checksum, "unchecked");
  host.say("FLUSHALL");
  assertEquals(host.load(good).checksum, "good");
  host.say("FLUSHALL");
  assertEquals(host.load(good.fill(0, good.length - 8)).checksum, "zero");
});

Deno.test("an announcement that cannot be true makes no room", () => {
  const host = new RdbHost();
  const before = host.usedBytes;
  const bytes = rdb.file(
    9,
    rdb.resize(2n ** 40n, 0),
    rdb.key(0, "k", rdb.string("v")),
  );
  host.load(bytes);
  host.load(rdb.file(9, rdb.select(1), rdb.resize(100, 0)));
  assert(host.usedBytes - before < 1000, "room for two keys");
  host.verify();
});
