/**
 * What snapshots are tried on: data of every kind, commands that change it in
 * every way, and what files say of it in a form that can be compared.
 */
import type { Random } from "../support/random.ts";
import type { RdbEntry } from "../support/rdb.ts";

/** Settings under which much is large, and nodes of lists are small. */
export const SNAPSHOT_CONFIG = {
  "list-max-listpack-size": "8",
  "hash-max-listpack-entries": "16",
  "zset-max-listpack-entries": "16",
  "set-max-listpack-entries": "16",
  "set-max-intset-entries": "16",
  "hll-sparse-max-bytes": "300",
  "databases": "4",
  "enable-debug-command": "yes",
  "save": "",
};

export type Words = (string | number)[];

const KEYS_OF_A_KIND = 10;
const KINDS = ["str", "big", "list", "hash", "set", "zset", "hll"] as const;
type Kind = typeof KINDS[number];

/** Larger than what is recorded in one go. */
const BIG_BYTES = 132_000;

function range(count: number, of: (i: number) => Words): Words {
  return Array.from({ length: count }, (_, i) => of(i)).flat();
}

/** Commands that fill the database that is selected. */
export function* filling(random: Random, nowMs: number): Iterable<Words> {
  for (let i = 0; i < 60; i++) {
    yield ["SET", `str:${i}`, random.chance(0.5) ? i : `text ${i}`];
    if (random.chance(0.3)) {
      yield ["PEXPIREAT", `str:${i}`, nowMs + random.int(3000)];
    }
  }
  yield ["SET", "big:1", "large ".repeat(BIG_BYTES / 6)];
  yield ["PEXPIREAT", "big:1", nowMs + 1500];
  yield ["APPEND", "big:0", "large ".repeat(BIG_BYTES / 6)];
  for (let i = 0; i < 3; i++) {
    yield ["PFADD", `hll:${i}`, ...range(i * 300 + 1, (j) => [j])];
  }
  for (let i = 0; i < 5; i++) {
    // The first ones are large, the last ones small.
    const scale = [20, 12, 4, 1, 0.2][i];
    yield ["CONFIG", "SET", "list-compress-depth", i % 2];
    yield [
      "RPUSH",
      `list:${i}`,
      ...range(150 * scale, (j) => [`element ${j}`]),
    ];
    yield ["SADD", `set:${i}`, ...range(60 * scale, (j) => [`m${j}`])];
    yield ["ZADD", `zset:${i}`, ...range(60 * scale, (j) => [j / 3, `m${j}`])];
    yield ["HSET", `hash:${i}`, ...range(60 * scale, (j) => [`f${j}`, j])];
    if (i % 2) continue;
    for (let j = 0; j < 8; j++) {
      const due = nowMs + 200 + random.int(3000);
      yield ["HPEXPIREAT", `hash:${i}`, due, "FIELDS", 1, `f${random.int(20)}`];
    }
    yield ["PEXPIREAT", `hash:${i}`, nowMs + random.int(9000)];
  }
}

/** A command that changes something, now and then of the wrong kind. */
export function randomChange(random: Random, nowMs: number): Words {
  const kind = random.pick(KINDS);
  const name = () =>
    `${random.chance(0.05) ? random.pick(KINDS) : kind}:${
      random.int(KEYS_OF_A_KIND)
    }`;
  if (random.chance(0.25)) return changeOfKey(random, name(), name(), nowMs);
  return CHANGES[kind](random, name(), name(), nowMs);
}

function changeOfKey(
  random: Random,
  key: string,
  other: string,
  nowMs: number,
): Words {
  const due = nowMs + random.int(2000) - 100;
  const database = random.int(4);
  return random.pick<Words>([
    ["DEL", key],
    ["UNLINK", key, other],
    ["PEXPIREAT", key, due],
    ["PEXPIREAT", key, due],
    ["PEXPIREAT", key, due, "GT"],
    ["PERSIST", key],
    ["RENAME", key, other],
    ["RENAMENX", key, other],
    ["COPY", key, other, "REPLACE"],
    ["COPY", key, other, "DB", database, "REPLACE"],
    ["MOVE", key, database],
    ["SWAPDB", database, random.int(4)],
    ["SELECT", database],
    ["SELECT", database],
    ["SORT", key, "ALPHA", "STORE", other],
    ["SORT", key, "ALPHA", "LIMIT", 0, 5, "STORE", other],
    ["GET", key],
    ["TOUCH", key],
    ["RANDOMKEY"],
    random.chance(0.1) ? ["FLUSHDB"] : ["DBSIZE"],
    random.chance(0.03) ? ["FLUSHALL"] : ["KEYS", "x*"],
  ]);
}

type Change = (
  random: Random,
  key: string,
  other: string,
  nowMs: number,
) => Words;

