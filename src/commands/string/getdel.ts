import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** GETDEL: the string under a key, which is gone afterwards. */
export const getdel = command({
  name: "GETDEL",
  group: "string",
  since: "6.2.0",
  summary: "Reads the string stored under a key and deletes the key",
  complexity: "O(1)",
  flags: ["write", "fast"],
  args: [arg.key("key", "RW", "access", "delete")],
  run(call) {
    if (!call.db.get(call.reply, 1)) return;
    call.db.delete(1);
    call.changed(1, "del");
    if (call.observed) call.propagate(["DEL", call.bytes(1)]);
  },
});
