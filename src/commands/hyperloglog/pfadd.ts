import { HOT_PFADD } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** PFADD: elements that a HyperLogLog counts, and does not keep. */
export const pfadd = command({
  name: "PFADD",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Adds elements to a HyperLogLog, which is made when it is missing",
  complexity: "O(1) for each element",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "insert"),
    arg.string("element").optional().multiple(),
  ],
  hot: HOT_PFADD,
  run(call) {
    const hasChanged = call.db.hyperLogLogs.add(1, 2);
    if (hasChanged) call.changed(1, "pfadd");
    call.reply.integer(hasChanged ? 1 : 0);
  },
});
