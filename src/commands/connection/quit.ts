import { command } from "../define/command.ts";

/** QUIT: says OK and closes. */
export const quit = command({
  name: "QUIT",
  group: "connection",
  since: "1.0.0",
  summary: "Closes the connection",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  arity: -1,
  deprecated: {
    since: "7.2.0",
    replacedBy: "closing the connection on the client's side",
  },
  run(call) {
    call.reply.ok();
    call.client.closeAfterReply();
  },
});
