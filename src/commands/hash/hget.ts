import { HOT_HGET } from "../../keyspace/hot.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HGET: the value of a field. */
export const hget = command({
  name: "HGET",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the value of a field of a hash",
  complexity: "O(1)",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("field")],
  hot: HOT_HGET,
  run(call) {
    call.db.hashes.get(1, 2);
  },
});
