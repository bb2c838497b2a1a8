import { MISSING } from "../../keyspace/keyspace.ts";
import {
  delexCondition,
  delexNotString,
  wrongArity,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import type { FoundKey, Words } from "../define/keys.ts";
import { compare, compareArguments, compareOption } from "./compare_option.ts";

/** DELEX: a key goes, if it holds what the condition says. */
export const delex = command({
  name: "DELEX",
  group: "string",
  since: "8.4.0",
  summary: "Removes a key if its string, or the hash of it, is as expected",
  complexity: "O(1) for IFEQ and IFNE, O(N) for hashes, N = bytes of the value",
  flags: ["write", "fast"],
  args: [
    arg.key("key", "RW", "delete", "variable_flags"),
    arg.oneOf("condition", ...compareArguments).optional(),
  ],
  keysFrom: findKey,
  run(call) {
    if (call.argc !== 2 && call.argc !== 4) throw wrongArity("delex");
    const goes = call.argc === 2 || conditionHolds(call);
    const gone = goes && call.db.delete(1);
    call.reply.integer(gone ? 1 : 0);
    if (!gone) return;
    call.changed(1, "del");
    if (call.observed) call.propagate(["DEL", call.bytes(1)]);
  },
});

/** What is wrong with the words matters only when there is a string. */
function conditionHolds(call: Call): boolean {
  const type = call.db.type(1);
  if (type === null) return false;
  if (type !== "string") throw delexNotString;
  const option = compareOption(call, 2);
  if (option === null) throw delexCondition;
  const holds = compare(call, option, 3);
  return holds !== MISSING && holds;
}

/** The value is looked at only when there is a condition on it. */
function findKey(words: Words): FoundKey[] {
  return words.argc === 2
    ? [{ index: 1, flags: ["RM", "delete"] }]
    : [{ index: 1, flags: ["RW", "access", "delete"] }];
}
