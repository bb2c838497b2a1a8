import type { Denial } from "../commands/access.ts";
import type { Call } from "../commands/call.ts";
import type { Command } from "../commands/define/command.ts";
import {
  DENY_OOM,
  LOADING,
  MAY_REPLICATE,
  NO_AUTH,
  NO_MULTI,
  PROTECTED,
  READONLY,
  WRITE,
} from "../commands/define/flags.ts";
import { Condition } from "../engine/condition.ts";
import {
  channelNotPermitted,
  commandNotPermitted,
  conditionError,
  isLoading,
  keyNotPermitted,
  noAuth,
  notInMulti,
  onlySubscribing,
  onlyWatching,
  protectedCommand,
  ReplyError,
  unknownSubcommand,
  wrongArity,
} from "../protocol/errors.ts";
import type { MemoryLimit } from "./memory_limit.ts";
import type { Pause } from "./pause.ts";
import type { ClientSession } from "./session.ts";
import type { Transaction } from "./transactions.ts";

/** What a listener of the older protocol may do. */
const LISTENING: ReadonlySet<string> = new Set([
  "SUBSCRIBE",
  "PSUBSCRIBE",
  "SSUBSCRIBE",
  "UNSUBSCRIBE",
  "PUNSUBSCRIBE",
  "SUNSUBSCRIBE",
  "PING",
  "QUIT",
  "RESET",
]);

/** What those may not do who MONITOR. */
const TOUCHES_DATA = WRITE | READONLY | MAY_REPLICATE;

/** What a command must get past before it runs. */
export class Admission {
  /**
   * No command is executed, neither of those who send nor of those who wait.
   * Whoever ends it must give all sessions a turn.
   */
  isPaused = false;
  /** The data are being read in: few commands make sense meanwhile. */
  isLoading = false;
  /** What commands that write get while they cannot be done. */
  writeRefusal: ReplyError | null = null;
  /** maxmemory. */
  readonly memory: MemoryLimit;

  constructor(
    memory: MemoryLimit,
    /** What CLIENT PAUSE postpones. */
    readonly pause: Pause,
  ) {
    this.memory = memory;
  }

  /** Whether nothing here speaks against commands that just read or write. */
  get isOpen(): boolean {
    return !this.isPaused && !this.pause.isOn && !this.isLoading &&
      this.writeRefusal === null;
  }

  /** Which subcommand it is, if it may run; throws what the client gets. */
  admit(session: ClientSession, call: Call, command: Command): Command {
    const used = commandUsed(call, command);
    session.lastCommand = used.fullName;
    checkArity(call, used);
    if (used.flagBits & PROTECTED) admitProtected(session, call, used);
    if (!session.authenticated && !(used.flagBits & NO_AUTH)) throw noAuth;
    const { transaction } = session;
    const flags = transaction === null
      ? used.flagBits
      : flagsInMulti(transaction, used);
    admitUser(session, call, used, notPermitted);
    if (this.memory.isOn && !this.isLoading) {
      this.#makeRoom(session, used, flags);
    }
    // What EXEC executes behind a SUBSCRIBE was admitted before it.
    const mayOnlyListen = session.onlyListens && transaction === null;
    if (mayOnlyListen && !LISTENING.has(used.name)) {
      throw onlySubscribing(used.fullName);
    }
    if (!this.isOpen) this.#admitNow(used, flags);
    if (session.isMonitoring && flags & TOUCHES_DATA) throw onlyWatching;
    return used;
  }

  /** EXEC needs what its commands have brought, all others their arguments. */
  #makeRoom({ transaction }: ClientSession, used: Command, flags: number) {
    const isExec = transaction !== null && used.name === "EXEC";
    if (isExec) this.memory.admit(flags, transaction.queueBytes);
    else this.memory.admit(flags);
  }

  /** A server that cannot write says so to PING too: somebody may watch it. */
  #admitNow(command: Command, flags: number): void {
    const isRefused = flags & WRITE || command.name === "PING";
    if (this.writeRefusal !== null && isRefused) throw this.writeRefusal;
    if (this.isLoading && !(flags & LOADING)) throw isLoading;
  }
}

/** What helps to end a transaction is done without memory, too. */
const ENDS_MULTI = new Set(["EXEC", "DISCARD", "QUIT", "RESET"]);

/** What counts for a command in MULTI. A longer queue takes memory. */
function flagsInMulti(transaction: Transaction, command: Command): number {
  const { flagBits, name } = command;
  if (flagBits & NO_MULTI) throw notInMulti;
  if (name === "EXEC") return transaction.execFlags(flagBits);
  return ENDS_MULTI.has(name) ? flagBits : flagBits | DENY_OOM;
}

/** The command that the arguments name: a container's part, or itself. */
export function commandUsed(call: Call, command: Command): Command {
  if (command.subcommands.length === 0 || call.argc === 1) return command;
  const name = call.latin1(1);
  const found = command.subcommand(name.toLowerCase());
  if (!found) throw unknownSubcommand(command.fullName, name);
  return found;
}

export function checkArity(call: Call, command: Command): void {
  if (call.argc < command.minArgs || call.argc > command.maxArgs) {
    throw wrongArity(command.fullName);
  }
}

/**
 * Whether the session's user may run the command. If not, that is noted, and
 * what `refusal` makes of it is thrown.
 */
export function admitUser(
  session: ClientSession,
  call: Call,
  command: Command,
  refusal: (denial: Denial, user: string, fullName: string) => unknown,
): void {
  const { account } = session;
  if (account.isUnrestricted) return;
  const denial = account.denialOf(command, call);
  if (denial === null) return;
  const { reason, index } = denial;
  const object = reason === "command" ? command.fullName : call.latin1(index);
  const context = session.transaction === null ? "toplevel" : "multi";
  call.server.access.noteDenial(session, reason, context, object);
  throw refusal(denial, account.name, command.fullName);
}

function notPermitted(
  { reason }: Denial,
  user: string,
  fullName: string,
): ReplyError {
  if (reason === "command") return commandNotPermitted(user, fullName);
  return reason === "key" ? keyNotPermitted : channelNotPermitted;
}

/** Commands that the configuration keeps from people, or from strangers. */
function admitProtected(
  session: ClientSession,
  call: Call,
  { name }: Command,
): void {
  const { debugAllowed } = call.server.config;
  const isAllowed = name !== "DEBUG" || debugAllowed === "yes" ||
    (debugAllowed === "local" && session.isLocal);
  if (!isAllowed) throw protectedCommand(name);
}

/**
 * The text of what a handler threw; a bug is not hidden but costs a reply.
 * `bug` gets to know what nobody foresaw.
 */
export function failureText(
  thrown: unknown,
  bug: (trace: string) => void,
): string {
  if (thrown instanceof ReplyError) return thrown.text;
  if (thrown instanceof Condition) return conditionError(thrown.code).text;
  bug(`${thrown instanceof Error ? thrown.stack : thrown}`);
  return "ERR internal error";
}
