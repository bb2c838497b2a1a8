import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { dueTime, type ExpiryOption } from "./expiry_option.ts";
import { propagateSet } from "./set.ts";

/** SETEX: a string that is due in so many seconds. */
export const setex = command({
  name: "SETEX",
  group: "string",
  since: "2.0.0",
  summary: "Stores a string that expires after so many seconds",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "OW", "update"),
    arg.integer("seconds"),
    arg.string("value"),
  ],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `EX` argument" },
  run(call) {
    storeWithDue(call, "EX", "setex");
  },
});

/** PSETEX: a string that is due in so many milliseconds. */
export const psetex = command({
  name: "PSETEX",
  group: "string",
  since: "2.6.0",
  summary: "Stores a string that expires after so many milliseconds",
  complexity: "O(1)",
  flags: ["write", "denyoom"],
  args: [
    arg.key("key", "OW", "update"),
    arg.integer("milliseconds"),
    arg.string("value"),
  ],
  deprecated: { since: "2.6.12", replacedBy: "`SET` with the `PX` argument" },
  run(call) {
    storeWithDue(call, "PX", "psetex");
  },
});

function storeWithDue(call: Call, option: ExpiryOption, name: string): void {
  const dueMs = dueTime(call, option, 2, name);
  call.db.set(1, 3, 0, dueMs);
  call.reply.ok();
  call.changed(1, "set");
  call.changed(1, "expire");
  propagateSet(call, 3, dueMs);
}
