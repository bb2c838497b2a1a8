import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** TOUCH: the keys count as used now, also under CLIENT NO-TOUCH. */
export const touch = command({
  name: "TOUCH",
  group: "generic",
  since: "3.2.1",
  summary: "Marks keys as used and counts those that exist",
  complexity: "O(N), N = keys",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
  args: [arg.key("key", "RO").multiple()],
  run(call) {
    let count = 0;
    if (call.client.noTouch) call.keyspace.setNoTouch(false);
    for (let key = 1; key < call.argc; key++) {
      if (call.db.touch(key)) count++;
    }
    if (call.client.noTouch) call.keyspace.setNoTouch(true);
    call.reply.integer(count);
  },
});
