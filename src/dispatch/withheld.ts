import { releasePiece } from "../protocol/chunks.ts";
import type { ClientSession } from "./session.ts";

/**
 * The replies of a normal client's turn, while there is a limit to them: they
 * are kept back until its end, so that a client who gets too much gets none of
 * it. What is over the limit is dropped at once; a transaction goes on to its
 * end all the same.
 */
export class Withheld {
  /** How much a client may get in one turn, unread bytes of before included. */
  maxBytes = Infinity;
  #pieces: Uint8Array[] = [];
  #byteCount = 0;
  #isTooMuch = false;

  holds(session: ClientSession): boolean {
    if (this.hasAny) return true;
    return this.maxBytes !== Infinity && session.kind === "normal";
  }

  get hasAny(): boolean {
    return this.#byteCount > 0;
  }

  add(session: ClientSession, pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#byteCount += piece.length;
    }
    const { outputBytes } = session.transport;
    if (this.#byteCount + outputBytes <= this.maxBytes) return;
    this.#isTooMuch = true;
    // Nothing more of it is executed.
    session.closing = true;
    this.#pieces.forEach(releasePiece);
    this.#pieces = [];
  }

  /** The turn is over: the client gets all, or goes. */
  release(session: ClientSession): void {
    const pieces = this.#pieces;
    const isTooMuch = this.#isTooMuch;
    this.#pieces = [];
    this.#byteCount = 0;
    this.#isTooMuch = false;
    if (pieces.length > 0) session.transport.writeAll(pieces);
    if (!isTooMuch) return;
    session.overflowed?.();
    session.kill();
  }
}
