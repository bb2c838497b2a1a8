// MSET, MSETNX and MSETEX: many strings at once, all of them or none.
//
// Three steps, each of which can fail, and then undoes all that was done:
//
//   make   an entry for every pair, in no table yet;
//   add    those whose key is missing;
//   swap   the others for what is there, which is kept until all is done.
//
//   list ->  { u32 entry, bit 0 set once it was added; u32 old entry or 0 }
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
import { attach, detachFound, lookupKey, replaceFound } from "./database";
import {
  entryDue,
  freeEntry,
  hasDue,
  keyBytes,
  keyPtr,
  setEntryDue,
} from "./entry";
import { addChanges } from "./statistics";
import {
  keepArgument,
  newString,
  SET_KEEP_DUE,
  SET_ONLY_NEW,
  SET_ONLY_OLD,
} from "./string";
import { tableFind } from "./table";

const LINK_BITS: u32 = 3;
const OLD: usize = 4;
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
function entryOf(pair: u32): u32 {
  return load<u32>(list + (pair << LINK_BITS)) & ~ADDED;
}

// @ts-ignore: decorator
@inline
function isAdded(pair: u32): bool {
  return (load<u32>(list + (pair << LINK_BITS)) & ADDED) != 0;
}

function setEntry(pair: u32, entry: u32): void {
  store<u32>(list + (pair << LINK_BITS), entry);
}

// @ts-ignore: decorator
@inline
function oldOf(pair: u32): u32 {
  return load<u32>(list + (pair << LINK_BITS), OLD);
}

function setOld(pair: u32, old: u32): void {
  store<u32>(list + (pair << LINK_BITS), old, OLD);
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
  if (!conditionHolds(db, flags)) return 0;
  list = alloc(pairCount << LINK_BITS);
  if (!list) return OUT_OF_MEMORY;
  const done = makeEntries(db, flags, dueMs) && addMissing(db) &&
    swapOthers(db);
  if (done) {
    freeOld();
    keepArguments(db);
    addChanges(pairCount);
  }
  free(list);
  return done ? 1 : OUT_OF_MEMORY;
}

function conditionHolds(db: u32, flags: u32): bool {
  if (!(flags & (SET_ONLY_NEW | SET_ONLY_OLD))) return true;
  const wanted = (flags & SET_ONLY_OLD) != 0;
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if ((lookupKey(db, keyOf(pair)) != 0) != wanted) return false;
  }
  return true;
}

function makeEntries(db: u32, flags: u32, dueMs: f64): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    let due = dueMs;
    if (flags & SET_KEEP_DUE) {
      const old = lookupKey(db, key);
      if (old && hasDue(old)) due = entryDue(old);
    }
    const entry = newString(key, key + 1, due != 0);
    if (!entry) {
      while (pair) freeEntry(entryOf(--pair));
      return false;
    }
    if (due != 0) setEntryDue(entry, due);
    setEntry(pair, entry);
    setOld(pair, 0);
  }
  return true;
}

function addMissing(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (lookupKey(db, keyOf(pair))) continue;
    const entry = entryOf(pair);
    if (attach(db, entry) != 0) {
      takeBack(db);
      return false;
    }
    setEntry(pair, entry | ADDED);
  }
  return true;
}

function swapOthers(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (isAdded(pair)) continue;
    const entry = entryOf(pair);
    const old = find(db, entry);
    inheritAccess(entry, old);
    if (replaceFound(db, old, entry) != 0) {
      takeBack(db);
      return false;
    }
    setOld(pair, old);
  }
  return true;
}

// @ts-ignore: decorator
@inline
function find(db: u32, entry: u32): u32 {
  return tableFind(db, keyPtr(entry), keyBytes(entry));
}

/** Undoes what was added and swapped so far and frees all new entries. */
function takeBack(db: u32): void {
  for (let pair = pairCount; pair--;) {
    const entry = entryOf(pair);
    if (!oldOf(pair)) continue;
    find(db, entry);
    const code = replaceFound(db, entry, oldOf(pair));
    assert(code == 0);
  }
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const entry = entryOf(pair);
    if (isAdded(pair)) {
      find(db, entry);
      detachFound(db, entry);
    }
    freeEntry(entry);
  }
}

/** What was swapped out may be an entry of this very list, used no more. */
function freeOld(): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (oldOf(pair)) freeEntry(oldOf(pair));
  }
}

function keepArguments(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const key = keyOf(pair);
    if (!ownsBlock(key + 1)) continue;
    const entry = tableFind(db, argPtr(key), argLen(key));
    if (entry == entryOf(pair)) keepArgument(entry, key + 1);
  }
}
