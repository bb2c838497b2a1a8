import { clientMemory } from "../dispatch/client_memory.ts";
import type { ClientSession } from "../dispatch/session.ts";
import type { Config } from "./config/config.ts";

/** Who takes less than 2^16 bytes is in the first bucket with all others. */
const FIRST_BUCKET_BITS = 16;

/**
 * maxmemory-clients: when all clients together take more memory, those go who
 * take most. What each takes is noted after its turns, and looked at once a
 * second for what else may have changed it.
 *
 * Clients lie in buckets, each for twice as much memory as the one before it,
 * so that finding the largest looks at the few who are in the last one.
 */
export class ClientEviction {
  /** Whether there is a limit; without one nothing is noted. */
  isOn = false;
  /** How many clients had to go. */
  evictedCount = 0;
  readonly #config: Config;
  readonly #log: (text: string) => void;
  #maxBytes = 0;
  #totalBytes = 0;
  readonly #bytesOf = new Map<ClientSession, number>();
  readonly #buckets: Set<ClientSession>[] = [];

  constructor(config: Config, log: (text: string) => void) {
    this.#config = config;
    this.#log = log;
    this.#readLimit();
  }

  /** The limit may have changed. */
  follow(sessions: Iterable<ClientSession>): void {
    this.#readLimit();
    if (this.isOn) return this.noteAll(sessions);
    this.#bytesOf.clear();
    this.#buckets.length = 0;
    this.#totalBytes = 0;
  }

  #readLimit(): void {
    const limit = this.#config.get("maxmemory-clients");
    this.#maxBytes = limit.unit === "percent"
      ? Math.floor(this.#config.get("maxmemory") * limit.amount / 100)
      : limit.amount;
    this.isOn = this.#maxBytes > 0;
  }

  noteAll(sessions: Iterable<ClientSession>): void {
    for (const session of sessions) this.#note(session);
    this.#evict();
  }

  /** What a client takes may have changed. */
  note(session: ClientSession): void {
    this.#note(session);
    if (this.#totalBytes > this.#maxBytes) this.#evict();
  }

  /** It is not there any more. */
  forget(session: ClientSession): void {
    const bytes = this.#bytesOf.get(session);
    if (bytes === undefined) return;
    this.#bytesOf.delete(session);
    this.#totalBytes -= bytes;
    this.#buckets[bucketOf(bytes)]?.delete(session);
  }

  #note(session: ClientSession): void {
    this.forget(session);
    if (session.closing) return;
    const bytes = clientMemory(session).total;
    this.#bytesOf.set(session, bytes);
    this.#totalBytes += bytes;
    const index = bucketOf(bytes);
    while (this.#buckets.length <= index) this.#buckets.push(new Set());
    this.#buckets[index].add(session);
  }

  #evict(): void {
    while (this.#totalBytes > this.#maxBytes) {
      const largest = this.#largest();
      if (largest === null) return;
      this.#log(`Evicting client: ${largest.describe()}`);
      this.forget(largest);
      largest.kill();
      this.evictedCount++;
    }
  }

  /** Of those who may be evicted. */
  #largest(): ClientSession | null {
    let largest: ClientSession | null = null;
    let most = 0;
    for (let i = this.#buckets.length - 1; i >= 0 && largest === null; i--) {
      for (const session of this.#buckets[i]) {
        const bytes = this.#bytesOf.get(session)!;
        if (session.noEvict || bytes <= most) continue;
        largest = session;
        most = bytes;
      }
    }
    return largest;
  }
}

function bucketOf(bytes: number): number {
  return Math.max(0, Math.ceil(Math.log2(bytes + 1)) - FIRST_BUCKET_BITS);
}
