// Followed hashes: those with a field that has a due time. Each stands in its
// database's heap by its earliest field, and the owner there is the hash's
// control block (hashtable.ts), which is COMPACT as no key entry is.
//
// Invariants, for every key of a database (verifyFollowed): 1. its entry is
// FOLLOWED if and only if it is a hash whose control block HAS_DUE, and that if
// and only if a field has a due time; 2. the control block names the entry, and
// its due time is that of the earliest field; 3. the database counts them.
//
// An operation on fields first makes sure that the hash is followed
// (`mustFollow`, which can fail), changes the fields, and then lets the heap
// know (`followFields`, which cannot).

import { OUT_OF_MEMORY } from "./codes";
import { DATED_BYTES, heapOf } from "./dated";
import {
  COMPACT,
  ENCODING_HASHTABLE,
  entryDue,
  entryEncoding,
  entryFlags,
  entryType,
  entryValue,
  FOLLOWED,
  HAS_DUE,
  hasDue,
  heapPosition,
  isFollowed,
  setEntryDue,
  setFlags,
  TYPE_HASH,
} from "./entry";
import { heapInsert, heapRemove, heapUpdate } from "./expiry";
import { hashtableFirstDue, ownerEntry, setOwnerEntry } from "./hashtable";

/** In a database's control block, behind table and heap. */
const COUNT: usize = DATED_BYTES;

/** How many followed hashes a database has. */
export function followedCount(db: u32): u32 {
  return load<u32>(db, COUNT);
}

export function clearFollowed(db: u32): void {
  store<u32>(db, 0, COUNT);
}

function addToCount(db: u32, change: i32): void {
  store<u32>(db, load<u32>(db, COUNT) + change, COUNT);
}

/** Whether an owner in a database's heap is a hash. */
// @ts-ignore: decorator
@inline
export function isHashOwner(owner: u32): bool {
  return (entryFlags(owner) & COMPACT) != 0;
}

/** Puts a hash that is not followed into the heap. */
export function follow(db: u32, entry: u32, dueMs: f64): i32 {
  const hash = entryValue(entry);
  setEntryDue(hash, dueMs);
  if (heapInsert(heapOf(db), dueMs, hash) != 0) return OUT_OF_MEMORY;
  setFlags(hash, COMPACT | HAS_DUE);
  setFlags(entry, entryFlags(entry) | FOLLOWED);
  setOwnerEntry(hash, entry);
  addToCount(db, 1);
  return 0;
}

/** Takes a followed hash out of the heap. */
export function unfollow(db: u32, entry: u32): void {
  const hash = entryValue(entry);
  heapRemove(heapOf(db), heapPosition(hash));
  setFlags(hash, COMPACT);
  setFlags(entry, entryFlags(entry) & ~FOLLOWED);
  addToCount(db, -1);
}

/** Before a field gets a due time: 0, or OUT_OF_MEMORY. */
export function mustFollow(db: u32, entry: u32, dueMs: f64): i32 {
  return isFollowed(entry) ? 0 : follow(db, entry, dueMs);
}

/** After fields of a hash have changed: brings the heap up to date. */
export function followFields(db: u32, entry: u32): void {
  if (!isFollowed(entry)) return;
  const hash = entryValue(entry);
  const dueMs = hashtableFirstDue(hash);
  if (dueMs == Infinity) unfollow(db, entry);
  else if (dueMs != entryDue(hash)) {
    setEntryDue(hash, dueMs);
    heapUpdate(heapOf(db), heapPosition(hash), dueMs);
  }
}

/** 0, or the number of the invariant that an entry breaks. */
export function verifyFollowed(entry: u32): i32 {
  const isTable = entryType(entry) == TYPE_HASH &&
    entryEncoding(entry) == ENCODING_HASHTABLE;
  if (!isTable) return isFollowed(entry) ? 1 : 0;
  const hash = entryValue(entry);
  const dueMs = hashtableFirstDue(hash);
  if (isFollowed(entry) != (dueMs != Infinity)) return 1;
  if (isFollowed(entry) != hasDue(hash)) return 1;
  if (!isFollowed(entry)) return 0;
  return ownerEntry(hash) == entry && entryDue(hash) == dueMs ? 0 : 2;
}
