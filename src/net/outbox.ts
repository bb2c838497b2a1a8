import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Gate, Waiting } from "./gate.ts";
import { releasePiece } from "../protocol/chunks.ts";
import { TlsWire } from "./tls_wire.ts";
import { pushAtTurnEnd, sendAtTurnEnd, type Sender } from "./turn_end.ts";
import { PlainWire, type Wire } from "./wire.ts";

/** More than this goes out at once, so that the client has work meanwhile. */
const SOON_BYTES = 1024;
/** Messages wait for their slice until there is so much of them. */
const PUSHED_BYTES = 16 * 1024;
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
 * pipelining). What leaves goes to the wire.
 */
export class Outbox implements Sender, Waiting {
  readonly #gate: Gate;
  readonly #released: () => void;
  readonly #wire: Wire;
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
  #whenEmpty: (() => void) | undefined;

  /**
   * `released` is called when what waited, at the gate or for the client to
   * make room, is with the system.
   */
  constructor(
    socket: Socket,
    gate: Gate,
    released: () => void,
    isTls = false,
  ) {
    this.#gate = gate;
    this.#released = released;
    const drained = () => {
      if (this.outputBytes === 0) released();
    };
    this.#wire = isTls && TlsWire.of(socket as TLSSocket, drained) ||
      new PlainWire(socket, drained);
  }

  /** Bytes that are kept back or that the client has not made room for. */
  get pendingBytes(): number {
    const { pendingBytes } = this.#wire;
    return this.#holdCount > 0
      ? pendingBytes + this.#gatedBytes + this.#byteCount
      : pendingBytes + this.#gatedBytes;
  }

  /** All bytes that it keeps, and those that the system has not taken yet. */
  get outputBytes(): number {
    return this.#wire.outputBytes + this.#gatedBytes + this.#byteCount;
  }

  /** In how many pieces; what a stream keeps counts as one. */
  get outputPieces(): number {
    let count = this.#pieces.length + this.#wire.outputPieces;
    for (const { pieces } of this.#gated) count += pieces.length;
    return count;
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
    this.#wire.clear();
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
    this.#wire.whenIdle(then);
  }

  #send(): void {
    // As a rule it is one, and then the array that it was in is used again.
    if (this.#pieces.length === 1 && !this.#gate.isClosed) {
      this.#byteCount = 0;
      return this.#wire.sendOne(this.#pieces.pop()!);
    }
    const byteCount = this.#byteCount;
    const pieces = this.#take();
    if (this.#gate.isClosed && this.#waits(pieces, byteCount)) return;
    this.#wire.send(pieces);
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
      this.#wire.send(pieces);
    }
    if (this.#gated.length === 0) this.#leaveGate();
  }

  #leaveGate(): void {
    this.#reachedPoint = 0;
    this.#gate.leave(this);
  }
}
