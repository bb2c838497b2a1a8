import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HINCRBY: so many more in a field. */
export const hincrby = command({
  name: "HINCRBY",
  group: "hash",
  since: "2.0.0",
  summary: "Adds a number to the integer in a field, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.string("field"),
    arg.integer("increment"),
  ],
  run(call) {
    call.db.hashes.increment(1, 2, 3);
    call.changed(1, "hincrby");
  },
});
