import { HOT_PFCOUNT } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/**
 * PFCOUNT: an estimate. That of a single key is kept in its value, which is a
 * change that replicas follow, though the command only reads.
 */
export const pfcount = command({
  name: "PFCOUNT",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Estimates how many different elements HyperLogLogs have seen",
  complexity: "O(1), and O(N) for N keys",
  flags: ["readonly", "may_replicate"],
  args: [
    arg.key("key", "RW", "access")
      .notes("The estimate of a single key is written into its value")
      .multiple(),
  ],
  hot: HOT_PFCOUNT,
  run(call) {
    const { hyperLogLogs } = call.db;
    if (call.argc > 2) return hyperLogLogs.countUnion();
    if (hyperLogLogs.count(1)) call.changed(1, "");
  },
});
