import { command } from "../define/command.ts";

/** UNWATCH: forgets all WATCHes, and what has happened to their keys. */
export const unwatch = command({
  name: "UNWATCH",
  group: "transactions",
  since: "2.2.0",
  summary: "Forgets all watched keys of the connection",
  complexity: "O(N), N = watched keys",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  args: [],
  run({ transaction, reply }) {
    transaction.unwatch();
    reply.ok();
  },
});
