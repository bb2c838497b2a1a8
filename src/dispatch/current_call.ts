import type {
  Call,
  LaterEnd,
  ServerFace,
  TransactionFace,
  Wait,
} from "../commands/call.ts";
import type { CommandTable } from "../commands/define/table.ts";
import type { Engine } from "../engine/engine.ts";
import type { Database, Keyspace } from "../keyspace/keyspace.ts";
import { Arguments } from "../protocol/arguments.ts";
import {
  notAnInteger,
  outOf32Bits,
  outOfRange,
  type ReplyError,
} from "../protocol/errors.ts";
import type { EventName } from "../protocol/events.ts";
import { Reply } from "../protocol/reply.ts";
import type { Change, CommitPoint, Effect } from "./commit.ts";
import type { EffectLog } from "./effect_log.ts";
import type { ClientSession } from "./session.ts";
import type { Transactions } from "./transactions.ts";

const utf8 = new TextEncoder();

/** The one call of a server, filled anew for each command. */
export class CurrentCall implements Call {
  argc = 0;
  now = 0;
  /** What is executed now has happened before: nobody is told of it. */
  isReplaying = false;
  client!: ClientSession;
  db!: Database;
  readonly reply: Reply;
  readonly #arguments: Arguments;
  readonly #commit: CommitPoint;
  readonly #log: EffectLog;
  readonly #transactions: Transactions;
  readonly transaction: TransactionFace;
  #hasChanged = false;
  #effects: Effect[] = [];
  #commands: Uint8Array[][] = [];
  #wait: Wait | null = null;
  #later: (() => LaterEnd | Promise<LaterEnd>) | null = null;

  constructor(
    engine: Engine,
    readonly keyspace: Keyspace,
    readonly server: ServerFace,
    readonly commands: CommandTable,
    commit: CommitPoint,
    log: EffectLog,
    transactions: Transactions,
  ) {
    this.#arguments = new Arguments(engine);
    this.#commit = commit;
    this.#log = log;
    this.reply = new Reply(engine);
    this.#transactions = transactions;
    this.transaction = transactions.faceOf(this);
  }

  /** Prepares for the command that the parser has just delivered. */
  begin(client: ClientSession, now: number): void {
    this.argc = this.#arguments.count;
    this.client = client;
    this.now = now;
    this.db = this.keyspace.database(client.database);
  }

  isPast(dueMs: number): boolean {
    return dueMs <= this.now && !this.isReplaying;
  }

  byteCount(index: number): number {
    return this.#arguments.byteCount(index);
  }

  /** What all arguments have, together. */
  get argumentBytes(): number {
    const { count } = this.#arguments;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.byteCount(i);
    return sum;
  }

  bytes(index: number): Uint8Array<ArrayBuffer> {
    return this.#arguments.bytes(index);
  }

  latin1(index: number): string {
    return this.#arguments.latin1(index);
  }

  text(index: number): string {
    return this.#arguments.text(index);
  }

  word(index: number): string {
    return this.#arguments.word(index);
  }

  is(index: number, option: string): boolean {
    return this.#arguments.is(index, option);
  }

  integer(index: number): number {
    return this.#arguments.integer(index);
  }

  bigInteger(index: number): bigint {
    return this.#arguments.bigInteger(index);
  }

  integerIn(
    index: number,
    min: number,
    max: number,
    error?: ReplyError,
  ): number {
    if (!this.#arguments.isInteger(index)) throw error ?? notAnInteger;
    const value = this.#arguments.integer(index);
    if (value >= min && value <= max) return value;
    throw error ?? outOfRange;
  }

  integer32(index: number): number {
    const value = this.#arguments.integer(index);
    if (value >= -(2 ** 31) && value < 2 ** 31) return value;
    throw outOf32Bits;
  }

  double(index: number, error?: ReplyError): number {
    return this.#arguments.double(index, error);
  }

  push(value: Uint8Array | string): number {
    return this.#arguments.push(value);
  }

  get observed(): boolean {
    return this.#isNoted || this.#isInteresting;
  }

  /** Whether what happens is told to logs and observers. */
  get #isNoted(): boolean {
    return (this.#commit.observed || this.#log.isOn) && !this.isReplaying;
  }

  /** Whether anybody may be interested in keys: watchers, or who caches them. */
  get #isInteresting(): boolean {
    return this.#transactions.isWatching || this.server.tracking.isOn;
  }

  changed(
    key: number,
    event: EventName | "",
    database: Database = this.db,
  ): void {
    if (this.#isInteresting) {
      this.#transactions.changed(database.handle, key);
    }
    if (!this.#isNoted) return;
    this.#hasChanged = true;
    // Keys are copied for those who want to know of events.
    if (!this.#commit.observed) return;
    this.#effects.push({
      database: database.index,
      key: this.bytes(key),
      event,
    });
  }

  propagate(command: readonly (string | number | Uint8Array)[]): void {
    if (!this.#isNoted) return;
    this.#commands.push(
      command.map((word) =>
        word instanceof Uint8Array ? word : utf8.encode(String(word))
      ),
    );
  }

  later(work: () => LaterEnd | Promise<LaterEnd>): void {
    this.#later = work;
  }

  block(wait: Wait): void {
    // What has happened before has waited before.
    const mayWait = !this.transaction.isExecuting && !this.isReplaying;
    if (mayWait) this.#wait = wait;
    else this.reply.nullArray();
  }

  /** What the handler wants to wait for, once. */
  takeWait(): Wait | null {
    const wait = this.#wait;
    this.#wait = null;
    return wait;
  }

  /** Whether the handler asked for something to be done later. */
  get putsOff(): boolean {
    return this.#later !== null;
  }

  /** What the handler asked to be done later, once. */
  takeLater(): (() => LaterEnd | Promise<LaterEnd>) | null {
    const work = this.#later;
    this.#later = null;
    return work;
  }

  /** The command succeeded: what it stated becomes known. */
  commit(): void {
    if (!this.#hasChanged && this.#commands.length === 0) return;
    if (this.#log.isOn) this.#commitToLog();
    if (this.#commit.observed) this.#commitToObservers();
    this.#forget();
  }

  #commitToLog(): void {
    const { index } = this.db;
    if (this.#commands.length > 0) this.#log.append(index, this.#commands);
    else this.#log.appendSent(index, () => this.words());
  }

  #commitToObservers(): void {
    const change: Change = {
      cause: "command",
      database: this.db.index,
      effects: this.#effects,
      commands: this.#commands.length > 0 ? this.#commands : [this.words()],
    };
    this.#commit.commit(change);
  }

  /** The command as it was sent. */
  words(): Uint8Array[] {
    return Array.from({ length: this.argc }, (_, i) => this.bytes(i));
  }

  #forget(): void {
    this.#hasChanged = false;
    if (this.#effects.length > 0) this.#effects = [];
    if (this.#commands.length > 0) this.#commands = [];
  }

  /** The command failed: nothing that it stated has happened. */
  abandon(): void {
    this.#forget();
    this.#later = null;
    this.#wait = null;
  }
}
