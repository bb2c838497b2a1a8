// Sorted sets: what is done with named members. Ranges are in zset_range.ts,
// pops in zset_pop.ts, the value itself in zset_value.ts.
//
// Operations name keys, scores and members by argument index.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import {
  ADD_COUNT_CHANGED,
  ADD_INCREMENT,
  ADD_ONLY_GREATER,
  ADD_ONLY_LESS,
  ADD_ONLY_NEW,
  ADD_ONLY_OLD,
  MISSING,
  OUT_OF_MEMORY,
  SCORE_IS_NAN,
  SCORE_NOT_A_FLOAT,
} from "./codes";
import { createValue } from "./attach";
import { dropKey, lookupKey, readTyped, typedCode, writeTyped } from "./lookup";
import { parsedDouble, parseDouble } from "./double";
import {
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  TYPE_ZSET,
} from "./entry";
import { listpackBytes } from "./listpack";
import {
  replyArray,
  replyDouble,
  replyInteger,
  replyNull,
  replyNullArray,
} from "./reply";
import { addChanges } from "./statistics";
import {
  dropDraft,
  foundScore,
  newZset,
  zsetCount,
  zsetDraft,
  zsetExpect,
  zsetFind,
  zsetInsert,
  zsetRank,
  zsetRemoveFound,
  zsetRescore,
  zsetRestore,
} from "./zset_value";

// What the last ZADD or ZINCRBY did.
let addedCount: u32 = 0;
let updatedCount: u32 = 0;
let resultScore: f64 = 0;
let wasSkipped: bool = false;

/** Whether it changed anything. */
export function zsetChanged(): i32 {
  return i32(addedCount + updatedCount != 0);
}

// An undo log of a large one: what to put back when a later pair finds no
// memory.
//   member argument (u32) | 1 when it was new (u32) | score before (f64)
const UNDO_BYTES: u32 = 16;
const HOME_UNDO_COUNT: u32 = 64;
const homeUndo: u32 = u32(memory.data(1024, 8));

/**
 * ZADD: `count` pairs of score and member from argument `first` on. Replies
 * with how many members are new, or with ADD_INCREMENT with the resulting
 * score. Returns 0 or a code, and then nothing has changed.
 */
export function zsetAdd(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
  flags: u32,
): i32 {
  addedCount = 0;
  updatedCount = 0;
  wasSkipped = true;
  const end = first + count * 2;
  for (let at = first; at < end; at += 2) {
    if (!parseDouble(argPtr(at), argLen(at))) return SCORE_NOT_A_FLOAT;
  }
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  let code: i32 = 0;
  if (entry) code = addToEntry(entry, first, count, flags);
  else if (!(flags & ADD_ONLY_OLD)) {
    code = addToNew(db, key, first, count, flags);
  }
  if (code != 0) return code;
  addChanges(addedCount + updatedCount);
  replyAdded(flags);
  return 0;
}

function replyAdded(flags: u32): void {
  if (flags & ADD_INCREMENT) {
    if (wasSkipped) replyNull();
    else replyDouble(resultScore);
  } else {
    const changed = flags & ADD_COUNT_CHANGED ? updatedCount : 0;
    replyInteger(f64(addedCount + changed));
  }
}

function addToNew(db: u32, key: u32, first: u32, count: u32, flags: u32): i32 {
  if (newZset(count, argLen(first + 1)) != 0) return OUT_OF_MEMORY;
  for (let at = first; at < first + count * 2; at += 2) {
    if (addPair(zsetDraft, at, at + 1, flags) != 0) {
      dropDraft();
      return OUT_OF_MEMORY;
    }
  }
  return keepDraft(db, key);
}

/** Gives a missing key the draft: 0 or OUT_OF_MEMORY, and no draft is left. */
function keepDraft(db: u32, key: u32): i32 {
  const value = entryValue(zsetDraft);
  const encoding = entryEncoding(zsetDraft);
  // Look-ups of members have come between.
  lookupKey(db, key);
  if (createValue(db, key, TYPE_ZSET, encoding, value) == 0) return 0;
  dropDraft();
  return OUT_OF_MEMORY;
}

function addToEntry(entry: u32, first: u32, count: u32, flags: u32): i32 {
  if (count == 1) {
    if (zsetExpect(entry, 1) != 0) return OUT_OF_MEMORY;
    return addPair(entry, first, first + 1, flags);
  }
  return entryEncoding(entry) == ENCODING_LISTPACK
    ? addToSmall(entry, first, count, flags)
    : addToLarge(entry, first, count, flags);
}

/** A copy of the listpack takes its place again when there is no memory. */
function addToSmall(entry: u32, first: u32, count: u32, flags: u32): i32 {
  const backup = copyListpack(entryValue(entry));
  if (!backup) return OUT_OF_MEMORY;
  let code = zsetExpect(entry, count);
  for (let at = first; at < first + count * 2 && code == 0; at += 2) {
    code = addPair(entry, at, at + 1, flags);
  }
  if (code == 0) free(backup);
  else zsetRestore(entry, backup);
  return code;
}

function copyListpack(lp: u32): u32 {
  const byteCount = listpackBytes(lp);
  const copy = alloc(byteCount);
  if (copy) memory.copy(copy, lp, byteCount);
  return copy;
}

