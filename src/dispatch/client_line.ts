import { clientMemory } from "./client_memory.ts";
import type { ClientSession } from "./session.ts";

/** A client's line in CLIENT LIST, without its end. */
export function clientLine(session: ClientSession): string {
  const { subscriptions, transport, tracking } = session;
  const memory = clientMemory(session);
  const now = Date.now();
  const seconds = (since: number) =>
    Math.max(0, Math.floor((now - since) / 1000));
  const fields: [string, string | number][] = [
    ["id", session.id],
    ["addr", session.address],
    ["laddr", session.localAddress],
    // Deno does not tell descriptors.
    ["fd", -1],
    ["name", session.name],
    ["age", seconds(session.connectedAtMs)],
    ["idle", seconds(session.lastActiveMs)],
    ["flags", flagsOf(session)],
    ["db", session.database],
    ["sub", subscriptions?.channel.size ?? 0],
    ["psub", subscriptions?.pattern.size ?? 0],
    ["ssub", subscriptions?.shard.size ?? 0],
    ["multi", session.transaction?.commandCount ?? -1],
    ["qbuf", memory.input],
    ["qbuf-free", memory.inputFree],
    ["argv-mem", memory.argumentBytes],
    ["multi-mem", memory.queued],
    // No client has a buffer for its replies alone.
    ["rbs", 0],
    ["rbp", 0],
    ["obl", 0],
    ["oll", transport.outputPieces],
    ["omem", memory.output],
    ["tot-mem", memory.total],
    ["events", memory.output > 0 ? "rw" : "r"],
    ["cmd", session.lastCommand],
    ["user", session.user],
    ["redir", tracking?.options.redirect ?? -1],
    ["resp", session.resp],
    ["lib-name", session.libraryName],
    ["lib-ver", session.libraryVersion],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(" ");
}

function flagsOf(session: ClientSession): string {
  let flags = "";
  if (session.isMonitoring) flags += "O";
  if (session.kind === "pubsub") flags += "P";
  if (session.transaction !== null) flags += "x";
  if (session.waiting !== null || session.postponed !== 0) flags += "b";
  flags += trackingFlags(session);
  if (session.host.isDirty(session)) flags += "d";
  if (session.closing) flags += "c";
  if (session.transport.isUnix) flags += "U";
  if (session.noEvict) flags += "e";
  if (session.noTouch) flags += "T";
  return flags || "N";
}

function trackingFlags({ tracking }: ClientSession): string {
  if (tracking === null) return "";
  const broken = tracking.isBroken ? "R" : "";
  return `t${broken}${tracking.options.isBroadcast ? "B" : ""}`;
}
