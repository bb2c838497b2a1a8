// Values that a snapshot records bit by bit, because they are large: strings,
// lists, and tables of elements. From when it is met, or about to change, until
// it is recorded, such a value is a walk of its own, with all that its record
// needs, so that its key may meanwhile change, move or go.
//
//   walk (snapshot_walk.ts)
//   +32  f64 due time, -1 for none        +40  u32 BEGUN | OWNED
//   +48  u32 walk of its database         +52  u32 value
//   +56  u32 key      +60  u32 key bytes  +64  u32 access
//   +68  u32 count    +72  u32 how many of them have been recorded
//   +76  u32 first saved element          +80  u32 next held string
//   +88  f64 earliest due time of a field, Infinity for none
//   +96  state of the record (record_state.ts)
//
//   value of a table:   its control block; count is that of its elements
//            a list:    an array of its nodes (snapshot_list.ts); their count
//            a string:  its block; its bytes
//
// An element that is to change or leave before the walk has come to it is copied
// and saved:   u32 next | the element as field.ts has it.
//
// A string belongs to its entry at first. When that lets it go, it is the
// walk's (OWNED); when it is to change in place, the walk takes a copy.

import { alloc, free } from "./allocator";
import {
  copyBytes,
  ENCODING_HASHTABLE,
  entryAccess,
  entryDue,
  entryKind,
  entryValue,
  hasDue,
  keyBytes,
  keyPtr,
  RAW_HEADER_BYTES,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_STRING,
} from "./entry";
import { fieldBytes, fieldValueBytes } from "./field";
import { hashtableFirstDue } from "./hashtable";
import { freezeNodes, frozenNodes } from "./snapshot_list";
import {
  failSlot,
  FIRST_QUEUED,
  HELD,
  isRunning,
  LAST_QUEUED,
  SLOT_COUNT,
  slotAt,
} from "./snapshot_slot";
import {
  enterTable,
  leaveTable,
  newWalk,
  setNextWalk,
  walkKind,
  walkSlot,
} from "./snapshot_walk";
import { tableEntryCount } from "./table_chains";
import { collectionTable, freeCollection } from "./value";

export const DUE: usize = 32;
export const FLAGS: usize = 40;
export const DATABASE: usize = 48;
export const VALUE: usize = 52;
export const KEY: usize = 56;
export const KEY_BYTES: usize = 60;
export const ACCESS: usize = 64;
export const COUNT: usize = 68;
export const DONE: usize = 72;
export const SAVED: usize = 76;
const NEXT_HELD: usize = 80;
export const FIRST_DUE: usize = 88;

export const BEGUN: u32 = 1;
const OWNED: u32 = 2;

export const SAVED_HEADER_BYTES: u32 = 4;
// @ts-ignore: decorator
@inline
export function isString(walk: u32): bool {
  return walkKind(walk) >> 4 == TYPE_STRING;
}

// @ts-ignore: decorator
@inline
export function isList(walk: u32): bool {
  return walkKind(walk) >> 4 == TYPE_LIST;
}

// Freezing.

/**
 * Lets a snapshot record the value of an entry as it is now, bit by bit from
 * now on. False without memory, and then it does not.
 */
export function freezeValue(slot: u32, database: u32, entry: u32): bool {
  const walk = newWalk(slot, entryKind(entry));
  const key = walk ? alloc(max<u32>(keyBytes(entry), 1)) : 0;
  if (!key) {
    if (walk) free(walk);
    return false;
  }
  copyBytes(key, keyPtr(entry), keyBytes(entry));
  store<f64>(walk, hasDue(entry) ? entryDue(entry) : -1, DUE);
  store<u32>(walk, database, DATABASE);
  store<u32>(walk, key, KEY);
  store<u32>(walk, keyBytes(entry), KEY_BYTES);
  store<u32>(walk, entryAccess(entry), ACCESS);
  store<f64>(walk, Infinity, FIRST_DUE);
  if (!freezeContents(slot, walk, entry)) {
    free(key);
    free(walk);
    return false;
  }
  const last = load<u32>(slot, LAST_QUEUED);
  if (last) setNextWalk(last, walk);
  else store<u32>(slot, walk, FIRST_QUEUED);
  store<u32>(slot, walk, LAST_QUEUED);
  return true;
}

