import { command } from "../define/command.ts";

/** RESET: the connection is as new, unauthenticated where that applies. */
export const reset = command({
  name: "RESET",
  group: "connection",
  since: "6.2.0",
  summary: "Brings the connection back to its first state",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "no_auth", "allow_busy"],
  run(call) {
    call.transaction.discard();
    call.server.pubsub.leave(call.client);
    call.server.monitors.remove(call.client);
    call.server.tracking.disable(call.client);
    call.client.reset();
    call.reply.resp = call.client.resp;
    call.reply.simple("RESET");
  },
});
