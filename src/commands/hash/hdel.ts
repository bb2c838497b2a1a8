import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HDEL: takes fields out. */
export const hdel = command({
  name: "HDEL",
  group: "hash",
  since: "2.0.0",
  summary: "Removes fields of a hash, and the hash with the last one",
  complexity: "O(N), N = number of fields",
  flags: ["write", "fast"],
  history: [["2.4.0", "Several fields may be removed at once."]],
  args: [arg.key("key", "RW", "delete"), arg.string("field").multiple()],
  run(call) {
    const count = call.db.hashes.delete(1, 2, call.argc - 2);
    if (count > 0) {
      call.changed(1, "hdel");
      if (call.db.emptied) call.changed(1, "del");
    }
    call.reply.integer(count);
  },
});
