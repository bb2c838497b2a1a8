// A database: the table of its keys and the heap of their due times.
//
//   +0   table and heap (dated.ts)
//   +52  u32 how many hashes are followed (followed.ts)
//   +56  u32 its number (effects.ts)
//   +64  u32 next in the graveyard
//
// Looking up a key whose time has passed removes it, and so it is with the
// fields of a hash. What FLUSHDB throws away goes to the graveyard as a whole
// and is freed in slices.

import { alloc, free } from "./allocator";
import { freshAccess, inheritAccess, nowMs, touchEntry } from "./access";
import { argLen, argPtr } from "./arguments";
import {
  MISSING,
  NOTICE_MISSED,
  NOTICE_NEW,
  OUT_OF_MEMORY,
  WRONG_TYPE,
} from "./codes";
import {
  datedInit,
  datedInsert,
  datedRemoveFound,
  datedReplaceFound,
  heapOf,
  verifyDated,
} from "./dated";
import {
  entryDue,
  entryFlags,
  entryType,
  entryValue,
  FOLLOWED,
  HAS_DUE,
  hasDue,
  isFollowed,
  keyBytes,
  keyPtr,
  newEntry,
  setEntryAccess,
  setEntryKind,
  setEntryValue,
  setFlags,
} from "./entry";
import {
  heapFirstDue,
  heapFirstOwner,
  heapFree,
  heapInit,
  heapSize,
  takeEarliestDue,
} from "./expiry";
import {
  clearFollowed,
  follow,
  followedCount,
  followFields,
  isHashOwner,
  unfollow,
  verifyFollowed,
} from "./followed";
import {
  hashtableCount,
  hashtableFirstDue,
  hashtableFirstField,
  hashtableRemove,
  isAllDue,
  ownerEntry,
  setOwnerEntry,
} from "./hashtable";
import {
  noteEmptied,
  noteExpired,
  noteExpiredField,
  noteExpiredHash,
  noteMissed,
  noteNew,
  notices,
} from "./journal";
import {
  addChanges,
  addExpiredFields,
  countChange,
  countExpired,
  countHit,
  countMiss,
} from "./statistics";
import {
  tableChanges,
  tableDrain,
  tableFind,
  tableInit,
  tableRemoveFound,
  tableWalks,
} from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
} from "./table_chains";
import { tableRandom } from "./table_scan";
import {
  buriedElements,
  freeEntry,
  hasGraves,
  reclaimValues,
  verifyValue,
} from "./value";
import { cleanWalks, keepsTable, watched } from "./watch";
import { noteArrival } from "./awaited";
import { AWAITED, interest, WATCHED } from "./key_chains";
import { hasForgotten, invalidateAll, reclaimForgotten } from "./tracked";
import { disturbFlushed } from "./watchers";

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

// @ts-ignore: decorator
@inline
export function isDue(entry: u32): bool {
  return hasDue(entry) && entryDue(entry) < nowMs;
}

/** Whether a key is due, or is a hash with nothing but due fields. */
// @ts-ignore: decorator
@inline
export function isGone(entry: u32): bool {
  if (!(entryFlags(entry) & (HAS_DUE | FOLLOWED))) return false;
  return isDue(entry) || (isFollowed(entry) && hasOnlyDue(entry));
}

function hasOnlyDue(entry: u32): bool {
  const hash = entryValue(entry);
  return hashtableFirstDue(hash) < nowMs && isAllDue(hash);
}

/** The live entry with this key, or 0. Its place is `foundPlace`. */
// @ts-ignore: decorator
@inline
export function lookup(db: u32, ptr: u32, byteCount: u32): u32 {
  const entry = tableFind(db, ptr, byteCount);
  if (entry && entryFlags(entry) & (HAS_DUE | FOLLOWED)) {
    return liveFound(db, entry);
  }
  return entry;
}

/** A look-up removes no more due fields than this; the rest is hidden. */
const FIELDS_AT_ONCE: u32 = 256;

/** The entry just found if it is live, or 0. */
function liveFound(db: u32, entry: u32): u32 {
  if (isDue(entry)) {
    if (removeDue) expireFound(db, entry);
    return 0;
  }
  if (!isFollowed(entry)) return entry;
  const hash = entryValue(entry);
  if (hashtableFirstDue(hash) >= nowMs) return entry;
  if (isAllDue(hash)) {
    if (removeDue) expireHash(db, entry);
    return 0;
  }
  if (!removeDue) return entry;
  expireFields(db, entry, FIELDS_AT_ONCE);
  return tableFind(db, keyPtr(entry), keyBytes(entry));
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
  } else {
    countMiss();
    if (notices & NOTICE_MISSED) noteMissed(db, key);
  }
  return entry;
}

/** The same for a question about the key, which is no use of its value. */
export function lookupPeek(db: u32, key: u32): u32 {
  const entry = lookupInspect(db, key);
  if (!entry && notices & NOTICE_MISSED) noteMissed(db, key);
  return entry;
}

/** The same for a look behind the scenes, of which nobody else hears. */
export function lookupInspect(db: u32, key: u32): u32 {
  const entry = lookupKey(db, key);
  if (entry) countHit();
  else countMiss();
  return entry;
}

/**
 * The same for whoever may change the entry in its place: a snapshot that needs
 * it as it is takes it now.
 */
// @ts-ignore: decorator
@inline
export function lookupChange(db: u32, key: u32): u32 {
  const entry = lookup(db, argPtr(key), argLen(key));
  if (watched && entry) tableChanges(db, entry);
  return entry;
}

