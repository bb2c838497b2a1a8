/** One row of the directive table, and the words in which rows are written. */
import { type Kind, type Setting, settingOf } from "./kind.ts";
import {
  booleanKind,
  type Check,
  choiceKind,
  flagsKind,
  integerKind,
  memoryKind,
  octalKind,
  optionalTextKind,
  type Range,
  textKind,
} from "./simpleKinds.ts";

/** What a directive is besides its kind and default. Absent means no. */
export interface Traits {
  /** A second name, from before Redis renamed the directive. */
  readonly alias?: string;
  /** Settable at the start only. */
  readonly immutable?: true;
  /** CONFIG SET needs enable-protected-configs. */
  readonly protected?: true;
  /** CONFIG SET is refused while the data set is loaded. */
  readonly deniedWhileLoading?: true;
  /** CONFIG GET finds it by its exact name only. */
  readonly hidden?: true;
  /** It names something that may change behind it, so setting it to the same
   * value is a change too: new certificates in the same file. */
  readonly appliesUnchanged?: true;
  /** Why it is accepted but cannot do anything here. */
  readonly noEffect?: string;
}

export interface Directive<T> extends Traits {
  readonly kind: Kind<T>;
  /** The setting before any file or command. */
  readonly initial: Setting<T>;
}

export function directive<T>(
  kind: Kind<T>,
  initial: T,
  traits: Traits = {},
): Directive<T> {
  return Object.freeze({
    ...traits,
    kind,
    initial: settingOf(kind, initial),
  });
}

export function boolean(
  initial: boolean,
  traits?: Traits,
): Directive<boolean> {
  return directive(booleanKind(), initial, traits);
}

export function integer(
  initial: number,
  min: Range["min"],
  max: Range["max"],
  traits?: Traits,
): Directive<number> {
  return directive(integerKind({ min, max }), initial, traits);
}

export function octal(
  initial: number,
  min: number,
  max: number,
  traits?: Traits,
): Directive<number> {
  return directive(octalKind({ min, max }), initial, traits);
}

export function memory(
  initialBytes: number,
  min: Range["min"],
  max: Range["max"],
  traits?: Traits,
): Directive<number> {
  return directive(memoryKind({ min, max }), initialBytes, traits);
}

export function text(
  initial: string,
  traits?: Traits,
  check?: Check<string>,
): Directive<string> {
  return directive(textKind(check), initial, traits);
}

/** A string that is empty until it is set. */
export function optionalText(
  traits?: Traits,
  check?: Check<string>,
): Directive<string> {
  return directive(optionalTextKind(check), "", traits);
}

export function choice<const C extends string>(
  choices: readonly C[],
  initial: NoInfer<C>,
  traits?: Traits,
): Directive<C> {
  return directive(choiceKind(choices), initial, traits);
}

export function flags<const C extends string>(
  names: readonly C[],
  check: Check<readonly C[]>,
): Directive<readonly C[]> {
  return directive(flagsKind(names, check), Object.freeze([]));
}
