import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  dueDigits,
  dueTime,
  type ExpiryOption,
  expiryOption,
  isAbsolute,
} from "./expiry_option.ts";

/** GETEX: the string under a key, and another due time or none. */
export const getex = command({
  name: "GETEX",
  group: "string",
  since: "6.2.0",
  summary: "Reads the string stored under a key and changes when it expires",
  complexity: "O(1)",
  flags: ["write", "fast"],
  args: [
    arg.key("key", "RW", "access", "update")
      .notes("update because the time to live may change"),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX"),
      arg.integer("milliseconds").token("PX"),
      arg.unixTime("unix-time-seconds").token("EXAT"),
      arg.unixTime("unix-time-milliseconds").token("PXAT"),
      arg.token("PERSIST"),
    ).optional(),
  ],
  run(call) {
    const { persist, expiry, amount } = readOptions(call);
    if (!call.db.get(call.reply, 1)) return;
    if (persist) clearDue(call);
    if (!expiry) return;
    const dueMs = dueTime(call, expiry, amount, "getex");
    if (isAbsolute(expiry) && call.isPast(dueMs)) remove(call);
    else setDue(call, dueMs);
  },
});

interface Options {
  persist: boolean;
  expiry: ExpiryOption | null;
  /** The index of the expiry's number. */
  amount: number;
}

/** Reads the option. One that is repeated says the same again. */
function readOptions(call: Call): Options {
  const found: Options = { persist: false, expiry: null, amount: 0 };
  for (let at = 2; at < call.argc; at++) {
    if (call.is(at, "PERSIST") && !found.expiry) {
      found.persist = true;
      continue;
    }
    const option = expiryOption(call, at);
    const fits = option !== null && (found.expiry ?? option) === option &&
      !found.persist && at + 1 < call.argc;
    if (!fits) throw syntaxError;
    found.expiry = option;
    found.amount = ++at;
  }
  return found;
}

function clearDue(call: Call): void {
  if (!call.db.clearDue(1)) return;
  call.changed(1, "persist");
  if (call.observed) call.propagate(["PERSIST", call.bytes(1)]);
}

/** A time that has passed: the reply was the last one. */
function remove(call: Call): void {
  call.db.delete(1);
  call.changed(1, "del");
  if (call.observed) call.propagate(["DEL", call.bytes(1)]);
}

function setDue(call: Call, dueMs: number): void {
  call.db.setDue(1, dueMs);
  call.changed(1, "expire");
  if (!call.observed) return;
  call.propagate(["PEXPIREAT", call.bytes(1), dueDigits(dueMs)]);
}
