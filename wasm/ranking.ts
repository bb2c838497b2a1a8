// A ranking: the elements of a large sorted set in order, each with its rank.
//
// Order is by score, then by the bytes of the member. Redis keeps a skiplist
// for this, and OBJECT ENCODING goes on calling it so; here it is a B+ tree
// that counts. A skiplist costs a cache miss for each of its 20 or so steps and
// 50 bytes an element; the tree of a million elements has four levels, a node
// is searched without leaving a few neighbouring cache lines, and an element
// takes 12 bytes where it stands (17 at the usual fill).
//
//   control (24 bytes)
//   +0  u32 root, 0 when there is no element
//   +4  u32 height: levels of inner nodes above the leaves
//   +8  u32 first leaf, +12 u32 last leaf
//   +16 u32 element count
//
// Nodes are in ranking_node.ts. The ranking owns its nodes. Members are blocks
// of field.ts and belong to the table of members beside it: they must outlive
// their place here, because equal scores are ordered by looking at them.
//
// Invariants (verifyRanking returns the number):
//   1. elements ascend strictly by (score, member), over all leaves;
//   2. no node is empty; a root that is an inner node has two children or more;
//   3. a separator is score and member of the first element below its child;
//   4. counts are what really stands below a child, and in all;
//   5. leaves are linked both ways in order, the first and last one known;
//   6. all leaves are at the same depth.
//
// A full node splits in the middle, but at its end when elements arrive in
// order, so that such a ranking is packed. A node that is less than a fourth
// full joins a neighbour if both then leave room; it is never refilled. Removal
// therefore needs no memory and cannot fail.
//
// A position is a leaf and an index in it (`atLeaf`, `atIndex`), and holds until
// the next change.

import { alloc, free, usable } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import {
  childAt,
  childBound,
  compareBytes,
  copyChildren,
  copyElements,
  countAt,
  countBefore,
  INNER_BYTES,
  INNER_CAPACITY,
  insertChild,
  insertElement,
  LEAF_BYTES,
  LEAF_CAPACITY,
  leafBound,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  probeByName,
  probeByScore,
  probeElement,
  removeChild,
  removeElements,
  scoreAt,
  separatorMember,
  setCountAt,
  setLeafNext,
  setLeafPrevious,
  setNodeCount,
  setScoreAt,
  setSeparator,
} from "./ranking_node";

export { leafMember, leafNext, leafPrevious, nodeCount, scoreAt };
export { compareBytes };

const ROOT: usize = 0;
const HEIGHT: usize = 4;
const FIRST: usize = 8;
const LAST: usize = 12;
const COUNT: usize = 16;
export const RANKING_BYTES: u32 = 24;

/** A root splits only after 25 times the inserts of the split before. */
const HEIGHT_MAX: u32 = 16;
/** A leaf or node with fewer looks for a neighbour to join. */
const LEAF_JOIN_BELOW: u32 = 10;
const INNER_JOIN_BELOW: u32 = 12;
/** Joined ones leave room, lest the next insert split them again. */
const LEAF_JOINED_MAX: u32 = 32;
const INNER_JOINED_MAX: u32 = 40;

/** Where the last search ended. */
export let atLeaf: u32 = 0;
export let atIndex: u32 = 0;

// The way from the root to `atLeaf`: inner nodes and places of children.
const pathNodes: u32 = u32(memory.data(64, 4));
const pathPlaces: u32 = u32(memory.data(64, 4));
/** Nodes allocated before a change that needs them. */
const spares: u32 = u32(memory.data(72, 4));
let spareCount: u32 = 0;

// @ts-ignore: decorator
@inline
function pathNode(depth: u32): u32 {
  return load<u32>(pathNodes + (depth << 2));
}

// @ts-ignore: decorator
@inline
function pathPlace(depth: u32): u32 {
  return load<u32>(pathPlaces + (depth << 2));
}

