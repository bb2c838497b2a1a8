// Loading an RDB file, in slices and from pieces: the opcodes between values,
// and what becomes of a key.
//
//     loadBegin(flags); loadInto(db);
//     loadStep(budget)      see LOAD_... in rdb_faults.ts, again and again
//     loadEnd()             gives back what was needed, at any time
//
// Each step reads item after item (an opcode with what belongs to it, or a key
// with its value; a large collection is many items) until something has to be
// said or the budget, in keys and elements, is used up. After LOAD_CORRUPT or
// OUT_OF_MEMORY nothing more is read; what was loaded stays loaded.
//
// What can be looked at after a step (`loadKeyPtr`, `loadNamePtr`, ...) holds
// until the next one or until more bytes are fed.

import { alloc, free } from "./allocator";
import { accessAfter, nowMs } from "./access";
import { dbSize, removeFound } from "./database";
import { attachLoaded } from "./attach";
import { entryType, setEntryAccess, setEntryDue } from "./entry";
import {
  RDB_AUX,
  RDB_DUE_MS,
  RDB_DUE_SECONDS,
  RDB_FREQUENCY,
  RDB_FUNCTION,
  RDB_FUNCTION_PRE_GA,
  RDB_IDLE,
  RDB_MODULE_2,
  RDB_MODULE_AUX,
  RDB_RESIZE,
  RDB_SELECT,
  RDB_SLOT_INFO,
  RDB_STRING,
} from "./rdb_codes";
import { draft, draftCount, draftEntry, dropDraft } from "./rdb_draft";
import {
  FAULT_CHECKSUM,
  FAULT_DUPLICATE_KEY,
  FAULT_PRE_RELEASE,
  LOAD_AUX,
  LOAD_BUDGET,
  LOAD_CHECK_ONLY,
  LOAD_CHECKSUM_ABSENT,
  LOAD_CHECKSUM_GOOD,
  LOAD_CHECKSUM_UNCHECKED,
  LOAD_CHECKSUM_ZERO,
  LOAD_DONE,
  LOAD_EMPTY_KEY,
  LOAD_EXPIRED,
  LOAD_FUNCTION,
  LOAD_MODULE_AUX,
  LOAD_MORE,
  LOAD_REPLACE,
  LOAD_SELECT,
  LOAD_SUM,
} from "./rdb_faults";
import {
  clearTallies,
  MODULE_TALLY,
  readHeader,
  readModuleHead,
  skipModulePart,
  tally,
} from "./rdb_load_parts";
import {
  freeScratch,
  NAME,
  readLength,
  readMilliseconds,
  readSeconds,
  readString,
  reservable,
  stringBytes,
  stringPtr,
  VALUE,
} from "./rdb_read";
import { stringEntry } from "./rdb_read_string";
import {
  beginValue,
  endValue,
  PARTS,
  partsLeft,
  readPart,
  WHOLE,
} from "./rdb_read_value";
import {
  fail,
  failBack,
  failForMemory,
  markHere,
  rewind,
  sourceClose,
  sourceOffset,
  sourceOpen,
  sourceSum,
  take64,
  take8,
  trouble,
} from "./source";
import { tableFind } from "./table";
import { tableFit, tableReserve } from "./table_resize";
import { freeEntry } from "./value";

// What comes next.
const HEADER: u32 = 0;
const ITEM: u32 = 1;
const PART: u32 = 2;
/** Data of a module that are skipped. */
const MODULE: u32 = 3;
const CHECKSUM: u32 = 4;
const OVER: u32 = 5;

/** From this version on a file ends with a checksum. */
const CHECKSUM_VERSION: u32 = 5;

let phase: u32 = OVER;
let flags: u32 = 0;
let db: u32 = 0;
let version: u32 = 0;
let checksum: i32 = LOAD_CHECKSUM_ABSENT;
/** The last failure, which stays. */
let failure: i32 = 0;

// The key that is read, and what was said about it before.
let keyAt: u32 = 0;
let keyLength: u32 = 0;
let keyType: i32 = -1;
let valueStart: f64 = 0;
/** The key's bytes while its value comes in parts, else 0. */
let heldKey: u32 = 0;
let hasDue: bool = false;
let dueMs: f64 = 0;
let idle: i64 = -1;
let counter: i32 = -1;

// What can be looked at.
let nameAt: u32 = 0;
let nameLength: u32 = 0;
let number: u64 = 0;
/** Whether a module's data are a value, or stand for themselves. */
let moduleIsValue: bool = false;

let loadedCount: f64 = 0;
let expiredCount: f64 = 0;
let emptyCount: f64 = 0;
let dueCount: f64 = 0;

