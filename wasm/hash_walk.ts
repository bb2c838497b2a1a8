// HGETALL and its kind, HSCAN: hashes as a whole.

import { argLen, argPtr } from "./arguments";
import { MISSING, WRONG_TYPE } from "./codes";
import { typedCode } from "./lookup";
import { entryValue, keyBytes, keyPtr } from "./entry";
import { fieldValueBytes, fieldValuePtr } from "./field";
import { globMatch } from "./glob";
import { readHash, writeHash } from "./hashes";
import { isListpack, liveCount } from "./hash_form";
import { fieldsOf, isDueField } from "./hashtable";
import {
  listpackFirst,
  listpackNext,
  readBytes,
  readPtr,
  replyElement,
  viewElement,
} from "./listpack";
import { replyArray, replyBulk, replyMap } from "./reply";
import { touchEntries } from "./table_ahead";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
} from "./table_chains";
import { scanChain, scanNext, scanSplitChain } from "./table_scan";

export const NAMES: u32 = 1;
export const VALUES: u32 = 2;

let visitedCount: u32 = 0;
let emittedCount: u32 = 0;

/** How many fields the last walk replied with. */
export function hashWalkEmitted(): u32 {
  return emittedCount;
}

/** Replies with what is wanted of the field block. */
// @ts-ignore: decorator
@inline
export function replyFieldBlock(field: u32, what: u32): void {
  if (what & NAMES) replyBulk(keyPtr(field), keyBytes(field));
  if (what & VALUES) replyBulk(fieldValuePtr(field), fieldValueBytes(field));
}

/** The same of a pair of elements; returns the next pair. */
// @ts-ignore: decorator
@inline
export function replyPair(lp: u32, name: u32, what: u32): u32 {
  if (what & NAMES) replyElement(name);
  const value = listpackNext(lp, name);
  if (what & VALUES) replyElement(value);
  return listpackNext(lp, value);
}

function emitChain(chain: u32, what: u32, pattern: u32): void {
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    touchEntries(bucket, count);
    for (let i: u32 = 0; i < count; i++) {
      const field = bucketEntry(bucket, i);
      visitedCount++;
      if (isDueField(field)) continue;
      if (pattern && !matches(pattern, keyPtr(field), keyBytes(field))) {
        continue;
      }
      replyFieldBlock(field, what);
      emittedCount++;
    }
  }
}

function matches(pattern: u32, ptr: u32, byteCount: u32): bool {
  return globMatch(argPtr(pattern), argLen(pattern), ptr, byteCount, false);
}

function emitListpack(lp: u32, what: u32, pattern: u32): void {
  for (let name = listpackFirst(lp); name;) {
    if (pattern) {
      viewElement(name);
      if (!matches(pattern, readPtr, readBytes)) {
        name = listpackNext(lp, listpackNext(lp, name));
        continue;
      }
    }
    name = replyPair(lp, name, what);
    emittedCount++;
  }
}

/** Replies with what is wanted of all live fields, without a header. */
export function emitAll(entry: u32, what: u32): void {
  const value = entryValue(entry);
  emittedCount = 0;
  if (isListpack(entry)) {
    emitListpack(value, what, 0);
    return;
  }
  const table = fieldsOf(value);
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    emitChain(tableChain(table, i), what, 0);
  }
}

/**
 * HGETALL, HKEYS, HVALS: replies with a map, or an array of NAMES or VALUES;
 * 1, or WRONG_TYPE and no reply.
 */
export function hashReplyAll(db: u32, key: u32, what: u32): i32 {
  const entry = readHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  const isMap = what == (NAMES | VALUES);
  const count = entry ? liveCount(entry) : 0;
  if (isMap) replyMap(count);
  else replyArray(count);
  if (entry) emitAll(entry, what);
  return 1;
}

/**
 * HSCAN: replies with the fields of classes from `cursor` on until `count`
 * have been visited, without a header; `hashWalkEmitted` tells how many they
 * are. It counts neither hit nor miss: the caller has looked before. Returns the next cursor; a listpack is visited as a whole. MISSING and
 * WRONG_TYPE come as negative numbers.
 */
export function hashScan(
  db: u32,
  key: u32,
  cursor: u32,
  count: u32,
  pattern: u32,
  what: u32,
): f64 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode == MISSING ? MISSING : WRONG_TYPE;
  emittedCount = 0;
  visitedCount = 0;
  const value = entryValue(entry);
  if (isListpack(entry)) {
    emitListpack(value, what, pattern);
    return 0;
  }
  const table = fieldsOf(value);
  let classCount: u32 = 0;
  do {
    emitChain(scanChain(table, cursor), what, pattern);
    const split = scanSplitChain(table, cursor);
    if (split) emitChain(split, what, pattern);
    cursor = scanNext(table, cursor);
    classCount++;
  } while (cursor && visitedCount < count && classCount < count * 10);
  return cursor;
}
