import { offsetOutOfRange } from "../../protocol/errors.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SETRANGE: other bytes from an offset on, zeros where there were none. */
export const setrange = command({
  name: "SETRANGE",
  group: "string",
  since: "2.2.0",
  summary: "Overwrites the bytes of a string from an offset on",
  complexity: "O(N), N = bytes written, zeros up to the offset included",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "RW", "update"),
    arg.integer("offset"),
    arg.string("value"),
  ],
  run(call) {
    const offset = call.integer(2);
    if (offset < 0) throw offsetOutOfRange;
    call.reply.integer(call.db.setRange(1, offset, 3));
    if (call.byteCount(3) > 0) call.changed(1, "setrange");
  },
});
