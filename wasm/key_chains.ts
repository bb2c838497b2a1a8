// Keys in which somebody is interested: who waits for one (awaited.ts), who
// watches one (watchers.ts), who has read one and wants to know when it changes
// (tracked.ts). Each kind has a set of its own: its keys hang in chains by
// their hash.
//
//   set (28 bytes, zeros while empty):
//     segments (16): u32 first node, for each chain | u32 mask of hashes |
//     u32 node count | u32 bit in `interest`
//   node:
//     u64 hash | u32 next in the chain | u32 the one before, 0 for the first |
//     u32 database's number | u32 key's length | 4 x u32 of the owner's | key
//
// There may be several nodes of one key. There are about as many chains as
// nodes: each node that comes adds a chain and each that goes takes two away if
// they are too many, by linear hashing (as in table.ts), so that nobody waits
// for a resize.
//
//   index(hash) = hash & mask, and below the count of chains: hash & (mask >> 1)
//
// Invariants (verifyChains): 1. a node knows the one before it; 2. the count is
// right, and without nodes there are no chains; 3. a node is in the chain of its
// hash, which is that of its key; 4. the set's bit stands in `interest` if and
// only if it has nodes.
//
// These sets lie at the doors of hot commands. While nobody is interested in
// any key, `interest` is 0, and a door is one test of it.
//
// A node's address is good until it is removed.

import { alloc, free } from "./allocator";
import { copyBytes, sameBytes } from "./entry";
import { hashBytes } from "./hash";
import {
  SEGMENTS_BYTES,
  segmentsAppend,
  segmentsAt,
  segmentsCount,
  segmentsFree,
  segmentsInit,
  segmentsPop,
} from "./segments";

/** Bits of `interest`: a key is awaited, is watched, was read by a tracker; */
export const AWAITED: u32 = 1;
export const WATCHED: u32 = 2;
export const TRACKED: u32 = 4;
/** ... all keys with some prefix are; ... */
export const BROADCAST: u32 = 8;
/** ... a tracker's commands are executed now. */
export const READING: u32 = 16;

/** Who must learn that a key has changed. */
export const OF_CHANGES: u32 = WATCHED | TRACKED | BROADCAST;

/** What anybody is interested in, in bits. */
export let interest: u32 = 0;

export function setInterest(bit: u32, on: bool): void {
  interest = on ? interest | bit : interest & ~bit;
}

const MASK: usize = SEGMENTS_BYTES;
const COUNT: usize = SEGMENTS_BYTES + 4;
const BIT: usize = SEGMENTS_BYTES + 8;
/** Bytes of a set. */
export const CHAINS_BYTES: u32 = SEGMENTS_BYTES + 12;

const HEAD_BYTES: u32 = 4;

const HASH: usize = 0;
const NEXT: usize = 8;
const BEFORE: usize = 12;
const INDEX: usize = 16;
const KEY_BYTES: usize = 20;
/** The first of four words for the owner, zero at first. */
export const OWN: usize = 24;
const KEY: u32 = 40;

/** How many nodes a set has. */
// @ts-ignore: decorator
@inline
export function chainsSize(set: u32): u32 {
  return load<u32>(set, COUNT);
}

export function chainCount(set: u32): u32 {
  return segmentsCount(set);
}

/** The first node of a chain, 0 when it is empty. */
// @ts-ignore: decorator
@inline
export function chainStart(set: u32, chain: u32): u32 {
  return load<u32>(headAt(set, chain));
}

/** The node behind one in its chain, or 0. */
// @ts-ignore: decorator
@inline
export function nextInChain(node: u32): u32 {
  return load<u32>(node, NEXT);
}

/** The number of a node's database. */
export function nodeDatabase(node: u32): u32 {
  return load<u32>(node, INDEX);
}

// @ts-ignore: decorator
@inline
export function nodeKey(node: u32): u32 {
  return node + KEY;
}

// @ts-ignore: decorator
@inline
export function nodeKeyBytes(node: u32): u32 {
  return load<u32>(node, KEY_BYTES);
}

// @ts-ignore: decorator
@inline
function headAt(set: u32, chain: u32): u32 {
  return segmentsAt(set, chain, HEAD_BYTES);
}

// @ts-ignore: decorator
@inline
function headOf(set: u32, hash: u64): u32 {
  const mask = load<u32>(set, MASK);
  const chain = u32(hash) & mask;
  return headAt(set, chain < chainCount(set) ? chain : chain & (mask >> 1));
}

/** The first node of a key, or 0. */
export function findNode(
  set: u32,
  hash: u64,
  index: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  if (!chainsSize(set)) return 0;
  const first = load<u32>(headOf(set, hash));
  return findFrom(first, hash, index, ptr, byteCount);
}

/** The next node of the same key, or 0. */
export function findNext(node: u32): u32 {
  return findFrom(
    nextInChain(node),
    load<u64>(node, HASH),
    nodeDatabase(node),
    nodeKey(node),
    nodeKeyBytes(node),
  );
}

function findFrom(
  node: u32,
  hash: u64,
  index: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  while (node) {
    if (
      load<u64>(node, HASH) == hash && load<u32>(node, INDEX) == index &&
      load<u32>(node, KEY_BYTES) == byteCount &&
      sameBytes(node + KEY, ptr, byteCount)
    ) return node;
    node = nextInChain(node);
  }
  return 0;
}

