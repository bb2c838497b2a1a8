// SSCAN: the members of a set in portions. A hash table is walked as SCAN walks
// the keys, with the same guarantee; an intset or a listpack comes as a whole.

import { argLen, argPtr } from "./arguments";
import { MISSING } from "./codes";
import { readTyped, typedCode } from "./lookup";
import {
  ENCODING_HASHTABLE,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  TYPE_SET,
} from "./entry";
import { globMatch } from "./glob";
import { replyBulk } from "./reply";
import { tableOf } from "./set_table";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkNext,
  walkPtr,
} from "./set_walk";
import { touchEntries } from "./table_ahead";
import { bucketEntry, bucketEntryCount, bucketNext } from "./table_chains";
import { scanChain, scanNext, scanSplitChain } from "./table_scan";

const walk: u32 = u32(memory.data(WALK_BYTES, 8));

/** The set that is scanned: the last openScan's. */
let encoding: u32 = 0;
let value: u32 = 0;
let emittedCount: u32 = 0;
let visitedCount: u32 = 0;

/** Names the set that scanMembers walks: 1, 0 when it is missing, or a code. */
export function openScan(db: u32, key: u32): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  encoding = entryEncoding(entry);
  value = entryValue(entry);
  return 1;
}

/**
 * Replies with members from `cursor` on until `count` were visited, those that
 * match argument `pattern` (0: all); returns the next cursor. `scanEmitted`
 * tells how many the reply holds.
 */
export function scanMembers(cursor: u32, count: u32, pattern: u32): u32 {
  emittedCount = 0;
  if (encoding != ENCODING_HASHTABLE) {
    walkBegin(walk, encoding, value);
    while (walkNext(walk)) {
      viewMember();
      emit(walkPtr, walkBytes, pattern);
    }
    return 0;
  }
  const table = tableOf(value);
  visitedCount = 0;
  let classCount: u32 = 0;
  do {
    emitChain(scanChain(table, cursor), pattern);
    const split = scanSplitChain(table, cursor);
    if (split) emitChain(split, pattern);
    cursor = scanNext(table, cursor);
    classCount++;
  } while (cursor && visitedCount < count && classCount < count * 10);
  return cursor;
}

export function scanEmitted(): u32 {
  return emittedCount;
}

function emitChain(chain: u32, pattern: u32): void {
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    touchEntries(bucket, count);
    for (let i: u32 = 0; i < count; i++) {
      const member = bucketEntry(bucket, i);
      emit(keyPtr(member), keyBytes(member), pattern);
    }
    visitedCount += count;
  }
}

function emit(ptr: u32, byteCount: u32, pattern: u32): void {
  if (
    pattern &&
    !globMatch(argPtr(pattern), argLen(pattern), ptr, byteCount, false)
  ) return;
  replyBulk(ptr, byteCount);
  emittedCount++;
}