// @ts-ignore: decorator
@inline
function setPath(depth: u32, node: u32, place: u32): void {
  store<u32>(pathNodes + (depth << 2), node);
  store<u32>(pathPlaces + (depth << 2), place);
}

// @ts-ignore: decorator
@inline
function heightOf(ranking: u32): u32 {
  return load<u32>(ranking, HEIGHT);
}

/** Makes an empty ranking, which takes no memory yet. */
export function rankingInit(ranking: u32): void {
  memory.fill(ranking, 0, RANKING_BYTES);
}

// @ts-ignore: decorator
@inline
export function rankingCount(ranking: u32): u32 {
  return load<u32>(ranking, COUNT);
}

/** The first leaf, 0 when there is none; its first element is the lowest. */
export function rankingFirst(ranking: u32): u32 {
  return load<u32>(ranking, FIRST);
}

// Looking.

/**
 * Goes down to the leaf of the probe. With `orEqual` the position is behind the
 * elements that equal it, else before them; it may be a leaf's end. The way of
 * a whole element leads to the leaf that holds it.
 */
// @ts-ignore: decorator
@inline
function descend(ranking: u32, innerOrEqual: bool, orEqual: bool): void {
  let node = load<u32>(ranking, ROOT);
  const height = heightOf(ranking);
  for (let depth: u32 = 0; depth < height; depth++) {
    const place = childBound(node, innerOrEqual);
    setPath(depth, node, place);
    node = childAt(node, place);
  }
  atLeaf = node;
  atIndex = leafBound(node, orEqual);
}

function descendToElement(ranking: u32, score: f64, ptr: u32, n: u32): void {
  probeElement(score, ptr, n);
  descend(ranking, true, false);
}

/** The rank of the position that a descent has reached. */
function rankReached(ranking: u32): u32 {
  let rank = atIndex;
  const height = heightOf(ranking);
  for (let depth: u32 = 0; depth < height; depth++) {
    rank += countBefore(pathNode(depth), pathPlace(depth));
  }
  return rank;
}

/** From a leaf's end to the next leaf, if there is one. */
// @ts-ignore: decorator
@inline
function settle(): void {
  if (atIndex < nodeCount(atLeaf)) return;
  const next = leafNext(atLeaf);
  if (!next) return;
  atLeaf = next;
  atIndex = 0;
}

/** The rank of an element, from 0; it must be there. O(log n). */
export function rankOf(ranking: u32, score: f64, member: u32): u32 {
  descendToElement(ranking, score, keyPtr(member), keyBytes(member));
  return rankReached(ranking);
}

/**
 * How many elements have a lower score, or with `orEqual` no higher one. The
 * position is that of the first other one, unless all are counted. O(log n).
 */
export function rankOfScore(ranking: u32, score: f64, orEqual: bool): u32 {
  if (!rankingCount(ranking)) return 0;
  probeByScore(score);
  descend(ranking, orEqual, orEqual);
  const rank = rankReached(ranking);
  settle();
  return rank;
}

/** The same by the order of the members, where all scores are equal. */
export function rankOfName(
  ranking: u32,
  ptr: u32,
  byteCount: u32,
  orEqual: bool,
): u32 {
  if (!rankingCount(ranking)) return 0;
  probeByName(ptr, byteCount);
  descend(ranking, orEqual, orEqual);
  const rank = rankReached(ranking);
  settle();
  return rank;
}

/** Makes the element of a rank, which must exist, the position. O(log n). */
export function seekRank(ranking: u32, rank: u32): void {
  assert(rank < rankingCount(ranking));
  let node = load<u32>(ranking, ROOT);
  const height = heightOf(ranking);
  for (let depth: u32 = 0; depth < height; depth++) {
    let place: u32 = 0;
    let count = countAt(node, 0);
    while (rank >= count) {
      rank -= count;
      place++;
      count = countAt(node, place);
    }
    setPath(depth, node, place);
    node = childAt(node, place);
  }
  atLeaf = node;
  atIndex = rank;
}

