import type { Denial } from "../commands/access.ts";
import type { Call, ServerFace } from "../commands/call.ts";
import type { CommandWatch } from "../commands/observation.ts";
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";
import { PUSHES } from "../commands/define/flags.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  engineFull,
  execRefused,
  noLongerPermitted,
  notInMulti,
  protocolErrorText,
  unknownCommand,
} from "../protocol/errors.ts";
import {
  Accounts,
  keptWords,
  type SentWords,
  type Unfinished,
} from "./accounts.ts";
import { Admission, admitUser, commandUsed, failureText } from "./admission.ts";
import { Blocking, type Waiting } from "./blocking.ts";
import { Clock } from "./clock.ts";
import { CommitPoint } from "./commit.ts";
import { CurrentCall } from "./current_call.ts";
import { EffectLog } from "./effect_log.ts";
import type { ClientSession } from "./session.ts";
import { Statistics } from "./statistics.ts";
import { type Transaction, Transactions } from "./transactions.ts";
import { Turn } from "./turn.ts";

/** Names that an HTTP client sends first: somebody's browser is being used. */
const FOREIGN_PROTOCOL = /^(post|host:)$/;

/** What is asked of the server around it. */
export interface DispatcherServer extends ServerFace {
  readonly watch: CommandWatch;
}

/** Thrown when a command may not even begin. */
class Refused {
  constructor(readonly reason: unknown) {}
}

/** What EXEC replies for a command that its user may not run any more. */
function refusedByExec({ reason }: Denial): Refused {
  return new Refused(noLongerPermitted(reason));
}

/** Called with each session that has become longer than it may be. */
export type InputBound = (session: ClientSession) => void;

/**
 * What happens to one command that has been parsed: checks, handler, commit,
 * count. It either replies, waits for its EXEC, waits for keys, or is done
 * later; whichever it is, this is where it ends.
 */
export class Execution {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly commit: CommitPoint;
  /** What commands and time do to the data, for files and replicas. */
  readonly effects: EffectLog;
  readonly statistics: Statistics;
  readonly accounts: Accounts;
  readonly transactions: Transactions;
  /** Commands that wait for data. */
  readonly blocking: Blocking;
  readonly call: CurrentCall;
  readonly turn: Turn;
  readonly #calls: Engine["calls"];
  readonly #table: CommandTable;
  readonly #keyspace: Keyspace;
  readonly #log: ServerFace["log"];
  readonly #boundInput: InputBound;

  constructor(
    engine: Engine,
    keyspace: Keyspace,
    table: CommandTable,
    server: DispatcherServer,
    boundInput: InputBound,
  ) {
    this.#calls = engine.calls;
    this.#table = table;
    this.#keyspace = keyspace;
    this.#log = server.log.bind(server);
    this.#boundInput = boundInput;
    this.clock = new Clock(engine);
    this.admission = new Admission(engine);
    this.commit = new CommitPoint(engine);
    this.statistics = new Statistics(engine, table.commands);
    this.accounts = new Accounts(this.statistics, this.clock, server.watch);
    this.effects = new EffectLog(engine);
    this.transactions = new Transactions({
      engine,
      keyspace,
      log: this.effects,
      hotPermission: (session) => this.hotPermission(session),
      execute: (session, code) => this.#executeQueued(session, code),
      executedHot: () => void this.accounts.batch(),
      flush: (session) => this.turn.flush(session),
      hasSpilled: () => this.turn.hasSpilled,
      breakOff: (session) => this.turn.breakOff(session),
    });
    this.call = new CurrentCall(
      engine,
      keyspace,
      server,
      table,
      this.commit,
      this.effects,
      this.transactions,
    );
    const warn = (text: string) => this.#log("warning", text);
    this.turn = new Turn(engine, this.call.reply, this.clock, warn);
    this.blocking = new Blocking(engine, keyspace, {
      retry: (waiting) => this.#retry(waiting),
      finish: (waiting, end) => this.#finish(waiting, end),
      wordsOf: (waiting) => this.#wordsOf(waiting),
    });
  }

  /**
   * Which of a session's hot commands the engine may execute by itself: 0 for
   * none, 1 for all, else the address of a permission.
   */
  hotPermission(session: ClientSession): number {
    return session.isPlain && this.admission.isOpen &&
        !this.commit.observed && this.accounts.mayRunHot
      ? session.account.hotPermission
      : 0;
  }

