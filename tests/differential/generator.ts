/**
 * Random command sequences over a small key space: whatever two servers must
 * answer alike. Times lie far in the future or in the past, so that it does
 * not matter when a command arrives.
 */

import type { Random } from "../support/random.ts";
import type { Looseness } from "./script.ts";

export interface Call {
  args: string[];
  loose: Looseness;
}

/** One kind of command: how often it is picked, and how it is written. */
type Recipe = [weight: number, write: (from: Source) => string[] | Call];

const exact: Looseness = { kind: "exact" };
const unordered: Looseness = { kind: "unordered" };
const nearlySeconds: Looseness = { kind: "approximate", tolerance: 5 };
const nearlyMs: Looseness = { kind: "approximate", tolerance: 5000 };
const chosenByServer: Looseness = {
  kind: "ignore",
  reason: "the server chooses any key",
};

/** Draws the words of commands. */
class Source {
  constructor(readonly random: Random) {}

  key(): string {
    return `k${this.random.int(10)}`;
  }

  /** A key that holds what can be sorted, as a rule. */
  row(): string {
    return `r${this.random.int(3)}`;
  }

  /** A key that holds a set, as a rule. */
  crowd(): string {
    return `s${this.random.int(4)}`;
  }

  /** Members of sets, mostly integers. */
  crowdMembers(): string[] {
    return Array.from(
      { length: 1 + this.random.int(8) },
      () => this.pick("", "", "", "m", "-", "x".repeat(70)) + this.int(0, 90),
    );
  }

  /** A key that holds a HyperLogLog, as a rule. */
  sketch(): string {
    return `h${this.random.int(3)}`;
  }

  /** A key that holds places, as a rule. */
  map(): string {
    return `g${this.random.int(2)}`;
  }

  /** A key that holds a hash, as a rule. */
  record(): string {
    return `record${this.random.int(3)}`;
  }

  /** The name of a field, one of few. */
  field(): string {
    return this.pick("f", "", "f") + this.int(0, 12);
  }

  fieldValue(): string {
    if (this.random.chance(0.02)) return "long".repeat(20);
    return this.pick(this.int(-99, 99), this.decimal(), this.bytes(20));
  }

  member(): string {
    return this.pick("", "member ") + this.int(0, 99);
  }

  /** A member at its own place, so that no two are equally far away. */
  placed(): string[] {
    const i = this.random.int(100);
    const longitude = 10 + i * Math.cos(i) / 50;
    const latitude = 50 + i * Math.sin(i) / 50;
    return [longitude.toFixed(7), latitude.toFixed(7), `member ${i}`];
  }

  length(): string[] {
    const size = (this.random.int(10_000) / 37).toFixed(3);
    return [size, this.pick("km", "mi", "M", "ft")];
  }

  /** The rest of a geo search: center, area and options. */
  area(): string[] {
    const [longitude, latitude, member] = this.placed();
    return [
      ...this.random.pick([
        ["FROMMEMBER", member],
        ["FROMLONLAT", longitude, latitude],
      ]),
      ...this.random.pick([
        ["BYRADIUS", ...this.length()],
        ["BYBOX", this.int(0, 300), ...this.length()],
      ]),
      ...this.maybe(this.pick("ASC", "DESC")),
      ...this.maybe("COUNT", this.int(1, 20), ...this.maybe("ANY")),
    ];
  }

  /** A key that holds a sorted set, as a rule. */
  ranked(): string {
    return `z${this.random.int(3)}`;
  }

  rankedMember(): string {
    return `m${this.random.int(200)}`;
  }

  /** 7.0 and 7.2 print these alike. */
  score(): string {
    if (this.random.chance(0.05)) return this.pick("inf", "-inf", "0x10", "-0");
    return String(this.random.int(80) / 4 - 5);
  }

