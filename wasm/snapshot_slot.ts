// The two snapshots that may run at once, and what belongs to one as a whole.
//
//   slot (80 bytes):
//   +0   u32 state                        +4   u32 format of its records
//   +8   u32 sink that is taken from      +12  u32 sink of what has to wait
//   +16  u32 first and +20 last database  +24  u32 database that is walked
//   +28  u32 first and +32 last value in the queue, +36 value under way
//   +40  u32 first string that is held
//   +44  u32 database selected in the one sink, and +48 in the other, 0 if none
//   +56  f64 keys recorded so far         +64  f64 keys to record
//   +72  u32 the mark of its walks
//
// Databases and values are walks (snapshot_walk.ts).
//
// Everything of a key has to stand together in the output. So while a value is
// under way, keys that must be recorded at once go to the waiting sink, and from
// there to the other one as soon as that value is complete.
//
// A snapshot that fails for want of memory, or is given up, records no more. It
// then goes on only to take its marks off and to free what it holds.

import { SKIP_MARKS } from "./entry";
import { RECORD_RDB } from "./rdb_codes";
import { recordSelect, setRecordFormat } from "./record";
import { selectRecord } from "./record_state";
import {
  putBytes,
  selectedSink,
  selectSink,
  sinkDrop,
  sinkFailed,
  sinkFree,
  sinkHeadBytes,
  sinkHeadPtr,
  sinkNew,
} from "./sink";

export const SLOT_COUNT: u32 = 2;
const SLOT_BYTES: u32 = 80;
const slots: u32 = u32(memory.data(160, 16));

const STATE: usize = 0;
const FORMAT: usize = 4;
const SINK: usize = 8;
const WAITING: usize = 12;
export const FIRST_DATABASE: usize = 16;
export const LAST_DATABASE: usize = 20;
export const WALKED: usize = 24;
export const FIRST_QUEUED: usize = 28;
export const LAST_QUEUED: usize = 32;
export const UNDER_WAY: usize = 36;
export const HELD: usize = 40;
const SELECTED: usize = 44;
const SELECTED_WAITING: usize = 48;
const DONE_COUNT: usize = 56;
const TOTAL_COUNT: usize = 64;
const MARK: usize = 72;

export const FREE: u32 = 0;
export const RUNNING: u32 = 1;
/** All is recorded; only the sink is left. */
export const COMPLETE: u32 = 2;
/** There was no memory; whoever began it has not given it back yet. */
export const FAILED: u32 = 3;
/** It was given back before its time. */
export const CLEANING: u32 = 4;

// @ts-ignore: decorator
@inline
export function slotAt(index: u32): u32 {
  return slots + index * SLOT_BYTES;
}

/** A slot's number, which also is that of its places in lists' nodes. */
export function slotIndex(slot: u32): u32 {
  return (slot - slots) / SLOT_BYTES;
}

// @ts-ignore: decorator
@inline
export function slotState(slot: u32): u32 {
  return load<u32>(slot, STATE);
}

export function setSlotState(slot: u32, state: u32): void {
  store<u32>(slot, state, STATE);
}

/** Whether what changes has to be recorded. */
// @ts-ignore: decorator
@inline
export function isRunning(slot: u32): bool {
  return slotState(slot) == RUNNING;
}

export function slotMark(slot: u32): u32 {
  return load<u32>(slot, MARK);
}

export function slotSink(slot: u32): u32 {
  return load<u32>(slot, SINK);
}

export function doneCount(slot: u32): f64 {
  return load<f64>(slot, DONE_COUNT);
}

export function totalCount(slot: u32): f64 {
  return load<f64>(slot, TOTAL_COUNT);
}

export function addTotal(slot: u32, count: u32): void {
  store<f64>(slot, totalCount(slot) + f64(count), TOTAL_COUNT);
}

/** One more key is recorded. */
// @ts-ignore: decorator
@inline
export function countDone(slot: u32): void {
  store<f64>(slot, doneCount(slot) + 1, DONE_COUNT);
}

/** Makes a free slot a snapshot that gathers nothing yet; false without memory. */
export function openSlot(slot: u32, format: u32): bool {
  const sink = sinkNew();
  const waiting = sink ? sinkNew() : 0;
  if (!waiting) {
    if (sink) sinkFree(sink);
    return false;
  }
  memory.fill(slot, 0, SLOT_BYTES);
  store<u32>(slot, format, FORMAT);
  store<u32>(slot, sink, SINK);
  store<u32>(slot, waiting, WAITING);
  store<u32>(slot, (SKIP_MARKS & -SKIP_MARKS) << slotIndex(slot), MARK);
  setSlotState(slot, RUNNING);
  return true;
}

/** Frees what was recorded and not taken. */
export function dropSinks(slot: u32): void {
  if (!slotSink(slot)) return;
  sinkFree(slotSink(slot));
  sinkFree(load<u32>(slot, WAITING));
  store<u32>(slot, 0, SINK);
}

/** There was no memory: nothing more is recorded. */
export function failSlot(slot: u32): void {
  if (isRunning(slot)) setSlotState(slot, FAILED);
}

// Recording. Between `beginRecording` and `endRecording` the sink, the format
// and the state of a record are the snapshot's.

let sinkBefore: u32 = 0;

/** Records go to a slot, and into the database of a walk. */
export function beginRecording(slot: u32, mayWait: bool, database: u32): void {
  const waits = mayWait && mustWait(slot);
  sinkBefore = selectedSink();
  selectSink(load<u32>(slot + u32(waits ? WAITING : SINK)));
  setRecordFormat(load<u32>(slot, FORMAT));
  const selected = slot + u32(waits ? SELECTED_WAITING : SELECTED);
  if (load<u32>(selected) == database) return;
  store<u32>(selected, database);
  announce(database);
}

/** Whether a key cannot be recorded between what is recorded now. */
function mustWait(slot: u32): bool {
  return load<u32>(slot, UNDER_WAY) != 0 ||
    sinkHeadBytes(load<u32>(slot, WAITING)) != 0;
}

export function endRecording(slot: u32): void {
  if (sinkFailed(slotSink(slot)) || sinkFailed(load<u32>(slot, WAITING))) {
    failSlot(slot);
  }
  selectRecord(0);
  setRecordFormat(RECORD_RDB);
  selectSink(sinkBefore);
}

// What a walk through a database knows of it.
export const DATABASE_INDEX: usize = 32;
export const KEY_COUNT: usize = 36;
export const DUE_COUNT: usize = 40;

/** Says which database follows, and the first time how many keys it has. */
function announce(database: u32): void {
  recordSelect(
    load<u32>(database, DATABASE_INDEX),
    load<u32>(database, KEY_COUNT),
    load<u32>(database, DUE_COUNT),
  );
  store<u32>(database, 0, KEY_COUNT);
  store<u32>(database, 0, DUE_COUNT);
}

/** Moves a piece of what had to wait; false when there is none. */
export function moveWaiting(slot: u32): bool {
  const waiting = load<u32>(slot, WAITING);
  const byteCount = sinkHeadBytes(waiting);
  if (!byteCount) return false;
  const before = selectedSink();
  selectSink(slotSink(slot));
  putBytes(sinkHeadPtr(waiting), byteCount);
  sinkDrop(waiting);
  if (!sinkHeadBytes(waiting)) {
    store<u32>(slot, load<u32>(slot, SELECTED_WAITING), SELECTED);
    store<u32>(slot, 0, SELECTED_WAITING);
  }
  selectSink(before);
  if (sinkFailed(slotSink(slot))) failSlot(slot);
  return true;
}
