import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LINDEX: the element at an index. */
export const lindex = command({
  name: "LINDEX",
  group: "list",
  since: "1.0.0",
  summary: "Reads the element of a list at an index",
  complexity: "O(N), N = distance from the nearer end, but a node at a time",
  flags: ["readonly"],
  args: [arg.key("key", "RO", "access"), arg.integer("index")],
  run(call) {
    if (call.db.lists.at(1, 2) !== 1) call.reply.null();
  },
});
