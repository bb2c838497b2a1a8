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
// This file is the ranking's face, and looks for elements. The others put them
// in (ranking_insert.ts), take them out (ranking_remove.ts), give them another
// score (ranking_move.ts), take it all apart (ranking_whole.ts) and prove the
// invariants (ranking_proof.ts); all go the same way down (ranking_way.ts).
//
// A position is a leaf and an index in it (`atLeaf`, `atIndex`), and holds until
// the next change.

import { keyBytes, keyPtr } from "./entry";
import {
  childAt,
  countAt,
  countBefore,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  probeByName,
  probeByScore,
  scoreAt,
} from "./ranking_node";
import {
  atIndex,
  atLeaf,
  descend,
  descendToElement,
  heightOf,
  pathNode,
  pathPlace,
  rankingCount,
  ROOT,
  setPath,
  setPosition,
} from "./ranking_way";

export { rankingAppend, rankingInsert } from "./ranking_insert";
export { rankingMove } from "./ranking_move";
export {
  compareBytes,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  scoreAt,
} from "./ranking_node";
export { verifyRanking } from "./ranking_proof";
export { cutHere, rankingRemove } from "./ranking_remove";
export {
  atIndex,
  atLeaf,
  RANKING_BYTES,
  rankingCount,
  rankingFirst,
  rankingInit,
} from "./ranking_way";
export { rankingBytes, rankingDrain } from "./ranking_whole";

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
  setPosition(next, 0);
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
  setPosition(node, rank);
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
  const index = atIndex + 1;
  if (index < nodeCount(atLeaf)) {
    setPosition(atLeaf, index);
    return true;
  }
  setPosition(leafNext(atLeaf), 0);
  return atLeaf != 0;
}

/** To the element before it. */
// @ts-ignore: decorator
@inline
export function stepBack(): bool {
  if (atIndex) {
    setPosition(atLeaf, atIndex - 1);
    return true;
  }
  const leaf = leafPrevious(atLeaf);
  setPosition(leaf, leaf ? nodeCount(leaf) - 1 : 0);
  return leaf != 0;
}