const CHANGES: Record<Kind, Change> = {
  str: (random, key, other, nowMs) =>
    random.pick<Words>([
      ["SET", key, random.int(100)],
      ["SET", key, "x".repeat(random.int(700))],
      ["SET", key, "due", "PXAT", nowMs + random.int(500)],
      ["SET", key, "kept", "KEEPTTL"],
      ["GETSET", key, random.int(10)],
      ["GETDEL", key],
      ["GETEX", key, "PERSIST"],
      ["GETEX", key, "PX", 1 + random.int(900)],
      ["APPEND", key, "more"],
      ["SETRANGE", key, random.int(40), "range"],
      ["INCR", key],
      ["DECRBY", key, random.int(50)],
      ["INCRBYFLOAT", key, "0.5"],
      ["MSET", key, random.int(99), other, "y".repeat(random.int(60))],
      ["MSET", key, 1, key, 2],
      ["MSETNX", key, 1, other, 2],
      ["SETBIT", key, random.int(900), 1],
      ["BITFIELD", key, "SET", "u8", random.int(300), random.int(256)],
      ["BITFIELD", key, "INCRBY", "i16", 8, 3],
      ["BITOP", "NOT", key, other],
    ]),
  big: (random, key, other) =>
    random.pick<Words>([
      ["APPEND", key, "z".repeat(random.int(1000))],
      ["SETRANGE", key, random.int(BIG_BYTES), "changed"],
      ["SETBIT", key, random.int(BIG_BYTES * 8), random.int(2)],
      ["SET", key, "w".repeat(BIG_BYTES + random.int(99))],
      ["SET", key, "short"],
      ["GETDEL", key],
      ["BITOP", "NOT", other, key],
    ]),
  list: (random, key, other) =>
    random.pick<Words>([
      ["LPUSH", key, ...range(1 + random.int(30), (i) => [i, "left"])],
      ["RPUSH", key, ...range(1 + random.int(30), (i) => [i, "right"])],
      ["LPUSH", key, "one"],
      ["RPUSH", key, "one"],
      ["LPOP", key],
      ["RPOP", key],
      ["LPOP", key, random.int(40)],
      ["RPOP", key, random.int(40)],
      ["LSET", key, random.int(200) - 100, "set"],
      ["LSET", key, random.int(1000), "longer than what was there before"],
      ["LINSERT", key, "BEFORE", `element ${random.int(300)}`, "before"],
      ["LINSERT", key, "AFTER", `element ${random.int(300)}`, "after"],
      ["LREM", key, random.int(5) - 2, `element ${random.int(300)}`],
      ["LREM", key, 0, "left"],
      ["LTRIM", key, random.int(30), -1 - random.int(30)],
      ["LTRIM", key, 0, 20],
      ["LMOVE", key, other, "LEFT", "RIGHT"],
      ["RPOPLPUSH", key, key],
      ["CONFIG", "SET", "list-compress-depth", random.int(3)],
    ]),
  hash: (random, key, _other, nowMs) => {
    const field = `f${random.int(80)}`;
    // Of those with a due time.
    const dated = `f${random.int(20)}`;
    return random.pick<Words>([
      ["HSET", key, field, random.int(1000)],
      ["HSET", key, field, "v".repeat(random.int(200))],
      ["HSET", key, ...range(30, (i) => [`f${random.int(2000)}`, i])],
      ["HSETNX", key, field, "new"],
      ["HDEL", key, field, `f${random.int(500)}`],
      ["HDEL", key, ...range(200, (i) => [`f${i}`])],
      ["HINCRBY", key, field, 7],
      ["HINCRBYFLOAT", key, field, "1.5"],
      ["HPEXPIREAT", key, nowMs + random.int(900), "FIELDS", 1, field],
      ["HPEXPIREAT", key, nowMs + random.int(9000), "FIELDS", 1, dated],
      ["HPEXPIREAT", key, nowMs + random.int(9000), "FIELDS", 1, dated],
      ["HPERSIST", key, "FIELDS", 1, dated],
      ["HGETDEL", key, "FIELDS", 1, field],
      ["HGETEX", key, "PX", 1 + random.int(900), "FIELDS", 1, field],
      ["HSETEX", key, "PX", 1 + random.int(900), "FIELDS", 1, field, "dated"],
      ["HSETEX", key, "KEEPTTL", "FIELDS", 1, field, "kept"],
      ["HGET", key, field],
    ]);
  },
  set: (random, key, other) =>
    random.pick<Words>([
      ["SADD", key, `m${random.int(2000)}`],
      ["SADD", key, ...range(40, () => [`m${random.int(3000)}`])],
      ["SADD", key, random.int(50)],
      ["SREM", key, ...range(20, () => [`m${random.int(500)}`])],
      ["SPOP", key],
      ["SPOP", key, random.int(30)],
      ["SPOP", key, 700],
      ["SMOVE", key, other, `m${random.int(300)}`],
      ["SUNIONSTORE", key, key, other],
      ["SINTERSTORE", key, key, other],
      ["SDIFFSTORE", key, other, "set:4"],
      ["SISMEMBER", key, "m1"],
      ["SINTER", key, other],
    ]),
  zset: (random, key, other) =>
    random.pick<Words>([
      ["ZADD", key, random.int(500), `m${random.int(1500)}`],
      ["ZADD", key, ...range(30, (i) => [i, `m${random.int(1500)}`])],
      ["ZADD", key, "XX", "GT", random.int(900), `m${random.int(300)}`],
      ["ZINCRBY", key, "2.5", `m${random.int(300)}`],
      ["ZREM", key, ...range(20, () => [`m${random.int(500)}`])],
      ["ZPOPMIN", key],
      ["ZPOPMIN", key, random.int(30)],
      ["ZPOPMAX", key, random.int(30)],
      ["ZREMRANGEBYRANK", key, random.int(50), 50 + random.int(300)],
      ["ZREMRANGEBYSCORE", key, 10, 10 + random.int(40)],
      ["ZUNIONSTORE", key, 2, key, other],
      ["ZINTERSTORE", key, 2, key, other],
      ["ZRANGESTORE", key, other, 0, random.int(400)],
      ["GEOADD", key, 13, 38, `place ${random.int(9)}`],
    ]),
  hll: (random, key, other) =>
    random.pick<Words>([
      ["PFADD", key, random.int(100000)],
      ["PFADD", key, ...range(50, () => [random.int(100000)])],
      ["PFCOUNT", key],
      ["PFMERGE", key, other],
    ]),
};

