import { subcommandSyntax } from "../../protocol/errors.ts";
import { globMatch } from "../../protocol/glob.ts";
import type { Call, SubscriptionKind } from "../call.ts";
import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { helpOf } from "../define/help.ts";

const FLAGS = ["pubsub", "loading", "stale"] as const;

/** PUBSUB: who listens to what. */
export const pubsub = command({
  name: "PUBSUB",
  group: "pubsub",
  since: "2.8.0",
  summary: "Tells who listens to what",
  complexity: "Depends on the subcommand",
  flags: [],
  subcommands: [
    {
      name: "CHANNELS",
      since: "2.8.0",
      summary: "Names the channels that have listeners",
      complexity: "O(N), N = channels",
      flags: FLAGS,
      args: [arg.pattern("pattern").optional()],
      arity: -2,
      run: (call) => listNames(call, "channel"),
    },
    {
      name: "NUMPAT",
      since: "2.8.0",
      summary: "Counts the patterns that clients listen to",
      complexity: "O(1)",
      flags: FLAGS,
      run: ({ server, reply }) => reply.integer(server.pubsub.count("pattern")),
    },
    {
      name: "NUMSUB",
      since: "2.8.0",
      summary: "Counts the listeners of channels, patterns left aside",
      complexity: "O(N), N = channels named",
      flags: FLAGS,
      args: [arg.string("channel").multiple().optional()],
      run: (call) => countSubscribers(call, "channel"),
    },
    {
      name: "SHARDCHANNELS",
      since: "7.0.0",
      summary: "Names the shard's channels that have listeners",
      complexity: "O(N), N = the shard's channels",
      flags: FLAGS,
      args: [arg.pattern("pattern").optional()],
      arity: -2,
      run: (call) => listNames(call, "shard"),
    },
    {
      name: "SHARDNUMSUB",
      since: "7.0.0",
      summary: "Counts the listeners of a shard's channels",
      complexity: "O(N), N = channels named",
      flags: FLAGS,
      args: [arg.string("shardchannel").multiple().optional()],
      run: (call) => countSubscribers(call, "shard"),
    },
    helpOf("PUBSUB", "6.2.0"),
  ],
});

function listNames(call: Call, kind: SubscriptionKind): void {
  if (call.argc > 3) throw subcommandSyntax("PUBSUB", call.latin1(1));
  const names = [...call.server.pubsub.names(kind)];
  const pattern = call.argc === 3 ? call.latin1(2) : "*";
  const found = names.filter((name) => globMatch(pattern, name, false));
  call.reply.array(found.length);
  for (const name of found) call.reply.latin1(name);
}

function countSubscribers(call: Call, kind: SubscriptionKind): void {
  call.reply.array((call.argc - 2) * 2);
  for (let i = 2; i < call.argc; i++) {
    const name = call.latin1(i);
    call.reply.latin1(name);
    call.reply.integer(call.server.pubsub.subscriberCount(kind, name));
  }
}
