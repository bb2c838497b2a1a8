// Keys and fields of hashes whose time has passed: whoever meets them removes
// them, and housekeeping removes the rest.
//
// To others they are gone as soon as they are due. If that cannot be told
// (journal.ts), for want of memory, they stay and are hidden; on a replica all
// of them are.

import { nowMs } from "./access";
import { removeFound } from "./database";
import { heapOf } from "./dated";
import {
  entryDue,
  entryFlags,
  entryValue,
  FOLLOWED,
  HAS_DUE,
  hasDue,
  isFollowed,
  keyBytes,
  keyPtr,
} from "./entry";
import { heapFirstDue, heapFirstOwner } from "./expiry";
import { followFields, isHashOwner } from "./followed";
import {
  hashtableCount,
  hashtableFirstDue,
  hashtableFirstField,
  hashtableRemove,
  isAllDue,
  ownerEntry,
} from "./hashtable";
import {
  noteEmptied,
  noteExpired,
  noteExpiredField,
  noteExpiredHash,
} from "./journal";
import { addExpiredFields, countExpired } from "./statistics";
import { tableChanges, tableFind } from "./table";

/** 1: due keys are removed when met; 0: only hidden (a replica's view). */
let removeDue: bool = true;

export function setRemoveDue(on: i32): void {
  removeDue = on != 0;
}

export function removesDue(): bool {
  return removeDue;
}

// @ts-ignore: decorator
@inline
function isDue(entry: u32): bool {
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

/** A look-up removes no more due fields than this; the rest is hidden. */
const FIELDS_AT_ONCE: u32 = 256;

/** The entry just found if it is live, or 0. */
export function liveFound(db: u32, entry: u32): u32 {
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

/** Whether a due key may be there that could not go, whatever look-ups say. */
export function hides(): bool {
  return isHiding;
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
