import { failure, hyperLogLogMissing, quoted } from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

const KEY = 2;

/** PFDEBUG: looks into a HyperLogLog, or makes it dense. */
export const pfdebug = command({
  name: "PFDEBUG",
  group: "hyperloglog",
  since: "2.8.9",
  summary: "Shows how a HyperLogLog is kept",
  complexity: "O(N), N = its bytes or registers",
  flags: ["write", "denyoom", "admin"],
  args: [arg.string("subcommand"), arg.key("key", "RW", "access")],
  isInternal: true,
  run(call) {
    const { hyperLogLogs } = call.db;
    const isSparse = hyperLogLogs.isSparse(KEY);
    if (isSparse === null) throw hyperLogLogMissing;
    if (call.is(1, "GETREG")) {
      if (hyperLogLogs.replyRegisters(KEY)) propagateAsSent(call);
    } else if (call.is(1, "DECODE")) hyperLogLogs.replyRuns(KEY);
    else if (call.is(1, "ENCODING")) {
      call.reply.simple(isSparse ? "sparse" : "dense");
    } else if (call.is(1, "TODENSE")) {
      const hasChanged = hyperLogLogs.makeDense(KEY);
      if (hasChanged) propagateAsSent(call);
      call.reply.integer(hasChanged ? 1 : 0);
    } else {
      const name = quoted(call.latin1(1));
      throw failure(`ERR Unknown PFDEBUG subcommand '${name}'`);
    }
  },
});

/** Only replicas learn of another form: what it says is the same as before. */
function propagateAsSent(call: Call): void {
  call.propagate(Array.from({ length: call.argc }, (_, i) => call.bytes(i)));
}
