import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { patternAt } from "../generic/keys.ts";
import { cursorAt } from "../generic/scan.ts";

/** ZSCAN: the members in portions; the client brings the place back. */
export const zscan = command({
  name: "ZSCAN",
  group: "sorted-set",
  since: "2.8.0",
  summary: "Walks through members and scores in portions",
  complexity: "O(1) a call, O(N) for a whole walk, N = members",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("cursor"),
    arg.pattern("pattern").token("MATCH").optional(),
    arg.integer("count").token("COUNT").optional(),
    arg.token("NOSCORES").since("7.4.0").optional(),
  ],
  run(call) {
    const cursor = cursorAt(call, 2);
    // As in Redis, where there is no sorted set no option is wrong.
    if (call.db.sortedSets.count(1) === 0) {
      call.reply.raw("*2\r\n$1\r\n0\r\n*0\r\n");
      return;
    }
    const { count, pattern, withScores } = optionsOf(call);
    call.db.sortedSets.scan(call.reply, 1, cursor, count, pattern, withScores);
  },
});

/** The engine counts ten times as far, in 32 bits. */
const MOST = 2 ** 28;

interface Options {
  count: number;
  pattern: number;
  withScores: boolean;
}

function optionsOf(call: Call): Options {
  const options: Options = { count: 10, pattern: 0, withScores: true };
  for (let at = 3; at < call.argc; at++) {
    const hasValue = at + 1 < call.argc;
    if (call.is(at, "NOSCORES")) options.withScores = false;
    else if (call.is(at, "COUNT") && hasValue) {
      options.count = Math.min(call.integer(++at), MOST);
      if (options.count < 1) throw syntaxError;
    } else if (call.is(at, "MATCH") && hasValue) {
      options.pattern = patternAt(call, ++at);
    } else throw syntaxError;
  }
  return options;
}
