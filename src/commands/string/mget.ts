import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** MGET: the strings under many keys; null for a key with something else. */
export const mget = command({
  name: "MGET",
  group: "string",
  since: "1.0.0",
  summary: "Reads the strings stored under several keys at once",
  complexity: "O(N), N = number of keys",
  flags: ["readonly", "fast"],
  tips: ["request_policy:multi_shard"],
  args: [arg.key("key", "RO", "access").multiple()],
  run(call) {
    call.reply.array(call.argc - 1);
    for (let key = 1; key < call.argc; key++) {
      call.db.getOrNull(call.reply, key);
    }
  },
});
