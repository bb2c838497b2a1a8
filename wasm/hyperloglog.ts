// HyperLogLogs of a database: strings in the form of hll_form.ts.
//
// A command works on one string where it lies. Before the first change it takes
// all the memory that it can come to need: room for what is yet to be added
// and, where the code may have to become dense, a block for that. So a command
// without memory has changed nothing. What was not needed goes back.
//
// A string that clients wrote may turn out unsound when a register cannot be
// found. As in Redis, the elements before then stay added.

import { alloc, free, resize, usable } from "./allocator";
import { argCount, argLen, argPtr } from "./arguments";
import {
  HLL_CORRUPT,
  HLL_NOT_SPARSE,
  MISSING,
  NOT_A_HLL,
  OUT_OF_MEMORY,
  WRONG_TYPE,
} from "./codes";
import { lookupKey, lookupRead, lookupWrite } from "./lookup";
import {
  ENCODING_INT,
  entryEncoding,
  entryType,
  entryValue,
  isEmbedded,
  RAW_HEADER_BYTES,
  setEntryValue,
  stringBytes,
  stringPtr,
  TYPE_STRING,
} from "./entry";
import {
  clearMaxima,
  countDense,
  countMaxima,
  denseRank,
  maxima,
  raiseDense,
  raiseMaxima,
  storeMaxima,
} from "./hll_dense";
import { clearHistogram, estimate } from "./hll_estimate";
import {
  cardinalityOf,
  DENSE,
  DENSE_BYTES,
  EMPTY_BYTES,
  hashedRank,
  hashedRegister,
  hashElement,
  HEADER_BYTES,
  hllEncoding,
  isCounted,
  isHyperLogLog,
  markStale,
  REGISTER_COUNT,
  setCardinality,
  setHllEncoding,
  SPARSE,
  writeHeader,
} from "./hll_form";
import {
  countSparse,
  findRun,
  foundPrevious,
  moveFound,
  NOTHING_TO_RAISE,
  planRaise,
  previousFirst,
  raiseFound,
  raiseMaximaSparse,
  SPARSE_GROWTH_MAX,
  SPARSE_RANK_MAX,
  spreadDense,
  writeEmpty,
} from "./hll_sparse";
import { replySparse } from "./hll_text";
import { hllSparseMaxBytes } from "./limits";
import { replyHeader, replyInteger64 } from "./reply";
import { addChanges, countChange } from "./statistics";
import { growable, stringChanges } from "./string_edit";
import { tableChanges } from "./table";

const ARRAY: u32 = 0x2a;
/** A string that has more room left over than this gives it back. */
const ROOM_KEPT_BYTES: u32 = 256;

// The string that is worked on.

let openDb: u32 = 0;
let openKey: u32 = 0;
let openEntry: u32 = 0;
let at: u32 = 0;
let byteCount: u32 = 0;
/** Whether it lies in a block of its own with all the room it can need. */
let isRoomy: bool = false;
/** A block for the dense code, 0 when it was not set aside. */
let spare: u32 = 0;

/** Opens the value of an entry: 1, or a code when it is no HyperLogLog. */
function open(entry: u32): i32 {
  if (entryType(entry) != TYPE_STRING) return WRONG_TYPE;
  if (entryEncoding(entry) == ENCODING_INT) return NOT_A_HLL;
  openEntry = entry;
  at = stringPtr(entry);
  byteCount = stringBytes(entry);
  return isHyperLogLog(at, byteCount) ? 1 : NOT_A_HLL;
}

/** The same, for one that will be changed. */
function openToChange(db: u32, key: u32, entry: u32): i32 {
  openDb = db;
  openKey = key;
  isRoomy = false;
  if (!isEmbedded(entry)) stringChanges(entryValue(entry));
  return open(entry);
}

// @ts-ignore: decorator
@inline
function isDense(): bool {
  return hllEncoding(at) == DENSE;
}

/**
 * Takes all the memory that raising so many registers can need; the string may
 * move. False without memory: then nothing has changed.
 */
function makeRoom(raiseCount: u32, mayBecomeDense: bool): bool {
  if (isRoomy) return true;
  const growth = u64(raiseCount) * u64(SPARSE_GROWTH_MAX);
  const longest = min<u64>(u64(byteCount) + growth, u64(hllSparseMaxBytes));
  const room = max<u32>(byteCount, u32(longest));
  if (mayBecomeDense) {
    spare = alloc(DENSE_BYTES + RAW_HEADER_BYTES);
    if (!spare) return false;
  }
  const block = growable(openDb, openKey, openEntry, room);
  if (!block) {
    giveBack();
    return false;
  }
  at = block + RAW_HEADER_BYTES;
  isRoomy = true;
  return true;
}

/** The command is done with the string: what was not needed goes back. */
function giveBack(): void {
  if (spare) free(spare);
  spare = 0;
}

/** Gives room back that many registers could have needed and did not. */
function trim(): void {
  const block = at - RAW_HEADER_BYTES;
  const need = byteCount + RAW_HEADER_BYTES;
  if (usable(block) - need <= max(ROOM_KEPT_BYTES, need >> 2)) return;
  const trimmed = resize(block, need);
  if (!trimmed) return;
  setEntryValue(lookupKey(openDb, openKey), trimmed);
  at = trimmed + RAW_HEADER_BYTES;
}

