/** RENAME and RENAMENX: a value gets another key. */
import { MISSING } from "../../keyspace/keyspace.ts";
import { noSuchKey } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

export const rename = command({
  name: "RENAME",
  group: "generic",
  since: "1.0.0",
  summary: "Gives a key another name, in place of what was there",
  complexity: "O(1)",
  flags: ["write"],
  args: [
    arg.key("key", "RW", "access", "delete"),
    arg.key("newkey", "OW", "update"),
  ],
  run(call) {
    moveValue(call, false);
    call.reply.ok();
  },
});

export const renamenx = command({
  name: "RENAMENX",
  group: "generic",
  since: "1.0.0",
  summary: "Gives a key another name unless that one is taken",
  complexity: "O(1)",
  flags: ["write", "fast"],
  history: [["3.2.0", "Two equal names are no longer an error."]],
  args: [
    arg.key("key", "RW", "access", "delete"),
    arg.key("newkey", "OW", "insert"),
  ],
  run(call) {
    call.reply.integer(moveValue(call, true) ? 1 : 0);
  },
});

/** False when nothing moved: the name is taken, or it is the same one. */
function moveValue(call: Call, onlyNew: boolean): boolean {
  const moved = call.db.move(1, 2, call.db, onlyNew);
  if (moved === MISSING) throw noSuchKey;
  if (!moved) return false;
  call.changed(1, "rename_from");
  call.changed(2, "rename_to");
  return true;
}
