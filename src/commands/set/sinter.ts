/** SINTER, SINTERSTORE and SINTERCARD: the members that all sets have. */
import { SET_INTERSECTION } from "../../keyspace/sets.ts";
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

const COMPLEXITY = "O(N*M), N = members of the smallest set, M = sets";

export const sinter = command({
  name: "SINTER",
  group: "set",
  since: "1.0.0",
  summary: "Replies with the members that all given sets have",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [inputKeys()],
  run(call) {
    replyCombined(call, SET_INTERSECTION);
  },
});

export const sinterstore = command({
  name: "SINTERSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members that all given sets have",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: [
    arg.key("destination", "RW", "update"),
    inputKeys(),
  ],
  run(call) {
    storeCombined(call, SET_INTERSECTION, "sinterstore");
  },
});

export const sintercard = command({
  name: "SINTERCARD",
  group: "set",
  since: "7.0.0",
  summary: "Counts the members that all given sets have",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: countArguments(),
  run(call) {
    replyCount(call, SET_INTERSECTION, countOptions(call));
  },
});
