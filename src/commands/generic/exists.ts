import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** EXISTS: how many of the keys there are; one named twice counts twice. */
export const exists = command({
  name: "EXISTS",
  group: "generic",
  since: "1.0.0",
  summary: "Counts which of the keys exist",
  complexity: "O(N), N = keys",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  history: [["3.0.3", "Several keys may be asked for at once."]],
  args: [arg.key("key", "RO").multiple()],
  run(call) {
    let count = 0;
    for (let key = 1; key < call.argc; key++) {
      if (call.db.has(key)) count++;
    }
    call.reply.integer(count);
  },
});