function freezeContents(slot: u32, walk: u32, entry: u32): bool {
  const value = entryValue(entry);
  store<u32>(walk, value, VALUE);
  if (isString(walk)) {
    store<u32>(walk, load<u32>(value), COUNT);
    store<u32>(walk, load<u32>(slot, HELD), NEXT_HELD);
    store<u32>(slot, walk, HELD);
    return true;
  }
  if (isList(walk)) {
    const count = freezeNodes(slot, value);
    store<u32>(walk, count, COUNT);
    store<u32>(walk, frozenNodes, VALUE);
    return count != 0;
  }
  const kind = entryKind(entry);
  const table = collectionTable(kind, value);
  store<u32>(walk, tableEntryCount(table), COUNT);
  if (kind == HASH_TABLE) {
    store<f64>(walk, hashtableFirstDue(value), FIRST_DUE);
  }
  enterTable(walk, table);
  return true;
}

const HASH_TABLE: u32 = (TYPE_HASH << 4) | ENCODING_HASHTABLE;

/** Saves an element as it is, before it changes or leaves. */
export function saveElement(walk: u32, element: u32): void {
  const byteCount = u32(
    fieldBytes(keyBytes(element), fieldValueBytes(element), hasDue(element)),
  );
  const saved = alloc(byteCount + SAVED_HEADER_BYTES);
  if (!saved) {
    failSlot(walkSlot(walk));
    return;
  }
  memory.copy(saved + SAVED_HEADER_BYTES, element, byteCount);
  store<u32>(saved, load<u32>(walk, SAVED));
  store<u32>(walk, saved, SAVED);
}

// Strings.

/** A raw string is about to change in its place: who needs it takes a copy. */
export function beforeChangeOfString(block: u32): void {
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const walk = holderOf(slotAt(i), block);
    if (walk && !(load<u32>(walk, FLAGS) & OWNED)) takeCopy(walk, block);
  }
}

function takeCopy(walk: u32, block: u32): void {
  const byteCount = load<u32>(block) + RAW_HEADER_BYTES;
  const copy = isRunning(walkSlot(walk)) ? alloc(byteCount) : 0;
  if (copy) memory.copy(copy, block, byteCount);
  else failSlot(walkSlot(walk));
  store<u32>(walk, copy, VALUE);
  store<u32>(walk, load<u32>(walk, FLAGS) | OWNED, FLAGS);
}

/** A raw string is to be freed: true when a snapshot does it later. */
export function keepsWholeString(block: u32): bool {
  let isKept = false;
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const walk = holderOf(slotAt(i), block);
    if (!walk) continue;
    store<u32>(walk, load<u32>(walk, FLAGS) | OWNED, FLAGS);
    isKept = true;
  }
  return isKept;
}

/** The walk in a slot that holds a string, 0 without one. */
function holderOf(slot: u32, block: u32): u32 {
  let walk = load<u32>(slot, HELD);
  while (walk && load<u32>(walk, VALUE) != block) {
    walk = load<u32>(walk, NEXT_HELD);
  }
  return walk;
}

/** Lets a string go; the last one who owns it frees it. */
function dropString(walk: u32): void {
  const slot = walkSlot(walk);
  let before = slot + u32(HELD);
  while (load<u32>(before) != walk) before = load<u32>(before) + u32(NEXT_HELD);
  store<u32>(before, load<u32>(walk, NEXT_HELD));
  const block = load<u32>(walk, VALUE);
  if (!block || !(load<u32>(walk, FLAGS) & OWNED)) return;
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    if (holderOf(slotAt(i), block)) return;
  }
  free(block);
}

// The end.

/** Frees a walk whose value has been recorded, or is not wanted any more. */
export function dropValue(walk: u32): void {
  if (isString(walk)) dropString(walk);
  else if (isList(walk)) free(load<u32>(walk, VALUE));
  free(load<u32>(walk, KEY));
  free(walk);
}

/** A walk through a value's elements is over: leaves the table. */
export function leaveValue(walk: u32): void {
  if (leaveTable(walk)) {
    freeCollection(walkKind(walk), load<u32>(walk, VALUE));
  }
}
