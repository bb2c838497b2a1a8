import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SCARD: how many members a set has. */
export const scard = command({
  name: "SCARD",
  group: "set",
  since: "1.0.0",
  summary: "Counts the members of a set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    call.reply.integer(call.db.sets.count(1));
  },
});
