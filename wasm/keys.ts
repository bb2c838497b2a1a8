// What can be done with a key whatever its type: deleting, due times, renaming,
// copying, moving.

import { decayedCounter, freshAccess, idleSeconds, nowMs } from "./access";
import { free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { attach, replaceFound } from "./attach";
import { MISSING, OUT_OF_MEMORY } from "./codes";
import { detachFound, removeFound } from "./database";
import { heapOf } from "./dated";
import {
  embeddedPtr,
  ENCODING_INT,
  entryDue,
  entryEncoding,
  entryKind,
  entryType,
  entryValue,
  hasDue,
  heapPosition,
  isEmbedded,
  isFollowed,
  keyBytes,
  keyPtr,
  reshapedEntry,
  setEntryAccess,
  setEntryDue,
  setEntryValue,
  TYPE_STRING,
} from "./entry";
import { heapUpdate } from "./expiry";
import { follow, unfollow } from "./followed";
import {
  lookupInspect,
  lookupKey,
  lookupPeek,
  lookupRead,
  lookupWrite,
} from "./lookup";
import { removesDue } from "./overdue";
import { countChange } from "./statistics";
import { copyValue, entryFootprint, freeEntry } from "./value";

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

/** Set the due time only when there is none, or only when there is one. */
const ONLY_NEW: u32 = 1;
const ONLY_OLD: u32 = 2;
/** Only when it becomes later, or earlier; none counts as infinitely late. */
const ONLY_LATER: u32 = 4;
const ONLY_EARLIER: u32 = 8;

/** The key's time had passed already, so it was removed. */
const REMOVED: i32 = 2;

/**
 * Gives a key a due time: 1, REMOVED, 0 when a condition was not met, MISSING
 * or OUT_OF_MEMORY.
 */
export function setDue(db: u32, key: u32, dueMs: f64, conditions: u32): i32 {
  const entry = lookupWrite(db, key);
  if (!entry) return MISSING;
  const oldMs = hasDue(entry) ? entryDue(entry) : Infinity;
  if (conditions && !mayBeDue(oldMs, dueMs, conditions)) return 0;
  if (dueMs <= nowMs && removesDue()) {
    removeFound(db, entry);
    countChange();
    return REMOVED;
  }
  if (hasDue(entry)) {
    setEntryDue(entry, dueMs);
    heapUpdate(heapOf(db), heapPosition(entry), dueMs);
  } else {
    const fresh = reshapedEntry(entry, keyPtr(entry), keyBytes(entry), true);
    if (!fresh) return OUT_OF_MEMORY;
    setEntryDue(fresh, dueMs);
    if (replaceFound(db, entry, fresh) != 0) {
      free(fresh);
      return OUT_OF_MEMORY;
    }
    free(entry);
  }
  countChange();
  return 1;
}

/** Whether a due time may follow another one, Infinity for none. */
export function mayBeDue(old: f64, dueMs: f64, conditions: u32): bool {
  if (conditions & ONLY_NEW && old != Infinity) return false;
  if (conditions & ONLY_OLD && old == Infinity) return false;
  if (conditions & ONLY_LATER && dueMs <= old) return false;
  return !(conditions & ONLY_EARLIER && dueMs >= old);
}

/** Takes a key's due time away: 1, 0 when it has none, or a code. */
export function clearDue(db: u32, key: u32): i32 {
  const entry = lookupWrite(db, key);
  if (!entry) return MISSING;
  if (!hasDue(entry)) return 0;
  const fresh = reshapedEntry(entry, keyPtr(entry), keyBytes(entry), false);
  if (!fresh) return OUT_OF_MEMORY;
  replaceFound(db, entry, fresh);
  free(entry);
  countChange();
  return 1;
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

/** TYPE: the type's number or MISSING. */
export function typeOf(db: u32, key: u32): i32 {
  const entry = lookupPeek(db, key);
  return entry ? entryType(entry) : MISSING;
}

/**
 * Type and encoding of a key as one byte, or MISSING. SHARED is added for a
 * number of which Redis keeps one object for all keys.
 */
export function kindOf(db: u32, key: u32): i32 {
  const entry = lookupInspect(db, key);
  return entry ? sharedKind(entry) : MISSING;
}

/** The same of an entry. */
export function sharedKind(entry: u32): i32 {
  return i32(entryKind(entry)) | (isShared(entry) ? SHARED : 0);
}

const SHARED: i32 = 256;
const SHARED_MAX: u64 = 9999;

function isShared(entry: u32): bool {
  return entryType(entry) == TYPE_STRING &&
    entryEncoding(entry) == ENCODING_INT &&
    load<u64>(embeddedPtr(entry)) <= SHARED_MAX;
}

export function idleOf(db: u32, key: u32): i32 {
  const entry = lookupInspect(db, key);
  return entry ? idleSeconds(entry) : MISSING;
}

export function frequencyOf(db: u32, key: u32): i32 {
  const entry = lookupInspect(db, key);
  return entry ? decayedCounter(entry) : MISSING;
}

/** TOUCH: 1 when the key is there. */
export function touchKey(db: u32, key: u32): i32 {
  return lookupRead(db, key) ? 1 : 0;
}

/** Bytes that a key takes in all, or MISSING. */
export function footprintOf(db: u32, key: u32): f64 {
  const entry = lookupKey(db, key);
  return entry ? entryFootprint(entry) : MISSING;
}

/**
 * Moves a value to another key or database; what was there goes. Returns 1,
 * MISSING, OUT_OF_MEMORY, or 0 when nothing moves because `onlyNew` finds the
 * target taken or the target is the key itself.
 */
export function moveKey(
  fromDb: u32,
  from: u32,
  toDb: u32,
  to: u32,
  onlyNew: i32,
): i32 {
  const source = lookupWrite(fromDb, from);
  if (!source) return MISSING;
  const old = lookupWrite(toDb, to);
  if (old == source || (old && onlyNew)) return 0;
  const fresh = reshapedEntry(source, argPtr(to), argLen(to), hasDue(source));
  if (!fresh) return OUT_OF_MEMORY;
  // A followed hash stands in one heap at a time; the way back cannot fail.
  const isHash = isFollowed(source);
  if (isHash) unfollow(fromDb, source);
  if (putEntry(toDb, old, fresh) != 0) {
    if (isHash) follow(fromDb, source, entryDue(entryValue(source)));
    free(fresh);
    return OUT_OF_MEMORY;
  }
  lookupKey(fromDb, from);
  detachFound(fromDb, source);
  free(source);
  countChange();
  return 1;
}

/**
 * Copies a value to another key, which is another one: 1, MISSING, 0 when it
 * is taken, or a code.
 */
export function copyKey(
  fromDb: u32,
  from: u32,
  toDb: u32,
  to: u32,
  replace: i32,
): i32 {
  const source = lookupRead(fromDb, from);
  if (!source) return MISSING;
  const taken = lookupWrite(toDb, to);
  if (taken && !replace) return 0;
  assert(taken != source);
  const fresh = reshapedEntry(source, argPtr(to), argLen(to), hasDue(source));
  if (!fresh) return OUT_OF_MEMORY;
  setEntryAccess(fresh, freshAccess());
  if (!isEmbedded(source)) {
    const value = copyValue(source);
    if (!value) {
      free(fresh);
      return OUT_OF_MEMORY;
    }
    setEntryValue(fresh, value);
  }
  // Copying has spoilt the place that was found.
  if (putEntry(toDb, lookupKey(toDb, to), fresh) != 0) {
    freeEntry(fresh);
    return OUT_OF_MEMORY;
  }
  countChange();
  return 1;
}

/** Puts an entry where the last look-up found `old` or nothing. */
function putEntry(db: u32, old: u32, fresh: u32): i32 {
  if (!old) return attach(db, fresh);
  if (replaceFound(db, old, fresh) != 0) return OUT_OF_MEMORY;
  freeEntry(old);
  return 0;
}