  /** Executes the command that the parser has just delivered. */
  execute(session: ClientSession, command: Command): void {
    const { call, clock, accounts } = this;
    const startedMs = clock.markMs;
    const mark = call.reply.mark();
    const { noTouch } = session;
    session.beginCommand();
    if (noTouch) this.#keyspace.setNoTouch(true);
    call.begin(session, clock.now);
    let used = command;
    let words: SentWords = call;
    let failed: string | null = null;
    let ran = false;
    try {
      used = this.admission.admit(session, call, command);
      if (this.transactions.queues(session, used)) {
        return this.#queue(session, used, mark);
      }
      ran = true;
      // The arguments of what it executes take the place of its own.
      if (used.name === "EXEC") words = keptWords(call.words());
      used.run(call);
      this.#commitCall();
      const wait = call.takeWait();
      if (wait !== null) this.blocking.begin(session, used, call, wait);
    } catch (thrown) {
      const reason = ran ? thrown : this.#refuse(session, used, thrown);
      failed = this.#failCall(reason, mark);
    }
    if (noTouch) this.#keyspace.setNoTouch(false);
    // What EXEC has to keep back it has taken back itself.
    const isTaken = used.name === "EXEC" && failed === null;
    const isPush = failed === null && (used.flagBits & PUSHES) !== 0;
    if (session.isSilent && !isTaken && !isPush) call.reply.truncate(mark);
    clock.lap();
    clock.goOn();
    const spentMs = clock.markMs - startedMs;
    this.turn.spentMs += spentMs;
    if (!ran) return accounts.refused(used, failed as string);
    accounts.executed(session, used, words);
    const begin = call.takeLater();
    if (begin !== null) {
      const sent = call.words();
      const words = () => sent;
      session.later = { command: used, words, begin, startedMs, spentMs };
    } else if (session.waiting !== null) session.waiting.spentMs = spentMs;
    else accounts.over(session, used, words, failed, spentMs);
  }

  /**
   * Ends a command that did not reply when it was executed, or lets it go on:
   * `reply` says whether it has replied. It may come in the middle of another
   * session's turn, between two commands.
   */
  complete(
    session: ClientSession,
    work: Unfinished,
    reply: (call: CurrentCall) => boolean,
  ): boolean {
    const { call, clock } = this;
    const { noTouch } = session;
    this.#calls.releaseArguments();
    call.reply.resp = session.resp;
    const mark = call.reply.mark();
    if (noTouch) this.#keyspace.setNoTouch(true);
    let failed: string | null = null;
    let hasReplied = true;
    let isRefused = false;
    try {
      hasReplied = reply(call);
      this.#commitCall();
    } catch (thrown) {
      isRefused = thrown instanceof Refused;
      const reason = thrown instanceof Refused ? thrown.reason : thrown;
      failed = this.#failCall(reason, mark);
    }
    if (noTouch) this.#keyspace.setNoTouch(false);
    this.#calls.releaseArguments();
    const heldMs = clock.lap();
    work.spentMs += heldMs;
    if (!hasReplied) return false;
    if (isRefused) this.accounts.refused(work.command, failed as string);
    else this.accounts.completed(session, work, failed, heldMs);
    if (session.isSilent) call.reply.truncate(mark);
    return true;
  }

  /** What a command has brought in is for those who wait for it. */
  serveBlocked(session: ClientSession): void {
    // Their replies are made where those of the session are.
    this.turn.flush(session);
    this.blocking.serve();
    this.call.reply.resp = session.resp;
  }

  /** Lets observers know of keys that the engine removed. */
  commitExpired(): void {
    if (!this.commit.observed) return;
    this.commit.commitExpired((handle) => {
      for (const db of this.#keyspace) {
        if (db.handle === handle >>> 0) return db.index;
      }
      return 0;
    });
  }

