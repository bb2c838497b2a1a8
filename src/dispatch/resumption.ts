import type { Call, TrackingFace } from "../commands/call.ts";
import type { CommandTable } from "../commands/define/table.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { engineFull } from "../protocol/errors.ts";
import { Blocking, type Waiting } from "./blocking.ts";
import type { CurrentCall } from "./current_call.ts";
import type { Execution } from "./execution.ts";
import { Pause } from "./pause.ts";
import type { ClientSession } from "./session.ts";

export interface ResumptionParts {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly table: CommandTable;
  readonly tracking: TrackingFace;
}

/**
 * Commands that were put aside and go on: those that wait for keys, and those
 * that a pause holds up. Either waits in the engine, as a queue of one command,
 * and is parsed again when it goes on.
 */
export class Resumption {
  /** Commands that wait for data. */
  readonly blocking: Blocking;
  /** Commands that CLIENT PAUSE holds up. */
  readonly pause: Pause;
  /** Called when a pause has begun or ended. */
  pauseChanged: () => void = () => {};
  readonly #execution: Execution;
  readonly #calls: Engine["calls"];
  readonly #table: CommandTable;
  readonly #keyspace: Keyspace;
  readonly #tracking: TrackingFace;

  constructor(
    execution: Execution,
    { engine, keyspace, table, tracking }: ResumptionParts,
  ) {
    this.#execution = execution;
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
    this.#table = table;
    this.#tracking = tracking;
    this.pause = new Pause({
      begun: () => this.#pauseBegun(),
      ended: (postponed) => this.#pauseEnded(postponed),
    });
    this.blocking = new Blocking(engine, keyspace, {
      retry: (waiting) => this.#retry(waiting),
      finish: (waiting, end) => this.#finish(waiting, end),
      wordsOf: (waiting) => this.#wordsOf(waiting),
    });
  }

  /** Executes the command of a session that was postponed, if it may be now. */
  executePostponed(session: ClientSession): void {
    const queue = session.postponed;
    session.postponed = 0;
    const { handle } = this.#keyspace.database(session.database);
    if (this.#calls.enterQueue(queue) < 0) {
      this.#execution.call.reply.error(engineFull.text);
    } else {
      try {
        // It was parsed before.
        const code = this.#calls.run(handle, 0, 0);
        this.#execution.execute(session, this.#table.commands[code]);
      } finally {
        this.#calls.leaveQueue();
      }
    }
    this.#calls.freeQueue(queue);
  }

  /** What a command has brought in is for those who wait for it. */
  serveBlocked(session: ClientSession): void {
    // Their replies are made where those of the session are.
    this.#execution.turn.flush(session);
    this.blocking.serve();
    this.#execution.call.reply.resp = session.resp;
  }

  /** A command that waits for keys tries once more; see `BlockingHost`. */
  #retry(waiting: Waiting): boolean {
    const { session, command, queue } = waiting;
    const serve = () => {
      const { call } = this.#execution;
      const wait = waiting.wait ??= command.waitOf!(call);
      return wait.serve(call);
    };
    let hasEntered = false;
    const hasReplied = this.#goOnWith(
      waiting,
      () => this.#execution.runWithin(command, serve),
      (call) => {
        if (!this.#enter(session, queue)) throw engineFull;
        hasEntered = true;
        this.#execution.admission.admit(session, call, command);
      },
    );
    if (hasEntered) this.#calls.leaveQueue();
    return hasReplied;
  }

  /** The call becomes that of a waiting command; false without memory. */
  #enter(session: ClientSession, queue: number): boolean {
    if (this.#calls.enterQueue(queue) < 0) return false;
    this.#calls.run(this.#keyspace.database(session.database).handle, 0, 0);
    this.#execution.call.begin(session, this.#execution.clock.now);
    return true;
  }

  #wordsOf({ session, queue }: Waiting): readonly Uint8Array[] {
    if (!this.#enter(session, queue)) return [];
    const words = this.#execution.call.words();
    this.#calls.leaveQueue();
    return words;
  }

  #finish(waiting: Waiting, end: (call: Call) => void): void {
    this.#execution.clock.advance();
    this.#goOnWith(waiting, (call) => {
      call.begin(waiting.session, this.#execution.clock.now);
      end(call);
      return true;
    });
  }

  /** Nothing of another session is in the reply. */
  #goOnWith(
    waiting: Waiting,
    reply: (call: CurrentCall) => boolean,
    admit?: (call: CurrentCall) => void,
  ): boolean {
    const { session } = waiting;
    session.beginTurn();
    const hasReplied = this.#execution.complete(session, waiting, reply, admit);
    if (this.#tracking.isOn) this.#tracking.tell(session);
    if (hasReplied) this.#execution.turn.takeMessages(session);
    session.endTurn();
    if (!hasReplied) return false;
    this.#execution.turn.flush(session);
    session.stopWaiting();
    return true;
  }

  /** A command waits for the end of the pause, and so does its client. */
  postpone(session: ClientSession): void {
    const queue = this.#calls.queueCommand(0) >>> 0;
    if (queue === 0) throw engineFull;
    session.postponed = queue;
    session.isHeld = session.isWaiting = true;
    session.takeBackCommand();
    this.pause.add(session);
    if (session.noTouch) this.#keyspace.setNoTouch(false);
  }

  #pauseBegun(): void {
    this.#calls.setRemoveDue(0);
    this.#execution.memory.suspend();
    this.blocking.isPaused = true;
    this.pauseChanged();
  }

  #pauseEnded(postponed: readonly ClientSession[]): void {
    this.#calls.setRemoveDue(1);
    this.#execution.memory.resume();
    this.blocking.isPaused = false;
    for (const session of postponed) session.isWaiting = false;
    this.pauseChanged();
    // Not within the command that has ended it.
    queueMicrotask(() => {
      if (this.blocking.hasWork) {
        this.#execution.clock.advance();
        this.blocking.serve();
      }
      for (const session of postponed) session.mayTurn?.();
    });
  }
}
