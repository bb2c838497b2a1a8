import { slowCountTooSmall, subcommandSyntax } from "../../protocol/errors.ts";
import type { Reply } from "../../protocol/reply.ts";
import type { Call } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { helpOf } from "../define/help.ts";
import type { SlowEntry } from "../observation.ts";

const FLAGS = ["admin", "loading", "stale"] as const;
const DEFAULT_COUNT = 10;

/** SLOWLOG: the commands that took long. */
export const slowlog = command({
  name: "SLOWLOG",
  group: "server",
  since: "2.2.12",
  summary: "Groups the commands about the slow log",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [{
    name: "GET",
    since: "2.2.12",
    summary: "Replies with commands that took long, the latest first",
    complexity: "O(N), N = entries returned",
    flags: FLAGS,
    tips: ["request_policy:all_nodes", "nondeterministic_output"],
    history: [["4.0.0", "Tells the client's address and name."]],
    args: [arg.integer("count").optional()],
    arity: -2,
    run: replyEntries,
  }, {
    name: "LEN",
    since: "2.2.12",
    summary: "Counts the entries of the slow log",
    complexity: "O(1)",
    flags: FLAGS,
    tips: [
      "request_policy:all_nodes",
      "response_policy:agg_sum",
      "nondeterministic_output",
    ],
    run(call) {
      call.reply.integer(call.server.slowLog.length);
    },
  }, {
    name: "RESET",
    since: "2.2.12",
    summary: "Empties the slow log",
    complexity: "O(N), N = entries",
    flags: FLAGS,
    tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
    run(call) {
      call.server.slowLog.reset();
      call.reply.ok();
    },
  }, helpOf("SLOWLOG", "6.2.0")],
});

function replyEntries(call: Call): void {
  if (call.argc > 3) throw subcommandSyntax("SLOWLOG", call.latin1(1));
  const { reply, server } = call;
  const count = call.argc === 3
    ? call.integerIn(2, -1, Infinity, slowCountTooSmall)
    : DEFAULT_COUNT;
  const entries = server.slowLog.latest(count < 0 ? Infinity : count);
  reply.array(entries.length);
  for (const entry of entries) replyEntry(reply, entry);
}

function replyEntry(reply: Reply, entry: SlowEntry): void {
  reply.array(6);
  reply.integer(entry.id);
  reply.integer(entry.unixSeconds);
  reply.integer(entry.microseconds);
  reply.array(entry.words.length);
  for (const word of entry.words) reply.bulk(word);
  reply.bulk(entry.address);
  reply.latin1(entry.clientName);
}
