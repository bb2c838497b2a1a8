/** The subcommands of CLIENT for client-side caching. */
import {
  broadcastSwitched,
  broadcastWithChoice,
  cachingNoWithoutOptout,
  cachingWithoutTracking,
  cachingYesWithoutOptin,
  choiceSwitched,
  optedBothWays,
  prefixNeedsBroadcast,
  prefixOverlaps,
  redirectToNobody,
  redirectTwice,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call, TrackingOptions, TrackingState } from "../call.ts";
import { arg } from "../define/args.ts";
import type { SubcommandDefinition } from "../define/command.ts";

const FLAGS = ["noscript", "loading", "stale"] as const;

export const caching: SubcommandDefinition = {
  name: "CACHING",
  since: "6.0.0",
  summary: "Says whether the keys that the next command reads are tracked",
  complexity: "O(1)",
  flags: FLAGS,
  args: [arg.oneOf("mode", arg.token("YES"), arg.token("NO"))],
  run(call) {
    const { tracking } = call.client;
    if (tracking === null) throw cachingWithoutTracking;
    if (call.is(2, "YES")) {
      if (!tracking.options.optIn) throw cachingYesWithoutOptin;
    } else if (call.is(2, "NO")) {
      if (!tracking.options.optOut) throw cachingNoWithoutOptout;
    } else throw syntaxError;
    tracking.isChosen = true;
    call.reply.ok();
  },
};

export const getredir: SubcommandDefinition = {
  name: "GETREDIR",
  since: "6.0.0",
  summary: "Replies with the client who is told of this one's tracked keys",
  complexity: "O(1)",
  flags: FLAGS,
  run: ({ client, reply }) => reply.integer(redirectOf(client.tracking)),
};

export const trackinginfo: SubcommandDefinition = {
  name: "TRACKINGINFO",
  since: "6.2.0",
  summary: "Describes what this connection tracks",
  complexity: "O(1)",
  flags: FLAGS,
  run({ client: { tracking }, reply }) {
    reply.map(3);
    reply.bulk("flags");
    const flags = flagsOf(tracking);
    reply.set(flags.length);
    for (const flag of flags) reply.bulk(flag);
    reply.bulk("redirect");
    reply.integer(redirectOf(tracking));
    reply.bulk("prefixes");
    const prefixes = [...tracking?.prefixes ?? []].sort();
    reply.array(prefixes.length);
    for (const prefix of prefixes) reply.latin1(prefix);
  },
};

export const tracking: SubcommandDefinition = {
  name: "TRACKING",
  since: "6.0.0",
  summary: "Tells this connection when keys that it has read are changed",
  complexity: "O(1), and O(N) for N prefixes",
  flags: FLAGS,
  args: [
    arg.oneOf("status", arg.token("ON"), arg.token("OFF")),
    arg.integer("client-id").token("REDIRECT").optional(),
    arg.string("prefix").token("PREFIX").optional().multipleToken(),
    arg.token("BCAST").optional(),
    arg.token("OPTIN").optional(),
    arg.token("OPTOUT").optional(),
    arg.token("NOLOOP").optional(),
  ],
  run(call) {
    const { client, server } = call;
    const options = readOptions(call);
    if (call.is(2, "ON")) {
      check(options, client.tracking);
      server.tracking.enable(client, options);
    } else if (call.is(2, "OFF")) server.tracking.disable(client);
    else throw syntaxError;
    call.reply.ok();
  },
};

function redirectOf(tracking: TrackingState | null): number {
  return tracking === null ? -1 : tracking.options.redirect;
}

function flagsOf(tracking: TrackingState | null): string[] {
  if (tracking === null) return ["off"];
  const { options, isChosen, isBroken } = tracking;
  const flags = ["on"];
  if (options.isBroadcast) flags.push("bcast");
  if (options.optIn) flags.push("optin");
  if (options.optIn && isChosen) flags.push("caching-yes");
  if (options.optOut) flags.push("optout");
  if (options.optOut && isChosen) flags.push("caching-no");
  if (options.noLoop) flags.push("noloop");
  if (isBroken) flags.push("broken_redirect");
  return flags;
}

function readOptions(call: Call): TrackingOptions {
  const options = {
    redirect: 0,
    isBroadcast: false,
    prefixes: [] as string[],
    optIn: false,
    optOut: false,
    noLoop: false,
  };
  for (let i = 3; i < call.argc; i++) {
    const hasMore = i + 1 < call.argc;
    if (call.is(i, "REDIRECT") && hasMore) {
      if (options.redirect !== 0) throw redirectTwice;
      options.redirect = call.integer(++i);
      if (!call.server.tracking.canReach(options.redirect)) {
        throw redirectToNobody;
      }
    } else if (call.is(i, "BCAST")) options.isBroadcast = true;
    else if (call.is(i, "OPTIN")) options.optIn = true;
    else if (call.is(i, "OPTOUT")) options.optOut = true;
    else if (call.is(i, "NOLOOP")) options.noLoop = true;
    else if (call.is(i, "PREFIX") && hasMore) {
      options.prefixes.push(call.latin1(++i));
    } else throw syntaxError;
  }
  return options;
}

/** Whether the options go together, and with those that hold already. */
function check(options: TrackingOptions, before: TrackingState | null): void {
  const { isBroadcast, optIn, optOut, prefixes } = options;
  if (!isBroadcast && prefixes.length > 0) throw prefixNeedsBroadcast;
  if (before !== null && before.options.isBroadcast !== isBroadcast) {
    throw broadcastSwitched;
  }
  if (isBroadcast && (optIn || optOut)) throw broadcastWithChoice;
  if (optIn && optOut) throw optedBothWays;
  const hadOptIn = before?.options.optIn ?? false;
  const hadOptOut = before?.options.optOut ?? false;
  if ((optIn && hadOptOut) || (optOut && hadOptIn)) throw choiceSwitched;
  if (isBroadcast) checkPrefixes(prefixes, [...before?.prefixes ?? []].sort());
}

/** No key may begin with two prefixes of one client. */
function checkPrefixes(
  prefixes: readonly string[],
  before: readonly string[],
): void {
  prefixes.forEach((prefix, i) => {
    const existing = before.find((other) => overlap(prefix, other));
    if (existing !== undefined) {
      throw prefixOverlaps(prefix, "an existing", existing);
    }
    const another = prefixes.slice(i + 1).find((other) =>
      overlap(prefix, other)
    );
    if (another !== undefined) {
      throw prefixOverlaps(prefix, "another provided", another);
    }
  });
}

function overlap(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a);
}
