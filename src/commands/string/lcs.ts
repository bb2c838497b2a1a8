import {
  lcsLengthAndRanges,
  lcsNotStrings,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** LCS: the longest common subsequence of two strings. */
export const lcs = command({
  name: "LCS",
  group: "string",
  since: "7.0.0",
  summary: "Finds the longest common subsequence of two strings",
  complexity: "O(N*M), N and M = bytes of the strings",
  flags: ["readonly"],
  args: [
    arg.key("key1", "RO", "access"),
    arg.key("key2").joined(),
    arg.token("LEN").optional(),
    arg.token("IDX").optional(),
    arg.integer("min-match-len").token("MINMATCHLEN").optional(),
    arg.token("WITHMATCHLEN").optional(),
  ],
  run(call) {
    if (!isString(call, 1) || !isString(call, 2)) throw lcsNotStrings;
    const { length, ranges, minBytes, withLengths } = readOptions(call);
    if (length && ranges) throw lcsLengthAndRanges;
    const { db, reply } = call;
    if (length) reply.integer(db.commonLength(1, 2));
    else if (!ranges) db.commonText(1, 2);
    else {
      reply.map(2);
      reply.bulk("matches");
      const total = db.commonRanges(reply, 1, 2, minBytes, withLengths);
      reply.bulk("len");
      reply.integer(total);
    }
  },
});

/** A key that is missing counts as an empty string. */
function isString(call: Call, key: number): boolean {
  const type = call.db.type(key);
  return type === null || type === "string";
}

interface Options {
  length: boolean;
  ranges: boolean;
  minBytes: number;
  withLengths: boolean;
}

function readOptions(call: Call): Options {
  const found: Options = {
    length: false,
    ranges: false,
    minBytes: 0,
    withLengths: false,
  };
  for (let at = 3; at < call.argc; at++) {
    if (call.is(at, "IDX")) found.ranges = true;
    else if (call.is(at, "LEN")) found.length = true;
    else if (call.is(at, "WITHMATCHLEN")) found.withLengths = true;
    else if (call.is(at, "MINMATCHLEN") && at + 1 < call.argc) {
      found.minBytes = call.integer(++at);
    } else throw syntaxError;
  }
  return found;
}
