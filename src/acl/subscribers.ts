/** Who may go on listening when a user's rules have changed. */
import type { Subscriptions } from "../commands/call.ts";
import { allowsChannel } from "./channel_rights.ts";
import type { Rules } from "./rules.ts";

/**
 * Tells who may stay of those who listen, or is null when all may: that is so
 * when nothing that was allowed has been taken back.
 */
export function listenersCheck(
  before: Rules,
  now: Rules,
): ((listening: Subscriptions) => boolean) | null {
  const { isComplete, patterns } = channelsOf(now);
  if (isComplete) return null;
  const old = channelsOf(before);
  const isAllKept = !old.isComplete &&
    [...old.patterns].every((pattern) => patterns.has(pattern));
  if (isAllKept) return null;
  const mayAll = (names: ReadonlySet<string>, arePatterns: boolean) =>
    [...names].every((name) => allowsChannel(patterns, name, arePatterns));
  return ({ channel, pattern, shard }) =>
    mayAll(pattern, true) && mayAll(channel, false) && mayAll(shard, false);
}

/** The channels of all selectors together. */
function channelsOf({ selectors }: Rules) {
  return {
    isComplete: selectors.some(({ channels }) => channels.isComplete),
    patterns: new Set(
      selectors.flatMap(({ channels }) => [...channels.patterns]),
    ),
  };
}
