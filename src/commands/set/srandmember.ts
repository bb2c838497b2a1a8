import { countBeyond64Bits, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SRANDMEMBER: random members, which stay in the set. */
export const srandmember = command({
  name: "SRANDMEMBER",
  group: "set",
  since: "1.0.0",
  summary: "Replies with random members of a set",
  complexity: "O(N), N = the count; at most the set once when it is positive",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  history: [[
    "2.6.0",
    "Takes a `count`; with a negative one members may repeat.",
  ]],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("count").optional().since("2.6.0"),
  ],
  run(call) {
    const { sets } = call.db;
    if (call.argc > 3) throw syntaxError;
    if (call.argc === 2) return sets.replyRandom(1);
    const count = countAt(call, 2);
    sets.replyRandoms(1, Math.abs(count), count < 0);
  },
});

/** Redis wants a count that has an opposite. */
function countAt(call: Call, index: number): number {
  const count = call.integer(index);
  if (count === -(2 ** 63) && call.bigInteger(index) === -(2n ** 63n)) {
    throw countBeyond64Bits;
  }
  return count;
}
