import {
  BITOP_AND,
  BITOP_ANDOR,
  BITOP_DIFF,
  BITOP_DIFF1,
  BITOP_NOT,
  BITOP_ONE,
  BITOP_OR,
  BITOP_XOR,
} from "../../keyspace/bits.ts";
import {
  bitopNotOneSource,
  bitopOneSource,
  syntaxError,
} from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const operations = new Map([
  ["and", BITOP_AND],
  ["or", BITOP_OR],
  ["xor", BITOP_XOR],
  ["not", BITOP_NOT],
  ["diff", BITOP_DIFF],
  ["diff1", BITOP_DIFF1],
  ["andor", BITOP_ANDOR],
  ["one", BITOP_ONE],
]);

/** Those that compare the first source with the others. */
const comparesFirst = new Set([BITOP_DIFF, BITOP_DIFF1, BITOP_ANDOR]);

/** BITOP: one string out of several, bit by bit. */
export const bitop = command({
  name: "BITOP",
  group: "bitmap",
  since: "2.6.0",
  summary: "Combines strings bit by bit and stores the result",
  complexity: "O(N), N = bytes of all sources",
  flags: ["write", "denyoom"],
  args: [
    arg.oneOf(
      "operation",
      arg.token("AND"),
      arg.token("OR"),
      arg.token("XOR"),
      arg.token("NOT"),
      arg.token("DIFF").since("8.2.0"),
      arg.token("DIFF1").since("8.2.0"),
      arg.token("ANDOR").since("8.2.0"),
      arg.token("ONE").since("8.2.0"),
    ),
    arg.key("destkey", "OW", "update"),
    arg.key("key", "RO", "access").multiple(),
  ],
  run(call) {
    const operation = operations.get(call.word(1));
    if (operation === undefined) throw syntaxError;
    const sourceCount = call.argc - 3;
    if (operation === BITOP_NOT && sourceCount !== 1) throw bitopNotOneSource;
    if (comparesFirst.has(operation) && sourceCount < 2) {
      throw bitopOneSource(call.word(1).toUpperCase());
    }
    const byteCount = call.db.bits.combine(operation, 2, 3, sourceCount);
    if (byteCount > 0) call.changed(2, "set");
    else if (call.db.delete(2)) call.changed(2, "del");
    call.reply.integer(byteCount);
  },
});
