import type { TLSSocket } from "node:tls";
import { PIECE_MAX_BYTES, releasePiece } from "../protocol/chunks.ts";
import { type Handle, handleOf, type WriteRequest } from "./handle.ts";
import type { Wire } from "./wire.ts";

/** Of a large piece so much is encrypted at a time. */
const STEP_BYTES = 4 * PIECE_MAX_BYTES;
/** Less on its way counts as sent: it is with the system in a moment. */
const SOME_BYTES = 64 * 1024;

/**
 * Writes to a TLS connection without the stream around it. Its handle takes one
 * write at a time, and copies it; what comes meanwhile is joined into the next.
 * The stream is not written to any more: both would overwrite each other's.
 */
export class TlsWire implements Wire {
  readonly #socket: TLSSocket;
  readonly #handle: Handle;
  readonly #drained: () => void;
  readonly #request: WriteRequest = {
    oncomplete: (status) => {
      if (status < 0) this.#break();
      this.#completed();
    },
  };
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** How much of the first waiting piece has gone. */
  #sentOfFirst = 0;
  #inFlightBytes = 0;
  #isBusy = false;
  #wasFull = false;
  #whenIdle: (() => void) | undefined;

  private constructor(
    socket: TLSSocket,
    handle: Handle,
    drained: () => void,
  ) {
    this.#socket = socket;
    this.#handle = handle;
    this.#drained = drained;
  }

  /** Null where the runtime is one that cannot be written to so. */
  static of(socket: TLSSocket, drained: () => void): TlsWire | null {
    const handle = handleOf(socket);
    return handle && new TlsWire(socket, handle, drained);
  }

  get pendingBytes(): number {
    return this.#inFlightBytes > SOME_BYTES
      ? this.#waitingBytes + this.#inFlightBytes
      : this.#waitingBytes;
  }

  get outputBytes(): number {
    return this.#waitingBytes + this.#inFlightBytes;
  }

  get outputPieces(): number {
    return this.#waiting.length + (this.#isBusy ? 1 : 0);
  }

  send(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#waiting.push(piece);
      this.#waitingBytes += piece.length;
    }
    if (!this.#isBusy) this.#next();
  }

  sendOne(piece: Uint8Array): void {
    this.send([piece]);
  }

  whenIdle(then: () => void): void {
    if (this.#isBusy) this.#whenIdle = then;
    else then();
  }

  clear(): void {
    this.#waiting.forEach(releasePiece);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#sentOfFirst = 0;
    this.#whenIdle = undefined;
  }

  /** The client is not there any more, which the reading side may not notice. */
  #break(): void {
    this.clear();
    this.#socket.destroy();
  }

  #next(): void {
    if (this.#waitingBytes === 0) return this.#rest();
    const bytes = this.#take();
    this.#isBusy = true;
    this.#inFlightBytes = bytes.length;
    this.#waitingBytes -= bytes.length;
    if (this.pendingBytes > 0) this.#wasFull = true;
    this.#handle.writeBuffer(this.#request, bytes);
  }

  /** The next bytes to write: many small pieces, or a part of a large one. */
  #take(): Uint8Array {
    const [first] = this.#waiting;
    const isWhole = this.#sentOfFirst === 0 && first.length <= STEP_BYTES;
    if (!isWhole || this.#waiting.length === 1) return this.#takeOfFirst();
    let count = 0;
    let byteCount = 0;
    for (const { length } of this.#waiting) {
      if (byteCount + length > STEP_BYTES) break;
      byteCount += length;
      count++;
    }
    const joined = new Uint8Array(byteCount);
    let at = 0;
    for (const piece of this.#waiting.splice(0, count)) {
      joined.set(piece, at);
      at += piece.length;
      releasePiece(piece);
    }
    return joined;
  }

  #takeOfFirst(): Uint8Array {
    const [first] = this.#waiting;
    const end = Math.min(this.#sentOfFirst + STEP_BYTES, first.length);
    const bytes = first.subarray(this.#sentOfFirst, end);
    this.#sentOfFirst = end;
    if (end === first.length) {
      this.#waiting.shift();
      this.#sentOfFirst = 0;
      // It is copied before anybody can fill it anew.
      releasePiece(first);
    }
    return bytes;
  }

  #completed(): void {
    this.#isBusy = false;
    this.#inFlightBytes = 0;
    this.#next();
  }

  #rest(): void {
    const wasFull = this.#wasFull;
    this.#wasFull = false;
    this.#whenIdle?.();
    this.#whenIdle = undefined;
    if (wasFull) this.#drained();
  }
}
