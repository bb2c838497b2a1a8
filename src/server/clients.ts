import { UNREAD_MAX_BYTES } from "../dispatch/dispatcher.ts";
import { ClientSession, type SessionHost } from "../dispatch/session.ts";
import type { Connection } from "../net/connection.ts";
import { executeAtTurnEnd } from "../net/turn_end.ts";
import { protectedMode, tooManyClients } from "../protocol/errors.ts";
import type { Config } from "./config/config.ts";
import type { Log } from "./log.ts";
import { Turns } from "./turns.ts";

/**
 * Reading from a client stops while so much of what it has sent waits to be
 * executed: whoever sends a huge pipeline and reads nothing holds up only
 * himself.
 */
const UNEXECUTED_MAX_BYTES = 16 * 2 ** 20;

export interface ClientsHost extends SessionHost {
  /** Whether it takes a password to do anything. */
  readonly isProtected: boolean;
  readonly config: Config;
  readonly log: Log;
  receive(session: ClientSession, bytes: Uint8Array): void;
  /** Keeps them until `executeGathered`, or returns false. */
  gather(session: ClientSession, bytes: Uint8Array): boolean;
  executeGathered(): void;
  /** Goes on with a session that was held. */
  resume(session: ClientSession): void;
  forget(session: ClientSession): void;
  /** Whether nobody gets a turn now. */
  isPaused(): boolean;
}

interface Client {
  readonly session: ClientSession;
  readonly connection: Connection;
  /** It sends no more, but what it has sent is executed. */
  hasEnded: boolean;
  /** The connection is closed; what it has sent is executed all the same. */
  isGone: boolean;
}

/** All connected clients: who may come in, and who has to go. */
export class Clients {
  received = 0;
  rejected = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  readsProcessed = 0;
  writesProcessed = 0;
  readonly #host: ClientsHost;
  readonly #clients = new Map<number, Client>();
  /** Those who were turned away and have not gone yet. */
  readonly #refused = new Set<Connection>();
  readonly #turns = new Turns<Client>((client) => this.#takeTurn(client));
  readonly #emptied = Promise.withResolvers<void>();
  /** Who has sent something that waits for the end of the turn. */
  #gathered: Client[] = [];
  #isClosed = false;
  #nextId = 1;

  constructor(host: ClientsHost) {
    this.#host = host;
  }

  get count(): number {
    return this.#clients.size;
  }

  /** How many more there may be. */
  get room(): number {
    return this.#host.config.get("maxclients") - this.#clients.size;
  }

