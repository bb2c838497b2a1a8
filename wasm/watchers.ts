// Who watches which keys (WATCH): whoever changes a watched key says so here,
// and its watchers are marked as dirty.
//
//   watcher:  u32 first watch | u32 watch count | u32 whether dirty
//   watch:    node (key_chains.ts), with u32 watcher | u32 next of the watcher |
//             u32 whether stale
//
// There is one watch for each pair of watcher and key. A watcher that is dirty
// knows all it has to: it has no watches any more and gets no new ones. So a key
// that many watch and that changes often costs each of them once.
//
// A stale watch is of a key that was due already when it began: to its watcher
// there is no such key, and that it goes is no change. It stays stale then: one
// that comes in its place is a change.
//
// What is called here moves no key, and what is told of single keys spoils
// nothing that was looked up.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { indexOf } from "./effects";
import { hashBytes } from "./hash";
import {
  addNode,
  chainCount,
  CHAINS_BYTES,
  chainsSize,
  chainStart,
  eachDown,
  findNext,
  findNode,
  nextInChain,
  nodeDatabase,
  nodeKey,
  nodeKeyBytes,
  OWN,
  removeNode,
  verifyChains,
  WATCHED,
} from "./key_chains";
import { tableFind } from "./table";

const FIRST: usize = 0;
const COUNT: usize = 4;
const DIRTY: usize = 8;
const WATCHER_BYTES: u32 = 12;

const WATCHER: usize = OWN;
const OWN_NEXT: usize = OWN + 4;
const STALE: usize = OWN + 8;

const watches = u32(memory.data(CHAINS_BYTES, 8));

/** How many keys are watched, each as often as it is. */
export function watchedCount(): u32 {
  return chainsSize(watches);
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
  let watch = findNode(watches, hash, index, ptr, byteCount);
  for (; watch; watch = findNext(watch)) {
    if (load<u32>(watch, WATCHER) == watcher) return 0;
  }
  watch = addNode(watches, WATCHED, hash, index, ptr, byteCount);
  if (!watch) return OUT_OF_MEMORY;
  store<u32>(watch, watcher, WATCHER);
  store<u32>(watch, u32(stale), STALE);
  store<u32>(watch, load<u32>(watcher, FIRST), OWN_NEXT);
  store<u32>(watcher, watch, FIRST);
  store<u32>(watcher, load<u32>(watcher, COUNT) + 1, COUNT);
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
    removeNode(watches, watch);
    watch = next;
  }
  store<u32>(watcher, 0, FIRST);
  store<u32>(watcher, 0, COUNT);
}

// What happens to keys (see changes.ts).

/** A key has changed that has this hash. */
export function disturb(hash: u64, db: u32, ptr: u32, byteCount: u32): void {
  const index = indexOf(db);
  while (true) {
    const watch = findNode(watches, hash, index, ptr, byteCount);
    if (!watch) return;
    // This takes the watch out, and maybe others of the chain.
    markDirty(load<u32>(watch, WATCHER));
  }
}

/** The same for one that was due, or a field of it, and goes. */
export function disturbDue(hash: u64, db: u32, ptr: u32, byteCount: u32): void {
  const index = indexOf(db);
  let watch = findNode(watches, hash, index, ptr, byteCount);
  while (watch) {
    if (isStale(watch)) {
      watch = findNext(watch);
    } else {
      markDirty(load<u32>(watch, WATCHER));
      watch = findNode(watches, hash, index, ptr, byteCount);
    }
  }
}

let hits: (watch: u32) => bool = (_watch) => false;

/**
 * Many keys change at once: watches that `isHit` are those of watchers who see
 * a change. It must change nothing.
 */
export function disturbAll(isHit: (watch: u32) => bool): void {
  hits = isHit;
  eachDown(watches, (watch) => {
    if (!hits(watch)) return false;
    markDirty(load<u32>(watch, WATCHER));
    return true;
  });
}

/** For all watches. */
export function eachWatch(visit: (watch: u32) => void): void {
  for (let i: u32 = 0; i < chainCount(watches); i++) {
    let watch = chainStart(watches, i);
    for (; watch; watch = nextInChain(watch)) visit(watch);
  }
}

let flushed: u32 = 0;

/** A database is about to lose all its keys. */
export function disturbFlushed(db: u32): void {
  flushed = db;
  disturbAll((watch) =>
    isOf(watch, flushed) && !isStale(watch) && findWatched(flushed, watch) != 0
  );
}

/** Whether a watch is of a key of this database. */
export function isOf(watch: u32, db: u32): bool {
  return nodeDatabase(watch) == indexOf(db);
}

/** The entry of the watched key in a database, or 0; due ones are found too. */
export function findWatched(db: u32, watch: u32): u32 {
  return tableFind(db, nodeKey(watch), nodeKeyBytes(watch));
}

/** 0, or the number of the broken invariant of its chains. */
export function verifyWatchers(): u32 {
  return verifyChains(watches);
}
