import type { Command } from "../commands/define/command.ts";
import type { DurationFace, DurationsFace } from "../commands/observation.ts";
import type { Engine } from "../engine/engine.ts";
import { Durations } from "./durations.ts";

/** What COMMANDSTATS tells of one command. */
export interface CommandUse {
  calls: number;
  /** Time spent in it, in ms. */
  spentMs: number;
  /** Refused before it ran. */
  rejected: number;
  /** Ran and replied with an error. */
  failed: number;
  /** How long each call took, while that is tracked. */
  durations: Durations | null;
}

/**
 * Counts of commands and errors, and how long commands took.
 *
 * A command that TypeScript executes is measured by itself. The engine counts
 * those that it executes in its batch loop, by operation; `shareOut` asks for
 * the counts of one batch and shares the time of the batch out evenly. So
 * counts are exact, and so are sums of time over all commands; what is not
 * resolved is how the time of one batch spreads over the commands in it.
 */
export class Statistics implements DurationsFace {
  /** latency-tracking: whether durations are kept one by one. */
  tracksDurations = true;
  readonly #engine: Engine;
  readonly #uses = new Map<Command, CommandUse>();
  readonly #errors = new Map<string, number>();
  /** Commands by the engine's operation. */
  readonly #hotCommands: Command[] = [];
  processed = 0;
  /** Of these, so many were executed by the engine in its batch loop. */
  engineProcessed = 0;
  errorReplies = 0;
  /** Turns of the loop that had anything to do, and how long they took. */
  turnCount = 0;
  turnMs = 0;
  longestTurnMs = 0;
  /** The most commands of one turn. */
  turnCommandsMax = 0;
  #processedBefore = 0;
  /** Of the turns, what was done on a timer. */
  timerMs = 0;
  /** Time spent on writing to the append-only file. */
  logMs = 0;

  constructor(engine: Engine, commands: readonly Command[]) {
    this.#engine = engine;
    for (const command of commands) {
      if (command.hot > 0) this.#hotCommands[command.hot] = command;
    }
  }

  /** The command of an operation of the engine. */
  hotCommand(operation: number): Command {
    return this.#hotCommands[operation];
  }

  use(command: Command): CommandUse {
    let use = this.#uses.get(command);
    if (use === undefined) {
      use = { calls: 0, spentMs: 0, rejected: 0, failed: 0, durations: null };
      this.#uses.set(command, use);
    }
    return use;
  }

  /** A command was executed so many times, and took so long each time. */
  countCalls(command: Command, times: number, eachMs: number): CommandUse {
    const use = this.use(command);
    use.calls += times;
    use.spentMs += eachMs * times;
    this.processed += times;
    if (this.tracksDurations) {
      use.durations ??= new Durations();
      use.durations.add(eachMs, times);
    }
    return use;
  }

  /**
   * Takes the engine's counts of the batch that took so long; the time of each
   * command is returned.
   */
  shareOut(spentMs: number): number {
    const { calls } = this.#engine;
    const operations = calls.takeHotOperations();
    if (operations === 0) return 0;
    // As a rule a batch is all of one kind.
    if ((operations & (operations - 1)) === 0) {
      const operation = 31 - Math.clz32(operations);
      const count = calls.takeHotCalls(operation);
      this.engineProcessed += count;
      this.countCalls(this.#hotCommands[operation], count, spentMs / count);
      return spentMs / count;
    }
    return this.#shareOutAll(operations, spentMs);
  }

  #shareOutAll(operations: number, spentMs: number): number {
    const counts = this.#takeHot(operations);
    const eachMs = spentMs / counts.reduce((sum, [, count]) => sum + count, 0);
    for (const [command, count] of counts) {
      this.engineProcessed += count;
      this.countCalls(command, count, eachMs);
    }
    return eachMs;
  }

  /** Drops the engine's counts of what was not executed for a client. */
  discardHot(): number {
    const operations = this.#engine.calls.takeHotOperations();
    return this.#takeHot(operations).reduce((sum, [, count]) => sum + count, 0);
  }

  #takeHot(operations: number): [Command, number][] {
    const counts: [Command, number][] = [];
    for (let rest = operations; rest !== 0; rest &= rest - 1) {
      const operation = 31 - Math.clz32(rest & -rest);
      const count = this.#engine.calls.takeHotCalls(operation);
      counts.push([this.#hotCommands[operation], count]);
    }
    return counts;
  }

  /** A chunk of input was worked off. */
  countTurn(spentMs: number): void {
    this.turnCount++;
    this.turnMs += spentMs;
    if (spentMs > this.longestTurnMs) this.longestTurnMs = spentMs;
    const commandCount = this.processed - this.#processedBefore;
    if (commandCount > this.turnCommandsMax) {
      this.turnCommandsMax = commandCount;
    }
    this.#processedBefore = this.processed;
  }

  /** A timer has done its work. */
  countTimer(spentMs: number): void {
    this.countTurn(spentMs);
    this.timerMs += spentMs;
  }

  /** Counts an error reply by its first word. */
  countError(text: string): void {
    this.errorReplies++;
    const kind = kindOf(text);
    const had = this.#errors.get(kind);
    if (had === undefined && this.#errors.size >= ERROR_KINDS_MAX) {
      this.#errors.set(OTHER_ERRORS, (this.#errors.get(OTHER_ERRORS) ?? 0) + 1);
    } else {
      this.#errors.set(kind, (had ?? 0) + 1);
    }
  }

  /** What turns took without the timers: parsing and executing commands. */
  get commandMs(): number {
    return this.turnMs - this.timerMs;
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  /** All commands used since the last reset. */
  get uses(): ReadonlyMap<Command, CommandUse> {
    return this.#uses;
  }

  *all(): Iterable<readonly [Command, DurationFace]> {
    for (const [command, { durations }] of this.#uses) {
      if (durations !== null) yield [command, durations];
    }
  }

  of(command: Command): DurationFace | null {
    return this.#uses.get(command)?.durations ?? null;
  }

  reset(): void {
    this.#uses.clear();
    this.#errors.clear();
    this.processed = 0;
    this.engineProcessed = 0;
    this.errorReplies = 0;
    this.turnCount = 0;
    this.turnMs = 0;
    this.longestTurnMs = 0;
    this.turnCommandsMax = 0;
    this.#processedBefore = 0;
    this.timerMs = 0;
    this.logMs = 0;
    this.#engine.calls.resetStatistics();
  }
}

/** An error that is no word and a text behind it is one of the nameless. */
function kindOf(text: string): string {
  const space = text.indexOf(" ");
  return space > 0 && space < KIND_MAX_LENGTH ? text.slice(0, space) : "ERR";
}

const KIND_MAX_LENGTH = 31;
/** So many kinds of errors are told apart; a script could invent more. */
const ERROR_KINDS_MAX = 128;
/** What all others are counted as. */
const OTHER_ERRORS = "ERRORSTATS_OVERFLOW";
