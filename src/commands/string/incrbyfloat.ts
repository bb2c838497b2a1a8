import { AS_TEXT, KEEP_DUE } from "../../keyspace/database.ts";
import { notAFloat, notFinite } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import {
  bytesOf,
  type Decimal,
  decimal,
  decimalSum,
  NUMBER_BYTES_MAX,
  textOf,
} from "../decimal_sum.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

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
    const value = storedNumber(call);
    const sum = decimalSum(value, incrementOf(call));
    if (sum === null) throw notFinite;
    const text = bytesOf(sum);
    call.db.set(1, call.push(text), KEEP_DUE | AS_TEXT);
    call.reply.bulk(text);
    call.changed(1, "incrbyfloat");
    // The sum itself is sent on: elsewhere another precision or another way
    // of printing could make a different one.
    if (call.observed) call.propagate(["SET", call.bytes(1), text, "KEEPTTL"]);
  },
});

function storedNumber(call: Call): Decimal {
  const bytes = call.db.peek(1, NUMBER_BYTES_MAX);
  return numberOf(bytes === null ? "0" : textOf(bytes));
}

function incrementOf(call: Call): Decimal {
  if (call.byteCount(2) >= NUMBER_BYTES_MAX) throw notAFloat;
  return numberOf(call.latin1(2));
}

function numberOf(text: string): Decimal {
  const value = decimal(text);
  if (value === null) throw notAFloat;
  return value;
}
