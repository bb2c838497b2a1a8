import type { Target, TargetsFace } from "../commands/call.ts";
import { Peer } from "../net/peer.ts";
import type { TlsIdentity } from "../net/tls_peer.ts";

/** A connection that is not used for so long is closed. */
const IDLE_MAX_MS = 10_000;
const COUNT_MAX = 64;

/** What is kept of a connection while nobody uses it. */
interface Kept {
  readonly connection: TargetConnection;
  readonly sinceMs: number;
}

/**
 * The servers that MIGRATE sends keys to. Connections are kept for a while,
 * because one key is often followed by the next. Each has one user at a time.
 */
export class MigrationTargets implements TargetsFace {
  readonly #kept = new Map<string, Kept[]>();
  readonly #used = new Set<TargetConnection>();
  readonly #identity: () => TlsIdentity | null;

  /** `identity` says who we are where connections have to be TLS. */
  constructor(identity: () => TlsIdentity | null) {
    this.#identity = identity;
  }

  /** How many connections are open. */
  get count(): number {
    let count = this.#used.size;
    for (const list of this.#kept.values()) count += list.length;
    return count;
  }

  async acquire(
    host: string,
    port: number,
    timeoutMs: number,
  ): Promise<Target> {
    const identity = this.#identity();
    const name = `${host}:${port}${identity === null ? "" : " over TLS"}`;
    const kept = this.#kept.get(name)?.pop();
    if (kept) {
      this.#used.add(kept.connection);
      return kept.connection.during(timeoutMs);
    }
    if (this.count >= COUNT_MAX) this.#closeOldest();
    const peer = await Peer.connect(host, port, timeoutMs, identity);
    const connection = new TargetConnection(name, peer);
    this.#used.add(connection);
    return connection.during(timeoutMs);
  }

  release(target: Target): void {
    const connection = target as TargetConnection;
    if (!this.#used.delete(connection)) return connection.close();
    const kept = { connection, sinceMs: Date.now() };
    const list = this.#kept.get(connection.name);
    if (list) list.push(kept);
    else this.#kept.set(connection.name, [kept]);
  }

  discard(target: Target): void {
    const connection = target as TargetConnection;
    this.#used.delete(connection);
    connection.close();
    // What is kept for the same server has probably met the same fate.
    const list = this.#kept.get(connection.name) ?? [];
    for (const kept of list.splice(0)) kept.connection.close();
  }

  /** Closes what nobody has used for a while. */
  expel(nowMs: number): void {
    for (const [name, list] of this.#kept) {
      const isStale = ({ sinceMs }: Kept) => nowMs - sinceMs > IDLE_MAX_MS;
      for (const { connection } of list.filter(isStale)) connection.close();
      const fresh = list.filter((kept) => !isStale(kept));
      if (fresh.length > 0) this.#kept.set(name, fresh);
      else this.#kept.delete(name);
    }
  }

  /** Closes all; whoever uses one gets an error. */
  close(): void {
    this.expel(Infinity);
    for (const connection of this.#used) connection.close();
    this.#used.clear();
  }

  #closeOldest(): void {
    for (const list of this.#kept.values()) {
      const kept = list.shift();
      if (kept) return kept.connection.close();
    }
  }
}

class TargetConnection implements Target {
  database = -1;
  #timeoutMs = 0;

  constructor(readonly name: string, readonly peer: Peer) {}

  get timedOut(): boolean {
    return this.peer.timedOut;
  }

  get localAddress(): string {
    return this.peer.localAddress;
  }

  during(timeoutMs: number): this {
    this.#timeoutMs = timeoutMs;
    return this;
  }

  send(bytes: Uint8Array): Promise<void> {
    return this.peer.send(bytes, this.#timeoutMs);
  }

  readLine(): Promise<string> {
    return this.peer.readLine(this.#timeoutMs);
  }

  close(): void {
    this.peer.close();
  }
}
