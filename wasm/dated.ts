// A table and the heap of its entries' due times, side by side: the keys of a
// database, and the fields of a hash.
//
//   +0   table control block (table.ts)
//   +36  heap control block (expiry.ts)
//
// Invariant: an entry is in the heap if and only if it HAS_DUE, and its due
// time there is the one that it holds itself.

import { OUT_OF_MEMORY } from "./codes";
import { entryDue, hasDue, heapPosition } from "./entry";
import {
  HEAP_BYTES,
  heapDueAt,
  heapInit,
  heapInsert,
  heapMoved,
  heapRemove,
  heapSize,
  heapUpdate,
  verifyExpiry,
} from "./expiry";
import {
  foundHash,
  tableInit,
  tableInsert,
  tableRemoveFound,
  tableReplaceFound,
  verifyTable,
} from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  TABLE_BYTES,
  tableBucketCount,
  tableChain,
} from "./table_chains";

/** Bytes of both control blocks. */
export const DATED_BYTES: u32 = TABLE_BYTES + HEAP_BYTES;

// @ts-ignore: decorator
@inline
export function heapOf(dated: u32): u32 {
  return dated + TABLE_BYTES;
}

export function datedInit(dated: u32): i32 {
  heapInit(heapOf(dated));
  return tableInit(dated);
}

/**
 * Puts a new entry in, whose key was just looked up and is not there; with a
 * due time set it goes into the heap too. OUT_OF_MEMORY changes nothing.
 */
// @ts-ignore: decorator
@inline
export function datedInsert(dated: u32, entry: u32): i32 {
  return datedInsertHashed(dated, entry, foundHash);
}

/** The same without a look-up before it, with the hash of the key. */
export function datedInsertHashed(dated: u32, entry: u32, hash: u64): i32 {
  if (hasDue(entry)) {
    if (heapInsert(heapOf(dated), entryDue(entry), entry) != 0) {
      return OUT_OF_MEMORY;
    }
  }
  if (tableInsert(dated, entry, hash) != 0) {
    if (hasDue(entry)) heapRemove(heapOf(dated), heapPosition(entry));
    return OUT_OF_MEMORY;
  }
  return 0;
}

/** Takes out the entry that was just found; it is not freed. */
export function datedRemoveFound(dated: u32, entry: u32): void {
  if (hasDue(entry)) heapRemove(heapOf(dated), heapPosition(entry));
  tableRemoveFound(dated);
}

/**
 * Puts an entry in the place of the one just found. The heap follows. The old
 * entry is out afterwards and the caller's to free, unless OUT_OF_MEMORY.
 */
export function datedReplaceFound(dated: u32, old: u32, entry: u32): i32 {
  const heap = heapOf(dated);
  if (hasDue(old)) {
    const position = heapPosition(old);
    if (hasDue(entry)) {
      heapMoved(heap, position, entry);
      if (entryDue(entry) != entryDue(old)) {
        heapUpdate(heap, heapPosition(entry), entryDue(entry));
      }
    } else heapRemove(heap, position);
  } else if (hasDue(entry)) {
    if (heapInsert(heap, entryDue(entry), entry) != 0) return OUT_OF_MEMORY;
  }
  tableReplaceFound(dated, entry);
  return 0;
}

/** How many entries hold a due time that is not the heap's. O(n). */
function strayCount(dated: u32): u32 {
  const heap = heapOf(dated);
  const bucketCount = tableBucketCount(dated);
  let strays: u32 = 0;
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(dated, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const entry = bucketEntry(bucket, place);
        if (!hasDue(entry)) continue;
        const position = heapPosition(entry);
        if (position >= heapSize(heap)) strays++;
        else if (heapDueAt(heap, position) != entryDue(entry)) strays++;
      }
    }
  }
  return strays;
}

/**
 * 0, or table invariant n as n, heap invariant n as 100 + n, 200 when an
 * entry's due time is not that of the heap.
 */
export function verifyDated(dated: u32): i32 {
  const broken = verifyTable(dated);
  if (broken) return broken;
  const heapBroken = verifyExpiry(heapOf(dated));
  if (heapBroken) return 100 + heapBroken;
  return strayCount(dated) ? 200 : 0;
}
