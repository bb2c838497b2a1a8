import type { CommandWatch } from "../commands/observation.ts";
import type { Command } from "../commands/define/command.ts";
import type { Words } from "../commands/define/keys.ts";
import { latin1Of } from "../protocol/text.ts";
import type { Clock } from "./clock.ts";
import type { ClientSession } from "./session.ts";
import type { Statistics } from "./statistics.ts";

/** The words of a call: those of the current one, or those that were kept. */
export interface SentWords extends Words {
  bytes(index: number): Uint8Array;
}

/** A command that has begun and has not replied. */
export interface Unfinished {
  readonly command: Command;
  /** As it was sent. */
  words(): readonly Uint8Array[];
  /** How long it has taken so far, in ms. */
  spentMs: number;
}

const HIDDEN = new TextEncoder().encode("(redacted)");

/**
 * What is kept of each command that was executed or refused: counts, how long
 * it took, and what the slow log and others want to know.
 */
export class Accounts {
  readonly #statistics: Statistics;
  readonly #clock: Clock;
  readonly #watch: CommandWatch;

  constructor(statistics: Statistics, clock: Clock, watch: CommandWatch) {
    this.#statistics = statistics;
    this.#clock = clock;
    this.#watch = watch;
  }

  /** Whether the engine may execute commands without anybody seeing each. */
  get mayRunHot(): boolean {
    return !this.#watch.isWatchingEach;
  }

  /** The engine has executed commands by itself since the clock's last lap. */
  batch(): number {
    const ms = this.#clock.lap();
    const eachMs = this.#statistics.shareOut(ms);
    if (eachMs >= this.#watch.slowFromMs) this.#watch.slowBatch(eachMs);
    return ms;
  }

  /** A command has begun, and its handler is done. */
  executed(session: ClientSession, command: Command, words: SentWords): void {
    if (!this.#watch.isMonitored) return;
    this.#watch.executed(session, command, () => shownWords(command, words));
  }

  /** A command is over; `failed` is its error. */
  over(
    session: ClientSession,
    command: Command,
    words: SentWords,
    failed: string | null,
    spentMs: number,
  ): void {
    this.#over(session, command, () => words, failed, spentMs, spentMs);
  }

  /**
   * For `heldMs` it has held up others: in the time between, if it was put off,
   * they could go on.
   */
  #over(
    session: ClientSession,
    command: Command,
    words: () => SentWords,
    failed: string | null,
    spentMs: number,
    heldMs: number,
  ): void {
    const use = this.#statistics.countCalls(command, 1, spentMs);
    if (failed !== null) {
      use.failed++;
      this.#statistics.countError(failed);
    }
    if (spentMs < this.#watch.slowFromMs) return;
    const shown = () => shownWords(command, words());
    this.#watch.slow(session, command, shown, spentMs, heldMs);
  }

  /** The same for one that has begun before, and just took so long. */
  completed(
    session: ClientSession,
    work: Unfinished,
    failed: string | null,
    heldMs: number,
  ): void {
    const { command, spentMs } = work;
    const words = () => keptWords(work.words());
    this.#over(session, command, words, failed, spentMs, heldMs);
  }

  /** A command of a transaction was refused when its turn came. */
  denied(error: string): void {
    this.#statistics.countError(error);
  }

  /** A command was refused before it began. */
  refused(command: Command, error: string): void {
    this.#statistics.use(command).rejected++;
    this.#statistics.countError(error);
  }
}

/** Words that were kept, to be asked as those of a call are. */
export function keptWords(words: readonly Uint8Array[]): SentWords {
  const latin1 = (index: number) => latin1Of(words[index]);
  return {
    argc: words.length,
    bytes: (index) => words[index],
    latin1,
    is: (index, option) =>
      words[index].length === option.length &&
      latin1(index).toUpperCase() === option,
  };
}

/** The words as others may see them. */
function shownWords(command: Command, words: SentWords): Uint8Array[] {
  const secrets = new Set(command.secrets?.(words) ?? []);
  return Array.from(
    { length: words.argc },
    (_, index) => secrets.has(index) ? HIDDEN : words.bytes(index),
  );
}
