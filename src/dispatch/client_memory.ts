import type { ClientSession } from "./session.ts";

/** About what a connection without any buffered byte takes. */
const SESSION_BYTES = 4096;
/** What a watched key, or a subscription, takes beside its name. */
export const NAME_OVERHEAD_BYTES = 64;

/** What a client takes in memory, in bytes: CLIENT LIST and its kin. */
export interface ClientMemory {
  /** What it has sent and no command has used, ... */
  readonly input: number;
  /** ... and room for more of it. */
  readonly inputFree: number;
  /** Of the command that is executed, or that waits to be. */
  readonly argumentBytes: number;
  /** What waits for EXEC. */
  readonly queued: number;
  /** What it has not read yet. */
  readonly output: number;
  readonly total: number;
}

export function clientMemory(session: ClientSession): ClientMemory {
  const { host, transport } = session;
  const { bytes, free: inputFree, parsed } = host.inputUse(session);
  const input = bytes - parsed;
  const argumentBytes = host.argumentBytes(session) + parsed;
  const queued = session.transaction?.queueBytes ?? 0;
  const output = transport.outputBytes;
  const total = clientHeapBytes(session) + input + inputFree + argumentBytes +
    queued + session.watchedBytes + prefixBytes(session);
  return { input, inputFree, argumentBytes, queued, output, total };
}

/** What it takes outside of the engine. */
export function clientHeapBytes(session: ClientSession): number {
  const { transport, subscriptions } = session;
  return SESSION_BYTES + transport.outputBytes +
    (subscriptions?.byteCount ?? 0);
}

/** What a caching client takes for the prefixes that it named. */
function prefixBytes({ tracking }: ClientSession): number {
  let total = 0;
  for (const { length } of tracking?.prefixes ?? []) {
    total += NAME_OVERHEAD_BYTES + length;
  }
  return total;
}
