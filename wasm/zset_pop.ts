// Sorted sets: taking members from either end.

import { dropKey, typedCode, writeTyped } from "./lookup";
import { MISSING, POP_BARE, POP_FLAT, POP_PAIRS } from "./codes";
import { TYPE_ZSET } from "./entry";
import { replyArray, replyDouble } from "./reply";
import { addChanges } from "./statistics";
import {
  replyMember,
  zsetBack,
  zsetCount,
  zsetCut,
  zsetFetch,
  zsetForward,
  zsetScore,
  zsetSeek,
} from "./zset_value";

/**
 * Takes up to `count` members (0 for none) from the front, or with `fromEnd`
 * from the end, and replies with them and their scores. Returns how many,
 * MISSING without a reply, or a code.
 */
export function zsetPop(
  db: u32,
  key: u32,
  count: f64,
  fromEnd: i32,
  form: u32,
): f64 {
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode;
  const length = zsetCount(entry);
  const popped = u32(min<f64>(count, f64(length)));
  if (form != POP_BARE) {
    replyArray(form == POP_PAIRS ? popped : popped * 2);
  }
  if (!popped) return 0;
  replyPopped(entry, popped, fromEnd != 0, form == POP_PAIRS);
  if (popped == length) dropKey(db, entry);
  else zsetCut(entry, fromEnd ? length - popped : 0, popped);
  addChanges(popped);
  return popped;
}

/** Members that are looked at ahead. */
const FETCH_COUNT: u32 = 16;

function replyPopped(
  entry: u32,
  count: u32,
  fromEnd: bool,
  inPairs: bool,
): void {
  zsetSeek(entry, fromEnd ? zsetCount(entry) - 1 : 0);
  for (let i: u32 = 0; i < count; i++) {
    if (i) {
      if (fromEnd) zsetBack();
      else zsetForward();
    }
    if (i % FETCH_COUNT == 0) zsetFetch(min(FETCH_COUNT, count - i), fromEnd);
    if (inPairs) replyArray(2);
    replyMember();
    replyDouble(zsetScore());
  }
}

/** How many members a key has for a pop, MISSING or a code. */
export function zsetPoppable(db: u32, key: u32): f64 {
  const entry = writeTyped(db, key, TYPE_ZSET);
  return entry ? f64(zsetCount(entry)) : f64(typedCode);
}

/**
 * `ZPOPMIN key` or `ZPOPMAX key` whole, for the batch loop: replies and returns
 * how many members were taken, 0 or 1, or a code.
 */
export function popOne(db: u32, key: u32, fromEnd: i32): i32 {
  const popped = i32(zsetPop(db, key, 1, fromEnd, POP_FLAT));
  if (popped != MISSING) return popped;
  replyArray(0);
  return 0;
}
