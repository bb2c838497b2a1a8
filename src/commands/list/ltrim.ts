import { MISSING } from "../../keyspace/lists.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LTRIM: only the elements between two indexes stay. */
export const ltrim = command({
  name: "LTRIM",
  group: "list",
  since: "1.0.0",
  summary: "Removes the elements of a list outside of two indexes",
  complexity: "O(1) for each node removed, which are freed later on",
  flags: ["write"],
  args: [
    arg.key("key", "RW", "delete"),
    arg.integer("start"),
    arg.integer("stop"),
  ],
  run(call) {
    const start = call.integer(2), end = call.integer(3);
    const found = call.db.lists.trim(1, start, end) !== MISSING;
    call.reply.ok();
    if (!found) return;
    const { emptied } = call.db;
    call.changed(1, "ltrim");
    if (emptied) call.changed(1, "del");
  },
});
