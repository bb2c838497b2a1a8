import { saveFailed, saveInProgress } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** SAVE: writes a dump while everybody waits. */
export const save = command({
  name: "SAVE",
  group: "server",
  since: "1.0.0",
  summary: "Writes all data to disk and lets nobody do anything meanwhile",
  complexity: "O(N), N = keys in all databases",
  flags: ["admin", "noscript", "no_async_loading", "no_multi"],
  args: [],
  run({ server: { persistence }, reply }) {
    if (persistence.isSaving) throw saveInProgress;
    if (!persistence.save()) throw saveFailed;
    reply.ok();
  },
});