  /** There is no command of such a name. */
  refuseUnknown(session: ClientSession): void {
    const { call } = this;
    session.beginCommand();
    call.begin(session, this.clock.now);
    if (FOREIGN_PROTOCOL.test(call.word(0))) {
      this.#log(
        "warning",
        "Possible SECURITY ATTACK detected. It looks like somebody is " +
          "sending POST or Host: commands to Redis. This is likely due to " +
          "an attacker attempting to use Cross Protocol Scripting to " +
          `compromise your Redis instance. Connection from ` +
          `${session.address} aborted.`,
      );
      return session.kill();
    }
    const args: string[] = [];
    for (let i = 1, listed = 0; i < call.argc && listed < 128; i++) {
      args.push(call.latin1(i));
      listed += args[args.length - 1].length;
    }
    const { text } = unknownCommand(call.latin1(0), args);
    if (!session.isSilent) call.reply.error(text);
    this.statistics.countError(text);
    if (session.transaction !== null) session.transaction.isBroken = true;
  }

  /** What came is no command at all. */
  refuseInput(session: ClientSession): void {
    const code = this.#calls.protocolError();
    const text = protocolErrorText(code, this.#calls.errorByte());
    session.beginCommand();
    if (!session.isSilent) this.call.reply.error(text);
    this.statistics.countError(text);
    this.#log("verbose", `${text} from client: ${session.describe()}`);
    session.closing = true;
  }

  logBug(trace: string): void {
    this.#log("warning", `A command failed unexpectedly: ${trace}`);
  }

  /** A command that waits for keys tries once more; see `BlockingHost`. */
  #retry(waiting: Waiting): boolean {
    const { session, command, queue, wait } = waiting;
    return this.#goOnWith(waiting, (call) => {
      if (!this.#enter(session, queue)) throw engineFull;
      try {
        this.#admitAgain(session, command);
        return wait.serve(call);
      } finally {
        this.#calls.leaveQueue();
      }
    });
  }

  /** The call becomes that of a waiting command; false without memory. */
  #enter(session: ClientSession, queue: number): boolean {
    if (this.#calls.enterQueue(queue) < 0) return false;
    this.#calls.run(this.#keyspace.database(session.database).handle, 0);
    this.call.begin(session, this.clock.now);
    return true;
  }

  #wordsOf({ session, queue }: Waiting): readonly Uint8Array[] {
    if (!this.#enter(session, queue)) return [];
    const words = this.call.words();
    this.#calls.leaveQueue();
    return words;
  }

  /** What it may do can have changed since it began. */
  #admitAgain(session: ClientSession, command: Command): void {
    try {
      this.admission.admit(session, this.call, command);
    } catch (reason) {
      throw new Refused(reason);
    }
  }

  #finish(waiting: Waiting, end: (call: Call) => void): void {
    this.clock.advance();
    this.#goOnWith(waiting, (call) => {
      call.begin(waiting.session, this.clock.now);
      end(call);
      return true;
    });
  }

  /** Nothing of another session is in the reply. */
  #goOnWith(
    waiting: Waiting,
    reply: (call: CurrentCall) => boolean,
  ): boolean {
    const { session } = waiting;
    session.beginTurn();
    const hasReplied = this.complete(session, waiting, reply);
    if (hasReplied) this.turn.takeMessages(session);
    session.endTurn();
    if (!hasReplied) return false;
    this.turn.flush(session);
    session.waiting = null;
    session.isWaiting = false;
    if (session.input === 0) session.isHeld = false;
    // What it has sent since has its turn when this one is over.
    else queueMicrotask(() => session.awakened?.());
    return true;
  }

  /** A command waits for its EXEC. */
  #queue(session: ClientSession, command: Command, mark: number): void {
    const { reply } = this.call;
    const transaction = session.transaction as Transaction;
    if (!this.transactions.isDirty(session)) {
      this.transactions.queue(transaction, command);
    }
    if (session.isSilent) reply.truncate(mark);
    else reply.simple("QUEUED");
    if (session.noTouch) this.#keyspace.setNoTouch(false);
    this.#boundInput(session);
  }

  /** A command is not even begun, which breaks a transaction. */
  #refuse(session: ClientSession, command: Command, thrown: unknown): unknown {
    if (command.name === "EXEC") {
      this.transactions.discard(session);
      return execRefused(failureText(thrown, (trace) => this.logBug(trace)));
    }
    if (session.transaction !== null) session.transaction.isBroken = true;
    return thrown;
  }

  /** Executes a command of a transaction. */
  #executeQueued(session: ClientSession, code: number): void {
    const command = this.#table.commands[code];
    const { call, clock, accounts } = this;
    const mark = call.reply.mark();
    // All commands of a transaction happen at one time.
    call.begin(session, clock.now);
    let used = command;
    let failed: string | null = null;
    try {
      used = commandUsed(call, command);
      // Rules may have changed since the command was queued.
      admitUser(session, call, used, refusedByExec);
      used.run(call);
      if (call.takeLater() !== null) throw notInMulti;
      this.#commitCall();
    } catch (thrown) {
      if (thrown instanceof Refused) {
        return this.statistics.countError(this.#failCall(thrown.reason, mark));
      }
      failed = this.#failCall(thrown, mark);
    }
    accounts.executed(session, used, call);
    accounts.over(session, used, call, failed, clock.lap());
  }

  #commitCall(): void {
    // A key that the command found due went before it did its work.
    this.commitExpired();
    this.call.commit();
  }

  /** The call has thrown: replies with the error in place of what it wrote. */
  #failCall(thrown: unknown, mark: number): string {
    const { call } = this;
    call.abandon();
    this.commitExpired();
    const text = failureText(thrown, (trace) => this.logBug(trace));
    call.reply.truncate(mark);
    call.reply.error(text);
    return text;
  }
}
