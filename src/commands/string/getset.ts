import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** GETSET: the string under a key, and another one in its place. */
export const getset = command({
  name: "GETSET",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string and returns the one that it replaces",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update"), arg.string("value")],
  deprecated: { since: "6.2.0", replacedBy: "`SET` with the `!GET` argument" },
  run(call) {
    call.db.get(call.reply, 1);
    call.db.set(1, 2);
    call.changed(1, "set");
    if (call.observed) call.propagate(["SET", call.bytes(1), call.bytes(2)]);
  },
});
