/** LMOVE and RPOPLPUSH, BLMOVE and BRPOPLPUSH: an element to another list. */
import type { Side } from "../../keyspace/lists.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import { serveOrWait, timeoutAt } from "../timeout.ts";
import { serveMove } from "./serve.ts";
import { sideArgument, sideAt } from "./side.ts";

const summary = "Takes an element off one list and adds it to another";

export const lmove = command({
  name: "LMOVE",
  group: "list",
  since: "6.2.0",
  summary,
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  args: [...keys(), sideArgument("wherefrom"), sideArgument("whereto")],
  run(call) {
    const from = sideAt(call, 3), to = sideAt(call, 4);
    if (!serveMove(call, from, to)) call.reply.null();
  },
});

export const rpoplpush = command({
  name: "RPOPLPUSH",
  group: "list",
  since: "1.2.0",
  summary: "Takes the last element of a list and adds it in front of another",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  args: keys(),
  deprecated: { since: "6.2.0", replacedBy: "`LMOVE` from `RIGHT` to `LEFT`" },
  run(call) {
    if (!serveMove(call, "right", "left")) call.reply.null();
  },
});

export const blmove = command({
  name: "BLMOVE",
  group: "list",
  since: "6.2.0",
  summary: `${summary}, or waits for one`,
  complexity: "O(1)",
  flags: ["write", "denyoom", "blocking"],
  args: [
    ...keys(),
    sideArgument("wherefrom"),
    sideArgument("whereto"),
    arg.double("timeout"),
  ],
  run(call) {
    const from = sideAt(call, 3), to = sideAt(call, 4);
    moveOrWait(call, from, to, "LMOVE", timeoutAt(call, 5));
  },
});

export const brpoplpush = command({
  name: "BRPOPLPUSH",
  group: "list",
  since: "2.2.0",
  summary: "Takes the last element of a list, or waits for one, and adds it " +
    "in front of another",
  complexity: "O(1)",
  history: [["6.0.0", "The timeout may be a fraction of a second."]],
  flags: ["write", "denyoom", "blocking"],
  args: [...keys(), arg.double("timeout")],
  deprecated: { since: "6.2.0", replacedBy: "`BLMOVE` from `RIGHT` to `LEFT`" },
  run(call) {
    moveOrWait(call, "right", "left", "RPOPLPUSH", timeoutAt(call, 3));
  },
});

function keys(): Argument[] {
  return [
    arg.key("source", "RW", "access", "delete"),
    arg.key("destination", "RW", "insert"),
  ];
}

function moveOrWait(
  call: Call,
  from: Side,
  to: Side,
  name: string,
  timeoutMs: number,
): void {
  const serve = (call: Call) => serveMoveAs(call, from, to, name);
  // What would have been waited for, or what was never to be waited for.
  if (call.transaction.isExecuting) {
    if (!serve(call)) call.reply.null();
  } else {
    const keys = { firstKey: 1, keyCount: 1 } as const;
    serveOrWait(call, { type: "list", ...keys, timeoutMs, serve });
  }
}

/** Others get the command of this name, which has the words but no timeout. */
function serveMoveAs(call: Call, from: Side, to: Side, name: string): boolean {
  if (!serveMove(call, from, to)) return false;
  if (call.observed) {
    const words: (string | Uint8Array)[] = [name];
    for (let i = 1; i < call.argc - 1; i++) words.push(call.bytes(i));
    call.propagate(words);
  }
  return true;
}
