// How entries come into a database, or take another's place.
//
// A hash with due fields comes FOLLOWED, and is put into the database's heap; or
// it stays where it stands there when only its entry is another one.

import { freshAccess, inheritAccess } from "./access";
import { free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { noteArrival } from "./awaited";
import { NOTICE_NEW, OUT_OF_MEMORY } from "./codes";
import { datedInsert, datedReplaceFound } from "./dated";
import {
  entryFlags,
  entryValue,
  FOLLOWED,
  isFollowed,
  keyBytes,
  keyPtr,
  newEntry,
  setEntryAccess,
  setEntryKind,
  setEntryValue,
  setFlags,
} from "./entry";
import { follow, unfollow } from "./followed";
import { hashtableFirstDue, setOwnerEntry } from "./hashtable";
import { noteNew, notices } from "./journal";
import { AWAITED, interest } from "./key_chains";
import { lookupKey } from "./lookup";
import { expireGone, hides, isGone, removesDue } from "./overdue";
import { tableFind } from "./table";
import { freeEntry } from "./value";

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
  if (!removesDue()) removeHidden(db, entry);
  // It could be the key that was found due and is still there.
  if (hides()) return OUT_OF_MEMORY;
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
