import { MISSING } from "../../keyspace/keyspace.ts";
import { SAME_DUE } from "../../keyspace/hashes.ts";
import {
  fieldNotAFloat,
  incrementNotFinite,
  notAFloat,
  notFinite,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import {
  bytesOf,
  type Decimal,
  decimal,
  decimalSum,
  isFinite,
  NUMBER_BYTES_MAX,
  textOf,
} from "../decimal_sum.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HINCRBYFLOAT: so much more in a field, with a fraction. */
export const hincrbyfloat = command({
  name: "HINCRBYFLOAT",
  group: "hash",
  since: "2.6.0",
  summary: "Adds a decimal number to the one in a field, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.string("field"),
    arg.double("increment"),
  ],
  run(call) {
    const increment = incrementOf(call);
    const sum = decimalSum(storedNumber(call), increment);
    if (sum === null) throw notFinite;
    const text = bytesOf(sum);
    call.db.hashes.set(1, 2, call.push(text), SAME_DUE);
    call.reply.bulk(text);
    call.changed(1, "hincrbyfloat");
    if (call.observed) sendOn(call, text);
  },
});

function incrementOf(call: Call): Decimal {
  const isShort = call.byteCount(3) < NUMBER_BYTES_MAX;
  const increment = isShort ? decimal(call.latin1(3)) : null;
  if (increment === null) throw notAFloat;
  if (!isFinite(increment)) throw incrementNotFinite;
  return increment;
}

function storedNumber(call: Call): Decimal {
  const bytes = call.db.hashes.read(1, 2, NUMBER_BYTES_MAX);
  const value = decimal(bytes === null ? "0" : textOf(bytes));
  if (value === null) throw fieldNotAFloat;
  return value;
}

/**
 * The sum itself is sent on: elsewhere another precision or another way of
 * printing could make a different one. HSET would take a due time away.
 */
function sendOn(call: Call, text: Uint8Array): void {
  const dueMs = call.db.hashes.due(1, 2);
  const key = call.bytes(1);
  const field = call.bytes(2);
  if (dueMs === MISSING || dueMs < 0) {
    call.propagate(["HSET", key, field, text]);
  } else {
    call.propagate(["HSETEX", key, "KEEPTTL", "FIELDS", 1, field, text]);
  }
}
