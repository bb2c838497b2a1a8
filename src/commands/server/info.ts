import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";

/** INFO: the server's facts and figures, as `name:value` lines in sections. */
export const info = command({
  name: "INFO",
  group: "server",
  since: "1.0.0",
  summary: "Shows facts and figures of the server",
  complexity: "O(1)",
  flags: ["loading", "stale"],
  categories: ["dangerous"],
  tips: [
    "nondeterministic_output",
    "request_policy:all_shards",
    "response_policy:special",
  ],
  history: [["7.0.0", "Takes more than one section name."]],
  args: [arg.string("section").multiple().optional()],
  run(call) {
    const sections: string[] = [];
    for (let i = 1; i < call.argc; i++) sections.push(call.word(i));
    call.reply.verbatim(call.server.info(sections));
  },
});
