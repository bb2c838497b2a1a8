import { RANGE_BY_NAME, RANGE_BY_SCORE } from "../../keyspace/sorted_sets.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZCOUNT: how many members have a score in a range. */
export const zcount = command({
  name: "ZCOUNT",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Counts the members with a score in a range",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.double("min"), arg.double("max")],
  run(call) {
    const { sortedSets } = call.db;
    call.reply.integer(sortedSets.countBetween(1, RANGE_BY_SCORE, 2, 3));
  },
});

/** ZLEXCOUNT: how many stand between two names. */
export const zlexcount = command({
  name: "ZLEXCOUNT",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Counts the members between two names, all scores being equal",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("min"), arg.string("max")],
  run(call) {
    const { sortedSets } = call.db;
    call.reply.integer(sortedSets.countBetween(1, RANGE_BY_NAME, 2, 3));
  },
});
