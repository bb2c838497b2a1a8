/** ZUNION and ZUNIONSTORE: the members that any sorted set has. */
import { COMBINE_UNION } from "../../keyspace/sorted_set_algebra.ts";
import { command } from "../define/command.ts";
import {
  replyArguments,
  replyCombined,
  storeArguments,
  storeCombined,
} from "./combine.ts";

const COMPLEXITY =
  "O(N + M log M), N = members of all inputs, M = members of the result";

export const zunion = command({
  name: "ZUNION",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies with the members that any of the given sorted sets has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: replyArguments(),
  run(call) {
    replyCombined(call, COMBINE_UNION, "zunion");
  },
});

export const zunionstore = command({
  name: "ZUNIONSTORE",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Stores the members that any of the given sorted sets has",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: storeArguments(),
  run(call) {
    storeCombined(call, COMBINE_UNION, "zunionstore");
  },
});
