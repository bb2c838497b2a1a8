import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** APPEND: more bytes at the end of a string. */
export const append = command({
  name: "APPEND",
  group: "string",
  since: "2.0.0",
  summary: "Adds bytes to the end of a string, or stores them when it is new",
  complexity: "O(1) on average, as a string grows by more than it needs",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "insert"), arg.string("value")],
  run(call) {
    call.reply.integer(call.db.append(1, 2));
    call.changed(1, "append");
  },
});
