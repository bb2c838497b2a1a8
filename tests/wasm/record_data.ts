/** Data of every type and encoding, in several databases. */
import type { Random } from "../support/random.ts";
import { latin1 } from "../support/reply.ts";
import type { RecordHost } from "./record_host.ts";

/** Due times that tests never reach. */
export const FAR_MS = 4_000_000_000_000;

/** Settings under which all the forms below come about. */
export const DATA_CONFIG = {
  "list-compress-depth": "1",
  "list-max-listpack-size": "-1",
  "hash-max-listpack-value": "70000",
  "databases": "20",
};

/** Strings of every form, one for each, at the limits of lengths too. */
export function strings(random: Random): string[] {
  const repeated = (byteCount: number) =>
    "abcdefg".repeat(byteCount / 7 + 1)
      .slice(0, byteCount);
  const wild = (byteCount: number) => latin1(random.bytes(byteCount));
  return [
    ...["", "0", "-0", "00", "-", "7", "-7", "127", "128", "-128", "-129"],
    ...["32767", "32768", "-32768", "-32769", "2147483647", "2147483648"],
    ...["-2147483648", "-2147483649", "+1", "01", " 1", "1 ", "12a", "1e3"],
    ...["9223372036854775807", "-9223372036854775808", "9223372036854775808"],
    ...["a", "\0", "\xff\xfe\0", "\r\n"],
    ...[19, 20, 21, 22, 40, 44, 45, 63, 64, 65, 300].map(repeated),
    ...[19, 20, 21, 22, 44, 45, 63, 64, 65, 300].map(wild),
    ...[1020, 1024, 1028, 1029, 5000, 16383, 16384].map(repeated),
    ...[1020, 1024, 1028, 1029, 5000, 16383, 16384].map(wild),
    ...[66_000, 200_000].map(repeated),
    ...[66_000, 140_000].map(wild),
  ];
}

const SCORES = [
  ...["0", "-0", "1", "-1", "1.5", "-2.25", "inf", "-inf", "1e100"],
  ...["9007199254740993", "3.0000000000000004", "123456789", "-70000"],
];

/** Fills databases; returns how many keys there are. */
export function fill(host: RecordHost, random: Random): number {
  const texts = strings(random);
  let count = 0;
  const make = (...words: (string | number)[]) => void host.call(...words);
  const end = (key: string) => {
    count++;
    if (random.chance(0.2)) make("PEXPIREAT", key, FAR_MS + random.int(9999));
  };
  texts.forEach((text, i) => {
    make("SELECT", i % 3 * 9);
    make("SET", `string:${i}`, text);
    end(`string:${i}`);
    if (text === "" || text.length > 5000) return;
    make("SET", text, "the key");
    end(text);
  });
  make("SELECT", 9);
  make("APPEND", "appended", "1");
  make("APPEND", "appended", "2");
  end("appended");
  lists(make, end, texts, random);
  make("SELECT", 18);
  sets(make, end, texts, random);
  hashes(make, end, texts);
  make("SELECT", 0);
  sortedSets(make, end, texts, random);
  return count;
}

type Make = (...words: (string | number)[]) => void;
type End = (key: string) => void;

function lists(make: Make, end: End, texts: string[], random: Random): void {
  make("RPUSH", "list:small", "a", "1", "-5000", "b");
  end("list:small");
  make("RPUSH", "list:texts", ...texts);
  end("list:texts");
  for (let i = 0; i < 3000; i += 50) {
    const few = Array.from({ length: 50 }, (_, j) => `element ${i + j}`);
    make("RPUSH", "list:long", ...few);
    make("RPUSH", "list:wild", ...few.map(() => random.int(1e9)));
  }
  end("list:long");
  end("list:wild");
  make("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "100");
  const large = ["x".repeat(150), "compressible ".repeat(90), "7"];
  make("RPUSH", "list:plain", ...large, ...large, ...large);
  make("DEBUG", "QUICKLIST-PACKED-THRESHOLD", "0");
  end("list:plain");
}

function sets(make: Make, end: End, texts: string[], random: Random): void {
  const integers = [1, -1, 32768, 5].map(String);
  make("SADD", "set:int16", 1, 2, -300);
  make("SADD", "set:int32", ...integers);
  make("SADD", "set:int64", ...integers, "9223372036854775807");
  make("SADD", "set:small", "a", "5", "-6000", "x".repeat(60));
  make("SADD", "set:texts", ...texts);
  make("SADD", "set:one", "x".repeat(100));
  for (let i = 0; i < 2000; i += 50) {
    const few = Array.from(
      { length: 50 },
      (_, j) => `${random.int(9)}${i + j}`,
    );
    make("SADD", "set:large", ...few);
  }
  for (const key of ["int16", "int32", "int64", "small", "texts", "large"]) {
    end(`set:${key}`);
  }
  end("set:one");
}

function hashes(make: Make, end: End, texts: string[]): void {
  make("HSET", "hash:small", "a", "1", "b", "-70000", "5", "text");
  make("HSET", "hash:wide", "a", "x".repeat(60_000));
  const pairs = texts.flatMap((text, i) => [text, texts[(i + 1) % 40]]);
  make("HSET", "hash:texts", ...pairs);
  for (const key of ["small", "wide", "texts"]) end(`hash:${key}`);
  for (let i = 0; i < 65; i++) make("HSET", "hash:65", i, `value ${i}`);
  end("hash:65");
}

/** Hashes that need a newer version of the format. */
export function fillDatedHashes(host: RecordHost): void {
  host.call("SELECT", 4);
  host.call("HSET", "dated:all", "a", "1", "b", "2");
  host.call("HPEXPIREAT", "dated:all", FAR_MS, "FIELDS", 2, "a", "b");
  host.call("HSET", "dated:some", "a", "1", "b", "x".repeat(80), "c", "3");
  host.call("HPEXPIREAT", "dated:some", FAR_MS + 77, "FIELDS", 1, "b");
  host.call("HPEXPIREAT", "dated:some", FAR_MS + 5e9, "FIELDS", 1, "c");
  host.call("PEXPIREAT", "dated:some", FAR_MS);
  host.call("HSET", "dated:no more", "a", "1", "b", "2");
  host.call("HPEXPIREAT", "dated:no more", FAR_MS, "FIELDS", 1, "a");
  host.call("HPERSIST", "dated:no more", "FIELDS", 1, "a");
}

function sortedSets(
  make: Make,
  end: End,
  texts: string[],
  random: Random,
): void {
  const scored = SCORES.flatMap((score, i) => [score, `member ${i}`]);
  make("ZADD", "zset:small", ...scored);
  make("ZADD", "zset:long", ...scored, "5", "x".repeat(100));
  make(
    "ZADD",
    "zset:texts",
    ...texts.flatMap((text, i) => [random.int(9) + i / 8, text]),
  );
  for (let i = 0; i < 1000; i += 50) {
    const few = Array.from(
      { length: 50 },
      (_, j) => [random.int(300) / 4, `member ${i + j}`],
    );
    make("ZADD", "zset:large", ...few.flat());
  }
  for (const key of ["small", "long", "texts", "large"]) end(`zset:${key}`);
}
