/** SORT and SORT_RO: what 7.2 and 7.0 tell apart, events, and memory. */
import { assert, assertEquals } from "@std/assert";
import { sort, sortRo } from "../../src/commands/generic/sort.ts";
import { keysOf, type Words } from "../../src/commands/define/keys.ts";
import { Random } from "../support/random.ts";
import { Talk } from "./talk.ts";

const SYNTAX = "-ERR syntax error";
const NOT_INTEGER = "-ERR value is not an integer or out of range";
const NO_NUMBER = "-ERR One or more scores can't be converted into double";
const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";

Deno.test("SORT orders numbers, texts, and by what BY names", () => {
  new Talk().assert([
    ["RPUSH l 3 10 2.5 1", ":4"],
    ["SORT l", "*4 $1 1 $3 2.5 $1 3 $2 10"],
    ["SORT l DESC LIMIT 1 2", "*2 $1 3 $3 2.5"],
    ["SORT l ALPHA", "*4 $1 1 $2 10 $3 2.5 $1 3"],
    ["MSET w_3 1 w_10 2 w_1 4", "+OK"],
    ["HSET h_1 f one g 9", ":2"],
    ["SORT l BY w_*", "*4 $3 2.5 $1 3 $2 10 $1 1"],
    ["SORT l BY w_* LIMIT 1 1 GET # GET w_*", "*2 $1 3 $1 1"],
    ["SORT l BY nosort GET h_*->f", "*4 $-1 $-1 $-1 $3 one"],
    ["SORT_RO l BY h_*->g DESC LIMIT 0 1", "*1 $1 1"],
    ["SORT none", "*0"],
    ["SORT l LIMIT 1 -5", "*3 $3 2.5 $1 3 $2 10"],
  ]);
});

Deno.test("SORT refuses what it cannot do, and then nothing has changed", () => {
  new Talk().assert([
    ["RPUSH l a b", ":2"],
    ["SET d kept", "+OK"],
    ["HSET h f v", ":1"],
    ["SORT l STORE d", NO_NUMBER],
    ["SORT l LIMIT 0 0 STORE d", NO_NUMBER],
    ["SORT h STORE d", WRONG_TYPE],
    ["SORT d", WRONG_TYPE],
    ["SORT h UP", SYNTAX],
    ["SORT l LIMIT 1", SYNTAX],
    ["SORT l LIMIT x 1", NOT_INTEGER],
    ["SORT l STORE", SYNTAX],
    ["SORT_RO l STORE d", SYNTAX],
    ["GET d", "$4 kept"],
    ["SORT l BY w_* STORE d", ":2"],
  ]);
});

Deno.test("STORE keeps a listpack as long as the list is small", () => {
  const talk = new Talk();
  talk.assert([
    ["CONFIG SET list-max-listpack-size 3", "+OK"],
    ["RPUSH l 4 3 2 1", ":4"],
    ["SORT l LIMIT 0 3 STORE small", ":3"],
    ["OBJECT ENCODING small", "$8 listpack"],
    ["SORT l STORE large", ":4"],
    ["OBJECT ENCODING large", "$9 quicklist"],
    ["LRANGE large 0 -1", "*4 $1 1 $1 2 $1 3 $1 4"],
  ]);
});

Deno.test("compressed nodes are sorted as any others", () => {
  const talk = new Talk();
  talk.say("CONFIG SET list-max-listpack-size 50 list-compress-depth 1");
  const numbers = Array.from({ length: 600 }, (_, i) => (i * 77) % 601);
  const texts = numbers.map((it) => `${"text".repeat(9)}${it}`);
  talk.call("RPUSH", "l", ...numbers);
  talk.call("RPUSH", "t", ...texts);
  const row = (words: readonly (string | number)[]) =>
    `*${words.length} ` +
    words.map((it) => `$${String(it).length} ${it}`).join(" ");
  talk.assert([
    ["SORT l", row([...numbers].sort((a, b) => a - b))],
    [
      "SORT l BY nosort DESC LIMIT 100 400",
      row(
        [...numbers].reverse().slice(100, 500),
      ),
    ],
    ["SORT t ALPHA DESC", row([...texts].sort().reverse())],
    ["SORT t ALPHA STORE d", ":600"],
    ["LRANGE d 0 -1", row([...texts].sort())],
  ]);
});

