import { rewriteFailed, rewriteInProgress } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** BGREWRITEAOF: begins the log anew with what the data is now. */
export const bgrewriteaof = command({
  name: "BGREWRITEAOF",
  group: "server",
  since: "1.0.0",
  summary: "Writes the append-only file anew in the background, without past",
  complexity: "O(1); the work is done later, in slices",
  flags: ["admin", "noscript", "no_async_loading"],
  args: [],
  run({ server: { persistence }, reply, transaction }) {
    if (persistence.isRewriting) throw rewriteInProgress;
    if (persistence.isSaving || transaction.isExecuting) {
      persistence.scheduleRewrite();
      reply.simple("Background append only file rewriting scheduled");
    } else {
      if (!persistence.beginRewrite()) throw rewriteFailed;
      reply.simple("Background append only file rewriting started");
    }
  },
});
