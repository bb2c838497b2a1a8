import { watchInMulti } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** WATCH: the next transaction is not executed if one of the keys changes. */
export const watch = command({
  name: "WATCH",
  group: "transactions",
  since: "2.2.0",
  summary: "Makes the next transaction depend on keys that do not change",
  complexity: "O(1) for each key",
  flags: ["noscript", "loading", "stale", "fast", "allow_busy"],
  args: [arg.key("key", "RO").multiple()],
  run(call) {
    if (call.transaction.isOpen) throw watchInMulti;
    for (let i = 1; i < call.argc; i++) call.transaction.watch(i);
    call.reply.ok();
  },
});
