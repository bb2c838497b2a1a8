import {
  BITOP_AND,
  BITOP_NOT,
  BITOP_OR,
  BITOP_XOR,
} from "../../keyspace/bits.ts";
import { bitopNotOneSource, syntaxError } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const operations = new Map([
  ["and", BITOP_AND],
  ["or", BITOP_OR],
  ["xor", BITOP_XOR],
  ["not", BITOP_NOT],
]);

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
    ),
    arg.key("destkey", "OW", "update"),
    arg.key("key", "RO", "access").multiple(),
  ],
  run(call) {
    const operation = operations.get(call.word(1));
    if (operation === undefined) throw syntaxError;
    const sourceCount = call.argc - 3;
    if (operation === BITOP_NOT && sourceCount !== 1) throw bitopNotOneSource;
    const byteCount = call.db.bits.combine(operation, 2, 3, sourceCount);
    if (byteCount > 0) call.changed(2, "set");
    else if (call.db.delete(2)) call.changed(2, "del");
    call.reply.integer(byteCount);
  },
});
