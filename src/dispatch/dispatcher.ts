import type { Call, LaterEnd, ServerFace } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";
import type { Engine } from "../engine/engine.ts";
import { PUSHES } from "../commands/define/flags.ts";
import * as codes from "../engine/codes.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  execRefused,
  notInMulti,
  protocolErrorText,
  type ReplyError,
  unknownCommand,
} from "../protocol/errors.ts";
import { Admission, commandUsed, failureText } from "./admission.ts";
import { Blocking, type Waiting } from "./blocking.ts";
import { CommitPoint } from "./commit.ts";
import { CurrentCall } from "./current_call.ts";
import { EffectLog } from "./effect_log.ts";
import { Gathered, type GatheredHost } from "./gathered.ts";
import { Replay, type ReplayEvents } from "./replay.ts";
import type { ClientSession, LaterWork } from "./session.ts";
import { Statistics } from "./statistics.ts";
import { type Transaction, Transactions } from "./transactions.ts";

/** What `suspend` returns when the rest of the input finds no memory. */
const NO_MEMORY = 0xffffffff;
/** Names that an HTTP client sends first: somebody's browser is being used. */
const FOREIGN_PROTOCOL = /^(post|host:)$/;

/** A client's turn ends when it has made so many bytes of replies, ... */
const TURN_BYTES = 2 ** 21;
/** ... or when its commands have taken so long. */
const TURN_MS = 5;
/** Large replies are handed over when so much of them has gathered. */
const SPILL_BYTES = 2 ** 18;
/** No command is executed for a client who leaves so much unread. */
export const UNREAD_MAX_BYTES = 64 * 2 ** 20;

/**
 * Turns the bytes of a connection into executed commands and replies. This is
 * the middle of the one path: input, parser, table, checks, handler, commit,
 * output. It runs to the end of each chunk before anything else happens, unless
 * the chunk asks for more than a turn's worth of work or replies: then the
 * session is held, its rest waits in its input, and `resume` goes on with it.
 */
export class Dispatcher {
  readonly commit: CommitPoint;
  /** What commands and time do to the data, for files and replicas. */
  readonly effects: EffectLog;
  readonly statistics: Statistics;
  /** Commands that wait for data. */
  readonly blocking: Blocking;
  /**
   * No command is executed, neither of those who send nor of those who wait.
   * Whoever ends it must give all sessions a turn.
   */
  isPaused = false;
  /** A client's unfinished input may hold no more than this. */
  inputLimit = 2 ** 30;
  readonly #engine: Engine;
  readonly #calls: Engine["calls"];
  readonly #call: CurrentCall;
  readonly #table: CommandTable;
  readonly #keyspace: Keyspace;
  readonly #server: ServerFace;
  readonly #log: ServerFace["log"];
  readonly #admission: Admission;
  readonly #transactions: Transactions;
  /** Names of the commands that the engine executes, by their operation. */
  readonly #hotNames: string[] = [];
  readonly #gathered: Gathered;
  readonly #gatheredHost: GatheredHost;
  #now = 0;
  #trust: number = codes.CLIENT;
  /** Whose turn it is, and how many of its bytes have come in. */
  #current: ClientSession | null = null;
  #currentBytes = 0;
  #turnBytes = 0;