/** One more node of a key, in a set that has this bit; 0 without memory. */
export function addNode(
  set: u32,
  bit: u32,
  hash: u64,
  index: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  const node = alloc(KEY + byteCount);
  if (!node) return 0;
  if (!chainsSize(set)) {
    if (!begin(set, bit)) {
      free(node);
      return 0;
    }
  } else if (chainsSize(set) >= chainCount(set)) grow(set);
  memory.fill(node, 0, KEY);
  store<u64>(node, hash, HASH);
  store<u32>(node, index, INDEX);
  store<u32>(node, byteCount, KEY_BYTES);
  copyBytes(node + KEY, ptr, byteCount);
  hang(headOf(set, hash), node);
  store<u32>(set, chainsSize(set) + 1, COUNT);
  return node;
}

/** The first chain. */
function begin(set: u32, bit: u32): bool {
  segmentsInit(set, HEAD_BYTES);
  const head = segmentsAppend(set);
  if (!head) return false;
  store<u32>(head, 0);
  store<u32>(set, 1, MASK);
  store<u32>(set, bit, BIT);
  interest |= bit;
  return true;
}

// @ts-ignore: decorator
@inline
function hang(head: u32, node: u32): void {
  const behind = load<u32>(head);
  store<u32>(node, behind, NEXT);
  store<u32>(node, 0, BEFORE);
  if (behind) store<u32>(behind, node, BEFORE);
  store<u32>(head, node);
}

/**
 * Takes a node out and frees it. Chains with higher numbers than its own may
 * become part of others with lower ones: whoever removes while he goes through
 * all of them must go downwards (`eachDown`).
 */
export function removeNode(set: u32, node: u32): void {
  const behind = nextInChain(node);
  const before = load<u32>(node, BEFORE);
  if (before) store<u32>(before, behind, NEXT);
  else store<u32>(headOf(set, load<u64>(node, HASH)), behind);
  if (behind) store<u32>(behind, before, BEFORE);
  free(node);
  const count = chainsSize(set) - 1;
  store<u32>(set, count, COUNT);
  if (!count) return finish(set);
  for (let i = 0; i < 2 && count * 2 < chainCount(set); i++) shrink(set);
}

function finish(set: u32): void {
  segmentsFree(set);
  interest &= ~load<u32>(set, BIT);
}

/**
 * Goes through all nodes and removes those that it is told to; `visit` may also
 * remove others than the one that it is shown, and returns whether any has gone.
 * Then the rest of the chain is shown again from its start.
 */
export function eachDown(set: u32, visit: (node: u32) => bool): void {
  for (let chain = chainCount(set); chain; chain--) {
    let node = chainStart(set, chain - 1);
    while (node) {
      if (!visit(node)) {
        node = nextInChain(node);
        continue;
      }
      // Chains have gone: what was in them is to be found below.
      chain = min(chain, chainCount(set));
      if (!chain) return;
      node = chainStart(set, chain - 1);
    }
  }
}

/** Empties a set; what was in it is only to be taken out by `drainNode`. */
export function moveChains(set: u32, to: u32): void {
  interest &= ~load<u32>(set, BIT);
  memory.copy(to, set, CHAINS_BYTES);
  memory.fill(set, 0, CHAINS_BYTES);
}

/**
 * Takes a node out of a moved set, and what chains are empty; 0 when nothing is
 * left. The node is the caller's to free.
 */
export function drainNode(moved: u32): u32 {
  while (chainCount(moved)) {
    const head = headAt(moved, chainCount(moved) - 1);
    const node = load<u32>(head);
    if (!node) {
      segmentsPop(moved);
      continue;
    }
    store<u32>(head, nextInChain(node));
    store<u32>(moved, chainsSize(moved) - 1, COUNT);
    return node;
  }
  segmentsFree(moved);
  return 0;
}

/** Splits one chain. Without memory for another one chains become longer. */
function grow(set: u32): void {
  const count = chainCount(set);
  const mask = load<u32>(set, MASK);
  const target = segmentsAppend(set);
  if (!target) return;
  store<u32>(target, 0);
  const splitBit = (mask >> 1) + 1;
  const source = headAt(set, count - splitBit);
  let node = load<u32>(source);
  store<u32>(source, 0);
  while (node) {
    const next = nextInChain(node);
    hang(load<u32>(node, HASH) & splitBit ? target : source, node);
    node = next;
  }
  if (count == mask) store<u32>(set, (mask << 1) | 1, MASK);
}

/** Joins the last chain to the one that it was split from. */
function shrink(set: u32): void {
  const count = chainCount(set);
  let mask = load<u32>(set, MASK);
  if (count == (mask >> 1) + 1) mask >>= 1;
  let node = load<u32>(headAt(set, count - 1));
  const target = headAt(set, count - 1 - ((mask >> 1) + 1));
  while (node) {
    const next = nextInChain(node);
    hang(target, node);
    node = next;
  }
  store<u32>(set, mask, MASK);
  segmentsPop(set);
}

/** 0, or the number of the broken invariant. O(n). */
export function verifyChains(set: u32): u32 {
  let count: u32 = 0;
  for (let chain: u32 = 0; chain < chainCount(set); chain++) {
    let before: u32 = 0;
    let node = chainStart(set, chain);
    for (; node; node = nextInChain(node)) {
      if (load<u32>(node, BEFORE) != before) return 1;
      const hash = hashBytes(nodeKey(node), nodeKeyBytes(node));
      if (load<u64>(node, HASH) != hash) return 3;
      if (headOf(set, hash) != headAt(set, chain)) return 3;
      before = node;
      count++;
    }
  }
  if (count != chainsSize(set) || (!count && chainCount(set))) return 2;
  const bit = load<u32>(set, BIT);
  return ((interest & bit) != 0) == (count != 0) ? 0 : 4;
}
