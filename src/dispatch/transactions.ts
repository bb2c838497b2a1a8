import type { Call, TransactionFace } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import { LOADING } from "../commands/define/flags.ts";
import * as codes from "../engine/codes.ts";
import { checked } from "../engine/condition.ts";
import type { Engine } from "../engine/engine.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  engineFull,
  execAborted,
  execWithoutMulti,
} from "../protocol/errors.ts";
import type { EffectLog } from "./effect_log.ts";
import { NAME_OVERHEAD_BYTES } from "./client_memory.ts";
import type { ClientSession } from "./session.ts";

/** What a client is told in MULTI at once; all else is queued. */
const NEVER_QUEUED = new Set([
  "MULTI",
  "EXEC",
  "DISCARD",
  "WATCH",
  "QUIT",
  "RESET",
]);

/** A client's transaction, from its MULTI on. */
export class Transaction {
  /** The engine's queue of its commands, 0 while it is empty. */
  queue = 0;
  commandCount = 0;
  queueBytes = 0;
  /** A command could not be queued: EXEC will do nothing. */
  isBroken = false;
  isExecuting = false;
  /** The flags that any of its commands has, ... */
  someFlags = 0;
  /** ... and those that all of them have. */
  commonFlags = ~0;

  /** The flags of EXEC: it does what its commands do. */
  execFlags(own: number): number {
    const loading = own & this.commonFlags & LOADING;
    return ((own | this.someFlags) & ~LOADING) | loading;
  }
}

export interface TransactionsHost {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  readonly log: EffectLog;
  /** What the engine may execute of a session by itself, as `run` gets it. */
  hotPermission(session: ClientSession): number;
  /** Executes a queued command that the engine has handed over. */
  execute(session: ClientSession, code: number): void;
  /** The engine has executed commands by itself. */
  executedHot(): void;
  /** Hands the replies made so far to the connection. */
  flush(session: ClientSession): void;
  /** Whether that is worth while. */
  hasSpilled(): boolean;
  /** A reply is missing: nothing that follows could be understood. */
  breakOff(session: ClientSession): void;
}

/**
 * MULTI, WATCH and what belongs to them. Commands are queued in the engine, in
 * one block for each transaction, and EXEC lets the engine parse them once more
 * and execute the hot ones by itself. Who watches which keys is kept in the
 * engine, too, where keys change (wasm/watchers.ts).
 */
export class Transactions {
  readonly #host: TransactionsHost;
  readonly #calls: Engine["calls"];
  #mayBeWatching = false;

  constructor(host: TransactionsHost) {
    this.#host = host;
    this.#calls = host.engine.calls;
  }

  /** Whether anybody watches a key; false is sure, true may be out of date. */
  get isWatching(): boolean {
    return this.#mayBeWatching;
  }

  /** Whether a command of this client waits for its EXEC. */
  queues(session: ClientSession, command: Command): boolean {
    return session.isQueueing && !NEVER_QUEUED.has(command.name);
  }

  /** Keeps the current command; throws when there is no memory for it. */
  queue(transaction: Transaction, command: Command): void {
    // What will not be executed takes no memory.
    if (transaction.isBroken) return;
    const queue = this.#calls.queueCommand(transaction.queue) >>> 0;
    if (queue === 0) throw engineFull;
    transaction.queue = queue;
    transaction.queueBytes = this.#calls.queueBytes(queue) >>> 0;
    transaction.commandCount++;
    transaction.someFlags |= command.flagBits;
    transaction.commonFlags &= command.flagBits;
  }

  /** What the commands of a call's client may do. */
  faceOf(call: Call & { readonly client: ClientSession }): TransactionFace {
    return {
      begin: () => void (call.client.transaction = new Transaction()),
      discard: () => this.discard(call.client),
      execute: () => this.#execute(call, call.client),
      watch: (key) => this.#watch(call, call.client, key),
      unwatch: () => this.#unwatch(call.client),
      get isOpen() {
        return call.client.transaction !== null;
      },
      get isExecuting() {
        return call.client.transaction?.isExecuting ?? false;
      },
    };
  }

