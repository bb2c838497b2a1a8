import { nestedMulti } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** MULTI: what follows waits for EXEC, to be executed as one. */
export const multi = command({
  name: "MULTI",
  group: "transactions",
  since: "1.2.0",
  summary: "Begins a transaction",
  complexity: "O(1)",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  args: [],
  run({ transaction, reply }) {
    if (transaction.isOpen) throw nestedMulti;
    transaction.begin();
    reply.ok();
  },
});
