import {
  countBeyond64Bits,
  countNegative,
  maxLenNegative,
  rankZero,
  syntaxError,
} from "../../protocol/errors.ts";
import { MISSING } from "../../keyspace/lists.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LPOS: where in a list certain elements are. */
export const lpos = command({
  name: "LPOS",
  group: "list",
  since: "6.0.6",
  summary: "Finds the indexes of elements that equal a value",
  complexity: "O(N), N = elements looked at",
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.string("element"),
    arg.integer("rank").token("RANK").optional(),
    arg.integer("num-matches").token("COUNT").optional(),
    arg.integer("len").token("MAXLEN").optional(),
  ],
  run(call) {
    const { rank, count, most } = readOptions(call);
    const found = call.db.lists.positions(1, 2, rank, count, most);
    if (count === null && found <= 0) call.reply.null();
    else if (found === MISSING) call.reply.array(0);
  },
});

interface LposOptions {
  readonly rank: number;
  readonly count: number | null;
  readonly most: number;
}

function readOptions(call: Call): LposOptions {
  let rank = 1, most = 0;
  let count: number | null = null;
  for (let i = 3; i < call.argc; i += 2) {
    const value = i + 1;
    if (value === call.argc) throw syntaxError;
    if (call.is(i, "RANK")) rank = rankAt(call, value);
    else if (call.is(i, "COUNT")) {
      count = call.integerIn(value, 0, Infinity, countNegative);
    } else if (call.is(i, "MAXLEN")) {
      most = call.integerIn(value, 0, Infinity, maxLenNegative);
    } else throw syntaxError;
  }
  return { rank, count, most };
}

/** Its opposite must be an integer of 64 bits too. */
function rankAt(call: Call, index: number): number {
  const rank = call.integer(index);
  if (rank === 0) throw rankZero;
  if (rank <= -(2 ** 63) && call.bigInteger(index) === -(2n ** 63n)) {
    throw countBeyond64Bits;
  }
  return rank;
}
