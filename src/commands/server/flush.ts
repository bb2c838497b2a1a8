/**
 * FLUSHDB and FLUSHALL: all keys go. Either mode returns at once, because the
 * memory is given back in slices.
 */
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { type Change, command } from "../define/command.ts";

const flushType = arg.oneOf(
  "flush-type",
  arg.token("ASYNC").since("4.0.0"),
  arg.token("SYNC").since("6.2.0"),
).optional();

const modesCame: readonly Change[] = [
  ["4.0.0", "ASYNC frees the memory in the background."],
  ["6.2.0", "SYNC asks for what is not ASYNC, whatever the settings say."],
];

export const flushall = command({
  name: "FLUSHALL",
  group: "server",
  since: "1.0.0",
  summary: "Removes all keys of all databases",
  complexity: "O(1); the memory is given back later, in slices",
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: modesCame,
  args: [flushType],
  run(call) {
    const mode = modeOf(call);
    call.keyspace.flush();
    call.server.persistence.emptied();
    call.propagate(["FLUSHALL", ...mode]);
    call.reply.ok();
  },
});

export const flushdb = command({
  name: "FLUSHDB",
  group: "server",
  since: "1.0.0",
  summary: "Removes all keys of the database",
  complexity: "O(1); the memory is given back later, in slices",
  flags: ["write"],
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  history: modesCame,
  args: [flushType],
  run(call) {
    const mode = modeOf(call);
    call.db.flush();
    call.propagate(["FLUSHDB", ...mode]);
    call.reply.ok();
  },
});

/** The mode as it was given, for others to follow. */
function modeOf(call: Call): string[] {
  if (call.argc === 1) return [];
  const isMode = call.is(1, "ASYNC") || call.is(1, "SYNC");
  if (call.argc > 2 || !isMode) throw syntaxError;
  return [call.latin1(1)];
}
