// The hash table of a database: linear hashing over buckets of one cache line.
//
//   bucket (64 bytes):  12 tags (u8) | next (u32) | 12 entries (u32)
//
// A tag is 0 for a free place, else seven bits of the hash with the top bit
// set; one SIMD comparison finds the candidates. `next` leads to an overflow
// bucket of the same form. Linear hashing adds one bucket at a time: an insert
// splits at most one bucket and a removal merges at most one, so that nobody
// ever waits for a resize, there is no second table, and memory follows the
// number of keys both ways.
//
//   index(hash) = hash & bigMask, and below bucketCount: hash & (bigMask >> 1)
//
// Invariants: 1. bigMask / 2 < bucketCount <= bigMask = 2^n - 1; 2. an entry
// lies in the chain of its index and its tag is that of its hash; 3. a bucket's
// used places come first, only a chain's last bucket has free ones, and no
// overflow bucket is empty; 4. entryCount counts the used places; 5. an entry
// bears a mark only while a walk goes on.
//
// The table owns buckets and entries. A place (`foundPlace`, the address of
// the word that holds an entry) is valid until the next insert or removal.
//
// SCAN: a cursor names a class of hashes, those with equal low bits under
// bigMask / 2, and is counted up in reversed bit order. A class is a chain, or
// two when the class has been split already. Growing splits classes, shrinking
// joins them; in reversed order both keep the visited classes visited.
//
// A snapshot may walk a table in the same order while it changes. Its walks
// hang on the control block, and they hear of every change (watch.ts): what
// puts in, takes out or replaces says so here, what changes an entry in its
// place calls `tableChanges`.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  entryFlags,
  keyBytes,
  keyEquals,
  keyPtr,
  setFlags,
  SKIP_MARKS,
} from "./entry";
import { hashBytes } from "./hash";
import {
  segmentsAppend,
  segmentsAt,
  segmentsBytes,
  segmentsFree,
  segmentsInit,
  segmentsPop,
  segmentsStep,
} from "./segments";
import { wantRoom } from "./memory_limit";
import { afterInsert, beforeChange, watched } from "./watch";

export const BUCKET_BYTES: u32 = 64;
const PLACE_COUNT: u32 = 12;
const NEXT: usize = 12;
const PLACES: u32 = 16;
const ALL_TAGS: u32 = 0xfff;

// Places per bucket, times two, above which the table grows, below which it
// shrinks. Buckets not yet split hold up to twice the mean.
const GROW_LOAD_X2: u32 = 15;
const SHRINK_LOAD_X2: u32 = 6;
/** The same: above it, room to grow is worth the loss of keys. */
const DENSE_LOAD_X2: u32 = 24;

/** Any byte of a page in which a block lies can be read. */
const PAGE_BYTES: u32 = 4096;

// Control block.
const BUCKET_COUNT: usize = 16;
const BIG_MASK: usize = 20;
const ENTRY_COUNT: usize = 24;
const OVERFLOW_COUNT: usize = 28;
/** The first walk of a snapshot, 0 as a rule. */
const WALKS: usize = 32;
export const TABLE_BYTES: u32 = 36;

/** Set by tableFind: the address of the word that holds the entry. */
export let foundPlace: u32 = 0;
/** Set by tableFind and used by tableInsert right after: the key's hash. */
export let foundHash: u64 = 0;
let foundBucket: u32 = 0;

/** Makes an empty table of one bucket. */
export function tableInit(table: u32): i32 {
  segmentsInit(table, BUCKET_BYTES);
  const bucket = segmentsAppend(table);
  if (bucket == 0) return OUT_OF_MEMORY;
  clearBucket(bucket);
  store<u32>(table, 1, BUCKET_COUNT);
  store<u32>(table, 1, BIG_MASK);
  store<u32>(table, 0, ENTRY_COUNT);
  store<u32>(table, 0, OVERFLOW_COUNT);
  store<u32>(table, 0, WALKS);
  return 0;
}

/** The first of the walks that go through a table, 0 without one. */
// @ts-ignore: decorator
@inline
export function tableWalks(table: u32): u32 {
  return load<u32>(table, WALKS);
}

export function setTableWalks(table: u32, walk: u32): void {
  store<u32>(table, walk, WALKS);
}

