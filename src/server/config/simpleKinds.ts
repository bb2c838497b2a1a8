/** The kinds whose value is one word: yes or no, a number, a string, a choice. */
import { Refusal } from "./errors.ts";
import { type Kind, rewrittenUnlessInitial, settingOf } from "./kind.ts";
import {
  formatMemory,
  parseInteger,
  parseMemory,
  parseOctal,
} from "./numbers.ts";
import { asciiLowerCase, quoted } from "../../protocol/text.ts";

/** Inclusive limits. */
export interface Range {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** Says why a value is not acceptable, or undefined where it is. */
export type Check<T> = (value: T) => string | undefined;

export function booleanKind(): Kind<boolean> {
  const kind: Kind<boolean> = {
    takesSeveral: false,
    read([word]) {
      const wanted = asciiLowerCase(word);
      if (wanted !== "yes" && wanted !== "no") {
        return new Refusal("argument must be 'yes' or 'no'");
      }
      return settingOf(kind, wanted === "yes");
    },
    show: (value) => value ? "yes" : "no",
    rewrite: rewriteAsShown,
  };
  return kind;
}

/** Clamp: values inside the range but outside of the clamp are pulled in. */
export function integerKind(range: Range, clamp?: Range): Kind<number> {
  return {
    takesSeveral: false,
    read([word]) {
      let value = parseInteger(word);
      if (value === undefined) {
        return new Refusal("argument couldn't be parsed into an integer");
      }
      if (isOutside(value, range)) return outOfRange(range, 10);
      if (clamp !== undefined) value = clamped(value, clamp);
      return Object.freeze({ value: Number(value), text: `${value}` });
    },
    show: String,
    rewrite: rewriteAsShown,
  };
}

/** A file mode: read, shown and written in octal. */
export function octalKind(range: Range): Kind<number> {
  const kind: Kind<number> = {
    takesSeveral: false,
    read([word]) {
      const value = parseOctal(word);
      if (value === undefined) {
        return new Refusal("argument couldn't be parsed as an octal number");
      }
      if (isOutside(value, range)) return outOfRange(range, 8);
      return settingOf(kind, Number(value));
    },
    show: (value) => value.toString(8),
    rewrite: rewriteAsShown,
  };
  return kind;
}

/** An amount in bytes, with or without a unit. Clamp as for integers. */
export function memoryKind(range: Range, clamp?: Range): Kind<number> {
  return {
    takesSeveral: false,
    read([word]) {
      let bytes = parseMemory(word);
      if (bytes === undefined) {
        return new Refusal("argument must be a memory value");
      }
      if (isOutside(bytes, range)) return outOfRange(range, 10);
      if (clamp !== undefined) bytes = clamped(bytes, clamp);
      return Object.freeze({ value: Number(bytes), text: `${bytes}` });
    },
    show: String,
    rewrite(name, setting, initial) {
      const line = `${name} ${formatMemory(BigInt(setting.text))}`;
      return rewrittenUnlessInitial(line, setting, initial);
    },
  };
}

export interface MemoryShare {
  readonly unit: "bytes" | "percent";
  readonly amount: number;
}

/** An amount in bytes, or a share of maxmemory such as `5%`. */
export function memoryOrPercentKind(): Kind<MemoryShare> {
  return {
    takesSeveral: false,
    read([word]) {
      const share = parseShare(word);
      if (share === undefined) {
        return new Refusal("argument must be a memory or percent value");
      }
      // Shares are the negative numbers, so that an amount which wraps past
      // 2^63 bytes is taken for one, as Redis takes it.
      if (share < -100n) {
        return new Refusal("percentage argument must be less or equal to 100");
      }
      const value: MemoryShare = share < 0n
        ? { unit: "percent", amount: Number(-share) }
        : { unit: "bytes", amount: Number(share) };
      const text = share < 0n ? `${-share}%` : `${share}`;
      return Object.freeze({ value: Object.freeze(value), text });
    },
    show: (value) =>
      value.unit === "percent" ? `${value.amount}%` : `${value.amount}`,
    rewrite(name, setting, initial) {
      const amount = setting.value.unit === "percent"
        ? setting.text
        : formatMemory(BigInt(setting.text));
      return rewrittenUnlessInitial(`${name} ${amount}`, setting, initial);
    },
  };
}

/** A string that stands in the file, quoted, even where it is empty. */
export function textKind(check?: Check<string>): Kind<string> {
  return stringKind(check, false);
}

/** A string whose absence is the empty string: then the file has no line. */
export function optionalTextKind(check?: Check<string>): Kind<string> {
  return stringKind(check, true);
}

function stringKind(
  check: Check<string> | undefined,
  isAbsentWhenEmpty: boolean,
): Kind<string> {
  const kind: Kind<string> = {
    takesSeveral: false,
    read([word]) {
      const objection = check?.(word);
      if (objection !== undefined) return new Refusal(objection);
      return settingOf(kind, word);
    },
    show: (value) => value,
    rewrite(name, setting, initial) {
      if (isAbsentWhenEmpty && setting.value === "") return [];
      const line = `${name} ${quoted(setting.value)}`;
      return rewrittenUnlessInitial(line, setting, initial);
    },
  };
  return kind;
}

/** Synonyms are choices too, and come out as what they stand for. */
export function choiceKind<C extends string>(
  choices: readonly C[],
  synonyms: { readonly [choice: string]: C } = {},
): Kind<C> {
  const kind: Kind<C> = {
    takesSeveral: false,
    read(args) {
      const choice = choices.find((name) => name === asciiLowerCase(args[0]));
      if (choice === undefined) return notAChoice(choices);
      return settingOf(kind, synonyms[choice] ?? choice);
    },
    show: (value) => value,
    rewrite: rewriteAsShown,
  };
  return kind;
}

/** Any number of choices together; none of them is called `default`. */
export function flagsKind<C extends string>(
  flags: readonly C[],
  check: Check<readonly C[]>,
): Kind<readonly C[]> {
  const names = ["default", ...flags];
  const kind: Kind<readonly C[]> = {
    takesSeveral: true,
    read(args) {
      const wanted = args.map(asciiLowerCase);
      const areKnown = wanted.every((name) => names.includes(name));
      if (wanted.length === 0 || !areKnown) return notAChoice(names);
      const value = flags.filter((flag) => wanted.includes(flag));
      const objection = check(value);
      if (objection !== undefined) return new Refusal(objection);
      return settingOf(kind, Object.freeze(value));
    },
    show: (value) => value.length === 0 ? "default" : value.join(" "),
    rewrite: rewriteAsShown,
  };
  return kind;
}

function rewriteAsShown<T>(
  ...[name, setting, initial]: Parameters<Kind<T>["rewrite"]>
): ReturnType<Kind<T>["rewrite"]> {
  return rewrittenUnlessInitial(`${name} ${setting.text}`, setting, initial);
}

function notAChoice(choices: readonly string[]): Refusal {
  const list = choices.join(", ");
  return new Refusal(`argument(s) must be one of the following: ${list}`);
}

/** Negative means a share in percent, as the range of the directive does. */
function parseShare(word: string): bigint | undefined {
  const bytes = parseMemory(word);
  if (bytes !== undefined) return BigInt.asIntN(64, bytes);
  if (!word.endsWith("%")) return undefined;
  const percent = parseInteger(word.slice(0, -1));
  return percent !== undefined && percent >= 0n ? -percent : undefined;
}

function isOutside(value: bigint, range: Range): boolean {
  return value < range.min || value > range.max;
}

function clamped(value: bigint, range: Range): bigint {
  if (value < range.min) return BigInt(range.min);
  return value > range.max ? BigInt(range.max) : value;
}

function outOfRange(range: Range, radix: number): Refusal {
  const min = range.min.toString(radix);
  const max = range.max.toString(radix);
  return new Refusal(`argument must be between ${min} and ${max} inclusive`);
}
