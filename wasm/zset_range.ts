// Ranges of sorted sets. Whatever a range goes by, it is turned into ranks
// first: two descents give its first rank and its length, so that LIMIT skips
// without walking and a reply knows its length before its first element.
//
//   by rank    two integers, negative ones from the end
//   by score   two arguments, "(" in front means without the score itself
//   by name    two arguments, "[" or "(" and a name, or "-" or "+"
//
// `rangeBy...` set `rangeFirst` and `rangeCount`, the ranks in ascending order;
// `rangeLimit` cuts them as LIMIT does.

import { argLen, argPtr } from "./arguments";
import {
  MISSING,
  RANGE_BY_NAME,
  RANGE_BY_SCORE,
  RANGE_NOT_A_FLOAT,
  RANGE_NOT_A_STRING,
} from "./codes";
import { dropKey, readTyped, typedCode, writeTyped } from "./lookup";
import { parsedDouble, parseDouble } from "./double";
import { TYPE_ZSET } from "./entry";
import { isResp3, replyArray, replyDouble } from "./reply";
import { addChanges } from "./statistics";
import {
  replyMember,
  zsetBack,
  zsetCount,
  zsetCut,
  zsetFetch,
  zsetForward,
  zsetRankOfName,
  zsetRankOfScore,
  zsetScore,
  zsetSeek,
} from "./zset_value";

/** The ranks of the last range. */
export let rangeFirst: u32 = 0;
export let rangeCount: u32 = 0;

// The bounds that were read from two arguments: scores, or arguments of names.

let lowScore: f64 = 0;
let highScore: f64 = 0;
let lowExcluded: bool = false;
let highExcluded: bool = false;
let lowName: u32 = 0;
let highName: u32 = 0;

/** Reads bounds by score; 0 or RANGE_NOT_A_FLOAT. */
function readScores(low: u32, high: u32): i32 {
  lowExcluded = isExcluded(low);
  if (!readScore(low, lowExcluded)) return RANGE_NOT_A_FLOAT;
  lowScore = parsedDouble;
  highExcluded = isExcluded(high);
  if (!readScore(high, highExcluded)) return RANGE_NOT_A_FLOAT;
  highScore = parsedDouble;
  return 0;
}

// @ts-ignore: decorator
@inline
function firstByte(argument: u32): u32 {
  return argLen(argument) ? load<u8>(argPtr(argument)) : 0;
}

/** Whether it begins with "(". */
// @ts-ignore: decorator
@inline
function isExcluded(argument: u32): bool {
  return firstByte(argument) == 0x28;
}

/** As C reads a number: spaces may come first, and nothing at all is 0. */
function readScore(argument: u32, excluded: bool): bool {
  let at = argPtr(argument) + u32(excluded);
  const end = argPtr(argument) + argLen(argument);
  if (at == end) return parseDouble(ZERO_TEXT, 1) != 0;
  while (at != end && isSpace(load<u8>(at))) at++;
  return parseDouble(at, end - at) != 0;
}

// @ts-ignore: decorator
@inline
function isSpace(byte: u32): bool {
  return byte == 0x20 || byte - 9 < 5;
}

const ZERO_TEXT: u32 = u32(memory.data<u8>([0x30]));

/** Reads bounds by name; 0 or RANGE_NOT_A_STRING. */
function readNames(low: u32, high: u32): i32 {
  if (!isName(low) || !isName(high)) return RANGE_NOT_A_STRING;
  lowName = low;
  highName = high;
  return 0;
}

/** "-" and "+" alone, or "[" or "(" and anything. */
function isName(argument: u32): bool {
  const first = firstByte(argument);
  if (first == 0x2b || first == 0x2d) return argLen(argument) == 1;
  return first == 0x5b || first == 0x28;
}

/**
 * Reads two bounds that are arguments: 0 or a code. They hold until the next
 * call; bounds by rank are numbers and need no reading.
 */
export function rangeRead(by: u32, low: u32, high: u32): i32 {
  if (by == RANGE_BY_SCORE) return readScores(low, high);
  return by == RANGE_BY_NAME ? readNames(low, high) : 0;
}

/** Sets the range to the ranks from `start` to `stop`, both included. */
export function rangeByRank(
  entry: u32,
  start: f64,
  stop: f64,
  reverse: bool,
): void {
  const count = f64(zsetCount(entry));
  if (start < 0) start += count;
  if (stop < 0) stop += count;
  start = max<f64>(start, 0);
  stop = min<f64>(stop, count - 1);
  if (start > stop) {
    setRange(0, 0);
    return;
  }
  const first = reverse ? count - 1 - stop : start;
  setRange(u32(first), u32(first + (stop - start) + 1));
}

