import {
  dbIndex,
  invalidFirstDbIndex,
  invalidSecondDbIndex,
  type ReplyError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** SWAPDB: two databases exchange their contents, whoever uses them. */
export const swapdb = command({
  name: "SWAPDB",
  group: "server",
  since: "4.0.0",
  summary: "Exchanges the contents of two databases",
  complexity: "O(1)",
  flags: ["write", "fast"],
  categories: ["keyspace", "dangerous"],
  args: [arg.integer("index1"), arg.integer("index2")],
  run(call) {
    const first = indexAt(call, 1, invalidFirstDbIndex);
    const second = indexAt(call, 2, invalidSecondDbIndex);
    const { databaseCount } = call.keyspace;
    const isDatabase = (index: number) => index >= 0 && index < databaseCount;
    if (!isDatabase(first) || !isDatabase(second)) throw dbIndex;
    call.keyspace.swap(first, second);
    call.propagate(["SWAPDB", first, second]);
    call.reply.ok();
  },
});

function indexAt(call: Call, argument: number, error: ReplyError): number {
  return call.integerIn(argument, -(2 ** 31), 2 ** 31 - 1, error);
}
