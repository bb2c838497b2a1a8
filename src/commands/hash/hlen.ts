import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HLEN: how many fields there are. */
export const hlen = command({
  name: "HLEN",
  group: "hash",
  since: "2.0.0",
  summary: "Counts the fields of a hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    call.reply.integer(call.db.hashes.length(1));
  },
});
