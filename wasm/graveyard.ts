// What FLUSHDB throws away: it goes to the graveyard as a whole and is freed in
// slices, as large values are (value.ts) and what nobody tracks any more
// (tracked.ts).

import { alloc, free } from "./allocator";
import { DATABASE_BYTES, dbSize, NEXT_GRAVE } from "./database";
import { heapOf } from "./dated";
import { keyBytes, keyPtr } from "./entry";
import { heapFree, heapInit, takeEarliestDue } from "./expiry";
import { clearFollowed } from "./followed";
import { interest, WATCHED } from "./key_chains";
import { addChanges } from "./statistics";
import {
  tableDrain,
  tableFind,
  tableInit,
  tableRemoveFound,
  tableWalks,
} from "./table";
import { tableRandom } from "./table_scan";
import { hasForgotten, invalidateAll, reclaimForgotten } from "./tracked";
import { buriedElements, freeEntry, hasGraves, reclaimValues } from "./value";
import { cleanWalks, keepsTable, watched } from "./watch";
import { disturbFlushed } from "./watchers";

/** Databases thrown away and not yet freed, and the keys in them. */
let graveyard: u32 = 0;
let buriedCount: u32 = 0;
let freedCount: f64 = 0;

/**
 * Empties a database at once; returns how many keys there were. It never
 * fails: without memory for a new table, entries are freed until there is.
 */
export function dbFlush(db: u32): u32 {
  invalidateAll();
  const count = dbSize(db);
  if (!count) return 0;
  if (interest & WATCHED) disturbFlushed(db);
  heapFree(heapOf(db));
  heapInit(heapOf(db));
  clearFollowed(db);
  while (dbSize(db) && !bury(db)) {
    const entry = tableRandom(db);
    tableFind(db, keyPtr(entry), keyBytes(entry));
    tableRemoveFound(db);
    freeEntry(entry);
  }
  addChanges(count);
  return count;
}

/** Puts a database's table into the graveyard and a new one in its place. */
function bury(db: u32): bool {
  const grave = alloc(DATABASE_BYTES);
  if (!grave) return false;
  memory.copy(grave, db, DATABASE_BYTES);
  if (tableInit(db) != 0) {
    memory.copy(db, grave, DATABASE_BYTES);
    free(grave);
    return false;
  }
  if (!(watched && tableWalks(grave) && keepsTable(grave))) reclaimLater(grave);
  return true;
}

/** Puts a buried table, and all that is in it, where it will be freed. */
export function reclaimLater(grave: u32): void {
  store<u32>(grave, graveyard, NEXT_GRAVE);
  graveyard = grave;
  buriedCount += dbSize(grave);
}

/**
 * Frees up to `maxCount` buried entries and elements; returns how many are
 * left.
 */
export function reclaim(maxCount: u32): u32 {
  const isCleaning = watched && cleanWalks(maxCount);
  const elements = reclaimValues(maxCount);
  freedCount += f64(elements);
  maxCount -= elements;
  maxCount -= reclaimForgotten(maxCount);
  while (maxCount && graveyard) {
    const entry = tableDrain(graveyard);
    if (!entry) {
      const next = load<u32>(graveyard, NEXT_GRAVE);
      free(graveyard);
      graveyard = next;
      continue;
    }
    freeEntry(entry);
    buriedCount--;
    freedCount += 1;
    maxCount--;
  }
  return lazyfreePending() + u32(isCleaning || waitsToBeFreed());
}

/**
 * When housekeeping is wanted because of what was done since the last call:
 * 0 for at once (something waits to be freed), a due time, or Infinity.
 */
export function nextWake(): f64 {
  const due = takeEarliestDue();
  const isCleaning = watched && cleanWalks(0);
  return isCleaning || waitsToBeFreed() ? 0 : due;
}

/** Whether anything that was thrown away can be freed. */
export function waitsToBeFreed(): bool {
  return graveyard != 0 || hasGraves() || hasForgotten();
}

export function lazyfreePending(): u32 {
  return buriedCount + buriedElements();
}

export function lazyfreed(): f64 {
  return freedCount;
}
