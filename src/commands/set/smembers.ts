import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SMEMBERS: all members, in no order. */
export const smembers = command({
  name: "SMEMBERS",
  group: "set",
  since: "1.0.0",
  summary: "Replies with all members of a set",
  complexity: "O(N), N = members of the set",
  flags: ["readonly"],
  tips: ["nondeterministic_output_order"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.sets.replyAll(1);
  },
});
