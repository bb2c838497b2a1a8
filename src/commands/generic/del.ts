/** DEL and UNLINK: keys go, with their values. */
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

export const del = command({
  name: "DEL",
  group: "generic",
  since: "1.0.0",
  summary: "Removes keys and their values",
  complexity: "O(N), N = keys; large values are freed later, in slices",
  flags: ["write"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  args: [arg.key("key", "RM", "delete").multiple()],
  run: removeKeys,
});

export const unlink = command({
  name: "UNLINK",
  group: "generic",
  since: "4.0.0",
  summary: "Removes keys at once and frees their values later",
  complexity: "O(N), N = keys; large values are freed later, in slices",
  flags: ["write", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  args: [arg.key("key", "RM", "delete").multiple()],
  run: removeKeys,
});

/** Both free in slices: whoever sends DEL must not stall the others either. */
function removeKeys(call: Call): void {
  let removedCount = 0;
  for (let key = 1; key < call.argc; key++) {
    if (!call.db.delete(key)) continue;
    call.changed(key, "del");
    removedCount++;
  }
  call.reply.integer(removedCount);
}
