import { HOT_ZADD } from "../../keyspace/hot.ts";
import {
  ADD_COUNT_CHANGED,
  ADD_INCREMENT,
  ADD_ONLY_GREATER,
  ADD_ONLY_LESS,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
} from "../../keyspace/sorted_sets.ts";
import {
  addComparisonsConflict,
  addConditionsConflict,
  incrementsOnePair,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZADD: members and their scores. */
export const zadd = command({
  name: "ZADD",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Adds members with scores, or gives members other scores",
  complexity: "O(log N) for each member, N = members of the sorted set",
  flags: ["write", "denyoom", "fast"],
  history: [
    ["2.4.0", "Allowed several members."],
    ["3.0.2", "Brought the options `XX`, `NX`, `CH` and `INCR`."],
    ["6.2.0", "Brought the options `GT` and `LT`."],
  ],
  args: [
    arg.key("key", "RW", "update"),
    arg.oneOf("condition", arg.token("NX"), arg.token("XX"))
      .optional().since("3.0.2"),
    arg.oneOf("comparison", arg.token("GT"), arg.token("LT"))
      .optional().since("6.2.0"),
    arg.token("CH", "change").optional().since("3.0.2"),
    arg.token("INCR", "increment").optional().since("3.0.2"),
    arg.block("data", arg.double("score"), arg.string("member")).multiple(),
  ],
  hot: HOT_ZADD,
  run(call) {
    const { flags, first } = optionsOf(call);
    const count = (call.argc - first) / 2;
    const increments = (flags & ADD_INCREMENT) !== 0;
    if (count < 1 || !Number.isInteger(count)) throw syntaxError;
    checkOptions(flags);
    if (increments && count > 1) throw incrementsOnePair;
    if (!call.db.sortedSets.add(1, first, count, flags)) return;
    call.changed(1, increments ? "zincr" : "zadd");
  },
});

const OPTIONS = new Map([
  ["nx", ADD_ONLY_NEW],
  ["xx", ADD_ONLY_OLD],
  ["gt", ADD_ONLY_GREATER],
  ["lt", ADD_ONLY_LESS],
  ["ch", ADD_COUNT_CHANGED],
  ["incr", ADD_INCREMENT],
]);
const LONGEST_OPTION = 4;

/** The option at an argument, 0 when it is none. */
export function addOptionAt(call: Call, index: number): number {
  if (call.byteCount(index) > LONGEST_OPTION) return 0;
  return OPTIONS.get(call.word(index)) ?? 0;
}

/** The options, which end where the first score stands. */
function optionsOf(call: Call): { flags: number; first: number } {
  let flags = 0;
  let first = 2;
  for (; first < call.argc; first++) {
    const flag = addOptionAt(call, first);
    if (!flag) break;
    flags |= flag;
  }
  return { flags, first };
}

function checkOptions(flags: number): void {
  const isNew = (flags & ADD_ONLY_NEW) !== 0;
  if (isNew && flags & ADD_ONLY_OLD) throw addConditionsConflict;
  const comparisons = flags & (ADD_ONLY_GREATER | ADD_ONLY_LESS);
  const both = comparisons === (ADD_ONLY_GREATER | ADD_ONLY_LESS);
  if (both || isNew && comparisons) throw addComparisonsConflict;
}
