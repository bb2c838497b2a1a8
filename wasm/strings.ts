// MSET and MSETNX: many strings at once, all of them or none.
//
// Often every key is there and every value fits in place: then nothing can
// fail. Else there are three steps, and only the first two can fail:
//
//   make   an entry for every pair, in no table yet;
//   add    those whose key is missing; a failure takes them out again;
//   swap   the others for what is there. MSET's keys have no due time, so that
//          no heap grows and nothing can fail any more.
//
//   list ->  { u64 hash of the key, u32 bucket and later entry, u32 whether
//            that is in the table } for every pair
//
// A key that comes twice is added by the first pair and swapped by the second:
// the last one wins. Big arguments are handed over at the very end, to the
// entries that are left.

import { inheritAccess } from "./access";
import { alloc, free } from "./allocator";
import { argCount, argLen, argPtr, ownsBlock } from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import { attach, detachFound, lookupKey, replaceFound } from "./database";
import { keyBytes, keyPtr } from "./entry";
import { hashBytes } from "./hash";
import { addChanges } from "./statistics";
import { fitsString, keepArgument, newString, overwriteString } from "./string";
import { presetHash, tableFind, touchBucketOf, touchEntryOf } from "./table";
import { freeEntry } from "./value";

const PAIR_BYTES: u32 = 16;
const ENTRY: usize = 8;
const ADDED: usize = 12;

let list: u32 = 0;
let pairCount: u32 = 0;

// @ts-ignore: decorator
@inline
function keyOf(pair: u32): u32 {
  return 1 + (pair << 1);
}

// @ts-ignore: decorator
@inline
function recordOf(pair: u32): u32 {
  return list + pair * PAIR_BYTES;
}

// @ts-ignore: decorator
@inline
function entryOf(pair: u32): u32 {
  return load<u32>(recordOf(pair), ENTRY);
}

// @ts-ignore: decorator
@inline
function isAdded(pair: u32): bool {
  return load<u32>(recordOf(pair), ADDED) != 0;
}

/** The live entry of a pair's key, or 0. */
// @ts-ignore: decorator
@inline
function lookupPair(db: u32, pair: u32): u32 {
  const key = keyOf(pair);
  presetHash(argPtr(key), load<u64>(recordOf(pair)));
  return lookupKey(db, key);
}

function setEntry(pair: u32, entry: u32): void {
  store<u32>(recordOf(pair), entry, ENTRY);
}

/**
 * Stores the pairs of arguments from the first on: 1, or OUT_OF_MEMORY. With
 * `onlyNew` it is 0 when one of the keys is there already.
 */
export function setStrings(db: u32, onlyNew: i32): i32 {
  pairCount = (argCount - 1) >> 1;
  list = alloc(pairCount * PAIR_BYTES);
  if (!list) return OUT_OF_MEMORY;
  hashKeys(db);
  const code = onlyNew && anyKeyExists(db) ? 0 : storePairs(db);
  presetHash(0, 0);
  free(list);
  return code;
}

/** Computes all hashes, and has the memory that they lead to fetched at once. */
function hashKeys(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    const hash = hashBytes(argPtr(key), argLen(key));
    store<u64>(recordOf(pair), hash);
    setEntry(pair, touchBucketOf(db, hash));
  }
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const hash = load<u64>(recordOf(pair));
    touchEntryOf(entryOf(pair), hash, argLen(keyOf(pair)));
  }
}

function anyKeyExists(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (lookupPair(db, pair)) return true;
  }
  return false;
}

function storePairs(db: u32): i32 {
  if (!overwriteAll(db)) {
    if (!makeEntries() || !addMissing(db)) return OUT_OF_MEMORY;
    swapOthers(db);
    keepArguments(db);
  }
  addChanges(pairCount);
  return 1;
}

/** Does it all if every value fits in place, else nothing. */
function overwriteAll(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const entry = lookupPair(db, pair);
    if (!entry || !fitsString(entry, keyOf(pair) + 1)) return false;
    setEntry(pair, entry);
  }
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    overwriteString(entryOf(pair), keyOf(pair) + 1);
  }
  return true;
}

function makeEntries(): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    const entry = newString(key, key + 1);
    if (!entry) {
      while (pair) freeEntry(entryOf(--pair));
      return false;
    }
    setEntry(pair, entry);
  }
  return true;
}

function addMissing(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const isThere = lookupPair(db, pair) != 0;
    store<u32>(recordOf(pair), u32(!isThere), ADDED);
    if (isThere) continue;
    if (attach(db, entryOf(pair)) != 0) {
      takeBack(db, pair);
      return false;
    }
  }
  return true;
}

/** Undoes what was added before `end` and frees all entries. */
function takeBack(db: u32, end: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const entry = entryOf(pair);
    if (pair < end && isAdded(pair)) {
      tableFind(db, keyPtr(entry), keyBytes(entry));
      detachFound(db, entry);
    }
    freeEntry(entry);
  }
}

function swapOthers(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (isAdded(pair)) continue;
    const old = lookupPair(db, pair);
    inheritAccess(entryOf(pair), old);
    replaceFound(db, old, entryOf(pair));
    freeEntry(old);
  }
}

function keepArguments(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    if (!ownsBlock(key + 1)) continue;
    const entry = lookupPair(db, pair);
    if (entry == entryOf(pair)) keepArgument(entry, key + 1);
  }
}
