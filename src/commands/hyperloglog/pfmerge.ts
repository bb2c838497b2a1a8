import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** PFMERGE: the union of HyperLogLogs, the destination's own among them. */
export const pfmerge = command({
  name: "PFMERGE",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Adds to a HyperLogLog all that others have seen",
  complexity: "O(N), N = keys",
  flags: ["write", "denyoom"],
  args: [
    arg.key("destkey", "RW", "access", "insert"),
    arg.key("sourcekey", "RO", "access").optional().multiple(),
  ],
  run(call) {
    call.db.hyperLogLogs.merge();
    call.changed(1, "pfadd");
    call.reply.ok();
  },
});
