import {
  type Range,
  RANGE_BY_NAME,
  RANGE_BY_RANK,
  RANGE_BY_SCORE,
} from "../../keyspace/sorted_sets.ts";
import {
  limitByRank,
  scoresByName,
  syntaxError,
} from "../../protocol/errors.ts";
import type { Call } from "../call.ts";

/** What a command has decided already, and which options it does not have. */
export interface RangeRules {
  /** RANGE_BY_...; left out, the options BYSCORE and BYLEX decide. */
  by?: number;
  /** The direction; left out, the option REV decides. */
  reverse?: boolean;
  /** Whether the range is stored: then there is no WITHSCORES. */
  stores?: boolean;
}

/**
 * Reads the range that stands behind the key at an argument: two bounds and
 * then options. With a reversed range by score or name the higher bound comes
 * first. Bounds by score or name are read by the engine.
 */
export function rangeAt(call: Call, key: number, rules: RangeRules): Range {
  const range: Range = {
    by: rules.by ?? RANGE_BY_RANK,
    low: key + 1,
    high: key + 2,
    start: 0,
    stop: 0,
    reverse: rules.reverse ?? false,
    offset: 0,
    limit: -1,
    withScores: false,
  };
  readOptions(call, key + 3, rules, range);
  if (range.by === RANGE_BY_RANK && range.limit !== -1) throw limitByRank;
  if (range.by === RANGE_BY_NAME && range.withScores) throw scoresByName;
  if (range.by === RANGE_BY_RANK) {
    range.start = call.integer(key + 1);
    range.stop = call.integer(key + 2);
  } else if (range.reverse) {
    range.low = key + 2;
    range.high = key + 1;
  }
  return range;
}

function readOptions(
  call: Call,
  first: number,
  rules: RangeRules,
  range: Range,
): void {
  let isDecided = rules.by !== undefined;
  let mayTurn = rules.reverse === undefined;
  for (let at = first; at < call.argc; at++) {
    if (!rules.stores && call.is(at, "WITHSCORES")) range.withScores = true;
    else if (call.is(at, "LIMIT") && at + 2 < call.argc) {
      range.offset = call.integer(++at);
      range.limit = call.integer(++at);
    } else if (mayTurn && call.is(at, "REV")) {
      range.reverse = true;
      mayTurn = false;
    } else if (!isDecided && call.is(at, "BYLEX")) {
      range.by = RANGE_BY_NAME;
      isDecided = true;
    } else if (!isDecided && call.is(at, "BYSCORE")) {
      range.by = RANGE_BY_SCORE;
      isDecided = true;
    } else throw syntaxError;
  }
}

/** Replies with the range that stands behind the key. */
export function replyRange(call: Call, rules: RangeRules): void {
  call.db.sortedSets.range(1, rangeAt(call, 1, rules));
}
