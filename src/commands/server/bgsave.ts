import {
  rewriteBlocksSave,
  saveFailed,
  saveInProgress,
  syntaxError,
} from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** BGSAVE: begins a dump of this moment and replies at once. */
export const bgsave = command({
  name: "BGSAVE",
  group: "server",
  since: "1.0.0",
  summary: "Writes all data, as it is now, to disk in the background",
  complexity: "O(1); the work is done later, in slices",
  flags: ["admin", "noscript", "no_async_loading"],
  history: [["3.2.2", "SCHEDULE was added."]],
  args: [arg.token("SCHEDULE").since("3.2.2").optional()],
  run(call) {
    const { persistence } = call.server;
    const { isExecuting } = call.transaction;
    const waits = call.argc > 1;
    if (waits && (call.argc > 2 || !call.is(1, "SCHEDULE"))) throw syntaxError;
    if (persistence.isSaving) throw saveInProgress;
    if (persistence.isRewriting || isExecuting) {
      if (!waits && !isExecuting) throw rewriteBlocksSave;
      persistence.scheduleSave();
      call.reply.simple("Background saving scheduled");
    } else {
      if (!persistence.beginSave()) throw saveFailed;
      call.reply.simple("Background saving started");
    }
  },
});
