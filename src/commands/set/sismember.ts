/** SISMEMBER and SMISMEMBER: whether something is a member. */
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

export const sismember = command({
  name: "SISMEMBER",
  group: "set",
  since: "1.0.0",
  summary: "Tells whether something is a member of a set",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO"), arg.string("member")],
  run(call) {
    call.reply.integer(call.db.sets.has(1, 2) ? 1 : 0);
  },
});

export const smismember = command({
  name: "SMISMEMBER",
  group: "set",
  since: "6.2.0",
  summary: "Tells of several things whether they are members of a set",
  complexity: "O(N), N = members asked for",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("member").multiple()],
  run(call) {
    call.db.sets.replyHas(1, 2, call.argc - 2);
  },
});
