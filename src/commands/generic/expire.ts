/** EXPIRE and its family: when a key goes by itself. */
import {
  DUE_EARLIER,
  DUE_LATER,
  DUE_NEW,
  DUE_OLD,
  DUE_PASSED,
  DUE_SET,
} from "../../keyspace/database.ts";
import {
  invalidExpire,
  laterAndEarlier,
  newAndOtherConditions,
  unsupportedOption,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const condition = arg.oneOf(
  "condition",
  arg.token("NX"),
  arg.token("XX"),
  arg.token("GT"),
  arg.token("LT"),
).since("7.0.0").optional();

const conditionsCame: readonly [string, string] = [
  "7.0.0",
  "NX, XX, GT and LT make it depend on the time that the key has.",
];

const SECOND = 1000, MILLISECOND = 1;

export const expire = command({
  name: "EXPIRE",
  group: "generic",
  since: "1.0.0",
  summary: "Lets a key expire after so many seconds",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [conditionsCame],
  args: [arg.key("key", "RW", "update"), arg.integer("seconds"), condition],
  run: (call) => setDue(call, "expire", SECOND, call.now),
});

export const pexpire = command({
  name: "PEXPIRE",
  group: "generic",
  since: "2.6.0",
  summary: "Lets a key expire after so many milliseconds",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [conditionsCame],
  args: [
    arg.key("key", "RW", "update"),
    arg.integer("milliseconds"),
    condition,
  ],
  run: (call) => setDue(call, "pexpire", MILLISECOND, call.now),
});

export const expireat = command({
  name: "EXPIREAT",
  group: "generic",
  since: "1.2.0",
  summary: "Lets a key expire at a Unix time in seconds",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [conditionsCame],
  args: [
    arg.key("key", "RW", "update"),
    arg.unixTime("unix-time-seconds"),
    condition,
  ],
  run: (call) => setDue(call, "expireat", SECOND, 0),
});

export const pexpireat = command({
  name: "PEXPIREAT",
  group: "generic",
  since: "2.6.0",
  summary: "Lets a key expire at a Unix time in milliseconds",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [conditionsCame],
  args: [
    arg.key("key", "RW", "update"),
    arg.unixTime("unix-time-milliseconds"),
    condition,
  ],
  run: (call) => setDue(call, "pexpireat", MILLISECOND, 0),
});

function setDue(
  call: Call,
  name: string,
  unitMs: number,
  baseMs: number,
): void {
  const conditions = conditionsOf(call);
  const due = dueTime(call, name, unitMs, baseMs);
  const outcome = call.db.expire(1, Number(due), conditions);
  if (call.observed) state(call, outcome, due);
  call.reply.integer(outcome > 0 ? 1 : 0);
}

/** Others get the point in time: a duration would begin anew with them. */
function state(call: Call, outcome: number, due: number | bigint): void {
  if (outcome === DUE_SET) {
    call.changed(1, "expire");
    call.propagate(["PEXPIREAT", call.bytes(1), String(due)]);
  } else if (outcome === DUE_PASSED) {
    call.changed(1, "del");
    call.propagate(["DEL", call.bytes(1)]);
  }
}

function conditionsOf(call: Call): number {
  let conditions = 0;
  for (let i = 3; i < call.argc; i++) {
    if (call.is(i, "NX")) conditions |= DUE_NEW;
    else if (call.is(i, "XX")) conditions |= DUE_OLD;
    else if (call.is(i, "GT")) conditions |= DUE_LATER;
    else if (call.is(i, "LT")) conditions |= DUE_EARLIER;
    else throw unsupportedOption(call.latin1(i));
  }
  if (conditions & DUE_NEW && conditions !== DUE_NEW) {
    throw newAndOtherConditions;
  }
  if (conditions & DUE_LATER && conditions & DUE_EARLIER) {
    throw laterAndEarlier;
  }
  return conditions;
}

/** The point in time that argument 2 names, in ms. */
function dueTime(
  call: Call,
  name: string,
  unitMs: number,
  baseMs: number,
): number | bigint {
  const dueMs = call.integer(2) * unitMs + baseMs;
  return Number.isSafeInteger(dueMs)
    ? dueMs
    : hugeDueTime(call, name, BigInt(unitMs), BigInt(baseMs));
}

const LATEST = 2n ** 63n - 1n, EARLIEST = -(2n ** 63n);

/** The same beyond what a double holds exactly: neither step may overflow. */
function hugeDueTime(
  call: Call,
  name: string,
  unitMs: bigint,
  baseMs: bigint,
): bigint {
  const timeMs = call.bigInteger(2) * unitMs;
  if (timeMs < EARLIEST || timeMs > LATEST - baseMs) throw invalidExpire(name);
  return timeMs + baseMs;
}
