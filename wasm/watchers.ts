// Who watches which keys (WATCH): whoever changes a watched key says so here,
// and its watchers are marked as dirty.
//
//   watcher:  u32 first watch | u32 watch count | u32 whether dirty
//   watch:    u64 hash of the key | u32 next in the chain | u32 where the
//             pointer to this watch lies | u32 watcher | u32 next of the
//             watcher | u32 database's number | u32 key's length | u32 whether
//             stale | u32 unused | key
//
// All watches stand in one table of chains by the hash of their key; there is
// one watch for each pair of watcher and key. A watcher that is dirty knows all
// it has to: it has no watches any more and gets no new ones. So a key that
// many watch and that changes often costs each of them once.
//
// A stale watch is of a key that was due already when it began: to its watcher
// there is no such key, and that it goes is no change.
//
// While nobody watches, `isWatching` is false and all doors are one test of it.
// What is called here moves no key, and what is told of single keys spoils
// nothing that was looked up.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import { indexOf } from "./effects";
import { copyBytes, keyBytes, keyPtr, sameBytes } from "./entry";
import { hashBytes } from "./hash";
import { tableFind } from "./table";

const FIRST: usize = 0;
const COUNT: usize = 4;
const DIRTY: usize = 8;
const WATCHER_BYTES: u32 = 12;

const HASH: usize = 0;
const NEXT: usize = 8;
const LINK: usize = 12;
const WATCHER: usize = 16;
const OWN_NEXT: usize = 20;
const INDEX: usize = 24;
const KEY_BYTES: usize = 28;
const STALE: usize = 32;
const KEY: u32 = 40;

const CHAINS_MIN: u32 = 64;
const CHAINS_MAX: u32 = 1 << 24;
const CHAIN_BYTES: u32 = 4;

/** Whether any key is watched. */
export let isWatching: bool = false;
let watchCount: u32 = 0;
let chains: u32 = 0;
let chainCount: u32 = 0;

/** How many keys are watched, each as often as it is. */
export function watchedCount(): u32 {
  return watchCount;
}

/** Somebody who watches nothing yet; 0 without memory. */
export function watcherNew(): u32 {
  const watcher = alloc(WATCHER_BYTES);
  if (watcher) memory.fill(watcher, 0, WATCHER_BYTES);
  return watcher;
}

/** It watches no more. */
export function watcherFree(watcher: u32): void {
  unwatchAll(watcher);
  free(watcher);
}

export function isDirty(watcher: u32): i32 {
  return load<u32>(watcher, DIRTY);
}

/** The first watch of a watcher; `nextOwn` gives the others. */
export function firstOwn(watcher: u32): u32 {
  return load<u32>(watcher, FIRST);
}

export function nextOwn(watch: u32): u32 {
  return load<u32>(watch, OWN_NEXT);
}

export function isStale(watch: u32): bool {
  return load<u32>(watch, STALE) != 0;
}

export function setStale(watch: u32, is: bool): void {
  store<u32>(watch, u32(is), STALE);
}

/** Notes that a watcher watches a key: 0 or OUT_OF_MEMORY. */
export function addWatch(
  watcher: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
  stale: bool,
): i32 {
  const hash = hashBytes(ptr, byteCount);
  if (!makeChains()) return OUT_OF_MEMORY;
  let watch = find(chainStart(hash), hash, index, ptr, byteCount);
  while (watch) {
    if (load<u32>(watch, WATCHER) == watcher) return 0;
    watch = find(load<u32>(watch, NEXT), hash, index, ptr, byteCount);
  }
  watch = alloc(KEY + byteCount);
  if (!watch) return OUT_OF_MEMORY;
  store<u64>(watch, hash, HASH);
  store<u32>(watch, watcher, WATCHER);
  store<u32>(watch, index, INDEX);
  store<u32>(watch, byteCount, KEY_BYTES);
  store<u32>(watch, u32(stale), STALE);
  copyBytes(watch + KEY, ptr, byteCount);
  store<u32>(watch, load<u32>(watcher, FIRST), OWN_NEXT);
  store<u32>(watcher, watch, FIRST);
  store<u32>(watcher, load<u32>(watcher, COUNT) + 1, COUNT);
  hang(watch);
  watchCount++;
  isWatching = true;
  return 0;
}

/** A watched key has changed for this watcher: it watches no more. */
export function markDirty(watcher: u32): void {
  store<u32>(watcher, 1, DIRTY);
  unwatchAll(watcher);
}

function unwatchAll(watcher: u32): void {
  let watch = load<u32>(watcher, FIRST);
  while (watch) {
    const next = load<u32>(watch, OWN_NEXT);
    const link = load<u32>(watch, LINK);
    const behind = load<u32>(watch, NEXT);
    store<u32>(link, behind);
    if (behind) store<u32>(behind, link, LINK);
    free(watch);
    watch = next;
  }
  watchCount -= load<u32>(watcher, COUNT);
  store<u32>(watcher, 0, FIRST);
  store<u32>(watcher, 0, COUNT);
  if (watchCount) return;
  isWatching = false;
  if (chains) free(chains);
  chains = chainCount = 0;
}

// The chains.

/** Where the pointer to a chain's first watch lies. */
// @ts-ignore: decorator
@inline
function chainOf(hash: u64): u32 {
  return chains + (u32(hash) & (chainCount - 1)) * CHAIN_BYTES;
}

// @ts-ignore: decorator
@inline
function chainStart(hash: u64): u32 {
  return load<u32>(chainOf(hash));
}

