/** What every kind of directive has to say for itself. */
import type { Refusal } from "./errors.ts";

/** One directive's present value. Never changed, only replaced by another. */
export interface Setting<T> {
  readonly value: T;
  /** What CONFIG GET answers. */
  readonly text: string;
}

/** What stands before arguments are read, for the kinds that add to it. */
export interface Earlier<T> {
  readonly setting: Setting<T>;
  /** Whether a line before this one, of the same start, named it already. */
  readonly isRepeated: boolean;
}

/** One line that CONFIG REWRITE puts into the file. */
export interface RewrittenLine {
  readonly text: string;
  /** Whether it is written even if the file has no line to replace. */
  readonly isForced: boolean;
}

export interface Kind<T> {
  /** Whether it takes any number of arguments, not exactly one. */
  readonly takesSeveral: boolean;
  read(args: readonly string[], earlier: Earlier<T>): Setting<T> | Refusal;
  /** What CONFIG GET answers for a value. */
  show(value: T): string;
  /** The lines for this setting; none removes it from the file. */
  rewrite(
    name: string,
    setting: Setting<T>,
    initial: Setting<T>,
  ): readonly RewrittenLine[];
}

export function settingOf<T>(kind: Kind<T>, value: T): Setting<T> {
  return Object.freeze({ value, text: kind.show(value) });
}

/** The usual rewriting: one line, forced where the value is not the default. */
export function rewrittenUnlessInitial<T>(
  line: string,
  setting: Setting<T>,
  initial: Setting<T>,
): readonly RewrittenLine[] {
  return [{ text: line, isForced: setting.text !== initial.text }];
}
