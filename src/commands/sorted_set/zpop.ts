import { HOT_ZPOPMIN } from "../../keyspace/hot.ts";
import { MISSING, POP_FLAT, POP_PAIRS } from "../../keyspace/sorted_sets.ts";
import { mustBePositive, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { popped } from "./pop.ts";

/** ZPOPMIN: takes the members with the lowest scores. */
export const zpopmin = command({
  name: "ZPOPMIN",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Removes and replies with the members with the lowest scores",
  complexity: "O(M log N), N = members of the sorted set, M = those taken",
  flags: ["write", "fast"],
  args: [
    arg.key("key", "RW", "access", "delete"),
    arg.integer("count").optional(),
  ],
  hot: HOT_ZPOPMIN,
  run(call) {
    pop(call, false);
  },
});

/** ZPOPMAX: those with the highest. */
export const zpopmax = command({
  name: "ZPOPMAX",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Removes and replies with the members with the highest scores",
  complexity: "O(M log N), N = members of the sorted set, M = those taken",
  flags: ["write", "fast"],
  args: [
    arg.key("key", "RW", "access", "delete"),
    arg.integer("count").optional(),
  ],
  run(call) {
    pop(call, true);
  },
});

function pop(call: Call, fromEnd: boolean): void {
  if (call.argc > 3) throw syntaxError;
  const isMany = call.argc === 3;
  const count = isMany ? call.integerIn(2, 0, Infinity, mustBePositive) : 1;
  const form = isMany && call.reply.resp === 3 ? POP_PAIRS : POP_FLAT;
  const taken = call.db.sortedSets.pop(1, count, fromEnd, form);
  if (taken === MISSING) call.reply.array(0);
  else if (taken > 0) popped(call, 1, fromEnd);
}
