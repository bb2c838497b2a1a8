import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SREM: removes members; the last one takes the key with it. */
export const srem = command({
  name: "SREM",
  group: "set",
  since: "1.0.0",
  summary: "Removes members from a set",
  complexity: "O(N), N = members given",
  flags: ["write", "fast"],
  history: [["2.4.0", "Takes more than one member."]],
  args: [arg.key("key", "RW", "delete"), arg.string("member").multiple()],
  run(call) {
    const removed = call.db.sets.remove(1, 2, call.argc - 2);
    if (removed > 0) {
      call.changed(1, "srem");
      if (call.db.emptied) call.changed(1, "del");
    }
    call.reply.integer(removed);
  },
});
