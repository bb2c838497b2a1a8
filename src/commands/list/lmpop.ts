/** LMPOP and BLMPOP: elements off the first of several lists that is there. */
import type { Side } from "../../keyspace/lists.ts";
import {
  countNotPositive,
  numkeysNotPositive,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command } from "../define/command.ts";
import { serveOrWait, timeoutAt } from "../timeout.ts";
import { serveFirst } from "./serve.ts";
import { sideArgument, sideAt } from "./side.ts";

export const lmpop = command({
  name: "LMPOP",
  group: "list",
  since: "7.0.0",
  summary: "Takes elements off the first of several lists that has any",
  complexity: "O(N+M), N = keys, M = elements taken",
  flags: ["write"],
  args: listArguments(),
  run(call) {
    const { firstKey, keyCount, side, most } = readWords(call, 1);
    if (!serveFirst(call, firstKey, keyCount, side, most)) {
      call.reply.nullArray();
    }
  },
});

export const blmpop = command({
  name: "BLMPOP",
  group: "list",
  since: "7.0.0",
  summary: "Takes elements off the first of several lists, or waits for some",
  complexity: "O(N+M), N = keys, M = elements taken",
  flags: ["write", "blocking"],
  args: [arg.double("timeout"), ...listArguments()],
  run(call) {
    const { firstKey, keyCount, side, most } = readWords(call, 2);
    const timeoutMs = timeoutAt(call, 1);
    serveOrWait(call, {
      ...{ type: "list", firstKey, keyCount, timeoutMs },
      serve: (call) => serveFirst(call, firstKey, keyCount, side, most),
    });
  },
});

function listArguments(): Argument[] {
  return [
    arg.integer("numkeys"),
    arg.key("key", "RW", "access", "delete").multiple(),
    sideArgument("where"),
    arg.integer("count").token("COUNT").optional(),
  ];
}

interface PopWords {
  readonly firstKey: number;
  readonly keyCount: number;
  readonly side: Side;
  readonly most: number;
}

/** Reads what follows `numkeys`, which stands at an index. */
function readWords(call: Call, at: number): PopWords {
  const keyCount = call.integerIn(at, 1, Infinity, numkeysNotPositive);
  const sideIndex = at + 1 + keyCount;
  if (sideIndex >= call.argc) throw syntaxError;
  const side = sideAt(call, sideIndex);
  let most = 0;
  for (let i = sideIndex + 1; i < call.argc; i += 2) {
    const isCount = call.is(i, "COUNT") && i + 1 < call.argc;
    if (most > 0 || !isCount) throw syntaxError;
    most = call.integerIn(i + 1, 1, Infinity, countNotPositive);
  }
  return { firstKey: at + 1, keyCount, side, most: most || 1 };
}
