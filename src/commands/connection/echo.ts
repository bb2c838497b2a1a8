import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ECHO: the argument comes back. */
export const echo = command({
  name: "ECHO",
  group: "connection",
  since: "1.0.0",
  summary: "Sends the argument back",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  args: [arg.string("message")],
  run(call) {
    call.reply.bulk(call.bytes(1));
  },
});
