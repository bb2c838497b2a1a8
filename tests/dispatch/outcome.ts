/** What has come of commands, to be compared between two ways of executing. */
import type { Bench, BenchClient } from "./harness.ts";

/** Whether and how a client's connection is over. */
export function ending({ session, transport }: BenchClient): string {
  if (transport.destroyed) return "|destroyed";
  return session.closing ? "|closed" : "";
}

/** What INFO would tell of the commands, and what the data come to. */
export function stateOf({ server }: Bench) {
  const { calls } = server.engine;
  const { statistics } = server.dispatcher;
  const uses = [...statistics.uses].filter(([, use]) => use.calls > 0)
    .map(([command, use]) => `${command.fullName} ${use.calls} ${use.failed}`);
  return {
    uses: uses.sort(),
    processed: statistics.processed,
    errors: statistics.errorReplies,
    hits: calls.statHits(),
    misses: calls.statMisses(),
    changes: calls.statChanges(),
    digest: server.keyspace.digest(),
  };
}
