import { AS_TEXT, KEEP_DUE } from "../../keyspace/database.ts";
import { notAFloat, notFinite } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  formatLongDouble,
  LONG_DOUBLE_TEXT_MAX,
  type LongDouble,
  longDoubleSum,
} from "./long_double.ts";
import { bytesOf, longDoubleOf, storedLongDouble } from "./stored_number.ts";

/** INCRBYFLOAT: so much more, with a fraction. */
export const incrbyfloat = command({
  name: "INCRBYFLOAT",
  group: "string",
  since: "2.6.0",
  summary: "Adds a decimal number to the one under a key, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update"), arg.double("increment")],
  run(call) {
    const value = storedLongDouble(call);
    const sum = longDoubleSum(value, incrementOf(call));
    if (sum === null) throw notFinite;
    const text = bytesOf(formatLongDouble(sum));
    call.db.set(1, call.push(text), KEEP_DUE | AS_TEXT);
    call.reply.bulk(text);
    call.changed(1, "incrbyfloat");
    // The sum itself is sent on: elsewhere another precision or another way
    // of printing could make a different one.
    if (call.observed) call.propagate(["SET", call.bytes(1), text, "KEEPTTL"]);
  },
});

function incrementOf(call: Call): LongDouble {
  if (call.byteCount(2) > LONG_DOUBLE_TEXT_MAX) throw notAFloat;
  return longDoubleOf(call.latin1(2));
}
