/** ZDIFF and ZDIFFSTORE: the first sorted set without the others' members. */
import { COMBINE_DIFFERENCE } from "../../keyspace/sorted_set_algebra.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { inputArguments, replyCombined, storeCombined } from "./combine.ts";

const COMPLEXITY =
  "O(L + N*K + M log M) or less, L = members of all inputs, N = members of " +
  "the first of K inputs, M = members of the result";

export const zdiff = command({
  name: "ZDIFF",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies with the members of a sorted set that no other one has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: [...inputArguments(), arg.token("WITHSCORES").optional()],
  run(call) {
    replyCombined(call, COMBINE_DIFFERENCE, "zdiff");
  },
});

export const zdiffstore = command({
  name: "ZDIFFSTORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Stores the members of a sorted set that no other one has",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: [arg.key("destination", "OW", "update"), ...inputArguments()],
  run(call) {
    storeCombined(call, COMBINE_DIFFERENCE, "zdiffstore");
  },
});
