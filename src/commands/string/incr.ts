import { HOT_INCR } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** INCR: one more. */
export const incr = command({
  name: "INCR",
  group: "string",
  since: "1.0.0",
  summary: "Adds one to the integer under a key, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update")],
  hot: HOT_INCR,
  run(call) {
    call.db.incrementOne(1, false);
    call.changed(1, "incrby");
  },
});

/** DECR: one less. */
export const decr = command({
  name: "DECR",
  group: "string",
  since: "1.0.0",
  summary: "Takes one from the integer under a key, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update")],
  run(call) {
    call.db.incrementOne(1, true);
    call.changed(1, "incrby");
  },
});

/** INCRBY: so many more. */
export const incrby = command({
  name: "INCRBY",
  group: "string",
  since: "1.0.0",
  summary: "Adds a number to the integer under a key, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update"), arg.integer("increment")],
  run(call) {
    call.db.incrementBy(1, 2, false);
    call.changed(1, "incrby");
  },
});

/** DECRBY: so many less. */
export const decrby = command({
  name: "DECRBY",
  group: "string",
  since: "1.0.0",
  summary: "Takes a number from the integer under a key, which begins at 0",
  complexity: "O(1)",
  flags: ["write", "denyoom", "fast"],
  args: [arg.key("key", "RW", "access", "update"), arg.integer("decrement")],
  run(call) {
    call.db.incrementBy(1, 2, true);
    call.changed(1, "incrby");
  },
});
