// Walking through the keys of a database, and random ones.

import { argLen, argPtr } from "./arguments";
import { entryType, keyBytes, keyPtr } from "./entry";
import { globMatch } from "./glob";
import { lookup } from "./lookup";
import { expireDue, isGone, removesDue } from "./overdue";
import { replyBulk } from "./reply";
import { touchEntries } from "./table_ahead";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
  tableEntryCount,
} from "./table_chains";
import { scanChain, scanNext, scanSplitChain, tableRandom } from "./table_scan";

/** RANDOMKEY: replies with a live key and returns 1, or 0 when none is left. */
export function randomKey(db: u32): i32 {
  let hiddenCount: u32 = 0;
  while (tableEntryCount(db) && hiddenCount < HIDDEN_MAX) {
    const entry = tableRandom(db);
    if (!isGone(entry)) {
      replyBulk(keyPtr(entry), keyBytes(entry));
      return 1;
    }
    const count = tableEntryCount(db);
    if (removesDue()) lookup(db, keyPtr(entry), keyBytes(entry));
    if (tableEntryCount(db) == count) hiddenCount++;
  }
  return 0;
}

/** Where due keys are only hidden, drawing could go on for ever. */
const HIDDEN_MAX: u32 = 1000;

// Walking: replies with the keys that fit and leaves what comes next to the
// caller. `typeFilter` is a type's number or -1; argument `pattern` 0 means
// any key.

let visitedCount: u32 = 0;
let emittedCount: u32 = 0;
function emitChain(
  chain: u32,
  pattern: u32,
  typeFilter: i32,
): void {
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    touchEntries(bucket, count);
    for (let i: u32 = 0; i < count; i++) {
      const entry = bucketEntry(bucket, i);
      visitedCount++;
      if (isGone(entry)) continue;
      if (typeFilter >= 0 && <i32> entryType(entry) != typeFilter) continue;
      const key = keyPtr(entry);
      const byteCount = keyBytes(entry);
      if (
        pattern &&
        !globMatch(argPtr(pattern), argLen(pattern), key, byteCount, false)
      ) continue;
      replyBulk(key, byteCount);
      emittedCount++;
    }
  }
}

/**
 * SCAN: replies with the keys of classes from `cursor` on until `count` have
 * been visited; returns the next cursor. `walkEmitted` tells how many keys the
 * reply holds. As a whole walk of Redis removes the due keys that it meets, so
 * each call here removes as many as it may visit.
 */
export function scanKeys(
  db: u32,
  cursor: u32,
  count: u32,
  pattern: u32,
  typeFilter: i32,
): u32 {
  if (removesDue()) expireDue(db, count);
  emittedCount = 0;
  visitedCount = 0;
  let classCount: u32 = 0;
  do {
    emitChain(scanChain(db, cursor), pattern, typeFilter);
    const split = scanSplitChain(db, cursor);
    if (split) emitChain(split, pattern, typeFilter);
    cursor = scanNext(db, cursor);
    classCount++;
  } while (cursor && visitedCount < count && classCount < count * 10);
  return cursor;
}

/**
 * KEYS: replies with all matching keys of a slice of chains starting at
 * `index`; returns the next index, 0 after the last.
 */
export function listKeys(
  db: u32,
  index: u32,
  pattern: u32,
): u32 {
  emittedCount = 0;
  const end = min<u32>(tableBucketCount(db), index + 4096);
  for (; index < end; index++) emitChain(tableChain(db, index), pattern, -1);
  return index < tableBucketCount(db) ? index : 0;
}

export function walkEmitted(): u32 {
  return emittedCount;
}
