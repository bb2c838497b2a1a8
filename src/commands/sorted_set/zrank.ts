import { syntaxError, wrongArity } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** ZRANK: how many members stand before one. */
export const zrank = command({
  name: "ZRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Tells the place of a member, counted from the lowest score",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["readonly", "fast"],
  history: [["7.2.0", "Brought the option `WITHSCORE`."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("member"),
    arg.token("WITHSCORE").optional(),
  ],
  run(call) {
    replyRank(call, "zrank", false);
  },
});

/** ZREVRANK: how many stand behind it. */
export const zrevrank = command({
  name: "ZREVRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Tells the place of a member, counted from the highest score",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["readonly", "fast"],
  history: [["7.2.0", "Brought the option `WITHSCORE`."]],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("member"),
    arg.token("WITHSCORE").optional(),
  ],
  run(call) {
    replyRank(call, "zrevrank", true);
  },
});

function replyRank(call: Call, name: string, reverse: boolean): void {
  if (call.argc > 4) throw wrongArity(name);
  const withScore = call.argc === 4;
  if (withScore && !call.is(3, "WITHSCORE")) throw syntaxError;
  call.db.sortedSets.rank(1, 2, reverse, withScore);
}
