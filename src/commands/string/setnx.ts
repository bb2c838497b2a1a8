import { ONLY_NEW } from "../../keyspace/database.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SETNX: a string under a key that is not there yet. */
export const setnx = command({
  name: "SETNX",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string unless the key exists",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "OW", "insert"), arg.string("value")],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `NX` argument" },
  run(call) {
    const stored = call.db.set(1, 2, ONLY_NEW);
    call.reply.integer(stored ? 1 : 0);
    if (stored) call.changed(1, "set");
  },
});
