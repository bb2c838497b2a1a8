import type { LaterEnd, ServerFace } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import { READONLY } from "../commands/define/flags.ts";
import type { CommandTable } from "../commands/define/table.ts";
import * as codes from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Admission } from "./admission.ts";
import type { Blocking } from "./blocking.ts";
import type { Clock } from "./clock.ts";
import type { CommitPoint } from "./commit.ts";
import type { EffectLog } from "./effect_log.ts";
import { type DispatcherServer, Execution } from "./execution.ts";
import { Gathered, type GatheredHost } from "./gathered.ts";
import { hostGathered } from "./gathered_host.ts";
import type { MemoryLimit } from "./memory_limit.ts";
import { Replay, type ReplayEvents } from "./replay.ts";
import type { ClientSession, LaterWork } from "./session.ts";
import type { Statistics } from "./statistics.ts";
import type { Turn } from "./turn.ts";

/** What `suspend` returns when the rest of the input finds no memory. */
const NO_MEMORY = 0xffffffff;

/**
 * Turns the bytes of a connection into executed commands and replies. This is
 * the middle of the one path: input, parser, table, checks, handler, commit,
 * output. It runs to the end of each chunk before anything else happens, unless
 * the chunk asks for more than a turn's worth of work or replies: then the
 * session is held, its rest waits in its input, and `resume` goes on with it.
 *
 * What becomes of one command is in `execution.ts`.
 */
export class Dispatcher {
  readonly clock: Clock;
  readonly turn: Turn;
  /** maxmemory. */
  readonly memory: MemoryLimit;
  readonly admission: Admission;
  readonly commit: CommitPoint;
  readonly effects: EffectLog;
  readonly statistics: Statistics;
  readonly blocking: Blocking;
  /** A client's unfinished input may hold no more than this. */
  inputLimit = 2 ** 30;
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #table: CommandTable;
  readonly #keyspace: Keyspace;
  readonly #server: ServerFace;
  readonly #execution: Execution;
  readonly #gathered: Gathered;
  readonly #gatheredHost: GatheredHost;
  #trust: number = codes.CLIENT;

