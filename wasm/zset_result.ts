// The result of a combination of sorted sets while it is made: members in any
// order first, then sorted, then replied or stored.
//
//   results ->  { f64 score, u32 member, u32 } for each member
//
// A member is a field (field.ts) with its score as value. When members may come
// twice, or the result is to be stored, they are also in the table of what may
// become a large sorted set (zset_large.ts): then that owns them, otherwise the
// list does.

import { alloc, free, resize } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { overwriteValue } from "./attach";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  keyBytes,
  keyPtr,
  TYPE_ZSET,
} from "./entry";
import { fieldScore, newField, setFieldScore } from "./field";
import { zsetMaxListpackEntries, zsetMaxListpackValue } from "./limits";
import { LISTPACK_BYTES_MAX } from "./listpack";
import { listpackNew } from "./listpack_edit";
import { rankingAppend } from "./ranking";
import { isResp3, replyArray, replyBulk, replyDouble } from "./reply";
import { sortRanked } from "./ranked_sort";
import { foundHash, tableInsert } from "./table";
import { freeCollection } from "./value";
import { largeFind, membersOf, newLarge, rankingOf } from "./zset_large";
import { keptListpack, smallAppend } from "./zset_listpack";

const RECORD_BYTES: u32 = 16;
const MEMBER: usize = 8;
const FIRST_CAPACITY: u32 = 16;
/** No more records fit into an address space of 32 bits. */
const CAPACITY_MAX: u32 = 1 << 27;

let records: u32 = 0;
let capacity: u32 = 0;
/** How many members there are. */
export let resultCount: u32 = 0;

/** The table of members, in the control block of a large sorted set; or 0. */
let large: u32 = 0;
let longestBytes: u32 = 0;
let totalBytes: f64 = 0;

/** Begins with no members: 0 or OUT_OF_MEMORY. The caller drops the result. */
export function beginResult(withTable: bool): i32 {
  records = 0;
  capacity = 0;
  resultCount = 0;
  longestBytes = 0;
  totalBytes = 0;
  large = withTable ? newLarge() : 0;
  return withTable && !large ? OUT_OF_MEMORY : 0;
}

/** Whether there is such a member already; 0 or its field. Needs the table. */
// @ts-ignore: decorator
@inline
export function findInResult(ptr: u32, byteCount: u32): u32 {
  return largeFind(large, ptr, byteCount);
}

/** Adds a new member, which `findInResult` has just missed if there is a table. */
// @ts-ignore: decorator
@inline
export function addFound(score: f64, ptr: u32, byteCount: u32): i32 {
  const hash = foundHash;
  if (resultCount == capacity && !grow()) return OUT_OF_MEMORY;
  const member = newField(ptr, byteCount, 8, false);
  if (!member) return OUT_OF_MEMORY;
  setFieldScore(member, score);
  if (large && tableInsert(membersOf(large), member, hash) != 0) {
    free(member);
    return OUT_OF_MEMORY;
  }
  store<u32>(records + resultCount * RECORD_BYTES, member, MEMBER);
  resultCount++;
  longestBytes = max(longestBytes, byteCount);
  totalBytes += f64(byteCount);
  return 0;
}

/** Adds a member that is not there: 0 or OUT_OF_MEMORY. */
// @ts-ignore: decorator
@inline
export function addToResult(score: f64, ptr: u32, byteCount: u32): i32 {
  if (large) findInResult(ptr, byteCount);
  return addFound(score, ptr, byteCount);
}

function grow(): bool {
  if (capacity == CAPACITY_MAX) return false;
  const wanted = capacity ? capacity * 2 : FIRST_CAPACITY;
  const byteCount = wanted * RECORD_BYTES;
  const fresh = records ? resize(records, byteCount) : alloc(byteCount);
  if (!fresh) return false;
  records = fresh;
  capacity = wanted;
  return true;
}

// @ts-ignore: decorator
@inline
function memberAt(index: u32): u32 {
  return load<u32>(records + index * RECORD_BYTES, MEMBER);
}

/** Brings the members into the order of a sorted set: 0 or OUT_OF_MEMORY. */
export function sortResult(): i32 {
  for (let i: u32 = 0; i < resultCount; i++) {
    store<f64>(records + i * RECORD_BYTES, fieldScore(memberAt(i)));
  }
  return sortRanked(records, resultCount);
}

/** Replies with the sorted members. */
export function replyResult(withScores: bool): void {
  const inPairs = withScores && isResp3();
  replyArray(withScores && !inPairs ? resultCount * 2 : resultCount);
  for (let i: u32 = 0; i < resultCount; i++) {
    const member = memberAt(i);
    if (inPairs) replyArray(2);
    replyBulk(keyPtr(member), keyBytes(member));
    if (withScores) replyDouble(fieldScore(member));
  }
}

/**
 * Stores the sorted members, at least one, under the key of an argument, in the
 * small form only if the caller allows that: 0 or OUT_OF_MEMORY. The result
 * must have been made with a table.
 */
export function storeResult(db: u32, to: u32, mayBeSmall: bool): i32 {
  return mayBeSmall && isSmall() ? storeSmall(db, to) : storeLarge(db, to);
}

function isSmall(): bool {
  return resultCount <= zsetMaxListpackEntries &&
    longestBytes <= zsetMaxListpackValue &&
    totalBytes < f64(LISTPACK_BYTES_MAX);
}

function storeSmall(db: u32, to: u32): i32 {
  let lp = listpackNew();
  if (!lp) return OUT_OF_MEMORY;
  for (let i: u32 = 0; i < resultCount; i++) {
    const member = memberAt(i);
    const ptr = keyPtr(member);
    const fresh = smallAppend(lp, fieldScore(member), ptr, keyBytes(member));
    if (!fresh) {
      free(keptListpack);
      return OUT_OF_MEMORY;
    }
    lp = fresh;
  }
  const code = overwriteValue(db, to, TYPE_ZSET, ENCODING_LISTPACK, lp);
  if (code != 0) free(lp);
  return code;
}

function storeLarge(db: u32, to: u32): i32 {
  const ranking = rankingOf(large);
  for (let i: u32 = 0; i < resultCount; i++) {
    const member = memberAt(i);
    if (rankingAppend(ranking, fieldScore(member), member) != 0) {
      return OUT_OF_MEMORY;
    }
  }
  const code = overwriteValue(db, to, TYPE_ZSET, ENCODING_SKIPLIST, large);
  if (code == 0) forget();
  return code;
}

/** The key owns the members now. */
function forget(): void {
  large = 0;
  resultCount = 0;
}

/** Frees what the result still owns. */
export function dropResult(): void {
  if (large) freeCollection((TYPE_ZSET << 4) | ENCODING_SKIPLIST, large);
  else for (let i: u32 = 0; i < resultCount; i++) free(memberAt(i));
  if (records) free(records);
  records = 0;
  forget();
}
