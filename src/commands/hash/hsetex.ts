import { NO_DUE, SAME_DUE } from "../../keyspace/hashes.ts";
import {
  expireTimeMissing,
  invalidFieldCount,
  oneFieldCondition,
  oneFieldExpiry,
  unknownArgument,
  wrongArity,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { fieldDueTime, TIME_FORMS, timeFormAt } from "./field_list.ts";

/** HSETEX: fields with their values and when they go. */
export const hsetex = command({
  name: "HSETEX",
  group: "hash",
  since: "8.0.0",
  summary: "Stores fields of a hash and says when they expire",
  complexity: "O(N log M), N = number of fields, M = those with a due time",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "update"),
    arg.oneOf("condition", arg.token("FNX"), arg.token("FXX")).optional(),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX"),
      arg.integer("milliseconds").token("PX"),
      arg.unixTime("unix-time-seconds").token("EXAT"),
      arg.unixTime("unix-time-milliseconds").token("PXAT"),
      arg.token("KEEPTTL"),
    ).optional(),
    arg.block(
      "fields",
      arg.integer("numfields"),
      arg.block("data", arg.string("field"), arg.string("value")).multiple(),
    ).token("FIELDS"),
  ],
  run(call) {
    const { hashes } = call.db;
    const options = readOptions(call);
    const { first, count, dueMs } = options;
    hashes.checkType(1);
    if (!isMet(call, options)) {
      call.reply.integer(0);
      return;
    }
    if (dueMs > 0 && call.isPast(dueMs)) storeAndRemove(call, options);
    else {
      hashes.setPairs(1, first, count, dueMs);
      state(call, options);
    }
    call.reply.integer(1);
  },
});

interface Options {
  condition: "FNX" | "FXX" | null;
  /** NO_DUE, SAME_DUE or a time in ms. */
  dueMs: number;
  first: number;
  count: number;
}

/** The options in any order; FIELDS ends them. */
function readOptions(call: Call): Options {
  const found: Options = { condition: null, dueMs: NO_DUE, first: 0, count: 0 };
  let hasExpiry = false;
  for (let at = 2; at < call.argc; at++) {
    if (call.is(at, "FIELDS")) return withFields(call, at, found);
    if (call.is(at, "FNX") || call.is(at, "FXX")) {
      if (found.condition) throw oneFieldCondition;
      found.condition = call.is(at, "FNX") ? "FNX" : "FXX";
      continue;
    }
    const form = timeFormAt(call, at);
    if (form === null && !call.is(at, "KEEPTTL")) {
      throw unknownArgument(call.latin1(at));
    }
    if (hasExpiry) throw oneFieldExpiry;
    hasExpiry = true;
    if (form === null) found.dueMs = SAME_DUE;
    else if (++at === call.argc) throw expireTimeMissing;
    // Time 0 has passed as any other; 0 itself means that there is none.
    else {
      found.dueMs = fieldDueTime(call, at, TIME_FORMS[form], "hsetex") || 1;
    }
  }
  throw wrongArity("hsetex");
}

function withFields(call: Call, at: number, found: Options): Options {
  if (at >= call.argc - 3) throw wrongArity("hsetex");
  const count = call.integerIn(at + 1, 1, 2 ** 31 - 1, invalidFieldCount);
  const first = at + 2;
  if (call.argc - first !== count * 2) throw wrongArity("hsetex");
  return { ...found, first, count };
}

function isMet(call: Call, { condition, first, count }: Options): boolean {
  if (condition === null) return true;
  const found = call.db.hashes.countPairs(1, first, count);
  return found === (condition === "FNX" ? 0 : count);
}

/** The time has passed already: the fields come and go. */
function storeAndRemove(call: Call, { first, count }: Options): void {
  const { hashes } = call.db;
  hashes.setPairs(1, first, count);
  call.changed(1, "hset");
  call.changed(1, "hdel");
  let emptied = false;
  for (let field = first; field < first + count * 2; field += 2) {
    hashes.delete(1, field, 1);
    emptied ||= call.db.emptied;
    if (!call.observed) continue;
    call.propagate(["HDEL", call.bytes(1), call.bytes(field)]);
  }
  if (emptied) call.changed(1, "del");
}

function state(call: Call, { dueMs, first, count }: Options): void {
  call.changed(1, "hset");
  if (dueMs <= 0) return;
  call.changed(1, "hexpire");
  if (!call.observed) return;
  const pairs = Array.from(
    { length: count * 2 },
    (_, i) => call.bytes(first + i),
  );
  call.propagate(
    ["HSETEX", call.bytes(1), "PXAT", dueMs, "FIELDS", count, ...pairs],
  );
}
