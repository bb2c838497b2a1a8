// What a snapshot records next: keys one after the other, and values that are
// too large for that bit by bit, in slices that are bounded whatever they are.
//
// A unit of work is an element that is looked at, or so many bytes that are put
// into the sink. A slice may exceed its units by one element, or one node of a
// list, and that is as large as the user made it.

import { free, usable } from "./allocator";
import {
  ENCODING_HASHTABLE,
  ENCODING_QUICKLIST,
  ENCODING_RAW,
  ENCODING_SKIPLIST,
  entryEncoding,
  entryKind,
  entryType,
  entryValue,
  isEmbedded,
  RAW_HEADER_BYTES,
  TYPE_HASH,
  TYPE_SET,
  TYPE_STRING,
} from "./entry";
import { quicklistHead } from "./quicklist";
import { nextNode, nodeBytes } from "./quicklist_node";
import {
  recordBegin,
  recordEnd,
  recordEntry,
  recordField,
  recordLongEnd,
  recordLongString,
  recordMember,
  recordNode,
  recordScored,
} from "./record";
import { selectRecord } from "./record_state";
import { putBytes, sinkTotal } from "./sink";
import { leaveNode, nodeAt } from "./snapshot_list";
import {
  beginRecording,
  countDone,
  endRecording,
  failSlot,
  isRunning,
  slotSink,
} from "./snapshot_slot";
import {
  ACCESS,
  BEGUN,
  COUNT,
  DATABASE,
  DONE,
  dropValue,
  DUE,
  FIRST_DUE,
  FLAGS,
  freezeValue,
  isList,
  isString,
  KEY,
  KEY_BYTES,
  leaveValue,
  SAVED,
  SAVED_HEADER_BYTES,
  VALUE,
} from "./snapshot_value";
import {
  RECORD_STATE,
  walkClasses,
  walkIsOver,
  walkKind,
  walkSlot,
} from "./snapshot_walk";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
  tableEntryCount,
} from "./table_chains";
import { collectionTable } from "./value";
import { LARGE_STRING_BYTES } from "./watch";

/** Bytes in a sink that count as a unit. */
const UNIT_BYTES: f64 = 64;
/** Classes of a table that are walked at once, while these are cheap. */
const CLASS_COUNT: u32 = 8;
const CHEAP_UNITS: i32 = 2048;

let classCount: u32 = CLASS_COUNT;

/** Walks some classes; returns the units of work that this was. */
function stepTable(walk: u32, visit: (walk: u32, element: u32) => void): i32 {
  const sink = slotSink(walkSlot(walk));
  const before = sink ? sinkTotal(sink) : 0;
  const count = walkClasses(walk, classCount, visit);
  const byteCount = sink ? sinkTotal(sink) - before : 0;
  const units = i32(count) + i32(byteCount / UNIT_BYTES) + 1;
  classCount = units > CHEAP_UNITS ? 1 : CLASS_COUNT;
  return units;
}

// Keys.

/** A collection with more elements, or of more bytes, is not recorded at once. */
const SMALL_COUNT: u32 = 256;
const SMALL_BYTES: u32 = LARGE_STRING_BYTES;

function isSmall(entry: u32): bool {
  if (isEmbedded(entry)) return true;
  const value = entryValue(entry);
  switch (entryEncoding(entry)) {
    case ENCODING_RAW:
      return entryType(entry) != TYPE_STRING ||
        load<u32>(value) < LARGE_STRING_BYTES;
    case ENCODING_QUICKLIST:
      return isSmallList(value);
    case ENCODING_HASHTABLE:
    case ENCODING_SKIPLIST:
      return isSmallTable(collectionTable(entryKind(entry), value));
    default:
      return true;
  }
}

function isSmallList(list: u32): bool {
  let byteCount: u64 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    byteCount += u64(nodeBytes(node)) + UNIT_BYTES_OF_NODE;
    if (byteCount > SMALL_BYTES) return false;
  }
  return true;
}

/** What a node costs beside its bytes. */
const UNIT_BYTES_OF_NODE: u32 = 512;

function isSmallTable(table: u32): bool {
  if (tableEntryCount(table) > SMALL_COUNT) return false;
  let byteCount: u64 = 0;
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let j: u32 = 0; j < count; j++) {
        byteCount += u64(usable(bucketEntry(bucket, j)));
      }
    }
  }
  return byteCount <= SMALL_BYTES;
}

/** Goes on with the keys of a database; returns the units of work. */
export function stepKeys(database: u32): i32 {
  const slot = walkSlot(database);
  if (!isRunning(slot)) return stepTable(database, passElement);
  beginRecording(slot, false, database);
  const used = stepTable(database, visitKey);
  endRecording(slot);
  return used;
}

function passElement(_walk: u32, _element: u32): void {}

