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
  ENCODING_QUICKLIST,
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
  TYPE_SET,
  TYPE_STRING,
} from "./entry";
import { fieldBytes, fieldValueBytes } from "./field";
import { hashtableFirstDue } from "./hashtable";
import {
  recordBegin,
  recordEnd,
  recordField,
  recordLongEnd,
  recordLongString,
  recordMember,
  recordScored,
} from "./record";
import { selectRecord } from "./record_state";
import { putBytes, sinkTotal } from "./sink";
import {
  beginRecording,
  countDone,
  endRecording,
  failSlot,
  FIRST_QUEUED,
  HELD,
  isRunning,
  LAST_QUEUED,
  SLOT_COUNT,
  slotAt,
  slotSink,
  UNDER_WAY,
} from "./snapshot_slot";
import {
  enterTable,
  isKeptByWalk,
  leaveTable,
  newWalk,
  nextWalk,
  RECORD_STATE,
  setNextWalk,
  walkClasses,
  walkIsOver,
  walkKind,
  walkSlot,
} from "./snapshot_walk";
import { freezeNodes, takeNode } from "./snapshot_list";
import { tableEntryCount } from "./table";
import { collectionTable, freeCollection } from "./value";

const DUE: usize = 32;
const FLAGS: usize = 40;
const DATABASE: usize = 48;
const VALUE: usize = 52;
const KEY: usize = 56;
const KEY_BYTES: usize = 60;
const ACCESS: usize = 64;
const COUNT: usize = 68;
const DONE: usize = 72;
const SAVED: usize = 76;
const NEXT_HELD: usize = 80;
const FIRST_DUE: usize = 88;

const BEGUN: u32 = 1;
const OWNED: u32 = 2;

const SAVED_HEADER_BYTES: u32 = 4;
/** What is put into a sink counts as one unit of work for so many bytes. */
export const UNIT_BYTES: u32 = 64;
/** Classes of a table that are walked at once, if their elements are small. */
const CLASSES_AT_ONCE: u32 = 8;
/** They are when so many units are not exceeded. */
const UNITS_AT_ONCE: u32 = 1024;

// @ts-ignore: decorator
@inline
function isString(walk: u32): bool {
  return walkKind(walk) >> 4 == TYPE_STRING;
}

// @ts-ignore: decorator
@inline
function isList(walk: u32): bool {
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
    store<u32>(walk, frozenNodes(), VALUE);
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

// Recording.

/**
 * Goes on with the value that is under way, for about so many units; returns
 * how many it were. When all is recorded, nothing of the walk is left and no
 * value is under way.
 */
export function stepValue(walk: u32, units: i32): i32 {
  const slot = walkSlot(walk);
  if (!isRunning(slot)) return passValue(walk, units);
  beginRecording(slot, false, load<u32>(walk, DATABASE));
  selectRecord(walk + RECORD_STATE);
  if (!(load<u32>(walk, FLAGS) & BEGUN)) begin(walk);
  const before = sinkTotal(slotSink(slot));
  let used: i32 = 1;
  let isDone = false;
  while (used < units && !isDone) {
    isDone = recordSome(walk, units - used);
    used += i32((sinkTotal(slotSink(slot)) - before) / UNIT_BYTES) + worked;
  }
  if (isDone) finish(walk);
  endRecording(slot);
  if (isDone) dropValue(walk);
  return used;
}