  constructor(
    engine: Engine,
    keyspace: Keyspace,
    table: CommandTable,
    server: ServerFace,
  ) {
    this.#engine = engine;
    this.#calls = engine.calls;
    this.#keyspace = keyspace;
    this.#table = table;
    this.#server = server;
    this.#log = server.log.bind(server);
    this.#admission = new Admission(engine);
    this.commit = new CommitPoint(engine);
    this.statistics = new Statistics(engine, table.commands);
    this.effects = new EffectLog(engine);
    this.#transactions = new Transactions({
      engine,
      keyspace,
      log: this.effects,
      mayRunHot: (session) => this.#mayRunHot(session),
      execute: (session, code) => this.#executeQueued(session, code),
      flush: (session) => this.#flush(session),
      hasSpilled: () => this.#hasSpilled,
      breakOff: (session) => this.#breakOff(session),
    });
    this.#call = new CurrentCall(
      engine,
      keyspace,
      server,
      table,
      this.commit,
      this.effects,
      this.#transactions,
    );
    this.blocking = new Blocking(engine, keyspace, {
      retry: (waiting) => this.#retry(waiting),
      finish: (waiting, end) => this.#finish(waiting, end),
    });
    this.#gathered = new Gathered(engine);
    this.#gatheredHost = this.#hostGathered();
    this.#register();
  }

  /** A limit of maxmemory, Infinity for none. */
  set memoryLimit(byteCount: number) {
    this.#admission.memoryLimit = byteCount;
    this.#calls.setMemoryLimit(byteCount);
  }

  /** The data are being read in: most commands are refused. */
  get isLoading(): boolean {
    return this.#admission.isLoading;
  }

  set isLoading(is: boolean) {
    this.#admission.isLoading = is;
  }

  /** What commands that write get instead of being executed, if anything. */
  get writeRefusal(): ReplyError | null {
    return this.#admission.writeRefusal;
  }

  set writeRefusal(refusal: ReplyError | null) {
    this.#admission.writeRefusal = refusal;
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
      call: this.#call,
      log: this.effects,
      statistics: this.statistics,
      memoryLimit: () => this.#admission.memoryLimit,
      setClock: (now) => this.setClock(now),
      setTrust: (trust) => this.#setTrust(trust),
      bug: (trace) => this.#logBug(trace),
    }, events);
  }

  /** Teaches the engine the names in use. */
  #register(): void {
    for (const [name, id] of this.#table.names()) {
      const index = this.#engine.pushArgument(name);
      const { hot, fullName } = this.#table.commands[id];
      if (hot !== 0) this.#hotNames[hot] = fullName;
      if (!this.#calls.registerCommand(index, id, hot)) {
        throw new Error(`the name ${name} is too long for a command`);
      }
    }
    this.#calls.releaseArguments();
  }

  /** Sets the engine's clock; whoever touches data outside of a batch must. */
  setClock(now: number): void {
    if (now === this.#now) return;
    this.#now = now;
    this.#calls.setClock(now);
  }

  /**
   * Bytes came in: keeps them until `executeGathered`, so that they can be
   * executed together with those of others. False when they have to be received
   * at once: the session is not one of many small requests.
   */
  gather(session: ClientSession, chunk: Uint8Array): boolean {
    if (!session.mayGather || session.transport.pendingBytes > 0) return false;
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
    this.setClock(Date.now());
    this.#setTrust(codes.CLIENT);
    const startedMs = this.#now;
    const rest = this.#gathered.execute(shares, this.#gatheredHost);
    this.setClock(Date.now());
    this.statistics.hotMs += this.#now - startedMs;
    this.statistics.countTurn(this.#now - startedMs);
    this.commitExpired();
    for (const { session, chunk } of rest) {
      if (!session.closing) this.receive(session, chunk);
    }
  }

  #hostGathered(): GatheredHost {
    return {
      databaseOf: (session) => {
        session.lastActiveMs = this.#now;
        if (session.closing || !this.#mayRunHot(session)) return 0;
        return this.#keyspace.database(session.database).handle;
      },
      replied: (session, bytes, operation) => {
        session.lastCommand = this.#hotNames[operation];
        session.transport.write(bytes);
      },
      broken: (session) => this.#breakOff(session),
    };
  }

  /** Bytes came in: executes what is whole and writes the replies. */
  receive(session: ClientSession, chunk: Uint8Array): void {
    if (session.isGathered) this.executeGathered();
    const calls = this.#calls;
    this.#beginTurn(session);
    session.lastActiveMs = this.#now;
    this.#currentBytes += chunk.length;
    if (this.isPaused || session.transport.pendingBytes > UNREAD_MAX_BYTES) {
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
    if (!session.mayGoOn || this.isPaused) return;
    session.isHeld = false;
    this.#beginTurn(session);
    this.#calls.resumeInput(session.input);
    this.#drain(session);
    session.input = this.#calls.suspend(session.input) >>> 0;
    if (session.input === NO_MEMORY) return this.#outOfInput(session);
    this.#endTurn(session);
  }

  /**
   * Bytes that a session has sent and no command has used, and has room for.
   * During its turn they are all that have come in for it.
   */
  inputUse(session: ClientSession): { bytes: number; free: number } {
    const isCurrent = session === this.#current;
    const { input } = session;
    if (input === 0) {
      return { bytes: isCurrent ? this.#currentBytes : 0, free: 0 };
    }
    const held = this.#calls.inputBytes(input) >>> 0;
    const capacity = this.#calls.inputCapacity(input) >>> 0;
    const bytes = isCurrent ? this.#currentBytes : held;
    return { bytes, free: Math.max(0, capacity - held) };
  }

  /** What the current command replies is sent only after something else. */
  holdReplies(until: Promise<void>): void {
    this.#current?.transport.holdUntil(until);
  }

  #beginTurn(session: ClientSession): void {
    this.setClock(Date.now());
    this.#call.reply.resp = session.resp;
    this.#turnBytes = 0;
    this.#currentBytes = this.inputUse(session).bytes;
    this.#current = session;
    session.beginTurn();
  }

  #endTurn(session: ClientSession): void {
    this.#current = null;
    this.#takeMessages(session);
    session.endTurn();
    this.#flush(session);
    if (session.closing) session.transport.end();
    else if (session.later !== null) this.#beginLater(session, session.later);
    else if (session.isWaiting) return;
    else if (session.input === 0) session.isHeld = false;
    else if (!session.isHeld) this.#boundInput(session);
  }

  /** The batch is over: what the last command put off is begun. */
  #beginLater(session: ClientSession, { command, begin }: LaterWork): void {
    session.later = null;
    session.isHeld = true;
    session.isWaiting = true;
    const end = (end: LaterEnd) => this.#endLater(session, command, end);
    const fail = (thrown: unknown) =>
      end(() => {
        throw thrown;
      });
    let outcome: LaterEnd | Promise<LaterEnd>;
    try {
      outcome = begin();
    } catch (thrown) {
      return fail(thrown);
    }
    if (!(outcome instanceof Promise)) return end(outcome);
    outcome.then(end, fail).then(() => {
      if (!session.isWaiting) session.awakened?.();
    });
  }

  #endLater(session: ClientSession, command: Command, end: LaterEnd): void {
    session.isWaiting = false;
    this.#beginTurn(session);
    const call = this.#call;
    const mark = call.reply.mark();
    call.begin(session, this.#now);
    let failed: string | null = null;
    try {
      end(call);
      this.#commitCall();
    } catch (thrown) {
      failed = this.#failCall(thrown, mark);
    }
    if (session.isSilent) call.reply.truncate(mark);
    const more = call.takeLater();
    session.isWaiting = more !== null;
    if (more === null) this.#count(command, true, failed, 0);
    this.#calls.releaseArguments();
    this.#endTurn(session);
    if (this.blocking.hasWork) this.blocking.serve();
    if (more !== null) this.#beginLater(session, { command, begin: more });
  }

  /** What a command has brought in is for those who wait for it. */
  #serveBlocked(session: ClientSession): void {
    // Their replies are made where those of the session are.
    this.#flush(session);
    this.blocking.serve();
    this.#call.reply.resp = session.resp;
  }

  /** See `BlockingHost`; nothing of another session is in the reply. */
  #retry(waiting: Waiting): boolean {
    const { session, command, words, wait } = waiting;
    return this.#goOnWith(waiting, (call) => {
      this.#call.beginAgain(session, this.#now, words);
      this.#admission.admit(session, this.#call, command);
      return wait.serve(call);
    });
  }

  #finish(waiting: Waiting, end: (call: Call) => void): void {
    this.setClock(Date.now());
    this.#goOnWith(waiting, (call) => {
      this.#call.begin(waiting.session, this.#now);
      end(call);
      return true;
    });
  }

  /** Lets a waiting command reply, if it can: false when it goes on waiting. */
  #goOnWith(waiting: Waiting, reply: (call: Call) => boolean): boolean {
    const { session, command } = waiting;
    const call = this.#call;
    const { noTouch } = session;
    this.#calls.releaseArguments();
    call.reply.resp = session.resp;
    const mark = call.reply.mark();
    session.beginTurn();
    if (noTouch) this.#keyspace.setNoTouch(true);
    let failed: string | null = null;
    let hasReplied = true;
    try {
      hasReplied = reply(call);
      this.#commitCall();
    } catch (thrown) {
      failed = this.#failCall(thrown, mark);
    }
    if (noTouch) this.#keyspace.setNoTouch(false);
    this.#calls.releaseArguments();
    if (!hasReplied) {
      session.endTurn();
      return false;
    }
    this.#count(command, true, failed, 0);
    if (session.isSilent) call.reply.truncate(mark);
    this.#takeMessages(session);
    session.endTurn();
    this.#flush(session);
    session.waiting = null;
    session.isWaiting = false;
    if (session.input === 0) session.isHeld = false;
    // What it has sent since has its turn when this one is over.
    else queueMicrotask(() => session.awakened?.());
    return true;
  }

  /** What was published to the session itself follows its reply. */
  #takeMessages(session: ClientSession): void {
    for (const message of session.takeMessages()) {
      this.#call.reply.message(message);
    }
  }

  /** The connection is gone. */
  forget(session: ClientSession): void {
    session.closing = true;
    this.#server.pubsub.leave(session);
    this.blocking.leave(session);
    if (session.input !== 0) this.#calls.freeInput(session.input);
    session.input = 0;
    this.#transactions.discard(session);
  }

  /** Whether a key has changed that a session watches. */
  isDirty(session: ClientSession): boolean {
    return this.#transactions.isDirty(session);
  }

  #outOfInput(session: ClientSession): void {
    this.#current = null;
    session.endTurn();
    if (session.input === NO_MEMORY) session.input = 0;
    this.#log("warning", `No memory for the input of client ${session.id}`);
    session.closing = true;
    // The replies to what was executed before must not stay for the next one.
    this.#flush(session);
    session.transport.end();
  }

  /** What waits for EXEC has been sent and is not executed either. */
  #boundInput(session: ClientSession): void {
    const inputBytes = session.input === 0
      ? 0
      : this.#calls.inputBytes(session.input) >>> 0;
    const queueBytes = session.transaction?.queueBytes ?? 0;
    if (inputBytes + queueBytes <= this.inputLimit) return;
    this.#log(
      "warning",
      "Closing client that reached max query buffer length: " +
        session.describe(),
    );
    session.kill();
  }

  /** Runs what has arrived until it is used up, or the turn or session ends. */
  #drain(session: ClientSession): void {
    const startedMs = this.#now;
    let slowMs = 0;
    while (!session.closing && !session.isHeld) {
      this.#setTrust(
        session.authenticated ? codes.CLIENT : codes.UNAUTHENTICATED,
      );
      const { handle } = this.#keyspace.database(session.database);
      const hot = this.#mayRunHot(session) ? 1 : 0;
      const code = this.#calls.run(handle, hot);
      const lastHot = this.#calls.takeLastHot();
      if (lastHot !== 0) session.lastCommand = this.#hotNames[lastHot];
      session.isHot = lastHot !== 0;
      if (code >= 0) {
        slowMs += this.#execute(session, this.#table.commands[code]);
        this.#takeMessages(session);
        if (this.#hasSpilled) this.#flush(session);
        if (this.blocking.hasWork) this.#serveBlocked(session);
        session.isHeld = session.later !== null || session.isWaiting ||
          slowMs > TURN_MS ||
          this.#turnBytes > TURN_BYTES;
      } else if (code === codes.RUN_DONE) break;
      else if (code === codes.RUN_OUTPUT_FULL) {
        this.#flush(session);
        session.isHeld = this.#turnBytes > TURN_BYTES;
      } else if (code === codes.RUN_UNKNOWN) this.#refuseUnknown(session);
      else this.#protocolError(session);
    }
    this.setClock(Date.now());
    const spentMs = this.#now - startedMs;
    this.statistics.hotMs += spentMs - slowMs;
    this.statistics.countTurn(spentMs);
    this.commitExpired();
  }

  /** Whether the engine may execute a session's hot commands by itself. */
  #mayRunHot(session: ClientSession): boolean {
    return session.isPlain && this.#admission.isOpen &&
      !this.commit.observed && !this.isPaused;
  }

  /** Before it has authenticated, a client may send only short commands. */
  #setTrust(trust: number): void {
    if (trust === this.#trust) return;
    this.#trust = trust;
    this.#calls.setParserTrust(trust);
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

  #execute(session: ClientSession, command: Command): number {
    const startedMs = this.#now;
    const call = this.#call;
    const mark = call.reply.mark();
    const { noTouch } = session;
    session.beginCommand();
    if (noTouch) this.#keyspace.setNoTouch(true);
    call.begin(session, this.#now);
    let used = command;
    let failed: string | null = null;
    let ran = false;
    try {
      used = this.#admission.admit(session, call, command);
      if (this.#transactions.queues(session, used)) {
        return this.#queue(session, used, mark);
      }
      ran = true;
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
    this.setClock(Date.now());
    const spentMs = this.#now - startedMs;
    const work = call.takeLater();
    if (work !== null) session.later = { command: used, begin: work };
    else if (session.waiting === null) this.#count(used, ran, failed, spentMs);
    return spentMs;
  }

  /** A command waits for its EXEC. */
  #queue(session: ClientSession, command: Command, mark: number): number {
    const { reply } = this.#call;
    const transaction = session.transaction as Transaction;
    if (!this.#transactions.isDirty(session)) {
      this.#transactions.queue(transaction, command);
    }
    if (session.isSilent) reply.truncate(mark);
    else reply.simple("QUEUED");
    if (session.noTouch) this.#keyspace.setNoTouch(false);
    this.#boundInput(session);
    return 0;
  }

  /** A command is not even begun, which breaks a transaction. */
  #refuse(session: ClientSession, command: Command, thrown: unknown): unknown {
    if (command.name === "EXEC") {
      this.#transactions.discard(session);
      return execRefused(failureText(thrown, (trace) => this.#logBug(trace)));
    }
    if (session.transaction !== null) session.transaction.isBroken = true;
    return thrown;
  }

  /** Executes a command of a transaction. */
  #executeQueued(session: ClientSession, code: number): void {
    const command = this.#table.commands[code];
    const call = this.#call;
    const startedMs = Date.now();
    const mark = call.reply.mark();
    // All commands of a transaction happen at one time.
    call.begin(session, this.#now);
    let used = command;
    let failed: string | null = null;
    try {
      used = commandUsed(call, command);
      used.run(call);
      if (call.takeLater() !== null) throw notInMulti;
      this.#commitCall();
    } catch (thrown) {
      failed = this.#failCall(thrown, mark);
    }
    this.#count(used, true, failed, Date.now() - startedMs);
  }

  #commitCall(): void {
    // A key that the command found due went before it did its work.
    this.commitExpired();
    this.#call.commit();
  }

  /** The call has thrown: replies with the error in place of what it wrote. */
  #failCall(thrown: unknown, mark: number): string {
    const call = this.#call;
    call.abandon();
    this.commitExpired();
    const text = failureText(thrown, (trace) => this.#logBug(trace));
    call.reply.truncate(mark);
    call.reply.error(text);
    return text;
  }

  #logBug(trace: string): void {
    this.#log("warning", `A command failed unexpectedly: ${trace}`);
  }

  #count(
    command: Command,
    ran: boolean,
    failed: string | null,
    spentMs: number,
  ): void {
    const use = this.statistics.use(command);
    if (ran) {
      this.statistics.processed++;
      use.calls++;
      use.spentMs += spentMs;
      if (failed !== null) use.failed++;
    } else use.rejected++;
    if (failed !== null) this.statistics.countError(failed);
  }

  #refuseUnknown(session: ClientSession): void {
    const call = this.#call;
    session.beginCommand();
    call.begin(session, this.#now);
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

  #protocolError(session: ClientSession): void {
    const code = this.#calls.protocolError();
    const text = protocolErrorText(code, this.#calls.errorByte());
    session.beginCommand();
    if (!session.isSilent) this.#call.reply.error(text);
    this.statistics.countError(text);
    this.#log("verbose", `${text} from client: ${session.describe()}`);
    session.closing = true;
  }

  /** A reply was dropped: nothing that is sent now could be understood. */
  #breakOff(session: ClientSession): void {
    this.#log("warning", `No memory for a reply to client ${session.id}`);
    session.kill();
  }

  /** Whether large replies have gathered. */
  get #hasSpilled(): boolean {
    return this.#call.reply.spilledBytes > SPILL_BYTES;
  }

  /** Hands the replies made so far to the connection. */
  #flush(session: ClientSession): void {
    const out = this.#call.reply.takeOne();
    if (out === null) this.#breakOff(session);
    else if (!(out instanceof Uint8Array)) {
      for (const part of out) this.#turnBytes += part.length;
      session.transport.writeAll(out);
    } else if (out.length > 0) {
      this.#turnBytes += out.length;
      session.transport.write(out);
    }
  }
}
