import { FIELD_REMOVED } from "../../keyspace/hashes.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import {
  fieldDueTime,
  fieldsArgument,
  fieldsAt,
  propagateFields,
  stateRemoved,
  TIME_FORMS,
  timeFormAt,
} from "./field_list.ts";

/** HGETEX: the values of fields, and another due time or none. */
export const hgetex = command({
  name: "HGETEX",
  group: "hash",
  since: "8.0.0",
  summary: "Reads the values of fields of a hash and changes when they expire",
  complexity: "O(N log M), N = number of fields, M = those with a due time",
  flags: ["write", "fast"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.oneOf(
      "expiration",
      arg.integer("seconds").token("EX"),
      arg.integer("milliseconds").token("PX"),
      arg.unixTime("unix-time-seconds").token("EXAT"),
      arg.unixTime("unix-time-milliseconds").token("PXAT"),
      arg.token("PERSIST"),
    ).optional(),
    fieldsArgument,
  ],
  run(call) {
    const { hashes } = call.db;
    hashes.checkType(1);
    const { change, at } = changeOf(call);
    const { first, count } = fieldsAt(call, at);
    const set: number[] = [];
    const removed: number[] = [];
    let emptied = false;
    call.reply.array(count);
    for (let field = first; field < first + count; field++) {
      if (!hashes.peek(1, field) || change === null) continue;
      const outcome = change === PERSIST
        ? hashes.persist(1, field)
        : hashes.expire(1, field, change, 0);
      if (outcome === FIELD_REMOVED) removed.push(field);
      else if (outcome === 1) set.push(field);
      emptied ||= call.db.emptied;
    }
    state(call, change, set, removed);
    if (emptied) call.changed(1, "del");
  },
});

/** In the place of a due time: none any more. */
const PERSIST = -1;

/** The new due time, PERSIST or null, and where the fields begin. */
function changeOf(call: Call): { change: number | null; at: number } {
  if (call.is(2, "PERSIST")) return { change: PERSIST, at: 3 };
  const form = timeFormAt(call, 2);
  if (form === null) return { change: null, at: 2 };
  return {
    change: fieldDueTime(call, 3, TIME_FORMS[form], "hgetex"),
    at: 4,
  };
}

function state(
  call: Call,
  change: number | null,
  set: readonly number[],
  removed: readonly number[],
): void {
  if (removed.length > 0) {
    call.changed(1, "hdel");
    stateRemoved(call, removed);
  }
  if (set.length === 0 || change === null) return;
  const isPersist = change === PERSIST;
  call.changed(1, isPersist ? "hpersist" : "hexpire");
  if (!call.observed) return;
  const key = call.bytes(1);
  const words = isPersist ? ["HPERSIST", key] : ["HPEXPIREAT", key, change];
  propagateFields(call, words, set);
}