/** Makes an empty one at a key that is missing; false without memory. */
function create(
  db: u32,
  key: u32,
  raiseCount: u32,
  mayBecomeDense: bool,
): bool {
  openDb = db;
  openKey = key;
  openEntry = 0;
  isRoomy = false;
  byteCount = EMPTY_BYTES;
  if (!makeRoom(raiseCount, mayBecomeDense)) return false;
  setBytes(EMPTY_BYTES);
  writeHeader(at, SPARSE);
  writeEmpty(at + HEADER_BYTES);
  return true;
}

/** The open string, which has its own block, is so long now. */
// @ts-ignore: decorator
@inline
function setBytes(count: u32): void {
  byteCount = count;
  store<u32>(at - RAW_HEADER_BYTES, count);
}

/** Makes the sparse code dense; the block for it was set aside. */
function becomeDense(): i32 {
  const dense = spare + RAW_HEADER_BYTES;
  memory.copy(dense, at, HEADER_BYTES);
  setHllEncoding(dense, DENSE);
  memory.fill(dense + HEADER_BYTES, 0, DENSE_BYTES - HEADER_BYTES);
  if (!spreadDense(at + HEADER_BYTES, at + byteCount, dense)) {
    return HLL_CORRUPT;
  }
  const entry = lookupKey(openDb, openKey);
  free(entryValue(entry));
  setEntryValue(entry, spare);
  spare = 0;
  at = dense;
  setBytes(DENSE_BYTES);
  return 1;
}

/**
 * PFADD: adds the arguments from `first` on. 1 when that changed a register or
 * made the key, 0, or a code.
 */
export function addElements(db: u32, key: u32, first: u32): i32 {
  const entry = lookupWrite(db, key);
  let changeCount: u32 = 0;
  if (entry) {
    const code = openToChange(db, key, entry);
    if (code < 0) return code;
  } else {
    const count = argCount - first;
    let mayBecomeDense = count > 1;
    if (count == 1) {
      hashElement(argPtr(first), argLen(first));
      mayBecomeDense = isTooMuch(EMPTY_BYTES, SPARSE_GROWTH_MAX);
    }
    if (!create(db, key, count, mayBecomeDense)) return OUT_OF_MEMORY;
    changeCount = 1;
  }
  const code = raiseElements(first, changeCount);
  giveBack();
  return code;
}

function raiseElements(first: u32, changeCount: u32): i32 {
  for (let i = first; i < argCount; i++) {
    hashElement(argPtr(i), argLen(i));
    const code = isDense()
      ? raiseDense(at, hashedRegister, hashedRank)
      : raiseSparse(argCount - i);
    if (code < 0) {
      if (changeCount) markStale(at);
      return code;
    }
    changeCount += code;
  }
  if (!changeCount) return 0;
  if (!isDense() && argCount - first > 1) trim();
  markStale(at);
  addChanges(changeCount);
  return 1;
}

/** Whether the element hashed last is too much for a sparse code. */
// @ts-ignore: decorator
@inline
function isTooMuch(bytes: u32, growth: i32): bool {
  return hashedRank > SPARSE_RANK_MAX ||
    (growth > 0 && bytes + growth > hllSparseMaxBytes);
}

/** Raises a sparse register to the hashed rank: 1, 0 or a code. */
function raiseSparse(raisesLeft: u32): i32 {
  let growth: i32 = 0;
  if (hashedRank <= SPARSE_RANK_MAX) {
    const code = at + HEADER_BYTES;
    if (!findRun(code, 0, at + byteCount, hashedRegister)) return HLL_CORRUPT;
    growth = planRaise(hashedRank);
    if (growth == NOTHING_TO_RAISE) return 0;
  }
  const mustBeDense = isTooMuch(byteCount, growth);
  const from = at;
  if (!makeRoom(raisesLeft, mustBeDense || raisesLeft > 1)) {
    return OUT_OF_MEMORY;
  }
  if (mustBeDense) {
    const code = becomeDense();
    return code < 0 ? code : raiseDense(at, hashedRegister, hashedRank);
  }
  moveFound(at - from);
  setBytes(raiseFound(at + HEADER_BYTES, at + byteCount) - at);
  return 1;
}

/** Counts the open one; false when it is not sound. */
function countOpen(): bool {
  clearHistogram();
  if (!isDense()) return countSparse(at + HEADER_BYTES, at + byteCount);
  countDense(at);
  return true;
}

/**
 * PFCOUNT of one key: replies with its cardinality. 1 when that was counted
 * anew and is kept with the value, 0 when not, or a code.
 */
export function replyCardinality(db: u32, key: u32): i32 {
  const entry = lookupRead(db, key);
  if (!entry) {
    replyInteger64(0);
    return 0;
  }
  const code = open(entry);
  if (code < 0) return code;
  if (isCounted(at)) {
    replyInteger64(cardinalityOf(at));
    return 0;
  }
  if (!countOpen()) return HLL_CORRUPT;
  tableChanges(db, entry);
  const cardinality = estimate();
  setCardinality(at, cardinality);
  countChange();
  replyInteger64(cardinality);
  return 1;
}

