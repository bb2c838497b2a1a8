// Keys for which somebody waits (BLPOP): whoever brings one in says so here,
// and it stands in the list of ready keys until TypeScript takes it.
//
//   awaited key:  node (key_chains.ts), with u32 next ready key | u32 whether
//                 ready | u32 first wait | u32 last wait (waits.ts)
//
// Of those who wait for a key either all are known here (waits.ts), or only
// TypeScript knows who they are and for what they wait (waiters.ts there): it
// keeps the key's address, and gives it back when nobody waits any more.
//
// A key is ready as often as it comes in or its value is replaced by another
// one: what was there before was of no use to those who wait. That it has come
// is noted once until it is taken, and in the order in which they came.
//
// The doors move no key and spoil nothing that was looked up.

import { argLen, argPtr } from "./arguments";
import { indexOf } from "./effects";
import { entryType, keyBytes, keyPtr } from "./entry";
import { hashBytes } from "./hash";
import {
  addNode,
  AWAITED,
  chainCount,
  CHAINS_BYTES,
  chainsSize,
  chainStart,
  findNode,
  nextInChain,
  nodeDatabase,
  nodeKey,
  nodeKeyBytes,
  OWN,
  removeNode,
  verifyChains,
} from "./key_chains";
import { tableFind } from "./table";

const NEXT_READY: usize = OWN;
const READY: usize = OWN + 4;
/** Two words for waits.ts. */
export const OF_WAITS: usize = OWN + 8;

const awaitedKeys = u32(memory.data(CHAINS_BYTES, 8));
let firstReady: u32 = 0;
let lastReady: u32 = 0;

/** What stands for the key of an argument; 0 without memory. */
export function awaitKey(db: u32, key: u32): u32 {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  const hash = hashBytes(ptr, byteCount);
  const index = indexOf(db);
  const awaited = findNode(awaitedKeys, hash, index, ptr, byteCount);
  if (awaited) return awaited;
  return addNode(awaitedKeys, AWAITED, hash, index, ptr, byteCount);
}

/** Nobody waits for it any more. */
export function awaitNoMore(awaited: u32): void {
  takeBack(awaited);
  removeNode(awaitedKeys, awaited);
}

/** What stands for the key of an argument if anybody waits for it, or 0. */
export function awaitedBy(db: u32, key: u32): u32 {
  return find(db, argPtr(key), argLen(key));
}

/** For how many keys somebody waits. */
export function awaitedCount(): u32 {
  return chainsSize(awaitedKeys);
}

/** 0 when `check` returns 0 for each awaited key, else what it returns. O(n). */
export function checkAwaited(check: (awaited: u32) => u32): u32 {
  const broken = verifyChains(awaitedKeys);
  if (broken) return broken;
  for (let i: u32 = 0; i < chainCount(awaitedKeys); i++) {
    let awaited = chainStart(awaitedKeys, i);
    for (; awaited; awaited = nextInChain(awaited)) {
      const code = check(awaited);
      if (code) return code;
    }
  }
  return 0;
}

/** The number of an awaited key's database. */
export function awaitedDatabase(awaited: u32): u32 {
  return nodeDatabase(awaited);
}

/** Whether a key has come in that nobody has taken. */
export function hasReady(): i32 {
  return i32(firstReady != 0);
}

/** Nobody need be told that it has come in. */
export function takeBack(awaited: u32): void {
  if (load<u32>(awaited, READY)) takeOut(awaited);
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
  const awaited = find(db, keyPtr(entry), keyBytes(entry));
  if (awaited) makeReady(awaited);
}

/** Two databases have exchanged their keys. */
export function noteSwapped(a: u32, b: u32): void {
  for (let i: u32 = 0; i < chainCount(awaitedKeys); i++) {
    let awaited = chainStart(awaitedKeys, i);
    for (; awaited; awaited = nextInChain(awaited)) {
      const index = nodeDatabase(awaited);
      const db = index == indexOf(a) ? a : index == indexOf(b) ? b : 0;
      if (db && heldBy(db, awaited)) makeReady(awaited);
    }
  }
}

function find(db: u32, ptr: u32, byteCount: u32): u32 {
  const hash = hashBytes(ptr, byteCount);
  return findNode(awaitedKeys, hash, indexOf(db), ptr, byteCount);
}

/** The entry of the awaited key in a database, or 0; due ones are found too. */
function heldBy(db: u32, awaited: u32): u32 {
  return tableFind(db, nodeKey(awaited), nodeKeyBytes(awaited));
}

// The list of ready keys.

export function makeReady(awaited: u32): void {
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
