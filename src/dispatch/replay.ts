import type { Account } from "../commands/access.ts";
import type { Command } from "../commands/define/command.ts";
import type { CommandTable } from "../commands/define/table.ts";
import * as codes from "../engine/codes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { protocolErrorText } from "../protocol/errors.ts";
import { checkArity, commandUsed, failureText } from "./admission.ts";
import type { Clock } from "./clock.ts";
import type { CurrentCall } from "./current_call.ts";
import type { EffectLog } from "./effect_log.ts";
import type { MemoryLimit } from "./memory_limit.ts";
import { ClientSession, type Transport } from "./session.ts";
import type { Statistics } from "./statistics.ts";

/** What `suspend` returns when the rest of the input finds no memory. */
const NO_MEMORY = 0xffffffff;

/** A command of the log that could not be executed. */
export interface ReplayProblem {
  /** Only "failed" lets the replay go on. */
  readonly kind: "format" | "unknown" | "memory" | "failed";
  /** Where the command begins, or its transaction, counted from the start. */
  readonly offset: number;
  /** Its name in lower case, empty where there is none. */
  readonly command: string;
  /** The error, as a client would get it. */
  readonly text: string;
}

export interface ReplayEvents {
  /** A command replied with an error; the replay goes on. */
  failed?(problem: ReplayProblem): void;
  /**
   * A line that begins with `#`, and where it begins. What is returned says
   * why it cannot stand there, and ends the replay.
   */
  annotation?(line: string, offset: number): string | null;
}

export interface ReplayHost {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly table: CommandTable;
  readonly call: CurrentCall;
  readonly log: EffectLog;
  readonly statistics: Statistics;
  readonly clock: Clock;
  readonly memory: MemoryLimit;
  setTrust(trust: number): void;
  bug(trace: string): void;
}

/**
 * Executes the commands of a log, which comes in pieces cut anywhere.
 *
 * What the log says is done whatever the limits and settings are that a client
 * would meet: it has been done before. Nobody gets a reply, nothing is logged,
 * observed or counted, and time stands still for keys and fields with a due
 * time: when they went, the log says so itself.
 *
 * MULTI and what follows it wait for their EXEC. A transaction that the log
 * breaks off in has done nothing.
 *
 * Between two calls of `feed` anything else may be executed.
 */
export class Replay {
  /** Commands executed; those of a transaction count too. */
  commandCount = 0;
  readonly #host: ReplayHost;
  readonly #events: ReplayEvents;
  readonly #calls: Engine["calls"];
  readonly #session: ClientSession;
  #input = 0;
  #fedBytes = 0;
  /** Behind the last command that is over, queued ones included. */
  #doneBytes = 0;
  #transactionStart = -1;
  /** The engine's queue of the transaction's commands, 0 while it is empty. */
  #queue = 0;
  #problem: ReplayProblem | null = null;

  constructor(host: ReplayHost, events: ReplayEvents) {
    this.#host = host;
    this.#events = events;
    this.#calls = host.engine.calls;
    this.#session = new ClientSession(0, NOWHERE, SESSION_HOST, Date.now());
  }

  /**
   * Up to here all is done: behind the last whole command, or where the
   * transaction begins of which the end has not come.
   */
  get offset(): number {
    return this.isInTransaction ? this.#transactionStart : this.#doneBytes;
  }

  /** How many bytes have come. More than `offset` when one is cut off. */
  get fedBytes(): number {
    return this.#fedBytes;
  }

  get isInTransaction(): boolean {
    return this.#transactionStart >= 0;
  }

  /** The database that the next command is for. */
  get database(): number {
    return this.#session.database;
  }

  /**
   * Executes all that is whole. What ends the replay is returned; then it takes
   * nothing more.
   */
  feed(bytes: Uint8Array): ReplayProblem | null {
    this.#enter();
    try {
      for (let taken = 0; taken < bytes.length && !this.#problem;) {
        taken += this.#feedPart(bytes.subarray(taken));
      }
    } finally {
      this.#leave();
    }
    return this.#problem;
  }

  /** Frees what is left over. */
  close(): void {
    if (this.#input !== 0) this.#calls.freeInput(this.#input);
    this.#input = 0;
    this.#dropQueue();
  }

  /** Returns how many bytes it has taken. */
  #feedPart(bytes: Uint8Array): number {
    const calls = this.#calls;
    const address = calls.feed(this.#input, bytes.length) >>> 0;
    if (!address) return this.#outOfInput();
    const room = Math.min(calls.feedRoom() >>> 0, bytes.length);
    this.#host.engine.memory.set(bytes.subarray(0, room), address);
    calls.fed(room);
    this.#fedBytes += room;
    this.#drain();
    this.#input = calls.suspend(this.#input) >>> 0;
    if (this.#input === NO_MEMORY) return this.#outOfInput();
    if (!this.#problem) {
      this.#doneBytes = this.#fedBytes - (calls.inputBytes(this.#input) >>> 0);
    }
    return room;
  }

  #outOfInput(): number {
    this.#input = 0;
    const text = "OOM no memory for the command";
    const { offset } = this;
    this.#problem = { kind: "memory", offset, command: "", text };
    return 0;
  }

  #enter(): void {
    const { clock, memory, setTrust, call, log } = this.#host;
    log.pause();
    clock.advance();
    setTrust(codes.FILE);
    call.isReplaying = true;
    this.#calls.holdTime(1);
    memory.suspend();
  }

