// A database: the table of its keys and the heap of their due times.
//
//   +0   table control block (table.ts)
//   +32  heap control block (expiry.ts)
//   +64  u32 next in the graveyard
//
// Looking up a key whose time has passed removes it. What FLUSHDB throws away
// goes to the graveyard as a whole and is freed in slices.

import { alloc, free } from "./allocator";
import { freshAccess, inheritAccess, nowMs, touchEntry } from "./access";
import { argLen, argPtr } from "./arguments";
import { MISSING, OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import {
  entryDue,
  entryType,
  hasDue,
  heapPosition,
  keyBytes,
  keyPtr,
  newEntry,
  setEntryAccess,
  setEntryKind,
  setEntryValue,
} from "./entry";
import {
  heapFirstDue,
  heapFirstOwner,
  heapFree,
  heapInit,
  heapInsert,
  heapMoved,
  heapRemove,
  heapSize,
  heapUpdate,
  takeEarliestDue,
  verifyExpiry,
} from "./expiry";
import { noteExpired } from "./journal";
import {
  addChanges,
  countChange,
  countExpired,
  countHit,
  countMiss,
} from "./statistics";
import {
  foundHash,
  foundPlace,
  TABLE_BYTES,
  tableBytes,
  tableDrain,
  tableEntryCount,
  tableFind,
  tableInit,
  tableInsert,
  tableRandom,
  tableRemoveFound,
  verifyTable,
} from "./table";
import {
  buriedElements,
  freeEntry,
  freeValue,
  hasGraves,
  reclaimValues,
} from "./value";

const HEAP: u32 = TABLE_BYTES;
const NEXT: usize = 64;
const DATABASE_BYTES: u32 = 72;

/** 1: due keys are removed when met; 0: only hidden (a replica's view). */
let removeDue: bool = true;

export function setRemoveDue(on: i32): void {
  removeDue = on != 0;
}

export function removesDue(): bool {
  return removeDue;
}

export function dbNew(): u32 {
  const db = alloc(DATABASE_BYTES);
  if (!db) return 0;
  if (tableInit(db) != 0) {
    free(db);
    return 0;
  }
  heapInit(heapOf(db));
  return db;
}

// @ts-ignore: decorator
@inline
export function heapOf(db: u32): u32 {
  return db + HEAP;
}

export function dbSize(db: u32): u32 {
  return tableEntryCount(db);
}

/** How many keys have a due time. */
export function dbDueCount(db: u32): u32 {
  return heapSize(heapOf(db));
}

/** The earliest due time, Infinity when there is none. */
export function dbFirstDue(db: u32): f64 {
  return heapFirstDue(heapOf(db));
}

// @ts-ignore: decorator
@inline
export function isDue(entry: u32): bool {
  return hasDue(entry) && entryDue(entry) < nowMs;
}

/** The live entry with this key, or 0. Its place is `foundPlace`. */
// @ts-ignore: decorator
@inline
export function lookup(db: u32, ptr: u32, byteCount: u32): u32 {
  const entry = tableFind(db, ptr, byteCount);
  if (entry && isDue(entry)) {
    if (removeDue) expireFound(db, entry);
    return 0;
  }
  return entry;
}

/** The live entry that argument `key` names, or 0. */
// @ts-ignore: decorator
@inline
export function lookupKey(db: u32, key: u32): u32 {
  return lookup(db, argPtr(key), argLen(key));
}

/** The same for a read: counts hit or miss and touches the entry. */
// @ts-ignore: decorator
@inline
export function lookupRead(db: u32, key: u32): u32 {
  const entry = lookup(db, argPtr(key), argLen(key));
  if (entry) {
    countHit();
    touchEntry(entry);
  } else countMiss();
  return entry;
}

/** The same for a question about the key, which is no use of its value. */
export function lookupPeek(db: u32, key: u32): u32 {
  const entry = lookupKey(db, key);
  if (entry) countHit();
  else countMiss();
  return entry;
}

/** The same for a change of the key: touches the entry and counts nothing. */
export function lookupWrite(db: u32, key: u32): u32 {
  const entry = lookupKey(db, key);
  if (entry) touchEntry(entry);
  return entry;
}

// Values of one type.

/** Why the last typed look-up returned 0: MISSING or WRONG_TYPE. */
export let typedCode: i32 = 0;
/** Whether the last operation took a collection's last element and its key. */
export let emptied: bool = false;

/** For a read: the live entry, if it is of this type, or 0. */
// @ts-ignore: decorator
@inline
export function readTyped(db: u32, key: u32, type: u32): u32 {
  return ofType(lookupRead(db, key), type);
}

/** The same for a change. */
// @ts-ignore: decorator
@inline
export function writeTyped(db: u32, key: u32, type: u32): u32 {
  emptied = false;
  return ofType(lookupWrite(db, key), type);
}

// @ts-ignore: decorator
@inline
function ofType(entry: u32, type: u32): u32 {
  if (entry && entryType(entry) == type) return entry;
  typedCode = entry ? WRONG_TYPE : MISSING;
  return 0;
}

/**
 * Gives a key that was just looked up and is missing its first value. Returns
 * 0 or OUT_OF_MEMORY, and then the value is still the caller's.
 */
export function createValue(
  db: u32,
  key: u32,
  type: u32,
  encoding: u32,
  value: u32,
): i32 {
  const entry = newEntry(argPtr(key), argLen(key), false, 0);
  if (!entry) return OUT_OF_MEMORY;
  setEntryKind(entry, type, encoding);
  setEntryValue(entry, value);
  setEntryAccess(entry, freshAccess());
  if (attach(db, entry) == 0) return 0;
  free(entry);
  return OUT_OF_MEMORY;
}

/**
 * Puts a value in the place of whatever the key holds, without a due time, as
 * commands do that store a result. Returns 0 or OUT_OF_MEMORY, and then the
 * value is still the caller's.
 */
export function overwriteValue(
  db: u32,
  key: u32,
  type: u32,
  encoding: u32,
  value: u32,
): i32 {
  const old = lookupKey(db, key);
  if (!old) return createValue(db, key, type, encoding, value);
  const entry = newEntry(argPtr(key), argLen(key), false, 0);
  if (!entry) return OUT_OF_MEMORY;
  setEntryKind(entry, type, encoding);
  setEntryValue(entry, value);
  inheritAccess(entry, old);
  replaceFound(db, old, entry);
  freeEntry(old);
  return 0;
}

/** Removes the key of a collection that has become empty. */
export function dropKey(db: u32, entry: u32): void {
  tableFind(db, keyPtr(entry), keyBytes(entry));
  removeFound(db, entry);
  emptied = true;
}

/** `emptied` for TypeScript. */
export function wasEmptied(): i32 {
  return i32(emptied);
}

/** Removes the entry just found because it is due. */
function expireFound(db: u32, entry: u32): void {
  noteExpired(db, entry);
  countExpired();
  removeFound(db, entry);
}

/** Removes and frees the entry just found. */
export function removeFound(db: u32, entry: u32): void {
  detachFound(db, entry);
  freeEntry(entry);
}

/** Takes the entry just found out of table and heap without freeing it. */
export function detachFound(db: u32, entry: u32): void {
  if (hasDue(entry)) heapRemove(heapOf(db), heapPosition(entry));
  tableRemoveFound(db);
}

/**
 * Puts a new entry in; its key was just looked up and is not there. With a due
 * time set in the entry it goes into the heap too. OUT_OF_MEMORY changes
 * nothing and leaves the entry with the caller.
 */
export function attach(db: u32, entry: u32): i32 {
  const hash = foundHash;
  if (hasDue(entry)) {
    if (heapInsert(heapOf(db), entryDue(entry), entry) != 0) {
      return OUT_OF_MEMORY;
    }
  }
  if (tableInsert(db, entry, hash) != 0) {
    if (hasDue(entry)) heapRemove(heapOf(db), heapPosition(entry));
    return OUT_OF_MEMORY;
  }
  return 0;
}

/**
 * Puts an entry in the place of the one just found. The heap follows. The old
 * entry is out afterwards and the caller's to free, unless OUT_OF_MEMORY.
 */
export function replaceFound(db: u32, old: u32, entry: u32): i32 {
  const heap = heapOf(db);
  if (hasDue(old)) {
    const position = heapPosition(old);
    if (hasDue(entry)) {
      heapMoved(heap, position, entry);
      if (entryDue(entry) != entryDue(old)) {
        heapUpdate(heap, heapPosition(entry), entryDue(entry));
      }
    } else heapRemove(heap, position);
  } else if (hasDue(entry)) {
    if (heapInsert(heap, entryDue(entry), entry) != 0) return OUT_OF_MEMORY;
  }
  store<u32>(foundPlace, entry);
  return 0;
}

/** DEL: 1 when the key was there. */
export function deleteKey(db: u32, key: u32): i32 {
  const entry = lookupKey(db, key);
  if (!entry) return 0;
  removeFound(db, entry);
  countChange();
  return 1;
}

/** EXISTS: 1 when it is there. */
export function existsKey(db: u32, key: u32): i32 {
  return lookupPeek(db, key) ? 1 : 0;
}

/**
 * Removes up to `maxCount` keys that are due, earliest first; returns how many
 * there were.
 */
export function expireDue(db: u32, maxCount: u32): u32 {
  const heap = heapOf(db);
  let count: u32 = 0;
  while (count < maxCount && heapFirstDue(heap) < nowMs) {
    const entry = heapFirstOwner(heap);
    tableFind(db, keyPtr(entry), keyBytes(entry));
    expireFound(db, entry);
    count++;
  }
  return count;
}

/** Databases thrown away and not yet freed, and the keys in them. */
let graveyard: u32 = 0;
let buriedCount: u32 = 0;
let freedCount: f64 = 0;

/**
 * Empties a database at once; returns how many keys there were. It never
 * fails: without memory for a new table, entries are freed until there is.
 */
export function dbFlush(db: u32): u32 {
  const count = dbSize(db);
  if (!count) return 0;
  heapFree(heapOf(db));
  heapInit(heapOf(db));
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
  store<u32>(grave, graveyard, NEXT);
  graveyard = grave;
  buriedCount += dbSize(grave);
  return true;
}

/**
 * Frees up to `maxCount` buried entries and elements; returns how many are
 * left.
 */
export function reclaim(maxCount: u32): u32 {
  const elements = reclaimValues(maxCount);
  freedCount += f64(elements);
  maxCount -= elements;
  while (maxCount && graveyard) {
    const entry = tableDrain(graveyard);
    if (!entry) {
      const next = load<u32>(graveyard, NEXT);
      free(graveyard);
      graveyard = next;
      continue;
    }
    freeEntry(entry);
    buriedCount--;
    freedCount += 1;
    maxCount--;
  }
  return lazyfreePending() + (graveyard || hasGraves() ? 1 : 0);
}

/**
 * When housekeeping is wanted because of what was done since the last call:
 * 0 for at once (something waits to be freed), a due time, or Infinity.
 */
export function nextWake(): f64 {
  const due = takeEarliestDue();
  return graveyard || hasGraves() ? 0 : due;
}

export function lazyfreePending(): u32 {
  return buriedCount + buriedElements();
}

export function lazyfreed(): f64 {
  return freedCount;
}

/** The due time, -1 without one, MISSING when there is no key. */
export function dueOf(db: u32, key: u32): f64 {
  return dueIn(lookupPeek(db, key));
}

/** The same for a command that writes: it counts neither hit nor miss. */
export function peekDueOf(db: u32, key: u32): f64 {
  return dueIn(lookupKey(db, key));
}

function dueIn(entry: u32): f64 {
  if (!entry) return MISSING;
  return hasDue(entry) ? entryDue(entry) : -1;
}

/** Bytes of a database's table, without its entries. */
export function tableFootprint(db: u32): f64 {
  return tableBytes(db);
}

/** 0, or table invariant n as n, heap invariant n as 100 + n. */
export function verifyDatabase(db: u32): i32 {
  const broken = verifyTable(db);
  if (broken) return broken;
  const heapBroken = verifyExpiry(heapOf(db));
  return heapBroken ? 100 + heapBroken : 0;
}
