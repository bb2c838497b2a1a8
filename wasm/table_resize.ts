// How a table (table.ts) grows and shrinks: by one bucket at a time, with as
// much memory as there is.

import { keyBytes, keyPtr } from "./entry";
import { hashBytes } from "./hash";
import { wantRoom } from "./memory_limit";
import {
  segmentsAppend,
  segmentsAt,
  segmentsPop,
  segmentsStep,
} from "./segments";
import { touchEntries } from "./table_ahead";
import {
  BIG_MASK,
  BUCKET_BYTES,
  BUCKET_COUNT,
  bucketEntry,
  bucketEntryCount,
  chainInsert,
  clearBucket,
  ENTRY_COUNT,
  freeEmptyTail,
  freePlaces,
  newOverflow,
  NEXT,
  nextOf,
  PLACE_COUNT,
  placeAt,
  tableEntryCount,
} from "./table_chains";

// Places per bucket, times two, above which the table grows, below which it
// shrinks. Buckets not yet split hold up to twice the mean.
const GROW_LOAD_X2: u32 = 15;
const SHRINK_LOAD_X2: u32 = 6;
/** The same: above it, room to grow is worth the loss of keys. */
const DENSE_LOAD_X2: u32 = 24;

// @ts-ignore: decorator
@inline
export function mustGrow(table: u32): bool {
  return load<u32>(table, ENTRY_COUNT) * 2 >=
    load<u32>(table, BUCKET_COUNT) * GROW_LOAD_X2;
}

// @ts-ignore: decorator
@inline
export function mustShrink(table: u32): bool {
  return load<u32>(table, ENTRY_COUNT) * 2 <
    load<u32>(table, BUCKET_COUNT) * SHRINK_LOAD_X2;
}

/** Splits one bucket. Without memory the table just stays denser. */
export function grow(table: u32): void {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  const bigMask = load<u32>(table, BIG_MASK);
  const bucket = segmentsAppend(table);
  if (!bucket) {
    wantGrowth(table);
    return;
  }
  clearBucket(bucket);
  const splitBit = (bigMask >> 1) + 1;
  const source = segmentsAt(table, bucketCount - splitBit, BUCKET_BYTES);
  if (!split(table, source, bucket, splitBit)) {
    segmentsPop(table);
    return;
  }
  store<u32>(table, bucketCount + 1, BUCKET_COUNT);
  if (bucketCount == bigMask) {
    store<u32>(table, (bigMask << 1) | 1, BIG_MASK);
  }
}

/**
 * A segment was refused. For a while the table can as well stay as it is: what
 * it holds is worth more than what it would gain.
 */
function wantGrowth(table: u32): void {
  const most = load<u32>(table, BUCKET_COUNT) * DENSE_LOAD_X2;
  if (load<u32>(table, ENTRY_COUNT) * 2 >= most) wantRoom(segmentsStep(table));
}

/**
 * Moves what has the split bit from one chain to a new one. The new chain's
 * overflow buckets are made first, as many as the old one has, so that it
 * cannot fail half-way; what stays empty is given back.
 */
function split(table: u32, source: u32, target: u32, splitBit: u32): bool {
  let tail = target;
  for (let old = nextOf(source); old; old = nextOf(old)) {
    const next = newOverflow(table);
    if (!next) {
      freeEmptyTail(table, target);
      return false;
    }
    store<u32>(tail, next, NEXT);
    tail = next;
  }
  let to = target;
  let toCount: u32 = 0;
  let keep = source;
  let keepCount: u32 = 0;
  for (let from = source; from; from = nextOf(from)) {
    const used = bucketEntryCount(from);
    touchEntries(from, used);
    for (let i: u32 = 0; i < used; i++) {
      const entry = bucketEntry(from, i);
      const tag = load<u8>(from + i);
      store<u8>(from + i, 0);
      if (u32(hashBytes(keyPtr(entry), keyBytes(entry))) & splitBit) {
        if (toCount == PLACE_COUNT) {
          to = nextOf(to);
          toCount = 0;
        }
        store<u8>(to + toCount, tag);
        store<u32>(placeAt(to, toCount), entry);
        toCount++;
      } else {
        if (keepCount == PLACE_COUNT) {
          keep = nextOf(keep);
          keepCount = 0;
        }
        store<u8>(keep + keepCount, tag);
        store<u32>(placeAt(keep, keepCount), entry);
        keepCount++;
      }
    }
  }
  freeEmptyTail(table, source);
  freeEmptyTail(table, target);
  return true;
}

/** Merges the last bucket into the one that it was split from. */
export function shrink(table: u32): void {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  if (bucketCount == 1) return;
  let bigMask = load<u32>(table, BIG_MASK);
  if (bucketCount == (bigMask >> 1) + 1) bigMask >>= 1;
  const source = segmentsAt(table, bucketCount - 1, BUCKET_BYTES);
  const target = segmentsAt(
    table,
    bucketCount - 1 - ((bigMask >> 1) + 1),
    BUCKET_BYTES,
  );
  if (!merge(table, source, target)) return;
  store<u32>(table, bucketCount - 1, BUCKET_COUNT);
  store<u32>(table, bigMask, BIG_MASK);
  segmentsPop(table);
}

/**
 * Moves a chain's entries to the end of another one; the room is made first,
 * so that it cannot fail half-way.
 */
function merge(table: u32, source: u32, target: u32): bool {
  let last = target;
  while (nextOf(last)) last = nextOf(last);
  let room: i32 = popcnt(freePlaces(last));
  for (let from = source; from; from = nextOf(from)) {
    room -= i32(PLACE_COUNT) - popcnt(freePlaces(from));
  }
  let tail = last;
  for (; room < 0; room += PLACE_COUNT) {
    const next = newOverflow(table);
    if (!next) {
      freeEmptyTail(table, target);
      return false;
    }
    store<u32>(tail, next, NEXT);
    tail = next;
  }
  for (let from = source; from; from = nextOf(from)) {
    const used = bucketEntryCount(from);
    for (let i: u32 = 0; i < used; i++) {
      chainInsert(table, last, bucketEntry(from, i), load<u8>(from + i));
      store<u8>(from + i, 0);
    }
  }
  freeEmptyTail(table, source);
  return true;
}

/**
 * Gives an empty table room for so many entries, so that they can be inserted
 * without a split. Without memory there is just less room.
 */
export function tableReserve(table: u32, entryCount: u32): void {
  assert(tableEntryCount(table) == 0);
  const wanted = u32(u64(entryCount) * 2 / GROW_LOAD_X2) + 1;
  let bucketCount = load<u32>(table, BUCKET_COUNT);
  while (bucketCount < wanted) {
    const bucket = segmentsAppend(table);
    if (!bucket) break;
    clearBucket(bucket);
    bucketCount++;
  }
  store<u32>(table, bucketCount, BUCKET_COUNT);
  store<u32>(table, u32(1 << (32 - clz(bucketCount))) - 1, BIG_MASK);
}

/** Gives back the room that was reserved for more entries than have come. */
export function tableFit(table: u32): void {
  const least = load<u32>(table, ENTRY_COUNT) * 2;
  let bucketCount = load<u32>(table, BUCKET_COUNT);
  while (bucketCount > 1 && least < bucketCount * SHRINK_LOAD_X2) {
    shrink(table);
    if (load<u32>(table, BUCKET_COUNT) == bucketCount) return;
    bucketCount--;
  }
}
