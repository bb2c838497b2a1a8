// Snapshots: all data as it is at one moment, put into a sink bit by bit while
// it goes on changing. Nothing is forked, and nobody waits.
//
//     slot = snapshotBegin(format);
//     snapshotAddDatabase(slot, index, db);        for each, before any command
//     while (snapshotStep(slot, units) == SNAPSHOT_MORE) take from its sink
//     snapshotEnd(slot);
//
// A snapshot walks through the tables of keys (snapshot_walk.ts). It hears of
// every change beforehand (watch.ts) and takes at once what it has not come to.
// What is small is recorded in one go. A large value is frozen: recorded in
// slices by a walk of its own, which hears of changes in the same way
// (snapshot_value.ts). Values that were touched come before other keys, so that
// little is saved of them. The output of a slice follows that of the one before.
//
// Memory for a snapshot may run out: then it fails, and nothing else does. What
// it leaves behind, or when it is ended too early, is cleaned up by `reclaim`.

import { free } from "./allocator";
import {
  OUT_OF_MEMORY,
  SNAPSHOT_BUSY,
  SNAPSHOT_DONE,
  SNAPSHOT_MORE,
} from "./codes";
import { dbDueCount, dbSize } from "./database";
import { reclaimLater } from "./graveyard";
import { rdbAux, rdbEnd, rdbHeader } from "./rdb_file";
import { selectedSink, selectSink, sinkSum } from "./sink";
import { beforeChangeOfNode, keepsWholeNode } from "./snapshot_list";
import {
  addTotal,
  CLEANING,
  COMPLETE,
  DATABASE_INDEX,
  doneCount,
  dropSinks,
  DUE_COUNT,
  FAILED,
  FIRST_DATABASE,
  FIRST_QUEUED,
  FREE,
  isRunning,
  KEY_COUNT,
  LAST_DATABASE,
  LAST_QUEUED,
  moveWaiting,
  openSlot,
  RUNNING,
  setSlotState,
  SLOT_COUNT,
  slotAt,
  slotIndex,
  slotSink,
  slotState,
  totalCount,
  UNDER_WAY,
  WALKED,
} from "./snapshot_slot";
import {
  beforeChangeOfString,
  keepsWholeString,
  saveElement,
} from "./snapshot_value";
import {
  enterTable,
  followTable,
  keepForWalk,
  KEYS,
  leaveTable,
  mustTake,
  newWalk,
  nextOfTable,
  nextWalk,
  passOver,
  setNextWalk,
  walkIsOver,
  walkKind,
  walkTable,
} from "./snapshot_walk";
import { stepKeys, stepValue, takeKey, valueIsDone } from "./snapshot_write";
import { tableWalks } from "./table";
import { setWatched, watchBlocks, watchCleaning, watchTables } from "./watch";

/** What moving a piece of 64 KiB counts. */
const PIECE_UNITS: i32 = 1024;

/** A snapshot's number, SNAPSHOT_BUSY when two run, or OUT_OF_MEMORY. */
export function snapshotBegin(format: u32): i32 {
  const slot = freeSlot();
  if (!slot) return SNAPSHOT_BUSY;
  if (!openSlot(slot, format)) return OUT_OF_MEMORY;
  watchTables(elementChanges, elementComes, tableGoes);
  watchBlocks(
    beforeChangeOfString,
    keepsWholeString,
    beforeChangeOfNode,
    keepsWholeNode,
  );
  watchCleaning(cleanAll);
  watch();
  return slotIndex(slot);
}

/** A slot for a new snapshot, 0 when there is none. */
function freeSlot(): u32 {
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    if (slotState(slotAt(i)) == FREE) return slotAt(i);
  }
  // One that was given up has to be cleaned up at once then.
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    if (slotState(slotAt(i)) != CLEANING) continue;
    clean(slotAt(i), i32.MAX_VALUE);
    if (slotState(slotAt(i)) == FREE) return slotAt(i);
  }
  return 0;
}

// What stands around the records in an RDB file; it comes before all steps, and
// after the last one.

/** Begins the file; with `isSummed` its end will have a checksum. */
export function snapshotHeader(index: u32, version: u32, isSummed: i32): void {
  const before = selectedSink();
  selectSink(snapshotSink(index));
  if (isSummed) sinkSum(snapshotSink(index));
  rdbHeader(version);
  selectSink(before);
}

/** Two arguments say something about the file. */
export function snapshotAux(index: u32, name: u32, value: u32): void {
  const before = selectedSink();
  selectSink(snapshotSink(index));
  rdbAux(name, value);
  selectSink(before);
}

export function snapshotTail(index: u32): void {
  const before = selectedSink();
  selectSink(snapshotSink(index));
  rdbEnd();
  selectSink(before);
}

