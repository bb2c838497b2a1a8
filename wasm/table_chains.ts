// The chains of a table (table.ts): its control block, and buckets of one cache
// line that lead to others of the same form.
//
//   control block:      segments (16): the first bucket of each chain |
//                       u32 bucket count | u32 mask of hashes | u32 entry count |
//                       u32 overflow buckets | u32 first walk of a snapshot
//   bucket (64 bytes):  12 tags (u8) | next (u32) | 12 entries (u32)

import { alloc, free } from "./allocator";
import { segmentsAt, segmentsBytes } from "./segments";

export const BUCKET_BYTES: u32 = 64;
export const PLACE_COUNT: u32 = 12;
export const NEXT: usize = 12;
const PLACES: u32 = 16;
const ALL_TAGS: u32 = 0xfff;

// Control block.
export const BUCKET_COUNT: usize = 16;
export const BIG_MASK: usize = 20;
export const ENTRY_COUNT: usize = 24;
export const OVERFLOW_COUNT: usize = 28;
/** The first walk of a snapshot, 0 as a rule. */
export const WALKS: usize = 32;
export const TABLE_BYTES: u32 = 36;

// @ts-ignore: decorator
@inline
export function tableEntryCount(table: u32): u32 {
  return load<u32>(table, ENTRY_COUNT);
}

// @ts-ignore: decorator
@inline
export function tableBucketCount(table: u32): u32 {
  return load<u32>(table, BUCKET_COUNT);
}

export function tableOverflowCount(table: u32): u32 {
  return load<u32>(table, OVERFLOW_COUNT);
}

/** Bytes of the buckets, with the room kept for more of them. */
export function tableBytes(table: u32): f64 {
  return segmentsBytes(table) + f64(tableOverflowCount(table)) * BUCKET_BYTES;
}

// @ts-ignore: decorator
@inline
export function tagOf(hash: u64): u32 {
  return u32(hash >>> 57) | 0x80;
}

// @ts-ignore: decorator
@inline
export function chainOf(table: u32, hash: u64): u32 {
  const bigMask = load<u32>(table, BIG_MASK);
  const index = u32(hash) & bigMask;
  return segmentsAt(
    table,
    index < load<u32>(table, BUCKET_COUNT) ? index : index & (bigMask >> 1),
    BUCKET_BYTES,
  );
}

// @ts-ignore: decorator
@inline
export function matches(bucket: u32, tag: u32): u32 {
  return u32(
    i8x16.bitmask(i8x16.eq(v128.load(bucket), i8x16.splat(i8(tag)))),
  ) & ALL_TAGS;
}

// @ts-ignore: decorator
@inline
export function freePlaces(bucket: u32): u32 {
  return u32(i8x16.bitmask(v128.load(bucket))) & ALL_TAGS ^ ALL_TAGS;
}

// @ts-ignore: decorator
@inline
export function placeAt(bucket: u32, place: u32): u32 {
  return bucket + PLACES + (place << 2);
}

// @ts-ignore: decorator
@inline
export function nextOf(bucket: u32): u32 {
  return load<u32>(bucket, NEXT);
}

export function clearBucket(bucket: u32): void {
  memory.fill(bucket, 0, BUCKET_BYTES);
}

// Walking. A chain's buckets hold their entries from place 0 on.

// @ts-ignore: decorator
@inline
export function bucketEntryCount(bucket: u32): u32 {
  return PLACE_COUNT - popcnt(freePlaces(bucket));
}

// @ts-ignore: decorator
@inline
export function bucketEntry(bucket: u32, place: u32): u32 {
  return load<u32>(placeAt(bucket, place));
}

// @ts-ignore: decorator
@inline
export function bucketNext(bucket: u32): u32 {
  return nextOf(bucket);
}

/** The first bucket of the chain at this index. */
export function tableChain(table: u32, index: u32): u32 {
  return segmentsAt(table, index, BUCKET_BYTES);
}

// Changing a chain.

/** Puts an entry at the end of a chain; returns its place, 0 without memory. */
// @ts-ignore: decorator
@inline
export function chainInsert(
  table: u32,
  chain: u32,
  entry: u32,
  tag: u32,
): u32 {
  let bucket = chain;
  let places = freePlaces(bucket);
  while (!places) {
    let next = nextOf(bucket);
    if (!next) {
      next = newOverflow(table);
      if (!next) return 0;
      store<u32>(bucket, next, NEXT);
    }
    bucket = next;
    places = freePlaces(bucket);
  }
  const place = ctz(places);
  store<u8>(bucket + place, tag);
  const address = placeAt(bucket, place);
  store<u32>(address, entry);
  return address;
}

export function newOverflow(table: u32): u32 {
  const bucket = alloc(BUCKET_BYTES);
  if (!bucket) return 0;
  clearBucket(bucket);
  store<u32>(table, load<u32>(table, OVERFLOW_COUNT) + 1, OVERFLOW_COUNT);
  return bucket;
}

function freeOverflow(table: u32, bucket: u32): void {
  free(bucket);
  store<u32>(table, load<u32>(table, OVERFLOW_COUNT) - 1, OVERFLOW_COUNT);
}

/** Moves the chain's last entry into the hole. */
export function fillHole(
  table: u32,
  chain: u32,
  bucket: u32,
  place: u32,
): void {
  let before: u32 = 0;
  let last = chain;
  for (let next = nextOf(last); next; next = nextOf(last)) {
    before = last;
    last = next;
  }
  const used = freePlaces(last) ^ ALL_TAGS;
  const from = 31 - clz(used);
  store<u8>(
    bucket + ((place - bucket - PLACES) >> 2),
    load<u8>(last + from),
  );
  store<u32>(place, load<u32>(placeAt(last, from)));
  store<u8>(last + from, 0);
  if (before && !(used & (used - 1))) {
    store<u32>(before, 0, NEXT);
    freeOverflow(table, last);
  }
}

/** Gives back the empty buckets at the end of a chain. */
export function freeEmptyTail(table: u32, chain: u32): void {
  let last = chain;
  while (nextOf(last) && freePlaces(nextOf(last)) != ALL_TAGS) {
    last = nextOf(last);
  }
  let empty = nextOf(last);
  store<u32>(last, 0, NEXT);
  while (empty) {
    const next = nextOf(empty);
    freeOverflow(table, empty);
    empty = next;
  }
}
