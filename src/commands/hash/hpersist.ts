import { MISSING } from "../../keyspace/keyspace.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { fieldsArgument, fieldsAt } from "./field_list.ts";

/** What the reply says of a field that is not there, or never goes. */
const NO_FIELD = -2, NO_DUE_TIME = -1;

/** HPERSIST: fields stay. */
export const hpersist = command({
  name: "HPERSIST",
  group: "hash",
  since: "7.4.0",
  summary: "Takes the due times of fields of a hash away",
  complexity: "O(N log M), N = number of fields, M = those with a due time",
  flags: ["write", "fast"],
  args: [arg.key("key", "RW", "update"), fieldsArgument],
  run(call) {
    const { hashes } = call.db;
    hashes.checkType(1);
    const { first, count } = fieldsAt(call, 2);
    const outcomes: number[] = [];
    for (let field = first; field < first + count; field++) {
      const outcome = hashes.persist(1, field);
      if (outcome === MISSING) outcomes.push(NO_FIELD);
      else outcomes.push(outcome === 1 ? 1 : NO_DUE_TIME);
    }
    call.reply.array(count);
    for (const outcome of outcomes) call.reply.integer(outcome);
    if (outcomes.includes(1)) call.changed(1, "hpersist");
  },
});
