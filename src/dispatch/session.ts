import type { Account } from "../commands/access.ts";
import type {
  LaterEnd,
  Session,
  Subscriptions,
  TrackingState,
} from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import type { Words } from "../commands/define/keys.ts";
import { bytesOfLatin1, textFromBytes } from "../protocol/text.ts";
import type { Unfinished } from "./accounts.ts";
import type { Waiting } from "./blocking.ts";
import { clientLine } from "./client_line.ts";
import type { Transaction } from "./transactions.ts";

/** What a session needs of the connection that carries it. */
export interface Transport {
  readonly address: string;
  readonly localAddress: string;
  /** Whether the other end is on this machine. */
  readonly isLocal: boolean;
  /** Whether it is a unix socket. */
  readonly isUnix: boolean;
  /** Bytes that wait for more than the end of this turn. */
  readonly pendingBytes: number;
  /** Bytes and pieces that were handed over and still take memory. */
  readonly outputBytes: number;
  readonly outputPieces: number;
  write(bytes: Uint8Array): void;
  /** The same for what nobody waits for, and others may be sending too. */
  push(bytes: Uint8Array): void;
  /** The same for several pieces, which go out together. */
  writeAll(pieces: readonly Uint8Array[]): void;
  /** Keeps back what is written from now on. */
  holdUntil(ready: Promise<void>): void;
  /** Closes when everything written has gone out. */
  end(): void;
  /** Closes at once. */
  destroy(): void;
}

/** Bytes that a client has sent and no command has used. */
export interface InputUse {
  readonly bytes: number;
  /** There is room for so many more. */
  readonly free: number;
  /** So many of them are parsed: a large argument behind them is coming in. */
  readonly parsed: number;
}

/** What sessions ask of the server they belong to. */
export interface SessionHost {
  /** Whether a new or reset session needs no AUTH. */
  readonly opensAuthenticated: boolean;
  /** Who a new or reset session is. */
  readonly defaultAccount: Account;
  /** Bytes that a session has sent and no command has used, and room for. */
  inputUse(session: ClientSession): InputUse;
  /** Bytes of the command that it executes just now, or that waits. */
  argumentBytes(session: ClientSession): number;
  /** Whether a key has changed that the session watches. */
  isDirty(session: ClientSession): boolean;
  /** Ends its waiting for keys, see `Session.unblock`. */
  unblock(session: ClientSession, withError: boolean): boolean;
  /** It is closed: nothing that it waits for may be given to it. */
  withdraw(session: ClientSession): void;
}

/** A command that replies later, see `Call.later`. */
export interface LaterWork extends Unfinished {
  /** When it began, by the clock's marks. */
  readonly startedMs: number;
  begin(): LaterEnd | Promise<LaterEnd>;
}

export const UNREAD_MAX_BYTES = 64 * 2 ** 20;
const STRANGER_UNREAD_MAX_BYTES = 64 * 2 ** 10;

/** The state of one client. */
export class ClientSession implements Session {
  name = "";
  resp = 2;
  database = 0;
  libraryName = "";
  libraryVersion = "";
  noEvict = false;
  noTouch = false;
  lastCommand = "NULL";
  /** Who it is. */
  account: Account;
  /** The engine's unfinished input of this client, 0 for none. */
  input = 0;
  readonly connectedAtMs: number;
  lastActiveMs: number;
  /** From MULTI to the end of EXEC. */
  transaction: Transaction | null = null;
  /** The engine's list of the keys that it watches, 0 for none. */
  watcher = 0;
  /** About what that list takes. */
  watchedBytes = 0;
  /** Nothing more is executed for it; the connection ends. */
  closing = false;
  /** Commands wait in its input until it gets its next turn. */
  isHeld = false;
  /** The connection is closed: nobody will read what it is told. */
  isGone = false;
  /** A chunk of it waits for the end of the turn. */
  isGathered = false;
  /** Its last commands were such as the engine executes by itself. */
  isHot = false;
  /** What its last command asked to be done when the batch is over. */
  later: LaterWork | null = null;
  /** A command of it is under way and has not replied; it is held. */
  isWaiting = false;
  /** The command of it that waits for keys. */
  waiting: Waiting | null = null;
  /** Called when it waits no more, to give it its next turn. */
  awakened: (() => void) | null = null;
  subscriptions: Subscriptions | null = null;
  isMonitoring = false;
  /** The engine's queue of its command that is postponed, 0 for none. */
  postponed = 0;
  /** Called when it may have its next turn, after others perhaps. */
  mayTurn: (() => void) | null = null;
  /** It was closed at once: it counts no more. */
  killed: (() => void) | null = null;
  /** It got more replies than it may: it will be closed. */
  overflowed: (() => void) | null = null;
  tracking: TrackingState | null = null;
  /** A message was pushed to it: its output may have grown too much. */
  pushed: (() => void) | null = null;
  /** When its output first went above the soft limit, 0 while below. */
  softLimitSinceMs = 0;
  #isAuthenticated: boolean;
  #replyMode: "on" | "off" | "skip" = "on";
  #isSilent = false;
  /** While its commands are executed, messages to it wait for the replies. */
  #isOnTurn = false;
  #messages: Uint8Array[] = [];

