import { HOT_SPOP } from "../../keyspace/hot.ts";
import { mustBePositive, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/**
 * SPOP: random members leave the set. Others are told which, because they
 * would draw differently.
 */
export const spop = command({
  name: "SPOP",
  group: "set",
  since: "1.0.0",
  summary: "Removes random members of a set and replies with them",
  complexity: "O(N), N = members removed",
  flags: ["write", "fast"],
  tips: ["nondeterministic_output"],
  history: [["3.2.0", "Takes a `count`."]],
  args: [
    arg.key("key", "RW", "access", "delete"),
    arg.integer("count").optional().since("3.2.0"),
  ],
  hot: HOT_SPOP,
  run(call) {
    if (call.argc > 3) throw syntaxError;
    if (call.argc === 3) return popMany(call);
    const { sets } = call.db;
    const popped = call.observed
      ? sets.popMany(1, null, (members) => propagateRemoval(call, members)) > 0
      : sets.pop(1);
    if (popped) stateChange(call);
  },
});

function popMany(call: Call): void {
  const count = call.integerIn(2, 0, 2 ** 63, mustBePositive);
  const tell = call.observed
    ? (members: Uint8Array[]) => propagateRemoval(call, members)
    : undefined;
  const popped = call.db.sets.popMany(1, count, tell);
  if (popped === 0) return;
  stateChange(call);
  if (call.db.emptied && call.observed) call.propagate(["DEL", call.bytes(1)]);
}

function stateChange(call: Call): void {
  call.changed(1, "spop");
  if (call.db.emptied) call.changed(1, "del");
}

function propagateRemoval(call: Call, members: Uint8Array[]): void {
  call.propagate(["SREM", call.bytes(1), ...members]);
}