/** Opens a file of so many bytes, or -1, to be loaded as `LOAD_...` say. */
export function loadBegin(byteCount: f64, loadFlags: u32): void {
  loadEnd();
  flags = loadFlags;
  sourceOpen(byteCount, flags & LOAD_SUM);
  phase = HEADER;
  failure = 0;
  version = 0;
  checksum = LOAD_CHECKSUM_ABSENT;
  loadedCount =
    expiredCount =
    emptyCount =
    dueCount =
      0;
  clearTallies();
  forgetKey();
}

/** Which database the keys go to from now on. */
export function loadInto(database: u32): void {
  db = database;
}

/** Gives back all memory; a value that was not whole is gone. */
export function loadEnd(): void {
  dropDraft();
  releaseKey();
  fitTable();
  freeScratch();
  sourceClose();
  phase = OVER;
}

export function isLoadOpen(): bool {
  return phase != OVER;
}

function releaseKey(): void {
  if (heldKey) free(heldKey);
  heldKey = 0;
}

function forgetKey(): void {
  releaseKey();
  keyAt = keyLength = 0;
  keyType = -1;
  hasDue = false;
  idle = counter = -1;
}

/** Reads on; `LOAD_...` or OUT_OF_MEMORY. */
export function loadStep(budget: u32): i32 {
  if (failure) return failure;
  while (budget) {
    if (phase == OVER) return LOAD_DONE;
    markHere();
    const said = readItem();
    if (trouble) return stop();
    if (said) return said;
    budget--;
  }
  return LOAD_BUDGET;
}

/** An item could not be read: for want of bytes, or for good. */
function stop(): i32 {
  if (trouble == LOAD_MORE) {
    rewind();
    return LOAD_MORE;
  }
  failure = trouble;
  dropDraft();
  return failure;
}

/** Reads one item; what is to be said about it, else 0. */
// @ts-ignore: decorator
@inline
function readItem(): i32 {
  if (phase == ITEM) {
    const type = take8();
    if (trouble) return 0;
    return type < u32(RDB_SLOT_INFO) ? readKey(type) : readOpcode(type);
  }
  return readOtherItem();
}

function readOtherItem(): i32 {
  if (phase == PART) return readOnePart();
  if (phase == HEADER) {
    version = readHeader();
    if (version) phase = ITEM;
  } else if (phase == MODULE) return readModulePart();
  else readChecksum();
  return 0;
}

// Opcodes.

function readOpcode(opcode: u32): i32 {
  switch (opcode) {
    case RDB_DUE_MS:
      return readDue(readMilliseconds());
    case RDB_DUE_SECONDS:
      return readDue(readSeconds());
    case RDB_IDLE:
      idle = i64(readLength());
      return 0;
    case RDB_FREQUENCY:
      counter = i32(take8());
      return 0;
    case RDB_SELECT:
      number = readLength();
      fitTable();
      return LOAD_SELECT;
    case RDB_RESIZE:
      return readSizes();
    case RDB_AUX:
      return readAux();
    case RDB_FUNCTION:
      readString(VALUE);
      return LOAD_FUNCTION;
    case RDB_FUNCTION_PRE_GA:
      failBack(FAULT_PRE_RELEASE, 1);
      return 0;
    case RDB_MODULE_AUX:
      return beginModuleAux();
    case RDB_SLOT_INFO:
      readLength();
      readLength();
      readLength();
      return 0;
    default:
      phase = CHECKSUM;
      return 0;
  }
}

function readDue(ms: f64): i32 {
  if (trouble) return 0;
  hasDue = true;
  dueMs = ms;
  return 0;
}

/** How many keys the database will have: room for them is made at once. */
function readSizes(): i32 {
  const keyCount = readLength();
  readLength();
  if (trouble || flags & LOAD_CHECK_ONLY || dbSize(db)) return 0;
  tableReserve(db, reservable(keyCount));
  roomyDb = db;
  return 0;
}

/** The database that room was made in, or 0. */
let roomyDb: u32 = 0;

/** The announcement may have been wrong: room is not kept for nobody. */
function fitTable(): void {
  if (roomyDb) tableFit(roomyDb);
  roomyDb = 0;
}

function readAux(): i32 {
  if (!readString(NAME)) return 0;
  nameAt = stringPtr;
  nameLength = stringBytes;
  readString(VALUE);
  return LOAD_AUX;
}

// Modules.

function beginModuleAux(): i32 {
  number = readModuleHead();
  if (trouble) return 0;
  moduleIsValue = false;
  phase = MODULE;
  return 0;
}

/** Skips one more thing that a module has written. */
function readModulePart(): i32 {
  if (!skipModulePart()) return 0;
  phase = ITEM;
  if (!moduleIsValue) return LOAD_MODULE_AUX;
  tally(MODULE_TALLY, 1, valueBytes());
  countKey();
  forgetKey();
  return 0;
}

// Keys.

