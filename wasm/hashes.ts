// Hashes: one field at a time. A small hash is a listpack of fields and values
// in turn, any other one a table (hashtable.ts). It becomes a table when it has
// more fields than hash-max-listpack-entries, a field or value longer than
// hash-max-listpack-value, or a field with a due time, and stays one.
//
// A field whose time has passed is not there: the look-up of the key removes
// due fields, and what it leaves (there are very many, or a replica must not
// remove them) is hidden by `findField`.
//
// What operations call a place is, in a listpack, the value's element, and in a
// table the field's block.

import { argLen, argPtr } from "./arguments";
import {
  FIELD_NOT_AN_INTEGER,
  MISSING,
  NOT_AN_INTEGER,
  OUT_OF_MEMORY,
  OVERFLOW,
  WRONG_TYPE,
} from "./codes";
import { removeFound } from "./database";
import { createValue } from "./attach";
import { dropKey, lookupKey, readTyped, typedCode, writeTyped } from "./lookup";
import { free } from "./allocator";
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
  listpackAppend,
  listpackBytes,
  listpackCount,
  listpackDelete,
  listpackFind,
  listpackFirst,
  listpackNew,
  listpackNext,
  listpackPrevious,
  listpackReplace,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
  replyElement,
  viewElement,
} from "./listpack";
import {
  formatInteger,
  integerByteCount,
  parsedInteger,
  parseInteger,
} from "./number";
import { replyBulk, replyInteger64, replyNull } from "./reply";
import { addChanges, countChange } from "./statistics";

/** As a due time: the one that the field has, if any. */
export const SAME_DUE: f64 = -1;
/** No listpack gets longer. */
const LISTPACK_MAX_BYTES: u64 = 1 << 30;
/** The listpack is full: the hash has to become a table. */
const FULL: i32 = 2;

// @ts-ignore: decorator
@inline
export function isListpack(entry: u32): bool {
  return entryEncoding(entry) == ENCODING_LISTPACK;
}

/** The live entry of a hash for a read, or 0 with `typedCode` set. */
export function readHash(db: u32, key: u32): u32 {
  return readTyped(db, key, TYPE_HASH);
}

/** The same for a change, or for a look that counts nothing. */
export function writeHash(db: u32, key: u32): u32 {
  return writeTyped(db, key, TYPE_HASH);
}

// Reading.

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

/** HGET: replies with the value or null; 1, 0, or WRONG_TYPE and no reply. */
export function hashReplyField(db: u32, key: u32, field: u32): i32 {
  const entry = readHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  return replyFieldOf(entry, field);
}

/** The same for a command that writes: it counts neither hit nor miss. */
export function hashPeekField(db: u32, key: u32, field: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  return replyFieldOf(entry, field);
}

// @ts-ignore: decorator
@inline
function replyFieldOf(entry: u32, field: u32): i32 {
  const place = entry ? findField(entry, argPtr(field), argLen(field)) : 0;
  if (place) replyValue(entry, place);
  else replyNull();
  return i32(place != 0);
}

/** HMGET: replies with `count` values or nulls. 1 or WRONG_TYPE. */
export function hashReplyFields(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
): i32 {
  const entry = readHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  for (let i: u32 = 0; i < count; i++) replyFieldOf(entry, first + i);
  return 1;
}

/** Sets the view to a value for a command that writes: 1, MISSING, ... */
export function hashViewField(db: u32, key: u32, field: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode;
  const place = findField(entry, argPtr(field), argLen(field));
  if (!place) return MISSING;
  viewValue(entry, place);
  return 1;
}

/** HLEN, 0 when missing, or WRONG_TYPE. */
export function hashLength(db: u32, key: u32): f64 {
  const entry = readHash(db, key);
  if (entry) return liveCount(entry);
  return typedCode == MISSING ? 0 : typedCode;
}

/** HEXISTS: 1, 0 or WRONG_TYPE. */
export function hashHas(db: u32, key: u32, field: u32): i32 {
  const entry = readHash(db, key);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  return findField(entry, argPtr(field), argLen(field)) ? 1 : 0;
}

