/**
 * Key specs: where a command's keys stand among its arguments, in the terms of
 * COMMAND INFO. A spec says where to begin and which words from there are keys.
 *
 * They follow from the arguments in all but a few commands (`keySpecsFrom`).
 * The way Redis described keys before, one range of first, last and step, is
 * derived from the specs in turn (`legacyRange`).
 */
import type { Argument } from "./args.ts";
import { type KeyFlag, orderedKeyFlags } from "./flags.ts";

export type BeginSearch =
  | { readonly type: "index"; readonly index: number }
  | {
    readonly type: "keyword";
    readonly keyword: string;
    /** Where the search for the word begins; negative counts from the end. */
    readonly startFrom: number;
  }
  | { readonly type: "unknown" };

export type FindKeys =
  | {
    readonly type: "range";
    /** Relative to the first key; negative counts from the last argument. */
    readonly lastKey: number;
    readonly keyStep: number;
    /** Only this fraction of what remains are keys; 0 when all are. */
    readonly limit: number;
  }
  | {
    readonly type: "keynum";
    /** All relative to where the search begins. */
    readonly keyNumIndex: number;
    readonly firstKey: number;
    readonly keyStep: number;
  }
  | { readonly type: "unknown" };

export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly notes: string | null;
  readonly beginSearch: BeginSearch;
  readonly findKeys: FindKeys;
}

/** What a definition states when its specs cannot be derived. */
export interface DeclaredKeySpec {
  readonly flags: readonly KeyFlag[];
  readonly notes?: string;
  readonly beginSearch: BeginSearch;
  readonly findKeys: FindKeys;
}

/** A range of one key, or to the end with `lastKey: -1`. */
export function keyRange(lastKey = 0, keyStep = 1, limit = 0): FindKeys {
  return { type: "range", lastKey, keyStep, limit };
}

export function frozenKeySpec(spec: DeclaredKeySpec): KeySpec {
  return Object.freeze({
    flags: Object.freeze(orderedKeyFlags(spec.flags)),
    notes: spec.notes ?? null,
    beginSearch: Object.freeze({ ...spec.beginSearch }),
    findKeys: Object.freeze({ ...spec.findKeys }),
  });
}

/** How many words an argument takes at least, and whether never more. */
export interface WordCount {
  readonly least: number;
  readonly isFixed: boolean;
}

/** The words of a sequence of arguments. */
export function wordsOf(sequence: readonly Argument[]): WordCount {
  return sequence.map(wordsOfArgument).reduce(
    (sum, part) => ({
      least: sum.least + part.least,
      isFixed: sum.isFixed && part.isFixed,
    }),
    { least: 0, isFixed: true },
  );
}

function wordsOfArgument(argument: Argument): WordCount {
  const { isOptional, isMultiple } = argument.facts;
  if (isOptional) return { least: 0, isFixed: false };
  const once = wordsOnce(argument);
  return { least: once.least, isFixed: once.isFixed && !isMultiple };
}

/** The words of an argument that is there exactly once, with its token. */
function wordsOnce(argument: Argument): WordCount {
  const { type, parts } = argument.facts;
  const token = tokenWords(argument);
  if (type === "oneof") {
    const counts = parts.map(wordsOfArgument);
    const least = Math.min(...counts.map((count) => count.least));
    return {
      least: token + least,
      isFixed: counts.every((count) => count.isFixed && count.least === least),
    };
  }
  if (type === "block") {
    const { least, isFixed } = wordsOf(parts);
    return { least: token + least, isFixed };
  }
  return { least: token + 1, isFixed: true };
}

/** A pure token is its own word; any other token comes before. */
function tokenWords({ facts }: Argument): number {
  return facts.tokenText === null || facts.type === "pure-token" ? 0 : 1;
}

export interface LocatedKeys {
  /** The arguments again, keys numbered by the spec that finds them. */
  readonly args: readonly Argument[];
  readonly keySpecs: readonly KeySpec[];
}

/** Derives the key specs of arguments that begin at a position. */
export function keySpecsFrom(
  args: readonly Argument[],
  firstPosition: number,
): LocatedKeys {
  const finder = new KeyFinder();
  const numbered = finder.sequence(
    args,
    { index: firstPosition, least: firstPosition, keyword: null },
    [],
  );
  return { args: numbered, keySpecs: finder.specs };
}

/** Where a walk over the arguments stands. */
interface Place {
  /** The position when it is always the same, else null. */
  index: number | null;
  /** The smallest position possible. */
  least: number;
  /** The token just before, when only it can tell where a key is. */
  keyword: { word: string; startFrom: number } | null;
}

class KeyFinder {
  readonly specs: KeySpec[] = [];

  sequence(
    args: readonly Argument[],
    start: Place,
    after: readonly Argument[],
  ): Argument[] {
    let place = start;
    return args.map((argument, i) => {
      const following = [...args.slice(i + 1), ...after];
      const numbered = this.#argument(argument, place, args[i - 1], following);
      place = placeAfter(argument, place);
      return numbered;
    });
  }

