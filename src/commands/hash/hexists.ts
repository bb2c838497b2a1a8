import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HEXISTS: whether a field is there. */
export const hexists = command({
  name: "HEXISTS",
  group: "hash",
  since: "2.0.0",
  summary: "Tells whether a hash has a field",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO"), arg.string("field")],
  run(call) {
    call.reply.integer(call.db.hashes.has(1, 2) ? 1 : 0);
  },
});
