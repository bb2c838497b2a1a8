import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** STRLEN: how many bytes a string has. */
export const strlen = command({
  name: "STRLEN",
  group: "string",
  since: "2.2.0",
  summary: "Tells how many bytes the string under a key has",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    call.reply.integer(call.db.length(1));
  },
});
