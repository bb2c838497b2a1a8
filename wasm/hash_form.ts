// A hash in either of its forms. A small hash is a listpack of fields and values
// in turn, any other one a table (hashtable.ts). It becomes a table when it has
// more fields than hash-max-listpack-entries, a field or value longer than
// hash-max-listpack-value, or a field with a due time, and stays one.
//
// A field whose time has passed is not there: the look-up of the key removes
// due fields, and what it leaves (there are very many, or a replica must not
// remove them) is hidden by `findField`.
//
// What is called a place is, in a listpack, the value's element, and in a table
// the field's block.

import { free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { createValue } from "./attach";
import { OUT_OF_MEMORY } from "./codes";
import { removeFound } from "./database";
import {
  copyBytes,
  ENCODING_HASHTABLE,
  ENCODING_LISTPACK,
  entryDue,
  entryEncoding,
  entryValue,
  hasDue,
  isFollowed,
  setEntryDue,
  setEntryKind,
  setEntryValue,
  TYPE_HASH,
} from "./entry";
import { fieldValueBytes, fieldValuePtr, newField } from "./field";
import { follow, followFields, mustFollow } from "./followed";
import {
  drainHashtable,
  hashtableAdd,
  hashtableCount,
  hashtableDueCount,
  hashtableFind,
  hashtableNew,
  hashtablePut,
  hashtableRemoveFound,
  isDueField,
} from "./hashtable";
import { hashMaxListpackEntries, hashMaxListpackValue } from "./limits";
import {
  LISTPACK_BYTES_MAX,
  listpackBytes,
  listpackCount,
  listpackFind,
  listpackFirst,
  listpackNext,
  listpackPrevious,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
  replyElement,
  viewElement,
} from "./listpack";
import {
  listpackAppend,
  listpackDelete,
  listpackNew,
  listpackReplace,
} from "./listpack_edit";
import { lookupKey } from "./lookup";
import { integerByteCount } from "./number";
import { replyBulk } from "./reply";

/** As a due time: the one that the field has, if any. */
export const SAME_DUE: f64 = -1;
/** The listpack is full: the hash has to become a table. */
const FULL: i32 = 2;

// @ts-ignore: decorator
@inline
export function isListpack(entry: u32): bool {
  return entryEncoding(entry) == ENCODING_LISTPACK;
}

/** The place of a live field of this name, or 0. */
// @ts-ignore: decorator
@inline
export function findField(entry: u32, ptr: u32, byteCount: u32): u32 {
  if (!isListpack(entry)) {
    const field = hashtableFind(entryValue(entry), ptr, byteCount);
    return field && isDueField(field) ? 0 : field;
  }
  const lp = entryValue(entry);
  const at = listpackFind(lp, listpackFirst(lp), ptr, byteCount, 1);
  return at ? listpackNext(lp, at) : 0;
}

/** Replies with the value at a place. */
// @ts-ignore: decorator
@inline
export function replyValue(entry: u32, place: u32): void {
  if (isListpack(entry)) replyElement(place);
  else replyBulk(fieldValuePtr(place), fieldValueBytes(place));
}

/** The value at a place, for TypeScript too, until the next operation. */
let viewAt: u32 = 0;
let viewLength: u32 = 0;

export function viewValue(entry: u32, place: u32): void {
  if (isListpack(entry)) {
    viewElement(place);
    viewAt = readPtr;
    viewLength = readBytes;
  } else {
    viewAt = fieldValuePtr(place);
    viewLength = fieldValueBytes(place);
  }
}

export function hashViewPtr(): u32 {
  return viewAt;
}

export function hashViewBytes(): u32 {
  return viewLength;
}

/** How many live fields a hash has. */
export function liveCount(entry: u32): u32 {
  const value = entryValue(entry);
  if (isListpack(entry)) return listpackCount(value) >> 1;
  const count = hashtableCount(value);
  return isFollowed(entry) ? count - hashtableDueCount(value) : count;
}

/** Stores a pair of arguments in a hash, or in a new one when `entry` is 0. */
export function storeArguments(
  db: u32,
  key: u32,
  entry: u32,
  field: u32,
  value: u32,
  dueMs: f64,
): i32 {
  const namePtr = argPtr(field);
  const nameBytes = argLen(field);
  const valuePtr = argPtr(value);
  const valueBytes = argLen(value);
  return entry
    ? putField(db, entry, namePtr, nameBytes, valuePtr, valueBytes, dueMs)
    : createHash(db, key, namePtr, nameBytes, valuePtr, valueBytes, dueMs);
}

/** Whether such a pair may stand in a listpack of so many bytes. */
// @ts-ignore: decorator
@inline
function suitsListpack(had: u32, nameBytes: u32, valueBytes: u32): bool {
  return max(nameBytes, valueBytes) <= hashMaxListpackValue &&
    u64(had) + u64(nameBytes) + u64(valueBytes) < LISTPACK_BYTES_MAX - 64;
}

/**
 * Stores a field in a hash that is there: 1 when it is new, 0 when it was
 * there, or OUT_OF_MEMORY. The bytes must not lie in the hash.
 */
export function putField(
  db: u32,
  entry: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): i32 {
  if (isListpack(entry)) {
    const had = listpackBytes(entryValue(entry));
    if (dueMs <= 0 && suitsListpack(had, nameBytes, valueBytes)) {
      const code = putInListpack(
        entry,
        namePtr,
        nameBytes,
        valuePtr,
        valueBytes,
      );
      if (code != FULL) return code;
    }
    if (!becomeTable(entry)) return OUT_OF_MEMORY;
  }
  return putInTable(
    db,
    entry,
    namePtr,
    nameBytes,
    valuePtr,
    valueBytes,
    dueMs,
  );
}

function putInListpack(
  entry: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
): i32 {
  const lp = entryValue(entry);
  const at = listpackFind(lp, listpackFirst(lp), namePtr, nameBytes, 1);
  if (at) {
    const value = listpackNext(lp, at);
    const fresh = listpackReplace(lp, value, valuePtr, valueBytes);
    if (!fresh) return OUT_OF_MEMORY;
    setEntryValue(entry, fresh);
    return 0;
  }
  if (listpackCount(lp) >> 1 >= hashMaxListpackEntries) return FULL;
  const fresh = appendPair(lp, namePtr, nameBytes, valuePtr, valueBytes);
  // Half a pair is taken back, and that may have moved the listpack.
  setEntryValue(entry, fresh ? fresh : shortened);
  return fresh ? 1 : OUT_OF_MEMORY;
}

/** What a listpack is that `appendPair` could not extend. */
let shortened: u32 = 0;

/** The listpack with one pair more; 0 without memory, `shortened` then is it. */
function appendPair(
  lp: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
): u32 {
  shortened = lp;
  const named = listpackAppend(lp, namePtr, nameBytes);
  if (!named) return 0;
  const whole = listpackAppend(named, valuePtr, valueBytes);
  if (whole) return whole;
  const last = listpackPrevious(named, named + listpackBytes(named) - 1);
  shortened = listpackDelete(named, last, 1);
  return 0;
}

function putInTable(
  db: u32,
  entry: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): i32 {
  const hash = entryValue(entry);
  const old = hashtableFind(hash, namePtr, nameBytes);
  const isLive = old != 0 && !isDueField(old);
  const hadDue = old != 0 && hasDue(old);
  if (dueMs == SAME_DUE) dueMs = isLive && hadDue ? entryDue(old) : 0;
  if (dueMs != 0 && mustFollow(db, entry, dueMs) != 0) return OUT_OF_MEMORY;
  const code = hashtablePut(
    hash,
    old,
    namePtr,
    nameBytes,
    valuePtr,
    valueBytes,
    dueMs,
  );
  if (hadDue || dueMs != 0) followFields(db, entry);
  return code < 0 ? code : i32(!isLive);
}

/** Makes the key, which was just looked up and is missing: 1 or a code. */
export function createHash(
  db: u32,
  key: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): i32 {
  if (
    dueMs > 0 || !hashMaxListpackEntries ||
    !suitsListpack(0, nameBytes, valueBytes)
  ) {
    return createTable(
      db,
      key,
      namePtr,
      nameBytes,
      valuePtr,
      valueBytes,
      max<f64>(dueMs, 0),
    );
  }
  const lp = listpackNew();
  if (!lp) return OUT_OF_MEMORY;
  const filled = appendPair(lp, namePtr, nameBytes, valuePtr, valueBytes);
  if (!filled) {
    free(shortened);
    return OUT_OF_MEMORY;
  }
  if (createValue(db, key, TYPE_HASH, ENCODING_LISTPACK, filled) == 0) return 1;
  free(filled);
  return OUT_OF_MEMORY;
}

function createTable(
  db: u32,
  key: u32,
  namePtr: u32,
  nameBytes: u32,
  valuePtr: u32,
  valueBytes: u32,
  dueMs: f64,
): i32 {
  const hash = hashtableNew();
  if (!hash) return OUT_OF_MEMORY;
  const field = newField(namePtr, nameBytes, valueBytes, dueMs != 0);
  let done = field != 0;
  if (done) {
    copyBytes(fieldValuePtr(field), valuePtr, valueBytes);
    if (dueMs != 0) setEntryDue(field, dueMs);
    // Adding is no look-up: that of the key still holds.
    done = hashtableAdd(hash, field) == 0;
    if (!done) free(field);
  }
  if (
    !done || createValue(db, key, TYPE_HASH, ENCODING_HASHTABLE, hash) != 0
  ) {
    drainHashtable(hash, u32.MAX_VALUE);
    return OUT_OF_MEMORY;
  }
  if (dueMs == 0) return 1;
  const entry = lookupKey(db, key);
  if (entry && follow(db, entry, dueMs) != 0) {
    removeFound(db, entry);
    return OUT_OF_MEMORY;
  }
  return 1;
}

/** Makes a listpack hash a table; false without memory. */
export function becomeTable(entry: u32): bool {
  const hash = hashtableNew();
  if (!hash) return false;
  const lp = entryValue(entry);
  for (let at = listpackFirst(lp); at;) {
    const value = listpackNext(lp, at);
    const field = pairField(at, value);
    if (!field || hashtableAdd(hash, field) != 0) {
      if (field) free(field);
      drainHashtable(hash, u32.MAX_VALUE);
      return false;
    }
    at = listpackNext(lp, value);
  }
  free(lp);
  setEntryKind(entry, TYPE_HASH, ENCODING_HASHTABLE);
  setEntryValue(entry, hash);
  return true;
}

/** A field for a pair of elements, 0 without memory. */
function pairField(name: u32, value: u32): u32 {
  readElement(value);
  const valueBytes = readIsInteger ? integerByteCount(readInteger) : readBytes;
  viewElement(name);
  const field = newField(readPtr, readBytes, valueBytes, false);
  if (!field) return 0;
  viewElement(value);
  copyBytes(fieldValuePtr(field), readPtr, readBytes);
  return field;
}

/** Removes the field at a place that was just found. */
export function removePlace(entry: u32, place: u32): void {
  const value = entryValue(entry);
  if (isListpack(entry)) {
    const name = listpackPrevious(value, place);
    setEntryValue(entry, listpackDelete(value, name, 2));
  } else hashtableRemoveFound(value, place);
}
