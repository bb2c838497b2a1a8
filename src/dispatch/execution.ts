import type { ServerFace } from "../commands/call.ts";
import type { CommandWatch } from "../commands/observation.ts";
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";
import { PUSHES } from "../commands/define/flags.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  execRefused,
  noLongerPermitted,
  notInMulti,
} from "../protocol/errors.ts";
import {
  Accounts,
  keptWords,
  type SentWords,
  type Unfinished,
} from "./accounts.ts";
import { Admission, admitUser, commandUsed, failureText } from "./admission.ts";
import { endChoice, rememberRead } from "./caching.ts";
import { Clock } from "./clock.ts";
import { CommitPoint } from "./commit.ts";
import { CurrentCall } from "./current_call.ts";
import { EffectLog } from "./effect_log.ts";
import { MemoryLimit } from "./memory_limit.ts";
import { Refusals } from "./refusals.ts";
import { Resumption } from "./resumption.ts";
import type { ClientSession } from "./session.ts";
import { Statistics } from "./statistics.ts";
import { type Transaction, Transactions } from "./transactions.ts";
import { Turn } from "./turn.ts";

/** What is asked of the server around it. */
export interface DispatcherServer extends ServerFace {
  readonly watch: CommandWatch;
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
  readonly memory: MemoryLimit;
  readonly admission: Admission;
  /** Commands that were put aside. */
  readonly resumption: Resumption;
  readonly commit: CommitPoint;
  /** What commands and time do to the data, for files and replicas. */
  readonly effects: EffectLog;
  readonly statistics: Statistics;
  readonly accounts: Accounts;
  readonly transactions: Transactions;
  readonly call: CurrentCall;
  readonly turn: Turn;
  readonly refusals: Refusals;
  readonly #calls: Engine["calls"];
  readonly #table: CommandTable;
  readonly #keyspace: Keyspace;
  readonly #log: ServerFace["log"];
  readonly #boundInput: InputBound;
  readonly #tracking: ServerFace["tracking"];

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
    this.#tracking = server.tracking;
    this.clock = new Clock(engine);
    this.memory = new MemoryLimit(engine);
    const { tracking } = server;
    const parts = { engine, keyspace, table, tracking };
    this.resumption = new Resumption(this, parts);
    this.admission = new Admission(this.memory, this.resumption.pause);
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
    this.refusals = new Refusals(
      engine,
      this.call,
      this.statistics,
      this.#log,
    );
  }

  /**
   * Which of a session's hot commands the engine may execute by itself: 0 for
   * none, 1 for all, else the address of a permission.
   */
  hotPermission(session: ClientSession): number {
    const mayRun = session.isPlain && this.admission.isOpen &&
      !this.commit.observed && this.accounts.mayRunHot;
    return mayRun ? session.account.hotPermission : 0;
  }

  /** Executes the command that the parser has just delivered. */
  execute(session: ClientSession, command: Command): void {
    const { call, clock, accounts } = this;
    const { blocking, pause } = this.resumption;
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
      if (pause.isOn && pause.stops(session, used)) {
        return this.resumption.postpone(session);
      }
      if (this.transactions.queues(session, used)) {
        return this.#queue(session, used, mark);
      }
      ran = true;
      // The arguments of what it executes take the place of its own.
      if (used.name === "EXEC") words = keptWords(call.words());
      this.#run(used);
      this.#commitCall();
      const wait = call.takeWait();
      if (wait !== null) blocking.begin(session, used, call, wait);
    } catch (thrown) {
      const reason = ran ? thrown : this.#refuse(session, used, thrown);
      failed = this.#failCall(reason, mark);
    }
    if (session.tracking !== null) {
      if (ran) rememberRead(this.#tracking, session, used, call);
      if (command.name !== "CLIENT") endChoice(session);
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
   * `reply` says whether it has replied, `admit` throws when it may not go on.
   * It may come in the middle of another session's turn, between two commands.
   */
  complete(
    session: ClientSession,
    work: Unfinished,
    reply: (call: CurrentCall) => boolean,
    admit: (call: CurrentCall) => void = () => {},
  ): boolean {
    const { call, clock } = this;
    const { noTouch } = session;
    this.#calls.releaseArguments();
    call.reply.resp = session.resp;
    const mark = call.reply.mark();
    if (noTouch) this.#keyspace.setNoTouch(true);
    let failed: string | null = null;
    let hasReplied = true;
    let isAdmitted = false;
    try {
      admit(call);
      isAdmitted = true;
      hasReplied = reply(call);
      this.#commitCall();
    } catch (thrown) {
      failed = this.#failCall(thrown, mark);
    }
    if (noTouch) this.#keyspace.setNoTouch(false);
    this.#calls.releaseArguments();
    const heldMs = clock.lap();
    work.spentMs += heldMs;
    if (!hasReplied) return false;
    if (isAdmitted) this.accounts.completed(session, work, failed, heldMs);
    else this.accounts.refused(work.command, failed as string);
    if (session.isSilent) call.reply.truncate(mark);
    return true;
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

  logBug(trace: string): void {
    this.#log("warning", `A command failed unexpectedly: ${trace}`);
  }

  /** Lets a handler run within the limit of memory. */
  runWithin<Result>(command: Command, run: () => Result): Result {
    const { call } = this;
    const mark = call.reply.mark();
    const reset = () => {
      call.abandon();
      call.reply.truncate(mark);
    };
    return this.memory.run(command, { run, reset });
  }

  #run(command: Command): void {
    const { call } = this;
    if (this.memory.isOn) this.runWithin(command, () => command.run(call));
    else command.run(call);
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
    let ran = false;
    try {
      used = commandUsed(call, command);
      // Rules may have changed since the command was queued.
      admitUser(
        session,
        call,
        used,
        (denial) => noLongerPermitted(denial.reason),
      );
      ran = true;
      this.#run(used);
      if (call.takeLater() !== null) throw notInMulti;
      this.#commitCall();
    } catch (thrown) {
      failed = this.#failCall(thrown, mark);
    }
    const spentMs = clock.lap();
    if (!ran) return accounts.denied(failed as string);
    if (session.tracking !== null) {
      rememberRead(this.#tracking, session, used, call);
    }
    accounts.executed(session, used, call);
    accounts.over(session, used, call, failed, spentMs);
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
