// What everything around a ranking (ranking.ts) shares: its control block, and
// the way from its root to the position, which a descent leaves behind.

import { keyBytes, keyPtr } from "./entry";
import {
  childAt,
  childBound,
  compareBytes,
  countAt,
  leafBound,
  probeElement,
  setCountAt,
  setSeparator,
} from "./ranking_node";

/** A root splits only after 25 times the inserts of the split before. */
export const HEIGHT_MAX: u32 = 16;

export const ROOT: usize = 0;
export const HEIGHT: usize = 4;
export const FIRST: usize = 8;
export const LAST: usize = 12;
export const COUNT: usize = 16;
export const RANKING_BYTES: u32 = 24;

/** Where the last search ended. */
export let atLeaf: u32 = 0;
export let atIndex: u32 = 0;

// The way from the root to `atLeaf`: inner nodes and places of children.
const pathNodes: u32 = u32(memory.data(64, 4));
const pathPlaces: u32 = u32(memory.data(64, 4));

// @ts-ignore: decorator
@inline
export function pathNode(depth: u32): u32 {
  return load<u32>(pathNodes + (depth << 2));
}

// @ts-ignore: decorator
@inline
export function pathPlace(depth: u32): u32 {
  return load<u32>(pathPlaces + (depth << 2));
}

// @ts-ignore: decorator
@inline
export function setPath(depth: u32, node: u32, place: u32): void {
  store<u32>(pathNodes + (depth << 2), node);
  store<u32>(pathPlaces + (depth << 2), place);
}

// @ts-ignore: decorator
@inline
export function heightOf(ranking: u32): u32 {
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

/** Makes an element the position, or a leaf's end. */
// @ts-ignore: decorator
@inline
export function setPosition(leaf: u32, index: u32): void {
  atLeaf = leaf;
  atIndex = index;
}

/**
 * Goes down to the leaf of the probe. With `orEqual` the position is behind the
 * elements that equal it, else before them; it may be a leaf's end. The way of
 * a whole element leads to the leaf that holds it.
 */
// @ts-ignore: decorator
@inline
export function descend(ranking: u32, innerOrEqual: bool, orEqual: bool): void {
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

export function descendToElement(
  ranking: u32,
  score: f64,
  ptr: u32,
  n: u32,
): void {
  probeElement(score, ptr, n);
  descend(ranking, true, false);
}

/** So many elements more below the first `depthEnd` nodes of the way. */
export function addToPath(depthEnd: u32, count: u32): void {
  for (let depth: u32 = 0; depth < depthEnd; depth++) {
    const node = pathNode(depth);
    const place = pathPlace(depth);
    setCountAt(node, place, countAt(node, place) + count);
  }
}

/** The first element of `atLeaf` is another one: so are separators above. */
export function raiseSeparator(ranking: u32, score: f64, member: u32): void {
  raiseFrom(heightOf(ranking), score, member);
}

/** The same for the node at `depth` of the way. */
export function raiseFrom(depth: u32, score: f64, member: u32): void {
  while (depth--) {
    const place = pathPlace(depth);
    setSeparator(pathNode(depth), place, score, member);
    if (place) return;
  }
}

/** Whether a member stands before another one with the same score. */
export function precedes(member: u32, other: u32): bool {
  return compareBytes(
    keyPtr(member),
    keyBytes(member),
    keyPtr(other),
    keyBytes(other),
  ) < 0;
}
