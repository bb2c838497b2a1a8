import { discardWithoutMulti } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** DISCARD: forgets what was queued since MULTI, and all WATCHes. */
export const discard = command({
  name: "DISCARD",
  group: "transactions",
  since: "2.0.0",
  summary: "Gives up a transaction",
  complexity: "O(N), N = queued commands",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  args: [],
  run({ transaction, reply }) {
    if (!transaction.isOpen) throw discardWithoutMulti;
    transaction.discard();
    reply.ok();
  },
});
