import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HSETNX: a field that is not there yet. */
export const hsetnx = command({
  name: "HSETNX",
  group: "hash",
  since: "2.0.0",
  summary: "Stores a field of a hash unless it is there",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "insert"),
    arg.string("field"),
    arg.string("value"),
  ],
  run(call) {
    const done = call.db.hashes.setNew(1, 2, 3);
    if (done) call.changed(1, "hset");
    call.reply.integer(done ? 1 : 0);
  },
});
