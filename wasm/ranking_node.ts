// The nodes of a ranking (ranking.ts), and how one is searched.
//
//   leaf (508 bytes)                    inner node (1016 bytes)
//   +0    u32 element count             +0    u32 child count
//   +4    u32 next leaf, 0 at the end   +16   f64 scores[50]
//   +8    u32 previous leaf             +416  u32 members[50]
//   +16   f64 scores[41]                +616  u32 children[50]
//   +344  u32 members[41]               +816  u32 element counts[50]
//
// An inner node's score and member at a place are those of the first element
// below the child at that place: its separator. Scores stand alone, so that a
// search compares numbers that lie side by side, without a branch; members are
// looked at only where scores are equal.

import { keyBytes, keyPtr } from "./entry";

export const LEAF_CAPACITY: u32 = 41;
export const INNER_CAPACITY: u32 = 50;
export const LEAF_BYTES: u32 = 508;
export const INNER_BYTES: u32 = 1016;

const NEXT: usize = 4;
const PREVIOUS: usize = 8;
const SCORES: u32 = 16;
const LEAF_MEMBERS: u32 = SCORES + LEAF_CAPACITY * 8;
const INNER_MEMBERS: u32 = SCORES + INNER_CAPACITY * 8;
const CHILDREN: u32 = INNER_MEMBERS + INNER_CAPACITY * 4;
const COUNTS: u32 = CHILDREN + INNER_CAPACITY * 4;

/** Elements of a leaf or children of an inner node. */
// @ts-ignore: decorator
@inline
export function nodeCount(node: u32): u32 {
  return load<u32>(node);
}

// @ts-ignore: decorator
@inline
export function setNodeCount(node: u32, count: u32): void {
  store<u32>(node, count);
}

/** A score of a leaf, or of an inner node's separator. */
// @ts-ignore: decorator
@inline
export function scoreAt(node: u32, index: u32): f64 {
  return load<f64>(node + (index << 3), SCORES);
}

// @ts-ignore: decorator
@inline
export function setScoreAt(node: u32, index: u32, score: f64): void {
  store<f64>(node + (index << 3), score, SCORES);
}

// @ts-ignore: decorator
@inline
export function leafMember(leaf: u32, index: u32): u32 {
  return load<u32>(leaf + (index << 2), LEAF_MEMBERS);
}

// @ts-ignore: decorator
@inline
export function leafNext(leaf: u32): u32 {
  return load<u32>(leaf, NEXT);
}

// @ts-ignore: decorator
@inline
export function setLeafNext(leaf: u32, next: u32): void {
  store<u32>(leaf, next, NEXT);
}

// @ts-ignore: decorator
@inline
export function leafPrevious(leaf: u32): u32 {
  return load<u32>(leaf, PREVIOUS);
}

// @ts-ignore: decorator
@inline
export function setLeafPrevious(leaf: u32, previous: u32): void {
  store<u32>(leaf, previous, PREVIOUS);
}

// @ts-ignore: decorator
@inline
export function separatorMember(node: u32, index: u32): u32 {
  return load<u32>(node + (index << 2), INNER_MEMBERS);
}

// @ts-ignore: decorator
@inline
export function childAt(node: u32, index: u32): u32 {
  return load<u32>(node + (index << 2), CHILDREN);
}

/** How many elements stand below a child. */
// @ts-ignore: decorator
@inline
export function countAt(node: u32, index: u32): u32 {
  return load<u32>(node + (index << 2), COUNTS);
}

// @ts-ignore: decorator
@inline
export function setCountAt(node: u32, index: u32, count: u32): void {
  store<u32>(node + (index << 2), count, COUNTS);
}

/** How many elements stand below the first `end` children. */
export function countBefore(node: u32, end: u32): u32 {
  let sum: u32 = 0;
  for (let i: u32 = 0; i < end; i++) sum += countAt(node, i);
  return sum;
}

export function setSeparator(
  node: u32,
  index: u32,
  score: f64,
  member: u32,
): void {
  setScoreAt(node, index, score);
  store<u32>(node + (index << 2), member, INNER_MEMBERS);
}

// Moving parts of a node. `from` and `to` may be the same node.

/** Copies a row of a leaf's elements; counts stay the caller's. */
export function copyElements(
  to: u32,
  toIndex: u32,
  from: u32,
  fromIndex: u32,
  count: u32,
): void {
  copyScores(to, toIndex, from, fromIndex, count);
  copyRow(LEAF_MEMBERS, to, toIndex, from, fromIndex, count);
}

/** Copies a row of an inner node's children with all that belongs to them. */
export function copyChildren(
  to: u32,
  toIndex: u32,
  from: u32,
  fromIndex: u32,
  count: u32,
): void {
  copyScores(to, toIndex, from, fromIndex, count);
  copyRow(INNER_MEMBERS, to, toIndex, from, fromIndex, count);
  copyRow(CHILDREN, to, toIndex, from, fromIndex, count);
  copyRow(COUNTS, to, toIndex, from, fromIndex, count);
}

// @ts-ignore: decorator
@inline
function copyScores(
  to: u32,
  toIndex: u32,
  from: u32,
  fromIndex: u32,
  count: u32,
): void {
  const target = to + SCORES + (toIndex << 3);
  memory.copy(target, from + SCORES + (fromIndex << 3), count << 3);
}

