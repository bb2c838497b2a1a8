import {
  countBeyond64Bits,
  outOfRange,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const COUNT_MAX = 2n ** 63n - 1n;

/** ZRANDMEMBER: random members of a sorted set, which stay there. */
export const zrandmember = command({
  name: "ZRANDMEMBER",
  group: "sorted-set",
  since: "6.2.0",
  summary: "Replies with random members of a sorted set",
  complexity: "O(N), N = the count; at most all members when it is positive",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [
    arg.key("key", "RO", "access"),
    arg.block(
      "options",
      arg.integer("count"),
      arg.token("WITHSCORES").optional(),
    ).optional(),
  ],
  run(call) {
    const { sortedSetAlgebra } = call.db;
    if (call.argc === 2) return sortedSetAlgebra.replyRandom(1);
    const { count, withScores } = readOptions(call);
    sortedSetAlgebra.replyRandoms(1, Math.abs(count), count < 0, withScores);
  },
});

/** The limits are Redis's: a count has an opposite, and twice it is a number. */
function readOptions(call: Call): { count: number; withScores: boolean } {
  const count = call.bigInteger(2);
  if (count < -COUNT_MAX) throw countBeyond64Bits;
  const withScores = call.argc === 4 && call.is(3, "WITHSCORES");
  if (call.argc > 3 && !withScores) throw syntaxError;
  const isBeyondHalf = count > COUNT_MAX / 2n || count < -COUNT_MAX / 2n;
  if (withScores && isBeyondHalf) throw outOfRange;
  return { count: Number(count), withScores };
}