  #argument(
    argument: Argument,
    place: Place,
    previous: Argument | undefined,
    following: readonly Argument[],
  ): Argument {
    const { type, parts } = argument.facts;
    const inside = placeInside(argument, place);
    if (type === "key") {
      return this.#key(argument, inside, previous, following);
    }
    if (type === "oneof") {
      return argument.withParts(
        parts.map((part) => this.#argument(part, inside, undefined, following)),
      );
    }
    if (type !== "block") return argument;
    if (argument.facts.isMultiple && parts[0]?.facts.type === "key") {
      // MSET's pairs: every so many words from here on begin with a key.
      const index = this.#add(parts[0], inside, {
        type: "range",
        lastKey: -1,
        keyStep: wordsOf(parts).least,
        limit: 0,
      });
      return argument.withParts([parts[0].keySpec(index), ...parts.slice(1)]);
    }
    return argument.withParts(this.sequence(parts, inside, following));
  }

  #key(
    key: Argument,
    place: Place,
    previous: Argument | undefined,
    following: readonly Argument[],
  ): Argument {
    if (key.facts.joinsKey) return key.keySpec(this.#joinLast());
    if (isKeyCount(previous) && place.index !== null) {
      const counted = { ...place, index: place.index - 1 };
      return key.keySpec(this.#add(key, counted, {
        type: "keynum",
        keyNumIndex: 0,
        firstKey: 1,
        keyStep: 1,
      }));
    }
    const findKeys = key.facts.isMultiple
      ? rangeBefore(key, following)
      : keyRange();
    return key.keySpec(this.#add(key, place, findKeys));
  }

  #add(key: Argument, place: Place, findKeys: FindKeys): number {
    const { name, keyFlags, keyNotes } = key.facts;
    if (keyFlags.length === 0) {
      throw new Error(`the key "${name}" does not say how it is used`);
    }
    this.specs.push(frozenKeySpec({
      flags: keyFlags,
      notes: keyNotes ?? undefined,
      beginSearch: beginAt(place, name),
      findKeys,
    }));
    return this.specs.length - 1;
  }

  /** Lets the newest spec, a range of adjacent keys, reach one key further. */
  #joinLast(): number {
    const last = this.specs.pop();
    if (last?.findKeys.type !== "range" || last.findKeys.lastKey < 0) {
      throw new Error("a joined key needs a single key before it");
    }
    const { findKeys } = last;
    this.specs.push(frozenKeySpec({
      flags: last.flags,
      notes: last.notes ?? undefined,
      beginSearch: last.beginSearch,
      findKeys: { ...findKeys, lastKey: findKeys.lastKey + 1 },
    }));
    return this.specs.length - 1;
  }
}

/** The place of an argument's own words, behind its token. */
function placeInside(argument: Argument, place: Place): Place {
  if (tokenWords(argument) === 0) return place;
  const isCertain = place.index !== null && !argument.facts.isOptional;
  return {
    index: isCertain ? place.index! + 1 : null,
    least: place.least + 1,
    keyword: isCertain
      ? null
      : { word: argument.facts.tokenText!, startFrom: place.least },
  };
}

function placeAfter(argument: Argument, place: Place): Place {
  const { least, isFixed } = wordsOfArgument(argument);
  return {
    index: place.index === null || !isFixed ? null : place.index + least,
    least: place.least + least,
    keyword: null,
  };
}

function isKeyCount(argument: Argument | undefined): boolean {
  return argument?.facts.type === "integer" &&
    argument.facts.name === "numkeys";
}

function beginAt(place: Place, name: string): BeginSearch {
  if (place.keyword) {
    const { word, startFrom } = place.keyword;
    return { type: "keyword", keyword: word, startFrom };
  }
  if (place.index === null) {
    throw new Error(`the place of the key "${name}" cannot be derived`);
  }
  return { type: "index", index: place.index };
}

/** Repeated keys run up to the arguments that follow them. */
function rangeBefore(key: Argument, following: readonly Argument[]): FindKeys {
  const rest = wordsOf(following);
  if (rest.isFixed) return keyRange(-1 - rest.least);
  if (following.length === 1 && following[0].facts.isMultiple) {
    // XREAD's streams and ids: of all that remains, the first half are keys.
    return keyRange(-1, 1, 2);
  }
  throw new Error(`where the keys "${key.facts.name}" end cannot be derived`);
}

/** First, last and step of the keys, as Redis told before key specs. */
export interface LegacyRange {
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  /** Whether the range leaves out keys that the specs may find. */
  readonly isPartial: boolean;
}

/**
 * The one range that covers most of the keys. A single range is taken as it
 * is; of several, those that follow each other without a gap are merged.
 */
export function legacyRange(specs: readonly KeySpec[]): LegacyRange {
  let firstKey = 0;
  let lastKey = 0;
  let isPartial = false;
  for (const { flags, beginSearch, findKeys } of specs) {
    if (beginSearch.type !== "index" || findKeys.type !== "range") {
      isPartial = true;
      continue;
    }
    const { index } = beginSearch;
    const end = findKeys.lastKey + (findKeys.lastKey >= 0 ? index : 0);
    if (specs.length === 1) {
      return {
        firstKey: index,
        lastKey: end,
        keyStep: findKeys.keyStep,
        isPartial: flags.includes("incomplete"),
      };
    }
    if (findKeys.keyStep !== 1 || (lastKey !== 0 && lastKey !== index - 1)) {
      isPartial = true;
      continue;
    }
    isPartial ||= flags.includes("incomplete");
    firstKey ||= index;
    lastKey = end;
  }
  return { firstKey, lastKey, keyStep: firstKey === 0 ? 0 : 1, isPartial };
}