/** An entry of a table is about to change in its place. */
// @ts-ignore: decorator
@inline
export function tableChanges(table: u32, entry: u32): void {
  if (watched && tableWalks(table)) {
    beforeChange(table, entry, hashBytes(keyPtr(entry), keyBytes(entry)));
  }
}

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
function tagOf(hash: u64): u32 {
  return u32(hash >>> 57) | 0x80;
}

// @ts-ignore: decorator
@inline
function chainOf(table: u32, hash: u64): u32 {
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
function matches(bucket: u32, tag: u32): u32 {
  return u32(
    i8x16.bitmask(i8x16.eq(v128.load(bucket), i8x16.splat(i8(tag)))),
  ) & ALL_TAGS;
}

// @ts-ignore: decorator
@inline
function freePlaces(bucket: u32): u32 {
  return u32(i8x16.bitmask(v128.load(bucket))) & ALL_TAGS ^ ALL_TAGS;
}

// @ts-ignore: decorator
@inline
function placeAt(bucket: u32, place: u32): u32 {
  return bucket + PLACES + (place << 2);
}

// @ts-ignore: decorator
@inline
function nextOf(bucket: u32): u32 {
  return load<u32>(bucket, NEXT);
}

function clearBucket(bucket: u32): void {
  memory.fill(bucket, 0, BUCKET_BYTES);
}

// Looking ahead. A look-up waits for memory twice: for the bucket and for the
// entry. When several keys are known in advance, all their buckets are touched
// first and then all their entries, so that the waits overlap.

/** Loads the bucket of a hash; returns its address for `touchEntryOf`. */
// @ts-ignore: decorator
@inline
export function touchBucketOf(table: u32, hash: u64): u32 {
  const bucket = chainOf(table, hash);
  touched += load<u32>(bucket);
  return bucket;
}

/**
 * Loads the likely entry of a hash: its header and where its key may end. It
 * may be another one and shorter, so that nothing behind its page is touched.
 * Returns it, or 0.
 */
// @ts-ignore: decorator
@inline
export function touchEntryOf(bucket: u32, hash: u64, byteCount: u32): u32 {
  const candidates = matches(bucket, tagOf(hash));
  if (!candidates) return 0;
  const entry = load<u32>(placeAt(bucket, ctz(candidates)));
  touched += load<u8>(entry);
  const end = entry + byteCount;
  if ((end ^ entry) < PAGE_BYTES) touched += load<u8>(end);
  return entry;
}

/** Keeps the loads from being optimised away. */
export let touched: u32 = 0;

/** Says the hash of the key at this address, until the next call. */
// @ts-ignore: decorator
@inline
export function presetHash(ptr: u32, hash: u64): void {
  presetPtr = ptr;
  preset = hash;
}

let presetPtr: u32 = 0;
let preset: u64 = 0;

/** The hash of a key, which need not be computed if it was said. */
// @ts-ignore: decorator
@inline
export function hashOfKey(ptr: u32, byteCount: u32): u64 {
  return ptr == presetPtr ? preset : hashBytes(ptr, byteCount);
}

/** The entry with this key, or 0. Sets foundPlace and foundHash. */
export function tableFind(table: u32, ptr: u32, byteCount: u32): u32 {
  const hash = hashOfKey(ptr, byteCount);
  foundHash = hash;
  const tag = tagOf(hash);
  let bucket = chainOf(table, hash);
  do {
    let candidates = matches(bucket, tag);
    while (candidates) {
      const place = placeAt(bucket, ctz(candidates));
      const entry = load<u32>(place);
      if (keyEquals(entry, ptr, byteCount)) {
        foundPlace = place;
        foundBucket = bucket;
        return entry;
      }
      candidates &= candidates - 1;
    }
    bucket = nextOf(bucket);
  } while (bucket);
  return 0;
}

/**
 * Whether this very entry, with a key of this hash, is in the table; the address
 * may be that of anything. Finds it as tableFind does.
 */
export function tableHolds(table: u32, entry: u32, hash: u64): bool {
  const tag = tagOf(hash);
  let bucket = chainOf(table, hash);
  do {
    let candidates = matches(bucket, tag);
    while (candidates) {
      const place = placeAt(bucket, ctz(candidates));
      if (load<u32>(place) == entry) {
        foundHash = hash;
        foundPlace = place;
        foundBucket = bucket;
        return hash == hashBytes(keyPtr(entry), keyBytes(entry));
      }
      candidates &= candidates - 1;
    }
    bucket = nextOf(bucket);
  } while (bucket);
  return false;
}

/**
 * Puts an entry in, whose key is not there and whose hash is `hash`. Sets
 * foundPlace. OUT_OF_MEMORY leaves the table as it was.
 */
export function tableInsert(table: u32, entry: u32, hash: u64): i32 {
  if (tableMustGrow(table)) grow(table);
  if (!chainInsert(table, chainOf(table, hash), entry, tagOf(hash))) {
    return OUT_OF_MEMORY;
  }
  store<u32>(table, load<u32>(table, ENTRY_COUNT) + 1, ENTRY_COUNT);
  if (watched && tableWalks(table)) afterInsert(table, entry, hash);
  return 0;
}

// @ts-ignore: decorator
@inline
function tableMustGrow(table: u32): bool {
  return load<u32>(table, ENTRY_COUNT) * 2 >=
    load<u32>(table, BUCKET_COUNT) * GROW_LOAD_X2;
}

// @ts-ignore: decorator
@inline
function chainInsert(table: u32, chain: u32, entry: u32, tag: u32): bool {
  let bucket = chain;
  let places = freePlaces(bucket);
  while (!places) {
    let next = nextOf(bucket);
    if (!next) {
      next = newOverflow(table);
      if (!next) return false;
      store<u32>(bucket, next, NEXT);
    }
    bucket = next;
    places = freePlaces(bucket);
  }
  const place = ctz(places);
  store<u8>(bucket + place, tag);
  foundPlace = placeAt(bucket, place);
  store<u32>(foundPlace, entry);
  return true;
}

function newOverflow(table: u32): u32 {
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

/** Takes out the entry that tableFind has just found; it is not freed. */
export function tableRemoveFound(table: u32): void {
  if (watched && tableWalks(table)) {
    beforeChange(table, load<u32>(foundPlace), foundHash);
  }
  fillHole(table, chainOf(table, foundHash), foundBucket, foundPlace);
  const count = load<u32>(table, ENTRY_COUNT) - 1;
  store<u32>(table, count, ENTRY_COUNT);
  if (count * 2 < load<u32>(table, BUCKET_COUNT) * SHRINK_LOAD_X2) {
    shrink(table);
  }
}

/** Puts an entry with the same key in the place of the one just found. */
// @ts-ignore: decorator
@inline
export function tableReplaceFound(table: u32, entry: u32): void {
  if (watched && tableWalks(table)) inheritMarks(table, entry);
  store<u32>(foundPlace, entry);
}

function inheritMarks(table: u32, entry: u32): void {
  const old = load<u32>(foundPlace);
  beforeChange(table, old, foundHash);
  const marks = entryFlags(old) & SKIP_MARKS;
  setFlags(entry, (entryFlags(entry) & ~SKIP_MARKS) | marks);
}

/** Moves the chain's last entry into the hole. */
function fillHole(table: u32, chain: u32, bucket: u32, place: u32): void {
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

/** Splits one bucket. Without memory the table just stays denser. */
function grow(table: u32): void {
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
    // Begun together, the loads of all entries take as long as that of one.
    for (let i: u32 = 0; i < used; i++) {
      touched += load<u8>(bucketEntry(from, i));
    }
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

/** Gives back the empty buckets at the end of a chain. */
function freeEmptyTail(table: u32, chain: u32): void {
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

/** Merges the last bucket into the one that it was split from. */
function shrink(table: u32): void {
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

/** The first chain of a cursor's class. */
export function scanChain(table: u32, cursor: u32): u32 {
  return tableChain(table, cursor & (load<u32>(table, BIG_MASK) >> 1));
}

/** The second chain of a cursor's class, 0 when it has not been split. */
export function scanSplitChain(table: u32, cursor: u32): u32 {
  const smallMask = load<u32>(table, BIG_MASK) >> 1;
  const index = (cursor & smallMask) + smallMask + 1;
  if (index >= load<u32>(table, BUCKET_COUNT)) return 0;
  return tableChain(table, index);
}

/**
 * Whether a cursor lies inside of its class, because the table has shrunk: some
 * of the class have been visited then.
 */
export function scanIsInside(table: u32, cursor: u32): bool {
  return (cursor & ~(load<u32>(table, BIG_MASK) >> 1)) != 0;
}

/** The class after this one, 0 after the last. */
export function scanNext(table: u32, cursor: u32): u32 {
  const smallMask = load<u32>(table, BIG_MASK) >> 1;
  return reverseBits(reverseBits(cursor | ~smallMask) + 1);
}

/** A hash was visited when its bits in reverse are below the cursor's. */
export function reverseBits(word: u32): u32 {
  word = ((word >> 1) & 0x55555555) | ((word & 0x55555555) << 1);
  word = ((word >> 2) & 0x33333333) | ((word & 0x33333333) << 2);
  word = ((word >> 4) & 0x0f0f0f0f) | ((word & 0x0f0f0f0f) << 4);
  return bswap<u32>(word);
}

/**
 * A random entry, each with the same chance: a random place of a random chain,
 * rejected when it is free. The table must not be empty. `random` advances by
 * a xorshift.
 */
export function tableRandom(table: u32): u32 {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  while (true) {
    let bucket = tableChain(table, u32(nextRandom() % u64(bucketCount)));
    let place = u32(nextRandom() % u64(RANDOM_PLACES));
    while (bucket && place >= PLACE_COUNT) {
      bucket = nextOf(bucket);
      place -= PLACE_COUNT;
    }
    if (bucket && place < bucketEntryCount(bucket)) {
      return bucketEntry(bucket, place);
    }
  }
}

/** Entries beyond this place of a chain are never drawn; chances: 1e-9. */
const RANDOM_PLACES: u32 = 48;

let randomState: u64 = 0x9e3779b97f4a7c15;

export function setRandomSeed(high: u32, low: u32): void {
  randomState = (u64(high) << 32) | u64(low) | 1;
}

export function nextRandom(): u64 {
  randomState ^= randomState << 13;
  randomState ^= randomState >> 7;
  randomState ^= randomState << 17;
  return randomState * 0x2545f4914f6cdd1d >> 11;
}

/**
 * Takes a table apart from its end: returns an entry that is no longer in it
 * (the caller frees it), or 0 when the last bucket has gone too.
 */
export function tableDrain(table: u32): u32 {
  while (true) {
    const bucketCount = load<u32>(table, BUCKET_COUNT);
    if (!bucketCount) {
      segmentsFree(table);
      return 0;
    }
    const chain = tableChain(table, bucketCount - 1);
    const used = bucketEntryCount(chain);
    if (used) {
      const entry = bucketEntry(chain, used - 1);
      foundPlace = placeAt(chain, used - 1);
      fillHole(table, chain, chain, foundPlace);
      store<u32>(table, load<u32>(table, ENTRY_COUNT) - 1, ENTRY_COUNT);
      return entry;
    }
    segmentsPop(table);
    store<u32>(table, bucketCount - 1, BUCKET_COUNT);
  }
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

/** Frees a table whose entries belong to somebody else. */
export function tableFree(table: u32): void {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  let overflowCount = load<u32>(table, OVERFLOW_COUNT);
  for (let i: u32 = 0; i < bucketCount && overflowCount; i++) {
    let bucket = nextOf(tableChain(table, i));
    while (bucket) {
      const next = nextOf(bucket);
      free(bucket);
      overflowCount--;
      bucket = next;
    }
  }
  segmentsFree(table);
}

/** 0, or the number of the invariant that is broken (see the top). */
export function verifyTable(table: u32): i32 {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  const bigMask = load<u32>(table, BIG_MASK);
  if (bigMask & (bigMask + 1)) return 1;
  if (bucketCount <= bigMask >> 1 || bucketCount > bigMask) return 1;
  let entryCount: u32 = 0;
  for (let index: u32 = 0; index < bucketCount; index++) {
    const chain = tableChain(table, index);
    for (let bucket = chain; bucket; bucket = nextOf(bucket)) {
      const used = bucketEntryCount(bucket);
      if (nextOf(bucket) && used != PLACE_COUNT) return 3;
      if (bucket != chain && !used) return 3;
      for (let i: u32 = 0; i < PLACE_COUNT; i++) {
        const tag = load<u8>(bucket + i);
        if (i >= used) {
          if (tag) return 3;
          continue;
        }
        const entry = bucketEntry(bucket, i);
        const hash = hashBytes(keyPtr(entry), keyBytes(entry));
        if (tag != tagOf(hash) || chainOf(table, hash) != chain) return 2;
        if (!tableWalks(table) && entryFlags(entry) & SKIP_MARKS) return 5;
        entryCount++;
      }
    }
  }
  return entryCount == load<u32>(table, ENTRY_COUNT) ? 0 : 4;
}