function addToLarge(entry: u32, first: u32, count: u32, flags: u32): i32 {
  const undo = count <= HOME_UNDO_COUNT ? homeUndo : alloc(count * UNDO_BYTES);
  if (!undo) return OUT_OF_MEMORY;
  let record = undo;
  let code: i32 = 0;
  for (let at = first; at < first + count * 2 && code == 0; at += 2) {
    const added = addedCount;
    const updated = updatedCount;
    code = addPair(entry, at, at + 1, flags);
    if (addedCount == added && updatedCount == updated) continue;
    store<u32>(record, at + 1);
    store<u32>(record, addedCount - added, 4);
    store<f64>(record, foundScore, 8);
    record += UNDO_BYTES;
  }
  if (code != 0) undoPairs(entry, undo, record);
  if (undo != homeUndo) free(undo);
  return code;
}

/**
 * Takes pairs back, the last one first. Removing never fails, and a score that
 * goes back finds the room that it left.
 */
function undoPairs(entry: u32, undo: u32, end: u32): void {
  for (let record = end - UNDO_BYTES; record >= undo; record -= UNDO_BYTES) {
    const member = load<u32>(record);
    zsetFind(entry, argPtr(member), argLen(member));
    if (load<u32>(record, 4)) zsetRemoveFound(entry);
    else zsetRescore(entry, load<f64>(record, 8));
  }
}

/** Adds a pair of arguments as the flags want it: 0 or a code. */
function addPair(entry: u32, at: u32, member: u32, flags: u32): i32 {
  parseDouble(argPtr(at), argLen(at));
  let score = parsedDouble;
  const ptr = argPtr(member);
  const byteCount = argLen(member);
  if (!zsetFind(entry, ptr, byteCount)) {
    if (flags & ADD_ONLY_OLD) return 0;
    if (zsetInsert(entry, score, ptr, byteCount) != 0) return OUT_OF_MEMORY;
    addedCount++;
  } else {
    if (flags & ADD_ONLY_NEW) return 0;
    if (flags & ADD_INCREMENT) {
      score += foundScore;
      if (isNaN(score)) return SCORE_IS_NAN;
    }
    if (flags & ADD_ONLY_LESS && score >= foundScore) return 0;
    if (flags & ADD_ONLY_GREATER && score <= foundScore) return 0;
    if (score != foundScore) {
      if (zsetRescore(entry, score) != 0) return OUT_OF_MEMORY;
      updatedCount++;
    }
  }
  resultScore = score;
  wasSkipped = false;
  return 0;
}

/**
 * `ZADD key score member` without a reply, for the batch loop: 1 when the
 * member is new, 0 when not, or a code. `zsetChanged` tells whether a score
 * changed.
 */
export function addOne(db: u32, key: u32, score: u32, member: u32): i32 {
  if (!parseDouble(argPtr(score), argLen(score))) return SCORE_NOT_A_FLOAT;
  addedCount = 0;
  updatedCount = 0;
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  const code = entry
    ? addPair(entry, score, member, 0)
    : addOneToNew(db, key, score, member);
  if (code != 0) return code;
  addChanges(addedCount + updatedCount);
  return addedCount;
}

function addOneToNew(db: u32, key: u32, score: u32, member: u32): i32 {
  if (newZset(1, argLen(member)) != 0) return OUT_OF_MEMORY;
  if (addPair(zsetDraft, score, member, 0) == 0) return keepDraft(db, key);
  dropDraft();
  return OUT_OF_MEMORY;
}

/** ZREM: the members at `count` arguments; how many there were, or a code. */
export function zsetRemove(db: u32, key: u32, first: u32, count: u32): i32 {
  const entry = writeTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  let removedCount: u32 = 0;
  for (let at = first; at < first + count; at++) {
    if (!zsetFind(entry, argPtr(at), argLen(at))) continue;
    zsetRemoveFound(entry);
    removedCount++;
    if (zsetCount(entry)) continue;
    dropKey(db, entry);
    break;
  }
  addChanges(removedCount);
  return removedCount;
}

/** ZCARD: how many members, or a code. */
export function zsetLength(db: u32, key: u32): f64 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  return zsetCount(entry);
}

/** ZSCORE: replies with a member's score or null; 0 or a code. */
export function zsetReplyScore(db: u32, key: u32, member: u32): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  replyScoreOf(entry, member);
  return 0;
}

/** ZMSCORE: the same for `count` members. */
export function zsetReplyScores(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  replyArray(count);
  for (let at = first; at < first + count; at++) replyScoreOf(entry, at);
  return 0;
}

function replyScoreOf(entry: u32, member: u32): void {
  if (entry && zsetFind(entry, argPtr(member), argLen(member))) {
    replyDouble(foundScore);
  } else replyNull();
}

/**
 * ZRANK, ZREVRANK: replies with a member's rank, and its score if wanted, or
 * null; 0 or a code.
 */
export function zsetReplyRank(
  db: u32,
  key: u32,
  member: u32,
  reverse: i32,
  withScore: i32,
): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  if (!entry || !zsetFind(entry, argPtr(member), argLen(member))) {
    if (withScore) replyNullArray();
    else replyNull();
    return 0;
  }
  const rank = zsetRank(entry);
  if (withScore) replyArray(2);
  replyInteger(f64(reverse ? zsetCount(entry) - 1 - rank : rank));
  if (withScore) replyDouble(foundScore);
  return 0;
}
