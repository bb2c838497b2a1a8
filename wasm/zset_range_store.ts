// ZRANGESTORE: a range of a sorted set as a sorted set of its own.

import { MISSING, RANGE_BY_RANK } from "./codes";
import { readTyped, typedCode } from "./lookup";
import { TYPE_ZSET } from "./entry";
import { countChange } from "./statistics";
import {
  rangeByBounds,
  rangeByRank,
  rangeCount,
  rangeFirst,
  rangeLimit,
  rangeRead,
} from "./zset_range";
import {
  addToResult,
  beginResult,
  dropResult,
  sortResult,
  storeResult,
} from "./zset_result";
import {
  memberBytes,
  memberPtr,
  zsetFetch,
  zsetForward,
  zsetScore,
  zsetSeek,
  zsetView,
} from "./zset_value";

/** Members that are looked at ahead. */
const FETCH_COUNT: u32 = 16;

/**
 * Stores a range, described as for zset_range.ts, in the place of whatever the
 * key of an argument holds, and returns how many members it has, or a code.
 * A range without members changes nothing: the caller removes the key.
 */
export function zsetStoreRange(
  db: u32,
  to: u32,
  key: u32,
  by: u32,
  start: f64,
  stop: f64,
  low: u32,
  high: u32,
  offset: f64,
  limit: f64,
  reverse: i32,
): f64 {
  let code = rangeRead(by, low, high);
  if (code != 0) return code;
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  if (by == RANGE_BY_RANK) rangeByRank(entry, start, stop, reverse != 0);
  else {
    rangeByBounds(entry, by);
    rangeLimit(offset, limit, reverse != 0);
  }
  const count = rangeCount;
  if (!count) return 0;
  // Redis makes a listpack only when it knows the length before it starts.
  code = copyRange(entry);
  if (code == 0) code = storeResult(db, to, by == RANGE_BY_RANK);
  if (code == 0) countChange();
  dropResult();
  return code == 0 ? f64(count) : f64(code);
}

function copyRange(entry: u32): i32 {
  let code = beginResult(true);
  zsetSeek(entry, rangeFirst);
  for (let i: u32 = 0; i < rangeCount && code == 0; i++) {
    if (i) zsetForward();
    if (i % FETCH_COUNT == 0) {
      zsetFetch(min(FETCH_COUNT, rangeCount - i), false);
    }
    zsetView();
    code = addToResult(zsetScore(), memberPtr, memberBytes);
  }
  return code == 0 ? sortResult() : code;
}
