import { KEEP_DUE, ONLY_NEW, ONLY_OLD } from "../../keyspace/database.ts";
import { HOT_SET } from "../../keyspace/hot.ts";
import { MISSING } from "../../keyspace/keyspace.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import type { FoundKey, Words } from "../define/keys.ts";
import {
  compare,
  compareArguments,
  type CompareOption,
  compareOption,
  isNegative,
} from "./compare_option.ts";
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
    ["8.4.0", "Brought the options `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`."],
  ],
  args: [
    arg.key("key", "RW", "access", "update", "variable_flags")
      .notes("access only with the options `GET` and `IFEQ` to `IFDNE`"),
    arg.string("value"),
    arg.oneOf(
      "condition",
      arg.token("NX"),
      arg.token("XX"),
      ...compareArguments.map((one) => one.since("8.4.0")),
    ).optional().since("2.6.12"),
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
    const options = readOptions(call);
    const { flags, replies, comparison, expiry, amount } = options;
    const dueMs = expiry ? dueTime(call, expiry, amount, "set") : 0;
    const goes = !comparison || matches(call, comparison, options.operand);
    if (replies) call.db.get(call.reply, 1);
    const stored = goes && call.db.set(1, 2, flags, dueMs);
    if (!replies) {
      if (stored) call.reply.ok();
      else call.reply.null();
    }
    if (!stored) return;
    call.changed(1, "set");
    if (expiry) call.changed(1, "expire");
    if (expiry && (expiry !== "PXAT" || comparison)) {
      propagateSet(call, 2, dueMs);
    } else if (comparison) propagateWithoutComparison(call, flags);
    else if (replies && !expiry) propagateWithoutGet(call);
  },
});

const READING_OPTIONS = ["GET", "IFEQ", "IFNE", "IFDEQ", "IFDNE"];

interface Options {
  /** ONLY_NEW, ONLY_OLD, KEEP_DUE. */
  flags: number;
  /** Whether the reply is the value before. */
  replies: boolean;
  comparison: CompareOption | null;
  /** The index of what is compared with. */
  operand: number;
  expiry: ExpiryOption | null;
  /** The index of the expiry's number. */
  amount: number;
}

/** Reads the options in any order. A repeated one says the same again. */
function readOptions(call: Call): Options {
  const found: Options = {
    flags: 0,
    replies: false,
    comparison: null,
    operand: 0,
    expiry: null,
    amount: 0,
  };
  for (let at = 3; at < call.argc; at++) {
    if (call.is(at, "GET")) found.replies = true;
    else if (call.is(at, "KEEPTTL") && !found.expiry) found.flags |= KEEP_DUE;
    else if (readExpiry(call, at, found)) at++;
    else if (readComparison(call, at, found)) at++;
    else if (!readExistence(call, at, found)) throw syntaxError;
  }
  return found;
}

function readExpiry(call: Call, at: number, found: Options): boolean {
  const option = expiryOption(call, at);
  const fits = option !== null && (found.expiry ?? option) === option &&
    !(found.flags & KEEP_DUE) && at + 1 < call.argc;
  if (!fits) return false;
  found.expiry = option;
  found.amount = at + 1;
  return true;
}

function readComparison(call: Call, at: number, found: Options): boolean {
  const option = compareOption(call, at);
  const fits = option !== null && (found.comparison ?? option) === option &&
    !(found.flags & (ONLY_NEW | ONLY_OLD)) && at + 1 < call.argc;
  if (!fits) return false;
  found.comparison = option;
  found.operand = at + 1;
  return true;
}

function readExistence(call: Call, at: number, found: Options): boolean {
  const flag = call.is(at, "NX") ? ONLY_NEW : call.is(at, "XX") ? ONLY_OLD : 0;
  const other = flag === ONLY_NEW ? ONLY_OLD : ONLY_NEW;
  if (!flag || found.flags & other || found.comparison) return false;
  found.flags |= flag;
  return true;
}

/** A key that is missing is not equal to anything. */
function matches(
  call: Call,
  comparison: CompareOption,
  operand: number,
): boolean {
  const holds = compare(call, comparison, operand);
  return holds === MISSING ? isNegative(comparison) : holds;
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

/** What the condition was met by is here, and may be nowhere else. */
function propagateWithoutComparison(call: Call, flags: number): void {
  if (!call.observed) return;
  const words = ["SET", call.bytes(1), call.bytes(2)];
  call.propagate(flags & KEEP_DUE ? [...words, "KEEPTTL"] : words);
}

/** The key is read only when an option asks for what is there. */
function findKey(words: Words): FoundKey[] {
  for (let at = 3; at < words.argc; at++) {
    if (READING_OPTIONS.some((option) => words.is(at, option))) {
      return [{ index: 1, flags: ["RW", "access", "update"] }];
    }
  }
  return [{ index: 1, flags: ["OW", "update"] }];
}
