import { RANGE_BY_NAME, RANGE_BY_SCORE } from "../../keyspace/sorted_sets.ts";
import type { EventName } from "../../protocol/events.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const LOG_N_AND_M =
  "O(log N + M), N = members of the sorted set, M = members removed";

/** ZREMRANGEBYRANK: a part of the order goes, by rank. */
export const zremrangebyrank = command({
  name: "ZREMRANGEBYRANK",
  group: "sorted-set",
  since: "2.0.0",
  summary: "Removes the members in a range of ranks",
  complexity: LOG_N_AND_M,
  flags: ["write"],
  args: [
    arg.key("key", "RW", "delete"),
    arg.integer("start"),
    arg.integer("stop"),
  ],
  run(call) {
    const start = call.integer(2), stop = call.integer(3);
    const removed = call.db.sortedSets.removeRanks(1, start, stop);
    finish(call, removed, "zremrangebyrank");
  },
});

/** ZREMRANGEBYSCORE: by score. */
export const zremrangebyscore = command({
  name: "ZREMRANGEBYSCORE",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Removes the members with a score in a range",
  complexity: LOG_N_AND_M,
  flags: ["write"],
  args: [arg.key("key", "RW", "delete"), arg.double("min"), arg.double("max")],
  run(call) {
    const removed = call.db.sortedSets.removeBetween(1, RANGE_BY_SCORE, 2, 3);
    finish(call, removed, "zremrangebyscore");
  },
});

/** ZREMRANGEBYLEX: by name. */
export const zremrangebylex = command({
  name: "ZREMRANGEBYLEX",
  group: "sorted-set",
  since: "2.8.9",
  summary: "Removes the members between two names, all scores being equal",
  complexity: LOG_N_AND_M,
  flags: ["write"],
  args: [arg.key("key", "RW", "delete"), arg.string("min"), arg.string("max")],
  run(call) {
    const removed = call.db.sortedSets.removeBetween(1, RANGE_BY_NAME, 2, 3);
    finish(call, removed, "zremrangebylex");
  },
});

function finish(call: Call, removed: number, event: EventName): void {
  call.reply.integer(removed);
  if (removed === 0) return;
  call.changed(1, event);
  if (call.db.emptied) call.changed(1, "del");
}
