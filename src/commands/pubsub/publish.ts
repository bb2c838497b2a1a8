import { arg } from "../define/args.ts";
import { command } from "../define/command.ts";
import { keyRange } from "../define/key_specs.ts";

const FLAGS = ["pubsub", "loading", "stale", "fast", "may_replicate"] as const;

export const publish = command({
  name: "PUBLISH",
  group: "pubsub",
  since: "2.0.0",
  summary: "Sends a message to all who listen to a channel",
  complexity: "O(N+M), N = listeners, M = patterns of all clients",
  flags: FLAGS,
  args: [arg.string("channel"), arg.string("message")],
  run(call) {
    const { pubsub } = call.server;
    call.reply.integer(pubsub.publish(call.latin1(1), call.bytes(2)));
  },
});

export const spublish = command({
  name: "SPUBLISH",
  group: "pubsub",
  since: "7.0.0",
  summary: "Sends a message to all who listen to a shard's channel",
  complexity: "O(N), N = listeners",
  flags: FLAGS,
  args: [arg.string("shardchannel"), arg.string("message")],
  keySpecs: [{
    flags: ["not_key"],
    beginSearch: { type: "index", index: 1 },
    findKeys: keyRange(),
  }],
  run(call) {
    const { pubsub } = call.server;
    call.reply.integer(pubsub.publishToShard(call.latin1(1), call.bytes(2)));
  },
});
