import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZSCORE: the score of one member. */
export const zscore = command({
  name: "ZSCORE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Reads the score of a member",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("member")],
  run(call) {
    call.db.sortedSets.score(1, 2);
  },
});

/** ZMSCORE: the scores of several. */
export const zmscore = command({
  name: "ZMSCORE",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Reads the scores of several members",
  complexity: "O(N), N = members asked for",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("member").multiple()],
  run(call) {
    call.db.sortedSets.scores(1, 2, call.argc - 2);
  },
});
