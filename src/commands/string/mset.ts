import { ONLY_NEW } from "../../keyspace/database.ts";
import { HOT_MSET } from "../../keyspace/hot.ts";
import { wrongArity } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** MSET: many strings at once, all of them or none. */
export const mset = command({
  name: "MSET",
  group: "string",
  since: "1.0.1",
  summary: "Stores several strings at once, each under its own key",
  complexity: "O(N), N = number of keys",
  flags: ["write", "denyoom"],
  tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  args: [
    arg.block("data", arg.key("key", "OW", "update"), arg.string("value"))
      .multiple(),
  ],
  hot: HOT_MSET,
  run(call) {
    storePairs(call, "mset", false);
    call.reply.ok();
  },
});

/** MSETNX: the same, if none of the keys is there yet. */
export const msetnx = command({
  name: "MSETNX",
  group: "string",
  since: "1.0.1",
  summary: "Stores several strings at once unless one of the keys exists",
  complexity: "O(N), N = number of keys",
  flags: ["write", "denyoom"],
  args: [
    arg.block("data", arg.key("key", "OW", "insert"), arg.string("value"))
      .multiple(),
  ],
  run(call) {
    call.reply.integer(storePairs(call, "msetnx", true) ? 1 : 0);
  },
});

function storePairs(call: Call, name: string, onlyNew: boolean): boolean {
  if (call.argc % 2 === 0) throw wrongArity(name);
  const pairCount = (call.argc - 1) / 2;
  if (!call.db.setPairs(1, pairCount, onlyNew ? ONLY_NEW : 0)) return false;
  for (let key = 1; key < call.argc; key += 2) call.changed(key, "set");
  return true;
}
