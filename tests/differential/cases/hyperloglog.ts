/**
 * PFADD, PFCOUNT, PFMERGE, PFDEBUG: replies, and the bytes they leave. Long
 * values are compared by their digests.
 */

import { Random } from "../../support/random.ts";
import { group, script, type Teller } from "../script.ts";

const keys = ["a", "b", "c"];

/** Elements that lie close together, so that registers meet again. */
function elements(random: Random, count: number): string[] {
  return Array.from(
    { length: count },
    () => String(random.int(random.pick([10, 1000, 100_000]))),
  );
}

/** A random life of three HyperLogLogs, their bytes looked at again and again. */
function live(t: Teller, seed: number, sparseMaxBytes: number): void {
  const random = new Random(seed);
  t.run(`CONFIG SET hll-sparse-max-bytes ${sparseMaxBytes}`);
  for (let step = 0; step < 60; step++) {
    const key = random.pick(keys);
    const choice = random.int(10);
    if (choice < 6) {
      const count = random.int(random.pick([2, 4, 40, 400]));
      t.run(`PFADD ${key}`, ...elements(random, count));
    } else if (choice < 7) t.run(`PFCOUNT ${key}`);
    else if (choice < 8) t.run("PFCOUNT a b c");
    else t.run(`PFMERGE ${key} ${random.pick(keys)}`);
    t.all(`DEBUG DIGEST-VALUE ${key}`, `STRLEN ${key}`);
  }
  for (const key of keys) {
    t.all(`PFCOUNT ${key}`, `DEBUG DIGEST-VALUE ${key}`);
  }
  t.run("CONFIG SET hll-sparse-max-bytes 3000");
}

const seeds: [seed: number, sparseMaxBytes: number][] = [
  [1, 3000],
  [2, 3000],
  [3, 0],
  [4, 20],
  [5, 100],
  [6, 1000],
  [7, 16000],
];

const header = "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80";

/** Values that are none, or whose runs are not sound. */
const badValues: [string, string][] = [
  ["empty", ""],
  ["number", "12345678901234567"],
  ["text", "no HyperLogLog at all"],
  ["short", header.slice(0, 15)],
  ["magic", "HYLM" + header.slice(4) + "\x7f\xff"],
  ["encoding", "HYLL\x02" + header.slice(5) + "\x7f\xff"],
  ["dense", "HYLL\0" + header.slice(5) + "\x7f\xff"],
  ["longdense", "HYLL\0" + header.slice(5) + "\0".repeat(12289)],
  ["norun", header],
  ["few", header + "\x7f\xfe"],
  ["many", header + "\x7f\xff\0"],
  ["value", header + "\x7f\xfe\x81"],
];

/** Values that no server would have made, and that are sound all the same. */
const oddValues: [string, string][] = [
  ["reserved", "HYLL\x01abc" + header.slice(8) + "\x7f\xff"],
  ["cached", "HYLL\x01\0\0\0\x07\0\0\0\0\0\0\0\x7f\xff"],
  ["huge", "HYLL\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\x7f\xff"],
  ["zeros", header + "\x3f".repeat(256)],
  ["ones", header + "\x83".repeat(4096)],
  ["tops", header + "\xff".repeat(4096)],
  ["mixed", header + "\x7f\xf7\x80\x80\x80\x84\x84\x84\x84\x84"],
  ["top", "HYLL\0" + header.slice(5) + "\xff".repeat(12288)],
  ["fifty", "HYLL\0" + header.slice(5) + "\x33\xcd\x33".repeat(4096)],
];