/** Of the words that begin at `row`. */
// @ts-ignore: decorator
@inline
function copyRow(
  row: u32,
  to: u32,
  toIndex: u32,
  from: u32,
  fromIndex: u32,
  count: u32,
): void {
  const target = to + row + (toIndex << 2);
  memory.copy(target, from + row + (fromIndex << 2), count << 2);
}

/** Puts an element into a leaf that has room. */
export function insertElement(
  leaf: u32,
  index: u32,
  score: f64,
  member: u32,
): void {
  const count = nodeCount(leaf);
  copyElements(leaf, index + 1, leaf, index, count - index);
  setScoreAt(leaf, index, score);
  store<u32>(leaf + (index << 2), member, LEAF_MEMBERS);
  setNodeCount(leaf, count + 1);
}

/** Takes `removedCount` elements out of a leaf. */
export function removeElements(
  leaf: u32,
  index: u32,
  removedCount: u32,
): void {
  const count = nodeCount(leaf);
  const after = index + removedCount;
  copyElements(leaf, index, leaf, after, count - after);
  setNodeCount(leaf, count - removedCount);
}

/** Puts a child into an inner node that has room. */
export function insertChild(
  node: u32,
  index: u32,
  child: u32,
  score: f64,
  member: u32,
  elementCount: u32,
): void {
  const count = nodeCount(node);
  copyChildren(node, index + 1, node, index, count - index);
  setSeparator(node, index, score, member);
  store<u32>(node + (index << 2), child, CHILDREN);
  setCountAt(node, index, elementCount);
  setNodeCount(node, count + 1);
}

export function removeChild(node: u32, index: u32): void {
  const count = nodeCount(node) - 1;
  copyChildren(node, index, node, index + 1, count - index);
  setNodeCount(node, count);
}

// Searching. What is searched for is set once and compared on every level.

/** Elements by score, then by member: a whole element. */
const BY_ELEMENT: u32 = 0;
/** By score alone. */
const BY_SCORE: u32 = 1;
/** By member alone, where all scores are equal. */
const BY_NAME: u32 = 2;

let probeKind: u32 = BY_ELEMENT;
let probeScore: f64 = 0;
let probePtr: u32 = 0;
let probeBytes: u32 = 0;

export function probeElement(score: f64, ptr: u32, byteCount: u32): void {
  probeKind = BY_ELEMENT;
  probeScore = score;
  probePtr = ptr;
  probeBytes = byteCount;
}

export function probeByScore(score: f64): void {
  probeKind = BY_SCORE;
  probeScore = score;
}

export function probeByName(ptr: u32, byteCount: u32): void {
  probeKind = BY_NAME;
  probePtr = ptr;
  probeBytes = byteCount;
}

/** How many elements of a leaf stand before the probe, or equal it. */
// @ts-ignore: decorator
@inline
export function leafBound(leaf: u32, orEqual: bool): u32 {
  return bound(leaf, leaf + LEAF_MEMBERS, orEqual);
}

/** The place of the last child that begins before the probe, else 0. */
// @ts-ignore: decorator
@inline
export function childBound(node: u32, orEqual: bool): u32 {
  const index = bound(node, node + INNER_MEMBERS, orEqual);
  return index - u32(index != 0);
}

// @ts-ignore: decorator
@inline
function bound(node: u32, members: u32, orEqual: bool): u32 {
  const count = nodeCount(node);
  if (probeKind == BY_NAME) return nameBound(members, 0, count, orEqual);
  const index = scoresBelow(node + SCORES, count);
  if (index == count || scoreAt(node, index) != probeScore) return index;
  if (probeKind == BY_SCORE && !orEqual) return index;
  let end = index + 1;
  while (end < count && scoreAt(node, end) == probeScore) end++;
  if (probeKind == BY_SCORE) return end;
  return nameBound(members, index, end, orEqual);
}

/** How many of the scores, which ascend, are below the probe's; count > 0. */
// @ts-ignore: decorator
@inline
function scoresBelow(scores: u32, count: u32): u32 {
  let at = scores;
  while (count > 1) {
    const half = count >> 1;
    const middle = at + (half << 3);
    at = select<u32>(middle, at, load<f64>(middle - 8) < probeScore);
    count -= half;
  }
  return ((at - scores) >> 3) + u32(load<f64>(at) < probeScore);
}

/** The same by members, of those at the places from `low` up to `high`. */
function nameBound(members: u32, low: u32, high: u32, orEqual: bool): u32 {
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = compareToProbe(load<u32>(members + (middle << 2)));
    if (order < 0 || (orEqual && order == 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Below 0 when the member stands before the probe's, 0 when it equals it. */
// @ts-ignore: decorator
@inline
function compareToProbe(member: u32): i32 {
  return compareBytes(
    keyPtr(member),
    keyBytes(member),
    probePtr,
    probeBytes,
  );
}

/** Below 0, 0 or above 0 as the first bytes stand before the second ones. */
export function compareBytes(
  a: u32,
  aBytes: u32,
  b: u32,
  bBytes: u32,
): i32 {
  const shared = min<u32>(aBytes, bBytes);
  let at: u32 = 0;
  for (; at + 8 <= shared; at += 8) {
    const one = load<u64>(a + at);
    const other = load<u64>(b + at);
    if (one != other) {
      return bswap<u64>(one) < bswap<u64>(other) ? -1 : 1;
    }
  }
  for (; at < shared; at++) {
    const difference = i32(load<u8>(a + at)) - i32(load<u8>(b + at));
    if (difference) return difference;
  }
  return i32(aBytes > bBytes) - i32(aBytes < bBytes);
}
