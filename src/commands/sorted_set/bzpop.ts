import { POP_BARE } from "../../keyspace/sorted_sets.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { firstToPop, popName, popped } from "./pop.ts";
import { serveOrWait, timeoutAt } from "../timeout.ts";

/** BZPOPMIN: the lowest member of the first key that has one. */
export const bzpopmin = command({
  name: "BZPOPMIN",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Takes the member with the lowest score, and waits for one",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["write", "blocking", "fast"],
  history: [["6.0.0", "Allowed fractions in `timeout`."]],
  args: [
    arg.key("key", "RW", "access", "delete").multiple(),
    arg.double("timeout"),
  ],
  run(call) {
    popOrWait(call, false);
  },
});

/** BZPOPMAX: the highest. */
export const bzpopmax = command({
  name: "BZPOPMAX",
  group: "sorted-set",
  since: "5.0.0",
  summary: "Takes the member with the highest score, and waits for one",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["write", "blocking", "fast"],
  history: [["6.0.0", "Allowed fractions in `timeout`."]],
  args: [
    arg.key("key", "RW", "access", "delete").multiple(),
    arg.double("timeout"),
  ],
  run(call) {
    popOrWait(call, true);
  },
});

function popOrWait(call: Call, fromEnd: boolean): void {
  const timeoutMs = timeoutAt(call, call.argc - 1);
  const keyCount = call.argc - 2;
  serveOrWait(call, {
    ...{ type: "zset", firstKey: 1, keyCount, timeoutMs },
    serve: (call) => serveOne(call, fromEnd),
  });
}

/** Serves the call if a key has members; whoever waits tries again later. */
function serveOne(call: Call, fromEnd: boolean): boolean {
  const key = firstToPop(call, 1, call.argc - 2);
  if (key < 0) return false;
  call.reply.array(3);
  call.reply.bulk(call.bytes(key));
  call.db.sortedSets.pop(key, 1, fromEnd, POP_BARE);
  popped(call, key, fromEnd);
  if (call.observed) call.propagate([popName(fromEnd), call.bytes(key)]);
  return true;
}
