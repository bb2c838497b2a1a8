import type { SubscriptionKind, Subscriptions } from "../commands/call.ts";
import { globMatch } from "../protocol/glob.ts";
import { bytesOfLatin1 } from "../protocol/text.ts";
import { Messages } from "./messages.ts";

/** Who gets messages. */
export interface Subscriber {
  readonly resp: number;
  /** Null while there are none; set here and nowhere else. */
  subscriptions: Subscriptions | null;
  /** Gets whole messages. */
  deliver(messages: Uint8Array): void;
}

type Audience = Set<Subscriber>;

/** Whoever is given has something to hand over, soon. */
export type HandOverSoon = (handOver: () => void) => void;

/** What a subscription takes beside its name. */
const OVERHEAD_BYTES = 64;

const MESSAGE = bytesOfLatin1("message");
const PATTERN_MESSAGE = bytesOfLatin1("pmessage");
const SHARD_MESSAGE = bytesOfLatin1("smessage");

/**
 * Who listens to what, and the way of messages to them.
 *
 * A message is encoded once, however many get it, and messages to the same
 * audience go to them together: nobody is touched before something else is to
 * be said to somebody of it, or to another audience, or it is time to send.
 */
export class PubSub {
  /** Called when the first listener has come or the last one has gone. */
  listenersChanged: () => void = () => {};
  readonly #audiences: Readonly<
    Record<SubscriptionKind, Map<string, Audience>>
  > = {
    channel: new Map(),
    pattern: new Map(),
    shard: new Map(),
  };
  readonly #handOverSoon: HandOverSoon;
  readonly #handOver = () => {
    this.#isExpected = false;
    this.handOver();
  };
  /** What has been published and not handed over, ... */
  readonly #messages = new Messages();
  /** ... and to whom, null for nobody. */
  #audience: Audience | null = null;
  /** Whether it will be called back. */
  #isExpected = false;

  /** What is published is handed over at the latest when that calls back. */
  constructor(handOverSoon: HandOverSoon) {
    this.#handOverSoon = handOverSoon;
  }

  /** Whether anybody listens to channels or patterns. */
  get hasListeners(): boolean {
    const { channel, pattern } = this.#audiences;
    return channel.size > 0 || pattern.size > 0;
  }

  /** To how many names of a kind there are subscribers. */
  count(kind: SubscriptionKind): number {
    return this.#audiences[kind].size;
  }

  /** The names of a kind that have subscribers. */
  names(kind: SubscriptionKind): Iterable<string> {
    return this.#audiences[kind].keys();
  }

  subscriberCount(kind: SubscriptionKind, name: string): number {
    return this.#audiences[kind].get(name)?.size ?? 0;
  }

  subscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber) {
    // What has been published is not for the newcomer.
    this.handOver();
    const hadListeners = this.hasListeners;
    const own = subscriber.subscriptions ??= this.#noneOf(subscriber);
    if (own[kind].has(name)) return;
    own[kind].add(name);
    own.byteCount += name.length + OVERHEAD_BYTES;
    const audience = this.#audiences[kind].get(name);
    if (audience !== undefined) audience.add(subscriber);
    else this.#audiences[kind].set(name, new Set([subscriber]));
    if (this.hasListeners !== hadListeners) this.listenersChanged();
  }

  unsubscribe(kind: SubscriptionKind, name: string, subscriber: Subscriber) {
    const own = subscriber.subscriptions;
    if (own === null || !own[kind].has(name)) return;
    // What has been published is for the leaver, too; it may be too much.
    this.handOver();
    if (!own[kind].delete(name)) return;
    own.byteCount -= name.length + OVERHEAD_BYTES;
    const hadListeners = this.hasListeners;
    const audience = this.#audiences[kind].get(name)!;
    audience.delete(subscriber);
    if (audience.size === 0) this.#audiences[kind].delete(name);
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

  /** Returns how many get it; who has several ways to it gets it on each. */
  publish(channel: string, payload: Uint8Array): number {
    const { channel: channels, pattern: patterns } = this.#audiences;
    const listeners = channels.get(channel);
    if (listeners === undefined && patterns.size === 0) return 0;
    const name = bytesOfLatin1(channel);
    let count = 0;
    if (listeners !== undefined) {
      this.#send(listeners, [MESSAGE, name, payload]);
      count += listeners.size;
    }
    for (const [pattern, followers] of patterns) {
      if (!globMatch(pattern, channel, false)) continue;
      const patternName = bytesOfLatin1(pattern);
      this.#send(followers, [PATTERN_MESSAGE, patternName, name, payload]);
      count += followers.size;
    }
    return count;
  }

  /** The same for a shard's channel, which patterns do not follow. */
  publishToShard(channel: string, payload: Uint8Array): number {
    const listeners = this.#audiences.shard.get(channel);
    if (listeners === undefined) return 0;
    this.#send(listeners, [SHARD_MESSAGE, bytesOfLatin1(channel), payload]);
    return listeners.size;
  }

  /** Gives everybody what has been published. */
  handOver(): void {
    const audience = this.#audience;
    if (audience === null) return;
    this.#audience = null;
    const parcel = this.#messages.take();
    for (const one of audience) one.deliver(parcel.in(one.resp));
  }

  #send(audience: Audience, words: readonly Uint8Array[]): void {
    const messages = this.#messages;
    if (audience !== this.#audience || !messages.hasRoom(words)) {
      this.handOver();
    }
    messages.add(words);
    this.#audience = audience;
    if (messages.isFull) return this.handOver();
    if (this.#isExpected) return;
    this.#isExpected = true;
    this.#handOverSoon(this.#handOver);
  }

  #noneOf(subscriber: Subscriber): Subscriptions {
    return {
      channel: new Set(),
      pattern: new Set(),
      shard: new Set(),
      byteCount: 0,
      handOver: () => this.handOver(),
      leave: () => this.leave(subscriber),
    };
  }
}
