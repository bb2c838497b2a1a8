import { HOT_SADD } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SADD: adds members to a set, which begins with the first of them. */
export const sadd = command({
  name: "SADD",
  group: "set",
  since: "1.0.0",
  summary: "Adds members to a set",
  complexity: "O(N), N = members given",
  flags: ["write", "denyoom", "fast"],
  history: [["2.4.0", "Takes more than one member."]],
  args: [arg.key("key", "RW", "insert"), arg.string("member").multiple()],
  hot: HOT_SADD,
  run(call) {
    const added = call.db.sets.add(1, 2, call.argc - 2);
    if (added > 0) call.changed(1, "sadd");
    call.reply.integer(added);
  },
});
