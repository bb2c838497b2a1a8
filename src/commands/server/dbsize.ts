import { command } from "../define/command.ts";

/** DBSIZE: how many keys the selected database has. */
export const dbsize = command({
  name: "DBSIZE",
  group: "server",
  since: "1.0.0",
  summary: "Counts the keys of the database",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  categories: ["keyspace"],
  tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  run(call) {
    call.reply.integer(call.db.size);
  },
});
