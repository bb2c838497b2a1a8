import type { Server as NetServer, Socket } from "node:net";
import { afterLook, forgetLook, LookClock } from "./look.ts";

/** In one turn of the loop so much time is spent on letting people in. */
const SLICE_MS = 1;
/**
 * So many are taken from the system before it has a rest: for as long as the
 * runtime goes on accepting it does not look what else has come in.
 */
const TAKEN_AT_A_TIME = 192;
/** So many may stand within the door; others wait with the system. */
const WAITING_MAX = 10_000;
/** What the runtime calls a handle that is a connection. */
const CONNECTION = 0;

/** A connection that is no socket yet. */
interface Newcomer {
  close(): void;
}

/** What a server that listens has inside. */
interface ListeningHandle {
  readonly constructor: new (kind: number) => Newcomer;
  /**
   * Called for each who has come. When he is not accepted it is not called for
   * others either, until the handle listens once more.
   */
  onconnection(status: number): void;
  accept(newcomer: Newcomer): number;
  listen(backlog: number): number;
}

interface ListeningServer {
  readonly _handle: ListeningHandle;
  _connections: number;
  _createSocket(newcomer: Newcomer): Socket;
}

/** Of all doors together. */
const clock = new LookClock();

/**
 * Lets newcomers in, some in each turn of the loop. To take a connection from
 * the system costs little and is done at once: what finds its queue full comes
 * again a second later. To make a socket and a client of it costs as much as
 * some commands, and for hundreds who have come together that is longer than
 * others should wait.
 *
 * The runtime does not look for newcomers any more when it had no descriptor
 * left for one; so it is told to, now and then.
 */
export class Door {
  readonly #server: ListeningServer;
  readonly #handle: ListeningHandle;
  readonly #backlog: number;
  readonly #enter: (socket: Socket) => void;
  /** Who has been accepted, from `#first` on. */
  #newcomers: Newcomer[] = [];
  #first = 0;
  /** How many were taken since the last rest. */
  #takenCount = 0;
  #isClosed = false;

  private constructor(
    server: ListeningServer,
    backlog: number,
    enter: (socket: Socket) => void,
  ) {
    this.#server = server;
    this.#handle = server._handle;
    this.#backlog = backlog;
    this.#enter = enter;
    const other = this.#handle.onconnection;
    this.#handle.onconnection = (status) => {
      if (status !== 0) other.call(this.#handle, status);
      else this.#accept();
    };
  }

  /** Null where the runtime's server is not such a one: then it lets all in. */
  static of(
    server: NetServer,
    backlog: number,
    enter: (socket: Socket) => void,
  ): Door | null {
    const known = server as unknown as ListeningServer;
    return isKnown(known) ? new Door(known, backlog, enter) : null;
  }

  /** Looks whether somebody has come. */
  look(): void {
    this.#takenCount = 0;
    if (!this.#isClosed) this.#handle.listen(this.#backlog);
  }

  close(): void {
    this.#isClosed = true;
    forgetLook(this.#letSomeIn);
    for (const one of this.#newcomers.slice(this.#first)) one.close();
  }

  get #waitingCount(): number {
    return this.#newcomers.length - this.#first;
  }

  #accept(): void {
    const isFull = this.#waitingCount >= WAITING_MAX;
    if (this.#isClosed || isFull) return;
    if (this.#takenCount === TAKEN_AT_A_TIME) return this.#expect();
    this.#takenCount++;
    const newcomer = new this.#handle.constructor(CONNECTION);
    if (this.#handle.accept(newcomer) !== 0) return;
    // Who comes alone need not wait.
    if (this.#waitingCount === 0 && clock.isWithin(SLICE_MS)) {
      return this.#letIn(newcomer);
    }
    this.#newcomers.push(newcomer);
    this.#expect();
  }

  #expect(): void {
    afterLook(this.#letSomeIn);
  }

  readonly #letSomeIn = (): void => {
    while (this.#waitingCount > 0 && clock.isWithin(SLICE_MS)) {
      this.#letIn(this.#newcomers[this.#first++]);
    }
    if (this.#waitingCount > 0) this.#expect();
    else {
      this.#newcomers = [];
      this.#first = 0;
    }
    if (this.#waitingCount < WAITING_MAX) this.look();
  };

  #letIn(newcomer: Newcomer): void {
    this.#server._connections++;
    this.#enter(this.#server._createSocket(newcomer));
  }
}

function isKnown(server: Partial<ListeningServer>): boolean {
  const { _handle: handle } = server;
  return typeof handle?.onconnection === "function" &&
    typeof handle.accept === "function" &&
    typeof handle.listen === "function" &&
    typeof server._connections === "number" &&
    typeof server._createSocket === "function";
}
