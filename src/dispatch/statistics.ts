import type { Engine } from "../engine/engine.ts";
import type { Command } from "../commands/define/command.ts";

/** What COMMANDSTATS tells of one command. */
export interface CommandUse {
  calls: number;
  /** Time spent in it, in ms. */
  spentMs: number;
  /** Refused before it ran. */
  rejected: number;
  /** Ran and replied with an error. */
  failed: number;
}

/** Counts of commands and errors. */
export class Statistics {
  readonly #engine: Engine;
  readonly #uses = new Map<Command, CommandUse>();
  readonly #errors = new Map<string, number>();
  readonly #hotCommands: readonly Command[];
  /** Time that the engine spent on hot commands since they were last spread. */
  hotMs = 0;
  processed = 0;
  errorReplies = 0;
  /** Turns of the loop that had anything to do, and how long they took. */
  turnCount = 0;
  turnMs = 0;
  longestTurnMs = 0;
  /** Of that, what was done on a timer. */
  timerMs = 0;

  constructor(engine: Engine, commands: readonly Command[]) {
    this.#engine = engine;
    this.#hotCommands = commands.filter((command) => command.hot > 0);
  }

  use(command: Command): CommandUse {
    let use = this.#uses.get(command);
    if (!use) {
      use = { calls: 0, spentMs: 0, rejected: 0, failed: 0 };
      this.#uses.set(command, use);
    }
    return use;
  }

  /** A chunk of input was worked off. */
  countTurn(spentMs: number): void {
    this.turnCount++;
    this.turnMs += spentMs;
    if (spentMs > this.longestTurnMs) this.longestTurnMs = spentMs;
  }

  /** A timer has done its work. */
  countTimer(spentMs: number): void {
    this.countTurn(spentMs);
    this.timerMs += spentMs;
  }

  /** Counts an error reply by its first word. */
  countError(text: string): void {
    this.errorReplies++;
    const space = text.indexOf(" ");
    const prefix = space < 0 ? text : text.slice(0, space);
    const had = this.#errors.get(prefix);
    if (had === undefined && this.#errors.size >= ERROR_KINDS_MAX) return;
    this.#errors.set(prefix, (had ?? 0) + 1);
  }

  get errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  /** All commands used since the last reset. */
  get uses(): ReadonlyMap<Command, CommandUse> {
    this.collect();
    return this.#uses;
  }

  get commandsProcessed(): number {
    this.collect();
    return this.processed;
  }

  reset(): void {
    this.collect();
    this.#uses.clear();
    this.#errors.clear();
    this.processed = 0;
    this.errorReplies = 0;
    this.turnCount = 0;
    this.turnMs = 0;
    this.longestTurnMs = 0;
    this.timerMs = 0;
    this.#engine.calls.resetStatistics();
  }

  /** Takes the engine's own counts; its time is spread evenly over them. */
  collect(): void {
    const counts = this.#takeHot();
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return;
    this.#hotCommands.forEach((command, i) => {
      if (counts[i] === 0) return;
      const use = this.use(command);
      use.calls += counts[i];
      use.spentMs += this.hotMs * counts[i] / total;
    });
    this.processed += total;
    this.hotMs = 0;
  }

  /** Drops the engine's counts since they were last taken; how many it were. */
  discardHot(): number {
    return this.#takeHot().reduce((sum, count) => sum + count, 0);
  }

  #takeHot(): number[] {
    return this.#hotCommands.map((command) =>
      this.#engine.calls.takeHotCalls(command.hot)
    );
  }
}

/** So many kinds of errors are told apart; a script could invent more. */
const ERROR_KINDS_MAX = 128;
