/** RESTORE: a key from what DUMP gave. */
import {
  badDumpData,
  badDumpFooter,
  busyKey,
  frequencyOutOfRange,
  idleTimeNegative,
  syntaxError,
  ttlNegative,
} from "../../protocol/errors.ts";
import { MISSING } from "../../keyspace/keyspace.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { type Change, command } from "../define/command.ts";

const args = [
  arg.key("key", "OW", "update"),
  arg.integer("ttl"),
  arg.string("serialized-value"),
  arg.token("REPLACE").since("3.0.0").optional(),
  arg.token("ABSTTL").since("5.0.0").optional(),
  arg.integer("seconds").token("IDLETIME").since("5.0.0").optional(),
  arg.integer("frequency").token("FREQ").since("5.0.0").optional(),
];
const history: readonly Change[] = [
  ["3.0.0", "REPLACE."],
  ["5.0.0", "ABSTTL."],
  ["5.0.0", "IDLETIME and FREQ."],
];
const complexity = "O(N), N = bytes of the value; O(N*log(N)) for a sorted set";

export const restore = command({
  name: "RESTORE",
  group: "generic",
  since: "2.6.0",
  summary: "Makes a key from a value that DUMP has written",
  complexity,
  flags: ["write", "denyoom"],
  categories: ["keyspace", "dangerous"],
  history,
  args,
  run: restoreKey,
});

/** The same for a node that sends a slot's keys away. */
export const restoreAsking = command({
  name: "RESTORE-ASKING",
  group: "server",
  since: "3.0.0",
  summary: "Makes a key of a slot that is moving here",
  complexity,
  flags: ["write", "denyoom", "asking"],
  categories: ["keyspace", "dangerous"],
  isInternal: true,
  history,
  args,
  run: restoreKey,
});

interface Options {
  replaces: boolean;
  isAbsolute: boolean;
  /** -1 when not said. */
  idleSeconds: number;
  frequency: number;
}

function restoreKey(call: Call): void {
  const options = optionsOf(call);
  const { replaces, isAbsolute } = options;
  if (!replaces && call.db.peekDue(1) !== MISSING) throw busyKey;
  const ttl = Number(call.bigInteger(2));
  if (ttl < 0) throw ttlNegative;
  if (!call.db.isPayload(3)) throw badDumpFooter;
  const dueMs = ttl === 0 || isAbsolute ? ttl : ttl + call.now;
  const isPast = dueMs !== 0 && dueMs < call.now;
  if (!call.db.restore(1, 3, { ...options, dueMs, isPast })) {
    logFault(call);
    throw badDumpData;
  }
  if (!isPast) state(call, options, dueMs);
  else if (replaces && call.db.delete(1)) {
    call.changed(1, "del");
    if (call.observed) call.propagate(["DEL", call.bytes(1)]);
  }
  call.reply.ok();
}

/** What a payload is, by its first byte, where it is in one piece. */
const BLOBS: Record<number, string> = {
  9: "Zipmap",
  10: "List ziplist",
  11: "Intset",
  12: "Zset ziplist",
  13: "Hash ziplist",
  14: "Quicklist ziplist",
  16: "Hash listpack",
  17: "Zset listpack",
  18: "Quicklist listpack",
  20: "Set listpack",
};

/** The client learns nothing about it, whoever runs the server does. */
function logFault(call: Call): void {
  const what = BLOBS[call.bytes(3)[0]] ?? "Payload";
  call.server.log(
    "warning",
    `${what} integrity check failed: RESTORE of ${call.client.address}, ` +
      `at byte ${call.db.payloadFaultOffset}`,
  );
}

/** Others get the point in time: a duration would begin anew with them. */
function state(call: Call, { isAbsolute }: Options, dueMs: number): void {
  call.changed(1, "restore");
  if (isAbsolute || dueMs === 0 || !call.observed) return;
  const words: (string | Uint8Array)[] = ["RESTORE"];
  for (let i = 1; i < call.argc; i++) words.push(call.bytes(i));
  words[2] = String(dueMs);
  call.propagate([...words, "ABSTTL"]);
}

function optionsOf(call: Call): Options {
  const options: Options = {
    replaces: false,
    isAbsolute: false,
    idleSeconds: -1,
    frequency: -1,
  };
  for (let i = 4; i < call.argc; i++) {
    const hasMore = i + 1 < call.argc;
    if (call.is(i, "REPLACE")) options.replaces = true;
    else if (call.is(i, "ABSTTL")) options.isAbsolute = true;
    else if (call.is(i, "IDLETIME") && hasMore && options.frequency < 0) {
      options.idleSeconds = Number(call.bigInteger(++i));
      if (options.idleSeconds < 0) throw idleTimeNegative;
    } else if (call.is(i, "FREQ") && hasMore && options.idleSeconds < 0) {
      options.frequency = Number(call.bigInteger(++i));
      if (options.frequency < 0 || options.frequency > 255) {
        throw frequencyOutOfRange;
      }
    } else throw syntaxError;
  }
  return options;
}
