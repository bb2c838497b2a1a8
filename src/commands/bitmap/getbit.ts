import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** GETBIT: one bit of a string. */
export const getbit = command({
  name: "GETBIT",
  group: "bitmap",
  since: "2.2.0",
  summary: "Reads one bit of a string",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.integer("offset")],
  run(call) {
    call.reply.integer(call.db.bits.get(1, 2));
  },
});
