import { KEEP_DUE, ONLY_NEW, ONLY_OLD } from "../../keyspace/database.ts";
import {
  invalidKeyCount,
  syntaxError,
  wrongPairCount,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  dueDigits,
  dueTime,
  type ExpiryOption,
  expiryOption,
} from "./expiry_option.ts";

const KEY_COUNT_MAX = 2 ** 31 - 1;

/** MSETEX: many strings at once with one due time, all of them or none. */
export const msetex = command({
  name: "MSETEX",
  group: "string",
  since: "8.4.0",
  summary: "Stores several strings at once, which all expire at one time",
  complexity: "O(N), N = number of keys",
  flags: ["write", "denyoom"],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  args: [
    arg.integer("numkeys"),
    arg.block(
      "data",
      arg.key("key", "OW", "update").keySpec(0),
      arg.string("value"),
    ).multiple(),
    arg.oneOf("condition", arg.token("NX"), arg.token("XX")).optional(),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX"),
      arg.integer("milliseconds").token("PX"),
      arg.unixTime("unix-time-seconds").token("EXAT"),
      arg.unixTime("unix-time-milliseconds").token("PXAT"),
      arg.token("KEEPTTL"),
    ).optional(),
  ],
  keySpecs: [{
    flags: ["OW", "update"],
    beginSearch: { type: "index", index: 1 },
    findKeys: { type: "keynum", keyNumIndex: 0, firstKey: 1, keyStep: 2 },
  }],
  run(call) {
    const count = call.integerIn(1, 1, KEY_COUNT_MAX, invalidKeyCount);
    const end = 2 + 2 * count;
    if (end > call.argc) throw wrongPairCount;
    const { flags, expiry, amount } = readOptions(call, end);
    const dueMs = expiry ? dueTime(call, expiry, amount, "msetex") : 0;
    const stored = call.db.setPairs(2, count, flags, dueMs);
    call.reply.integer(stored ? 1 : 0);
    if (!stored) return;
    for (let key = 2; key < end; key += 2) {
      call.changed(key, "set");
      if (expiry) call.changed(key, "expire");
    }
    if (expiry && expiry !== "PXAT") propagateDue(call, end, dueMs);
  },
});

interface Options {
  /** ONLY_NEW, ONLY_OLD, KEEP_DUE. */
  flags: number;
  expiry: ExpiryOption | null;
  /** The index of the expiry's number. */
  amount: number;
}

/** Reads the options in any order. A repeated one says the same again. */
function readOptions(call: Call, first: number): Options {
  const found: Options = { flags: 0, expiry: null, amount: 0 };
  for (let at = first; at < call.argc; at++) {
    if (call.is(at, "NX") && !(found.flags & ONLY_OLD)) {
      found.flags |= ONLY_NEW;
    } else if (call.is(at, "XX") && !(found.flags & ONLY_NEW)) {
      found.flags |= ONLY_OLD;
    } else if (call.is(at, "KEEPTTL") && !found.expiry) {
      found.flags |= KEEP_DUE;
    } else {
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

/** Others get the point in time, and no condition: it has been met here. */
function propagateDue(call: Call, end: number, dueMs: number): void {
  if (!call.observed) return;
  const words: (string | Uint8Array)[] = [];
  for (let at = 0; at < end; at++) words.push(call.bytes(at));
  call.propagate([...words, "PXAT", dueDigits(dueMs)]);
}
