import { HOT_HSET } from "../../keyspace/hot.ts";
import { wrongArity } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** HSET: fields with their values. */
export const hset = command({
  name: "HSET",
  group: "hash",
  since: "2.0.0",
  summary: "Stores one or several fields of a hash",
  complexity: "O(N), N = number of fields",
  flags: ["write", "denyoom", "fast"],
  history: [["4.0.0", "Several fields may be stored at once."]],
  args: [
    arg.key("key", "RW", "update"),
    arg.block("data", arg.string("field"), arg.string("value")).multiple(),
  ],
  hot: HOT_HSET,
  run(call) {
    call.reply.integer(storePairs(call, "hset"));
  },
});

/** HMSET: the same, with another reply. */
export const hmset = command({
  name: "HMSET",
  group: "hash",
  since: "2.0.0",
  summary: "Stores several fields of a hash",
  complexity: "O(N), N = number of fields",
  flags: ["write", "denyoom", "fast"],
  deprecated: {
    since: "4.0.0",
    replacedBy: "`HSET`, which takes several fields and values",
  },
  args: [
    arg.key("key", "RW", "update"),
    arg.block("data", arg.string("field"), arg.string("value")).multiple(),
  ],
  run(call) {
    storePairs(call, "hmset");
    call.reply.ok();
  },
});

/** Returns how many of the fields are new. */
function storePairs(call: Call, name: string): number {
  if (call.argc % 2 !== 0) throw wrongArity(name);
  const newCount = call.db.hashes.setPairs(1, 2, (call.argc - 2) / 2);
  call.changed(1, "hset");
  return newCount;
}
