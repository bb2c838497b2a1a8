import { command } from "../define/command.ts";

/** RANDOMKEY: any key of the database, each with the same chance. */
export const randomkey = command({
  name: "RANDOMKEY",
  group: "generic",
  since: "1.0.0",
  summary: "Draws a key of the database at random",
  complexity: "O(1)",
  flags: ["readonly", "touches_arbitrary_keys"],
  tips: [
    "request_policy:all_shards",
    "response_policy:special",
    "nondeterministic_output",
  ],
  run(call) {
    call.db.randomKey(call.reply);
  },
});