export default group("hyperloglog", [
  script("PFADD tells whether anything changed", (t) => {
    t.all("PFADD h", "EXISTS h", "GET h", "OBJECT ENCODING h", "PFADD h");
    t.all("PFCOUNT h", "GET h", "PFADD h a b c", "GET h", "PFADD h a b c");
    t.all("PFADD h ''", "PFADD h ''", "PFCOUNT h", "GET h", "PFCOUNT h");
    t.all("PFADD h a", "GET h", "TYPE h", "OBJECT ENCODING h");
    t.all("PFADD new x", "GET new", "PFADD two x y", "GET two");
  }),

  script("PFADD hashes elements of every length", (t) => {
    for (let length = 0; length < 40; length++) {
      t.run("PFADD h", "\xff\x00".repeat(length).slice(0, length));
    }
    t.all("GET h", "PFCOUNT h");
    t.run("PFADD long", "x".repeat(100_000), "y".repeat(4097));
    t.run("GET long");
  }),

  script("PFADD keeps a due time", (t) => {
    t.all("PFADD h a", "EXPIRE h 1000", "PFADD h b c d", "PFCOUNT h");
    t.approximate(2, "TTL h");
    t.run("PFDEBUG TODENSE h");
    t.approximate(2, "TTL h");
    t.all("PFMERGE h h");
    t.approximate(2, "TTL h");
  }),

  ...seeds.map(([seed, sparseMaxBytes]) =>
    script(
      `a life of three HyperLogLogs, ${seed}, up to ${sparseMaxBytes} bytes`,
      (t) => live(t, seed, sparseMaxBytes),
      [2],
    )
  ),

  script("a sparse one grows element by element, and becomes dense", (t) => {
    t.run("CONFIG SET hll-sparse-max-bytes 300");
    const random = new Random(8);
    for (let i = 0; i < 150; i++) {
      t.run("PFADD h", ...elements(random, 1));
      t.all("DEBUG DIGEST-VALUE h", "PFDEBUG ENCODING h");
    }
    t.run("CONFIG SET hll-sparse-max-bytes 3000");
  }, [2]),

  script("PFCOUNT of several keys", (t) => {
    t.all("PFADD a 1 2 3", "PFADD b 3 4 5", "PFADD c 5 6 7");
    t.all("PFCOUNT a", "PFCOUNT a b", "PFCOUNT a b c", "PFCOUNT a none");
    t.all("PFCOUNT none", "PFCOUNT none other", "PFCOUNT a a", "GET b");
    t.all("PFDEBUG TODENSE b", "PFCOUNT a b c", "PFCOUNT b a");
    t.run("DEBUG DIGEST-VALUE b");
    t.all("SET s x", "PFCOUNT a s", "PFCOUNT s", "PFCOUNT s a");
  }),

  script("PFMERGE into missing, sparse and dense keys", (t) => {
    t.all("PFMERGE new", "GET new", "PFMERGE other none more", "GET other");
    t.all("PFADD a 1 2 3", "PFADD b 3 4 5", "PFADD d 9", "PFDEBUG TODENSE d");
    t.all(
      "PFMERGE m a b",
      "DEBUG DIGEST-VALUE m",
      "PFCOUNT m",
      "DEBUG DIGEST-VALUE m",
      "PFMERGE m a",
    );
    t.all(
      "DEBUG DIGEST-VALUE m",
      "PFMERGE a d",
      "DEBUG DIGEST-VALUE a",
      "PFDEBUG ENCODING a",
      "PFCOUNT a",
    );
    t.all(
      "PFMERGE d b",
      "DEBUG DIGEST-VALUE d",
      "PFCOUNT d",
      "PFMERGE n d",
      "DEBUG DIGEST-VALUE n",
    );
    t.all(
      "PFMERGE b b b",
      "DEBUG DIGEST-VALUE b",
      "OBJECT ENCODING n",
      "PFMERGE a a",
    );
    t.all("SET s x", "PFMERGE s a", "PFMERGE z a s", "EXISTS z", "GET s");
  }),

  script("values that are no HyperLogLog", (t) => {
    t.run("PFADD good element");
    for (const [name, value] of badValues) {
      t.run(`SET ${name}`, value);
      t.all(`PFCOUNT ${name}`, `PFCOUNT ${name} good`, `PFMERGE to ${name}`);
      t.all(`PFMERGE ${name} good`, `PFDEBUG DECODE ${name}`);
      t.all(`PFDEBUG ENCODING ${name}`, `PFDEBUG TODENSE ${name}`);
      t.all(`DEBUG DIGEST-VALUE ${name}`, "EXISTS to");
    }
    t.all("PFADD text a", "PFADD norun a", "PFADD few a", "PFADD dense a");
  }),

  script("strange values that are sound", (t) => {
    for (const [name, value] of oddValues) {
      t.run(`SET ${name}`, value);
      t.all(
        `PFCOUNT ${name}`,
        `DEBUG DIGEST-VALUE ${name}`,
        `PFDEBUG ENCODING ${name}`,
      );
      t.run(`PFADD ${name}`, ...Array.from({ length: 40 }, (_, i) => `${i}`));
      t.all(
        `DEBUG DIGEST-VALUE ${name}`,
        `PFCOUNT ${name}`,
        `PFCOUNT ${name} none`,
      );
      t.all(
        `PFMERGE ${name}2 ${name}`,
        `DEBUG DIGEST-VALUE ${name}2`,
        `PFCOUNT ${name}2`,
      );
    }
  }, [2]),

  script("PFDEBUG shows runs, registers and encodings", (t) => {
    t.all("PFADD h", "PFDEBUG DECODE h", "PFADD h a b c d e f g");
    t.all("PFDEBUG DECODE h", "PFDEBUG ENCODING h", "pfdebug decode h");
    t.all("PFDEBUG TODENSE h", "PFDEBUG TODENSE h", "PFDEBUG ENCODING h");
    t.all("PFDEBUG DECODE h", "PFCOUNT h", "DEBUG DIGEST-VALUE h");
    t.all("PFADD i 1 2 3", "PFDEBUG GETREG i", "PFDEBUG ENCODING i");
    t.run("PFDEBUG GETREG norun");
    t.all("PFDEBUG NOTHING h", "PFDEBUG NOTHING none", "PFDEBUG DECODE none");
    t.all("PFDEBUG", "PFDEBUG DECODE", "PFDEBUG DECODE h i");
    t.run("SET runs", header + "\x3f\x00\x40\x00\xff\x80\x7f\x00");
    t.all("PFDEBUG DECODE runs", "PFCOUNT runs");
  }),

  script("wrong numbers of words and wrong types", (t) => {
    t.all("PFADD", "PFCOUNT", "PFMERGE", "PFSELFTEST x");
    t.all("SET n 5", "PFADD n a", "PFCOUNT n", "PFMERGE n", "PFDEBUG GETREG n");
  }),

  script("PFSELFTEST", (t) => t.run("PFSELFTEST"), [2]),
]);
