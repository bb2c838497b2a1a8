/**
 * A data set with every type in every encoding, at and around each border
 * between two of them, as commands that redis-server 7.0 executes too.
 *
 * Scores have few digits: 7.0 and 7.2 print some long ones differently, and
 * DEBUG DIGEST is made of what is printed.
 */
import { Random } from "../support/random.ts";

/** Borders that are near, so that a small data set has all encodings. */
export const DATASET_ARGS = [
  ...["--list-max-listpack-size", "64", "--list-compress-depth", "1"],
  ...["--hash-max-listpack-entries", "16", "--hash-max-listpack-value", "32"],
  ...["--zset-max-listpack-entries", "16", "--zset-max-listpack-value", "32"],
  ...["--set-max-intset-entries", "32"],
  ...["--enable-debug-command", "yes", "--databases", "16"],
];

const DAY_MS = 24 * 3600_000;

export interface DatasetOptions {
  seed: number;
  /** Unix time in ms; keys are due long after it. */
  nowMs: number;
  /** With more than Redis 7.0 has: fields of hashes that have due times. */
  hasFieldTimes?: boolean;
}

/** The commands, SELECT among them. */
export function datasetCommands(options: DatasetOptions): string[][] {
  const random = new Random(options.seed);
  return [
    ["FLUSHALL"],
    ...strings(random),
    ...lists(random),
    ...sets(random),
    ...hashes(random),
    ...sortedSets(random),
    ...times(random, options.nowMs),
    ...options.hasFieldTimes ? fieldTimes(options.nowMs) : [],
    ...otherDatabases(random),
  ];
}

function bytes(random: Random, count: number): string {
  return String.fromCharCode(...random.bytes(count));
}

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** Numbers around each border at which a number takes more bytes. */
const BORDERS = [
  ...[0, 12, 63, 127, 4095, 16383, 2 ** 15, 2 ** 23, 2 ** 31, 2 ** 32],
  ...[2 ** 53],
].flatMap((n) => [n - 1, n, n + 1, -n]).map((n) => String(n || 0)).concat(
  ["9223372036854775807", "-9223372036854775808", "9223372036854775808"],
  ["-0", "01", "+1", " 1", "1.0", "1e3"],
);

const LENGTHS = [
  ...[0, 1, 11, 12, 19, 20, 21, 43, 44, 45, 62, 63, 64, 65, 127, 128, 255],
  ...[256, 4095, 4096, 4097, 16382, 16383, 16384, 16385, 70_000],
];

function strings(random: Random): string[][] {
  const word = "compressible ";
  return [
    ...BORDERS.map((value, i) => ["SET", `number:${i}`, value]),
    ...LENGTHS.flatMap((count) => [
      ["SET", `noise:${count}`, bytes(random, count)],
      ["SET", `words:${count}`, word.repeat(count).slice(0, count)],
    ]),
    ["SET", "", "no name"],
    ["SET", bytes(random, 300), "a long name of any bytes"],
    ["SET", "1234567", "a number's name"],
    ["SETBIT", "bits", "100000", "1"],
    ["APPEND", "appended", "abc"],
    ["APPEND", "appended", "def"],
    ["INCRBYFLOAT", "float", "3.25"],
    ["PFADD", "sparse", ...numbers(50).map((n) => `${n}`)],
    ...numbers(40).map((i) => [
      ...["PFADD", "dense"],
      ...numbers(100).map((n) => `${i * 100 + n}`),
    ]),
  ];
}

function lists(random: Random): string[][] {
  return [
    ["RPUSH", "list:one", "a"],
    ["RPUSH", "list:numbers", ...BORDERS],
    ["RPUSH", "list:lengths", ...LENGTHS.map((n) => bytes(random, n))],
    ...numbers(20).map((i) => [
      ...["RPUSH", "list:long"],
      ...numbers(100).map((n) => `element ${i * 100 + n}`),
    ]),
    // Elements with nodes of their own, between nodes of small ones.
    ...numbers(6).flatMap((i) => [
      ["RPUSH", "list:plain", ...numbers(5).map((n) => `${i}:${n}`)],
      ["RPUSH", "list:plain", "words again ".repeat(1500 + i)],
      ["RPUSH", "list:plain", bytes(random, 9000 + i)],
    ]),
  ];
}

