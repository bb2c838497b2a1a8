import { syntaxError } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { type BitRange, bitRange, saysBit, unitArgument } from "./range.ts";

/** BITCOUNT: how many bits of a string, or of a part of it, are set. */
export const bitcount = command({
  name: "BITCOUNT",
  group: "bitmap",
  since: "2.6.0",
  summary: "Counts the set bits of a string or of a part of it",
  complexity: "O(N), N = bytes looked at",
  history: [["7.0.0", "The range may be given in bits: `BYTE|BIT`."]],
  flags: ["readonly"],
  args: [
    arg.key("key", "RO", "access"),
    arg.block(
      "range",
      arg.integer("start"),
      arg.integer("end"),
      unitArgument,
    ).optional(),
  ],
  run(call) {
    const { bits } = call.db;
    // Redis asks for the key first: where it is missing, no range is wrong.
    if (!bits.open(1)) return call.reply.integer(0);
    const range = readRange(call, bits.byteCount);
    call.reply.integer(range ? bits.count(range.first, range.last) : 0);
  },
});

function readRange(call: Call, byteCount: number): BitRange | null {
  const { argc } = call;
  if (argc === 2) return bitRange(0, -1, false, byteCount);
  if (argc !== 4 && argc !== 5) throw syntaxError;
  const start = call.integer(2), end = call.integer(3);
  if (end < 0 && isAfter(call, start, end)) return null;
  const inBits = argc === 5 && saysBit(call, 4);
  return bitRange(start, end, inBits, byteCount);
}

/** Exact also for ends that numbers of JavaScript cannot tell apart. */
function isAfter(call: Call, start: number, end: number): boolean {
  return start < 0 && start >= end && call.bigInteger(2) > call.bigInteger(3);
}
