import { sameObject } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { databaseAt } from "./database_index.ts";

/** MOVE: a key goes to another database unless it is there already. */
export const move = command({
  name: "MOVE",
  group: "generic",
  since: "1.0.0",
  summary: "Moves a key to another database",
  complexity: "O(1)",
  flags: ["write", "fast"],
  args: [arg.key("key", "RW", "access", "update"), arg.integer("db")],
  run(call) {
    const target = databaseAt(call, 2);
    if (target === call.db) throw sameObject;
    const isDone = call.db.move(1, 1, target, true) === 1;
    if (isDone) {
      call.changed(1, "move_from");
      call.changed(1, "move_to", target);
    }
    call.reply.integer(isDone ? 1 : 0);
  },
});