  scoreBound(): string {
    if (this.random.chance(0.2)) return this.pick("-inf", "+inf", "(0", "x");
    return (this.random.chance(0.3) ? "(" : "") + this.score();
  }

  keys(longest: number): string[] {
    return Array.from(
      { length: 1 + this.random.int(longest) },
      () => this.key(),
    );
  }

  pick(...words: string[]): string {
    return this.random.pick(words);
  }

  /** The words, or nothing: an option that may be left out. */
  maybe(...words: string[]): string[] {
    return this.random.chance(0.5) ? words : [];
  }

  int(from: number, to: number): string {
    return String(from + this.random.int(to - from + 1));
  }

  bytes(longest: number): string {
    return String.fromCharCode(
      ...this.random.bytes(this.random.int(longest + 1)),
    );
  }

  /** Lists have keys of their own: Redis 7.0 encodes them otherwise. */
  list(): string {
    return `list${this.random.int(4)}`;
  }

  /** One of few, so that equal ones meet, short and long. */
  element(): string {
    return this.pick("", "a", "b", "12", "-700", "c".repeat(70), "abc")
      .repeat(this.random.chance(0.1) ? 30 : 1);
  }

  elements(): string[] {
    return Array.from({ length: 1 + this.random.int(6) }, () => this.element());
  }

  value(): string {
    switch (this.random.int(10)) {
      case 0:
        return this.int(-20, 20);
      case 1:
        return this.int(-1_000_000, 1_000_000);
      case 2:
        return this.pick(
          "9223372036854775807",
          "-9223372036854775808",
          "10000",
        );
      case 3:
        return this.decimal();
      case 4:
        return "";
      case 5:
        return "x".repeat(42 + this.random.int(5));
      case 6:
        return this.bytes(600);
      case 7:
        return this.pick("\x00", "\xff", "\x80").repeat(this.random.int(40));
      default:
        return this.bytes(12);
    }
  }

  decimal(): string {
    const sign = this.pick("", "-");
    const digits = this.random.int(10 ** this.random.int(10));
    return `${sign}${digits / 10 ** this.random.int(4)}`;
  }

  /** An offset inside, at the edge of or past a value. */
  offset(): string {
    return this.pick("0", "1", "-1", this.int(-70, 70), this.int(-700, 700));
  }

  /** A duration in seconds that ends long after the test. */
  seconds(): string {
    return String(10_000 * (1 + this.random.int(10_000)));
  }

  /** A point in time, in seconds, in the next century or long ago. */
  moment(): string {
    if (this.random.chance(0.1)) return this.pick("0", "1", "-1", "1000000000");
    return String(4_102_444_800 + this.random.int(1000));
  }

  /** Some way to say when a key expires, as SET and GETEX take it. */
  expiry(): string[] {
    switch (this.random.int(4)) {
      case 0:
        return ["EX", this.seconds()];
      case 1:
        return ["PX", `${this.seconds()}000`];
      case 2:
        return ["EXAT", String(4_102_444_800 + this.random.int(1000))];
      default:
        return ["PXAT", `${4_102_444_800 + this.random.int(1000)}123`];
    }
  }

  bitfieldOperation(): string[] {
    const type = this.pick("u", "i") + this.int(1, 63);
    const offset = this.pick("", "#") + this.int(0, 40);
    const amount = this.pick(this.int(-300, 300), this.int(-1e9, 1e9));
    return this.random.pick([
      ["GET", type, offset],
      ["SET", type, offset, amount],
      ["INCRBY", type, offset, amount],
      ["OVERFLOW", this.pick("WRAP", "SAT", "FAIL")],
    ]);
  }
}

