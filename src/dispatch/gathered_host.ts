import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Execution } from "./execution.ts";
import type { GatheredHost } from "./gathered.ts";

/** What becomes of sessions whose commands the engine executes together. */
export function hostGathered(
  execution: Execution,
  keyspace: Keyspace,
): GatheredHost {
  const { clock, resumption: { blocking }, statistics, turn } = execution;
  return {
    permissionOf: (session) => {
      session.lastActiveMs = clock.now;
      return session.closing ? 0 : execution.hotPermission(session);
    },
    databaseOf: ({ database }) => keyspace.database(database).handle,
    replied: (session, bytes, operation) => {
      session.lastCommand = statistics.hotCommand(operation).fullName;
      session.transport.write(bytes);
    },
    waits: (session, { operation, wait, queue, seconds }) => {
      const command = statistics.hotCommand(operation);
      session.lastCommand = command.fullName;
      blocking.beginInEngine(session, command, wait, queue, seconds * 1000);
    },
    served: (wait, bytes, hasGap) => {
      const session = blocking.servedInEngine(wait);
      if (hasGap) turn.breakOff(session);
      else session.transport.write(bytes);
      session.stopWaiting();
    },
    broken: (session) => turn.breakOff(session),
  };
}
