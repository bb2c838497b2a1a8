import type { Socket } from "node:net";
import { releasePiece, SMALL_PIECE_BYTES } from "../protocol/chunks.ts";
import { sendAtTurnEnd, type Sender } from "./turn_end.ts";

/** More than this goes out at once, so that the client has work meanwhile. */
const SOON_BYTES = 1024;
/** A handle gets no more before it is done with so many, see `pendingBytes`. */
const SOME_BYTES = 64 * 1024, SOME_PIECES = 4;

/** What Deno's sockets have inside: a write without the stream around it. */
interface Handle {
  writeBuffer?(request: WriteRequest, bytes: Uint8Array): number;
}

interface WriteRequest {
  /** Called when the system has taken everything, or never will. */
  oncomplete(status: number): void;
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
export class Outbox implements Sender {
  readonly #socket: Socket;
  readonly #handle: Handle | undefined;
  readonly #small: WriteRequest = {
    oncomplete: () => {
      if (--this.#smallCount === 0) this.#smallBytes = 0;
    },
  };
  readonly #large: WriteRequest = {
    oncomplete: () => releasePiece(this.#inFlight.shift()!),
  };
  #pieces: Uint8Array[] = [];
  #byteCount = 0;
  #isWaiting = false;
  #holdCount = 0;
  // What the handle has been given and has not said to be done with.
  #smallCount = 0;
  #smallBytes = 0;
  readonly #inFlight: Uint8Array[] = [];
  #whenEmpty: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { _handle } = socket as unknown as { _handle?: Handle };
    if (typeof _handle?.writeBuffer === "function") this.#handle = _handle;
  }

  /** Bytes that are kept back or that the client has not made room for. */
  get pendingBytes(): number {
    const { writableLength } = this.#socket;
    return this.#holdCount > 0
      ? writableLength + this.#byteCount
      : writableLength;
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
  }

  #take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#byteCount = 0;
    return pieces;
  }

  #release(): void {
    if (this.#holdCount > 0) return;
    if (this.#byteCount > 0) this.#send();
    this.#whenEmpty?.();
    this.#whenEmpty = undefined;
  }

  #send(): void {
    const pieces = this.#take();
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
    if (handle === undefined || this.#socket.writableLength > 0) return false;
    if (bytes.length <= SMALL_PIECE_BYTES) {
      if (this.#smallBytes > SOME_BYTES) return false;
      this.#smallBytes += bytes.length;
      this.#smallCount++;
      handle.writeBuffer!(this.#small, bytes);
    } else {
      if (this.#inFlight.length > SOME_PIECES) return false;
      this.#inFlight.push(bytes);
      handle.writeBuffer!(this.#large, bytes);
    }
    return true;
  }
}
