import type { Database, Keyspace } from "../keyspace/keyspace.ts";
import type { ReplyError } from "../protocol/errors.ts";
import type { EventName } from "../protocol/events.ts";
import type { Reply } from "../protocol/reply.ts";
import type { AccessFace, Account } from "./access.ts";
import type { Command } from "./define/command.ts";
import type { Words } from "./define/keys.ts";
import type { CommandTable } from "./define/table.ts";
import type {
  DurationsFace,
  LatencyFace,
  MonitorsFace,
  SlowLogFace,
} from "./observation.ts";

/**
 * What a handler sees while it runs: its arguments, the selected database, the
 * reply, and the faces of client and server. One object is reused for every
 * call, so a handler must not keep it.
 *
 * An argument is named by its index, 0 being the command's own name. Methods
 * of the keyspace take that index and let the engine read the bytes where they
 * lie. Reading an argument that is malformed throws the error that the client
 * gets; nothing may have been changed by then.
 */
export interface Call {
  /** How many arguments there are, the command's name included. */
  readonly argc: number;
  readonly db: Database;
  readonly keyspace: Keyspace;
  readonly reply: Reply;
  readonly client: Session;
  readonly server: ServerFace;
  readonly commands: CommandTable;
  /** Wall clock in ms, fixed for the whole command. */
  readonly now: number;
  /**
   * Whether a due time that a command sets has come already, so that what gets
   * it goes at once. Not so when a log is read in: it says itself what went.
   */
  isPast(dueMs: number): boolean;

  /** How many bytes an argument has. */
  byteCount(index: number): number;
  /** A copy of an argument's bytes. */
  bytes(index: number): Uint8Array;
  /** An argument as a string with one char per byte (binary-safe). */
  latin1(index: number): string;
  /** An argument decoded as UTF-8, for texts that people read. */
  text(index: number): string;
  /** An argument in lower case, one char per byte, for options and names. */
  word(index: number): string;
  /** Whether an argument equals an option name, ignoring case. */
  is(index: number, option: string): boolean;
  /** A 64-bit integer as a number (exact to 2^53); throws when it is none. */
  integer(index: number): number;
  /** A 64-bit integer, exact. */
  bigInteger(index: number): bigint;
  /**
   * A number that must lie in a range. `error` is thrown for anything else,
   * the usual ones when it is left out.
   */
  integerIn(
    index: number,
    min: number,
    max: number,
    error?: ReplyError,
  ): number;
  /** An integer that fits in 32 bits, with the errors that Redis has for it. */
  integer32(index: number): number;
  /** A finite or infinite double; throws `error` when it is none. */
  double(index: number, error?: ReplyError): number;
  /** Appends bytes as one more argument and returns its index. */
  push(value: Uint8Array | string): number;

  /**
   * Whether anybody learns of changes. What only `propagate` needs is worth
   * computing only then.
   */
  readonly observed: boolean;
  /**
   * States an effect: the key of an argument changed, with its notification
   * event, empty where there is none. A write that changed nothing states nothing.
   */
  changed(key: number, event: EventName | "", database?: Database): void;
  /** What replicas and logs get instead of the command as it was sent. */
  propagate(command: readonly (string | number | Uint8Array)[]): void;

  readonly transaction: TransactionFace;

  /**
   * Replies later. When the handler has returned and nothing of a batch is
   * under way, `work` begins; it may use the dispatcher, and it may take its
   * time: the client's further commands wait, others go on. What it comes to
   * gets the call again and replies, states effects or throws as a handler
   * does. The arguments are gone by then: what is needed of them is kept, and
   * pushed again; and what others get must be said with `propagate`. It may
   * put off the reply once more. Within a transaction that is an error.
   *
   * A client that leaves meanwhile gets no reply, but the end is carried out.
   */
  later(work: () => LaterEnd | Promise<LaterEnd>): void;

  /**
   * Waits for keys: the client's further commands wait too, others go on. Who
   * cannot be served when the time is over gets a null array; so does, at once,
   * who is in a transaction. Nothing may have been replied.
   */
  block(wait: Wait): void;
}

/** What a command waits for. */
export interface Wait {
  /** What the keys must hold. */
  readonly type: "list" | "zset";
  /** The keys' arguments, which follow each other. */
  readonly firstKey: number;
  readonly keyCount: number;
  /** 0 is for ever. */
  readonly timeoutMs: number;
  /**
   * Replies and returns true, or does nothing and returns false. It finds the
   * command's arguments again as they were.
   */
  serve(call: Call): boolean;
}

/** The transaction of a call's client. */
export interface TransactionFace {
  /** Whether MULTI has been and its end has not. */
  readonly isOpen: boolean;
  /** Whether EXEC executes this very command: it must be done at once. */
  readonly isExecuting: boolean;
  begin(): void;
  /** Ends it, and the watching too, whether there is anything to end or not. */
  discard(): void;
  /** Executes what is queued, and replies. */
  execute(): void;
  /** The next EXEC does nothing if the key of an argument changes before. */
  watch(key: number): void;
  unwatch(): void;
}

/** The end of a command that replies later. */
export type LaterEnd = (call: Call) => void;

