/** ZINTER, ZINTERSTORE and ZINTERCARD: the members that all sorted sets have. */
import { COMBINE_INTERSECTION } from "../../keyspace/sorted_set_algebra.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  inputArguments,
  replyArguments,
  replyCombined,
  replySharedCount,
  storeArguments,
  storeCombined,
} from "./combine.ts";

const COMPLEXITY =
  "O(N*K + M log M), N = members of the smallest of K inputs, M = members of " +
  "the result";

export const zinter = command({
  name: "ZINTER",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies with the members that all given sorted sets have",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: replyArguments(),
  run(call) {
    replyCombined(call, COMBINE_INTERSECTION, "zinter");
  },
});

export const zinterstore = command({
  name: "ZINTERSTORE",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Stores the members that all given sorted sets have",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: storeArguments(),
  run(call) {
    storeCombined(call, COMBINE_INTERSECTION, "zinterstore");
  },
});

export const zintercard = command({
  name: "ZINTERCARD",
  group: "sorted-set",
  since: "7.0.0",
  summary: "Counts the members that all given sorted sets have",
  complexity: "O(N*K), N = members of the smallest of K inputs",
  flags: ["readonly"],
  args: [
    ...inputArguments(),
    arg.integer("limit").token("LIMIT").optional(),
  ],
  run(call) {
    replySharedCount(call);
  },
});