function sets(random: Random): string[][] {
  return [
    ["SADD", "set:16", "1", "2", "-32768", "32767"],
    ["SADD", "set:32", "1", "32768", "-2147483648", "2147483647"],
    ["SADD", "set:64", "1", "2147483648", "-9223372036854775808"],
    ["SADD", "set:few numbers", ...numbers(32).map((n) => `${n * 3}`)],
    ["SADD", "set:many numbers", ...numbers(33).map((n) => `${n * 3}`)],
    ["SADD", "set:words", "a", "b", "c", "1"],
    ["SADD", "set:numbers and words", ...BORDERS],
    ["SADD", "set:lengths", ...LENGTHS.map((n) => bytes(random, n))],
    ...numbers(10).map((i) => [
      ...["SADD", "set:many words"],
      ...numbers(200).map((n) => `member ${i * 200 + n}`),
    ]),
  ];
}

function hashes(random: Random): string[][] {
  const pairs = (count: number) =>
    numbers(count).flatMap((n) => [`field ${n}`, `value ${n * n}`]);
  return [
    ["HSET", "hash:one", "f", "v"],
    ["HSET", "hash:16", ...pairs(16)],
    ["HSET", "hash:17", ...pairs(17)],
    ["HSET", "hash:value of 32", "f", "v".repeat(32)],
    ["HSET", "hash:value of 33", "f", "v".repeat(33)],
    ["HSET", "hash:numbers", ...BORDERS.flatMap((n) => [n, n])],
    [
      ...["HSET", "hash:lengths"],
      ...LENGTHS.flatMap((n) => [bytes(random, n), bytes(random, n)]),
    ],
    ...numbers(10).map((i) => [
      ...["HSET", "hash:many"],
      ...numbers(200).flatMap((n) => [`field ${i * 200 + n}`, `value ${n}`]),
    ]),
  ];
}

const SCORES = [
  ...["0", "2", "1", "-1", "1.5", "-0.25", "1e20", "-0.0625", "inf"],
  ...["-inf", "9007199254740992", "3", "3", "3", "0.125", "123456.75"],
];

function sortedSets(random: Random): string[][] {
  const scored = SCORES.flatMap((score, i) => [score, `m${i}`]);
  return [
    ["ZADD", "zset:one", "1", "m"],
    ["ZADD", "zset:16", ...scored],
    ["ZADD", "zset:17", ...scored, "2", "another"],
    ["ZADD", "zset:member of 32", "1", "m".repeat(32)],
    ["ZADD", "zset:member of 33", "-0", "m".repeat(33)],
    ["ZADD", "zset:numbers", ...BORDERS.flatMap((n, i) => [`${i}`, n])],
    [
      ...["ZADD", "zset:lengths"],
      ...LENGTHS.flatMap((n) => [`${n}`, bytes(random, n)]),
    ],
    ...numbers(10).map((i) => [
      ...["ZADD", "zset:many"],
      ...numbers(200).flatMap((n) => [`${random.int(500)}`, `m${i}:${n}`]),
    ]),
    ["GEOADD", "places", "13.361389", "38.115556", "Palermo"],
    ["GEOADD", "places", "15.087269", "37.502669", "Catania"],
  ];
}

function times(random: Random, nowMs: number): string[][] {
  const due = () => String(nowMs + DAY_MS + random.int(DAY_MS));
  return [
    ["SET", "due:string", "value", "PXAT", due()],
    ...["list:one", "set:16", "hash:one", "zset:one", "zset:many"].flatMap(
      (key) => [
        ["COPY", key, `due:${key}`],
        ["PEXPIREAT", `due:${key}`, due()],
      ],
    ),
    ["SET", "due:number", "17", "PXAT", due()],
  ];
}

function fieldTimes(nowMs: number): string[][] {
  const due = String(nowMs + DAY_MS);
  return ["hash:one", "hash:many"].flatMap((key) => {
    const field = key === "hash:one" ? "f" : "field 7";
    return [
      ["COPY", key, `field due:${key}`],
      ["HPEXPIREAT", `field due:${key}`, due, "FIELDS", "1", field],
    ];
  });
}

function otherDatabases(random: Random): string[][] {
  return [
    ...[3, 15].flatMap((index) => [
      ["SELECT", String(index)],
      ...numbers(100).map((n) => ["SET", `key ${n}`, bytes(random, n)]),
      ["RPUSH", "list", "a", "b"],
    ]),
    ["SELECT", "0"],
  ];
}
