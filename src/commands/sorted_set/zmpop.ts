import { POP_PAIRS } from "../../keyspace/sorted_sets.ts";
import {
  countNotPositive,
  numkeysNotPositive,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { firstToPop, popName, popped } from "./pop.ts";
import { serveOrWait, timeoutAt } from "../timeout.ts";

const COMPLEXITY =
  "O(K + M log N), K = keys, N = members of the sorted set, M = those taken";

/** ZMPOP: takes members from the first key that has some. */
export const zmpop = command({
  name: "ZMPOP",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Removes the lowest or highest members of the first key with any",
  complexity: COMPLEXITY,
  flags: ["write"],
  args: [
    arg.integer("numkeys"),
    arg.key("key", "RW", "access", "delete").multiple(),
    arg.oneOf("where", arg.token("MIN"), arg.token("MAX")),
    arg.integer("count").token("COUNT").optional(),
  ],
  run(call) {
    if (!serveMany(call, optionsAt(call, 1))) call.reply.nullArray();
  },
});

/** BZMPOP: the same, and waits for members if there are none. */
export const bzmpop = command({
  name: "BZMPOP",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Does what ZMPOP does, and waits as long as no key has members",
  complexity: COMPLEXITY,
  flags: ["write", "blocking"],
  args: [
    arg.double("timeout"),
    arg.integer("numkeys"),
    arg.key("key", "RW", "access", "delete").multiple(),
    arg.oneOf("where", arg.token("MIN"), arg.token("MAX")),
    arg.integer("count").token("COUNT").optional(),
  ],
  run(call) {
    const options = optionsAt(call, 2);
    const timeoutMs = timeoutAt(call, 1);
    const { firstKey, keyCount } = options;
    serveOrWait(call, {
      ...{ type: "zset", firstKey, keyCount, timeoutMs },
      serve: (call) => serveMany(call, options),
    });
  },
});

interface Options {
  firstKey: number;
  keyCount: number;
  fromEnd: boolean;
  count: number;
}

/** What stands from `numkeys` on. */
function optionsAt(call: Call, numkeys: number): Options {
  const keyCount = call.integerIn(numkeys, 1, Infinity, numkeysNotPositive);
  const where = numkeys + keyCount + 1;
  if (where >= call.argc) throw syntaxError;
  const fromEnd = call.is(where, "MAX");
  if (!fromEnd && !call.is(where, "MIN")) throw syntaxError;
  let count = 1;
  if (where + 1 < call.argc) {
    const isCount = where + 2 < call.argc && call.is(where + 1, "COUNT");
    if (!isCount) throw syntaxError;
    count = call.integerIn(where + 2, 1, Infinity, countNotPositive);
    if (where + 3 < call.argc) throw syntaxError;
  }
  return { firstKey: numkeys + 1, keyCount, fromEnd, count };
}

/** Serves the call if a key has members; whoever waits tries again later. */
function serveMany(call: Call, options: Options): boolean {
  const { firstKey, keyCount, fromEnd, count } = options;
  const key = firstToPop(call, firstKey, keyCount);
  if (key < 0) return false;
  call.reply.array(2);
  call.reply.bulk(call.bytes(key));
  const taken = call.db.sortedSets.pop(key, count, fromEnd, POP_PAIRS);
  popped(call, key, fromEnd);
  if (call.observed) {
    call.propagate([popName(fromEnd), call.bytes(key), taken]);
  }
  return true;
}
