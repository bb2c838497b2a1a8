/** Finds the keys in the words of one call, as COMMAND GETKEYS tells them. */
import type { Command } from "./command.ts";
import type { KeyFlag } from "./flags.ts";
import type { FindKeys, KeySpec } from "./key_specs.ts";

/** The words of a call, word 0 being the name. `Call` is one. */
export interface Words {
  readonly argc: number;
  /** A word as a string with one char per byte. */
  latin1(index: number): string;
  /** Whether a word equals an option name, ignoring case. */
  is(index: number, option: string): boolean;
}

/** The indexes of all words from one on. */
export function wordsFrom(first: number, argc: number): number[] {
  return Array.from({ length: Math.max(0, argc - first) }, (_, i) => first + i);
}

export interface FoundKey {
  readonly index: number;
  readonly flags: readonly KeyFlag[];
}

/** Whether any call of the command may name a key. */
export function hasKeys(command: Command): boolean {
  return command.keysFrom !== null ||
    command.keySpecs.some((spec) => !spec.flags.includes("not_key"));
}

/**
 * The keys of a call, none when the words make no sense. The specs decide
 * unless their flags depend on the words or they do not apply; then the
 * command's own `keysFrom` does, if it has one.
 */
export function keysOf(command: Command, words: Words): readonly FoundKey[] {
  const isPrecise = command.keySpecs.length > 0 &&
    !command.keySpecs.some((spec) => spec.flags.includes("variable_flags"));
  const found = isPrecise ? keysBySpecs(command.keySpecs, words) : null;
  return found ?? command.keysFrom?.(words) ?? [];
}

/** Null when a spec does not fit the words. */
function keysBySpecs(
  specs: readonly KeySpec[],
  words: Words,
): FoundKey[] | null {
  const found: FoundKey[] = [];
  for (const spec of specs) {
    if (spec.flags.includes("not_key")) continue;
    const begin = beginOf(spec, words);
    if (begin === ABSENT) continue;
    const span = begin === UNKNOWN ? null : spanOf(spec.findKeys, begin, words);
    if (span === null) return null;
    const { first, last, step } = span;
    if (first > last || last >= words.argc) return null;
    for (let index = first; index <= last; index += step) {
      found.push({ index, flags: spec.flags });
    }
    if (spec.flags.includes("incomplete")) return null;
  }
  return found;
}

const ABSENT = 0;
const UNKNOWN = -1;

/** The word at which a spec begins, ABSENT without its keyword. */
function beginOf({ beginSearch }: KeySpec, words: Words): number {
  if (beginSearch.type === "unknown") return UNKNOWN;
  if (beginSearch.type === "index") return beginSearch.index;
  const { keyword, startFrom } = beginSearch;
  const step = startFrom > 0 ? 1 : -1;
  let at = startFrom > 0 ? startFrom : words.argc + startFrom;
  // Neither the name nor the last word can be the keyword before a key.
  const end = startFrom > 0 ? words.argc - 1 : 1;
  for (; at >= 1 && at < words.argc && at !== end; at += step) {
    if (words.is(at, keyword)) return at + 1;
  }
  return ABSENT;
}

interface Span {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

function spanOf(findKeys: FindKeys, begin: number, words: Words): Span | null {
  if (findKeys.type === "unknown") return null;
  if (findKeys.type === "range") {
    const { lastKey, keyStep, limit } = findKeys;
    const last = lastKey >= 0
      ? begin + lastKey
      : limit === 0
      ? words.argc + lastKey
      : begin + Math.trunc((words.argc - begin) / limit) + lastKey;
    return { first: begin, last, step: keyStep };
  }
  const countIndex = begin + findKeys.keyNumIndex;
  const count = countIndex < words.argc
    ? keyCount(words.latin1(countIndex))
    : null;
  if (count === null) return null;
  const first = begin + findKeys.firstKey;
  const last = first + (count - 1) * findKeys.keyStep;
  return { first, last, step: findKeys.keyStep };
}

/** A count of keys in plain decimal digits; null for anything else. */
function keyCount(text: string): number | null {
  return /^(0|[1-9]\d{0,9})$/.test(text) ? Number(text) : null;
}