/** Sets the range to what lies between the bounds that were read. */
export function rangeByBounds(entry: u32, by: u32): void {
  if (by == RANGE_BY_SCORE) {
    const first = zsetRankOfScore(entry, lowScore, lowExcluded);
    setRange(first, zsetRankOfScore(entry, highScore, !highExcluded));
  } else {
    const first = rankOfBound(entry, lowName, 0x28);
    setRange(first, rankOfBound(entry, highName, 0x5b));
  }
}

/** The rank of a bound by name; behind equal ones if it begins with `behind`. */
function rankOfBound(entry: u32, bound: u32, behind: u32): u32 {
  const first = firstByte(bound);
  if (first == 0x2d) return 0;
  if (first == 0x2b) return zsetCount(entry);
  const name = argPtr(bound) + 1;
  return zsetRankOfName(entry, name, argLen(bound) - 1, first == behind);
}

function setRange(first: u32, end: u32): void {
  rangeFirst = first;
  rangeCount = end > first ? end - first : 0;
}

/** Cuts the range: skips `offset` from its start and keeps up to `limit`. */
export function rangeLimit(offset: f64, limit: f64, reverse: bool): void {
  if (offset < 0 || offset >= f64(rangeCount)) {
    rangeCount = 0;
    return;
  }
  const left = rangeCount - u32(offset);
  const kept = limit < 0 ? left : u32(min<f64>(f64(left), limit));
  rangeFirst += reverse ? left - kept : u32(offset);
  rangeCount = kept;
}

/** Members that are looked at ahead. */
const FETCH_COUNT: u32 = 16;

/** Replies with the range, with scores in pairs as the protocol has them. */
function replyRange(entry: u32, reverse: bool, withScores: bool): void {
  const inPairs = withScores && isResp3();
  replyArray(withScores && !inPairs ? rangeCount * 2 : rangeCount);
  if (!rangeCount) return;
  zsetSeek(entry, reverse ? rangeFirst + rangeCount - 1 : rangeFirst);
  for (let i: u32 = 0; i < rangeCount; i++) {
    if (i) {
      if (reverse) zsetBack();
      else zsetForward();
    }
    if (i % FETCH_COUNT == 0) {
      zsetFetch(min(FETCH_COUNT, rangeCount - i), reverse);
    }
    if (inPairs) replyArray(2);
    replyMember();
    if (withScores) replyDouble(zsetScore());
  }
}

/**
 * ZRANGE and its kin, by rank: replies with the range, or an empty one when the
 * key is missing; 0 or a code.
 */
export function zsetRangeByRank(
  db: u32,
  key: u32,
  start: f64,
  stop: f64,
  reverse: i32,
  withScores: i32,
): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry) return replyNone();
  rangeByRank(entry, start, stop, reverse != 0);
  replyRange(entry, reverse != 0, withScores != 0);
  return 0;
}

/** The same by score or name; arguments `low` and `high` are the bounds. */
export function zsetRangeByBounds(
  db: u32,
  key: u32,
  by: u32,
  low: u32,
  high: u32,
  offset: f64,
  limit: f64,
  reverse: i32,
  withScores: i32,
): i32 {
  const code = rangeRead(by, low, high);
  if (code != 0) return code;
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry) return replyNone();
  rangeByBounds(entry, by);
  rangeLimit(offset, limit, reverse != 0);
  replyRange(entry, reverse != 0, withScores != 0);
  return 0;
}

function replyNone(): i32 {
  if (typedCode != MISSING) return typedCode;
  replyArray(0);
  return 0;
}

/** ZCOUNT, ZLEXCOUNT: how many lie between two bounds, or a code. */
export function zsetCountBetween(
  db: u32,
  key: u32,
  by: u32,
  low: u32,
  high: u32,
): f64 {
  const code = rangeRead(by, low, high);
  if (code != 0) return code;
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  rangeByBounds(entry, by);
  return rangeCount;
}

/** ZREMRANGEBYRANK: how many were removed, or a code. */
export function zsetRemoveRanks(
  db: u32,
  key: u32,
  start: f64,
  stop: f64,
): f64 {
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  rangeByRank(entry, start, stop, false);
  return removeRange(db, entry);
}

/** ZREMRANGEBYSCORE, ZREMRANGEBYLEX: how many were removed, or a code. */
export function zsetRemoveBetween(
  db: u32,
  key: u32,
  by: u32,
  low: u32,
  high: u32,
): f64 {
  const code = rangeRead(by, low, high);
  if (code != 0) return code;
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  rangeByBounds(entry, by);
  return removeRange(db, entry);
}

/** A key that would be empty goes as a whole, and its members by and by. */
function removeRange(db: u32, entry: u32): f64 {
  const count = rangeCount;
  if (!count) return 0;
  if (count == zsetCount(entry)) dropKey(db, entry);
  else zsetCut(entry, rangeFirst, count);
  addChanges(count);
  return count;
}
