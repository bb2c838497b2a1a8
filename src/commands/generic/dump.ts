import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** DUMP: a value in the form that RESTORE reads, on any server. */
export const dump = command({
  name: "DUMP",
  group: "generic",
  since: "2.6.0",
  summary: "Gives the value of a key as bytes for RESTORE",
  complexity: "O(N), N = size of the value",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.replyDump(call.reply, 1);
  },
});
