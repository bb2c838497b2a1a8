import { BIT_CHANGED } from "../../keyspace/bits.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SETBIT: sets or clears one bit; the string grows to hold it. */
export const setbit = command({
  name: "SETBIT",
  group: "bitmap",
  since: "2.2.0",
  summary: "Writes one bit of a string and replies with the one before",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "RW", "access", "update"),
    arg.integer("offset"),
    arg.integer("value"),
  ],
  run(call) {
    const before = call.db.bits.set(1, 2, 3);
    if (before & BIT_CHANGED) call.changed(1, "setbit");
    call.reply.integer(before & 1);
  },
});
