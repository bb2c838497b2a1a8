import { outOf64Bits, outOfRange, syntaxError } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HRANDFIELD: fields by lot. */
export const hrandfield = command({
  name: "HRANDFIELD",
  group: "hash",
  since: "6.2.0",
  summary: "Draws one or several fields of a hash by lot",
  complexity:
    "O(N), N = number of fields drawn, or fields of the hash when most are",
  flags: ["readonly"],
  tips: ["nondeterministic_output"],
  args: [
    arg.key("key", "RO", "access"),
    arg.block(
      "options",
      arg.integer("count"),
      arg.token("WITHVALUES").optional(),
    ).optional(),
  ],
  run(call) {
    if (call.argc === 2) {
      call.db.hashes.random(1);
      return;
    }
    const count = call.bigInteger(2);
    if (count === SMALLEST) throw outOf64Bits;
    const withValues = call.argc === 4 && call.is(3, "WITHVALUES");
    if (call.argc > 3 && !withValues) throw syntaxError;
    if (withValues && (count > PAIRS_MAX || -count > PAIRS_MAX)) {
      throw outOfRange;
    }
    call.db.hashes.sample(1, Number(count), withValues);
  },
});

/** Redis refuses the integer that has no opposite. */
const SMALLEST = -(2n ** 63n);
const PAIRS_MAX = (2n ** 63n - 1n) / 2n;
