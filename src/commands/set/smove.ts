import { MOVE_ADDED, MOVED } from "../../keyspace/sets.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SMOVE: a member leaves one set and joins another. */
export const smove = command({
  name: "SMOVE",
  group: "set",
  since: "1.0.0",
  summary: "Moves a member from one set to another",
  complexity: "O(1)",
  flags: ["write", "fast"],
  args: [
    arg.key("source", "RW", "access", "delete"),
    arg.key("destination", "RW", "insert"),
    arg.string("member"),
  ],
  run(call) {
    const { reply, db } = call;
    const moved = db.sets.move(1, 2, 3);
    reply.integer(moved > 0 ? 1 : 0);
    if (!(moved & MOVED)) return;
    call.changed(1, "srem");
    if (db.emptied) call.changed(1, "del");
    if (moved & MOVE_ADDED) call.changed(2, "sadd");
  },
});