function hang(watch: u32): void {
  const link = chainOf(load<u64>(watch, HASH));
  const behind = load<u32>(link);
  store<u32>(watch, behind, NEXT);
  store<u32>(watch, link, LINK);
  if (behind) store<u32>(behind, watch + u32(NEXT), LINK);
  store<u32>(link, watch);
}

/**
 * Enough chains for one more watch. Without memory for more of them those that
 * there are become longer; false when there is none at all.
 */
function makeChains(): bool {
  if (watchCount < chainCount || chainCount == CHAINS_MAX) return true;
  const wanted = chainCount ? chainCount << 1 : CHAINS_MIN;
  const grown = alloc(wanted * CHAIN_BYTES);
  if (!grown) return chainCount != 0;
  memory.fill(grown, 0, wanted * CHAIN_BYTES);
  const old = chains;
  const oldCount = chainCount;
  chains = grown;
  chainCount = wanted;
  for (let i: u32 = 0; i < oldCount; i++) {
    let watch = load<u32>(old + i * CHAIN_BYTES);
    while (watch) {
      const next = load<u32>(watch, NEXT);
      hang(watch);
      watch = next;
    }
  }
  if (old) free(old);
  return true;
}

/** The next watch of a key in its chain, from one on; 0 when there is none. */
function find(
  watch: u32,
  hash: u64,
  index: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  while (watch) {
    if (
      load<u64>(watch, HASH) == hash && load<u32>(watch, INDEX) == index &&
      load<u32>(watch, KEY_BYTES) == byteCount &&
      sameBytes(watch + KEY, ptr, byteCount)
    ) return watch;
    watch = load<u32>(watch, NEXT);
  }
  return 0;
}

// What happens to keys.

/** A key has changed. */
export function disturb(db: u32, ptr: u32, byteCount: u32): void {
  const index = indexOf(db);
  const hash = hashBytes(ptr, byteCount);
  while (isWatching) {
    const watch = find(chainStart(hash), hash, index, ptr, byteCount);
    if (!watch) return;
    // This takes the watch out, and maybe others of the chain.
    markDirty(load<u32>(watch, WATCHER));
  }
}

/** The key that an argument names has changed. */
export function disturbKey(db: u32, key: u32): void {
  disturb(db, argPtr(key), argLen(key));
}

/** A key was due and goes; or, unless `whole`, a field of it. */
export function disturbDue(db: u32, entry: u32, whole: bool): void {
  const index = indexOf(db);
  const ptr = keyPtr(entry);
  const byteCount = keyBytes(entry);
  const hash = hashBytes(ptr, byteCount);
  let watch = find(chainStart(hash), hash, index, ptr, byteCount);
  while (watch) {
    if (!isStale(watch)) {
      markDirty(load<u32>(watch, WATCHER));
      if (!isWatching) return;
      watch = find(chainStart(hash), hash, index, ptr, byteCount);
    } else watch = find(load<u32>(watch, NEXT), hash, index, ptr, byteCount);
  }
  if (!whole) return;
  // To those who are left it was gone before; what comes now is a change.
  watch = find(chainStart(hash), hash, index, ptr, byteCount);
  while (watch) {
    setStale(watch, false);
    watch = find(load<u32>(watch, NEXT), hash, index, ptr, byteCount);
  }
}

/**
 * All keys change at once: watches that `isHit` are those of watchers who see a
 * change; of those that are left `settle` is told. Both must change no watch
 * but for its being stale, and `isHit` not even that.
 */
export function disturbAll(
  isHit: (watch: u32) => bool,
  settle: (watch: u32) => void,
): void {
  let i: u32 = 0;
  while (i < chainCount) {
    let watch = load<u32>(chains + i * CHAIN_BYTES);
    while (watch && !isHit(watch)) watch = load<u32>(watch, NEXT);
    // The chain may have lost more than this watch: once more from its start.
    if (watch) markDirty(load<u32>(watch, WATCHER));
    else i++;
  }
  for (i = 0; i < chainCount; i++) {
    let watch = load<u32>(chains + i * CHAIN_BYTES);
    for (; watch; watch = load<u32>(watch, NEXT)) settle(watch);
  }
}

let flushed: u32 = 0;

/** A database is about to lose all its keys. */
export function disturbFlushed(db: u32): void {
  flushed = db;
  disturbAll(
    (watch) =>
      isOf(watch, flushed) && !isStale(watch) &&
      findWatched(flushed, watch) != 0,
    (watch) => {
      if (isOf(watch, flushed)) setStale(watch, false);
    },
  );
}

/** Whether a watch is of a key of this database. */
export function isOf(watch: u32, db: u32): bool {
  return load<u32>(watch, INDEX) == indexOf(db);
}

/** The entry of the watched key in a database, or 0; due ones are found too. */
export function findWatched(db: u32, watch: u32): u32 {
  return tableFind(db, watch + KEY, load<u32>(watch, KEY_BYTES));
}

/** 0, or: 1 a broken link, 2 a wrong count, 3 a watch in a wrong chain. */
export function verifyWatchers(): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < chainCount; i++) {
    let link = chains + i * CHAIN_BYTES;
    let watch = load<u32>(link);
    for (; watch; watch = load<u32>(link)) {
      if (load<u32>(watch, LINK) != link) return 1;
      const hash = hashBytes(watch + KEY, load<u32>(watch, KEY_BYTES));
      if (load<u64>(watch, HASH) != hash) return 3;
      if (chainOf(hash) != chains + i * CHAIN_BYTES) return 3;
      link = watch + u32(NEXT);
      count++;
    }
  }
  return count == watchCount && isWatching == (count != 0) ? 0 : 2;
}
