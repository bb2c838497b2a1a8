/** HTTL and its family: when fields of a hash go by themselves. */
import { MISSING } from "../../keyspace/keyspace.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { fieldsArgument, fieldsAt } from "./field_list.ts";

export const httl = command({
  name: "HTTL",
  group: "hash",
  since: "7.4.0",
  summary: "Tells in how many seconds fields of a hash expire",
  complexity: "O(N), N = number of fields",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  args: [arg.key("key", "RO", "access"), fieldsArgument],
  run: (call) =>
    replyDueTimes(call, (dueMs) => Math.ceil((dueMs - call.now) / 1000)),
});

export const hpttl = command({
  name: "HPTTL",
  group: "hash",
  since: "7.4.0",
  summary: "Tells in how many milliseconds fields of a hash expire",
  complexity: "O(N), N = number of fields",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  args: [arg.key("key", "RO", "access"), fieldsArgument],
  run: (call) => replyDueTimes(call, (dueMs) => dueMs - call.now),
});

export const hexpiretime = command({
  name: "HEXPIRETIME",
  group: "hash",
  since: "7.4.0",
  summary: "Tells the Unix time in seconds at which fields of a hash expire",
  complexity: "O(N), N = number of fields",
  flags: ["readonly", "fast"],

  args: [arg.key("key", "RO", "access"), fieldsArgument],
  run: (call) => replyDueTimes(call, (dueMs) => Math.ceil(dueMs / 1000)),
});

export const hpexpiretime = command({
  name: "HPEXPIRETIME",
  group: "hash",
  since: "7.4.0",
  summary: "Tells the Unix time in milliseconds at which fields expire",
  complexity: "O(N), N = number of fields",
  flags: ["readonly", "fast"],

  args: [arg.key("key", "RO", "access"), fieldsArgument],
  run: (call) => replyDueTimes(call, (dueMs) => dueMs),
});

/** What the reply says of a field that is not there, or never goes. */
const NO_FIELD = -2, NO_DUE_TIME = -1;

function replyDueTimes(call: Call, shown: (dueMs: number) => number): void {
  const { hashes } = call.db;
  hashes.length(1);
  const { first, count } = fieldsAt(call, 2);
  call.reply.array(count);
  for (let field = first; field < first + count; field++) {
    const dueMs = hashes.due(1, field);
    if (dueMs === MISSING) call.reply.integer(NO_FIELD);
    else call.reply.integer(dueMs < 0 ? NO_DUE_TIME : shown(dueMs));
  }
}
