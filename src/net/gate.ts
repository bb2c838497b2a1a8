/** What a gate tells of the log that replies wait for. */
export interface GatedLog {
  /** How many bytes were ever logged. */
  readonly sequence: number;
}

/** Who waits at a gate. */
export interface Waiting {
  /** All up to this point of the log is safe now. */
  reached(sequence: number): void;
}

/**
 * Where the replies of a server wait until what they tell of is safe on disk
 * (appendfsync always). All connections of a server share one gate.
 *
 * Open, as it begins, it costs an outbox one test. Closed, everything that is
 * handed to an outbox waits until the log is safe up to where it stood at that
 * moment: replies to writes, and to reads that may have seen them. When all is
 * safe anyway, nothing waits. Clients are served on meanwhile, so that a sync
 * is for all that came while the one before it was under way:
 *
 *   gate.close(log);
 *   at the end of a turn, unless a sync is running, while anything is unsafe:
 *     take all, write, sync, gate.reached(sequence of what was taken)
 */
export class Gate {
  #log: GatedLog | null = null;
  #safe = 0;
  readonly #waiting = new Set<Waiting>();

  /** Whether replies may have to wait. */
  get isClosed(): boolean {
    return this.#log !== null;
  }

  /** How many outboxes wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Replies wait for a log from now on, of which so much is safe. */
  close(log: GatedLog, safe = log.sequence): void {
    this.#log = log;
    this.#safe = safe;
  }

  /** Replies wait no more. */
  open(): void {
    this.#log = null;
    this.#release(Infinity);
  }

  /** The log is safe up to here: what waited for that may leave. */
  reached(sequence: number): void {
    if (sequence <= this.#safe) return;
    this.#safe = sequence;
    this.#release(sequence);
  }

  /**
   * What something that is to be sent now must wait for: a point of the log, or
   * 0 for nothing.
   */
  pointNow(): number {
    const sequence = this.#log?.sequence ?? 0;
    return sequence > this.#safe ? sequence : 0;
  }

  /** Tells someone when points are reached, until `leave`. */
  wait(one: Waiting): void {
    this.#waiting.add(one);
  }

  leave(one: Waiting): void {
    this.#waiting.delete(one);
  }

  #release(sequence: number): void {
    for (const one of [...this.#waiting]) one.reached(sequence);
  }
}
