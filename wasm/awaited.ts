// Keys for which somebody waits (BLPOP): whoever brings one in says so here,
// and it stands in the list of ready keys until TypeScript takes it.
//
//   awaited key:  u64 hash | u32 next in the chain | u32 next ready key | u32
//                 database's number | u32 whether ready | u32 key's length |
//                 u32 unused | key
//
// Who waits for it, and for what, only TypeScript knows (src/keyspace/waiters.ts):
// it keeps the address of the key, and gives it back when nobody waits any more.
//
// A key is ready as often as it comes in or its value is replaced by another
// one: what was there before was of no use to those who wait. That it has come
// is noted once until it is taken, and in the order in which they came.
//
// While nobody waits, `isAwaiting` is false and all doors are one test of it.
// The doors move no key and spoil nothing that was looked up.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { indexOf } from "./effects";
import { copyBytes, entryType, keyBytes, keyPtr, sameBytes } from "./entry";
import { hashBytes } from "./hash";
import { tableFind } from "./table";

const HASH: usize = 0;
const NEXT: usize = 8;
const NEXT_READY: usize = 12;
const INDEX: usize = 16;
const READY: usize = 20;
const KEY_BYTES: usize = 24;
const KEY: u32 = 32;

const CHAINS_MIN: u32 = 64;
const CHAINS_MAX: u32 = 1 << 24;
const CHAIN_BYTES: u32 = 4;

/** Whether anybody waits for a key. */
export let isAwaiting: bool = false;
let awaitedCount: u32 = 0;
let chains: u32 = 0;
let chainCount: u32 = 0;
let firstReady: u32 = 0;
let lastReady: u32 = 0;

/** What stands for the key of an argument; 0 without memory. */
export function awaitKey(db: u32, key: u32): u32 {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  const hash = hashBytes(ptr, byteCount);
  const index = indexOf(db);
  let awaited = find(hash, index, ptr, byteCount);
  if (awaited) return awaited;
  if (!makeChains()) return 0;
  awaited = alloc(KEY + byteCount);
  if (!awaited) {
    dropChains();
    return 0;
  }
  memory.fill(awaited, 0, KEY);
  store<u64>(awaited, hash, HASH);
  store<u32>(awaited, index, INDEX);
  store<u32>(awaited, byteCount, KEY_BYTES);
  copyBytes(awaited + KEY, ptr, byteCount);
  hang(awaited);
  awaitedCount++;
  isAwaiting = true;
  return awaited;
}

/** Nobody waits for it any more. */
export function awaitNoMore(awaited: u32): void {
  if (load<u32>(awaited, READY)) takeOut(awaited);
  let link = chainOf(load<u64>(awaited, HASH));
  while (load<u32>(link) != awaited) link = load<u32>(link) + u32(NEXT);
  store<u32>(link, load<u32>(awaited, NEXT));
  free(awaited);
  awaitedCount--;
  dropChains();
}

/** Nobody needs them when no key is awaited. */
function dropChains(): void {
  if (awaitedCount) return;
  isAwaiting = false;
  free(chains);
  chains = chainCount = 0;
}

/** Whether anybody waits for the key of an argument. */
export function isAwaited(db: u32, key: u32): bool {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  return find(hashBytes(ptr, byteCount), indexOf(db), ptr, byteCount) != 0;
}

/** Whether a key has come in that nobody has taken. */
export function hasReady(): i32 {
  return i32(firstReady != 0);
}

/** The next key that has come in, 0 when there is none. */
export function takeReady(): u32 {
  const ready = firstReady;
  if (ready) takeOut(ready);
  return ready;
}

/** The type of what an awaited key holds, -1 when there is nothing. */
export function awaitedType(awaited: u32, db: u32): i32 {
  const entry = heldBy(db, awaited);
  return entry ? i32(entryType(entry)) : -1;
}

// What happens to keys.

/** An entry has come in, or has taken another's place. */
export function noteArrival(db: u32, entry: u32): void {
  const ptr = keyPtr(entry);
  const byteCount = keyBytes(entry);
  const hash = hashBytes(ptr, byteCount);
  const awaited = find(hash, indexOf(db), ptr, byteCount);
  if (awaited) makeReady(awaited);
}

/** Two databases have exchanged their keys. */
export function noteSwapped(a: u32, b: u32): void {
  for (let i: u32 = 0; i < chainCount; i++) {
    let awaited = load<u32>(chains + i * CHAIN_BYTES);
    for (; awaited; awaited = load<u32>(awaited, NEXT)) {
      const index = load<u32>(awaited, INDEX);
      const db = index == indexOf(a) ? a : index == indexOf(b) ? b : 0;
      if (db && heldBy(db, awaited)) makeReady(awaited);
    }
  }
}

/** The entry of the awaited key in a database, or 0; due ones are found too. */
function heldBy(db: u32, awaited: u32): u32 {
  return tableFind(db, awaited + KEY, load<u32>(awaited, KEY_BYTES));
}

// The list of ready keys.

function makeReady(awaited: u32): void {
  if (load<u32>(awaited, READY)) return;
  store<u32>(awaited, 1, READY);
  store<u32>(awaited, 0, NEXT_READY);
  if (lastReady) store<u32>(lastReady, awaited, NEXT_READY);
  else firstReady = awaited;
  lastReady = awaited;
}

function takeOut(awaited: u32): void {
  let before: u32 = 0;
  for (let at = firstReady; at != awaited; at = load<u32>(at, NEXT_READY)) {
    before = at;
  }
  const behind = load<u32>(awaited, NEXT_READY);
  if (before) store<u32>(before, behind, NEXT_READY);
  else firstReady = behind;
  if (!behind) lastReady = before;
  store<u32>(awaited, 0, READY);
}

// The chains.

/** Where the pointer to a chain's first key lies. */
// @ts-ignore: decorator
@inline
function chainOf(hash: u64): u32 {
  return chains + (u32(hash) & (chainCount - 1)) * CHAIN_BYTES;
}

function hang(awaited: u32): void {
  const link = chainOf(load<u64>(awaited, HASH));
  store<u32>(awaited, load<u32>(link), NEXT);
  store<u32>(link, awaited);
}

/**
 * Enough chains for one more key. Without memory for more of them those that
 * there are become longer; false when there is none at all.
 */
function makeChains(): bool {
  if (awaitedCount < chainCount || chainCount == CHAINS_MAX) return true;
  const wanted = chainCount ? chainCount << 1 : CHAINS_MIN;
  const grown = alloc(wanted * CHAIN_BYTES);
  if (!grown) return chainCount != 0;
  memory.fill(grown, 0, wanted * CHAIN_BYTES);
  const old = chains;
  const oldCount = chainCount;
  chains = grown;
  chainCount = wanted;
  for (let i: u32 = 0; i < oldCount; i++) {
    let awaited = load<u32>(old + i * CHAIN_BYTES);
    while (awaited) {
      const next = load<u32>(awaited, NEXT);
      hang(awaited);
      awaited = next;
    }
  }
  if (old) free(old);
  return true;
}

function find(hash: u64, index: u32, ptr: u32, byteCount: u32): u32 {
  if (!isAwaiting) return 0;
  let awaited = load<u32>(chainOf(hash));
  for (; awaited; awaited = load<u32>(awaited, NEXT)) {
    if (
      load<u64>(awaited, HASH) == hash && load<u32>(awaited, INDEX) == index &&
      load<u32>(awaited, KEY_BYTES) == byteCount &&
      sameBytes(awaited + KEY, ptr, byteCount)
    ) return awaited;
  }
  return 0;
}
