import { clientHeapBytes } from "../dispatch/client_memory.ts";
import type { ClientSession } from "../dispatch/session.ts";

const ROUND_MS = 1000;
/** A part of a round, if that is less than a tenth of the clients. */
const PART_COUNT = 100;

/**
 * Looks at every client once a second, at a part of them at a time: with ten
 * thousand of them it takes longer than anybody should wait.
 */
export class ClientRound {
  /** What clients took outside of the engine, by the last round. */
  heapBytes = 0;
  readonly #all: () => Iterable<ClientSession>;
  readonly #ended: () => void;
  #left: Iterator<ClientSession> | null = null;
  #beganMs = -Infinity;
  #heapBytes = 0;

  constructor(all: () => Iterable<ClientSession>, ended: () => void) {
    this.#all = all;
    this.#ended = ended;
  }

  /** Ten times a second. */
  goOn(
    now: number,
    clientCount: number,
    look: (session: ClientSession) => void,
  ): void {
    if (this.#left === null) {
      // A timer may be a little early.
      if (Math.abs(now - this.#beganMs) < ROUND_MS - 50) return;
      this.#beganMs = now;
      this.#left = this.#all()[Symbol.iterator]();
      this.#heapBytes = 0;
    }
    const most = Math.max(PART_COUNT, Math.ceil(clientCount / 9));
    for (let i = 0; i < most; i++) {
      const { done, value } = this.#left.next();
      if (done) return this.#end();
      this.#heapBytes += clientHeapBytes(value);
      look(value);
    }
  }

  #end(): void {
    this.#left = null;
    this.heapBytes = this.#heapBytes;
    this.#ended();
  }
}
