import { ADD_INCREMENT } from "../../keyspace/sorted_sets.ts";
import { syntaxError } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { addOptionAt } from "./zadd.ts";

/** ZINCRBY: so much more on a member's score. */
export const zincrby = command({
  name: "ZINCRBY",
  group: "sorted-set",
  since: "1.2.0",
  summary: "Adds to the score of a member, which begins at 0",
  complexity: "O(log N), N = members of the sorted set",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.integer("increment"),
    arg.string("member"),
  ],
  run(call) {
    // As in Redis, where it is read as ZADD's options and scores.
    if (addOptionAt(call, 2)) throw syntaxError;
    if (call.db.sortedSets.add(1, 2, 1, ADD_INCREMENT)) {
      call.changed(1, "zincr");
    }
  },
});
