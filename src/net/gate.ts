/** The log that replies wait for. */
export interface GatedLog {
  /**
   * Replies are about to leave: writes what has been logged. Returns up to
   * where the log must be safe before they may, 0 when they may leave now.
   */
  beforeReplies(): number;
}

/** Who waits at a gate. */
export interface Waiting {
  /** All up to this point of the log is safe now. */
  reached(sequence: number): void;
}

/**
 * What replies have to pass that tell of changes which a log on the disk keeps.
 * All connections of a server share one gate.
 *
 * Open, as it begins, it costs an outbox one test. Closed, the log is asked
 * each time that an outbox is about to send, which is once a turn for small
 * replies: the log then writes what the commands of the turn have changed, so
 * that no reply is ever ahead of it. Mostly the replies may leave then. When
 * they have to wait until the disk has it (appendfsync always), so do replies
 * to reads, which may have seen the changes; clients are served on meanwhile,
 * and the next sync is for all that came during the one before.
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

  /** Replies have to pass a log from now on. */
  close(log: GatedLog): void {
    this.#log = log;
    this.#safe = 0;
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
   * What that which is to be sent now must wait for: a point of the log, or 0
   * for nothing.
   */
  pointNow(): number {
    const point = this.#log?.beforeReplies() ?? 0;
    return point > this.#safe ? point : 0;
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
