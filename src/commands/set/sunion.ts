/** SUNION, SUNIONSTORE and SUNIONCARD: the members that any set has. */
import { SET_UNION } from "../../keyspace/sets.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  countArguments,
  countOptions,
  inputKeys,
  replyCombined,
  replyCount,
  storeCombined,
} from "./combine.ts";

const COMPLEXITY = "O(N), N = members of all sets";

export const sunion = command({
  name: "SUNION",
  group: "set",
  since: "1.0.0",
  summary: "Replies with the members that any of the given sets has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [inputKeys()],
  run(call) {
    replyCombined(call, SET_UNION);
  },
});

export const sunionstore = command({
  name: "SUNIONSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members that any of the given sets has",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: [
    arg.key("destination", "OW", "update"),
    inputKeys(),
  ],
  run(call) {
    storeCombined(call, SET_UNION, "sunionstore");
  },
});

/** Newer than the Redis that is followed otherwise. */
export const sunioncard = command({
  name: "SUNIONCARD",
  group: "set",
  since: "8.10.0",
  summary: "Counts the members that any of the given sets has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: countArguments(arg.token("APPROX").optional()),
  run(call) {
    const options = countOptions(call, true);
    if (!options.isApproximate) return replyCount(call, SET_UNION, options);
    const { keyCount, limit } = options;
    call.reply.integer(Math.min(limit, call.db.sets.estimate(2, keyCount)));
  },
});
