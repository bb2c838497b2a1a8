// Putting elements into a ranking (ranking.ts), and splitting what is full.
//
// All nodes that a split needs are allocated before anything changes.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import {
  childAt,
  copyChildren,
  copyElements,
  countBefore,
  INNER_BYTES,
  INNER_CAPACITY,
  insertChild,
  insertElement,
  LEAF_BYTES,
  LEAF_CAPACITY,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  scoreAt,
  separatorMember,
  setCountAt,
  setLeafNext,
  setLeafPrevious,
  setNodeCount,
} from "./ranking_node";
import {
  addToPath,
  atIndex,
  atLeaf,
  COUNT,
  descendToElement,
  FIRST,
  HEIGHT,
  HEIGHT_MAX,
  heightOf,
  LAST,
  pathNode,
  pathPlace,
  raiseSeparator,
  rankingCount,
  ROOT,
  setPath,
  setPosition,
} from "./ranking_way";

/** Nodes allocated before a change that needs them. */
const spares: u32 = u32(memory.data(72, 4));
let spareCount: u32 = 0;

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
  setPosition(node, nodeCount(node));
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
