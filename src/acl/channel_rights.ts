/** Which channels may be used: the rules `&news.*`, `allchannels`. */
import type { Command } from "../commands/define/command.ts";
import type { Words } from "../commands/define/keys.ts";
import { globMatch } from "../protocol/glob.ts";
import { channelsAfterAll, hasBlanks, syntaxFault } from "./faults.ts";

/**
 * The commands that need a right to channels: which words name them. Whoever
 * leaves a channel needs none.
 */
const USERS_OF_CHANNELS = new Map<
  string,
  { readonly count: number; readonly arePatterns: boolean }
>([
  ["SUBSCRIBE", { count: Infinity, arePatterns: false }],
  ["SSUBSCRIBE", { count: Infinity, arePatterns: false }],
  ["PSUBSCRIBE", { count: Infinity, arePatterns: true }],
  ["PUBLISH", { count: 1, arePatterns: false }],
  ["SPUBLISH", { count: 1, arePatterns: false }],
]);

/** Whether a command needs a right to the channels that its words name. */
export function hasChannels({ name }: Command): boolean {
  return USERS_OF_CHANNELS.has(name);
}

export class ChannelRights {
  isComplete = false;
  readonly #patterns = new Set<string>();

  copy(): ChannelRights {
    const copy = new ChannelRights();
    copy.isComplete = this.isComplete;
    for (const pattern of this.#patterns) copy.#patterns.add(pattern);
    return copy;
  }

  get patterns(): ReadonlySet<string> {
    return this.#patterns;
  }

  /** The first word that names a channel which may not be used, 0 for none. */
  firstDenied({ name }: Command, words: Words): number {
    const use = USERS_OF_CHANNELS.get(name);
    if (this.isComplete || use === undefined) return 0;
    const end = Math.min(words.argc, 1 + use.count);
    for (let i = 1; i < end; i++) {
      if (!allowsChannel(this.#patterns, words.latin1(i), use.arePatterns)) {
        return i;
      }
    }
    return 0;
  }

  allowAll(): void {
    this.clear();
    this.isComplete = true;
  }

  clear(): void {
    this.isComplete = false;
    this.#patterns.clear();
  }

  /** A rule that begins with `&`. */
  add(rule: string): void {
    if (this.isComplete) throw channelsAfterAll;
    if (hasBlanks(rule)) throw syntaxFault;
    this.#patterns.add(rule.slice(1));
  }

  describe(): string {
    if (this.isComplete) return "&*";
    return Array.from(this.#patterns, (pattern) => `&${pattern}`).join(" ");
  }
}

/** A pattern that is subscribed to must be one that was allowed, literally. */
export function allowsChannel(
  allowed: ReadonlySet<string>,
  channel: string,
  isPattern: boolean,
): boolean {
  if (isPattern) return allowed.has(channel);
  for (const pattern of allowed) {
    if (globMatch(pattern, channel, false)) return true;
  }
  return false;
}
