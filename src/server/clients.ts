import { ClientSession, type SessionHost } from "../dispatch/session.ts";
import type { Connection } from "../net/connection.ts";
import { LookClock } from "../net/look.ts";
import { executeAtTurnEnd } from "../net/turn_end.ts";
import { protectedMode, tooManyClients } from "../protocol/errors.ts";
import { ClientEviction } from "./client_eviction.ts";
import { ClientPeaks } from "./client_peaks.ts";
import { ClientRound } from "./client_round.ts";
import type { Config } from "./config/config.ts";
import type { Log } from "./log.ts";
import { OutputLimits } from "./output_limits.ts";
import { type Pace, Turns } from "./turns.ts";

/**
 * Reading from a client stops while so much waits for the client's turn: enough
 * for many turns. As long as much is read the runtime looks for nothing else.
 */
const AHEAD_BYTES = 2 ** 17;
const STRANGER_AHEAD_BYTES = 2 ** 16;
/**
 * The same while it has no turns, because it reads nothing or waits for a key:
 * it may be one that reads only when it has sent all. Not so for strangers.
 */
const UNEXECUTED_MAX_BYTES = 16 * 2 ** 20;

/**
 * In one turn of the loop so much time is spent on what clients have sent; who
 * sends much more than one command waits for his turn after that, so that few
 * who send a lot, or many who send a little, hold up nobody.
 */
const LOOP_TURN_MS = 3;
const SMALL_CHUNK_BYTES = 256;

/**
 * Who has left so much unread has turns of his own, at a slower pace: what he
 * gets is more than he wants, and making it costs everybody.
 */
const SLOW_READER_BYTES = 2 ** 20;
const USUAL_PACE: Pace = { roundMs: 3, pauseMs: 0 };
const SLOW_PACE: Pace = { roundMs: 0, pauseMs: 5 };

/**
 * All who have not proved who they are share this in one turn of the loop, with
 * what they send at once and with what waits for turns.
 */
const STRANGERS_MS = 1;
const STRANGERS_PACE: Pace = { roundMs: STRANGERS_MS, pauseMs: 1 };
const ENDINGS_PACE: Pace = { roundMs: 1, pauseMs: 0 };

