// Taking elements out of a ranking (ranking.ts), and joining what has become
// small. It needs no memory and cannot fail.

import { free } from "./allocator";
import { keyBytes, keyPtr } from "./entry";
import {
  childAt,
  copyChildren,
  copyElements,
  countAt,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  removeChild,
  removeElements,
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
  heightOf,
  LAST,
  pathNode,
  pathPlace,
  raiseFrom,
  raiseSeparator,
  rankingCount,
  ROOT,
} from "./ranking_way";

/** A leaf or node with fewer looks for a neighbour to join. */
const LEAF_JOIN_BELOW: u32 = 10;
const INNER_JOIN_BELOW: u32 = 12;
/** Joined ones leave room, lest the next insert split them again. */
const LEAF_JOINED_MAX: u32 = 32;
const INNER_JOINED_MAX: u32 = 40;

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