  /** The session is in no transaction any more and watches nothing. */
  discard(session: ClientSession): void {
    const { transaction } = session;
    // Who leaves within EXEC: it goes on to its end.
    if (transaction?.isExecuting) return;
    session.transaction = null;
    if (transaction !== null && transaction.queue !== 0) {
      this.#calls.freeQueue(transaction.queue);
    }
    this.#unwatch(session);
  }

  /** Whether a key has changed that the client watches. */
  isDirty(session: ClientSession): boolean {
    return session.watcher !== 0 && this.#calls.isDirty(session.watcher) !== 0;
  }

  /** A key has changed. */
  changed(database: number, key: number): void {
    this.#calls.keyChanged(database, key);
  }

  #watch(call: Call, session: ClientSession, key: number): void {
    if (session.watcher === 0) {
      session.watcher = this.#calls.watcherNew() >>> 0;
      if (session.watcher === 0) throw engineFull;
    }
    if (this.isDirty(session)) return;
    this.#mayBeWatching = true;
    const before = this.#calls.watchedCount();
    checked(this.#calls.watchKey(session.watcher, call.db.handle, key));
    if (this.#calls.watchedCount() > before) {
      session.watchedBytes += call.byteCount(key) + NAME_OVERHEAD_BYTES;
    }
  }

  #unwatch(session: ClientSession): void {
    if (session.watcher === 0) return;
    this.#calls.watcherFree(session.watcher);
    session.watcher = 0;
    session.watchedBytes = 0;
    this.#mayBeWatching = this.#calls.watchedCount() > 0;
  }

  /** Whether a key that the client watches has become due since. */
  #hasDue(session: ClientSession): boolean {
    if (session.watcher === 0) return false;
    for (const db of this.#host.keyspace) {
      this.#calls.watchedDue(session.watcher, db.handle);
    }
    return this.isDirty(session);
  }

  #execute(call: Call, session: ClientSession): void {
    const { transaction } = session;
    if (transaction === null) throw execWithoutMulti;
    const isDirty = this.isDirty(session) || this.#hasDue(session);
    if (transaction.isBroken || isDirty) {
      this.discard(session);
      if (transaction.isBroken) throw execAborted;
      if (!session.isSilent) call.reply.nullArray();
      return;
    }
    this.#unwatch(session);
    const { queue } = transaction;
    if (queue !== 0 && this.#calls.enterQueue(queue) < 0) {
      this.discard(session);
      throw engineFull;
    }
    if (!session.isSilent) call.reply.array(transaction.commandCount);
    if (queue !== 0) this.#run(call, session, transaction);
    this.discard(session);
  }

  #run(call: Call, session: ClientSession, transaction: Transaction): void {
    const { log } = this.#host;
    transaction.isExecuting = true;
    log.beginFrame();
    try {
      while (this.#step(call, session));
    } finally {
      log.endFrame();
      this.#calls.leaveQueue();
      transaction.isExecuting = false;
    }
  }

  /** Executes some commands; false when there are no more. */
  #step(call: Call, session: ClientSession): boolean {
    const { keyspace, hotPermission, execute, executedHot, log } = this.#host;
    const { handle } = keyspace.database(session.database);
    const mark = call.reply.mark();
    const hot = hotPermission(session);
    const code = this.#calls.run(handle, hot, session.reader);
    if (this.#calls.takeLastHot() !== 0) executedHot();
    if (code >= 0) execute(session, code);
    if (session.isSilent) call.reply.truncate(mark);
    else if (code === codes.RUN_OUTPUT_FULL || this.#host.hasSpilled()) {
      // What goes out now may wait for the log as it is.
      log.keepFrame();
      this.#host.flush(session);
    }
    // It was parsed before; only memory can be missing for it.
    if (code === codes.RUN_PROTOCOL_ERROR) this.#host.breakOff(session);
    return code !== codes.RUN_DONE && code !== codes.RUN_PROTOCOL_ERROR;
  }
}