/** Takes a database in, under an index: 0 or OUT_OF_MEMORY. */
export function snapshotAddDatabase(index: u32, number: u32, db: u32): i32 {
  const slot = slotAt(index);
  const keyCount = dbSize(db);
  if (!keyCount) return 0;
  const walk = newWalk(slot, KEYS);
  if (!walk) return OUT_OF_MEMORY;
  store<u32>(walk, number, DATABASE_INDEX);
  store<u32>(walk, keyCount, KEY_COUNT);
  store<u32>(walk, dbDueCount(db), DUE_COUNT);
  enterTable(walk, db);
  const last = load<u32>(slot, LAST_DATABASE);
  if (last) setNextWalk(last, walk);
  else {
    store<u32>(slot, walk, FIRST_DATABASE);
    store<u32>(slot, walk, WALKED);
  }
  store<u32>(slot, walk, LAST_DATABASE);
  addTotal(slot, keyCount);
  return 0;
}

/**
 * Records about so many units (snapshot_write.ts): SNAPSHOT_MORE, SNAPSHOT_DONE
 * when everything is in the sink, or OUT_OF_MEMORY when it has failed.
 */
export function snapshotStep(index: u32, units: u32): i32 {
  const slot = slotAt(index);
  if (slotState(slot) == RUNNING && advance(slot, units) && isRunning(slot)) {
    assert(doneCount(slot) == totalCount(slot));
    setSlotState(slot, COMPLETE);
    watch();
  }
  if (slotState(slot) == COMPLETE) return SNAPSHOT_DONE;
  return isRunning(slot) ? SNAPSHOT_MORE : OUT_OF_MEMORY;
}

/** Gives a snapshot back, at any time, with its sink. */
export function snapshotEnd(index: u32): void {
  const slot = slotAt(index);
  if (slotState(slot) == FREE || slotState(slot) == CLEANING) return;
  dropSinks(slot);
  if (slotState(slot) == COMPLETE) release(slot);
  else setSlotState(slot, CLEANING);
}

/** The sink that the records are taken from. */
export function snapshotSink(index: u32): u32 {
  return slotSink(slotAt(index));
}

/** How many keys have been recorded, and how many there are to record. */
export function snapshotKeysDone(index: u32): f64 {
  return doneCount(slotAt(index));
}

export function snapshotKeysTotal(index: u32): f64 {
  return totalCount(slotAt(index));
}

/** Whether there are walks that changes have to be told to. */
function watch(): void {
  let on = false;
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const state = slotState(slotAt(i));
    if (state == RUNNING || state == FAILED || state == CLEANING) on = true;
  }
  setWatched(on);
}

/** Works for about so many units; whether nothing is left to do. */
function advance(slot: u32, units: i32): bool {
  let left = units;
  while (left > 0) {
    if (!load<u32>(slot, UNDER_WAY)) {
      if (isRunning(slot) && moveWaiting(slot)) {
        left -= PIECE_UNITS;
        continue;
      }
      takeFromQueue(slot);
    }
    const value = load<u32>(slot, UNDER_WAY);
    const database = load<u32>(slot, WALKED);
    if (value) {
      left -= stepValue(value, left);
      if (valueIsDone) store<u32>(slot, 0, UNDER_WAY);
    } else if (database) {
      left -= stepKeys(database);
      if (walkIsOver(database)) leaveDatabase(slot, database);
    } else return true;
  }
  return false;
}

function takeFromQueue(slot: u32): void {
  const first = load<u32>(slot, FIRST_QUEUED);
  if (!first) return;
  const next = nextWalk(first);
  store<u32>(slot, next, FIRST_QUEUED);
  if (!next) store<u32>(slot, 0, LAST_QUEUED);
  store<u32>(slot, first, UNDER_WAY);
}

function leaveDatabase(slot: u32, database: u32): void {
  const table = walkTable(database);
  if (leaveTable(database)) reclaimLater(table);
  store<u32>(slot, nextWalk(database), WALKED);
}

// The end.

/** Frees what a slot has, all of whose walks are over. */
function release(slot: u32): void {
  for (let walk = load<u32>(slot, FIRST_DATABASE); walk;) {
    const next = nextWalk(walk);
    free(walk);
    walk = next;
  }
  setSlotState(slot, FREE);
  watch();
}

function clean(slot: u32, units: i32): void {
  if (advance(slot, units)) release(slot);
}

/** Cleans up for about so many units; whether there is more to do. */
function cleanAll(units: u32): bool {
  let isMore = false;
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const slot = slotAt(i);
    if (slotState(slot) != CLEANING) continue;
    clean(slot, units);
    if (slotState(slot) == CLEANING) isMore = true;
  }
  return isMore;
}

// The doors of tables.

function elementChanges(table: u32, element: u32, hash: u64): void {
  for (let walk = tableWalks(table); walk; walk = nextOfTable(walk)) {
    if (!mustTake(walk, element, hash)) continue;
    if (walkKind(walk) == KEYS) takeKey(walk, element);
    else saveElement(walk, element);
  }
}

function elementComes(table: u32, element: u32, hash: u64): void {
  for (let walk = tableWalks(table); walk; walk = nextOfTable(walk)) {
    passOver(walk, element, hash);
  }
}

function tableGoes(table: u32): bool {
  for (let walk = tableWalks(table); walk; walk = nextOfTable(walk)) {
    keepForWalk(walk);
    followTable(walk, table);
  }
  return true;
}