/** HSTRLEN: a value's length, 0 when missing, or WRONG_TYPE. */
export function hashValueLength(db: u32, key: u32, field: u32): f64 {
  const entry = readHash(db, key);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  const place = findField(entry, argPtr(field), argLen(field));
  if (!place) return 0;
  if (!isListpack(entry)) return fieldValueBytes(place);
  readElement(place);
  return readIsInteger ? integerByteCount(readInteger) : readBytes;
}

// Writing.

/** HSET of one field: 1 when it is new, 0 when it was there, or a code. */
export function hashSet(db: u32, key: u32, field: u32, value: u32): i32 {
  return hashSetDue(db, key, field, value, 0);
}

/** The same with a due time; 0 is none, SAME_DUE the one that it has. */
export function hashSetDue(
  db: u32,
  key: u32,
  field: u32,
  value: u32,
  dueMs: f64,
): i32 {
  const entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  const code = storeArguments(db, key, entry, field, value, dueMs);
  if (code >= 0) countChange();
  return code;
}

/** HSETNX: 1, 0 when the field is there, or a code. */
export function hashSetNew(db: u32, key: u32, field: u32, value: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (entry && findField(entry, argPtr(field), argLen(field))) return 0;
  const code = storeArguments(db, key, entry, field, value, 0);
  if (code >= 0) countChange();
  return code;
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
    u64(had) + u64(nameBytes) + u64(valueBytes) < LISTPACK_MAX_BYTES - 64;
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
function createHash(
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

/**
 * HDEL: removes the fields that `count` arguments from `first` on name;
 * returns how many were there, or WRONG_TYPE. `emptied` tells whether the key
 * went with them.
 */
export function hashDelete(db: u32, key: u32, first: u32, count: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  let deletedCount: u32 = 0;
  for (let i = first; i < first + count; i++) {
    const place = findField(entry, argPtr(i), argLen(i));
    if (!place) continue;
    removePlace(entry, place);
    deletedCount++;
    if (liveCount(entry) == 0) break;
  }
  if (deletedCount) afterRemoval(db, entry);
  addChanges(deletedCount);
  return deletedCount;
}

/** Removes the field at a place that was just found. */
export function removePlace(entry: u32, place: u32): void {
  const value = entryValue(entry);
  if (isListpack(entry)) {
    const name = listpackPrevious(value, place);
    setEntryValue(entry, listpackDelete(value, name, 2));
  } else hashtableRemoveFound(value, place);
}

/** After fields were removed: the key of an empty hash goes too. */
export function afterRemoval(db: u32, entry: u32): void {
  if (liveCount(entry) == 0) dropKey(db, entry);
  else followFields(db, entry);
}

/** HGETDEL of one field: replies with its value and removes it: 1 or 0. */
export function hashTake(db: u32, key: u32, field: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  const place = entry ? findField(entry, argPtr(field), argLen(field)) : 0;
  if (!place) {
    replyNull();
    return 0;
  }
  replyValue(entry, place);
  removePlace(entry, place);
  afterRemoval(db, entry);
  countChange();
  return 1;
}

const sumText: u32 = u32(memory.data(24));

/**
 * HINCRBY: adds argument `delta` to a field, which begins at 0, and replies
 * with the sum. 1, or a code and no reply.
 */
export function hashIncrement(
  db: u32,
  key: u32,
  field: u32,
  delta: u32,
): i32 {
  if (!parseInteger(argPtr(delta), argLen(delta))) return NOT_AN_INTEGER;
  const by = parsedInteger;
  const entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  let sum: i64 = 0;
  const place = entry ? findField(entry, argPtr(field), argLen(field)) : 0;
  if (place) {
    viewValue(entry, place);
    if (!parseInteger(viewAt, viewLength)) return FIELD_NOT_AN_INTEGER;
    sum = parsedInteger;
  }
  if (by < 0 ? sum < i64.MIN_VALUE - by : sum > i64.MAX_VALUE - by) {
    return OVERFLOW;
  }
  sum += by;
  const sumBytes = formatInteger(sumText, sum);
  const namePtr = argPtr(field);
  const nameBytes = argLen(field);
  const code = entry
    ? putField(db, entry, namePtr, nameBytes, sumText, sumBytes, SAME_DUE)
    : createHash(db, key, namePtr, nameBytes, sumText, sumBytes, 0);
  if (code < 0) return code;
  replyInteger64(sum);
  countChange();
  return 1;
}
