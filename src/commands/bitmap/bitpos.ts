import { bitArgument, syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { type BitRange, bitRange, saysBit, unitArgument } from "./range.ts";

/** BITPOS: the first bit of a string, or of a part of it, with a value. */
export const bitpos = command({
  name: "BITPOS",
  group: "bitmap",
  since: "2.8.7",
  summary: "Finds the first set or clear bit of a string or of a part of it",
  complexity: "O(N), N = bytes looked at",
  history: [["7.0.0", "The range may be given in bits: `BYTE|BIT`."]],
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.integer("bit"),
    arg.block(
      "range",
      arg.integer("start"),
      arg.block("end-unit-block", arg.integer("end"), unitArgument).optional(),
    ).optional(),
  ],
  run(call) {
    const { bits } = call.db;
    const bit = call.integer(2);
    if (bit !== 0 && bit !== 1) throw bitArgument;
    // A missing key is zeros without end, whatever the range says.
    if (!bits.open(1)) return call.reply.integer(bit === 1 ? -1 : 0);
    const { byteCount } = bits;
    const range = readRange(call, byteCount);
    if (!range) return call.reply.integer(-1);
    const position = bits.find(bit, range.first, range.last);
    // Without an end, the zeros go on behind the string.
    const goesOn = bit === 0 && call.argc < 5;
    call.reply.integer(position < 0 && goesOn ? byteCount * 8 : position);
  },
});

function readRange(call: Call, byteCount: number): BitRange | null {
  const { argc } = call;
  if (argc > 6) throw syntaxError;
  const start = argc > 3 ? call.integer(3) : 0;
  const inBits = argc > 5 && saysBit(call, 5);
  const end = argc > 4 ? call.integer(4) : -1;
  return bitRange(start, end, inBits, byteCount);
}