/** The score and member at the position. */
// @ts-ignore: decorator
@inline
export function scoreHere(): f64 {
  return scoreAt(atLeaf, atIndex);
}

// @ts-ignore: decorator
@inline
export function memberHere(): u32 {
  return leafMember(atLeaf, atIndex);
}

/** To the element after the position's; false, and no position, at the end. */
// @ts-ignore: decorator
@inline
export function stepForward(): bool {
  if (++atIndex < nodeCount(atLeaf)) return true;
  atLeaf = leafNext(atLeaf);
  atIndex = 0;
  return atLeaf != 0;
}

/** To the element before it. */
// @ts-ignore: decorator
@inline
export function stepBack(): bool {
  if (atIndex) {
    atIndex--;
    return true;
  }
  atLeaf = leafPrevious(atLeaf);
  if (!atLeaf) return false;
  atIndex = nodeCount(atLeaf) - 1;
  return true;
}

// Inserting.

/**
 * Puts an element in, which must not be there yet. OUT_OF_MEMORY leaves all as
 * it was. O(log n).
 */
export function rankingInsert(ranking: u32, score: f64, member: u32): i32 {
  if (!rankingCount(ranking)) return insertFirst(ranking, score, member);
  descendToElement(ranking, score, keyPtr(member), keyBytes(member));
  return insertHere(ranking, score, member);
}

/** The same for an element that is known to come after all others. */
export function rankingAppend(ranking: u32, score: f64, member: u32): i32 {
  if (!rankingCount(ranking)) return insertFirst(ranking, score, member);
  let node = load<u32>(ranking, ROOT);
  const height = heightOf(ranking);
  for (let depth: u32 = 0; depth < height; depth++) {
    const place = nodeCount(node) - 1;
    setPath(depth, node, place);
    node = childAt(node, place);
  }
  atLeaf = node;
  atIndex = nodeCount(node);
  return insertHere(ranking, score, member);
}

function insertFirst(ranking: u32, score: f64, member: u32): i32 {
  const leaf = alloc(LEAF_BYTES);
  if (!leaf) return OUT_OF_MEMORY;
  setNodeCount(leaf, 0);
  setLeafNext(leaf, 0);
  setLeafPrevious(leaf, 0);
  insertElement(leaf, 0, score, member);
  store<u32>(ranking, leaf, ROOT);
  store<u32>(ranking, 0, HEIGHT);
  store<u32>(ranking, leaf, FIRST);
  store<u32>(ranking, leaf, LAST);
  store<u32>(ranking, 1, COUNT);
  return 0;
}

function insertHere(ranking: u32, score: f64, member: u32): i32 {
  if (nodeCount(atLeaf) == LEAF_CAPACITY) {
    return insertSplitting(ranking, score, member);
  }
  if (!atIndex) raiseSeparator(ranking, score, member);
  insertElement(atLeaf, atIndex, score, member);
  store<u32>(ranking, rankingCount(ranking) + 1, COUNT);
  addToPath(heightOf(ranking), 1);
  return 0;
}

/** So many elements more below the first `depthEnd` nodes of the way. */
function addToPath(depthEnd: u32, count: u32): void {
  for (let depth: u32 = 0; depth < depthEnd; depth++) {
    const node = pathNode(depth);
    const place = pathPlace(depth);
    setCountAt(node, place, countAt(node, place) + count);
  }
}

/** The first element of `atLeaf` is another one: so are separators above. */
function raiseSeparator(ranking: u32, score: f64, member: u32): void {
  raiseFrom(heightOf(ranking), score, member);
}

/** The same for the node at `depth` of the way. */
function raiseFrom(depth: u32, score: f64, member: u32): void {
  while (depth--) {
    const place = pathPlace(depth);
    setSeparator(pathNode(depth), place, score, member);
    if (place) return;
  }
}

