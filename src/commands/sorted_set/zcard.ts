import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZCARD: how many members. */
export const zcard = command({
  name: "ZCARD",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Counts the members",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    call.reply.integer(call.db.sortedSets.count(1));
  },
});
