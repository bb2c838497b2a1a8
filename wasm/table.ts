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
// Chains are in table_chains.ts, growing and shrinking in table_resize.ts, the
// ways of SCAN in table_scan.ts.
//
// The table owns buckets and entries. A place (`foundPlace`, the address of
// the word that holds an entry) is valid until the next insert or removal.
//
// A snapshot may walk a table in the same order while it changes. Its walks
// hang on the control block, and they hear of every change (watch.ts): what
// puts in, takes out or replaces says so here, what changes an entry in its
// place calls `tableChanges`.

import { free } from "./allocator";
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
  segmentsFree,
  segmentsInit,
  segmentsPop,
} from "./segments";
import {
  BIG_MASK,
  BUCKET_BYTES,
  BUCKET_COUNT,
  bucketEntry,
  bucketEntryCount,
  chainInsert,
  chainOf,
  clearBucket,
  ENTRY_COUNT,
  fillHole,
  matches,
  nextOf,
  OVERFLOW_COUNT,
  PLACE_COUNT,
  placeAt,
  tableChain,
  tagOf,
  WALKS,
} from "./table_chains";
import { grow, mustGrow, mustShrink, shrink } from "./table_resize";
import { afterInsert, beforeChange, watched } from "./watch";

/** Set by tableFind: the address of the word that holds the entry. */
let foundPlace: u32 = 0;
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
  if (mustGrow(table)) grow(table);
  const place = chainInsert(table, chainOf(table, hash), entry, tagOf(hash));
  if (!place) return OUT_OF_MEMORY;
  foundPlace = place;
  store<u32>(table, load<u32>(table, ENTRY_COUNT) + 1, ENTRY_COUNT);
  if (watched && tableWalks(table)) afterInsert(table, entry, hash);
  return 0;
}

/** Takes out the entry that tableFind has just found; it is not freed. */
export function tableRemoveFound(table: u32): void {
  if (watched && tableWalks(table)) {
    beforeChange(table, load<u32>(foundPlace), foundHash);
  }
  fillHole(table, chainOf(table, foundHash), foundBucket, foundPlace);
  store<u32>(table, load<u32>(table, ENTRY_COUNT) - 1, ENTRY_COUNT);
  if (mustShrink(table)) shrink(table);
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
      fillHole(table, chain, chain, placeAt(chain, used - 1));
      store<u32>(table, load<u32>(table, ENTRY_COUNT) - 1, ENTRY_COUNT);
      return entry;
    }
    segmentsPop(table);
    store<u32>(table, bucketCount - 1, BUCKET_COUNT);
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
