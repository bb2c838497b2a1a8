// Strings: three ways to lie in memory, three names for OBJECT ENCODING.
//
//   int     an i64 in the entry                    (text of at most 20 digits)
//   embstr  up to 44 bytes in the entry
//   raw     longer, or changed in place: in the entry up to EMBED_MAX_BYTES,
//           else, and always when it may grow, in a block of its own:
//           u32 byte count | bytes
//
// Operations name keys and values by argument index. One that returns bytes
// sets `viewPtr` and `viewBytes`; they hold until the next operation.

import { freshAccess, inheritAccess, touchEntry } from "./access";
import { alloc, free, usable } from "./allocator";
import { argLen, argPtr, ownsBlock, takeArgument } from "./arguments";
import { attach, replaceFound } from "./attach";
import { MISSING, OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { heapOf } from "./dated";
import {
  copyBytes,
  EMBEDDED,
  embeddedPtr,
  ENCODING_EMBSTR,
  ENCODING_INT,
  ENCODING_RAW,
  entryBytes,
  entryDue,
  entryEncoding,
  entryFlags,
  entryType,
  hasDue,
  heapPosition,
  isEmbedded,
  isFollowed,
  keyBytes,
  newEntry,
  RAW_HEADER_BYTES,
  setEntryAccess,
  setEntryDue,
  setEntryKind,
  setEntryValue,
  setFlags,
  stringBytes,
  stringPtr,
  TYPE_STRING,
} from "./entry";
import { heapUpdate } from "./expiry";
import { lookupChange, lookupKey, lookupRead } from "./lookup";
import {
  formatInteger,
  INTEGER_MAX_BYTES,
  parsedInteger,
  parseInteger,
} from "./number";
import { countChange } from "./statistics";
import { freeEntry, freeValue } from "./value";

const EMBSTR_MAX_BYTES: u32 = 44;
export const EMBED_MAX_BYTES: u32 = 512;

/** The bytes that the last reading operation found. */
let viewAt: u32 = 0;
let viewLength: u32 = 0;
/** Digits of an integer that is looked at, or its eight bytes. */
const integerText = memory.data(24);

export function setView(ptr: u32, byteCount: u32): void {
  viewAt = ptr;
  viewLength = byteCount;
}

export function viewPtr(): u32 {
  return viewAt;
}

export function viewBytes(): u32 {
  return viewLength;
}

// @ts-ignore: decorator
@inline
export function isString(entry: u32): bool {
  return entryType(entry) == TYPE_STRING;
}

/** Sets the view to a string's bytes, an integer's digits included. */
export function viewString(entry: u32): void {
  if (entryEncoding(entry) == ENCODING_INT) {
    viewAt = u32(integerText);
    viewLength = formatInteger(viewAt, load<i64>(embeddedPtr(entry)));
    return;
  }
  viewAt = stringPtr(entry);
  viewLength = stringBytes(entry);
}

/** GET: 1 with the view set, MISSING or WRONG_TYPE. */
export function getString(db: u32, key: u32): i32 {
  return viewFound(lookupRead(db, key));
}

/** The same for a command that writes: it counts neither hit nor miss. */
export function peekString(db: u32, key: u32): i32 {
  return viewFound(lookupKey(db, key));
}

// @ts-ignore: decorator
@inline
function viewFound(entry: u32): i32 {
  if (!entry) return MISSING;
  if (!isString(entry)) return WRONG_TYPE;
  viewString(entry);
  return 1;
}

/** The part of a string between two offsets; an empty view when missing. */
export function getRange(db: u32, key: u32, start: f64, end: f64): i32 {
  const code = getString(db, key);
  if (code == MISSING) viewLength = 0;
  if (code == WRONG_TYPE) return code;
  const byteCount = f64(viewLength);
  if (start < 0 && end < 0 && start > end) {
    viewLength = 0;
    return 1;
  }
  if (start < 0) start = max<f64>(0, byteCount + start);
  if (end < 0) end = max<f64>(0, byteCount + end);
  end = min<f64>(end, byteCount - 1);
  if (start > end || byteCount == 0) {
    viewLength = 0;
    return 1;
  }
  viewAt += u32(start);
  viewLength = u32(end - start) + 1;
  return 1;
}

/** STRLEN: the length, 0 when missing, or WRONG_TYPE. */
export function stringLength(db: u32, key: u32): f64 {
  const code = getString(db, key);
  if (code == MISSING) return 0;
  return code < 0 ? f64(code) : f64(viewLength);
}

// Writing. `SET_...` are the conditions of SET.

export const SET_ONLY_NEW: u32 = 1;
export const SET_ONLY_OLD: u32 = 2;
export const SET_KEEP_DUE: u32 = 4;
/** Digits stay text: INCRBYFLOAT's results never are integers. */
const SET_AS_TEXT: u32 = 8;

/**
 * SET: stores argument `value` under argument `key`. `dueMs` 0 means none.
 * Returns 1, 0 when the condition was not met, or OUT_OF_MEMORY.
 */
export function setString(
  db: u32,
  key: u32,
  value: u32,
  flags: u32,
  dueMs: f64,
): i32 {
  const old = lookupChange(db, key);
  if (old ? flags & SET_ONLY_NEW : flags & SET_ONLY_OLD) return 0;
  if (old && flags & SET_KEEP_DUE && hasDue(old)) dueMs = entryDue(old);
  const code = storeString(db, key, old, value, flags, dueMs);
  if (code < 0) return code;
  countChange();
  return 1;
}

/** Puts an argument's bytes where the look-up found `old` or nothing. */
// @ts-ignore: decorator
@inline
export function storeString(
  db: u32,
  key: u32,
  old: u32,
  value: u32,
  flags: u32,
  dueMs: f64,
): i32 {
  const ptr = argPtr(value);
  const byteCount = argLen(value);
  if (isIntegerText(ptr, byteCount) && !(flags & SET_AS_TEXT)) {
    return storeInteger(db, key, old, parsedInteger, dueMs);
  }
  if (byteCount <= EMBED_MAX_BYTES) {
    const encoding = textEncoding(byteCount);
    return storeEmbedded(db, key, old, encoding, ptr, byteCount, dueMs);
  }
  const entry = newRaw(key, value, dueMs != 0);
  if (!entry) return OUT_OF_MEMORY;
  const code = putFresh(db, old, entry, dueMs);
  if (code > 0) keepArgument(entry, value);
  return code;
}

/** Whether bytes are kept as an integer; `parsedInteger` then is it. */
// @ts-ignore: decorator
@inline
function isIntegerText(ptr: u32, byteCount: u32): bool {
  return byteCount <= INTEGER_MAX_BYTES && parseInteger(ptr, byteCount) != 0;
}

// @ts-ignore: decorator
@inline
export function textEncoding(byteCount: u32): u32 {
  return byteCount <= EMBSTR_MAX_BYTES ? ENCODING_EMBSTR : ENCODING_RAW;
}

export function storeInteger(
  db: u32,
  key: u32,
  old: u32,
  value: i64,
  dueMs: f64,
): i32 {
  store<i64>(integerText, value);
  const bytes = u32(integerText);
  return storeEmbedded(db, key, old, ENCODING_INT, bytes, 8, dueMs);
}

/** Stores bytes (ENCODING_INT: those of an i64) in the entry itself. */
function storeEmbedded(
  db: u32,
  key: u32,
  old: u32,
  encoding: u32,
  ptr: u32,
  byteCount: u32,
  dueMs: f64,
): i32 {
  const due = dueMs != 0;
  if (old && fitsInPlace(old, due, byteCount)) {
    freeValue(old);
    if (due && dueMs != entryDue(old)) {
      setEntryDue(old, dueMs);
      heapUpdate(heapOf(db), heapPosition(old), dueMs);
    }
    fillEmbedded(old, encoding, ptr, byteCount);
    touchEntry(old);
    return 1;
  }
  const entry = newEmbedded(key, encoding, ptr, byteCount, due);
  return entry ? putFresh(db, old, entry, dueMs) : OUT_OF_MEMORY;
}

/** An entry with these bytes, in no table yet; 0 without memory. */
// @ts-ignore: decorator
@inline
function newEmbedded(
  key: u32,
  encoding: u32,
  ptr: u32,
  byteCount: u32,
  due: bool,
): u32 {
  const entry = newEntry(argPtr(key), argLen(key), due, byteCount);
  if (!entry) return 0;
  setEntryAccess(entry, freshAccess());
  fillEmbedded(entry, encoding, ptr, byteCount);
  return entry;
}

// @ts-ignore: decorator
@inline
function fillEmbedded(
  entry: u32,
  encoding: u32,
  ptr: u32,
  byteCount: u32,
): void {
  setEntryKind(entry, TYPE_STRING, encoding);
  setFlags(entry, entryFlags(entry) | EMBEDDED);
  setEntryValue(entry, byteCount);
  copyBytes(embeddedPtr(entry), ptr, byteCount);
}

/** Whether an entry's block suits such a value, without much waste. */
// @ts-ignore: decorator
@inline
function fitsInPlace(entry: u32, due: bool, embedded: u32): bool {
  if (hasDue(entry) != due || isFollowed(entry)) return false;
  const need = entryBytes(keyBytes(entry), due, embedded);
  const room = usable(entry);
  return need <= room && room - need < 16 + (need >> 2);
}

/**
 * An entry for a long value, in no table yet; 0 without memory. A big argument
 * that has a block of its own is not copied but handed over, and that only
 * when nothing can fail any more, so that an argument stays readable for as
 * long as its command runs. Until `keepArgument` the entry embeds nothing.
 */
function newRaw(key: u32, value: u32, due: bool): u32 {
  const entry = rawEntry(key, 0, due);
  if (!entry) return 0;
  if (ownsBlock(value)) {
    setFlags(entry, entryFlags(entry) | EMBEDDED);
    return entry;
  }
  const byteCount = argLen(value);
  const block = alloc(byteCount + RAW_HEADER_BYTES);
  if (!block) {
    free(entry);
    return 0;
  }
  store<u32>(block, byteCount);
  memory.copy(block + RAW_HEADER_BYTES, argPtr(value), byteCount);
  setEntryValue(entry, block);
  return entry;
}

/** An entry for a raw block, in no table yet; 0 without memory. */
function rawEntry(key: u32, block: u32, due: bool): u32 {
  const entry = newEntry(argPtr(key), argLen(key), due, 0);
  if (!entry) return 0;
  setEntryKind(entry, TYPE_STRING, ENCODING_RAW);
  setEntryValue(entry, block);
  setEntryAccess(entry, freshAccess());
  return entry;
}

/** Gives a new entry the block that it still waits for, if it does. */
export function keepArgument(entry: u32, value: u32): void {
  if (!isEmbedded(entry) || argLen(value) <= EMBED_MAX_BYTES) return;
  setFlags(entry, entryFlags(entry) & ~EMBEDDED);
  setEntryValue(entry, takeArgument(value));
}

/**
 * MSET: an entry for a pair of arguments, in no table yet, with room for a due
 * time if it is to get one; 0 without memory.
 */
export function newString(key: u32, value: u32, due: bool): u32 {
  let ptr = argPtr(value);
  let byteCount = argLen(value);
  let encoding = textEncoding(byteCount);
  if (isIntegerText(ptr, byteCount)) {
    store<i64>(integerText, parsedInteger);
    ptr = u32(integerText);
    byteCount = 8;
    encoding = ENCODING_INT;
  } else if (byteCount > EMBED_MAX_BYTES) return newRaw(key, value, due);
  return newEmbedded(key, encoding, ptr, byteCount, due);
}

/** MSET: whether an argument fits into an entry's block as it is. */
export function fitsString(entry: u32, value: u32): bool {
  const byteCount = argLen(value);
  const isInteger = isIntegerText(argPtr(value), byteCount);
  return byteCount <= EMBED_MAX_BYTES &&
    fitsInPlace(entry, false, isInteger ? 8 : byteCount);
}

/** MSET: stores an argument that fits. */
export function overwriteString(entry: u32, value: u32): void {
  freeValue(entry);
  const byteCount = argLen(value);
  if (isIntegerText(argPtr(value), byteCount)) {
    store<i64>(integerText, parsedInteger);
    fillEmbedded(entry, ENCODING_INT, u32(integerText), 8);
  } else {
    const encoding = textEncoding(byteCount);
    fillEmbedded(entry, encoding, argPtr(value), byteCount);
  }
  touchEntry(entry);
}

/** Links a new entry in; frees it, or else the one that it replaces. */
function putFresh(db: u32, old: u32, entry: u32, dueMs: f64): i32 {
  if (dueMs != 0) setEntryDue(entry, dueMs);
  if (old) {
    inheritAccess(entry, old);
    if (replaceFound(db, old, entry) == 0) {
      freeEntry(old);
      return 1;
    }
  } else if (attach(db, entry) == 0) return 1;
  freeEntry(entry);
  return OUT_OF_MEMORY;
}

/**
 * Stores a raw block that the caller has filled, as SET does: without a due
 * time. Returns 1 or OUT_OF_MEMORY; the block is no longer the caller's.
 */
export function storeBlock(db: u32, key: u32, block: u32): i32 {
  const old = lookupChange(db, key);
  const byteCount = load<u32>(block);
  let code: i32;
  if (byteCount <= EMBED_MAX_BYTES) {
    const bytes = block + RAW_HEADER_BYTES;
    code = storeEmbedded(db, key, old, ENCODING_RAW, bytes, byteCount, 0);
    free(block);
  } else code = adoptBlock(db, key, old, block, 0);
  if (code > 0) countChange();
  return code;
}

/** Links a block in as a string: 1 or OUT_OF_MEMORY, and then it is freed. */
export function adoptBlock(
  db: u32,
  key: u32,
  old: u32,
  block: u32,
  dueMs: f64,
): i32 {
  const entry = rawEntry(key, block, dueMs != 0);
  if (entry) return putFresh(db, old, entry, dueMs);
  free(block);
  return OUT_OF_MEMORY;
}
