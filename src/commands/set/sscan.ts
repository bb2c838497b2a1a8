import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { patternAt } from "../generic/keys.ts";
import { cursorAt } from "../generic/scan.ts";

/** SSCAN: the members of a set in portions, as SCAN does with the keys. */
export const sscan = command({
  name: "SSCAN",
  group: "set",
  since: "2.8.0",
  summary: "Walks through the members of a set in portions",
  complexity: "O(1) a call, O(N) for a whole walk, N = members of the set",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("cursor"),
    arg.pattern("pattern").token("MATCH").optional(),
    arg.integer("count").token("COUNT").optional(),
  ],
  run(call) {
    const { reply, db: { sets } } = call;
    const cursor = cursorAt(call, 2);
    // As in Redis, where there is no set no option is wrong.
    if (!sets.open(1)) return reply.raw("*2\r\n$1\r\n0\r\n*0\r\n");
    const { count, pattern } = optionsOf(call);
    sets.scan(reply, cursor, count, pattern);
  },
});

/** The engine counts ten times as far, in 32 bits. */
const MOST = 2 ** 28;

function optionsOf(call: Call): { count: number; pattern: number } {
  let count = 10;
  let pattern = 0;
  for (let i = 3; i < call.argc; i += 2) {
    if (i + 1 === call.argc) throw syntaxError;
    if (call.is(i, "COUNT")) {
      count = Math.min(call.integer(i + 1), MOST);
      if (count < 1) throw syntaxError;
    } else if (call.is(i, "MATCH")) {
      pattern = patternAt(call, i + 1);
    } else throw syntaxError;
  }
  return { count, pattern };
}
