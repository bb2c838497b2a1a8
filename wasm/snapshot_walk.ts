// Walks of a snapshot: through the keys of a database, or through the elements
// of a value that is recorded bit by bit while it may change.
//
//   walk (136 bytes):
//   +0   u32 next walk through the same table    +4   u32 table, 0 if through none
//   +8   u32 cursor of the class that comes next +12  u32 its bits in reverse
//   +16  u32 slot         +20  u32 mark          +24  u32 kind, or KEYS
//   +28  u32 next walk of the same slot
//   +32  database: see snapshot_slot.ts; value: see snapshot_value.ts
//   +44  u32 stage
//
// A table is walked class by class, in the order of SCAN (table.ts), which no
// growing or shrinking upsets: an element has been reached if and only if the
// bits of its hash in reverse are below those of the cursor. Where an element
// lies does not matter.
//
// The walk takes each element that was there when it began, once and as it was
// then. One that is about to change, or to leave, before it is reached is taken
// at once; it then bears the walk's mark, and so does whoever takes its place.
// A new one bears the mark too, unless it lies where the walk has been. When
// the walk comes by, it takes marks off and passes those elements over.
//
// A walk through a table hangs on the table's control block. What is in there,
// no one frees before the walk is done: it is told that the table goes, and lets
// it go at its end (KEPT).

import { alloc } from "./allocator";
import {
  COMPACT,
  EMBEDDED,
  embeddedBytes,
  embeddedPtr,
  entryFlags,
  entryValue,
  keyBytes,
  keyPtr,
  setFlags,
} from "./entry";
import { hashBytes } from "./hash";
import { RECORD_STATE_BYTES } from "./record_state";
import { isRunning, slotMark } from "./snapshot_slot";
import { setTableWalks, tableWalks } from "./table";
import { touch, touchEntries } from "./table_ahead";
import { bucketEntry, bucketEntryCount, bucketNext } from "./table_chains";
import {
  reverseBits,
  scanChain,
  scanIsInside,
  scanNext,
  scanSplitChain,
} from "./table_scan";

export const KEYS: u32 = 0xff;

const NEXT_OF_TABLE: usize = 0;
const TABLE: usize = 4;
const CURSOR: usize = 8;
const FRONT: usize = 12;
const SLOT: usize = 16;
const MARK: usize = 20;
const KIND: usize = 24;
const NEXT: usize = 28;
const STAGE: usize = 44;
/** Where the state of a value's record lies. */
export const RECORD_STATE: u32 = 96;
const WALK_BYTES: u32 = RECORD_STATE + RECORD_STATE_BYTES;

// Stages of a walk; 0 while some classes are still to come.

/** All is taken, and the walk hangs on no table any more. */
const OVER: u32 = 1;
/** What it walks through has been thrown away and is freed at its end. */
const KEPT: u32 = 2;

/** A new walk that goes through nothing yet, 0 without memory. */
export function newWalk(slot: u32, kind: u32): u32 {
  const walk = alloc(WALK_BYTES);
  if (!walk) return 0;
  memory.fill(walk, 0, WALK_BYTES);
  store<u32>(walk, slot, SLOT);
  store<u32>(walk, slotMark(slot), MARK);
  store<u32>(walk, kind, KIND);
  return walk;
}

// @ts-ignore: decorator
@inline
export function walkSlot(walk: u32): u32 {
  return load<u32>(walk, SLOT);
}

// @ts-ignore: decorator
@inline
export function walkKind(walk: u32): u32 {
  return load<u32>(walk, KIND);
}

// @ts-ignore: decorator
@inline
export function walkTable(walk: u32): u32 {
  return load<u32>(walk, TABLE);
}

/** The next walk of a slot's list. */
export function nextWalk(walk: u32): u32 {
  return load<u32>(walk, NEXT);
}

export function setNextWalk(walk: u32, next: u32): void {
  store<u32>(walk, next, NEXT);
}

/** The next walk through the same table. */
// @ts-ignore: decorator
@inline
export function nextOfTable(walk: u32): u32 {
  return load<u32>(walk, NEXT_OF_TABLE);
}

/** Whether a walk through a table has come to its end. */
export function walkIsOver(walk: u32): bool {
  return (load<u32>(walk, STAGE) & OVER) != 0;
}

/** What a walk goes through was thrown away: the walk frees it. */
export function keepForWalk(walk: u32): void {
  store<u32>(walk, load<u32>(walk, STAGE) | KEPT, STAGE);
}

function isKeptByWalk(walk: u32): bool {
  return (load<u32>(walk, STAGE) & KEPT) != 0;
}

/** Begins a walk through a table. */
export function enterTable(walk: u32, table: u32): void {
  store<u32>(walk, table, TABLE);
  store<u32>(walk, tableWalks(table), NEXT_OF_TABLE);
  setTableWalks(table, walk);
}

/** The control block of the table has been moved. */
export function followTable(walk: u32, table: u32): void {
  store<u32>(walk, table, TABLE);
}

