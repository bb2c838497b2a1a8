import { MISSING } from "../../keyspace/lists.ts";
import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LINSERT: an element beside another one. */
export const linsert = command({
  name: "LINSERT",
  group: "list",
  since: "2.2.0",
  summary: "Inserts an element before or after another one",
  complexity: "O(N), N = elements before the one that it goes beside",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "RW", "insert"),
    arg.oneOf("where", arg.token("BEFORE"), arg.token("AFTER")),
    arg.string("pivot"),
    arg.string("element"),
  ],
  run(call) {
    const behind = isBehind(call);
    const length = call.db.lists.insert(1, 3, 4, behind);
    if (length === MISSING) return call.reply.integer(0);
    call.reply.integer(length || -1);
    if (length > 0) call.changed(1, "linsert");
  },
});

function isBehind(call: Call): boolean {
  if (call.is(2, "AFTER")) return true;
  if (call.is(2, "BEFORE")) return false;
  throw syntaxError;
}
