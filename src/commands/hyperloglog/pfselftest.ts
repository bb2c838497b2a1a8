import { failure } from "../../protocol/errors.ts";
import { command } from "../define/command.ts";

/** PFSELFTEST: lets the engine count ten million elements of its own. */
export const pfselftest = command({
  name: "PFSELFTEST",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Tests whether HyperLogLogs are counted as they should be",
  complexity: "O(1), a few tenths of a second",
  flags: ["admin"],
  isInternal: true,
  run(call) {
    if (call.db.hyperLogLogs.testItself()) return call.reply.ok();
    throw failure("ERR TESTFAILED the engine's HyperLogLogs are wrong");
  },
});