  constructor(
    readonly id: number,
    readonly transport: Transport,
    readonly host: SessionHost,
    now: number,
  ) {
    this.connectedAtMs = now;
    this.lastActiveMs = now;
    this.account = host.defaultAccount;
    this.#isAuthenticated = host.opensAuthenticated;
  }

  get user(): string {
    return textFromBytes(bytesOfLatin1(this.account.name));
  }

  /** Who has authenticated once stays so; nobody must without a password. */
  get authenticated(): boolean {
    return this.#isAuthenticated || this.host.opensAuthenticated;
  }

  set authenticated(is: boolean) {
    this.#isAuthenticated = is;
  }

  /** Whether its next chunk may wait for those of others. */
  get mayGather(): boolean {
    return this.isHot && this.input === 0 && !this.isHeld &&
      !this.isGathered && this.subscriptions === null;
  }

  /**
   * No command is executed for it while it leaves so much unread. Whoever has
   * not said who he is shall not take the memory of the others.
   */
  get unreadMaxBytes(): number {
    return this.authenticated ? UNREAD_MAX_BYTES : STRANGER_UNREAD_MAX_BYTES;
  }

  /** Whether commands wait that a turn would execute. */
  get mayGoOn(): boolean {
    return this.isHeld && !this.isWaiting && !this.closing;
  }

  get replyMode(): "on" | "off" | "skip" {
    return this.#replyMode;
  }

  /** Holds for the reply of the command that sets it, too. */
  set replyMode(mode: "on" | "off" | "skip") {
    this.#replyMode = mode;
    this.#isSilent = mode === "off";
  }

  /** A command begins: if one was to be skipped, it is this one. */
  beginCommand(): void {
    this.#isSilent = this.#replyMode !== "on";
    if (this.#replyMode === "skip") this.#replyMode = "on";
  }

  /** The command has not been executed, and will begin once more. */
  takeBackCommand(): void {
    if (this.#isSilent && this.#replyMode === "on") this.#replyMode = "skip";
  }

  /** Whether nobody gets the reply of the current command. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  get address(): string {
    return this.transport.address;
  }

  get localAddress(): string {
    return this.transport.localAddress;
  }

  get isUnix(): boolean {
    return this.transport.isUnix;
  }

  get isLocal(): boolean {
    return this.transport.isLocal;
  }

  /** Whether the engine may execute this client's hot commands by itself. */
  get isPlain(): boolean {
    return this.authenticated && this.replyMode === "on" && !this.noTouch &&
      !this.isQueueing && !this.onlyListens &&
      (this.tracking === null || this.tracking.mayRunHot);
  }

  /** As whom the engine knows it when it reads keys, 0 for nobody. */
  get reader(): number {
    return this.tracking === null ? 0 : this.tracking.reader;
  }

  /** Whether its commands wait for its EXEC. */
  get isQueueing(): boolean {
    return this.transaction !== null && !this.transaction.isExecuting;
  }

  get isInTransaction(): boolean {
    return this.transaction !== null;
  }

  get kind(): Session["kind"] {
    return this.subscriptions === null ? "normal" : "pubsub";
  }

  /** Whether it may do nothing but listen: that is so in RESP2. */
  get onlyListens(): boolean {
    return this.subscriptions !== null && this.resp === 2;
  }

  mayReadEveryKey(command: Command, words: Words): boolean {
    return this.account.mayReadEveryKey(command, words);
  }

  deliver(message: Uint8Array): void {
    if (this.closing) return;
    if (this.#isOnTurn) this.#messages.push(message);
    else {
      this.transport.push(message);
      this.pushed?.();
    }
  }

  /** Its commands are executed from now on: messages have to wait. */
  beginTurn(): void {
    this.subscriptions?.handOver();
    this.#isOnTurn = true;
  }

  /** The messages that have come meanwhile. */
  takeMessages(): readonly Uint8Array[] {
    this.subscriptions?.handOver();
    if (this.#messages.length === 0) return NONE;
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** Messages need not wait any more. */
  endTurn(): void {
    this.#isOnTurn = false;
  }

  reset(): void {
    this.name = "";
    this.resp = 2;
    this.database = 0;
    this.account = this.host.defaultAccount;
    this.#isAuthenticated = this.host.opensAuthenticated;
    this.noEvict = false;
    this.noTouch = false;
    // When RESET is the command to be skipped, it stays that.
    if (this.#replyMode === "off") this.replyMode = "on";
  }

  closeAfterReply(): void {
    this.closing = true;
  }

  /** It has its reply. What it has sent since has its turn after this one. */
  stopWaiting(): void {
    this.waiting = null;
    this.isWaiting = false;
    if (this.input === 0) this.isHeld = false;
    else queueMicrotask(() => this.awakened?.());
  }

  unblock(withError: boolean): boolean {
    return this.host.unblock(this, withError);
  }

  kill(): void {
    this.closing = true;
    this.host.withdraw(this);
    this.subscriptions?.leave();
    this.transport.destroy();
    this.killed?.();
  }

  describe(): string {
    return clientLine(this);
  }
}

const NONE: readonly Uint8Array[] = [];
