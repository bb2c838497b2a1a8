// MSET, MSETNX and MSETEX: many strings at once, all of them or none.
//
// Often every key is there and every value fits in place: then nothing can
// fail. Else there are three steps, each of which can fail and then undoes all
// that was done:
//
//   make   an entry for every pair, in no table yet;
//   add    those whose key is missing;
//   swap   the others for what is there, which is kept until all is done.
//
//   list ->  { u64 hash of the key, u32 bucket and later entry, u32 what it
//            took the place of: 0 as long as none, ADDED, or the old entry }
//            for every pair
//
// Taking a swap back needs no memory: either all new entries have a due time,
// or (without one, or with KEEPTTL) just those whose old entry has one or none
// has, so that a heap only ever gives a place back.
//
// A key that comes twice is added or swapped by the first pair and swapped by
// the second: the last one wins. Undoing goes backwards for its sake. Big
// arguments are handed over at the very end, to the entries that are left.

import { inheritAccess } from "./access";
import { alloc, free } from "./allocator";
import { argLen, argPtr, ownsBlock } from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import { detachFound } from "./database";
import { attach, replaceFound } from "./attach";
import { lookupChange } from "./lookup";
import { entryDue, hasDue, keyBytes, keyPtr, setEntryDue } from "./entry";
import { hashBytes } from "./hash";
import { addChanges } from "./statistics";
import {
  fitsString,
  keepArgument,
  newString,
  overwriteString,
  SET_KEEP_DUE,
  SET_ONLY_NEW,
  SET_ONLY_OLD,
} from "./string";
import { presetHash, tableFind } from "./table";
import { touchBucketOf, touchEntryOf } from "./table_ahead";
import { freeEntry } from "./value";

const PAIR_BYTES: u32 = 16;
const ENTRY: usize = 8;
const REPLACED: usize = 12;
const ADDED: u32 = 1;

let list: u32 = 0;
/** The argument that is the first pair's key. */
let firstKey: u32 = 0;
let pairCount: u32 = 0;

// @ts-ignore: decorator
@inline
function keyOf(pair: u32): u32 {
  return firstKey + (pair << 1);
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
function replacedBy(pair: u32): u32 {
  return load<u32>(recordOf(pair), REPLACED);
}

/** The live entry of a pair's key, or 0. */
// @ts-ignore: decorator
@inline
function lookupPair(db: u32, pair: u32): u32 {
  const key = keyOf(pair);
  presetHash(argPtr(key), load<u64>(recordOf(pair)));
  return lookupChange(db, key);
}

function setEntry(pair: u32, entry: u32): void {
  store<u32>(recordOf(pair), entry, ENTRY);
}

function setReplaced(pair: u32, what: u32): void {
  store<u32>(recordOf(pair), what, REPLACED);
}

/**
 * Stores `count` pairs of arguments from `first` on: 1, or OUT_OF_MEMORY. The
 * conditions in `flags` (as for SET) must hold for every key, else it is 0.
 * `dueMs` is the due time of all, 0 for none.
 */
export function setStrings(
  db: u32,
  first: u32,
  count: u32,
  flags: u32,
  dueMs: f64,
): i32 {
  firstKey = first;
  pairCount = count;
  list = alloc(pairCount * PAIR_BYTES);
  if (!list) return OUT_OF_MEMORY;
  hashKeys(db);
  const code = conditionHolds(db, flags) ? storePairs(db, flags, dueMs) : 0;
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

function conditionHolds(db: u32, flags: u32): bool {
  if (!(flags & (SET_ONLY_NEW | SET_ONLY_OLD))) return true;
  const wanted = (flags & SET_ONLY_OLD) != 0;
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if ((lookupPair(db, pair) != 0) != wanted) return false;
  }
  return true;
}

function storePairs(db: u32, flags: u32, dueMs: f64): i32 {
  if (dueMs != 0 || !overwriteAll(db)) {
    const keeps = (flags & SET_KEEP_DUE) != 0;
    if (!makeEntries(db, keeps, dueMs)) return OUT_OF_MEMORY;
    if (!addMissing(db) || !swapOthers(db)) {
      takeBack(db);
      return OUT_OF_MEMORY;
    }
    freeReplaced();
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

function makeEntries(db: u32, keepDue: bool, dueMs: f64): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    const old = keepDue ? lookupPair(db, pair) : 0;
    const due = old && hasDue(old) ? entryDue(old) : dueMs;
    const entry = newString(key, key + 1, due != 0);
    if (!entry) {
      while (pair) freeEntry(entryOf(--pair));
      return false;
    }
    if (due != 0) setEntryDue(entry, due);
    setEntry(pair, entry);
    setReplaced(pair, 0);
  }
  return true;
}

function addMissing(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (lookupPair(db, pair)) continue;
    if (attach(db, entryOf(pair)) != 0) return false;
    setReplaced(pair, ADDED);
  }
  return true;
}

function swapOthers(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (replacedBy(pair) == ADDED) continue;
    const old = lookupPair(db, pair);
    inheritAccess(entryOf(pair), old);
    if (replaceFound(db, old, entryOf(pair)) != 0) return false;
    setReplaced(pair, old);
  }
  return true;
}

/** Undoes what was added and swapped so far and frees all new entries. */
function takeBack(db: u32): void {
  for (let pair = pairCount; pair--;) {
    const old = replacedBy(pair);
    if (old <= ADDED) continue;
    find(db, entryOf(pair));
    const code = replaceFound(db, entryOf(pair), old);
    assert(code == 0);
  }
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const entry = entryOf(pair);
    if (replacedBy(pair) == ADDED) {
      find(db, entry);
      detachFound(db, entry);
    }
    freeEntry(entry);
  }
}

// @ts-ignore: decorator
@inline
function find(db: u32, entry: u32): u32 {
  return tableFind(db, keyPtr(entry), keyBytes(entry));
}

/** Among them are new entries whose key came once more. */
function freeReplaced(): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const old = replacedBy(pair);
    if (old > ADDED) freeEntry(old);
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