const stringRecipes: Recipe[] = [
  [10, (s) => [
    "SET",
    s.key(),
    s.value(),
    ...s.maybe(s.pick("NX", "XX")),
    ...s.maybe("GET"),
    ...s.random.pick([[], [], ["KEEPTTL"], s.expiry()]),
  ]],
  [8, (s) => ["SET", s.key(), s.value()]],
  [8, (s) => ["GET", s.key()]],
  [3, (s) => ["APPEND", s.key(), s.value()]],
  [3, (s) => ["STRLEN", s.key()]],
  [4, (s) => [s.pick("INCR", "DECR"), s.key()]],
  [4, (s) => [s.pick("INCRBY", "DECRBY"), s.key(), s.value()]],
  [3, (s) => ["INCRBYFLOAT", s.key(), s.decimal()]],
  [3, (s) => [s.pick("GETRANGE", "SUBSTR"), s.key(), s.offset(), s.offset()]],
  [
    3,
    (s) => ["SETRANGE", s.key(), s.pick(s.int(0, 70), s.offset()), s.bytes(30)],
  ],
  [2, (s) => ["GETDEL", s.key()]],
  [2, (s) => ["GETSET", s.key(), s.value()]],
  [2, (s) => ["SETNX", s.key(), s.value()]],
  [2, (s) => [
    "GETEX",
    s.key(),
    ...s.random.pick([[], ["PERSIST"], s.expiry()]),
  ]],
  [1, (s) => ["SETEX", s.key(), s.seconds(), s.value()]],
  [1, (s) => ["PSETEX", s.key(), `${s.seconds()}000`, s.value()]],
  [3, (s) => ["MGET", ...s.keys(5)]],
  [2, (s) => [
    s.pick("MSET", "MSETNX"),
    ...s.keys(4).flatMap((key) => [key, s.value()]),
  ]],
  [1, (s) => [
    "LCS",
    s.key(),
    s.key(),
    ...s.random.pick([[], ["LEN"], ["IDX"]]),
    ...s.maybe("MINMATCHLEN", s.int(0, 5)),
    ...s.maybe("WITHMATCHLEN"),
  ]],
];

const bitRecipes: Recipe[] = [
  [3, (s) => ["SETBIT", s.key(), s.int(0, 3000), s.pick("0", "1")]],
  [2, (s) => ["GETBIT", s.key(), s.int(0, 3000)]],
  [2, (s) => [
    "BITCOUNT",
    s.key(),
    ...s.maybe(s.offset(), s.offset(), ...s.maybe(s.pick("BIT", "BYTE"))),
  ]],
  [2, (s) => [
    "BITPOS",
    s.key(),
    s.pick("0", "1"),
    ...s.maybe(
      s.offset(),
      ...s.maybe(s.offset(), ...s.maybe(s.pick("BIT", "BYTE"))),
    ),
  ]],
  [2, (s) => ["BITOP", s.pick("AND", "OR", "XOR"), s.key(), ...s.keys(4)]],
  [1, (s) => ["BITOP", "NOT", s.key(), s.key()]],
  [4, (s) => [
    "BITFIELD",
    s.key(),
    ...s.bitfieldOperation(),
    ...s.bitfieldOperation(),
    ...s.bitfieldOperation(),
  ]],
  [1, (s) => ["BITFIELD_RO", s.key(), ...s.bitfieldOperation()]],
];

const hyperLogLogRecipes: Recipe[] = [
  [4, (s) => ["PFADD", s.sketch(), ...s.keys(3), s.int(0, 900)]],
  [1, (s) => ["PFADD", s.key()]],
  [2, (s) => ["PFCOUNT", s.pick(s.sketch(), s.key())]],
  [1, (s) => ["PFCOUNT", s.sketch(), s.sketch()]],
  [1, (s) => ["PFMERGE", s.sketch(), s.sketch()]],
  [1, (s) => ["PFDEBUG", s.pick("DECODE", "ENCODING", "TODENSE"), s.sketch()]],
  [1, (s) => ["GET", s.sketch()]],
  [0.3, (s) => ["SETRANGE", s.sketch(), s.int(0, 40), s.bytes(2)]],
  [0.3, (s) => ["DEL", s.sketch()]],
];

