import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** KEYS: every key that a pattern matches, in one reply. */
export const keys = command({
  name: "KEYS",
  group: "generic",
  since: "1.0.0",
  summary: "Lists all keys that match a pattern",
  complexity: "O(N), N = keys of the database",
  flags: ["readonly"],
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  args: [arg.pattern("pattern")],
  run(call) {
    call.db.keys(call.reply, patternAt(call, 1));
  },
});

/** The pattern's index, or 0 for the pattern that every key matches. */
export function patternAt(call: Call, index: number): number {
  return call.is(index, "*") ? 0 : index;
}
