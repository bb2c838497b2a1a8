import type { Call, Session, SubscriptionKind } from "../call.ts";
import { arg, type Argument } from "../define/args.ts";
import { command, type CommandDefinition } from "../define/command.ts";
import { keyRange } from "../define/key_specs.ts";

/** One way to listen, and the messages that confirm its beginning and end. */
interface Way {
  readonly kind: SubscriptionKind;
  readonly name: string;
  readonly since: string;
  readonly argument: Argument;
  /** What is listened to, for texts. */
  readonly what: string;
}

const CHANNELS: Way = {
  kind: "channel",
  name: "SUBSCRIBE",
  since: "2.0.0",
  argument: arg.string("channel"),
  what: "channels",
};
const PATTERNS: Way = {
  kind: "pattern",
  name: "PSUBSCRIBE",
  since: "2.0.0",
  argument: arg.pattern("pattern"),
  what: "all channels that match patterns",
};
const SHARD_CHANNELS: Way = {
  kind: "shard",
  name: "SSUBSCRIBE",
  since: "7.0.0",
  argument: arg.string("shardchannel"),
  what: "channels of a shard",
};

const FLAGS = ["pubsub", "noscript", "loading", "stale", "pushes"] as const;

/** A cluster finds the node of a shard's channel as it does that of a key. */
const CHANNEL_AS_KEY = {
  flags: ["not_key"],
  beginSearch: { type: "index", index: 1 },
  findKeys: keyRange(-1),
} as const;

function subscribing(way: Way): CommandDefinition {
  const { kind, name, since, argument, what } = way;
  return {
    name,
    group: "pubsub",
    since,
    summary: `Listens to ${what}`,
    complexity: "O(N), N = names",
    flags: FLAGS,
    args: [argument.multiple()],
    ...(kind === "shard" ? { keySpecs: [CHANNEL_AS_KEY] } : {}),
    run(call) {
      for (let i = 1; i < call.argc; i++) {
        const subject = call.latin1(i);
        call.server.pubsub.subscribe(kind, subject, call.client);
        confirm(call, name, kind, subject);
      }
    },
  };
}

function unsubscribing(way: Way): CommandDefinition {
  const { kind, since, argument, what } = way;
  const name = way.name.replace("SUB", "UNSUB");
  return {
    name,
    group: "pubsub",
    since,
    summary: `Listens no more to ${what}: to those named, or to none`,
    complexity: "O(N), N = names",
    flags: FLAGS,
    args: [argument.multiple().optional()],
    ...(kind === "shard" ? { keySpecs: [CHANNEL_AS_KEY] } : {}),
    run(call) {
      const subjects = namesIn(call) ??
        [...call.client.subscriptions?.[kind] ?? []];
      for (const subject of subjects) {
        call.server.pubsub.unsubscribe(kind, subject, call.client);
        confirm(call, name, kind, subject);
      }
      if (subjects.length === 0) confirm(call, name, kind, null);
    },
  };
}

export const subscribe = command(subscribing(CHANNELS));
export const psubscribe = command(subscribing(PATTERNS));
export const ssubscribe = command(subscribing(SHARD_CHANNELS));
export const unsubscribe = command(unsubscribing(CHANNELS));
export const punsubscribe = command(unsubscribing(PATTERNS));
export const sunsubscribe = command(unsubscribing(SHARD_CHANNELS));

function namesIn(call: Call): string[] | null {
  if (call.argc === 1) return null;
  return Array.from({ length: call.argc - 1 }, (_, i) => call.latin1(i + 1));
}

/** Each name has a message of its own, with what is left. */
function confirm(
  { reply, client }: Call,
  name: string,
  kind: SubscriptionKind,
  subject: string | null,
): void {
  reply.push(3);
  reply.bulk(name.toLowerCase());
  if (subject === null) reply.null();
  else reply.latin1(subject);
  reply.integer(countOf(client, kind));
}

/** Channels and patterns are counted together, those of shards apart. */
function countOf({ subscriptions }: Session, kind: SubscriptionKind): number {
  if (subscriptions === null) return 0;
  const { channel, pattern, shard } = subscriptions;
  return kind === "shard" ? shard.size : channel.size + pattern.size;
}