const geoRecipes: Recipe[] = [
  [4, (s) => ["GEOADD", s.map(), ...s.placed(), ...s.placed(), ...s.placed()]],
  [1, (s) => ["GEOADD", s.map(), s.pick("NX", "XX", "CH"), ...s.placed()]],
  [0.2, (s) => ["GEOADD", s.key(), ...s.placed()]],
  [1, (s) => ["GEOPOS", s.map(), s.placed()[2], s.member()]],
  [1, (s) => ["GEOHASH", s.map(), s.placed()[2], s.member()]],
  [1, (s) => ["GEODIST", s.map(), s.placed()[2], s.placed()[2]]],
  [3, (s) => [
    ...["GEOSEARCH", s.map(), ...s.area()],
    ...s.maybe("WITHDIST"),
    ...s.maybe("WITHCOORD", "WITHHASH"),
  ]],
  [1, (s) => ["GEOSEARCHSTORE", s.map(), s.map(), ...s.area()]],
  [1, (s) => [
    ...["GEORADIUS", s.map(), ...s.placed().slice(0, 2), ...s.length()],
    ...s.random.pick([[], ["WITHDIST"], ["STORE", s.map()]]),
  ]],
  [1, (s) => [
    ...["GEORADIUSBYMEMBER_RO", s.map(), s.placed()[2], ...s.length()],
    ...s.maybe("COUNT", s.int(1, 9)),
  ]],
];

const setRecipes: Recipe[] = [
  [5, (s) => ["SADD", s.crowd(), ...s.crowdMembers()]],
  [2, (s) => ["SREM", s.crowd(), ...s.crowdMembers()]],
  [1, (s) => ["SMISMEMBER", s.crowd(), ...s.crowdMembers()]],
  [1, (s) => ["SMOVE", s.crowd(), s.crowd(), s.crowdMembers()[0]]],
  [1, (s) => ["SCARD", s.crowd()]],
  [1, (s) => ({ args: ["SMEMBERS", s.crowd()], loose: unordered })],
  [3, (s) => ({
    args: [s.pick("SINTER", "SUNION", "SDIFF"), s.crowd(), s.crowd()],
    loose: unordered,
  })],
  [2, (s) => [
    s.pick("SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"),
    ...[s.crowd(), s.crowd(), s.pick(s.crowd(), s.crowd(), s.key())],
  ]],
  [1, (s) => [
    ...["SINTERCARD", "2", s.crowd(), s.crowd()],
    ...s.maybe("LIMIT", s.int(0, 9)),
  ]],
  [0.3, (s) => ["DEL", s.crowd()]],
];

const sortRecipes: Recipe[] = [
  [1, (s) => ["RPUSH", s.row(), s.int(-9, 99), s.decimal(), s.int(0, 9)]],
  [0.5, (s) => ["SADD", s.row(), s.int(-9, 99), s.decimal(), s.int(0, 9)]],
  [0.5, (s) => ["ZADD", s.row(), s.int(-9, 99), s.decimal()]],
  [0.3, (s) => ["DEL", s.row()]],
  [4, (s) => [
    s.pick("SORT", "SORT_RO"),
    s.row(),
    ...s.maybe("ALPHA"),
    ...s.maybe(s.pick("ASC", "DESC")),
    ...s.maybe("LIMIT", s.int(-2, 9), s.int(-2, 9)),
    ...s.maybe("GET", s.pick("#", "k*", "h*->f", "x")),
  ]],
  [1, (s) => ["SORT", s.row(), ...s.maybe("DESC"), "STORE", s.row()]],
];

