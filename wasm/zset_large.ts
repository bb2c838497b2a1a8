// The large form of a sorted set: a table of members and a ranking of them.
//
//   control block (68 bytes)
//   +0   as every collection's (value.ts)
//   +8   table control block (table.ts): members by name
//   +44  ranking control block (ranking.ts): members in order
//
// A member is a field (field.ts) with its score as value. The table owns the
// members; the ranking holds the same ones. OBJECT ENCODING says "skiplist".
//
// Invariants (verifyLarge returns the number): those of the table (1 to 4), of
// the ranking (11 to 16); 21. both have as many elements; 22. each element of
// the ranking is in the table; 23. its score there is the one in the member.

import { alloc, free, usable } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import { fieldScore, newField, setFieldScore } from "./field";
import {
  atIndex,
  atLeaf,
  cutHere,
  leafMember,
  leafNext,
  nodeCount,
  RANKING_BYTES,
  rankingAppend,
  rankingBytes,
  rankingCount,
  rankingDrain,
  rankingFirst,
  rankingInit,
  rankingInsert,
  rankingMove,
  rankingRemove,
  scoreAt,
  seekRank,
  verifyRanking,
} from "./ranking";
import {
  foundHash,
  tableChanges,
  tableDrain,
  tableFind,
  tableInit,
  tableInsert,
  tableRemoveFound,
  verifyTable,
} from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  TABLE_BYTES,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
} from "./table_chains";

const TABLE: u32 = 8;
const RANKING: u32 = TABLE + TABLE_BYTES;
const LARGE_BYTES: u32 = RANKING + RANKING_BYTES;

// @ts-ignore: decorator
@inline
export function membersOf(value: u32): u32 {
  return value + TABLE;
}

// @ts-ignore: decorator
@inline
export function rankingOf(value: u32): u32 {
  return value + RANKING;
}

// @ts-ignore: decorator
@inline
export function largeCount(value: u32): u32 {
  return tableEntryCount(membersOf(value));
}

/** An empty one, 0 without memory. */
export function newLarge(): u32 {
  const value = alloc(LARGE_BYTES);
  if (!value) return 0;
  store<u64>(value, 0);
  if (tableInit(membersOf(value)) != 0) {
    free(value);
    return 0;
  }
  rankingInit(rankingOf(value));
  return value;
}

/** The member of this name, or 0. */
// @ts-ignore: decorator
@inline
export function largeFind(value: u32, ptr: u32, byteCount: u32): u32 {
  return tableFind(membersOf(value), ptr, byteCount);
}

/** Puts a member in that `largeFind` has just missed: 0 or OUT_OF_MEMORY. */
export function largeInsert(
  value: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): i32 {
  const hash = foundHash;
  const member = newMember(score, ptr, byteCount);
  if (!member) return OUT_OF_MEMORY;
  if (rankingInsert(rankingOf(value), score, member) == 0) {
    if (tableInsert(membersOf(value), member, hash) == 0) return 0;
    rankingRemove(rankingOf(value), score, member);
  }
  free(member);
  return OUT_OF_MEMORY;
}

/** The same for a new member that comes behind all others in the order. */
export function largeAppend(
  value: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): i32 {
  const member = newMember(score, ptr, byteCount);
  if (!member) return OUT_OF_MEMORY;
  tableFind(membersOf(value), ptr, byteCount);
  if (tableInsert(membersOf(value), member, foundHash) == 0) {
    if (rankingAppend(rankingOf(value), score, member) == 0) return 0;
    tableFind(membersOf(value), ptr, byteCount);
    tableRemoveFound(membersOf(value));
  }
  free(member);
  return OUT_OF_MEMORY;
}

function newMember(score: f64, ptr: u32, byteCount: u32): u32 {
  const member = newField(ptr, byteCount, 8, false);
  if (member) setFieldScore(member, score);
  return member;
}

