import { MISSING } from "../../keyspace/lists.ts";
import { noSuchKey } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LSET: another element at an index. */
export const lset = command({
  name: "LSET",
  group: "list",
  since: "1.0.0",
  summary: "Replaces the element of a list at an index",
  complexity: "O(N), N = distance from the nearer end, but a node at a time",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "RW", "update"),
    arg.integer("index"),
    arg.string("element"),
  ],
  run(call) {
    if (call.db.lists.set(1, 2, 3) === MISSING) throw noSuchKey;
    call.reply.ok();
    call.changed(1, "lset");
  },
});
