import { MISSING } from "../../keyspace/lists.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LREM: no more of certain elements. */
export const lrem = command({
  name: "LREM",
  group: "list",
  since: "1.0.0",
  summary: "Removes the elements of a list that equal a value",
  complexity: "O(N), N = length of the list",
  flags: ["write"],
  args: [
    arg.key("key", "RW", "delete"),
    arg.integer("count"),
    arg.string("element"),
  ],
  run(call) {
    const count = call.db.lists.remove(1, call.integer(2), 3);
    call.reply.integer(count === MISSING ? 0 : count);
    if (count <= 0) return;
    const { emptied } = call.db;
    call.changed(1, "lrem");
    if (emptied) call.changed(1, "del");
  },
});
