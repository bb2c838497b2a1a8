// A database: the table of its keys and the heap of their due times.
//
//   +0   table and heap (dated.ts)
//   +52  u32 how many hashes are followed (followed.ts)
//   +56  u32 its number (effects.ts)
//   +64  u32 next in the graveyard
//
// How keys are found is in lookup.ts, how they come in in attach.ts, how those
// go whose time has passed in overdue.ts, and all at once in graveyard.ts.

import { alloc, free } from "./allocator";
import { datedInit, datedRemoveFound, heapOf, verifyDated } from "./dated";
import { isFollowed } from "./entry";
import { heapFirstDue, heapSize } from "./expiry";
import {
  clearFollowed,
  followedCount,
  unfollow,
  verifyFollowed,
} from "./followed";
import { tableChanges } from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
} from "./table_chains";
import { freeEntry, verifyValue } from "./value";

/** In a grave, the next one. */
export const NEXT_GRAVE: usize = 64;
export const DATABASE_BYTES: u32 = 72;

export function dbNew(): u32 {
  const db = alloc(DATABASE_BYTES);
  if (!db) return 0;
  if (datedInit(db) != 0) {
    free(db);
    return 0;
  }
  clearFollowed(db);
  return db;
}

export function dbSize(db: u32): u32 {
  return tableEntryCount(db);
}

/** How many keys have a due time. */
export function dbDueCount(db: u32): u32 {
  return heapSize(heapOf(db)) - followedCount(db);
}

/** How many hashes have a field with a due time. */
export function dbFollowedCount(db: u32): u32 {
  return followedCount(db);
}

/** The earliest due time, Infinity when there is none. */
export function dbFirstDue(db: u32): f64 {
  return heapFirstDue(heapOf(db));
}

/** Bytes of a database's table, without its entries. */
export function tableFootprint(db: u32): f64 {
  return tableBytes(db);
}

/** Removes and frees the entry just found. */
export function removeFound(db: u32, entry: u32): void {
  detachFound(db, entry);
  freeEntry(entry);
}

/** Takes the entry just found out of table and heap without freeing it. */
export function detachFound(db: u32, entry: u32): void {
  // A snapshot must see the hash as it is still followed.
  tableChanges(db, entry);
  if (isFollowed(entry)) unfollow(db, entry);
  datedRemoveFound(db, entry);
}

/**
 * 0, or what is broken of table and heap (dated.ts); 300 + n: what of followed
 * hashes; 400 + n: what of a value. O(n).
 */
export function verifyDatabase(db: u32): i32 {
  const broken = verifyDated(db);
  if (broken) return broken;
  let followed: u32 = 0;
  const bucketCount = tableBucketCount(db);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(db, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const entry = bucketEntry(bucket, place);
        const brokenFollow = verifyFollowed(entry);
        if (brokenFollow) return 300 + brokenFollow;
        const brokenValue = verifyValue(entry);
        if (brokenValue) return 400 + brokenValue;
        if (isFollowed(entry)) followed++;
      }
    }
  }
  return followed == followedCount(db) ? 0 : 303;
}