  #leave(): void {
    const { memory, setTrust, statistics, call, log } = this.#host;
    log.resume();
    memory.resume();
    this.#calls.holdTime(0);
    call.reply.drop();
    call.isReplaying = false;
    this.#calls.takeLastHot();
    this.commandCount += statistics.discardHot();
    setTrust(codes.CLIENT);
  }

  /** Runs what has come until it is used up. */
  #drain(): void {
    while (!this.#problem) {
      const code = this.#run(!this.isInTransaction);
      if (code === codes.RUN_DONE) break;
      if (code >= 0) this.#take(this.#host.table.commands[code]);
      else if (code === codes.RUN_UNKNOWN) this.#take(null);
      else if (code === codes.RUN_PROTOCOL_ERROR) this.#stopAtError();
    }
  }

  #run(hot: boolean): number {
    const { keyspace, call } = this.#host;
    const { handle } = keyspace.database(this.#session.database);
    call.reply.drop();
    return this.#calls.run(handle, hot ? 1 : 0, 0);
  }

  /** A command is in the arguments, null stands for one that nobody knows. */
  #take(command: Command | null): void {
    const name = command?.fullName ?? this.#unknownName();
    if (name === "multi" && !this.isInTransaction) {
      this.#transactionStart = this.#commandStart();
    } else if (name === "exec" && this.isInTransaction) {
      this.#executeQueue();
    } else if (command === null) {
      this.#takeUnknown(name);
    } else if (!this.isInTransaction) {
      this.#execute(command);
    } else if (!this.#queueCommand()) {
      this.#stop("memory", name, "OOM no memory for the transaction");
    }
  }

  #queueCommand(): boolean {
    const queue = this.#calls.queueCommand(this.#queue) >>> 0;
    if (queue !== 0) this.#queue = queue;
    return queue !== 0;
  }

  #dropQueue(): void {
    if (this.#queue !== 0) this.#calls.freeQueue(this.#queue);
    this.#queue = 0;
  }

  #unknownName(): string {
    this.#host.call.begin(this.#session, Date.now());
    return this.#host.call.word(0);
  }

  #takeUnknown(name: string): void {
    const { call } = this.#host;
    if (call.argc > 1 || !name.startsWith("#")) {
      return this.#stop("unknown", name, `ERR unknown command '${name}'`);
    }
    const start = this.#commandStart();
    const problem = this.#events.annotation?.(call.latin1(0), start) ?? null;
    if (problem !== null) this.#stop("format", "", problem);
  }

  #executeQueue(): void {
    if (this.#queue !== 0) this.#runQueue(this.#queue);
    if (!this.#problem) this.#transactionStart = -1;
  }

  #runQueue(queue: number): void {
    if (this.#calls.enterQueue(queue) < 0) {
      return this.#stop("memory", "exec", "OOM no memory for the transaction");
    }
    let code: number;
    do {
      code = this.#run(true);
      if (code >= 0) this.#execute(this.#host.table.commands[code]);
    } while (code !== codes.RUN_DONE && code !== codes.RUN_PROTOCOL_ERROR);
    this.#calls.leaveQueue();
    this.#dropQueue();
    // It was parsed before; only memory can be missing for it.
    if (code === codes.RUN_DONE) return;
    this.#stop("memory", "exec", "OOM no memory for the transaction");
  }

  #execute(command: Command): void {
    const { call, bug } = this.#host;
    this.commandCount++;
    call.begin(this.#session, Date.now());
    try {
      const used = commandUsed(call, command);
      checkArity(call, used);
      used.run(call);
      if (call.takeLater() !== null) throw new Error("a replay cannot wait");
    } catch (thrown) {
      const text = failureText(thrown, bug);
      this.#events.failed?.(this.#problemAt("failed", command.fullName, text));
    }
    call.abandon();
  }

  #stopAtError(): void {
    const calls = this.#calls;
    const text = protocolErrorText(calls.protocolError(), calls.errorByte());
    this.#doneBytes = this.#fedBytes - (calls.undeliveredBytes() >>> 0);
    const { offset } = this;
    this.#problem = { kind: "format", offset, command: "", text };
  }

  #stop(kind: ReplayProblem["kind"], command: string, text: string): void {
    this.#problem = this.#problemAt(kind, command, text);
    this.#doneBytes = this.#problem.offset;
  }

  #problemAt(
    kind: ReplayProblem["kind"],
    command: string,
    text: string,
  ): ReplayProblem {
    const offset = this.isInTransaction
      ? this.#transactionStart
      : this.#commandStart();
    return { kind, offset, command, text };
  }

  /** Where the command begins that is in the arguments. */
  #commandStart(): number {
    const calls = this.#calls;
    const behind = (calls.undeliveredBytes() >>> 0) +
      (calls.deliveredBytes() >>> 0);
    return this.#fedBytes - behind;
  }
}

/** Replies of a replay go nowhere. */
const NOWHERE: Transport = {
  address: "",
  localAddress: "",
  isLocal: true,
  isUnix: false,
  pendingBytes: 0,
  outputBytes: 0,
  outputPieces: 0,
  write() {},
  push() {},
  writeAll() {},
  holdUntil() {},
  end() {},
  destroy() {},
};

/** Who has done what the log tells of is not asked again. */
const ANYBODY: Account = {
  name: "",
  isUnrestricted: true,
  hotPermission: 1,
  denialOf: () => null,
  mayReadEveryKey: () => true,
};

const SESSION_HOST = {
  opensAuthenticated: true,
  defaultAccount: ANYBODY,
  inputUse: () => ({ bytes: 0, free: 0, parsed: 0 }),
  argumentBytes: () => 0,
  isDirty: () => false,
  unblock: () => false,
  withdraw: () => {},
};
