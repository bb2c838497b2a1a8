// MSET and MSETNX: many strings at once, all of them or none.
//
// Three steps, and only the first two can fail:
//
//   make   an entry for every pair, in no table yet;
//   add    those whose key is missing; a failure takes them out again;
//   swap   the others for what is there. MSET's keys have no due time, so that
//          no heap grows and nothing can fail any more.
//
//   list ->  { u32 entry, bit 0 set once it is in the table } for every pair
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
import { addChanges } from "./statistics";
import { keepArgument, newString } from "./string";
import { tableFind } from "./table";
import { freeEntry } from "./value";

const LINK_BITS: u32 = 2;
const ADDED: u32 = 1;

let list: u32 = 0;
let pairCount: u32 = 0;

// @ts-ignore: decorator
@inline
function keyOf(pair: u32): u32 {
  return 1 + (pair << 1);
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

/**
 * Stores the pairs of arguments from the first on: 1, or OUT_OF_MEMORY. With
 * `onlyNew` it is 0 when one of the keys is there already.
 */
export function setStrings(db: u32, onlyNew: i32): i32 {
  pairCount = (argCount - 1) >> 1;
  if (onlyNew && anyKeyExists(db)) return 0;
  list = alloc(pairCount << LINK_BITS);
  if (!list) return OUT_OF_MEMORY;
  const done = makeEntries() && addMissing(db);
  if (done) {
    swapOthers(db);
    keepArguments(db);
    addChanges(pairCount);
  }
  free(list);
  return done ? 1 : OUT_OF_MEMORY;
}

function anyKeyExists(db: u32): bool {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (lookupKey(db, keyOf(pair))) return true;
  }
  return false;
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

/** Undoes what `addMissing` has done so far and frees all entries. */
function takeBack(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    const entry = entryOf(pair);
    if (isAdded(pair)) {
      tableFind(db, keyPtr(entry), keyBytes(entry));
      detachFound(db, entry);
    }
    freeEntry(entry);
  }
}

function swapOthers(db: u32): void {
  for (let pair: u32 = 0; pair < pairCount; pair++) {
    if (isAdded(pair)) continue;
    const key = keyOf(pair);
    const old = tableFind(db, argPtr(key), argLen(key));
    inheritAccess(entryOf(pair), old);
    replaceFound(db, old, entryOf(pair));
    freeEntry(old);
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
