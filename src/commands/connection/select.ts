import { dbIndex } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SELECT: the database of this connection's next commands. */
export const select = command({
  name: "SELECT",
  group: "connection",
  since: "1.0.0",
  summary: "Chooses the database of the connection",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  args: [arg.integer("index")],
  run(call) {
    const index = call.integer32(1);
    if (index < 0 || index >= call.keyspace.databaseCount) throw dbIndex;
    call.client.database = index;
    call.reply.ok();
  },
});