/** Whether one of the keys that were joined is dense. */
let anyDense: bool = false;

/** Joins the HyperLogLogs of all arguments in the maxima: 1, or a code. */
function joinArguments(db: u32): i32 {
  clearMaxima();
  anyDense = false;
  for (let i: u32 = 1; i < argCount; i++) {
    const entry = lookupRead(db, i);
    if (!entry) continue;
    const code = open(entry);
    if (code < 0) return code;
    if (isDense()) {
      anyDense = true;
      raiseMaxima(at);
    } else if (!raiseMaximaSparse(at + HEADER_BYTES, at + byteCount)) {
      return HLL_CORRUPT;
    }
  }
  return 1;
}

/** PFCOUNT of several keys: replies with the cardinality of all together. */
export function replyUnionCardinality(db: u32): i32 {
  const code = joinArguments(db);
  if (code < 0) return code;
  clearHistogram();
  countMaxima();
  replyInteger64(estimate());
  return 1;
}

/** PFMERGE: makes the first argument's key all of them together. */
export function mergeHyperLogLogs(db: u32): i32 {
  let code = joinArguments(db);
  if (code < 0) return code;
  const entry = lookupWrite(db, 1);
  const raiseCount = anyDense ? 0 : countRaised();
  const mayBecomeDense = anyDense || raiseCount > 0;
  if (entry) {
    code = openToChange(db, 1, entry);
    if (code < 0) return code;
    const isReady = isDense() || makeRoom(raiseCount, mayBecomeDense);
    if (!isReady) return OUT_OF_MEMORY;
  } else if (!create(db, 1, raiseCount, mayBecomeDense)) {
    return OUT_OF_MEMORY;
  }
  code = storeUnion();
  giveBack();
  if (code < 0) return code;
  markStale(at);
  countChange();
  return 1;
}

/** How many registers of the union are not 0. */
function countRaised(): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
    count += u32(load<u8>(maxima + i) != 0);
  }
  return count;
}

/** Writes the maxima to the open one, whose registers are among them. */
function storeUnion(): i32 {
  if (!anyDense) {
    raiseSparseToMaxima();
    if (!isDense()) trim();
  } else if (!isDense()) {
    const code = becomeDense();
    if (code < 0) return code;
  }
  if (isDense()) storeMaxima(at);
  return 1;
}

/**
 * Raises a sparse one to the maxima, register by register, until it is done or
 * has to become dense. Registers ascend, so each is looked for from the run
 * before the last one's on.
 */
function raiseSparseToMaxima(): void {
  const start = at + HEADER_BYTES;
  let from = start;
  let first: u32 = 0;
  for (let register: u32 = 0; register < REGISTER_COUNT; register++) {
    const rank = <u32> load<u8>(maxima + register);
    if (!rank) continue;
    let end = at + byteCount;
    // What comes before a run is not known when the search began there.
    let isFound = findRun(from, first, end, register);
    if (isFound && !foundPrevious && from != start) {
      isFound = findRun(start, 0, end, register);
    }
    // Joining the keys has found the runs to be sound.
    assert(isFound);
    from = foundPrevious ? foundPrevious : start;
    first = foundPrevious ? previousFirst(end) : 0;
    const growth = planRaise(rank);
    if (growth == NOTHING_TO_RAISE) continue;
    if (growth > 0 && byteCount + growth > hllSparseMaxBytes) {
      becomeDense();
      return;
    }
    end = raiseFound(start, end);
    setBytes(end - at);
  }
}

// PFDEBUG.

/** 1 when a key is sparse, 0 when dense, or a code. */
export function isSparseKey(db: u32, key: u32): i32 {
  const entry = lookupWrite(db, key);
  if (!entry) return MISSING;
  const code = openToChange(db, key, entry);
  return code < 0 ? code : i32(!isDense());
}

/** Makes a key dense: 1, 0 when it is already, or a code. */
export function makeDense(db: u32, key: u32): i32 {
  const code = isSparseKey(db, key);
  if (code <= 0) return code;
  if (!makeRoom(0, true)) return OUT_OF_MEMORY;
  const done = becomeDense();
  giveBack();
  if (done > 0) countChange();
  return done;
}

/** Makes a key dense and replies with its registers; returns as `makeDense`. */
export function replyRegisters(db: u32, key: u32): i32 {
  const code = makeDense(db, key);
  if (code < 0) return code;
  replyHeader(ARRAY, REGISTER_COUNT);
  for (let i: u32 = 0; i < REGISTER_COUNT; i++) {
    replyInteger64(i64(denseRank(at, i)));
  }
  return code;
}

/** Replies with the runs of a sparse key as text: 1, or a code. */
export function replyRuns(db: u32, key: u32): i32 {
  const code = isSparseKey(db, key);
  if (code < 0) return code;
  if (!code) return HLL_NOT_SPARSE;
  replySparse(at + HEADER_BYTES, at + byteCount);
  return 1;
}