/** The same for a change of the key: touches the entry and counts nothing. */
export function lookupWrite(db: u32, key: u32): u32 {
  const entry = lookupChange(db, key);
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

/**
 * Removes the entry just found because it is due; false when that could be
 * told nobody.
 */
function expireFound(db: u32, entry: u32): bool {
  if (!noteExpired(db, entry)) return hide();
  countExpired();
  removeFound(db, entry);
  return true;
}

/** The same for one that isGone, for whatever reason. */
export function expireGone(db: u32, entry: u32): bool {
  return isDue(entry) ? expireFound(db, entry) : expireHash(db, entry);
}

/** A due key stays in its table, for want of memory, and is only hidden. */
let isHiding: bool = false;

function hide(): bool {
  isHiding = true;
  return false;
}

/** A new command begins, which may find memory again. */
// @ts-ignore: decorator
@inline
export function hideNoMore(): void {
  isHiding = false;
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
 * Puts a new entry in; its key was just looked up and is not there. With a due
 * time set in the entry it goes into the heap too, and so does a hash by its
 * fields. OUT_OF_MEMORY changes nothing and leaves the entry with the caller.
 */
export function attach(db: u32, entry: u32): i32 {
  if (attachLoaded(db, entry) != 0) return OUT_OF_MEMORY;
  if (notices & NOTICE_NEW) noteNew(db, entry);
  if (interest & AWAITED) noteArrival(db, entry);
  return 0;
}

/** The same for a key from a file, which is nobody's news. */
export function attachLoaded(db: u32, entry: u32): i32 {
  if (!removeDue) removeHidden(db, entry);
  // It could be the key that was found due and is still there.
  if (isHiding) return OUT_OF_MEMORY;
  if (!isFollowed(entry)) return datedInsert(db, entry);
  if (followAgain(db, entry) != 0) return OUT_OF_MEMORY;
  if (datedInsert(db, entry) == 0) return 0;
  unfollowShared(db, entry);
  return OUT_OF_MEMORY;
}

/** Makes room for a key of which one is there that is due and only hidden. */
function removeHidden(db: u32, entry: u32): void {
  const hidden = tableFind(db, keyPtr(entry), keyBytes(entry));
  if (hidden && isGone(hidden)) expireGone(db, hidden);
}

/** Follows a hash whose new entry is FOLLOWED, but stands in no heap yet. */
function followAgain(db: u32, entry: u32): i32 {
  return follow(db, entry, hashtableFirstDue(entryValue(entry)));
}

/** Takes that back; the entry stays as it was. */
function unfollowShared(db: u32, entry: u32): void {
  unfollow(db, entry);
  setFlags(entry, entryFlags(entry) | FOLLOWED);
}

/**
 * Puts an entry in the place of the one just found. The heap follows. The old
 * entry is out afterwards and the caller's to free, unless OUT_OF_MEMORY.
 */
export function replaceFound(db: u32, old: u32, entry: u32): i32 {
  const code = (entryFlags(old) | entryFlags(entry)) & FOLLOWED
    ? replaceFollowed(db, old, entry)
    : datedReplaceFound(db, old, entry);
  if (interest & AWAITED && code == 0) noteArrival(db, entry);
  return code;
}

function replaceFollowed(db: u32, old: u32, entry: u32): i32 {
  const isSame = isFollowed(old) && isFollowed(entry) &&
    entryValue(old) == entryValue(entry);
  const isNew = isFollowed(entry) && !isSame;
  if (isNew && followAgain(db, entry) != 0) return OUT_OF_MEMORY;
  if (datedReplaceFound(db, old, entry) != 0) {
    if (isNew) unfollowShared(db, entry);
    return OUT_OF_MEMORY;
  }
  if (isSame) setOwnerEntry(entryValue(entry), entry);
  else if (isFollowed(old)) unfollow(db, old);
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
 * Removes up to `maxCount` keys and fields that are due, earliest first;
 * returns how many there were.
 */
export function expireDue(db: u32, maxCount: u32): u32 {
  const heap = heapOf(db);
  let count: u32 = 0;
  while (count < maxCount && heapFirstDue(heap) < nowMs) {
    const owner = heapFirstOwner(heap);
    if (isHashOwner(owner)) {
      const gone = expireFields(db, ownerEntry(owner), maxCount - count);
      if (!gone) break;
      count += gone;
      continue;
    }
    tableFind(db, keyPtr(owner), keyBytes(owner));
    if (!expireFound(db, owner)) break;
    count++;
  }
  return count;
}

/**
 * Removes up to `maxCount` due fields of a hash, and its key when none is
 * left; returns how many fields there were.
 */
function expireFields(db: u32, entry: u32, maxCount: u32): u32 {
  tableChanges(db, entry);
  const hash = entryValue(entry);
  let count: u32 = 0;
  while (count < maxCount && hashtableFirstDue(hash) < nowMs) {
    const field = hashtableFirstField(hash);
    if (!noteExpiredField(db, entry, field)) break;
    hashtableRemove(hash, field);
    count++;
  }
  addExpiredFields(count);
  if (hashtableCount(hash)) followFields(db, entry);
  else {
    noteEmptied(db, entry);
    tableFind(db, keyPtr(entry), keyBytes(entry));
    removeFound(db, entry);
  }
  return count;
}

/** Removes a hash of which every field is due; it was just found. */
function expireHash(db: u32, entry: u32): bool {
  const count = hashtableCount(entryValue(entry));
  if (count <= FIELDS_AT_ONCE) {
    return expireFields(db, entry, count) == count || hide();
  }
  if (!noteExpiredHash(db, entry)) return hide();
  addExpiredFields(count);
  removeFound(db, entry);
  return true;
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
  store<u32>(grave, graveyard, NEXT);
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
