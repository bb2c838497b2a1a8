// ZSCAN: the members in portions. A small sorted set comes as a whole; a large
// one by classes of its member table, as SCAN walks the keys (table.ts), with
// the same guarantee.

import { argLen, argPtr } from "./arguments";
import { MISSING } from "./codes";
import { readTyped, typedCode } from "./lookup";
import { DOUBLE_MAX_BYTES, formatDouble } from "./double";
import {
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  TYPE_ZSET,
} from "./entry";
import { fieldScore } from "./field";
import { globMatch } from "./glob";
import { replyBulk } from "./reply";
import { bucketEntry, bucketEntryCount, bucketNext } from "./table_chains";
import { scanChain, scanNext, scanSplitChain } from "./table_scan";
import { membersOf } from "./zset_large";
import {
  memberBytes,
  memberPtr,
  zsetForward,
  zsetScore,
  zsetSeek,
  zsetView,
} from "./zset_value";

const text: u32 = u32(memory.data(DOUBLE_MAX_BYTES));
let scanPattern: u32 = 0;
let scanScores: bool = true;
let emittedCount: u32 = 0;
let visitedCount: u32 = 0;

/**
 * Replies with members from `cursor` on until `count` have been visited, with
 * their scores too, unless told. `pattern` is an argument or 0. Returns the next
 * cursor or a code; `zsetScanned` tells how many elements the reply holds, in
 * front of which cursor and header are still to be put.
 */
export function zsetScan(
  db: u32,
  key: u32,
  cursor: u32,
  count: u32,
  pattern: u32,
  withScores: i32,
): f64 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode != MISSING) return typedCode;
  scanPattern = pattern;
  scanScores = withScores != 0;
  emittedCount = 0;
  if (!entry) return 0;
  if (entryEncoding(entry) != ENCODING_LISTPACK) {
    return f64(emitLarge(entryValue(entry), cursor, count));
  }
  emitSmall(entry);
  return 0;
}

export function zsetScanned(): u32 {
  return emittedCount;
}

function emitSmall(entry: u32): void {
  zsetSeek(entry, 0);
  do {
    zsetView();
    emit(memberPtr, memberBytes, zsetScore());
  } while (zsetForward());
}

function emitLarge(value: u32, cursor: u32, count: u32): u32 {
  const table = membersOf(value);
  visitedCount = 0;
  let classCount: u32 = 0;
  do {
    emitChain(scanChain(table, cursor));
    const split = scanSplitChain(table, cursor);
    if (split) emitChain(split);
    cursor = scanNext(table, cursor);
    classCount++;
  } while (cursor && visitedCount < count && classCount < count * 10);
  return cursor;
}

function emitChain(chain: u32): void {
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    visitedCount += count;
    for (let i: u32 = 0; i < count; i++) {
      const member = bucketEntry(bucket, i);
      emit(keyPtr(member), keyBytes(member), fieldScore(member));
    }
  }
}

function emit(ptr: u32, byteCount: u32, score: f64): void {
  const pattern = scanPattern;
  if (
    pattern &&
    !globMatch(argPtr(pattern), argLen(pattern), ptr, byteCount, false)
  ) return;
  replyBulk(ptr, byteCount);
  emittedCount++;
  if (!scanScores) return;
  replyBulk(text, formatDouble(text, score));
  emittedCount++;
}