const listRecipes: Recipe[] = [
  [6, (s) => [s.pick("LPUSH", "RPUSH"), s.list(), ...s.elements()]],
  [1, (s) => [s.pick("LPUSHX", "RPUSHX"), s.list(), ...s.elements()]],
  [3, (s) => [s.pick("LPOP", "RPOP"), s.list(), ...s.maybe(s.int(0, 6))]],
  [2, (s) => ["LSET", s.list(), s.int(-9, 9), s.element()]],
  [3, (s) => [
    "LINSERT",
    s.list(),
    s.pick("BEFORE", "AFTER"),
    s.element(),
    s.element(),
  ]],
  [2, (s) => ["LREM", s.list(), s.int(-3, 3), s.element()]],
  [0.5, (s) => ["LTRIM", s.list(), s.int(-30, 5), s.int(-5, 30)]],
  [2, (s) => ["LRANGE", s.list(), s.int(-30, 30), s.int(-30, 30)]],
  [2, (s) => ["LINDEX", s.list(), s.int(-30, 30)]],
  [1, (s) => ["LLEN", s.pick(s.list(), s.key())]],
  [2, (s) => [
    "LPOS",
    s.list(),
    s.element(),
    ...s.maybe("RANK", s.pick("1", "2", "-1", "-2")),
    ...s.maybe("COUNT", s.int(0, 3)),
    ...s.maybe("MAXLEN", s.int(0, 20)),
  ]],
  [2, (s) => [
    "LMOVE",
    s.list(),
    s.list(),
    s.pick("LEFT", "RIGHT"),
    s.pick("LEFT", "RIGHT"),
  ]],
  [1, (s) => ["RPOPLPUSH", s.list(), s.list()]],
  [1, (s) => [
    "LMPOP",
    "2",
    s.list(),
    s.list(),
    s.pick("LEFT", "RIGHT"),
    ...s.maybe("COUNT", s.int(1, 5)),
  ]],
  [0.5, (s) => ["COPY", s.list(), s.list(), "REPLACE"]],
  [0.3, (s) => ["DEL", s.list()]],
  [0.3, (s) => [
    "CONFIG",
    "SET",
    "list-max-ziplist-size",
    s.pick("-2", "-1", "1", "3", "5"),
    "list-compress-depth",
    s.pick("0", "0", "1", "2"),
  ]],
];

const hashRecipes: Recipe[] = [
  [6, (s) => ["HSET", s.record(), s.field(), s.fieldValue()]],
  [3, (s) => [
    s.pick("HSET", "HMSET"),
    s.record(),
    ...[s.field(), s.fieldValue(), s.field(), s.fieldValue()],
    ...s.maybe(s.field()),
  ]],
  [1, (s) => ["HSET", s.key(), s.field(), s.fieldValue()]],
  [1, (s) => ["HSETNX", s.record(), s.field(), s.fieldValue()]],
  [3, (s) => ["HGET", s.pick(s.record(), s.record(), s.key()), s.field()]],
  [2, (s) => ["HMGET", s.record(), s.field(), s.field(), s.field()]],
  [2, (s) => [s.pick("HEXISTS", "HSTRLEN"), s.record(), s.field()]],
  [2, (s) => ["HDEL", s.record(), s.field(), s.field(), s.field()]],
  [2, (s) => ["HINCRBY", s.record(), s.field(), s.int(-999, 999)]],
  [2, (s) => ["HINCRBYFLOAT", s.record(), s.field(), s.decimal()]],
  [1, (s) => [s.pick("HLEN", "TYPE"), s.pick(s.record(), s.key())]],
  [2, (s) => ({
    args: [s.pick("HGETALL", "HKEYS", "HVALS"), s.record()],
    loose: unordered,
  })],
  [1, (s) => ({
    args: ["HRANDFIELD", s.record(), ...s.maybe(s.int(-5, 5))],
    loose: chosenByServer,
  })],
  [1, (s) => ["OBJECT", "ENCODING", s.record()]],
  [0.5, (s) => ["COPY", s.record(), s.record(), "REPLACE"]],
  [0.5, (s) => ["RENAME", s.record(), s.record()]],
  [0.4, (s) => ["DEL", s.record()]],
  [0.3, (s) => [
    "CONFIG",
    "SET",
    "hash-max-ziplist-entries",
    s.pick("4", "8", "512"),
    "hash-max-ziplist-value",
    s.pick("8", "64"),
  ]],
];