function readKey(type: u32): i32 {
  if (!readString(NAME)) return 0;
  keyAt = stringPtr;
  keyLength = stringBytes;
  keyType = i32(type);
  valueStart = sourceOffset();
  if (type == RDB_MODULE_2) {
    number = readLength();
    if (flags & LOAD_CHECK_ONLY) {
      moduleIsValue = true;
      if (!trouble) phase = MODULE;
      return 0;
    }
  }
  const begun = beginValue(type);
  if (begun == PARTS) holdKey();
  else if (begun == WHOLE) return finishKey(type == RDB_STRING);
  return 0;
}

/** Keeps the key's bytes while parts of its value are read. */
function holdKey(): void {
  releaseKey();
  const held = alloc(max(keyLength, 1));
  if (!held) {
    failForMemory();
    return;
  }
  memory.copy(held, keyAt, keyLength);
  heldKey = held;
  keyAt = held;
  phase = PART;
}

function readOnePart(): i32 {
  if (partsLeft) {
    readPart();
    return 0;
  }
  phase = ITEM;
  return endValue() ? finishKey(false) : 0;
}

/** The value is whole: it becomes the key's, unless it shall not. */
// @ts-ignore: decorator
@inline
function finishKey(isString: bool): i32 {
  if (flags & LOAD_CHECK_ONLY) return checkKey(isString);
  if (!isString && !draftCount()) return skipEmpty();
  if (hasDue && dueMs < nowMs && !(flags & LOAD_EXPIRED)) {
    dropDraft();
    expiredCount += 1;
    forgetKey();
    return 0;
  }
  const found = tableFind(db, keyAt, keyLength);
  if (found) {
    if (!(flags & LOAD_REPLACE)) {
      fail(FAULT_DUPLICATE_KEY);
      return 0;
    }
    removeFound(db, found);
  }
  const entry = isString
    ? stringEntry(keyAt, keyLength, hasDue)
    : draftEntry(keyAt, keyLength, hasDue);
  if (!entry) {
    failForMemory();
    return 0;
  }
  if (hasDue) setEntryDue(entry, dueMs);
  setEntryAccess(entry, accessAfter(idle, counter));
  // The look-up before has left the key's hash; a removal does not change it.
  if (attachLoaded(db, entry) != 0) {
    freeEntry(entry);
    failForMemory();
    return 0;
  }
  countKey();
  forgetKey();
  return 0;
}

function countKey(): void {
  loadedCount += 1;
  if (hasDue) dueCount += 1;
}

function skipEmpty(): i32 {
  dropDraft();
  emptyCount += 1;
  // The name stays to be looked at.
  nameAt = keyAt;
  nameLength = keyLength;
  keyType = -1;
  hasDue = false;
  idle = counter = -1;
  return LOAD_EMPTY_KEY;
}

function checkKey(isString: bool): i32 {
  const count = isString ? 1 : draftCount();
  if (!count) return skipEmpty();
  tally(isString ? 0 : entryType(draft), count, valueBytes());
  dropDraft();
  if (hasDue && dueMs < nowMs) expiredCount += 1;
  countKey();
  forgetKey();
  return 0;
}

/** Bytes of the key and its value in the file. */
function valueBytes(): f64 {
  return sourceOffset() - valueStart + f64(keyLength);
}

// The end.

function readChecksum(): void {
  if (version < CHECKSUM_VERSION) {
    phase = OVER;
    return;
  }
  const made = sourceSum();
  const said = take64();
  if (trouble) return;
  if (!(flags & LOAD_SUM)) checksum = LOAD_CHECKSUM_UNCHECKED;
  else if (!said) checksum = LOAD_CHECKSUM_ZERO;
  else if (said == made) checksum = LOAD_CHECKSUM_GOOD;
  else {
    failBack(FAULT_CHECKSUM, 8);
    return;
  }
  phase = OVER;
}

// Looking.

export function loadVersion(): u32 {
  return version;
}

/** LOAD_CHECKSUM_...: what came of the checksum. */
export function loadChecksum(): i32 {
  return checksum;
}

/** The key that is being read or was at fault: its type, -1 without one. */
export function loadKeyType(): i32 {
  return keyType;
}

export function loadKeyPtr(): u32 {
  return keyAt;
}

export function loadKeyBytes(): u32 {
  return keyLength;
}

/** A field's name, or a skipped key's. */
export function loadNamePtr(): u32 {
  return nameAt;
}

export function loadNameBytes(): u32 {
  return nameLength;
}

/** A field's value, or a library's code. */
export function loadValuePtr(): u32 {
  return stringPtr;
}

export function loadValueBytes(): u32 {
  return stringBytes;
}

/** Halves of the number of a database or a module. */
export function loadNumberLow(): u32 {
  return u32(number);
}

export function loadNumberHigh(): u32 {
  return u32(number >> 32);
}

export function loadedKeys(): f64 {
  return loadedCount;
}

export function loadedDueKeys(): f64 {
  return dueCount;
}

export function loadExpiredKeys(): f64 {
  return expiredCount;
}

export function loadEmptyKeys(): f64 {
  return emptyCount;
}
