import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** TYPE: what kind of value a key holds, "none" when there is no key. */
export const typeCommand = command({
  name: "TYPE",
  group: "generic",
  since: "1.0.0",
  summary: "Names the type of the value under a key",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO")],
  run(call) {
    call.reply.simple(call.db.type(1) ?? "none");
  },
});
