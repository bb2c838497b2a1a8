/**
 * What commands and whoever does work may ask of and tell to the parts that
 * watch the server: the slow log, the latency monitor, those who MONITOR.
 */
import type { LatencyEvent } from "../protocol/latency_events.ts";
import type { Session } from "./call.ts";
import type { Command } from "./define/command.ts";

/** One command of the slow log. */
export interface SlowEntry {
  readonly id: number;
  /** When it was over. */
  readonly unixSeconds: number;
  readonly microseconds: number;
  /** Its words, those that are too many or too long cut off. */
  readonly words: readonly Uint8Array[];
  readonly address: string;
  readonly clientName: string;
}

export interface SlowLogFace {
  readonly length: number;
  /** The latest first, so many at most. */
  latest(count: number): readonly SlowEntry[];
  reset(): void;
}

/** The worst of one second. */
export interface LatencySample {
  readonly unixSeconds: number;
  readonly ms: number;
}

export interface LatencyFace {
  /**
   * Something took so long, in ms. Costs a comparison while nobody wants to
   * know, or when it was quick.
   */
  note(event: LatencyEvent, ms: number): void;
  /** The last sample of each event, and the worst ever. */
  latest(): readonly {
    readonly event: string;
    readonly last: LatencySample;
    readonly maxMs: number;
  }[];
  /** The samples that are kept, the oldest first. */
  history(event: string): readonly LatencySample[];
  /** A drawing of them; null when there are none. */
  graph(event: string): string | null;
  /** Forgets an event, or all; how many it were. */
  reset(event?: string): number;
  /** What happened, and what to do about it. */
  advice(): string;
}

/** How long a command took each time. */
export interface DurationFace {
  readonly count: number;
  /**
   * How many took no more than so many microseconds, in steps of two; steps to
   * which nothing was added are left out.
   */
  steps(): readonly (readonly [microseconds: number, count: number])[];
}

export interface DurationsFace {
  /** All commands that were executed since the last reset. */
  all(): Iterable<readonly [command: Command, durations: DurationFace]>;
  of(command: Command): DurationFace | null;
}

/** Those who see every command that is executed. */
export interface MonitorsFace {
  add(client: Session): void;
  remove(client: Session): void;
}

/** Whose command it is. */
export interface WatchedClient {
  readonly name: string;
  readonly address: string;
  readonly isUnix: boolean;
  /** Index of the database that the command was for. */
  readonly database: number;
}

/**
 * Whoever wants to know of single commands: the slow log, the latency monitor,
 * those who MONITOR. Words are asked for only when somebody wants them; what is
 * secret in them is hidden by then.
 */
export interface CommandWatch {
  /** A command that took less, in ms, need not be told of with `slow`. */
  readonly slowFromMs: number;
  /** Every command shall be executed and measured one by one. */
  readonly isWatchingEach: boolean;
  /** Every command shall be told of with `executed`. */
  readonly isMonitored: boolean;
  /** A command is over that took so long, and so long held up others. */
  slow(
    client: WatchedClient,
    command: Command,
    words: () => readonly Uint8Array[],
    spentMs: number,
    heldMs: number,
  ): void;
  /** Commands that the engine executed took so long, each in the mean. */
  slowBatch(eachMs: number): void;
  /** A command was begun; what is refused is not. */
  executed(
    client: WatchedClient,
    command: Command,
    words: () => readonly Uint8Array[],
  ): void;
}