/** Gives a member another score: 0 or OUT_OF_MEMORY. */
export function largeRescore(value: u32, member: u32, score: f64): i32 {
  const old = fieldScore(member);
  tableChanges(membersOf(value), member);
  if (rankingMove(rankingOf(value), old, score, member) != 0) {
    return OUT_OF_MEMORY;
  }
  setFieldScore(member, score);
  return 0;
}

/** Removes the member that `largeFind` has just found. */
export function largeRemoveFound(value: u32, member: u32): void {
  tableRemoveFound(membersOf(value));
  rankingRemove(rankingOf(value), fieldScore(member), member);
  free(member);
}

/** Removes the elements of so many ranks; they exist. */
export function largeCut(value: u32, rank: u32, count: u32): void {
  const table = membersOf(value);
  const ranking = rankingOf(value);
  while (count) {
    seekRank(ranking, rank);
    const end = min<u32>(atIndex + count, nodeCount(atLeaf));
    for (let i = atIndex; i < end; i++) {
      const member = leafMember(atLeaf, i);
      tableFind(table, keyPtr(member), keyBytes(member));
      tableRemoveFound(table);
      free(member);
    }
    count -= cutHere(ranking, count);
  }
}

/** A leaf of the ranking goes with every so many members. */
const MEMBERS_A_LEAF: u32 = 8;

/**
 * Frees up to `maxCount` members and returns how many; fewer when all is gone,
 * the control block too. No other operation may follow the first call.
 */
export function drainLarge(value: u32, maxCount: u32): u32 {
  const ranking = rankingOf(value);
  for (let count: u32 = 0; count < maxCount; count++) {
    if (count % MEMBERS_A_LEAF == 0) rankingDrain(ranking);
    const member = tableDrain(membersOf(value));
    if (!member) {
      while (rankingDrain(ranking)) continue;
      free(value);
      return count;
    }
    free(member);
  }
  return maxCount;
}

/** A copy, 0 without memory. */
export function copyLarge(value: u32): u32 {
  const copy = newLarge();
  if (!copy) return 0;
  for (let leaf = rankingFirst(rankingOf(value)); leaf; leaf = leafNext(leaf)) {
    const count = nodeCount(leaf);
    for (let i: u32 = 0; i < count; i++) {
      const member = leafMember(leaf, i);
      const name = keyPtr(member);
      if (largeAppend(copy, scoreAt(leaf, i), name, keyBytes(member)) != 0) {
        drainLarge(copy, u32.MAX_VALUE);
        return 0;
      }
    }
  }
  return copy;
}

/** Members are measured up to this many and reckoned from them beyond. */
const SAMPLE_COUNT: u32 = 1024;

/** Bytes of all blocks; of the members an estimate when they are many. */
export function largeFootprint(value: u32): f64 {
  const table = membersOf(value);
  const own = f64(usable(value)) + tableBytes(table) +
    rankingBytes(rankingOf(value));
  const bucketCount = tableBucketCount(table);
  let sampled: u32 = 0;
  let bytes: f64 = 0;
  for (let i: u32 = 0; i < bucketCount && sampled < SAMPLE_COUNT; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let j: u32 = 0; j < count; j++) {
        bytes += f64(usable(bucketEntry(bucket, j)));
      }
      sampled += count;
    }
  }
  if (!sampled) return own;
  return own + ceil(bytes / f64(sampled) * f64(largeCount(value)));
}

/** 0, or the number of the invariant that is broken (see the top). */
export function verifyLarge(value: u32): i32 {
  const broken = verifyTable(membersOf(value));
  if (broken) return broken;
  const brokenRanking = verifyRanking(rankingOf(value));
  if (brokenRanking) return 10 + brokenRanking;
  if (rankingCount(rankingOf(value)) != largeCount(value)) return 21;
  for (let leaf = rankingFirst(rankingOf(value)); leaf; leaf = leafNext(leaf)) {
    const count = nodeCount(leaf);
    for (let i: u32 = 0; i < count; i++) {
      const member = leafMember(leaf, i);
      if (largeFind(value, keyPtr(member), keyBytes(member)) != member) {
        return 22;
      }
      if (fieldScore(member) != scoreAt(leaf, i)) return 23;
    }
  }
  return 0;
}
