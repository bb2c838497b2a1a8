import type { Socket } from "node:net";
import type { Gate } from "./gate.ts";
import { endpoint } from "./endpoint.ts";
import { type Intake, openIntake } from "./intake.ts";
import { Outbox } from "./outbox.ts";

/** What a connection reports to whoever owns it. */
export interface ConnectionEvents {
  /** The bytes are others' when it is over. */
  received(bytes: Uint8Array): void;
  /** So many bytes were handed over to be sent. */
  sent(byteCount: number): void;
  /** All that was written has been taken by the system. */
  drained(): void;
  /** The client sends no more; it may still read. */
  ended(): void;
  closed(): void;
}

/**
 * One client's socket: bytes in, bytes out.
 *
 * Sockets come from `node:net` because it serves thousands of busy connections
 * fairly; `Deno.listen` lets 128 reads through a turn and starves the others.
 * It keeps no buffer for an idle connection, and writing tries the system first
 * and queues only what the system does not take. When something is sent is the
 * outbox's part.
 */
export class Connection {
  readonly address: string;
  readonly localAddress: string;
  /** Whether the other end is on this machine. */
  readonly isLocal: boolean;
  readonly isUnix: boolean;
  readonly #socket: Socket;
  readonly #outbox: Outbox;
  readonly #isTls: boolean;
  #intake: Intake;
  #ended = false;
  /** Nothing will come in any more. */
  #hasPeerEnded = false;
  #isPaused = false;
  #events: ConnectionEvents | undefined;

  /**
   * `path` is the unix socket that it came through, null for TCP; at `gate`
   * replies wait until what they tell of is safe. With `isTls` it is a socket
   * of TLS whose handshake is done.
   */
  constructor(
    socket: Socket,
    path: string | null,
    gate: Gate,
    isTls = false,
  ) {
    this.#socket = socket;
    this.#isTls = isTls;
    this.#intake = socket;
    const drained = () => this.#events?.drained();
    this.#outbox = new Outbox(socket, gate, drained, isTls);
    this.isUnix = path !== null;
    this.isLocal = path !== null || isLoopback(socket.remoteAddress ?? "");
    this.address = path ? `${path}:0` : endpoint(
      socket.remoteAddress,
      socket.remotePort,
    );
    this.localAddress = path ? `${path}:0` : endpoint(
      socket.localAddress,
      socket.localPort,
    );
  }

  listen(events: ConnectionEvents): void {
    const socket = this.#socket;
    this.#events = events;
    const ended = () => {
      this.#hasPeerEnded = true;
      events.ended();
    };
    this.#intake = openIntake(socket, {
      received: (bytes) => events.received(bytes),
      ended,
      // When thousands break they shall go one after the other; but not those
      // who would wait for something to be sent.
      broken: () => this.outputBytes > 0 ? socket.destroy() : ended(),
    });
    socket.on("drain", () => events.drained());
    // A reset is one more way to end; "close" follows.
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#ended = true;
      this.#outbox.clear();
      events.closed();
    });
  }

  /** Bytes that wait for more than the end of this turn. */
  get pendingBytes(): number {
    return this.#outbox.pendingBytes;
  }

  get outputBytes(): number {
    return this.#outbox.outputBytes;
  }

  get outputPieces(): number {
    return this.#outbox.outputPieces;
  }

  /** Sends at the end of the turn, or at once when it is much. */
  write(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#events?.sent(bytes.length);
    this.#outbox.add(bytes);
  }

  /** Sends at the end of the turn what others may be sending too. */
  push(bytes: Uint8Array): void {
    if (this.#ended) return;
    this.#events?.sent(bytes.length);
    this.#outbox.push(bytes);
  }

  /** The same for several pieces. */
  writeAll(pieces: readonly Uint8Array[]): void {
    if (this.#ended) return;
    let byteCount = 0;
    for (const piece of pieces) {
      byteCount += piece.length;
      this.#outbox.add(piece);
    }
    this.#events?.sent(byteCount);
  }

  /** Keeps back what has not gone out yet, and what is written from now on. */
  holdUntil(ready: Promise<void>): void {
    this.#outbox.holdUntil(ready);
  }

  /** Turns a newcomer away with one line. */
  refuse(line: string, closed: () => void): void {
    this.#socket.on("error", () => {});
    this.#socket.on("close", closed);
    this.#ended = true;
    // What it has sent already is dropped, for the same reason as in `end`.
    this.#socket.resume();
    this.#socket.end(line, () => this.#socket.destroy());
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    if (!this.#isPaused) this.#intake.pause();
    this.#isPaused = true;
  }

  resume(): void {
    if (this.#isPaused) this.#intake.resume();
    this.#isPaused = false;
  }

  /** Closes when all that was written has gone out. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    // The client's further bytes are not wanted, and a client that never
    // closes its side must not keep the socket. Unread bytes would make the
    // system throw away what was written.
    this.resume();
    this.#outbox.whenEmpty(() => {
      if (this.#mayClose) this.#socket.destroy();
      else this.#socket.end(() => this.#socket.destroy());
    });
  }

  /**
   * Whether closing at once loses nothing, and says to the other end what there
   * is to say: it spares the system a call and us much of a stream.
   */
  get #mayClose(): boolean {
    return this.#hasPeerEnded && !this.#isTls && this.outputBytes === 0;
  }

  /** Closes at once. */
  destroy(): void {
    this.#ended = true;
    this.#outbox.clear();
    this.#socket.destroy();
  }
}

function isLoopback(host: string): boolean {
  return host === "::1" || /^(::ffff:)?127\./.test(host);
}
