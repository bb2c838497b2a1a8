import { NAMES, VALUES } from "../../keyspace/hashes.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { patternAt } from "../generic/keys.ts";
import { cursorAt } from "../generic/scan.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HSCAN: fields in portions; the client brings the place back. */
export const hscan = command({
  name: "HSCAN",
  group: "hash",
  since: "2.8.0",
  summary: "Walks through the fields of a hash in portions",
  complexity: "O(1) a call, O(N) for a whole walk, N = fields of the hash",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("cursor"),
    arg.pattern("pattern").token("MATCH").optional(),
    arg.integer("count").token("COUNT").optional(),
    arg.token("NOVALUES").since("7.4.0").optional(),
  ],
  run(call) {
    const cursor = cursorAt(call, 2);
    if (call.db.hashes.length(1) === 0) {
      call.reply.raw("*2\r\n$1\r\n0\r\n*0\r\n");
      return;
    }
    const { count, pattern, what } = optionsOf(call);
    call.db.hashes.scan(call.reply, 1, cursor, count, pattern, what);
  },
});

/** The engine counts ten times as far, in 32 bits. */
const MOST = 2 ** 28;

function optionsOf(
  call: Call,
): { count: number; pattern: number; what: number } {
  let count = 10;
  let pattern = 0;
  let what = NAMES | VALUES;
  for (let i = 3; i < call.argc; i++) {
    const hasWord = i + 1 < call.argc;
    if (call.is(i, "NOVALUES")) what = NAMES;
    else if (call.is(i, "COUNT") && hasWord) {
      count = Math.min(call.integer(++i), MOST);
      if (count < 1) throw syntaxError;
    } else if (call.is(i, "MATCH") && hasWord) pattern = patternAt(call, ++i);
    else throw syntaxError;
  }
  return { count, pattern, what };
}
