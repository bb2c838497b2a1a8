import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Gate, Waiting } from "./gate.ts";
import {
  type Handle,
  handleOf,
  isPending,
  type WriteRequest,
} from "./handle.ts";
import {
  releasePiece,
  SMALL_PIECE_BYTES,
  takePiece,
} from "../protocol/chunks.ts";
import { TlsWire } from "./tls_wire.ts";
import { pushAtTurnEnd, sendAtTurnEnd, type Sender } from "./turn_end.ts";

/** More than this goes out at once, so that the client has work meanwhile. */
const SOON_BYTES = 1024;
/** Messages wait for their slice until there is so much of them. */
const PUSHED_BYTES = 16 * 1024;
/** Several pieces are made one when they have no more bytes than this. */
const JOINED_BYTES = 16 * 1024;
/** A handle gets no more before it is done with so many, see `pendingBytes`. */
const SOME_BYTES = 64 * 1024, SOME_PIECES = 4;
/** The same for large pieces; one of any size may come on top. */
const SOME_LARGE_BYTES = 256 * 1024;

/** Pieces that wait at the gate for the same point. */
interface Group {
  readonly point: number;
  readonly pieces: Uint8Array[];
  byteCount: number;
}

/**
 * What a connection has to send.
 *
 * Small replies wait for the end of the loop's turn: first all clients are
 * served that have sent something, then all get their replies. A client on the
 * same machine is then woken once for many replies instead of for each (up to
 * 1.15 times as many requests a second were measured, with or without
 * pipelining). They go straight to the socket's handle where it allows that: a
 * stream's bookkeeping costs as much as the engine needs for five commands.
 */
