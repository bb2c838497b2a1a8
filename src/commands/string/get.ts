import { HOT_GET } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** GET: the string under a key. */
export const get = command({
  name: "GET",
  group: "string",
  since: "1.0.0",
  summary: "Reads the string stored under a key",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access")],
  hot: HOT_GET,
  run(call) {
    call.db.get(call.reply, 1);
  },
});