/** Ends it; true when it was the last one through a table that is kept. */
export function leaveTable(walk: u32): bool {
  const table = walkTable(walk);
  store<u32>(walk, load<u32>(walk, STAGE) | OVER, STAGE);
  const next = nextOfTable(walk);
  const first = tableWalks(table);
  if (first == walk) setTableWalks(table, next);
  else store<u32>(first, next, NEXT_OF_TABLE);
  return isKeptByWalk(walk) && !tableWalks(table);
}

// Elements.

// @ts-ignore: decorator
@inline
function isReached(walk: u32, hash: u64): bool {
  return reverseBits(u32(hash)) < load<u32>(walk, FRONT);
}

/**
 * An element is about to change or leave: whether the walk must take it now. It
 * bears the mark afterwards.
 */
export function mustTake(walk: u32, element: u32, hash: u64): bool {
  const mark = load<u32>(walk, MARK);
  if (entryFlags(element) & mark) return false;
  if (isReached(walk, hash) || !isRunning(walkSlot(walk))) return false;
  setFlags(element, entryFlags(element) | mark);
  return true;
}

/** A new element: the walk shall pass it over. */
export function passOver(walk: u32, element: u32, hash: u64): void {
  const mark = load<u32>(walk, MARK);
  const others = entryFlags(element) & ~mark;
  const isAhead = isRunning(walkSlot(walk)) && !isReached(walk, hash);
  setFlags(element, isAhead ? others | mark : others);
}

/** Takes an element that the walk has come to. */
type Visitor = (walk: u32, element: u32) => void;

/**
 * Goes through the next classes, so many at most; their memory is fetched
 * together. Returns how many elements were in them. After the last one the walk
 * is over but still hangs on the table: the caller leaves it at once.
 */
export function walkClasses(walk: u32, classCount: u32, visit: Visitor): u32 {
  const table = walkTable(walk);
  let cursor = load<u32>(walk, CURSOR);
  if (classCount > 1) fetchClasses(table, cursor, classCount);
  let count: u32 = 0;
  for (let left = classCount; left; left--) {
    const isInside = scanIsInside(table, cursor);
    count += walkChain(walk, scanChain(table, cursor), isInside, visit);
    const split = scanSplitChain(table, cursor);
    if (split) count += walkChain(walk, split, isInside, visit);
    cursor = scanNext(table, cursor);
    store<u32>(walk, cursor, CURSOR);
    store<u32>(walk, reverseBits(cursor), FRONT);
    if (cursor) continue;
    store<u32>(walk, load<u32>(walk, STAGE) | OVER, STAGE);
    break;
  }
  return count;
}

function walkChain(
  walk: u32,
  chain: u32,
  isInside: bool,
  visit: Visitor,
): u32 {
  const mark = load<u32>(walk, MARK);
  let sum: u32 = 0;
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    sum += count;
    for (let i: u32 = 0; i < count; i++) {
      const element = bucketEntry(bucket, i);
      if (entryFlags(element) & mark) {
        setFlags(element, entryFlags(element) & ~mark);
      } else if (!(isInside && hasReached(walk, element))) {
        visit(walk, element);
      }
    }
  }
  return sum;
}

function hasReached(walk: u32, element: u32): bool {
  return isReached(walk, hashBytes(keyPtr(element), keyBytes(element)));
}

/** Memory is fetched by lines of so many bytes. */
const LINE_BYTES: u32 = 64;

/** Begins the loads of buckets together, and so on with what they lead to. */
function fetchClasses(table: u32, cursor: u32, classCount: u32): void {
  let at = cursor;
  let count = classCount;
  for (let i: u32 = 0; i < count; i++) {
    touch(scanChain(table, at));
    const split = scanSplitChain(table, at);
    if (split) touch(split);
    at = scanNext(table, at);
    if (!at) count = i + 1;
  }
  for (let depth = 0; depth < 2; depth++) {
    at = cursor;
    for (let i: u32 = 0; i < count; i++) {
      fetchChain(scanChain(table, at), depth);
      const split = scanSplitChain(table, at);
      if (split) fetchChain(split, depth);
      at = scanNext(table, at);
    }
  }
}

/** Touches what a bucket names, or one deeper what comes with that. */
// @ts-ignore: decorator
@inline
function fetchChain(bucket: u32, depth: i32): void {
  const count = bucketEntryCount(bucket);
  if (!depth) return touchEntries(bucket, count);
  for (let i: u32 = 0; i < count; i++) fetchRest(bucketEntry(bucket, i));
}

/** Touches the rest of an entry's block, or the beginning of its value's. */
// @ts-ignore: decorator
@inline
function fetchRest(entry: u32): void {
  const flags = entryFlags(entry);
  if (flags & COMPACT) return;
  if (!(flags & EMBEDDED)) {
    touch(entryValue(entry));
    return;
  }
  const end = embeddedPtr(entry) + embeddedBytes(entry);
  for (let at = entry + LINE_BYTES; at < end; at += LINE_BYTES) touch(at);
}
