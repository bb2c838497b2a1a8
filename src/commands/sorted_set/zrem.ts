import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZREM: members go. */
export const zrem = command({
  name: "ZREM",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Removes members",
  complexity: "O(log N) for each member, N = members of the sorted set",
  flags: ["write", "fast"],
  history: [["2.4.0", "Allowed several members."]],
  args: [arg.key("key", "RW", "delete"), arg.string("member").multiple()],
  run(call) {
    const removed = call.db.sortedSets.remove(1, 2, call.argc - 2);
    call.reply.integer(removed);
    if (removed === 0) return;
    call.changed(1, "zrem");
    if (call.db.emptied) call.changed(1, "del");
  },
});
