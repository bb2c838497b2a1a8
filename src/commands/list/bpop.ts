/** BLPOP and BRPOP: one element off the first list that has any, or a wait. */
import { HOT_BLPOP, HOT_BRPOP } from "../../keyspace/hot.ts";
import type { Side } from "../../keyspace/lists.ts";
import type { Call, Wait } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { serveOrWait, timeoutAt } from "../timeout.ts";
import { serveFirst } from "./serve.ts";

const args = [
  arg.key("key", "RW", "access", "delete").multiple(),
  arg.double("timeout"),
];

export const blpop = command({
  name: "BLPOP",
  group: "list",
  since: "2.0.0",
  summary: "Takes the first element of the first list that has any, or waits",
  complexity: "O(N), N = keys",
  history: [["6.0.0", "The timeout may be a fraction of a second."]],
  flags: ["write", "blocking"],
  args,
  hot: HOT_BLPOP,
  waitOf: (call) => waitOf(call, "left"),
  run: (call) => serveOrWait(call, waitOf(call, "left")),
});

export const brpop = command({
  name: "BRPOP",
  group: "list",
  since: "2.0.0",
  summary: "Takes the last element of the first list that has any, or waits",
  complexity: "O(N), N = keys",
  history: [["6.0.0", "The timeout may be a fraction of a second."]],
  flags: ["write", "blocking"],
  args,
  hot: HOT_BRPOP,
  waitOf: (call) => waitOf(call, "right"),
  run: (call) => serveOrWait(call, waitOf(call, "right")),
});

function waitOf(call: Call, side: Side): Wait {
  const keyCount = call.argc - 2;
  return {
    type: "list",
    firstKey: 1,
    keyCount,
    timeoutMs: timeoutAt(call, call.argc - 1),
    serve: (call) => serveFirst(call, 1, keyCount, side, null),
  };
}
