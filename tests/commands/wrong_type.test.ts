/** Commands of one type on keys of all others: refused, and nothing changes. */
import { assert, assertEquals } from "@std/assert";
import { keysOf } from "../../src/commands/define/keys.ts";
import { Bench, type BenchClient } from "../dispatch/harness.ts";
import type { Word } from "../support/client.ts";
import { LINES } from "./command_lines.ts";

const LONG = "x".repeat(100);

/** What puts one value of a type under a key. */
const MAKERS: Record<string, (key: string) => Word[]> = {
  strings: (key) => ["SET", key, "text"],
  lists: (key) => ["RPUSH", key, "a", LONG],
  sets: (key) => ["SADD", key, "a", LONG],
  "sets of integers": (key) => ["SADD", key, 1, 2],
  hashes: (key) => ["HSET", key, "f", "v"],
  "large hashes": (key) => ["HSET", key, "f", LONG],
  "sorted sets": (key) => ["ZADD", key, 1, "a"],
  "large sorted sets": (key) => ["ZADD", key, 1, LONG],
};

const KIND_OF: Record<string, string> = {
  "strings": "strings",
  "lists": "lists",
  "sets": "sets",
  "sets of integers": "sets",
  "hashes": "hashes",
  "large hashes": "hashes",
  "sorted sets": "sorted sets",
  "large sorted sets": "sorted sets",
};

/** SORT is about keys in general, yet it needs elements. */
const NEEDS_ELEMENTS = /^SORT/;

/** The algebra of sorted sets takes sets too, each member with score 1. */
const TAKES_SETS = /^Z(UNION|INTER|DIFF)/;

const REFUSED = /^-(WRONGTYPE |ERR Key should be of string type)/;

/** Whether a command must look at the value of its first key. */
function looksAtValue(client: BenchClient, words: string[]): boolean {
  const { table } = client.server;
  const command = table.find(words[0].toLowerCase())!;
  if (command.group === "generic") return false;
  const found = keysOf(command, {
    argc: words.length,
    latin1: (index) => words[index],
    is: (index, option) => words[index].toUpperCase() === option,
  });
  const first = found.find(({ flags }) => !flags.includes("OW"));
  // SET and its kind replace whatever there is.
  return first !== undefined && words[0] !== "MSET" && words[0] !== "SET";
}

for (const [kind, lines] of Object.entries(LINES)) {
  Deno.test(`commands on ${kind} refuse values of other types`, () => {
    const bench = new Bench();
    const client = bench.connect();
    const { keyspace, table } = bench.server;
    for (const [other, make] of Object.entries(MAKERS)) {
      if (KIND_OF[other] === kind) continue;
      for (const line of lines) {
        const words = line.split(" ");
        const command = table.find(words[0].toLowerCase())!;
        client.call("FLUSHALL");
        for (const key of "abcdefghilmnpqrstuyz") client.call(...make(key));
        for (const key of ["bits", "copy", "renamed"]) {
          client.call(...make(key));
        }
        const before = keyspace.digest();
        const reply = client.call(...words);
        const context = `${line.slice(0, 50)} on ${other}: ${reply}`;
        if (!reply.startsWith("-")) {
          const takesSets = KIND_OF[other] === "sets" &&
            TAKES_SETS.test(words[0]);
          assert(takesSets || !looksAtValue(client, words), context);
          continue;
        }
        assert(REFUSED.test(reply), context);
        const isForAll = command.group === "generic";
        assert(!isForAll || NEEDS_ELEMENTS.test(words[0]), context);
        assertEquals(keyspace.digest(), before, context);
        bench.verify();
      }
    }
  });
}
