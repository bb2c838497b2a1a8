import type { Socket } from "node:net";
import {
  releasePiece,
  SMALL_PIECE_BYTES,
  takePiece,
} from "../protocol/chunks.ts";
import {
  type Handle,
  handleOf,
  isPending,
  type WriteRequest,
} from "./handle.ts";
import { afterLook, LookClock } from "./look.ts";

/** Several pieces are made one when they have no more bytes than this. */
const JOINED_BYTES = 16 * 1024;
/** A handle gets no more before it is done with so many, see `pendingBytes`. */
const SOME_BYTES = 64 * 1024, SOME_PIECES = 4;
/** The same for large pieces; one of any size may come on top. */
const SOME_LARGE_BYTES = 256 * 1024;
/**
 * So much time is spent in one go on sending what had to wait: as long as
 * clients take it, the runtime looks for nothing else.
 */
const SLICE_MS = 2;
/** So many places at the front of a queue may be empty. */
const EMPTY_PLACES_MAX = 1024;

/** Of all wires together. */
const clock = new LookClock();

/** The way out of a connection: pieces in, bytes to the system. */
export interface Wire {
  /** Bytes that the client has not made room for. */
  readonly pendingBytes: number;
  /** The same with those that the system is just taking. */
  readonly outputBytes: number;
  readonly outputPieces: number;
  /** Sends pieces in their order, and releases them. */
  send(pieces: Uint8Array[]): void;
  /** The same for one. */
  sendOne(piece: Uint8Array): void;
  /** Calls back when the socket may be ended without loss. */
  whenIdle(then: () => void): void;
  /** Forgets what has not been sent. */
  clear(): void;
}

/**
 * Pieces go straight to the socket's handle, which tries the system at once: a
 * stream's bookkeeping costs as much as the engine needs for five commands.
 * What the client does not make room for waits here; the stream would copy all
 * of it whenever there is a little room. The stream does it where the runtime's
 * handle is not known.
 */
export class PlainWire implements Wire {
  readonly #socket: Socket;
  readonly #handle: Handle | null;
  /** Told when everything that had to wait is with the system. */
  readonly #drained: () => void;
  readonly #small: WriteRequest = {
    oncomplete: (status) => {
      if (status < 0) return this.#break();
      if (--this.#smallCount > 0) return;
      this.#smallBytes = 0;
      this.#smallPieces = [];
      if (this.#wasFull) this.#goOn();
    },
  };
  readonly #large: WriteRequest = {
    oncomplete: (status) => {
      if (status < 0) return this.#break();
      const piece = this.#inFlight.shift()!;
      this.#inFlightBytes -= piece.length;
      releasePiece(piece);
      this.#goOn();
    },
  };
  // What the handle has been given and has not said to be done with. It does not
  // keep the bytes alive, so we do.
  #smallPieces: Uint8Array[] = [];
  #smallCount = 0;
  #smallBytes = 0;
  readonly #inFlight: Uint8Array[] = [];
  #inFlightBytes = 0;
  /** What waits, from `#first` on. */
  #waiting: Uint8Array[] = [];
  #first = 0;
  #waitingBytes = 0;
  /** Something has waited since everything was with the system. */
  #wasFull = false;
  #isResting = false;
  #whenIdle: (() => void) | undefined;

  constructor(socket: Socket, drained: () => void) {
    this.#socket = socket;
    this.#handle = handleOf(socket);
    this.#drained = drained;
  }

  get pendingBytes(): number {
    return this.#handle === null
      ? this.#socket.writableLength
      : this.#waitingBytes;
  }

  get outputBytes(): number {
    return this.pendingBytes + this.#smallBytes + this.#inFlightBytes;
  }

  get outputPieces(): number {
    const count = this.#waiting.length - this.#first + this.#smallCount +
      this.#inFlight.length;
    return this.#socket.writableLength > 0 ? count + 1 : count;
  }

  send(pieces: Uint8Array[]): void {
    const some = joined(pieces);
    if (this.#handle === null) return this.#stream(some);
    for (const piece of some) this.sendOne(piece);
  }

  sendOne(piece: Uint8Array): void {
    const handle = this.#handle;
    if (handle === null) return this.#stream([piece]);
    if (this.#waitingBytes === 0 && this.#write(handle, piece)) return;
    this.#waiting.push(piece);
    this.#waitingBytes += piece.length;
    this.#wasFull = true;
  }

  whenIdle(then: () => void): void {
    if (this.#waitingBytes > 0) this.#whenIdle = then;
    else then();
  }

  clear(): void {
    for (let i = this.#first; i < this.#waiting.length; i++) {
      releasePiece(this.#waiting[i]);
    }
    this.#waiting = [];
    this.#first = 0;
    this.#waitingBytes = 0;
    this.#whenIdle = undefined;
  }

  /** The client is not there any more; "close" follows. */
  #break(): void {
    this.clear();
    this.#socket.destroy();
  }

  #stream(pieces: readonly Uint8Array[]): void {
    this.#socket.cork();
    for (const piece of pieces) {
      this.#socket.write(piece, () => releasePiece(piece));
    }
    this.#socket.uncork();
  }

  /** The handle is done with something. */
  #goOn(): void {
    while (this.#waitingBytes > 0) {
      if (!clock.isWithin(SLICE_MS)) return this.#rest();
      const piece = this.#next();
      if (this.#write(this.#handle!, piece)) continue;
      this.#waiting[--this.#first] = piece;
      this.#waitingBytes += piece.length;
      return;
    }
    this.#whenIdle?.();
    this.#whenIdle = undefined;
    if (this.#smallBytes + this.#inFlightBytes > 0) return;
    this.#wasFull = false;
    this.#drained();
  }

  #rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    afterLook(() => {
      this.#isResting = false;
      if (this.#waitingBytes > 0) this.#goOn();
    });
  }

  /** The next of what waits: one piece, or several small ones as one. */
  #next(): Uint8Array {
    const waiting = this.#waiting;
    let end = this.#first;
    let byteCount = 0;
    do byteCount += waiting[end++].length; while (
      end < waiting.length && byteCount + waiting[end].length <= JOINED_BYTES
    );
    const [piece] = joined(waiting.slice(this.#first, end));
    this.#first = end;
    this.#waitingBytes -= byteCount;
    if (this.#first > EMPTY_PLACES_MAX && this.#first * 2 > waiting.length) {
      this.#waiting = waiting.slice(this.#first - 1);
      this.#first = 1;
    }
    return piece;
  }

  /** False when the handle has enough. */
  #write(handle: Handle, bytes: Uint8Array): boolean {
    if (bytes.length <= SMALL_PIECE_BYTES) {
      if (this.#smallBytes > SOME_BYTES) return false;
      handle.writeBuffer(this.#small, bytes);
      if (isPending()) {
        this.#smallPieces.push(bytes);
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
