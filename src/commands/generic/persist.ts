import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** PERSIST: a key that was to expire stays. */
export const persist = command({
  name: "PERSIST",
  group: "generic",
  since: "2.2.0",
  summary: "Takes the expiration time of a key away",
  complexity: "O(1)",
  flags: ["write", "fast"],
  args: [arg.key("key", "RW", "update")],
  run(call) {
    const hadDue = call.db.clearDue(1);
    if (hadDue) call.changed(1, "persist");
    call.reply.integer(hadDue ? 1 : 0);
  },
});
