// A hash as a table of fields: the form of those that are large, have a long
// field or value, or have a field with a due time.
//
//   +0   u8 0 | u8 flags: COMPACT, HAS_DUE while followed | u16 0
//   +4   f64 due time of the earliest field       (once followed; in a grave
//                                                  the u32 next one)
//   +12  u32 position in the database's heap      (while followed)
//   +16  u32 the key's entry                      (while followed)
//   +20  table and heap of the fields (dated.ts), field blocks as in field.ts
//
// The first 16 bytes look like those of a field with a due time, so that the
// database's heap can own the whole hash by its earliest field (followed.ts).
//
// The table owns the fields. A look-up of a field spoils the place of the key
// that was found before it: an operation that has to remove the key looks it up
// again. Fields whose time has passed may still be in; whoever reads asks
// `isDueField`.

import { nowMs } from "./access";
import { alloc, free, usable } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  DATED_BYTES,
  datedInit,
  datedInsert,
  datedInsertHashed,
  datedRemoveFound,
  datedReplaceFound,
  heapOf,
  verifyDated,
} from "./dated";
import {
  COMPACT,
  copyBytes,
  entryDue,
  hasDue,
  heapPosition,
  keyBytes,
  keyPtr,
  setEntryDue,
  setFlags,
} from "./entry";
import {
  heapDueAt,
  heapFirstDue,
  heapFirstOwner,
  heapFree,
  heapSize,
  heapUpdate,
} from "./expiry";
import {
  fieldBytes,
  fieldValueBytes,
  fieldValuePtr,
  newField,
  setFieldValueBytes,
} from "./field";
import { hashBytes } from "./hash";
import { segmentsBytes } from "./segments";
import { tableChanges, tableDrain, tableFind } from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
} from "./table_chains";

const ENTRY: usize = 16;
const FIELDS: u32 = 20;
const CONTROL_BYTES: u32 = FIELDS + DATED_BYTES;

/** Makes an empty one, 0 without memory. */
export function hashtableNew(): u32 {
  const hash = alloc(CONTROL_BYTES);
  if (!hash) return 0;
  memory.fill(hash, 0, CONTROL_BYTES);
  setFlags(hash, COMPACT);
  if (datedInit(fieldsOf(hash)) == 0) return hash;
  free(hash);
  return 0;
}

/** The table of the fields; its heap stands behind it. */
// @ts-ignore: decorator
@inline
export function fieldsOf(hash: u32): u32 {
  return hash + FIELDS;
}

/** The key's entry, of a hash that is followed. */
export function ownerEntry(hash: u32): u32 {
  return load<u32>(hash, ENTRY);
}

export function setOwnerEntry(hash: u32, entry: u32): void {
  store<u32>(hash, entry, ENTRY);
}

/** How many fields there are, due ones included. */
// @ts-ignore: decorator
@inline
export function hashtableCount(hash: u32): u32 {
  return tableEntryCount(fieldsOf(hash));
}

/** The earliest due time of a field, Infinity when none has one. */
// @ts-ignore: decorator
@inline
export function hashtableFirstDue(hash: u32): f64 {
  return heapFirstDue(heapOf(fieldsOf(hash)));
}

/** The field that is due first; one must have a due time. */
export function hashtableFirstField(hash: u32): u32 {
  return heapFirstOwner(heapOf(fieldsOf(hash)));
}

/** Whether a field's time has passed. */
// @ts-ignore: decorator
@inline
export function isDueField(field: u32): bool {
  return hasDue(field) && entryDue(field) < nowMs;
}

/** How many fields are due and still there. O(their number). */
export function hashtableDueCount(hash: u32): u32 {
  if (hashtableFirstDue(hash) >= nowMs) return 0;
  return countDue(heapOf(fieldsOf(hash)), 0);
}

/** Nobody is due before its parent, so a branch can end early. */
function countDue(heap: u32, position: u32): u32 {
  if (position >= heapSize(heap) || heapDueAt(heap, position) >= nowMs) {
    return 0;
  }
  let count: u32 = 1;
  for (let i: u32 = 1; i <= 4; i++) count += countDue(heap, position * 4 + i);
  return count;
}

/** Whether every field is due. Ends at the first that is not. */
export function isAllDue(hash: u32): bool {
  const heap = heapOf(fieldsOf(hash));
  const size = heapSize(heap);
  if (size != hashtableCount(hash)) return false;
  // The late ones are rather at the end.
  for (let position = size; position--;) {
    if (heapDueAt(heap, position) >= nowMs) return false;
  }
  return true;
}

/** The field of this name, due or not, or 0. */
// @ts-ignore: decorator
@inline
export function hashtableFind(hash: u32, ptr: u32, byteCount: u32): u32 {
  return tableFind(fieldsOf(hash), ptr, byteCount);
}

/**
 * Stores a field whose name was just looked up: `old` is what was found, or 0.
 * `dueMs` 0 means no due time. Returns 0 or OUT_OF_MEMORY.
 */
