import type { Gate } from "../net/gate.ts";
import type { Persistence } from "../persistence/persistence.ts";
import { setImmediate } from "node:timers";

/** What the gate needs of the log of effects. */
interface Log {
  readonly sequence: number;
}

/**
 * Joins replies and the append-only file: once in a turn of the loop, after its
 * commands, what they did is handed to the file. With `appendfsync always` all
 * replies wait at the gate until the disk has it; otherwise they wait only when
 * the disk is far behind.
 */
export class Durability {
  readonly #gate: Gate;
  readonly #log: Log;
  readonly #persistence: Persistence;
  #isScheduled = false;
  /** How many hand-overs the replies wait for because the disk is slow. */
  #lateCount = 0;

  constructor(gate: Gate, log: Log, persistence: Persistence) {
    this.#gate = gate;
    this.#log = log;
    this.#persistence = persistence;
  }

  /** To be called after whatever may have changed the data. */
  afterBatch(): void {
    if (this.#isScheduled || this.#persistence.aof.state === "off") return;
    this.#isScheduled = true;
    setImmediate(() => this.#handOver());
  }

  /** `appendonly` or `appendfsync` has changed. */
  refresh(): void {
    const mustWait = this.#persistence.isDurable || this.#lateCount > 0;
    if (mustWait && !this.#gate.isClosed) this.#gate.close(this.#log);
    else if (!mustWait && this.#gate.isClosed) this.#gate.open();
  }

  #handOver(): void {
    this.#isScheduled = false;
    const { sequence } = this.#log;
    const safe = this.#persistence.aof.beforeReplies();
    if (safe === null) return this.#gate.reached(sequence);
    this.#lateCount++;
    this.refresh();
    safe.then(() => {
      this.#lateCount--;
      this.#gate.reached(sequence);
      this.refresh();
    });
  }
}
