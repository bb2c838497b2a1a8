/** What the parts of a server ask of each other, brought together. */
import type { ReplayEvents } from "../dispatch/replay.ts";
import type { ClientSession } from "../dispatch/session.ts";
import type { PersistenceHost } from "../persistence/host.ts";
import type { LatencyEvent } from "../protocol/latency_events.ts";
import type { AccessHost } from "./access.ts";
import type { ClientsHost } from "./clients.ts";
import type { CronHost } from "./cron.ts";
import type { Listeners } from "./listeners.ts";
import type { HousekeepingHost } from "./housekeeping.ts";
import type { Server } from "./server.ts";
import { REDIS_VERSION } from "./version.ts";

export function accessHost(server: Server): AccessHost {
  return {
    settings: server.settings,
    table: server.table,
    engine: server.engine,
    log: server.journal,
    sessions: () => server.clients.sessions(),
    currentSession: () => server.dispatcher.turn.current,
    rightsChanged: () => server.dispatcher.blocking.rightsChanged(),
  };
}

export function persistenceHost(server: Server): PersistenceHost {
  const { dispatcher, latency } = server;
  return {
    engine: server.engine,
    keyspace: server.keyspace,
    settings: server.settings,
    redisVersion: REDIS_VERSION,
    log: server.log.bind(server),
    usedMemory: () => server.metrics.used,
    setClock: (now: number) => dispatcher.clock.set(now),
    effects: dispatcher.effects,
    replay: (events: ReplayEvents) => dispatcher.replay(events),
    setLoading: (isLoading: boolean) => {
      dispatcher.admission.isLoading = isLoading;
      server.housekeeping.refresh();
    },
    logSafe: (sequence: number) => server.gate.reached(sequence),
    healthChanged: () => server.refreshWriteRefusal(),
    took: (event: LatencyEvent, ms: number) => {
      latency.note(event, ms);
      if (event === "aof-write") dispatcher.statistics.logMs += ms;
    },
  };
}

export function clientsHost(server: Server): ClientsHost {
  const { access, dispatcher, metrics } = server;
  const afterTurn = () => {
    metrics.notePeak();
    server.housekeeping.afterBatch();
  };
  return {
    config: server.settings,
    log: server.journal,
    get opensAuthenticated(): boolean {
      return access.isOpen;
    },
    defaultAccount: access.users.defaultUser,
    get isProtected(): boolean {
      return access.needsPassword;
    },
    inputUse: (session: ClientSession) => dispatcher.turn.inputUse(session),
    argumentBytes: (session: ClientSession) =>
      dispatcher.argumentBytes(session),
    isDirty: (session: ClientSession) => dispatcher.isDirty(session),
    unblock: (session: ClientSession, withError: boolean) =>
      dispatcher.blocking.release(session, withError),
    withdraw: (session: ClientSession) => dispatcher.blocking.withdraw(session),
    receive: (session: ClientSession, bytes: Uint8Array, mayRun: boolean) => {
      dispatcher.receive(session, bytes, mayRun);
      afterTurn();
    },
    gather: (session: ClientSession, bytes: Uint8Array) =>
      dispatcher.gather(session, bytes),
    executeGathered: () => {
      dispatcher.executeGathered();
      afterTurn();
    },
    resume: (session: ClientSession) => {
      dispatcher.resume(session);
      afterTurn();
    },
    forget: (session: ClientSession) => dispatcher.forget(session),
    isPaused: () => dispatcher.admission.isPaused,
  };
}

export function housekeepingHost(server: Server): HousekeepingHost {
  const { dispatcher, latency } = server;
  return {
    keyspace: server.keyspace,
    engine: server.engine,
    mayExpire: () =>
      server.activeExpire && !server.cron.isPaused && !server.pause.isOn &&
      !dispatcher.admission.isLoading,
    evictSlice: () =>
      !dispatcher.admission.isLoading && dispatcher.memory.evictSlice(),
    setClock: (now: number) => dispatcher.clock.set(now),
    expired: () => dispatcher.commitExpired(),
    spent: (ms: number) => dispatcher.statistics.countTimer(ms),
    took: latency.note.bind(latency),
  };
}

/** `endIfAsked` obeys a signal that has come. */
export function cronHost(
  server: Server,
  listeners: Listeners,
  endIfAsked: () => void,
): CronHost {
  const { dispatcher, latency } = server;
  return {
    everyTenth: () => {
      endIfAsked();
      listeners.look();
      server.persistence.tick(Date.now());
      server.clients.tick(Date.now());
      server.metrics.sample();
      server.tracking.endTurn();
    },
    everySecond: () => {
      server.targets.expel(Date.now());
      server.tls.tick();
      listeners.watch();
    },
    took: (ms: number) => {
      dispatcher.statistics.countTimer(ms);
      latency.note("cron", ms);
    },
  };
}
