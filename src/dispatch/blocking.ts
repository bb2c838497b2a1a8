import type { Call, Wait } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { type Place, type Waiter, Waiters } from "../keyspace/waiters.ts";
import { engineFull, unblocked } from "../protocol/errors.ts";
import type { Unfinished } from "./accounts.ts";
import type { ClientSession } from "./session.ts";

/** The longest time that a timer can be set to. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export interface BlockingHost {
  /**
   * Lets a waiting command try once more, with its words; false when it goes on
   * waiting. The reply is sent if there is one.
   */
  retry(waiting: Waiting): boolean;
  /** The words of a command that waits. */
  wordsOf(waiting: Waiting): readonly Uint8Array[];
  /** Ends it with what `end` replies or throws. */
  finish(waiting: Waiting, end: (call: Call) => void): void;
}

/** A command that waits for a key. */
export class Waiting implements Waiter, Unfinished {
  places: Place<this>[] = [];
  engineWait = 0;
  /** What its keys must hold. The engine's are lists. */
  type: Wait["type"] = "list";
  /** Null if it began to wait in the engine, and has not been tried since. */
  wait: Wait | null = null;
  spentMs = 0;
  timer: ReturnType<typeof setTimeout> | undefined = undefined;
  readonly #host: BlockingHost;

  constructor(
    readonly session: ClientSession,
    readonly command: Command,
    /** The engine's queue of just this command, to be executed again. */
    readonly queue: number,
    host: BlockingHost,
  ) {
    this.#host = host;
  }

  words(): readonly Uint8Array[] {
    return this.#host.wordsOf(this);
  }
}

/**
 * The commands that wait for data. Whatever brings a key in, the engine notes
 * it; when the command or transaction is over that did it, `serve` lets those
 * who wait for the key try their command again, one after the other. So a
 * waiter gets what the command would have got that came just then.
 */
export class Blocking {
  readonly #waiters: Waiters<Waiting>;
  readonly #calls: Engine["calls"];
  readonly #host: BlockingHost;
  /** CLIENT UNBLOCK has ended these; they have not got their replies. */
  #released: [waiting: Waiting, isError: boolean][] = [];
  #timedCount = 0;
  /** Nobody is served; what has come in meanwhile is offered later. */
  isPaused = false;

  constructor(engine: Engine, keyspace: Keyspace, host: BlockingHost) {
    this.#waiters = new Waiters(engine, keyspace);
    this.#calls = engine.calls;
    this.#host = host;
  }

  /** How many clients wait. */
  get count(): number {
    return this.#waiters.count;
  }

  /** For how many keys. */
  get keyCount(): number {
    return this.#waiters.keyCount;
  }

  /** How many will not wait for ever. */
  get timedCount(): number {
    return this.#timedCount;
  }

  /** The current command begins to wait; throws when there is no memory. */
  begin(
    session: ClientSession,
    command: Command,
    call: Call,
    wait: Wait,
  ): void {
    const queue = this.#calls.queueCommand(0) >>> 0;
    if (queue === 0) throw engineFull;
    const waiting = new Waiting(session, command, queue, this.#host);
    waiting.wait = wait;
    waiting.type = wait.type;
    try {
      this.#waiters.add(waiting, call.db, wait.firstKey, wait.keyCount);
    } catch (thrown) {
      this.#calls.freeQueue(queue);
      throw thrown;
    }
    this.#hold(waiting, wait.timeoutMs);
  }

  /** The engine has let a command wait, and keeps it in a queue. */
  beginInEngine(
    session: ClientSession,
    command: Command,
    engineWait: number,
    queue: number,
    timeoutMs: number,
  ): void {
    const waiting = new Waiting(session, command, queue, this.#host);
    this.#waiters.addInEngine(waiting, engineWait);
    this.#hold(waiting, timeoutMs);
  }

  #hold(waiting: Waiting, timeoutMs: number): void {
    const { session } = waiting;
    session.waiting = waiting;
    session.isHeld = session.isWaiting = true;
    if (timeoutMs === 0) return;
    this.#timedCount++;
    this.#endAt(waiting, performance.now() + timeoutMs);
  }

  /** The engine has served a command, and freed its queue: whose it was. */
  servedInEngine(engineWait: number): ClientSession {
    const waiting = this.#waiters.served(engineWait);
    this.#stopTimer(waiting);
    return waiting.session;
  }

  /** Rights have changed: they are asked about anew when anybody is served. */
  rightsChanged(): void {
    this.#waiters.takeOverAll();
  }

  /** Whether `serve` has something to do. */
  get hasWork(): boolean {
    if (this.#released.length > 0) return true;
    return this.#waiters.hasArrivals && !this.isPaused;
  }

  /** A change is over: serves those who waited for what it has brought. */
  serve(): void {
    if (this.#released.length > 0) this.#endReleased();
    if (this.isPaused) return;
    this.#waiters.offer((waiting, type) => {
      if (waiting.type !== type || waiting.session.closing) return;
      if (!this.#host.retry(waiting)) return;
      this.#remove(waiting);
      this.#calls.freeQueue(waiting.queue);
    });
  }

  /** The session waits no more; its reply comes with the next `serve`. */
  release(session: ClientSession, isError: boolean): boolean {
    const { waiting } = session;
    if (waiting === null || !this.#waiters.has(waiting)) return false;
    this.#remove(waiting);
    this.#released.push([waiting, isError]);
    return true;
  }

  /** The session is closed: the engine shall not serve it any more. */
  withdraw({ waiting }: ClientSession): void {
    if (waiting !== null && waiting.engineWait !== 0) this.#remove(waiting);
  }

  /** The session is gone. */
  leave(session: ClientSession): void {
    const { waiting } = session;
    if (waiting === null) return;
    session.waiting = null;
    this.#released = this.#released.filter(([one]) => one !== waiting);
    if (this.#waiters.has(waiting)) this.#remove(waiting);
    this.#calls.freeQueue(waiting.queue);
  }

  #endReleased(): void {
    for (const [waiting, isError] of this.#released.splice(0)) {
      this.#host.finish(waiting, (call) => {
        if (isError) throw unblocked;
        call.reply.nullArray();
      });
      this.#calls.freeQueue(waiting.queue);
    }
  }

  #remove(waiting: Waiting): void {
    this.#waiters.remove(waiting);
    this.#stopTimer(waiting);
  }

  #stopTimer(waiting: Waiting): void {
    if (waiting.timer === undefined) return;
    clearTimeout(waiting.timer);
    waiting.timer = undefined;
    this.#timedCount--;
  }

  #endAt(waiting: Waiting, endMs: number): void {
    const leftMs = endMs - performance.now();
    if (leftMs > 0) {
      const again = () => this.#endAt(waiting, endMs);
      waiting.timer = setTimeout(again, Math.min(leftMs, TIMER_MAX_MS));
      return;
    }
    this.#remove(waiting);
    this.#host.finish(waiting, (call) => call.reply.nullArray());
    this.#calls.freeQueue(waiting.queue);
  }
}
