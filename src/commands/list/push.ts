/** LPUSH, RPUSH and, only for lists that are there, LPUSHX and RPUSHX. */
import { HOT_LPUSH, HOT_RPUSH } from "../../keyspace/hot.ts";
import type { Side } from "../../keyspace/lists.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { pushed } from "./side.ts";

const args = [
  arg.key("key", "RW", "insert"),
  arg.string("element").multiple(),
];

export const lpush = command({
  name: "LPUSH",
  group: "list",
  since: "1.0.0",
  summary: "Adds elements in front of a list, or makes a new one of them",
  complexity: "O(1) for each element",
  history: [["2.4.0", "More than one element can be given."]],
  flags: ["write", "denyoom", "fast"],
  args,
  hot: HOT_LPUSH,
  run: (call) => push(call, "left", false),
});

export const rpush = command({
  name: "RPUSH",
  group: "list",
  since: "1.0.0",
  summary: "Adds elements behind a list, or makes a new one of them",
  complexity: "O(1) for each element",
  history: [["2.4.0", "More than one element can be given."]],
  flags: ["write", "denyoom", "fast"],
  args,
  hot: HOT_RPUSH,
  run: (call) => push(call, "right", false),
});

export const lpushx = command({
  name: "LPUSHX",
  group: "list",
  since: "2.2.0",
  summary: "Adds elements in front of a list, if there is one",
  complexity: "O(1) for each element",
  history: [["4.0.0", "More than one element can be given."]],
  flags: ["write", "denyoom", "fast"],
  args,
  run: (call) => push(call, "left", true),
});

export const rpushx = command({
  name: "RPUSHX",
  group: "list",
  since: "2.2.0",
  summary: "Adds elements behind a list, if there is one",
  complexity: "O(1) for each element",
  history: [["4.0.0", "More than one element can be given."]],
  flags: ["write", "denyoom", "fast"],
  args,
  run: (call) => push(call, "right", true),
});

function push(call: Call, side: Side, onlyOld: boolean): void {
  const { db, argc, reply } = call;
  const length = db.lists.push(1, 2, argc - 2, side, onlyOld);
  reply.integer(length);
  if (length > 0) pushed(call, 1, side);
}
