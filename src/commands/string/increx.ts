import { AS_TEXT, KEEP_DUE } from "../../keyspace/database.ts";
import {
  boundsCrossed,
  onlyIfWithoutDue,
  syntaxError,
} from "../../protocol/errors.ts";
import type { EventName } from "../../protocol/events.ts";
import type { Call } from "../call.ts";
import { bytesOf } from "../decimal_sum.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { type Counting, floats, integers } from "./counting.ts";
import {
  dueDigits,
  dueTime,
  type ExpiryOption,
  expiryOption,
  isAbsolute,
} from "./expiry_option.ts";

/** INCREX: so much more, within bounds, and another due time. */
export const increx = command({
  name: "INCREX",
  group: "string",
  since: "8.8.0",
  summary: "Adds to the number under a key within bounds and sets its lifetime",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.oneOf(
      "increment",
      arg.double("float").token("BYFLOAT"),
      arg.integer("integer").token("BYINT"),
    ).optional(),
    arg.token("SATURATE").optional(),
    arg.string("lowerbound").token("LBOUND").optional(),
    arg.string("upperbound").token("UBOUND").optional(),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX"),
      arg.integer("milliseconds").token("PX"),
      arg.unixTime("unix-time-seconds").token("EXAT"),
      arg.unixTime("unix-time-milliseconds").token("PXAT"),
      arg.token("PERSIST"),
    ).optional(),
    arg.token("ENX").optional(),
  ],
  run(call) {
    const options = readOptions(call);
    if (options.byFloat) count(call, options, floats);
    else count(call, options, integers);
  },
});

/** Each option's own word is at its index; 0 for one that is not there. */
interface Options {
  by: number;
  byFloat: boolean;
  lower: number;
  upper: number;
  saturates: boolean;
  expiry: ExpiryOption | "PERSIST" | null;
  amount: number;
  onlyWithoutDue: boolean;
}

/** Reads the options in any order, each at most once. */
function readOptions(call: Call): Options {
  const found: Options = {
    by: 0,
    byFloat: false,
    lower: 0,
    upper: 0,
    saturates: false,
    expiry: null,
    amount: 0,
    onlyWithoutDue: false,
  };
  for (let at = 2; at < call.argc; at++) {
    if (call.is(at, "SATURATE") && !found.saturates) found.saturates = true;
    else if (call.is(at, "ENX") && !found.onlyWithoutDue) {
      found.onlyWithoutDue = true;
    } else if (call.is(at, "PERSIST") && !found.expiry) {
      found.expiry = "PERSIST";
    } else if (at + 1 < call.argc && readNumber(call, at, found)) at++;
    else throw syntaxError;
  }
  if (found.onlyWithoutDue && found.expiry === "PERSIST") throw syntaxError;
  if (found.onlyWithoutDue && !found.expiry) throw onlyIfWithoutDue;
  return found;
}

/** Reads an option with a number behind it; false when it is none. */
function readNumber(call: Call, at: number, found: Options): boolean {
  const isFloat = call.is(at, "BYFLOAT");
  if ((isFloat || call.is(at, "BYINT")) && !found.by) {
    found.by = at + 1;
    found.byFloat = isFloat;
  } else if (call.is(at, "LBOUND") && !found.lower) found.lower = at + 1;
  else if (call.is(at, "UBOUND") && !found.upper) found.upper = at + 1;
  else {
    const option = expiryOption(call, at);
    if (option === null || found.expiry) return false;
    found.expiry = option;
    found.amount = at + 1;
  }
  return true;
}

function count<N>(call: Call, options: Options, kind: Counting<N>): void {
  const { by, lower, upper, expiry, amount } = options;
  const increment = by ? kind.increment(call, by) : kind.one;
  const floor = lower ? kind.word(call, lower, "LBOUND") : kind.lowest;
  const ceiling = upper ? kind.word(call, upper, "UBOUND") : kind.highest;
  if (lower && upper && kind.compare(floor, ceiling) > 0) throw boundsCrossed;
  const dueMs = expiry && expiry !== "PERSIST"
    ? dueTime(call, expiry, amount, "increx")
    : 0;
  const value = kind.stored(call);
  const sum = kind.sum(value, increment);
  const bounded = within(sum, floor, ceiling, kind);
  const isOutside = kind.compare(bounded, sum) !== 0;
  if (isOutside && !options.saturates) {
    return replyBoth(call, kind, value, kind.zero);
  }
  const applied = isOutside ? kind.difference(bounded, value) : increment;
  keep(call, options, kind.format(bounded), kind.event, dueMs);
  replyBoth(call, kind, bounded, applied);
}

/** The type's limits bound a sum even where the client's bounds do not. */
function within<N>(sum: N, floor: N, ceiling: N, kind: Counting<N>): N {
  const { compare, highest, lowest } = kind;
  const top = compare(ceiling, highest) > 0 ? highest : ceiling;
  const bottom = compare(floor, lowest) < 0 ? lowest : floor;
  if (compare(sum, top) > 0) return top;
  return compare(sum, bottom) < 0 ? bottom : sum;
}

function replyBoth<N>(
  call: Call,
  kind: Counting<N>,
  value: N,
  applied: N,
): void {
  call.reply.array(2);
  kind.reply(call, value);
  kind.reply(call, applied);
}

/** Stores the result with the due time that the options lead to. */
function keep(
  call: Call,
  { byFloat, expiry, onlyWithoutDue }: Options,
  text: string,
  event: EventName,
  dueMs: number,
): void {
  const hadDue = call.db.peekDue(1) >= 0;
  const setsDue = dueMs > 0 && !(onlyWithoutDue && hadDue);
  if (setsDue && isAbsolute(expiry) && call.isPast(dueMs)) {
    return remove(call);
  }
  const bytes = bytesOf(text);
  const keeps = !setsDue && expiry !== "PERSIST";
  const flags = (byFloat ? AS_TEXT : 0) | (keeps ? KEEP_DUE : 0);
  call.db.set(1, call.push(bytes), flags, setsDue ? dueMs : 0);
  call.changed(1, event);
  if (expiry === "PERSIST" && hadDue) call.changed(1, "persist");
  if (setsDue) call.changed(1, "expire");
  if (!call.observed) return;
  const words = ["SET", call.bytes(1), bytes];
  if (setsDue) call.propagate([...words, "PXAT", dueDigits(dueMs)]);
  else call.propagate(keeps ? [...words, "KEEPTTL"] : words);
}

/** A time that has passed: the reply tells a value that is no more. */
function remove(call: Call): void {
  if (!call.db.delete(1)) return;
  call.changed(1, "del");
  if (call.observed) call.propagate(["DEL", call.bytes(1)]);
}
