// Proof that a ranking keeps its invariants (ranking.ts has their list).

import {
  childAt,
  countAt,
  INNER_CAPACITY,
  LEAF_CAPACITY,
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  scoreAt,
  separatorMember,
} from "./ranking_node";
import {
  FIRST,
  heightOf,
  LAST,
  precedes,
  rankingCount,
  ROOT,
} from "./ranking_way";

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
