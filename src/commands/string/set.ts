import { KEEP_DUE, ONLY_NEW, ONLY_OLD } from "../../keyspace/database.ts";
import { HOT_SET } from "../../keyspace/hot.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import type { FoundKey, Words } from "../define/keys.ts";
import {
  dueDigits,
  dueTime,
  type ExpiryOption,
  expiryOption,
} from "./expiry_option.ts";

/** SET: a string under a key, whatever was there. */
export const set = command({
  name: "SET",
  group: "string",
  since: "1.0.0",
  summary: "Stores a string under a key, in place of any value there",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  history: [
    ["2.6.12", "Brought the options `EX`, `PX`, `NX` and `XX`."],
    ["6.0.0", "Brought the option `KEEPTTL`."],
    ["6.2.0", "Brought the options `GET`, `EXAT` and `PXAT`."],
    ["7.0.0", "Allowed `NX` and `GET` to stand together."],
  ],
  args: [
    arg.key("key", "RW", "access", "update", "variable_flags")
      .notes("access only with the option `GET`"),
    arg.string("value"),
    arg.oneOf("condition", arg.token("NX"), arg.token("XX"))
      .optional().since("2.6.12"),
    arg.token("GET").optional().since("6.2.0"),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX").since("2.6.12"),
      arg.integer("milliseconds").token("PX").since("2.6.12"),
      arg.unixTime("unix-time-seconds").token("EXAT").since("6.2.0"),
      arg.unixTime("unix-time-milliseconds").token("PXAT").since("6.2.0"),
      arg.token("KEEPTTL").since("6.0.0"),
    ).optional(),
  ],
  keysFrom: findKey,
  hot: HOT_SET,
  run(call) {
    const { flags, replies, expiry, amount } = readOptions(call);
    const dueMs = expiry ? dueTime(call, expiry, amount, "set") : 0;
    if (replies) call.db.get(call.reply, 1);
    const stored = call.db.set(1, 2, flags, dueMs);
    if (!replies) {
      if (stored) call.reply.ok();
      else call.reply.null();
    }
    if (!stored) return;
    call.changed(1, "set");
    if (expiry) call.changed(1, "expire");
    if (expiry && expiry !== "PXAT") propagateSet(call, 2, dueMs);
    else if (replies && !expiry) propagateWithoutGet(call);
  },
});

interface Options {
  /** ONLY_NEW, ONLY_OLD, KEEP_DUE. */
  flags: number;
  /** Whether the reply is the value before. */
  replies: boolean;
  expiry: ExpiryOption | null;
  /** The index of the expiry's number. */
  amount: number;
}

/** Reads the options in any order. A repeated one says the same again. */
function readOptions(call: Call): Options {
  const found: Options = { flags: 0, replies: false, expiry: null, amount: 0 };
  for (let at = 3; at < call.argc; at++) {
    if (call.is(at, "NX") && !(found.flags & ONLY_OLD)) {
      found.flags |= ONLY_NEW;
    } else if (call.is(at, "XX") && !(found.flags & ONLY_NEW)) {
      found.flags |= ONLY_OLD;
    } else if (call.is(at, "GET")) found.replies = true;
    else if (call.is(at, "KEEPTTL") && !found.expiry) found.flags |= KEEP_DUE;
    else {
      const option = expiryOption(call, at);
      const fits = option !== null && (found.expiry ?? option) === option &&
        !(found.flags & KEEP_DUE) && at + 1 < call.argc;
      if (!fits) throw syntaxError;
      found.expiry = option;
      found.amount = ++at;
    }
  }
  return found;
}

/** Sends on when the key is due, not how long that is from now. */
export function propagateSet(call: Call, value: number, dueMs: number): void {
  if (!call.observed) return;
  const bytes = call.bytes(value);
  call.propagate(["SET", call.bytes(1), bytes, "PXAT", dueDigits(dueMs)]);
}

/** Nobody waits for the reply to a command that was sent on. */
function propagateWithoutGet(call: Call): void {
  if (!call.observed) return;
  const words: Uint8Array[] = [];
  for (let at = 0; at < call.argc; at++) {
    if (at < 3 || !call.is(at, "GET")) words.push(call.bytes(at));
  }
  call.propagate(words);
}

/** The key is read only when the option GET asks for what is there. */
function findKey(words: Words): FoundKey[] {
  for (let at = 3; at < words.argc; at++) {
    if (words.is(at, "GET")) {
      return [{ index: 1, flags: ["RW", "access", "update"] }];
    }
  }
  return [{ index: 1, flags: ["OW", "update"] }];
}