/** Allocates all the nodes that a split of `atLeaf` will need. */
function reserve(ranking: u32): bool {
  spareCount = 0;
  const height = heightOf(ranking);
  assert(height < HEIGHT_MAX);
  if (!addSpare(LEAF_BYTES)) return false;
  let depth = height;
  while (depth && nodeCount(pathNode(depth - 1)) == INNER_CAPACITY) {
    if (!addSpare(INNER_BYTES)) return false;
    depth--;
  }
  return depth != 0 || addSpare(INNER_BYTES);
}

function addSpare(byteCount: u32): bool {
  const block = alloc(byteCount);
  if (!block) {
    while (spareCount) free(takeSpare());
    return false;
  }
  store<u32>(spares + (spareCount << 2), block);
  spareCount++;
  return true;
}

function takeSpare(): u32 {
  spareCount--;
  return load<u32>(spares + (spareCount << 2));
}

function insertSplitting(ranking: u32, score: f64, member: u32): i32 {
  if (!reserve(ranking)) return OUT_OF_MEMORY;
  if (!atIndex) raiseSeparator(ranking, score, member);
  // Inner nodes are taken from the end of the spares, the leaf is the first.
  const right = load<u32>(spares);
  const atEnd = atIndex == LEAF_CAPACITY && !leafNext(atLeaf);
  const split = splitPoint(atEnd);
  const left = atLeaf;
  moveTail(ranking, left, right, split);
  if (atIndex > split || split == LEAF_CAPACITY) {
    insertElement(right, atIndex - split, score, member);
  } else insertElement(left, atIndex, score, member);
  store<u32>(ranking, rankingCount(ranking) + 1, COUNT);
  linkSplit(ranking, left, right, atEnd);
  return 0;
}

/** How many elements of a full leaf stay: what comes in order packs it. */
function splitPoint(atEnd: bool): u32 {
  if (atEnd) return LEAF_CAPACITY;
  if (!atIndex && !leafPrevious(atLeaf)) return 0;
  return LEAF_CAPACITY >> 1;
}

/** Makes `right` the leaf behind `left`, with the elements from `split` on. */
function moveTail(ranking: u32, left: u32, right: u32, split: u32): void {
  const moved = LEAF_CAPACITY - split;
  copyElements(right, 0, left, split, moved);
  setNodeCount(right, moved);
  setNodeCount(left, split);
  const next = leafNext(left);
  setLeafNext(right, next);
  setLeafPrevious(right, left);
  setLeafNext(left, right);
  if (next) setLeafPrevious(next, right);
  else store<u32>(ranking, right, LAST);
}

/** Makes a leaf's new right half known above, splitting what is full. */
function linkSplit(ranking: u32, left: u32, right: u32, atEnd: bool): void {
  let leftCount = nodeCount(left);
  let rightCount = nodeCount(right);
  let score = scoreAt(right, 0);
  let member = leafMember(right, 0);
  let depth = heightOf(ranking);
  while (depth) {
    depth--;
    const node = pathNode(depth);
    const place = pathPlace(depth);
    setCountAt(node, place, leftCount);
    if (nodeCount(node) < INNER_CAPACITY) {
      insertChild(node, place + 1, right, score, member, rightCount);
      addToPath(depth, 1);
      return;
    }
    const half = takeSpare();
    splitInner(node, half, atEnd ? INNER_CAPACITY : INNER_CAPACITY >> 1);
    const stays = nodeCount(node);
    if (place + 1 > stays || stays == INNER_CAPACITY) {
      const at = place + 1 - stays;
      insertChild(half, at, right, score, member, rightCount);
    } else insertChild(node, place + 1, right, score, member, rightCount);
    left = node;
    right = half;
    leftCount = countBefore(left, nodeCount(left));
    rightCount = countBefore(right, nodeCount(right));
    score = scoreAt(right, 0);
    member = separatorMember(right, 0);
  }
  newRoot(ranking, left, leftCount, right, rightCount);
}

