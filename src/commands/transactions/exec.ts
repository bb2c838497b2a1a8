import { command } from "../define/command.ts";

/** EXEC: executes what was queued since MULTI, unless a watched key changed. */
export const exec = command({
  name: "EXEC",
  group: "transactions",
  since: "1.2.0",
  summary: "Executes the commands of a transaction",
  complexity: "O(N), N = queued commands, and what they cost",
  flags: ["noscript", "loading", "stale", "skip_slowlog"],
  args: [],
  run({ transaction }) {
    transaction.execute();
  },
});
