import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { rangeAt } from "./range.ts";

/** ZRANGESTORE: what ZRANGE would reply, as a sorted set of its own. */
export const zrangestore = command({
  name: "ZRANGESTORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Stores the members in a range of ranks, scores or names",
  complexity:
    "O(log N + M), N = members of the source, M = members that are stored",
  flags: ["write", "denyoom"],
  args: [
    arg.key("dst", "OW", "update"),
    arg.key("src", "RO", "access"),
    arg.string("min"),
    arg.string("max"),
    arg.oneOf("sortby", arg.token("BYSCORE"), arg.token("BYLEX")).optional(),
    arg.token("REV").optional(),
    arg.block("limit", arg.integer("offset"), arg.integer("count"))
      .token("LIMIT").optional(),
  ],
  run(call) {
    const { db } = call;
    const range = rangeAt(call, 2, { stores: true });
    const count = db.sortedSetAlgebra.storeRange(1, 2, range);
    if (count > 0) call.changed(1, "zrangestore");
    else if (db.delete(1)) call.changed(1, "del");
    call.reply.integer(count);
  },
});