/** The connection's state, as far as commands may see and change it. */
export interface Session {
  readonly id: number;
  name: string;
  /** 2 or 3. */
  resp: number;
  /** Index of the selected database. */
  database: number;
  authenticated: boolean;
  /** Who it is; the name as text. */
  account: Account;
  readonly user: string;
  libraryName: string;
  libraryVersion: string;
  noEvict: boolean;
  noTouch: boolean;
  /** "skip" drops the next reply only. */
  replyMode: "on" | "off" | "skip";
  readonly address: string;
  readonly localAddress: string;
  readonly connectedAtMs: number;
  lastCommand: string;
  /** Takes back name, protocol, database and modes, as RESET does. */
  reset(): void;
  /** Closes once everything that is owed has been written. */
  closeAfterReply(): void;
  /** Closes at once. */
  kill(): void;
  /**
   * Ends its waiting for keys, as if its time were over or with an error; false
   * when it does not wait for any.
   */
  unblock(withError: boolean): boolean;
  /** One line of CLIENT LIST, without its end. */
  describe(): string;
  /** The facts that CLIENT KILL filters on. */
  readonly kind: "normal" | "master" | "replica" | "pubsub";
  /** Whether it comes from this machine. */
  readonly isLocal: boolean;
  /** Whether it sees every command that is executed; kept by `MonitorsFace`. */
  isMonitoring: boolean;
  /**
   * Whether it may run the command and besides read any key, for commands that
   * find names of keys in the data.
   */
  mayReadEveryKey(command: Command, words: Words): boolean;
  /** From MULTI to the end of EXEC. */
  readonly isInTransaction: boolean;
  /** What it listens to, null for nothing; kept by `PubSubFace`. */
  subscriptions: Subscriptions | null;
  /** Its part in client-side caching, null for none; kept by `TrackingFace`. */
  tracking: TrackingState | null;
  /**
   * Sends messages that answer nothing: at once, or after the reply of the
   * command that it is just executing.
   */
  deliver(messages: Uint8Array): void;
}

/** A client's CLIENT TRACKING, while it is on. */
export interface TrackingState {
  /** The engine's name of the client. */
  readonly number: number;
  options: TrackingOptions;
  /** Keys with these are told of; only in broadcast. */
  readonly prefixes: Set<string>;
  /** CLIENT CACHING has spoken about the next command. */
  isChosen: boolean;
  /** The client who should be told in its place has gone. */
  isBroken: boolean;
  /** Whether the keys that it reads now are remembered. */
  readonly remembers: boolean;
  /** Whether the engine may execute its commands by itself, ... */
  readonly mayRunHot: boolean;
  /** ... and as whom it then reads keys, 0 for nobody. */
  readonly reader: number;
}

/** Prefixes have one char per byte. */
export interface TrackingOptions {
  /** The client who is told in its place, 0 for itself. */
  readonly redirect: number;
  readonly isBroadcast: boolean;
  readonly prefixes: readonly string[];
  readonly optIn: boolean;
  readonly optOut: boolean;
  readonly noLoop: boolean;
}

/** What can be subscribed to; names have one char per byte. */
export type SubscriptionKind = "channel" | "pattern" | "shard";

/** Names by their kind, in the order in which they were subscribed to. */
export interface Subscriptions
  extends Readonly<Record<SubscriptionKind, Set<string>>> {
  /** About what they take in memory. */
  byteCount: number;
  /** Hands over what has been published so far. */
  handOver(): void;
  /** Takes all of them back. */
  leave(): void;
}

/** What commands may ask of the server around them. */
export interface ServerFace {
  readonly config: ConfigFace;
  readonly runId: string;
  sessions(): Iterable<Session>;
  readonly redisVersion: string;
  readonly access: AccessFace;
  info(sections: readonly string[]): string;
  resetStatistics(): void;
  /** Ends the server; rejects with the error reply when it may not. */
  shutdown(options: ShutdownOptions): Promise<void>;
  /** Takes back a signal's wish for the end; false when there is none. */
  abortShutdown(): boolean;
  log(level: "debug" | "verbose" | "notice" | "warning", text: string): void;
  readonly memory: MemoryFace;
  readonly persistence: PersistenceFace;
  readonly pubsub: PubSubFace;
  readonly tracking: TrackingFace;
  readonly targets: TargetsFace;
  readonly slowLog: SlowLogFace;
  readonly latency: LatencyFace;
  /** How long commands took. */
  readonly durations: DurationsFace;
  readonly monitors: MonitorsFace;
  readonly pause: PauseFace;
  setActiveExpire(on: boolean): void;
  /** Stops what is done on a timer, or goes on with it. */
  pauseCron(on: boolean): void;
  changeReplicationId(): void;
}

export interface ShutdownOptions {
  readonly save: "default" | "save" | "nosave";
  readonly now: boolean;
  readonly force: boolean;
}

/** What CLIENT PAUSE stops: what may change data, or all commands. */
export type PauseLevel = "write" | "all";

export interface PauseFace {
  /** Together with a pause that is under way: the longer and stronger one. */
  begin(level: PauseLevel, endMs: number): void;
  end(): void;
}

