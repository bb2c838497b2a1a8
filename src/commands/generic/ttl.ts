/** TTL and its family: when a key is due, as a duration or a point in time. */
import { MISSING } from "../../keyspace/keyspace.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const noKeyNoTime: readonly [string, string] = [
  "2.8.0",
  "A missing key gives -2, which was -1 before.",
];

export const ttl = command({
  name: "TTL",
  group: "generic",
  since: "1.0.0",
  summary: "Tells in how many seconds a key expires",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  history: [noKeyNoTime],
  args: [arg.key("key", "RO", "access")],
  run: (call) => replyDue(call, call.now, inSeconds),
});

export const pttl = command({
  name: "PTTL",
  group: "generic",
  since: "2.6.0",
  summary: "Tells in how many milliseconds a key expires",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  tips: ["nondeterministic_output"],
  history: [noKeyNoTime],
  args: [arg.key("key", "RO", "access")],
  run: (call) => replyDue(call, call.now, inMilliseconds),
});

export const expiretime = command({
  name: "EXPIRETIME",
  group: "generic",
  since: "7.0.0",
  summary: "Tells at which Unix time in seconds a key expires",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access")],
  run: (call) => replyDue(call, 0, inSeconds),
});

export const pexpiretime = command({
  name: "PEXPIRETIME",
  group: "generic",
  since: "7.0.0",
  summary: "Tells at which Unix time in milliseconds a key expires",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access")],
  run: (call) => replyDue(call, 0, inMilliseconds),
});

const NO_KEY = -2;
const NO_DUE_TIME = -1;

/** Replies with the time from `since` until the key is due. */
function replyDue(
  call: Call,
  since: number,
  shown: (ms: number) => number,
): void {
  const due = call.db.due(1);
  if (due === MISSING) call.reply.integer(NO_KEY);
  else if (due === -1) call.reply.integer(NO_DUE_TIME);
  else call.reply.integer(shown(due - since));
}

function inMilliseconds(ms: number): number {
  return ms;
}

function inSeconds(ms: number): number {
  return Math.floor((ms + 500) / 1000);
}
