// The hash table of a large set (encoding hashtable): a table (table.ts) whose
// entries are members (field.ts, without values).
//
//   +0   8 bytes for value.ts
//   +8   table control block
//
// The table owns the members. Invariants (verifySetTable): those of the table,
// and 10. a member has no value, no due time and no mark.
//
// A mark is a bit in a member's flags that an operation may set while it runs
// and takes away before it returns (set_algebra.ts).

import { alloc, free, usable } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  COMPACT,
  entryFlags,
  keyBytes,
  keyPtr,
  LONG_KEY,
  SKIP_MARKS,
} from "./entry";
import { newField } from "./field";
import { hashBytes } from "./hash";
import {
  foundHash,
  tableDrain,
  tableFind,
  tableInit,
  tableInsert,
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
import { tableReserve } from "./table_resize";

/** The bit of a mark. */
export const MARK: u32 = 16;

const TABLE: u32 = 8;
const CONTROL_BYTES: u32 = TABLE + TABLE_BYTES;

/** An empty one with room for so many members, or 0 without memory. */
export function setTableNew(memberCount: u32): u32 {
  const set = alloc(CONTROL_BYTES);
  if (!set) return 0;
  store<u64>(set, 0);
  if (tableInit(set + TABLE) != 0) {
    free(set);
    return 0;
  }
  tableReserve(set + TABLE, memberCount);
  return set;
}

/** The table, for whoever walks or probes it. */
// @ts-ignore: decorator
@inline
export function tableOf(set: u32): u32 {
  return set + TABLE;
}

// @ts-ignore: decorator
@inline
export function setTableCount(set: u32): u32 {
  return tableEntryCount(set + TABLE);
}

/**
 * Adds a member: 1, 0 when it is there, or OUT_OF_MEMORY, and then nothing has
 * changed.
 */
// @ts-ignore: decorator
@inline
export function setTableAdd(set: u32, ptr: u32, byteCount: u32): i32 {
  if (tableFind(set + TABLE, ptr, byteCount)) return 0;
  const hash = foundHash;
  const member = newField(ptr, byteCount, 0, false);
  if (!member) return OUT_OF_MEMORY;
  if (tableInsert(set + TABLE, member, hash) == 0) return 1;
  free(member);
  return OUT_OF_MEMORY;
}

/** Frees up to `maxCount` members, then the rest; returns how many. */
export function drainSetTable(set: u32, maxCount: u32): u32 {
  for (let count: u32 = 0; count < maxCount; count++) {
    const member = tableDrain(set + TABLE);
    if (!member) {
      free(set);
      return count;
    }
    free(member);
  }
  return maxCount;
}

/** A copy of all of it, or 0 without memory. */
export function copySetTable(set: u32): u32 {
  const copy = setTableNew(setTableCount(set));
  if (!copy) return 0;
  const bucketCount = tableBucketCount(set + TABLE);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(set + TABLE, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      if (copyBucket(bucket, copy)) continue;
      drainSetTable(copy, u32.MAX_VALUE);
      return 0;
    }
  }
  return copy;
}

function copyBucket(bucket: u32, copy: u32): bool {
  const count = bucketEntryCount(bucket);
  for (let i: u32 = 0; i < count; i++) {
    const member = bucketEntry(bucket, i);
    const ptr = keyPtr(member), byteCount = keyBytes(member);
    const fresh = newField(ptr, byteCount, 0, false);
    if (!fresh) return false;
    if (tableInsert(copy + TABLE, fresh, hashBytes(ptr, byteCount)) != 0) {
      free(fresh);
      return false;
    }
  }
  return true;
}

/** Bytes of all its blocks. O(n). */
export function setTableFootprint(set: u32): f64 {
  let sum = f64(usable(set)) + tableBytes(set + TABLE);
  const bucketCount = tableBucketCount(set + TABLE);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(set + TABLE, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        sum += f64(usable(bucketEntry(bucket, place)));
      }
    }
  }
  return sum;
}

/** 0, or the number of the invariant that is broken (see the top). O(n). */
export function verifySetTable(set: u32): i32 {
  const broken = verifyTable(set + TABLE);
  if (broken) return broken;
  const bucketCount = tableBucketCount(set + TABLE);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(set + TABLE, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let j: u32 = 0; j < count; j++) {
        const member = bucketEntry(bucket, j);
        if (load<u8>(member)) return 10;
        const ignored = LONG_KEY | SKIP_MARKS;
        if ((entryFlags(member) | ignored) != (COMPACT | ignored)) return 10;
      }
    }
  }
  return 0;
}
