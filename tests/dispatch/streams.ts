/** Random streams of commands, as good and bad clients send them. */
import { encodeCommands, type Word } from "../support/client.ts";
import type { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import { bytesOf } from "./harness.ts";

export type Pieces = (bytes: Uint8Array) => Iterable<Uint8Array>;

const KEYS = ["a", "b", "c", "dd", "", "key:{1}", "n1", "n2"];
const BIG_KEY = "K".repeat(40_000);
const VALUES = [
  "",
  "1",
  "-1",
  "0",
  "9223372036854775806",
  "9223372036854775807",
  "-9223372036854775808",
  " 12",
  "007",
  "text",
  "a\r\nb",
  "*1\r\n$4\r\nPING\r\n",
];
/** Around the limits of look-ahead, chunks, blocks and spilled replies. */
const SIZES = [100, 1000, 16_383, 16_384, 16_385, 32_768, 40_000, 70_000];

function anyKey(random: Random): string {
  return random.chance(0.01) ? BIG_KEY : random.pick(KEYS);
}

function anyValue(random: Random): string {
  if (random.chance(0.1)) return "v".repeat(random.pick(SIZES));
  return random.pick(VALUES);
}

function cased(random: Random, name: string): string {
  if (random.chance(0.7)) return name;
  return [...name].map((c) => random.chance(0.5) ? c.toLowerCase() : c).join(
    "",
  );
}

const HOT: ((random: Random, key: string) => Word[])[] = [
  (_, key) => ["GET", key],
  (random, key) => ["SET", key, anyValue(random)],
  (_, key) => ["INCR", key],
  () => ["PING"],
  (random, key) => ["MSET", key, anyValue(random), "b", anyValue(random)],
  (random, key) => ["LPUSH", key, anyValue(random)],
  (random, key) => ["RPUSH", key, anyValue(random)],
  (_, key) => ["LPOP", key],
  (_, key) => ["RPOP", key],
  (random, key) => ["SADD", key, anyValue(random)],
  (random, key) => ["HSET", key, random.pick(KEYS), anyValue(random)],
  (random, key) => ["HGET", key, random.pick(KEYS)],
  (random, key) => ["ZADD", key, random.pick(VALUES), random.pick(KEYS)],
  (_, key) => ["ZPOPMIN", key],
];

/** Each type has keys where it is likely to be found. */
const HOT_KEYS = ["a", "list", "set", "hash", "zset"];

function hotCommand(random: Random): Word[] {
  const build = random.pick(HOT);
  const key = random.chance(0.5) ? anyKey(random) : random.pick(HOT_KEYS);
  const [name, ...words] = build(random, key);
  return [cased(random, String(name)), ...words];
}

/** A due time by the calendar: the digest counts it. */
const FAR_FUTURE_S = 33_177_117_420;

const OTHERS: ((random: Random, key: string) => Word[])[] = [
  (random, key) => ["APPEND", key, anyValue(random)],
  (_, key) => ["DEL", key],
  (_, key) => ["STRLEN", key],
  (_, key) => ["GETDEL", key],
  (_, key) => ["DECR", key],
  (random, key) => ["INCRBY", key, random.pick(VALUES)],
  (random, key) => ["SETRANGE", key, random.int(40_000), "x"],
  (_, key) => ["MSET", key, "1", "b"],
  (random) => ["LPUSH", "list", anyValue(random), "1"],
  (random) => ["SADD", "set", anyValue(random), "1"],
  (random) => ["HSET", "hash", anyValue(random), "1", "2", "3"],
  (random) => ["HSET", "hash", anyValue(random)],
  (random) => ["ZADD", "zset", "CH", 1, anyValue(random)],
  (_, key) => ["LPOP", key, 2],
  (_, key) => ["ZPOPMIN", key, 2],
  () => ["SPOP", "nobody"],
  (_, key) => ["DEL", key],
  (_, key) => ["MGET", key, "a", "nobody"],
  (_, key) => ["EXPIREAT", key, FAR_FUTURE_S],
  (_, key) => ["EXPIRE", key, -1],
  (_, key) => ["PERSIST", key],
  (_, key) => ["EXISTS", key, key],
  (random, key) => ["RENAME", key, random.pick(KEYS)],
  (random, key) => ["COPY", key, random.pick(KEYS), "REPLACE"],
  (_, key) => ["OBJECT", "ENCODING", key],
  (_, key) => ["SETBIT", key, 70_001, 1],
  (random, key) => ["SET", key, anyValue(random), "NX"],
  (random, key) => ["SET", key, anyValue(random), "XX", "GET"],
  (random, key) => ["SET", key, anyValue(random), "EXAT", FAR_FUTURE_S],
  (random, key) => ["SET", key, anyValue(random), "KEEPTTL"],
  (_, key) => ["SET", key, "1", "BADWORD"],
  (_, key) => ["SETNX", key, "1"],
  (_, key) => ["GETSET", key, "5"],
  (_, key) => ["UNLINK", key, "nobody"],
  (_, key) => ["INCRBYFLOAT", key, "1.5"],
  (_, key) => ["GETEX", key, "EXAT", FAR_FUTURE_S],
  (_, key) => ["GETEX", key, "PERSIST"],
  (_, key) => ["EXPIREAT", key, FAR_FUTURE_S + 1, "GT"],
  (_, key) => ["EXPIREAT", key, FAR_FUTURE_S, "NX"],
  (random, key) => ["MSETNX", key, "1", random.pick(KEYS), "2"],
  (random, key) => ["RENAMENX", key, random.pick(KEYS)],
  (random, key) => ["BITOP", "OR", key, random.pick(KEYS), "a"],
  (_, key) => ["BITFIELD", key, "SET", "u8", 9, 77, "INCRBY", "i5", 3, 1],
  (random, key) => ["MOVE", key, random.int(3)],
  (random) => ["SWAPDB", random.int(3), random.int(3)],
  (random) => ["SELECT", random.int(3)],
  () => ["SELECT", 99],
  () => ["DBSIZE"],
  () => ["FLUSHDB"],
  () => ["PING", "a message"],
  () => ["PING", "too", "many"],
  () => ["GET"],
  () => ["SET", "a"],
  () => ["INCR", "a", "b"],
  () => ["NOSUCH", "thing"],
  () => [""],
  () => ["x".repeat(30), "y".repeat(200)],
  () => ["HELLO", 3],
  () => ["HELLO", 2],
  () => ["RESET"],
  () => ["CLIENT", "REPLY", "OFF"],
  () => ["CLIENT", "REPLY", "ON"],
  () => ["CLIENT", "REPLY", "SKIP"],
  () => ["CLIENT", "NO-TOUCH", "ON"],
  () => ["CLIENT", "NO-TOUCH", "OFF"],
  () => ["CLIENT", "SETNAME", "me"],
  () => ["CLIENT", "NOSUCH"],
];

const INLINES = [
  "PING\r\n",
  "ping\n",
  'GET "a"\r\n',
  'SET "b" "two words"\r\n',
  "SET 'c' 'it\\'s'\r\n",
  'SET dd "\\x41\\x42\\n"\r\n',
  "INCR   n1  \r\n",
  " GET a\r\n",
  '"GET" "a"\r\n',
  "NOSUCH 'command'\r\n",
  'APPEND "a" "\\x41 \\x42"\r\n',
];
/** What Redis takes for no command at all. */
const NOTHINGS = ["*0\r\n", "*-1\r\n", "\r\n", "\n", "  \r\n"];

const BAD_ENDINGS = [
  "*1\r\n+PING\r\n",
  "*abc\r\n",
  "*3000000000\r\n",
  "*2\r\n$3\r\nGET\r\n$-5\r\n",
  "*1\r\n$99999999999\r\n",
  'GET "unbalanced\r\n',
  "*1" + "1".repeat(70_000),
  "P".repeat(70_000),
];

/** Some hundred commands, whole and broken, and perhaps a bad end. */
export function anyStream(random: Random): Uint8Array<ArrayBuffer> {
  const count = random.int(120);
  const hotShare = random.pick([0.5, 0.9, 1]);
  let text = "";
  for (let i = 0; i < count; i++) text += anyCommand(random, hotShare);
  const ending = random.int(10);
  if (ending < 2) text += random.pick(BAD_ENDINGS);
  else if (ending < 4) text += latin1(encodeCommands([["QUIT"]]));
  text += anyCommand(random, 0.5);
  if (random.chance(0.3)) text = text.slice(0, text.length - random.int(30));
  return bytesOf(text);
}

function anyCommand(random: Random, hotShare: number): string {
  const before = random.chance(0.05) ? random.pick(NOTHINGS) : "";
  if (random.chance(0.06)) return before + random.pick(INLINES);
  const words = random.chance(hotShare)
    ? hotCommand(random)
    : random.pick(OTHERS)(random, anyKey(random));
  return before + latin1(encodeCommands([words]));
}

/** Cuts a stream anywhere. */
export function randomPieces(random: Random): Pieces {
  const most = random.pick([1, 7, 60, 1000, 20_000, 65_536, 1_000_000]);
  // A long stream byte by byte would take all the time that there is.
  return function* (bytes) {
    for (let at = 0; at < bytes.length;) {
      const fewest = Math.floor(bytes.length / 5000);
      const end = at + 1 + Math.max(fewest, random.int(most));
      yield bytes.subarray(at, end);
      at = end;
    }
  };
}