  constructor(
    engine: Engine,
    keyspace: Keyspace,
    table: CommandTable,
    server: DispatcherServer,
  ) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
    this.#table = table;
    this.#server = server;
    const execution = new Execution(
      engine,
      keyspace,
      table,
      server,
      (session) => this.#boundInput(session),
    );
    this.#execution = execution;
    this.clock = execution.clock;
    this.turn = execution.turn;
    this.memory = execution.memory;
    this.admission = execution.admission;
    this.commit = execution.commit;
    this.effects = execution.effects;
    this.statistics = execution.statistics;
    this.blocking = execution.resumption.blocking;
    this.#gathered = new Gathered(engine);
    this.#gatheredHost = hostGathered(execution, keyspace);
    this.#register();
  }

  /**
   * Executes commands that no client has sent: those of a log. Not while a
   * command of a client is being executed, which `Call.later` sees to.
   */
  replay(events: ReplayEvents = {}): Replay {
    return new Replay({
      engine: this.#engine,
      keyspace: this.#keyspace,
      table: this.#table,
      call: this.#execution.call,
      log: this.effects,
      statistics: this.statistics,
      clock: this.clock,
      memory: this.memory,
      setTrust: (trust) => this.#setTrust(trust),
      bug: (trace) => this.#execution.logBug(trace),
    }, events);
  }

  /** Teaches the engine the names in use. */
  #register(): void {
    for (const [name, id] of this.#table.names()) {
      const index = this.#engine.pushArgument(name);
      const { hot } = this.#table.commands[id];
      if (!this.#calls.registerCommand(index, id, hot)) {
        throw new Error(`the name ${name} is too long for a command`);
      }
    }
    this.#calls.releaseArguments();
  }

  /**
   * Bytes came in: keeps them until `executeGathered`, so that they can be
   * executed together with those of others. False when they have to be received
   * at once: the session is not one of many small requests.
   */
  gather(session: ClientSession, chunk: Uint8Array): boolean {
    if (!session.mayGather || session.transport.pendingBytes > 0) return false;
    if (this.turn.withheld.holds(session)) return false;
    if (!this.#gathered.hasRoom(chunk.length)) {
      this.executeGathered();
      if (!this.#gathered.hasRoom(chunk.length)) return false;
    }
    this.#gathered.add(session, chunk);
    return true;
  }

  /** Executes what was gathered and writes the replies. */
  executeGathered(): void {
    const shares = this.#gathered.take();
    if (shares.length === 0) return;
    this.clock.advance();
    this.#setTrust(codes.CLIENT);
    this.memory.beginTurn();
    const rest = this.#gathered.execute(shares, this.#gatheredHost);
    this.statistics.countTurn(this.#execution.accounts.batch());
    if (this.blocking.hasWork) this.blocking.serve();
    this.clock.goOn();
    this.#execution.commitExpired();
    this.afterChanges();
    for (const { session, chunk } of rest) {
      if (!session.closing) this.receive(session, chunk);
    }
  }

  /**
   * Bytes came in: executes what is whole and writes the replies, or only keeps
   * it for the session's next turn.
   */
  receive(session: ClientSession, chunk: Uint8Array, mayRun = true): void {
    if (session.isGathered) this.executeGathered();
    const calls = this.#calls;
    this.turn.begin(session);
    this.memory.beginTurn();
    session.lastActiveMs = this.clock.now;
    this.turn.receivedBytes += chunk.length;
    if (
      !mayRun || this.admission.isPaused ||
      session.transport.pendingBytes > session.unreadMaxBytes
    ) {
      session.isHeld = true;
    }
    for (let taken = 0; taken < chunk.length && !session.closing;) {
      const address = calls.feed(session.input, chunk.length - taken) >>> 0;
      if (!address) return this.#outOfInput(session);
      const room = Math.min(calls.feedRoom() >>> 0, chunk.length - taken);
      const part = room === chunk.length
        ? chunk
        : chunk.subarray(taken, taken + room);
      this.#engine.memory.set(part, address);
      calls.fed(room);
      taken += room;
      if (!session.isHeld) this.#drain(session);
      session.input = calls.suspend(session.input) >>> 0;
      if (session.input === NO_MEMORY) return this.#outOfInput(session);
    }
    this.#endTurn(session);
  }

  /** Goes on with the commands of a session that was held. */
  resume(session: ClientSession): void {
    if (!session.mayGoOn || this.admission.isPaused) return;
    session.isHeld = false;
    this.turn.begin(session);
    this.memory.beginTurn();
    if (session.postponed !== 0) this.#executePostponed(session);
    if (!session.isHeld && !session.closing) {
      this.#calls.resumeInput(session.input);
      this.#drain(session);
      session.input = this.#calls.suspend(session.input) >>> 0;
      if (session.input === NO_MEMORY) return this.#outOfInput(session);
    }
    this.#endTurn(session);
  }

  #endTurn(session: ClientSession): void {
    this.turn.end(session);
    this.#server.tracking.endTurn();
    if (session.closing) session.transport.end();
    else if (session.later !== null) this.#beginLater(session, session.later);
    else if (session.isWaiting) return;
    else if (session.input === 0) session.isHeld = session.postponed !== 0;
    else if (!session.isHeld) this.#boundInput(session);
  }

  /** The batch is over: what the last command put off is begun. */
  #beginLater(session: ClientSession, work: LaterWork): void {
    session.later = null;
    session.isHeld = true;
    session.isWaiting = true;
    const end = (end: LaterEnd) => this.#endLater(session, work, end);
    const fail = (thrown: unknown) =>
      end(() => {
        throw thrown;
      });
    let outcome: LaterEnd | Promise<LaterEnd>;
    try {
      outcome = work.begin();
    } catch (thrown) {
      return fail(thrown);
    }
    if (!(outcome instanceof Promise)) return end(outcome);
    const { pause } = this.admission;
    outcome.then(async (ending) => {
      await pause.passed(work.command);
      end(ending);
    }, fail).then(() => {
      if (!session.isWaiting) session.awakened?.();
    });
  }

  #endLater(session: ClientSession, work: LaterWork, end: LaterEnd): void {
    this.turn.begin(session);
    work.spentMs = this.clock.markMs - work.startedMs;
    const hasReplied = this.#execution.complete(session, work, (call) => {
      call.begin(session, this.clock.now);
      end(call);
      return !call.putsOff;
    });
    session.isWaiting = !hasReplied;
    const more = this.#execution.call.takeLater();
    this.#endTurn(session);
    if (this.blocking.hasWork) this.blocking.serve();
    this.afterChanges();
    if (more !== null) this.#beginLater(session, { ...work, begin: more });
  }

  /** The connection is gone. */
  forget(session: ClientSession): void {
    session.closing = true;
    this.#server.pubsub.leave(session);
    this.#server.monitors.remove(session);
    this.#server.tracking.disable(session);
    this.blocking.leave(session);
    this.admission.pause.leave(session);
    if (session.postponed !== 0) this.#calls.freeQueue(session.postponed);
    session.postponed = 0;
    if (session.input !== 0) this.#calls.freeInput(session.input);
    session.input = 0;
    this.#execution.transactions.discard(session);
  }

  /** What is to be done when a pause has begun or ended. */
  set pauseChanged(changed: () => void) {
    this.#execution.resumption.pauseChanged = changed;
  }

  /** Lets observers know of keys that the engine removed. */
  commitExpired(): void {
    this.#execution.commitExpired();
    this.afterChanges();
  }

  /** Something has been done on nobody's turn. */
  afterChanges(): void {
    const { tracking } = this.#server;
    if (!tracking.isOn) return;
    tracking.tell(null);
    tracking.endTurn();
  }

  /** Whether a key has changed that a session watches. */
  isDirty(session: ClientSession): boolean {
    return this.#execution.transactions.isDirty(session);
  }

  /** Bytes of the command that a session executes just now, or that waits. */
  argumentBytes(session: ClientSession): number {
    if (session.postponed !== 0) {
      return this.#calls.queueBytes(session.postponed) >>> 0;
    }
    const { waiting } = session;
    if (waiting !== null) {
      return this.#calls.queueBytes(waiting.queue) >>> 0;
    }
    return this.turn.isOf(session) ? this.#execution.call.argumentBytes : 0;
  }

  #outOfInput(session: ClientSession): void {
    if (session.input === NO_MEMORY) session.input = 0;
    this.turn.warn(`No memory for the input of client ${session.id}`);
    session.closing = true;
    this.blocking.withdraw(session);
    // The replies to what was executed before must not stay for the next one.
    this.turn.end(session);
    session.transport.end();
  }

  /** What waits for EXEC has been sent and is not executed either. */
  #boundInput(session: ClientSession): void {
    const inputBytes = session.input === 0
      ? 0
      : this.#calls.inputBytes(session.input) >>> 0;
    const queueBytes = session.transaction?.queueBytes ?? 0;
    if (inputBytes + queueBytes <= this.inputLimit) return;
    this.turn.warn(
      "Closing client that reached max query buffer length: " +
        session.describe(),
    );
    session.kill();
  }

  /** Runs what has arrived until it is used up, or the turn or session ends. */
  #drain(session: ClientSession): void {
    const execution = this.#execution;
    const { refusals } = execution;
    const { turn, clock } = this;
    const { tracking } = this.#server;
    const startedMs = clock.markMs;
    let isHot = false;
    while (!session.closing && !session.isHeld) {
      this.#trustSession(session);
      const { handle } = this.#keyspace.database(session.database);
      const hot = session.isGone ? 0 : execution.hotPermission(session);
      const code = this.#calls.run(handle, hot, session.reader);
      if (tracking.isOn) tracking.tell(session);
      const lastHot = this.#calls.takeLastHot();
      if (lastHot !== 0) {
        isHot = true;
        session.lastCommand = this.statistics.hotCommand(lastHot).fullName;
        execution.accounts.batch();
      }
      if (code >= 0) {
        const command = this.#table.commands[code];
        if (session.isGone && isInVain(session, command)) {
          turn.spentMs += clock.lap();
          session.isHeld = turn.isOver;
          continue;
        }
        execution.execute(session, command);
        // When somebody waits the engine may have left us what is its own.
        isHot = hot !== 0 && command.hot !== 0 && this.blocking.count > 0;
        this.#afterCommand(session);
      } else if (code === codes.RUN_DONE) break;
      else if (code === codes.RUN_OUTPUT_FULL) {
        turn.flush(session);
        session.isHeld = turn.isOver;
      } else if (code === codes.RUN_UNKNOWN) {
        refusals.unknown(session, clock.now);
        turn.spentMs += clock.lap();
        session.isHeld = turn.isOver;
      } else refusals.malformed(session);
    }
    session.isHot = isHot;
    clock.goOn();
    this.statistics.countTurn(clock.markMs - startedMs);
    execution.commitExpired();
  }

  #executePostponed(session: ClientSession): void {
    this.#trustSession(session);
    this.#execution.resumption.executePostponed(session);
    this.#afterCommand(session);
  }

  /** What follows each command that the engine has left to its handler. */
  #afterCommand(session: ClientSession): void {
    const { turn } = this;
    const { tracking } = this.#server;
    if (tracking.isOn) tracking.tell(session);
    turn.takeMessages(session);
    if (turn.hasSpilled) turn.flush(session);
    if (this.blocking.hasWork) {
      this.#execution.resumption.serveBlocked(session);
      turn.takeMessages(session);
    }
    session.isHeld = session.later !== null || session.isWaiting || turn.isOver;
  }

  /** Before it has authenticated, a client may send only short commands. */
  #trustSession(session: ClientSession): void {
    this.#setTrust(
      session.authenticated ? codes.CLIENT : codes.UNAUTHENTICATED,
    );
  }

  #setTrust(trust: number): void {
    if (trust === this.#trust) return;
    this.#trust = trust;
    this.#calls.setParserTrust(trust);
  }
}

/** Whether nothing comes of a command but a reply that nobody reads. */
function isInVain(session: ClientSession, command: Command): boolean {
  return (command.flagBits & READONLY) !== 0 && session.transaction === null;
}
