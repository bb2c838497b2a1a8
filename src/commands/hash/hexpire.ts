/** HEXPIRE and its family: when a field of a hash goes by itself. */
import {
  DUE_EARLIER,
  DUE_LATER,
  DUE_NEW,
  DUE_OLD,
} from "../../keyspace/database.ts";
import { FIELD_REMOVED } from "../../keyspace/hashes.ts";
import { MISSING } from "../../keyspace/keyspace.ts";
import { numFieldsNotPositive } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  fieldDueTime,
  fieldsArgument,
  fieldsAt,
  propagateFields,
  stateRemoved,
  TIME_FORMS,
  type TimeForm,
} from "./field_list.ts";

const condition = arg.oneOf(
  "condition",
  arg.token("NX"),
  arg.token("XX"),
  arg.token("GT"),
  arg.token("LT"),
).optional();

/** What the four differ in is only how they say the time. */
const family = {
  group: "hash",
  since: "7.4.0",
  complexity: "O(N log M), N = number of fields, M = those with a due time",
  flags: ["write", "denyoom", "fast"],
} as const;

const timed = (time: Argument): Argument[] => [
  arg.key("key", "RW", "update"),
  time,
  condition,
  fieldsArgument,
];

export const hexpire = command({
  ...family,
  name: "HEXPIRE",
  summary: "Lets fields of a hash expire after so many seconds",
  args: timed(arg.integer("seconds")),
  run: (call) => setDue(call, "hexpire", TIME_FORMS.EX),
});

export const hpexpire = command({
  ...family,
  name: "HPEXPIRE",
  summary: "Lets fields of a hash expire after so many milliseconds",
  args: timed(arg.integer("milliseconds")),
  run: (call) => setDue(call, "hpexpire", TIME_FORMS.PX),
});

export const hexpireat = command({
  ...family,
  name: "HEXPIREAT",
  summary: "Lets fields of a hash expire at a Unix time in seconds",
  args: timed(arg.unixTime("unix-time-seconds")),
  run: (call) => setDue(call, "hexpireat", TIME_FORMS.EXAT),
});

export const hpexpireat = command({
  ...family,
  name: "HPEXPIREAT",
  summary: "Lets fields of a hash expire at a Unix time in milliseconds",
  args: timed(arg.unixTime("unix-time-milliseconds")),
  run: (call) => setDue(call, "hpexpireat", TIME_FORMS.PXAT),
});

const CONDITIONS = {
  NX: DUE_NEW,
  XX: DUE_OLD,
  GT: DUE_LATER,
  LT: DUE_EARLIER,
};

/** What the reply says of a field that is not there. */
const NO_FIELD = -2;

function setDue(call: Call, name: string, form: TimeForm): void {
  const { hashes } = call.db;
  hashes.checkType(1);
  const dueMs = fieldDueTime(call, 2, form, name);
  const conditions = conditionsAt(call, 3);
  const at = conditions === 0 ? 3 : 4;
  const { first, count } = fieldsAt(call, at, numFieldsNotPositive);
  const set: number[] = [];
  const removed: number[] = [];
  const outcomes: number[] = [];
  let emptied = false;
  for (let field = first; field < first + count; field++) {
    const outcome = hashes.expire(1, field, dueMs, conditions);
    if (outcome === FIELD_REMOVED) removed.push(field);
    else if (outcome === 1) set.push(field);
    emptied ||= call.db.emptied;
    outcomes.push(outcome === MISSING ? NO_FIELD : outcome);
  }
  call.reply.array(count);
  for (const outcome of outcomes) call.reply.integer(outcome);
  if (set.length + removed.length === 0) return;
  call.changed(1, removed.length > 0 ? "hdel" : "hexpire");
  if (emptied) call.changed(1, "del");
  stateRemoved(call, removed);
  // Others get the point in time: a duration would begin anew with them.
  if (set.length > 0 && call.observed) {
    propagateFields(call, ["HPEXPIREAT", call.bytes(1), dueMs], set);
  }
}

function conditionsAt(call: Call, index: number): number {
  for (const [word, condition] of Object.entries(CONDITIONS)) {
    if (call.is(index, word)) return condition;
  }
  return 0;
}
