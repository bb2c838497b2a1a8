import { invalidCursor, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { patternAt } from "./keys.ts";

/** SCAN: the keys in portions; the client brings the place back each time. */
export const scan = command({
  name: "SCAN",
  group: "generic",
  since: "2.8.0",
  summary: "Walks through the keys of the database in portions",
  complexity: "O(1) a call, O(N) for a whole walk, N = keys of the database",
  flags: ["readonly", "touches_arbitrary_keys"],
  tips: [
    "nondeterministic_output",
    "request_policy:special",
    "response_policy:special",
  ],
  history: [["6.0.0", "TYPE leaves out keys of any other type."]],
  args: [
    arg.integer("cursor"),
    arg.pattern("pattern").token("MATCH").optional(),
    arg.integer("count").token("COUNT").optional(),
    arg.string("type").token("TYPE").since("6.0.0").optional(),
  ],
  run(call) {
    const cursor = cursorAt(call, 1);
    const { count, pattern, type } = optionsOf(call);
    call.db.scan(call.reply, cursor, count, pattern, type);
  },
});

/** The engine counts ten times as far, in 32 bits. */
const MOST = 2 ** 28;

function optionsOf(
  call: Call,
): { count: number; pattern: number; type: string | null } {
  let count = 10;
  let pattern = 0;
  let type: string | null = null;
  for (let i = 2; i < call.argc; i += 2) {
    if (i + 1 === call.argc) throw syntaxError;
    if (call.is(i, "COUNT")) {
      count = Math.min(call.integer(i + 1), MOST);
      if (count < 1) throw syntaxError;
    } else if (call.is(i, "MATCH")) {
      pattern = patternAt(call, i + 1);
    } else if (call.is(i, "TYPE")) {
      type = call.word(i + 1);
    } else throw syntaxError;
  }
  return { count, pattern, type };
}

const CURSOR_LIMIT = 2n ** 64n;

/**
 * A cursor as C's strtoul reads it: signed, or empty, or ended by a NUL byte.
 * Its lower 32 bits say where to go on; what a table of another size has put
 * into the others means nothing here, as Redis too drops what it cannot use.
 */
export function cursorAt(call: Call, index: number): number {
  const text = call.latin1(index).split("\0", 1)[0];
  const match = /^([+-]?)(\d+)$/.exec(text);
  if (!match) {
    if (text === "") return 0;
    throw invalidCursor;
  }
  const value = BigInt(match[2]);
  if (value >= CURSOR_LIMIT) throw invalidCursor;
  return Number(BigInt.asUintN(32, match[1] === "-" ? -value : value));
}
