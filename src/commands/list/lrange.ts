import { MISSING } from "../../keyspace/lists.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LRANGE: the elements between two indexes, both inclusive. */
export const lrange = command({
  name: "LRANGE",
  group: "list",
  since: "1.0.0",
  summary: "Reads the elements of a list between two indexes",
  complexity:
    "O(S+N), S = distance of the start from the nearer end, N = elements read",
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("start"),
    arg.integer("stop"),
  ],
  run(call) {
    const start = call.integer(2), end = call.integer(3);
    if (call.db.lists.range(1, start, end) === MISSING) call.reply.array(0);
  },
});