const sortedSetRecipes: Recipe[] = [
  [
    8,
    (
      s,
    ) => [
      "ZADD",
      s.ranked(),
      s.score(),
      s.rankedMember(),
      s.score(),
      s.rankedMember(),
    ],
  ],
  [4, (s) => [
    "ZADD",
    s.ranked(),
    ...s.maybe(s.pick("NX", "XX")),
    ...s.maybe(s.pick("GT", "LT")),
    ...s.maybe(s.pick("CH", "INCR")),
    s.score(),
    s.rankedMember(),
  ]],
  [3, (s) => ["ZINCRBY", s.ranked(), s.score(), s.rankedMember()]],
  [
    2,
    (
      s,
    ) => [
      "ZREM",
      s.ranked(),
      s.rankedMember(),
      s.rankedMember(),
      s.rankedMember(),
    ],
  ],
  [2, (s) => [s.pick("ZCARD", "TYPE"), s.pick(s.ranked(), s.key())]],
  [2, (s) => [
    s.pick("ZSCORE", "ZRANK", "ZREVRANK"),
    s.ranked(),
    s.rankedMember(),
  ]],
  [2, (s) => [
    s.pick("ZRANGE", "ZREVRANGE"),
    s.ranked(),
    s.int(-9, 9),
    s.int(-9, 9),
    ...s.maybe("WITHSCORES"),
  ]],
  [3, (s) => [
    s.pick("ZRANGEBYSCORE", "ZREVRANGEBYSCORE"),
    s.ranked(),
    s.scoreBound(),
    s.scoreBound(),
    ...s.maybe("LIMIT", s.int(-1, 5), s.int(-1, 9)),
    ...s.maybe("WITHSCORES"),
  ]],
  [2, (s) => ["ZCOUNT", s.ranked(), s.scoreBound(), s.scoreBound()]],
  [1, (s) => [
    "ZREMRANGEBYSCORE",
    s.ranked(),
    s.score(),
    s.score(),
  ]],
  [1, (s) => ["ZREMRANGEBYRANK", s.ranked(), s.int(-9, 9), s.int(-9, 9)]],
  [2, (s) => [
    s.pick("ZPOPMIN", "ZPOPMAX"),
    s.ranked(),
    ...s.maybe(s.int(0, 4)),
  ]],
  [1, (s) => ["ZMPOP", "2", s.ranked(), s.ranked(), s.pick("MIN", "MAX")]],
  [1, (s) => ["OBJECT", "ENCODING", s.ranked()]],
  [0.2, (s) => ["ZADD", s.ranked(), "1", "long".repeat(20)]],
  [0.2, (s) => ["DEL", s.ranked()]],
];

