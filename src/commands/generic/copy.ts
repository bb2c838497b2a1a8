import { sameObject, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { databaseAt } from "./database_index.ts";

/** COPY: a second value, with the same expiration time. */
export const copy = command({
  name: "COPY",
  group: "generic",
  since: "6.2.0",
  summary: "Copies a value to another key, also of another database",
  complexity: "O(N), N = size of the value; O(1) for a string",
  flags: ["write", "denyoom"],
  args: [
    arg.key("source", "RO", "access"),
    arg.key("destination", "OW", "update"),
    arg.integer("destination-db").token("DB").optional(),
    arg.token("REPLACE").optional(),
  ],
  run(call) {
    const { target, replaces } = optionsOf(call);
    if (target === call.db && call.latin1(1) === call.latin1(2)) {
      throw sameObject;
    }
    const isDone = call.db.copy(1, 2, target, replaces) === 1;
    if (isDone) call.changed(2, "copy_to", target);
    call.reply.integer(isDone ? 1 : 0);
  },
});

function optionsOf(call: Call) {
  let target = call.db;
  let replaces = false;
  for (let i = 3; i < call.argc; i++) {
    if (call.is(i, "REPLACE")) replaces = true;
    else if (call.is(i, "DB") && i + 1 < call.argc) {
      target = databaseAt(call, ++i);
    } else throw syntaxError;
  }
  return { target, replaces };
}
