import { MISSING } from "../../keyspace/lists.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LLEN: how many elements a list has. */
export const llen = command({
  name: "LLEN",
  group: "list",
  since: "1.0.0",
  summary: "Counts the elements of a list",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    const length = call.db.lists.length(1);
    call.reply.integer(length === MISSING ? 0 : length);
  },
});