/** Errors are returned as the reply's text; undefined means done. */
export interface ConfigFace {
  getPattern(
    patterns: readonly Uint8Array[],
  ): [name: Uint8Array, value: Uint8Array][];
  /** Names and values in turn: all of them or none. */
  set(
    pairs: readonly Uint8Array[],
    context: { isLocal: boolean },
  ): string | undefined;
  rewrite(): string | undefined;
  /** Who may use DEBUG. */
  readonly debugAllowed: "no" | "yes" | "local";
  readonly lfuPolicy: boolean;
  /** Whether OBJECT REFCOUNT shows small integers as shared. */
  readonly sharesIntegers: boolean;
}

/** Other servers, to which keys are sent. */
export interface TargetsFace {
  /** A connection for the caller alone, until he gives it back. */
  acquire(host: string, port: number, timeoutMs: number): Promise<Target>;
  /** Keeps it for the next one who wants it. */
  release(target: Target): void;
  /** Closes it: it has failed. */
  discard(target: Target): void;
}

/** A connection to another server. Its methods reject when it has failed. */
export interface Target {
  /** The database that is selected there, -1 when that is not known. */
  database: number;
  /** Whether it has failed because something took too long. */
  readonly timedOut: boolean;
  /** The address by which the other server knows us. */
  readonly localAddress: string;
  send(bytes: Uint8Array): Promise<void>;
  /** The next line of a reply, one char a byte. */
  readLine(): Promise<string>;
}

/** What is kept on disk: dumps, and the log of all effects. */
export interface PersistenceFace {
  /** Whether the data is being read from disk. */
  readonly isLoading: boolean;
  /** Whether a dump is being written in the background. */
  readonly isSaving: boolean;
  /** Whether the log is being rewritten in the background. */
  readonly isRewriting: boolean;
  /** Unix time of the last dump. */
  readonly lastSavedMs: number;
  /** Writes a dump at once; false when that failed. */
  save(): boolean;
  /** Begins to write a dump; false when that is impossible. */
  beginSave(): boolean;
  /** Writes one as soon as nothing else is written. */
  scheduleSave(): void;
  /** Begins to rewrite the log; false when that is impossible. */
  beginRewrite(): boolean;
  /** Rewrites it as soon as nothing else is written. */
  scheduleRewrite(): void;
  /** FLUSHALL has removed all: what is being written is of no use. */
  emptied(): void;
  /**
   * Replaces all data by what the dump has; with `saves` a new dump is written
   * first, without `flushes` what is there stays. Rejects with the reply's
   * error when a file cannot be written or read.
   */
  reload(options: ReloadOptions): Promise<void>;
  /** Replaces all data by what the log has. */
  reloadLog(): Promise<void>;
  /** How long everything stops before the log is written, for tests. */
  logDelayUs: number;
}

export interface ReloadOptions {
  readonly saves: boolean;
  readonly flushes: boolean;
  /** Keys that are there already are replaced, not an error. */
  readonly merges: boolean;
}

/** Who listens to what. */
export interface PubSubFace {
  subscribe(kind: SubscriptionKind, name: string, client: Session): void;
  unsubscribe(kind: SubscriptionKind, name: string, client: Session): void;
  /** Takes back all that a client has subscribed to. */
  leave(client: Session): void;
  /** Returns how many times the message is delivered. */
  publish(channel: string, payload: Uint8Array): number;
  publishToShard(channel: string, payload: Uint8Array): number;
  /** To how many names of a kind there are subscribers. */
  count(kind: SubscriptionKind): number;
  names(kind: SubscriptionKind): Iterable<string>;
  subscriberCount(kind: SubscriptionKind, name: string): number;
}

/** Client-side caching: who is told that keys have changed. */
export interface TrackingFace {
  /** Whether any client tracks. */
  readonly isOn: boolean;
  /** Whether a client with this id could be told something. */
  canReach(id: number): boolean;
  enable(client: Session, options: TrackingOptions): void;
  disable(client: Session): void;
  /** The client has read the keys of these arguments. */
  remember(client: Session, keys: Iterable<number>): void;
  /** Commands are over: tells what they have changed. `by` has sent them. */
  tell(by: Session | null): void;
  /** A turn is over, and all replies of it are on their way. */
  endTurn(): void;
}

/** The figures of MEMORY STATS and INFO, in bytes. */
export interface MemoryFace {
  readonly used: number;
  readonly peak: number;
  readonly startup: number;
  /** Blocks in use in the engine: data, tables, buffers. */
  readonly allocated: number;
  /** Pages that such blocks lie in. */
  readonly active: number;
  /** What the engine's memory may ever have touched. */
  readonly touched: number;
  /** The whole process in main memory, the runtime included. */
  readonly resident: number;
  /** What connections take, what they have sent and not read included. */
  readonly clientBytes: number;
  readonly clientCount: number;
  /** What waits to be written to the log of effects. */
  readonly logBufferBytes: number;
  /** Gives spare pages back to the engine's pool. */
  purge(): void;
  /** The allocator's own figures, as a text for people. */
  allocatorReport(): string;
}
