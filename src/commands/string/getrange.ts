import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** GETRANGE: part of a string, both offsets inclusive, negatives from the end. */
export const getrange = command({
  name: "GETRANGE",
  group: "string",
  since: "2.4.0",
  summary: "Reads the bytes of a string between two offsets",
  complexity: "O(N), N = bytes returned",
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("start"),
    arg.integer("end"),
  ],
  run: replyRange,
});

/** SUBSTR: the first name of GETRANGE. */
export const substr = command({
  name: "SUBSTR",
  group: "string",
  since: "1.0.0",
  summary: "Reads the bytes of a string between two offsets",
  complexity: "O(N), N = bytes returned",
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("start"),
    arg.integer("end"),
  ],
  deprecated: { since: "2.0.0", replacedBy: "`GETRANGE`" },
  run: replyRange,
});

function replyRange(call: Call): void {
  const start = call.integer(2);
  const end = call.integer(3);
  call.db.getRange(call.reply, 1, start, end);
}