Deno.test("SORT tells of the key that it stored or took away", () => {
  const talk = new Talk();
  talk.say("RPUSH l 2 1");
  talk.assertLearned([
    ["SORT l", ""],
    ["SORT l STORE d", "sortstore:d@0 > SORT l STORE d"],
    ["SORT none STORE d", "del:d@0 > SORT none STORE d"],
    ["SORT none STORE d", ""],
    ["SORT_RO l", ""],
  ]);
});

Deno.test("SORT in RESP3 has nulls and arrays", () => {
  const talk = new Talk();
  talk.say("HELLO 3");
  talk.assert([
    ["RPUSH l 2 1", ":2"],
    ["SORT l GET w_* GET #", "*4 _ $1 1 _ $1 2"],
  ]);
});

Deno.test("the keys of a call are the sorted one and the last of STORE", () => {
  const keys = (line: string, command = sort) => {
    const words = line.split(" ");
    const face: Words = {
      argc: words.length,
      latin1: (i) => words[i],
      is: (i, option) => words[i].toUpperCase() === option,
    };
    return keysOf(command, face).map(({ index }) => words[index]).join();
  };
  assertEquals(keys("SORT l"), "l");
  assertEquals(keys("SORT l STORE d"), "l,d");
  assertEquals(keys("SORT l store d STORE e"), "l,e");
  assertEquals(keys("SORT l GET STORE BY STORE LIMIT STORE STORE"), "l");
  assertEquals(keys("SORT l BY w_* STORE d GET #"), "l,d");
  assertEquals(keys("SORT l STORE"), "l");
  assertEquals(keys("SORT_RO l BY w_*", sortRo), "l");
});

/** The numbers in a reply of bulk strings. */
function numbersOf(reply: string): number[] {
  return reply.split(" ").slice(1).filter((_, i) => i % 2 === 1).map(Number);
}

Deno.test("every part of a sorted row is the part of a sorted array", () => {
  const shapes: ((i: number, random: Random) => number)[] = [
    (_, random) => random.int(1_000_000),
    (_, random) => random.int(5),
    (i) => i,
    (i) => -i,
    (i) => i % 2 ? i : 5000 - i,
    (i) => Math.abs(2500 - i),
  ];
  shapes.forEach((shape, i) => {
    const seed = 77 + i;
    const random = new Random(seed);
    const talk = new Talk();
    const numbers = Array.from({ length: 3000 }, (_, i) => shape(i, random));
    talk.call("RPUSH", "l", ...numbers);
    const ascending = [...numbers].sort((a, b) => a - b);
    const descending = [...ascending].reverse();
    for (let round = 0; round < 12; round++) {
      const start = random.int(3000), count = random.int(3001 - start);
      for (const [order, all] of [["", ascending], [" DESC", descending]]) {
        const reply = talk.say(`SORT l${order} LIMIT ${start} ${count}`);
        const expected = all.slice(start, start + count) as number[];
        assertEquals(numbersOf(reply), expected, `seed ${seed}${order}`);
      }
    }
    talk.bench.verify();
  });
});

Deno.test("SORT leaves no memory behind, whatever it comes to", () => {
  const talk = new Talk({ isObserved: false });
  const elements = Array.from({ length: 500 }, (_, i) => `${i * 7919 % 1000}`);
  talk.call("RPUSH", "l", ...elements);
  talk.call("SADD", "s", ...elements, "x");
  for (let i = 0; i < 1000; i += 3) talk.call("HSET", `h_${i}`, "f", i % 50);
  const { calls } = talk.bench.server.engine;
  const lines = [
    "SORT l BY h_*->f ALPHA GET # GET h_*->f GET nothing",
    "SORT s",
    "SORT s ALPHA LIMIT 3 10",
    `SORT l GET ${"k".repeat(3000)}*`,
    "SORT l UP",
    "SORT h_0",
  ];
  for (const line of lines) talk.say(line);
  const used = calls.usedBytes();
  for (const line of lines) {
    const reply = talk.say(line);
    assert(reply.length > 10);
    assertEquals(calls.usedBytes(), used, line);
  }
  talk.bench.verify();
});
