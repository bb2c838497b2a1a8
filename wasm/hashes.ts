// Hashes: what commands do with one field, or with one after the other. What a
// hash is made of is in hash_form.ts.

import { argLen, argPtr } from "./arguments";
import {
  FIELD_NOT_AN_INTEGER,
  MISSING,
  NOT_AN_INTEGER,
  OVERFLOW,
  WRONG_TYPE,
} from "./codes";
import { TYPE_HASH } from "./entry";
import { fieldValueBytes } from "./field";
import { followFields } from "./followed";
import {
  createHash,
  findField,
  hashViewBytes,
  hashViewPtr,
  isListpack,
  liveCount,
  putField,
  removePlace,
  replyValue,
  SAME_DUE,
  storeArguments,
  viewValue,
} from "./hash_form";
import { readBytes, readElement, readInteger, readIsInteger } from "./listpack";
import { dropKey, readTyped, typedCode, writeTyped } from "./lookup";
import {
  formatInteger,
  integerByteCount,
  parsedInteger,
  parseInteger,
} from "./number";
import { replyInteger64, replyNull } from "./reply";
import { addChanges, countChange } from "./statistics";

/** The live entry of a hash for a read, or 0 with `typedCode` set. */
export function readHash(db: u32, key: u32): u32 {
  return readTyped(db, key, TYPE_HASH);
}

/** The same for a change, or for a look that counts nothing. */
export function writeHash(db: u32, key: u32): u32 {
  return writeTyped(db, key, TYPE_HASH);
}

// Reading.

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
    if (!parseInteger(hashViewPtr(), hashViewBytes())) {
      return FIELD_NOT_AN_INTEGER;
    }
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
