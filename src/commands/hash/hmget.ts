import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HMGET: the values of several fields. */
export const hmget = command({
  name: "HMGET",
  group: "hash",
  since: "2.0.0",
  summary: "Reads the values of several fields of a hash",
  complexity: "O(N), N = number of fields",
  flags: ["readonly", "fast"],
  args: [arg.key("key", "RO", "access"), arg.string("field").multiple()],
  run(call) {
    const mark = call.reply.mark();
    const count = call.argc - 2;
    call.db.hashes.getMany(1, 2, count);
    call.reply.insert(mark, `*${count}\r\n`);
  },
});
