/** LPOP and RPOP: one element off an end of a list, or several. */
import { HOT_LPOP, HOT_RPOP } from "../../keyspace/hot.ts";
import { MISSING, type Side } from "../../keyspace/lists.ts";
import { mustBePositive, wrongArity } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { popped } from "./side.ts";

const args = [
  arg.key("key", "RW", "access", "delete"),
  arg.integer("count").optional().since("6.2.0"),
];

export const lpop = command({
  name: "LPOP",
  group: "list",
  since: "1.0.0",
  summary: "Takes elements off the front of a list",
  complexity: "O(N), N = elements taken",
  history: [["6.2.0", "How many can be given: `count`."]],
  flags: ["write", "fast"],
  args,
  hot: HOT_LPOP,
  run: (call) => pop(call, "left"),
});

export const rpop = command({
  name: "RPOP",
  group: "list",
  since: "1.0.0",
  summary: "Takes elements off the end of a list",
  complexity: "O(N), N = elements taken",
  history: [["6.2.0", "How many can be given: `count`."]],
  flags: ["write", "fast"],
  args,
  hot: HOT_RPOP,
  run: (call) => pop(call, "right"),
});

function pop(call: Call, side: Side): void {
  const { db, argc, reply } = call;
  if (argc > 3) throw wrongArity(side === "left" ? "lpop" : "rpop");
  if (argc === 3) return popMany(call, side);
  if (db.lists.pop(1, side) === MISSING) reply.null();
  else popped(call, 1, side);
}

function popMany(call: Call, side: Side): void {
  const most = call.integerIn(2, 0, Infinity, mustBePositive);
  const count = call.db.lists.popMany(1, most, side);
  if (count === MISSING) call.reply.nullArray();
  else if (count > 0) popped(call, 1, side);
}
