import { globMatch } from "../protocol/glob.ts";
import { bytesOfLatin1 } from "../protocol/text.ts";
import { Message } from "./message.ts";

/**
 * What can be subscribed to. Names of channels and patterns are strings with
 * one char per byte.
 */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** What one subscriber has subscribed to, in the order in which he did. */
export interface Subscriptions
  extends Readonly<Record<SubscriptionKind, Set<string>>> {
  /** About what they take in memory. */
  byteCount: number;
}

/** Who gets messages. */
export interface Subscriber {
  readonly resp: number;
  /** Null while there are none; set here and nowhere else. */
  subscriptions: Subscriptions | null;
  /** Hands over a whole message; false when nobody is there any more. */
  deliver(message: Uint8Array): boolean;
}

type Subscribers = Map<string, Set<Subscriber>>;

/** What a subscription takes beside its name. */
const OVERHEAD_BYTES = 64;

const MESSAGE = bytesOfLatin1("message");
const PATTERN_MESSAGE = bytesOfLatin1("pmessage");
const SHARD_MESSAGE = bytesOfLatin1("smessage");

/**
 * Who listens to what, and the way of messages to them. One message is encoded
 * once for each protocol, however many get it.
 */
export class PubSub {
  /** Called when the first listener has come or the last one has gone. */
  listenersChanged: () => void = () => {};
  readonly #subscribers: Readonly<Record<SubscriptionKind, Subscribers>> = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };

  /** Whether anybody listens to channels or patterns. */
  get hasListeners(): boolean {
    const { channel, pattern } = this.#subscribers;
    return channel.size > 0 || pattern.size > 0;
  }

  /** To how many names of a kind there are subscribers. */
  count(kind: SubscriptionKind): number {
    return this.#subscribers[kind].size;
  }

  /** The names of a kind that have subscribers. */
  names(kind: SubscriptionKind): Iterable<string> {
    return this.#subscribers[kind].keys();
  }

  subscriberCount(kind: SubscriptionKind, name: string): number {
    return this.#subscribers[kind].get(name)?.size ?? 0;
  }

  subscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber) {
    const hadListeners = this.hasListeners;
    const own = subscriber.subscriptions ??= {
      channel: new Set(),
      pattern: new Set(),
      shard: new Set(),
      byteCount: 0,
    };
    if (own[kind].has(name)) return;
    own[kind].add(name);
    own.byteCount += name.length + OVERHEAD_BYTES;
    const subscribers = this.#subscribers[kind].get(name);
    if (subscribers !== undefined) subscribers.add(subscriber);
    else this.#subscribers[kind].set(name, new Set([subscriber]));
    if (this.hasListeners !== hadListeners) this.listenersChanged();
  }

  unsubscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber) {
    const own = subscriber.subscriptions;
    if (own === null || !own[kind].delete(name)) return;
    own.byteCount -= name.length + OVERHEAD_BYTES;
    const hadListeners = this.hasListeners;
    const subscribers = this.#subscribers[kind].get(name)!;
    subscribers.delete(subscriber);
    if (subscribers.size === 0) this.#subscribers[kind].delete(name);
    const left = own.channel.size + own.pattern.size + own.shard.size;
    if (left === 0) subscriber.subscriptions = null;
    if (this.hasListeners !== hadListeners) this.listenersChanged();
  }

  /** Takes back all that somebody has subscribed to. */
  leave(subscriber: Subscriber): void {
    const own = subscriber.subscriptions;
    if (own === null) return;
    for (const kind of ["channel", "pattern", "shard"] as const) {
      for (const name of own[kind]) this.unsubscribe(kind, name, subscriber);
    }
  }

  /** Returns how many got it; who has several ways to it gets it on each. */
  publish(channel: string, payload: Uint8Array): number {
    const { channel: channels, pattern: patterns } = this.#subscribers;
    const listeners = channels.get(channel);
    if (listeners === undefined && patterns.size === 0) return 0;
    const name = bytesOfLatin1(channel);
    let count = listeners === undefined
      ? 0
      : deliver(listeners, [MESSAGE, name, payload]);
    for (const [pattern, followers] of patterns) {
      if (!globMatch(pattern, channel, false)) continue;
      const words = [PATTERN_MESSAGE, bytesOfLatin1(pattern), name, payload];
      count += deliver(followers, words);
    }
    return count;
  }

  /** The same for a shard's channel, which patterns do not follow. */
  publishToShard(channel: string, payload: Uint8Array): number {
    const listeners = this.#subscribers.shard.get(channel);
    if (listeners === undefined) return 0;
    const words = [SHARD_MESSAGE, bytesOfLatin1(channel), payload];
    return deliver(listeners, words);
  }
}

function deliver(
  subscribers: Iterable<Subscriber>,
  words: readonly Uint8Array[],
): number {
  const message = new Message(words);
  let count = 0;
  for (const subscriber of subscribers) {
    if (subscriber.deliver(message.in(subscriber.resp))) count++;
  }
  return count;
}
