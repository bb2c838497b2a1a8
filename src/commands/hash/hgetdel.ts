import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { fieldsArgument, fieldsAt } from "./field_list.ts";

/** HGETDEL: the values of fields, which go. */
export const hgetdel = command({
  name: "HGETDEL",
  group: "hash",
  since: "8.0.0",
  summary: "Reads the values of fields of a hash and removes the fields",
  complexity: "O(N), N = number of fields",
  flags: ["write", "fast"],
  args: [arg.key("key", "RW", "access", "delete"), fieldsArgument],
  run(call) {
    const { hashes } = call.db;
    hashes.checkType(1);
    const { first, count } = fieldsAt(call, 2);
    const taken: number[] = [];
    let emptied = false;
    call.reply.array(count);
    for (let field = first; field < first + count; field++) {
      if (!hashes.take(1, field)) continue;
      taken.push(field);
      emptied ||= call.db.emptied;
    }
    if (taken.length === 0) return;
    call.changed(1, "hdel");
    if (emptied) call.changed(1, "del");
    if (!call.observed) return;
    const names = taken.map((field) => call.bytes(field));
    call.propagate(["HDEL", call.bytes(1), ...names]);
  },
});