export class Outbox implements Sender, Waiting {
  readonly #socket: Socket;
  readonly #gate: Gate;
  readonly #released: () => void;
  readonly #handle: Handle | null;
  /** In its place for TLS. */
  readonly #tls: TlsWire | null;
  readonly #small: WriteRequest = {
    oncomplete: () => {
      if (--this.#smallCount === 0) this.#smallBytes = 0;
    },
  };
  readonly #large: WriteRequest = {
    oncomplete: () => {
      const piece = this.#inFlight.shift()!;
      this.#inFlightBytes -= piece.length;
      releasePiece(piece);
      if (this.outputBytes === 0) this.#released();
    },
  };
  #pieces: Uint8Array[] = [];
  #byteCount = 0;
  #isWaiting = false;
  /** Whether it waits for its slice, to send messages. */
  #hasMessages = false;
  readonly #messages: Sender = {
    endTurn: () => {
      this.#hasMessages = false;
      this.#release();
    },
  };
  #holdCount = 0;
  /** What waits at the gate, before all other pieces. */
  #gated: Group[] = [];
  /** What the gate has said, while anything waits at it. */
  #reachedPoint = 0;
  #gatedBytes = 0;
  // What the handle has been given and has not said to be done with.
  #smallCount = 0;
  #smallBytes = 0;
  readonly #inFlight: Uint8Array[] = [];
  #inFlightBytes = 0;
  #whenEmpty: (() => void) | undefined;

  /**
   * `released` is called when what waited at the gate, or for a slow reader of
   * TLS, is with the system, and when the system has taken the last large piece.
   */
  constructor(
    socket: Socket,
    gate: Gate,
    released: () => void,
    isTls = false,
  ) {
    this.#socket = socket;
    this.#gate = gate;
    this.#released = released;
    this.#tls = isTls ? TlsWire.of(socket as TLSSocket, released) : null;
    this.#handle = isTls ? null : handleOf(socket);
  }

  /** Bytes that are kept back or that the client has not made room for. */
  get pendingBytes(): number {
    const tls = this.#tls;
    const writableLength = tls === null
      ? this.#socket.writableLength
      : tls.pendingBytes;
    return this.#holdCount > 0
      ? writableLength + this.#gatedBytes + this.#byteCount
      : writableLength + this.#gatedBytes;
  }

  /** All bytes that it keeps, and those that the system has not taken yet. */
  get outputBytes(): number {
    return this.#socket.writableLength + this.#gatedBytes + this.#byteCount +
      this.#smallBytes + this.#inFlightBytes;
  }

  /** In how many pieces; what the stream keeps counts as one. */
  get outputPieces(): number {
    let count = this.#pieces.length + this.#smallCount + this.#inFlight.length;
    for (const { pieces } of this.#gated) count += pieces.length;
    return this.#socket.writableLength > 0 ? count + 1 : count;
  }

  add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#byteCount += bytes.length;
    if (this.#holdCount > 0) return;
    if (this.#byteCount > SOON_BYTES) this.#send();
    else if (!this.#isWaiting) {
      this.#isWaiting = true;
      sendAtTurnEnd(this);
    }
  }

  /** The same for what nobody waits for, and other outboxes may have, too. */
  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#byteCount += bytes.length;
    if (this.#holdCount > 0) return;
    if (this.#byteCount > PUSHED_BYTES) this.#send();
    else if (!this.#hasMessages) {
      this.#hasMessages = true;
      pushAtTurnEnd(this.#messages);
    }
  }

  /** The log is safe up to here. */
  reached(point: number): void {
    if (point > this.#reachedPoint) this.#reachedPoint = point;
    this.#release();
    if (this.pendingBytes === 0) this.#released();
  }

  /** Keeps back what has not been sent yet, and what comes. */
  holdUntil(ready: Promise<void>): void {
    this.#holdCount++;
    ready.finally(() => {
      this.#holdCount--;
      this.#release();
    });
  }

  /** Calls back as soon as everything has been given to the socket. */
  whenEmpty(then: () => void): void {
    this.#whenEmpty = then;
    this.#release();
  }

  /** The turn is over. */
  endTurn(): void {
    this.#isWaiting = false;
    this.#release();
  }

  /** Forgets what has not been sent. */
  clear(): void {
    this.#pieces.forEach(releasePiece);
    this.#take();
    for (const { pieces } of this.#gated) pieces.forEach(releasePiece);
    this.#gated = [];
    this.#gatedBytes = 0;
    this.#leaveGate();
    this.#tls?.clear();
  }

  #take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#byteCount = 0;
    return pieces;
  }

  #release(): void {
    if (this.#holdCount > 0) return;
    if (this.#gated.length > 0) this.#sendReached();
    if (this.#byteCount > 0) this.#send();
    if (this.#gated.length > 0) return;
    const then = this.#whenEmpty;
    if (then === undefined) return;
    this.#whenEmpty = undefined;
    if (this.#tls === null) then();
    else this.#tls.whenIdle(then);
  }

  #send(): void {
    const byteCount = this.#byteCount;
    const pieces = this.#take();
    if (this.#gate.isClosed && this.#waits(pieces, byteCount)) return;
    this.#sendNow(pieces);
  }

  /** Whether pieces have to wait at the gate, and if so, lets them. */
  #waits(pieces: Uint8Array[], byteCount: number): boolean {
    const point = this.#gate.pointNow();
    const last = this.#gated.at(-1);
    if (last === undefined) {
      if (point === 0) return false;
      this.#gate.wait(this);
    }
    // Points only grow; what needs none stays behind what was before it.
    if (last !== undefined && last.point >= point) {
      last.pieces.push(...pieces);
      last.byteCount += byteCount;
    } else this.#gated.push({ point, pieces, byteCount });
    this.#gatedBytes += byteCount;
    return true;
  }

  /** Sends what need not wait at the gate any more. */
  #sendReached(): void {
    while (
      this.#gated.length > 0 && this.#gated[0].point <= this.#reachedPoint
    ) {
      const { pieces, byteCount } = this.#gated.shift()!;
      this.#gatedBytes -= byteCount;
      this.#sendNow(pieces);
    }
    if (this.#gated.length === 0) this.#leaveGate();
  }

  #leaveGate(): void {
    this.#reachedPoint = 0;
    this.#gate.leave(this);
  }

  #sendNow(pieces: Uint8Array[]): void {
    if (this.#tls !== null) return this.#tls.send(pieces);
    pieces = joined(pieces);
    if (pieces.length === 1 && this.#sendDirectly(pieces[0])) return;
    this.#socket.cork();
    for (const piece of pieces) {
      this.#socket.write(piece, () => releasePiece(piece));
    }
    this.#socket.uncork();
  }

  /** False when the stream has to do it, to count what waits. */
  #sendDirectly(bytes: Uint8Array): boolean {
    const handle = this.#handle;
    if (handle === null || this.#socket.writableLength > 0) return false;
    if (bytes.length <= SMALL_PIECE_BYTES) {
      if (this.#smallBytes > SOME_BYTES) return false;
      handle.writeBuffer(this.#small, bytes);
      if (isPending()) {
        this.#smallBytes += bytes.length;
        this.#smallCount++;
      }
    } else {
      if (this.#inFlight.length > SOME_PIECES) return false;
      if (this.#inFlightBytes > SOME_LARGE_BYTES) return false;
      handle.writeBuffer(this.#large, bytes);
      if (isPending()) {
        this.#inFlight.push(bytes);
        this.#inFlightBytes += bytes.length;
      } else releasePiece(bytes);
    }
    return true;
  }
}

/** One piece in place of several small ones: the system is called once. */
function joined(pieces: Uint8Array[]): Uint8Array[] {
  if (pieces.length === 1) return pieces;
  let byteCount = 0;
  for (const { length } of pieces) byteCount += length;
  if (byteCount > JOINED_BYTES) return pieces;
  const one = takePiece(byteCount);
  let at = 0;
  for (const piece of pieces) {
    one.set(piece, at);
    at += piece.length;
    releasePiece(piece);
  }
  return [one];
}