function splitInner(node: u32, half: u32, split: u32): void {
  copyChildren(half, 0, node, split, INNER_CAPACITY - split);
  setNodeCount(half, INNER_CAPACITY - split);
  setNodeCount(node, split);
}

function newRoot(
  ranking: u32,
  left: u32,
  leftCount: u32,
  right: u32,
  rightCount: u32,
): void {
  const root = takeSpare();
  const height = heightOf(ranking);
  setNodeCount(root, 0);
  appendChild(root, left, leftCount, height == 0);
  appendChild(root, right, rightCount, height == 0);
  store<u32>(ranking, root, ROOT);
  store<u32>(ranking, height + 1, HEIGHT);
}

function appendChild(
  root: u32,
  child: u32,
  elementCount: u32,
  isLeaf: bool,
): void {
  const member = isLeaf ? leafMember(child, 0) : separatorMember(child, 0);
  const score = scoreAt(child, 0);
  insertChild(root, nodeCount(root), child, score, member, elementCount);
}

// Removing.

/** Takes an element out, which must be there; its member is not freed. */
export function rankingRemove(ranking: u32, score: f64, member: u32): void {
  descendToElement(ranking, score, keyPtr(member), keyBytes(member));
  assert(leafMember(atLeaf, atIndex) == member);
  cutHere(ranking, 1);
}

/**
 * Takes up to `maxCount` elements out, from the position that `seekRank` has
 * just set to the end of its leaf at most; returns how many. No member is
 * looked at, so they may have been freed before.
 */
export function cutHere(ranking: u32, maxCount: u32): u32 {
  const leaf = atLeaf;
  const count = min<u32>(maxCount, nodeCount(leaf) - atIndex);
  const height = heightOf(ranking);
  store<u32>(ranking, rankingCount(ranking) - count, COUNT);
  addToPath(height, -count);
  removeElements(leaf, atIndex, count);
  const left = nodeCount(leaf);
  if (!left) {
    unlinkLeaf(ranking, leaf);
    dropChild(ranking, height);
    return count;
  }
  if (!atIndex) raiseSeparator(ranking, scoreAt(leaf, 0), leafMember(leaf, 0));
  if (left < LEAF_JOIN_BELOW && height) joinLeaf(ranking, height - 1);
  return count;
}

/** Takes a leaf out of the row of leaves and frees it. */
function unlinkLeaf(ranking: u32, leaf: u32): void {
  const next = leafNext(leaf);
  const previous = leafPrevious(leaf);
  if (next) setLeafPrevious(next, previous);
  else store<u32>(ranking, previous, LAST);
  if (previous) setLeafNext(previous, next);
  else store<u32>(ranking, next, FIRST);
  free(leaf);
}

/** The child of the way at `depth` has gone; so does every node it empties. */
function dropChild(ranking: u32, depth: u32): void {
  while (depth) {
    depth--;
    const node = pathNode(depth);
    const place = pathPlace(depth);
    removeChild(node, place);
    if (nodeCount(node)) {
      if (!place) raiseFrom(depth, scoreAt(node, 0), separatorMember(node, 0));
      joinInner(ranking, depth);
      return;
    }
    free(node);
  }
  store<u32>(ranking, 0, ROOT);
  store<u32>(ranking, 0, HEIGHT);
}

/** Joins `atLeaf`, whose parent is at `depth`, with a neighbour if they fit. */
function joinLeaf(ranking: u32, depth: u32): void {
  const parent = pathNode(depth);
  const place = joinPlace(parent, pathPlace(depth), LEAF_JOINED_MAX);
  if (place < 0) return;
  const left = childAt(parent, place);
  const right = childAt(parent, place + 1);
  const count = nodeCount(left);
  copyElements(left, count, right, 0, nodeCount(right));
  setNodeCount(left, count + nodeCount(right));
  unlinkLeaf(ranking, right);
  absorb(parent, place);
  joinInner(ranking, depth);
}