const keyRecipes: Recipe[] = [
  [3, (s) => [s.pick("DEL", "UNLINK", "EXISTS", "TOUCH"), ...s.keys(3)]],
  [2, (s) => ["TYPE", s.key()]],
  [3, (s) => ["OBJECT", "ENCODING", s.key()]],
  [2, (s) => [
    s.pick("EXPIRE"),
    s.key(),
    s.pick(s.seconds(), s.seconds(), "0", "-1"),
    ...s.maybe(s.pick("NX", "XX")),
  ]],
  [2, (s) => ["PEXPIRE", s.key(), `${s.seconds()}000`]],
  [3, (s) => [
    "EXPIREAT",
    s.key(),
    s.moment(),
    ...s.maybe(s.pick("NX", "XX", "GT", "LT")),
  ]],
  [3, (s) => [
    "PEXPIREAT",
    s.key(),
    `${s.moment()}000`,
    ...s.maybe(s.pick("NX", "XX", "GT", "LT")),
  ]],
  [2, (s) => ({ args: ["TTL", s.key()], loose: nearlySeconds })],
  [2, (s) => ({ args: ["PTTL", s.key()], loose: nearlyMs })],
  [1, (s) => ({ args: ["EXPIRETIME", s.key()], loose: nearlySeconds })],
  [1, (s) => ({ args: ["PEXPIRETIME", s.key()], loose: nearlyMs })],
  [2, (s) => ["PERSIST", s.key()]],
  [2, (s) => [s.pick("RENAME", "RENAMENX"), s.key(), s.key()]],
  [2, (s) => [
    "COPY",
    s.key(),
    s.key(),
    ...s.maybe("DB", s.int(0, 2)),
    ...s.maybe("REPLACE"),
  ]],
  [1, (s) => ["MOVE", s.key(), s.int(0, 3)]],
  [1, () => ({ args: ["RANDOMKEY"], loose: chosenByServer })],
  [1, (s) => ({
    args: ["KEYS", s.pick("*", "k?", "k[0-4]", "k[^0-4]*", "?")],
    loose: unordered,
  })],
  [1, (s) => ({
    args: ["SCAN", "0", "COUNT", "1000", ...s.maybe("MATCH", "k[2-7]")],
    loose: unordered,
  })],
];

const serverRecipes: Recipe[] = [
  [1, () => ["DBSIZE"]],
  [0.5, (s) => ["SELECT", s.int(0, 2)]],
  [0.2, (s) => ["SWAPDB", s.int(0, 2), s.int(0, 2)]],
  [0.1, (s) => [s.pick("FLUSHDB", "FLUSHALL"), ...s.maybe("SYNC")]],
  [0.5, (s) => ["ECHO", s.bytes(20)]],
  [0.5, () => ["DEBUG", "DIGEST"]],
  [1, (s) => ["DEBUG", "DIGEST-VALUE", ...s.keys(3)]],
];

const recipes = [
  ...stringRecipes,
  ...bitRecipes,
  ...hyperLogLogRecipes,
  ...geoRecipes,
  ...setRecipes,
  ...sortRecipes,
  ...listRecipes,
  ...hashRecipes,
  ...sortedSetRecipes,
  ...keyRecipes,
  ...serverRecipes,
];

/** Words that are wrong in most places; none is a short time to live. */
const oddWords = [
  "",
  "abc",
  "0",
  "-1",
  "1.5",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "NX",
  "GET",
  "*",
  "\xff\x00",
];

/** The first `count` calls of the endless sequence that a seed stands for. */
export function generateCalls(random: Random, count: number): Call[] {
  const source = new Source(random);
  const totalWeight = recipes.reduce((sum, [weight]) => sum + weight, 0);
  return Array.from({ length: count }, () => {
    let ticket = random.int(totalWeight * 1000) / 1000;
    const recipe = recipes.find(([weight]) => (ticket -= weight) < 0);
    const written = (recipe ?? recipes[0])[1](source);
    const call = Array.isArray(written)
      ? { args: written, loose: exact }
      : written;
    // An odd cursor would show each server's own order of keys, Redis 7.0 takes
    // a rank for LPOS that 7.2 refuses, and of odd scores and of ZRANK's options
    // it knows less.
    const isOdd = random.chance(0.05) &&
      !/^(SCAN$|LPOS$|Z)/.test(call.args[0]);
    return isOdd ? misspell(random, call) : call;
  });
}

/** Replaces, drops or adds a word after the command's name. */
function misspell(random: Random, call: Call): Call {
  const args = [...call.args];
  const at = 1 + random.int(args.length);
  switch (random.int(3)) {
    case 0:
      args.splice(at, 1, random.pick(oddWords));
      break;
    case 1:
      args.splice(at, 1);
      break;
    default:
      args.splice(at, 0, random.pick(oddWords));
  }
  return { args, loose: call.loose };
}
