/** SDIFF, SDIFFSTORE and SDIFFCARD: what the first set alone has. */
import { SET_DIFFERENCE } from "../../keyspace/sets.ts";
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

export const sdiff = command({
  name: "SDIFF",
  group: "set",
  since: "1.0.0",
  summary: "Replies with the members of a set that no other given set has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [inputKeys()],
  run(call) {
    replyCombined(call, SET_DIFFERENCE);
  },
});

export const sdiffstore = command({
  name: "SDIFFSTORE",
  group: "set",
  since: "1.0.0",
  summary: "Stores the members of a set that no other given set has",
  complexity: COMPLEXITY,
  flags: ["write", "denyoom"],
  args: [
    arg.key("destination", "OW", "update"),
    inputKeys(),
  ],
  run(call) {
    storeCombined(call, SET_DIFFERENCE, "sdiffstore");
  },
});

/** Newer than the Redis that is followed otherwise. */
export const sdiffcard = command({
  name: "SDIFFCARD",
  group: "set",
  since: "8.10.0",
  summary: "Counts the members of a set that no other given set has",
  complexity: COMPLEXITY,
  flags: ["readonly"],
  args: countArguments(),
  run(call) {
    replyCount(call, SET_DIFFERENCE, countOptions(call));
  },
});