/** The same for the inner node at `depth`, if it has become small. */
function joinInner(ranking: u32, depth: u32): void {
  while (depth && nodeCount(pathNode(depth)) < INNER_JOIN_BELOW) {
    depth--;
    const parent = pathNode(depth);
    const place = joinPlace(parent, pathPlace(depth), INNER_JOINED_MAX);
    if (place < 0) break;
    const left = childAt(parent, place);
    const right = childAt(parent, place + 1);
    const count = nodeCount(left);
    copyChildren(left, count, right, 0, nodeCount(right));
    setNodeCount(left, count + nodeCount(right));
    free(right);
    absorb(parent, place);
  }
  lowerRoot(ranking);
}

/** The left one of two neighbours that together have room, or -1. */
function joinPlace(parent: u32, place: u32, maxCount: u32): i32 {
  const own = nodeCount(childAt(parent, place));
  if (place + 1 < nodeCount(parent)) {
    if (own + nodeCount(childAt(parent, place + 1)) <= maxCount) return place;
  }
  if (place && own + nodeCount(childAt(parent, place - 1)) <= maxCount) {
    return place - 1;
  }
  return -1;
}

/** The child behind `place` has been joined into the one at it. */
function absorb(parent: u32, place: u32): void {
  setCountAt(
    parent,
    place,
    countAt(parent, place) + countAt(parent, place + 1),
  );
  removeChild(parent, place + 1);
}

/** A root with one child gives way to it. */
function lowerRoot(ranking: u32): void {
  let height = heightOf(ranking);
  let root = load<u32>(ranking, ROOT);
  while (height && nodeCount(root) == 1) {
    const child = childAt(root, 0);
    free(root);
    root = child;
    height--;
  }
  store<u32>(ranking, root, ROOT);
  store<u32>(ranking, height, HEIGHT);
}

// Another score.

/**
 * Gives an element another score. Where that does not change the order, only
 * the number is written. OUT_OF_MEMORY leaves all as it was.
 */
export function rankingMove(
  ranking: u32,
  from: f64,
  to: f64,
  member: u32,
): i32 {
  descendToElement(ranking, from, keyPtr(member), keyBytes(member));
  assert(leafMember(atLeaf, atIndex) == member);
  if (staysInPlace(to, member)) {
    setScoreAt(atLeaf, atIndex, to);
    if (!atIndex) raiseSeparator(ranking, to, member);
    return 0;
  }
  if (rankingInsert(ranking, to, member) != 0) return OUT_OF_MEMORY;
  rankingRemove(ranking, from, member);
  return 0;
}

/** Whether the element at the position may have this score where it is. */
function staysInPlace(score: f64, member: u32): bool {
  const leaf = atLeaf;
  const index = atIndex;
  let other = index ? leaf : leafPrevious(leaf);
  if (other) {
    const place = index ? index - 1 : nodeCount(other) - 1;
    const near = scoreAt(other, place);
    if (near > score) return false;
    if (near == score && !precedes(leafMember(other, place), member)) {
      return false;
    }
  }
  const isLast = index + 1 == nodeCount(leaf);
  other = isLast ? leafNext(leaf) : leaf;
  if (!other) return true;
  const place = isLast ? 0 : index + 1;
  const near = scoreAt(other, place);
  return near > score ||
    (near == score && precedes(member, leafMember(other, place)));
}

function precedes(member: u32, other: u32): bool {
  return compareBytes(
    keyPtr(member),
    keyBytes(member),
    keyPtr(other),
    keyBytes(other),
  ) < 0;
}

// Taking apart.

/**
 * Frees the last leaf and what becomes empty above it; true as long as there is
 * more. The ranking can only be taken apart further then.
 */
