/** LPUSH, RPUSH and, only for lists that are there, LPUSHX and RPUSHX. */
import { HOT_LPUSH, HOT_RPUSH } from "../../keyspace/hot.ts";
import type { Side } from "../../keyspace/lists.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { pushed } from "./side.ts";

/** What all four have in common. */
const family = {
  group: "list",
  complexity: "O(1) for each element",
  flags: ["write", "denyoom", "fast"],
  args: [
    arg.key("key", "RW", "insert"),
    arg.string("element").multiple(),
  ],
} as const;

export const lpush = command({
  ...family,
  name: "LPUSH",
  since: "1.0.0",
  summary: "Adds elements in front of a list, or makes a new one of them",
  history: [["2.4.0", "More than one element can be given."]],
  hot: HOT_LPUSH,
  run: (call) => push(call, "left", false),
});

export const rpush = command({
  ...family,
  name: "RPUSH",
  since: "1.0.0",
  summary: "Adds elements behind a list, or makes a new one of them",
  history: [["2.4.0", "More than one element can be given."]],
  hot: HOT_RPUSH,
  run: (call) => push(call, "right", false),
});

export const lpushx = command({
  ...family,
  name: "LPUSHX",
  since: "2.2.0",
  summary: "Adds elements in front of a list, if there is one",
  history: [["4.0.0", "More than one element can be given."]],
  run: (call) => push(call, "left", true),
});

export const rpushx = command({
  ...family,
  name: "RPUSHX",
  since: "2.2.0",
  summary: "Adds elements behind a list, if there is one",
  history: [["4.0.0", "More than one element can be given."]],
  run: (call) => push(call, "right", true),
});

function push(call: Call, side: Side, onlyOld: boolean): void {
  const { db, argc, reply } = call;
  const length = db.lists.push(1, 2, argc - 2, side, onlyOld);
  reply.integer(length);
  if (length > 0) pushed(call, 1, side);
}
