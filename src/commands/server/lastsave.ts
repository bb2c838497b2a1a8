import { command } from "../define/command.ts";

/** LASTSAVE: when the last dump was written. */
export const lastsave = command({
  name: "LASTSAVE",
  group: "server",
  since: "1.0.0",
  summary: "Tells the Unix time of the last dump that was written",
  complexity: "O(1)",
  flags: ["loading", "stale", "fast"],
  categories: ["admin", "dangerous"],
  tips: ["nondeterministic_output"],
  args: [],
  run({ server: { persistence }, reply }) {
    reply.integer(Math.floor(persistence.lastSavedMs / 1000));
  },
});