export function rankingDrain(ranking: u32): bool {
  let node = load<u32>(ranking, ROOT);
  if (!node) return false;
  let depth = heightOf(ranking);
  for (let level: u32 = 0; level < depth; level++) {
    const place = nodeCount(node) - 1;
    setPath(level, node, place);
    node = childAt(node, place);
  }
  free(node);
  while (depth) {
    depth--;
    const parent = pathNode(depth);
    const place = pathPlace(depth);
    setNodeCount(parent, place);
    if (place) return true;
    free(parent);
  }
  rankingInit(ranking);
  return false;
}

/** Bytes of the nodes, as the allocator counts them. */
export function rankingBytes(ranking: u32): f64 {
  const root = load<u32>(ranking, ROOT);
  return root ? bytesBelow(root, heightOf(ranking)) : 0;
}

function bytesBelow(node: u32, height: u32): f64 {
  let sum = f64(usable(node));
  if (!height) return sum;
  const count = nodeCount(node);
  // Leaves are all of one size.
  if (height == 1) return sum + f64(count) * f64(usable(childAt(node, 0)));
  for (let i: u32 = 0; i < count; i++) {
    sum += bytesBelow(childAt(node, i), height - 1);
  }
  return sum;
}

// Proof.

let verifyLeaf: u32 = 0;
let verifyCode: i32 = 0;

/** 0, or the number of the invariant that is broken (see the top). */
export function verifyRanking(ranking: u32): i32 {
  const root = load<u32>(ranking, ROOT);
  const first = load<u32>(ranking, FIRST);
  if (!root) {
    if (rankingCount(ranking)) return 4;
    return first || load<u32>(ranking, LAST) || heightOf(ranking) ? 5 : 0;
  }
  if (heightOf(ranking) && nodeCount(root) < 2) return 2;
  verifyLeaf = 0;
  verifyCode = 0;
  const count = verifyBelow(root, heightOf(ranking));
  if (verifyCode) return verifyCode;
  if (verifyLeaf != load<u32>(ranking, LAST) || leafNext(verifyLeaf)) return 5;
  if (count != rankingCount(ranking)) return 4;
  let leaf = root;
  for (let level = heightOf(ranking); level; level--) leaf = childAt(leaf, 0);
  return leaf == first ? 0 : 5;
}

/** Proves a part of the tree; returns how many elements it has. */
function verifyBelow(node: u32, height: u32): u32 {
  const count = nodeCount(node);
  if (!count || count > (height ? INNER_CAPACITY : LEAF_CAPACITY)) {
    verifyCode = 2;
    return 0;
  }
  if (!height) return verifyLeafOf(node);
  let sum: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const child = childAt(node, i);
    const below = verifyBelow(child, height - 1);
    if (verifyCode) return 0;
    if (below != countAt(node, i)) verifyCode = 4;
    const first = height == 1
      ? leafMember(child, 0)
      : separatorMember(child, 0);
    if (first != separatorMember(node, i)) verifyCode = 3;
    if (scoreAt(child, 0) != scoreAt(node, i)) verifyCode = 3;
    sum += below;
  }
  return sum;
}

function verifyLeafOf(leaf: u32): u32 {
  if (leafPrevious(leaf) != verifyLeaf) verifyCode = 5;
  if (verifyLeaf) {
    if (leafNext(verifyLeaf) != leaf) verifyCode = 5;
    const last = nodeCount(verifyLeaf) - 1;
    if (!ascends(verifyLeaf, last, leaf, 0)) verifyCode = 1;
  }
  const count = nodeCount(leaf);
  for (let i: u32 = 1; i < count; i++) {
    if (!ascends(leaf, i - 1, leaf, i)) verifyCode = 1;
  }
  verifyLeaf = leaf;
  return count;
}

function ascends(a: u32, aIndex: u32, b: u32, bIndex: u32): bool {
  const low = scoreAt(a, aIndex);
  const high = scoreAt(b, bIndex);
  if (low != high) return low < high;
  return precedes(leafMember(a, aIndex), leafMember(b, bIndex));
}