/** What a key holds, in a form that does not depend on encodings or order. */
export type Contents = Map<string, string>;

const TYPES: Record<number, string> = {
  0: "string",
  2: "set",
  4: "hash",
  5: "zset",
  11: "set",
  16: "hash",
  17: "zset",
  18: "list",
  24: "hash",
};

/** Throws when a key, or an element of a collection, comes twice. */
export function contentsOf(entries: readonly RdbEntry[]): Contents {
  const contents: Contents = new Map();
  for (const entry of entries) {
    const type = TYPES[entry.type];
    const due = entry.dueMs ?? "never";
    addContents(
      contents,
      `${entry.database} ${entry.key}`,
      `${type} until ${due}: ${JSON.stringify(elementsOf(type, entry))}`,
    );
  }
  return contents;
}

function addContents(contents: Contents, key: string, value: string): void {
  if (contents.has(key)) throw new Error(`the key ${key} comes twice`);
  contents.set(key, value);
}

function elementsOf(type: string, { value, fieldDues }: RdbEntry): unknown {
  if (type === "string" || type === "list") return value;
  if (type === "set") return distinct(value.map((member) => [member]));
  const pairs: unknown[][] = [];
  for (let i = 0; i < value.length; i += 2) {
    const second = type === "zset" ? numberOf(value[i + 1]) : value[i + 1];
    pairs.push([value[i], second, fieldDues?.[i / 2] ?? 0]);
  }
  return distinct(pairs);
}

function numberOf(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : Number(text);
}

function distinct(elements: unknown[][]): unknown[][] {
  const names = new Set(elements.map(([name]) => name));
  if (names.size !== elements.length) throw new Error("an element comes twice");
  return elements.sort(([a], [b]) => String(a) < String(b) ? -1 : 1);
}

/** The same of commands that make the data anew. */
export function contentsOfCommands(text: string): Contents {
  const entries = new Map<string, RdbEntry>();
  let database = 0;
  for (const [name, key, ...rest] of commandsIn(text)) {
    if (name === "SELECT") {
      database = Number(key);
      continue;
    }
    const id = `${database} ${key}`;
    let entry = entries.get(id);
    if (!entry) {
      entry = { database, key, type: TYPE_MADE_BY[name], value: [] };
      entries.set(id, entry);
    } else if (name === "SET") throw new Error(`the key ${key} comes twice`);
    apply(entry, name, rest);
  }
  return contentsOf([...entries.values()]);
}

const TYPE_MADE_BY: Record<string, number> = {
  SET: 0,
  RPUSH: 18,
  SADD: 2,
  ZADD: 5,
  HSET: 24,
};

function apply(entry: RdbEntry, name: string, words: string[]): void {
  if (name === "PEXPIREAT") entry.dueMs = Number(words[0]);
  else if (name === "HPEXPIREAT") {
    const index = entry.value.findLastIndex((field, i) =>
      i % 2 === 0 && field === words[3]
    );
    (entry.fieldDues ??= [])[index / 2] = Number(words[0]);
  } else if (name === "ZADD") {
    for (let i = 0; i < words.length; i += 2) {
      entry.value.push(words[i + 1], words[i]);
    }
  } else entry.value.push(...words);
}

function* commandsIn(text: string): Iterable<string[]> {
  let at = 0;
  const line = () => {
    const end = text.indexOf("\r\n", at);
    const found = text.slice(at, end);
    at = end + 2;
    return found;
  };
  while (at < text.length) {
    const words: string[] = [];
    for (let left = Number(line().slice(1)); left > 0; left--) {
      const byteCount = Number(line().slice(1));
      words.push(text.slice(at, at + byteCount));
      at += byteCount + 2;
    }
    yield words;
  }
}