export interface ClientsHost extends SessionHost {
  /** Whether it takes a password to do anything. */
  readonly isProtected: boolean;
  readonly config: Config;
  readonly log: Log;
  /** Executes it, or only keeps it for the session's next turn. */
  receive(session: ClientSession, bytes: Uint8Array, mayRun: boolean): void;
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
  /** Those who do not count any more and whose sockets are not closed yet. */
  readonly #leaving = new Set<Client>();
  /** Those who were turned away and have not gone yet. */
  readonly #refused = new Set<Connection>();
  readonly #turns = new Turns<Client>(
    USUAL_PACE,
    (client) => this.#takeTurn(client),
  );
  readonly #slowTurns = new Turns<Client>(
    SLOW_PACE,
    (client) => this.#takeTurn(client),
  );
  readonly #slowReads = new Turns<Client>(
    SLOW_PACE,
    ({ connection }) => connection.resume(),
  );
  readonly #strangersTurns = new Turns<Client>(
    STRANGERS_PACE,
    (client) => this.#takeTurn(client),
  );
  /** Those who send no more: to close thousands takes a while. */
  readonly #endings = new Turns<Client>(
    ENDINGS_PACE,
    (client) => this.#settle(client),
  );
  readonly #emptied = Promise.withResolvers<void>();
  /** Who has sent something that waits for the end of the turn. */
  #gathered: Client[] = [];
  readonly limits: OutputLimits;
  readonly eviction: ClientEviction;
  readonly peaks = new ClientPeaks();
  readonly round = new ClientRound(
    () => this.sessions(),
    () => this.peaks.endRound(),
  );
  #isClosed = false;
  #nextId = 1;
  /** They begin with the first chunk of a turn that may have to wait. */
  readonly #loopTurn = new LookClock();
  readonly #strangersTurn = new LookClock();

  constructor(host: ClientsHost) {
    const { config, log } = host;
    this.#host = host;
    this.limits = new OutputLimits(config, log);
    this.eviction = new ClientEviction(
      config,
      (text) => log.write("notice", text),
    );
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

  /** The session with this id, unless it is about to go. */
  reachable(id: number): ClientSession | undefined {
    const session = this.#clients.get(id)?.session;
    return session?.closing ? undefined : session;
  }

  accept(connection: Connection): void {
    if (this.#isClosed) return connection.destroy();
    const refusal = this.#refusal(connection);
    if (refusal !== null) return this.#refuse(connection, refusal);
    this.received++;
    const id = this.#nextId++;
    const session = new ClientSession(id, connection, this.#host, Date.now());
    const client = { session, connection, hasEnded: false };
    session.awakened = () => this.#takeTurn(client);
    session.mayTurn = () => this.#settle(client);
    session.pushed = () => {
      if (this.limits.mayBind(session)) this.limits.bind(session, Date.now());
      if (this.eviction.isOn) this.eviction.note(session);
    };
    session.killed = () => this.#leave(client);
    session.overflowed = () => this.limits.cut(session);
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
        // To close it may take a while; it counts no more if nothing is owed.
        if (!session.isHeld && connection.outputBytes === 0) {
          this.#leave(client);
        }
        // Who waits for a key or a message shall not get it any more.
        const isIdle = session.waiting === null &&
          session.subscriptions === null;
        if (isIdle) this.#endings.add(client);
        else this.#settle(client);
      },
      closed: () => {
        if (session.isGathered) this.#host.executeGathered();
        session.isGone = true;
        this.#settle(client);
      },
    });
  }

  /** Turns everybody out; resolves when the last one has gone. */
  closeAll(): Promise<void> {
    this.#isClosed = true;
    this.#turns.stop();
    this.#slowTurns.stop();
    this.#slowReads.stop();
    this.#strangersTurns.stop();
    this.#endings.stop();
    for (const client of [...this.#clients.values(), ...this.#leaving]) {
      client.session.kill();
      if (client.session.isGone) this.#remove(client);
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
    this.eviction.evictedCount = 0;
  }

  /** maxmemory-clients, or what it is a share of, has changed. */
  followMemoryLimit(): void {
    // Who has changed it gets his reply before he goes himself, perhaps.
    executeAtTurnEnd(() => this.eviction.follow(this.sessions()));
  }

  /** Ten times a second. */
  tick(now: number): void {
    this.round.goOn(now, this.count, (session) => this.#look(session, now));
  }

  /** Closes who has been silent or slow for too long. */
  #look(session: ClientSession, now: number): void {
    this.peaks.note(session);
    if (this.eviction.isOn) this.eviction.note(session);
    const timeoutMs = this.#host.config.get("timeout") * 1000;
    const isIdle = session.kind === "normal" && timeoutMs > 0 &&
      !session.isMonitoring && session.waiting === null &&
      session.postponed === 0 &&
      now - session.lastActiveMs > timeoutMs;
    if (isIdle) {
      this.#host.log.write("verbose", "Closing idle client");
      session.kill();
    } else if (session.transport.outputBytes > 0) {
      this.limits.bind(session, now);
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
    const mayRun = this.#mayRun(client.session, bytes.length);
    this.#host.receive(client.session, bytes, mayRun);
    this.#settle(client);
  }

  #mayRun({ authenticated }: ClientSession, byteCount: number): boolean {
    // Those who wait for a turn were there before.
    if (!authenticated) {
      return !this.#strangersTurns.areWanted &&
        this.#strangersTurn.isWithin(STRANGERS_MS);
    }
    return byteCount <= SMALL_CHUNK_BYTES ||
      !this.#turns.areWanted && this.#loopTurn.isWithin(LOOP_TURN_MS);
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
    // What it has sent is executed all the same.
    if (session.isGone) {
      if (mayRun) this.#giveTurn(client);
      else this.#remove(client);
      return;
    }
    const { pendingBytes } = connection;
    if (pendingBytes > 0) this.limits.bind(session, session.lastActiveMs);
    if (this.eviction.isOn) this.eviction.note(session);
    // Who is not there any more shall not take what others wait for.
    if (client.hasEnded && session.waiting !== null) session.kill();
    if (session.closing) return;
    if (!session.isHeld) {
      connection.resume();
      if (client.hasEnded) {
        session.subscriptions?.leave();
        connection.end();
      }
      return;
    }
    // A command of it is under way, and nothing has come in since.
    if (session.isWaiting && session.input === 0) return connection.resume();
    // Otherwise it goes on when it has read: see `drained`.
    const hasTurns = mayRun && pendingBytes <= session.unreadMaxBytes;
    const { bytes } = this.#host.inputUse(session);
    const mostBytes = !session.authenticated
      ? STRANGER_AHEAD_BYTES
      : hasTurns
      ? AHEAD_BYTES
      : UNEXECUTED_MAX_BYTES;
    if (bytes > mostBytes) connection.pause();
    else if (mayRun && !hasTurns) this.#readSlowly(client);
    else connection.resume();
    if (hasTurns) this.#giveTurn(client);
  }

  /** Nothing comes of what it sends before it has read: others come first. */
  #readSlowly(client: Client): void {
    client.connection.pause();
    this.#slowReads.add(client);
  }

  /** When nobody gets one, `resumeAll` makes up for it. */
  #giveTurn(client: Client): void {
    if (this.#host.isPaused()) return;
    const isSlow = client.session.isGone ||
      client.connection.pendingBytes > SLOW_READER_BYTES;
    if (!client.session.authenticated) this.#strangersTurns.add(client);
    else if (isSlow) this.#slowTurns.add(client);
    else this.#turns.add(client);
  }

  #leave(client: Client): void {
    if (this.#clients.delete(client.session.id)) this.#leaving.add(client);
  }

  #remove(client: Client): void {
    this.#turns.remove(client);
    this.#slowTurns.remove(client);
    this.#slowReads.remove(client);
    this.#strangersTurns.remove(client);
    this.#endings.remove(client);
    this.#clients.delete(client.session.id);
    this.#leaving.delete(client);
    this.#host.forget(client.session);
    this.eviction.forget(client.session);
    this.#noteEmpty();
  }

  #noteEmpty(): void {
    const count = this.#clients.size + this.#leaving.size + this.#refused.size;
    if (this.#isClosed && count === 0) this.#emptied.resolve();
  }
}