export function hashtablePut(
  hash: u32,
  old: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): i32 {
  const due = dueMs != 0;
  if (old && hasDue(old) == due && fits(old, nameBytes, valueBytes, due)) {
    tableChanges(fieldsOf(hash), old);
    if (due) moveDue(hash, old, dueMs);
    setFieldValueBytes(old, valueBytes);
    copyBytes(fieldValuePtr(old), valuePtr, valueBytes);
    return 0;
  }
  const field = newField(namePtr, nameBytes, valueBytes, due);
  if (!field) return OUT_OF_MEMORY;
  copyBytes(fieldValuePtr(field), valuePtr, valueBytes);
  if (due) setEntryDue(field, dueMs);
  const code = old
    ? datedReplaceFound(fieldsOf(hash), old, field)
    : datedInsert(fieldsOf(hash), field);
  const spare = code == 0 ? old : field;
  if (spare) free(spare);
  return code;
}

/** Whether a field's block suits such a value, without much waste. */
// @ts-ignore: decorator
@inline
function fits(field: u32, nameBytes: u32, valueBytes: u32, due: bool): bool {
  const need = fieldBytes(nameBytes, valueBytes, due);
  const room = u64(usable(field));
  return need <= room && room - need < 16 + (need >> 2);
}

function moveDue(hash: u32, field: u32, dueMs: f64): void {
  if (entryDue(field) == dueMs) return;
  tableChanges(fieldsOf(hash), field);
  setEntryDue(field, dueMs);
  heapUpdate(heapOf(fieldsOf(hash)), heapPosition(field), dueMs);
}

/** Gives the field just found another due time, 0 for none. */
export function hashtableSetDue(hash: u32, field: u32, dueMs: f64): i32 {
  if (hasDue(field) == (dueMs != 0)) {
    if (dueMs != 0) moveDue(hash, field, dueMs);
    return 0;
  }
  return hashtablePut(
    hash,
    field,
    keyPtr(field),
    keyBytes(field),
    fieldValuePtr(field),
    fieldValueBytes(field),
    dueMs,
  );
}

/** Removes and frees the field just found. */
export function hashtableRemoveFound(hash: u32, field: u32): void {
  datedRemoveFound(fieldsOf(hash), field);
  free(field);
}

/** Removes and frees a field. */
export function hashtableRemove(hash: u32, field: u32): void {
  hashtableFind(hash, keyPtr(field), keyBytes(field));
  hashtableRemoveFound(hash, field);
}

/** Puts in a field that is in no table yet, with a name that is not there. */
export function hashtableAdd(hash: u32, field: u32): i32 {
  const nameHash = hashBytes(keyPtr(field), keyBytes(field));
  return datedInsertHashed(fieldsOf(hash), field, nameHash);
}

/**
 * Frees up to `maxCount` fields; returns how many. Fewer than `maxCount` means
 * that all is gone, the control block too.
 */
export function drainHashtable(hash: u32, maxCount: u32): u32 {
  heapFree(heapOf(fieldsOf(hash)));
  let count: u32 = 0;
  while (count < maxCount) {
    const field = tableDrain(fieldsOf(hash));
    if (!field) {
      free(hash);
      break;
    }
    free(field);
    count++;
  }
  return count;
}

/** A copy, due times included, that nobody follows yet; 0 without memory. */
export function copyHashtable(hash: u32): u32 {
  const copy = hashtableNew();
  if (!copy) return 0;
  const table = fieldsOf(hash);
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      if (copyBucket(bucket, copy)) continue;
      drainHashtable(copy, u32.MAX_VALUE);
      return 0;
    }
  }
  return copy;
}

function copyBucket(bucket: u32, to: u32): bool {
  const count = bucketEntryCount(bucket);
  for (let i: u32 = 0; i < count; i++) {
    const field = bucketEntry(bucket, i);
    const fresh = copyField(field);
    if (!fresh) return false;
    if (hashtableAdd(to, fresh) == 0) continue;
    free(fresh);
    return false;
  }
  return true;
}

function copyField(field: u32): u32 {
  const valueBytes = fieldValueBytes(field);
  const fresh = newField(
    keyPtr(field),
    keyBytes(field),
    valueBytes,
    hasDue(field),
  );
  if (!fresh) return 0;
  copyBytes(fieldValuePtr(fresh), fieldValuePtr(field), valueBytes);
  if (hasDue(field)) setEntryDue(fresh, entryDue(field));
  return fresh;
}

/** Bytes of all that belongs to it. O(n). */
export function hashtableFootprint(hash: u32): f64 {
  const table = fieldsOf(hash);
  const bucketCount = tableBucketCount(table);
  let sum = f64(usable(hash)) + tableBytes(table) +
    segmentsBytes(heapOf(table));
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        sum += f64(usable(bucketEntry(bucket, place)));
      }
    }
  }
  return sum;
}

/** 0, or the number of the invariant of dated.ts that is broken. O(n). */
export function verifyHashtable(hash: u32): i32 {
  return verifyDated(fieldsOf(hash));
}