function visitKey(database: u32, entry: u32): void {
  const slot = walkSlot(database);
  if (isSmall(entry)) {
    recordEntry(entry);
    countDone(slot);
  } else if (!freezeValue(slot, database, entry)) failSlot(slot);
}

/** Takes a key as it is, before it changes or leaves. */
export function takeKey(database: u32, entry: u32): void {
  const slot = walkSlot(database);
  if (!isSmall(entry)) {
    if (!freezeValue(slot, database, entry)) failSlot(slot);
    return;
  }
  beginRecording(slot, true, database);
  recordEntry(entry);
  endRecording(slot);
  countDone(slot);
}

// Values.

/** Whether the last `stepValue` came to the end, and the walk is freed. */
export let valueIsDone: bool = false;

/**
 * Goes on with the value that is under way, for about so many units; returns
 * how many it were.
 */
export function stepValue(walk: u32, units: i32): i32 {
  const slot = walkSlot(walk);
  const isRecorded = isRunning(slot);
  if (isRecorded) {
    beginRecording(slot, false, load<u32>(walk, DATABASE));
    selectRecord(walk + RECORD_STATE);
    if (!(load<u32>(walk, FLAGS) & BEGUN)) begin(walk);
  }
  const used = isString(walk)
    ? stepString(walk, units, isRecorded)
    : isList(walk)
    ? stepList(walk, units, isRecorded)
    : stepElements(walk, units, isRecorded);
  if (isRecorded) {
    if (valueIsDone) {
      assert(load<u32>(walk, DONE) == load<u32>(walk, COUNT));
      if (isString(walk)) recordLongEnd();
      recordEnd();
      countDone(slot);
    }
    endRecording(slot);
  }
  if (valueIsDone) dropValue(walk);
  return used;
}

function begin(walk: u32): void {
  const firstDue = load<f64>(walk, FIRST_DUE);
  store<u32>(walk, load<u32>(walk, FLAGS) | BEGUN, FLAGS);
  recordBegin(
    load<u32>(walk, KEY),
    load<u32>(walk, KEY_BYTES),
    load<f64>(walk, DUE),
    load<u32>(walk, ACCESS),
    walkKind(walk),
    load<u32>(walk, COUNT),
    firstDue != Infinity,
    firstDue,
  );
  if (isString(walk)) recordLongString(load<u32>(walk, COUNT));
}

function stepString(walk: u32, units: i32, isRecorded: bool): i32 {
  const done = load<u32>(walk, DONE);
  const left = load<u32>(walk, COUNT) - done;
  const part = u32(min(f64(left), f64(units) * UNIT_BYTES));
  valueIsDone = !isRecorded || part == left;
  if (!isRecorded) return 1;
  putBytes(load<u32>(walk, VALUE) + RAW_HEADER_BYTES + done, part);
  store<u32>(walk, done + part, DONE);
  return i32(f64(part) / UNIT_BYTES) + 1;
}

function stepList(walk: u32, units: i32, isRecorded: bool): i32 {
  const slot = walkSlot(walk);
  const nodes = load<u32>(walk, VALUE);
  const count = load<u32>(walk, COUNT);
  let index = load<u32>(walk, DONE);
  let used: i32 = 0;
  for (; index < count && used < units; index++) {
    used++;
    const node = nodeAt(nodes, index);
    if (isRecorded) {
      used += i32(f64(nodeBytes(node)) / UNIT_BYTES);
      recordNode(node);
    }
    leaveNode(slot, nodes, index);
  }
  store<u32>(walk, index, DONE);
  valueIsDone = index == count;
  return used;
}

function stepElements(walk: u32, units: i32, isRecorded: bool): i32 {
  let used = stepSaved(walk, units, isRecorded);
  while (used < units && !walkIsOver(walk)) {
    used += stepTable(walk, isRecorded ? visitElement : passElement);
    if (walkIsOver(walk)) leaveValue(walk);
  }
  valueIsDone = walkIsOver(walk) && !load<u32>(walk, SAVED);
  return used;
}

/** Records and frees elements that were saved. */
function stepSaved(walk: u32, units: i32, isRecorded: bool): i32 {
  let used: i32 = 0;
  while (used < units) {
    const saved = load<u32>(walk, SAVED);
    if (!saved) break;
    store<u32>(walk, load<u32>(saved), SAVED);
    if (isRecorded) visitElement(walk, saved + SAVED_HEADER_BYTES);
    used += 1 + i32(f64(usable(saved)) / UNIT_BYTES);
    free(saved);
  }
  return used;
}

function visitElement(walk: u32, element: u32): void {
  store<u32>(walk, load<u32>(walk, DONE) + 1, DONE);
  const type = walkKind(walk) >> 4;
  if (type == TYPE_HASH) recordField(element);
  else if (type == TYPE_SET) recordMember(element);
  else recordScored(element);
}
