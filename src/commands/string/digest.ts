import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** DIGEST: the hash of a string. */
export const digest = command({
  name: "DIGEST",
  group: "string",
  since: "8.4.0",
  summary: "Hashes the string stored under a key with XXH3",
  complexity: "O(N), N = bytes of the string",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access")],
  run(call) {
    call.db.valueDigest(call.reply, 1);
  },
});