  *sessions(): Iterable<ClientSession> {
    for (const { session } of this.#clients.values()) yield session;
  }

  accept(connection: Connection): void {
    if (this.#isClosed) return connection.destroy();
    const refusal = this.#refusal(connection);
    if (refusal !== null) return this.#refuse(connection, refusal);
    this.received++;
    const id = this.#nextId++;
    const session = new ClientSession(id, connection, this.#host, Date.now());
    const client = { session, connection, hasEnded: false, isGone: false };
    session.awakened = () => this.#takeTurn(client);
    session.pushed = () => {
      if (connection.pendingBytes === 0) return;
      this.#boundOutput(session, Date.now());
    };
    this.#clients.set(id, client);
    this.#host.log.write("verbose", `Accepted ${connection.address}`);
    connection.listen({
      received: (bytes) => this.#received(client, bytes),
      sent: (byteCount) => {
        this.netOutputBytes += byteCount;
        this.writesProcessed++;
      },
      drained: () => {
        session.softLimitSinceMs = 0;
        session.lastActiveMs = Date.now();
        this.#settle(client);
      },
      ended: () => {
        if (session.isGathered) this.#host.executeGathered();
        client.hasEnded = true;
        this.#settle(client);
      },
      closed: () => {
        if (session.isGathered) this.#host.executeGathered();
        client.isGone = true;
        this.#settle(client);
      },
    });
  }

  /** Turns everybody out; resolves when the last one has gone. */
  closeAll(): Promise<void> {
    this.#isClosed = true;
    this.#turns.stop();
    for (const client of [...this.#clients.values()]) {
      client.session.kill();
      if (client.isGone) this.#remove(client);
    }
    for (const connection of this.#refused) connection.destroy();
    this.#noteEmpty();
    return this.#emptied.promise;
  }

  /** A pause is over: whoever waits gets a turn. */
  resumeAll(): void {
    for (const client of [...this.#clients.values()]) this.#settle(client);
  }

  resetStatistics(): void {
    this.received = 0;
    this.rejected = 0;
    this.netInputBytes = 0;
    this.netOutputBytes = 0;
    this.readsProcessed = 0;
    this.writesProcessed = 0;
  }

  /** Closes who has been silent or slow for too long; once a second. */
  expel(now: number): void {
    const timeoutMs = this.#host.config.get("timeout") * 1000;
    for (const session of this.sessions()) {
      const isIdle = session.kind === "normal" && timeoutMs > 0 &&
        session.waiting === null && now - session.lastActiveMs > timeoutMs;
      if (isIdle) {
        this.#host.log.write("verbose", "Closing idle client");
        session.kill();
      } else if (session.transport.pendingBytes > 0) {
        this.#boundOutput(session, now);
      }
    }
  }

  #refusal(connection: Connection): string | null {
    const { config } = this.#host;
    if (this.room <= 0) return tooManyClients;
    const isOpen = config.get("protected-mode") &&
      !this.#host.isProtected && !connection.isLocal;
    return isOpen ? protectedMode : null;
  }

  #refuse(connection: Connection, refusal: string): void {
    this.rejected++;
    this.#refused.add(connection);
    connection.refuse(`-${refusal}\r\n`, () => {
      this.#refused.delete(connection);
      this.#noteEmpty();
    });
  }

  #received(client: Client, bytes: Uint8Array): void {
    if (client.session.closing) return;
    this.readsProcessed++;
    this.netInputBytes += bytes.length;
    if (this.#host.gather(client.session, bytes)) {
      if (this.#gathered.push(client) === 1) {
        executeAtTurnEnd(() => this.#executeGathered());
      }
      return;
    }
    this.#host.receive(client.session, bytes);
    this.#settle(client);
  }

  #executeGathered(): void {
    const clients = this.#gathered;
    this.#gathered = [];
    this.#host.executeGathered();
    for (const client of clients) this.#settle(client);
  }

  #takeTurn(client: Client): void {
    this.#host.resume(client.session);
    this.#settle(client);
  }

  /** Decides what a client may do next. */
  #settle(client: Client): void {
    const { session, connection } = client;
    const mayRun = session.mayGoOn;
    if (client.isGone) {
      if (mayRun) this.#giveTurn(client);
      else this.#remove(client);
      return;
    }
    const { pendingBytes } = connection;
    if (pendingBytes > 0) this.#boundOutput(session, session.lastActiveMs);
    // Who is not there any more shall not take what others wait for.
    if (client.hasEnded && session.waiting !== null) session.kill();
    if (session.closing) return;
    if (!session.isHeld) {
      connection.resume();
      if (client.hasEnded) connection.end();
      return;
    }
    const { bytes } = this.#host.inputUse(session);
    if (bytes > UNEXECUTED_MAX_BYTES) connection.pause();
    if (!mayRun) return;
    // Otherwise it goes on when it has read: see `drained`.
    if (pendingBytes <= UNREAD_MAX_BYTES) this.#giveTurn(client);
  }

  /** When nobody gets one, `resumeAll` makes up for it. */
  #giveTurn(client: Client): void {
    if (!this.#host.isPaused()) this.#turns.add(client);
  }

  #remove(client: Client): void {
    this.#turns.remove(client);
    this.#clients.delete(client.session.id);
    this.#host.forget(client.session);
    this.#noteEmpty();
  }

  #noteEmpty(): void {
    const isEmpty = this.#clients.size === 0 && this.#refused.size === 0;
    if (this.#isClosed && isEmpty) this.#emptied.resolve();
  }

  /** client-output-buffer-limit. */
  #boundOutput(session: ClientSession, now: number): void {
    const limits = this.#host.config.get("client-output-buffer-limit");
    const limit = session.kind === "pubsub"
      ? limits.pubsub
      : session.kind === "replica"
      ? limits.replica
      : limits.normal;
    const pendingBytes = session.transport.pendingBytes;
    const isSoft = limit.softBytes > 0 && pendingBytes >= limit.softBytes;
    if (!isSoft) session.softLimitSinceMs = 0;
    else if (session.softLimitSinceMs === 0) session.softLimitSinceMs = now;
    const isHard = limit.hardBytes > 0 && pendingBytes >= limit.hardBytes;
    const softMs = now - session.softLimitSinceMs;
    if (isHard || (isSoft && softMs > limit.softSeconds * 1000)) {
      this.#host.log.write(
        "warning",
        `Client ${session.describe()} closed for overcoming of output ` +
          "buffer limits.",
      );
      session.kill();
    }
  }
}
