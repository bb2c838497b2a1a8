import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HSTRLEN: the length of a field's value. */
export const hstrlen = command({
  name: "HSTRLEN",
  group: "hash",
  since: "3.2.0",
  summary: "Tells how many bytes the value of a field has",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO"), arg.string("field")],
  run(call) {
    call.reply.integer(call.db.hashes.valueLength(1, 2));
  },
});
