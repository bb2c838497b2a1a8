// Giving an element of a ranking (ranking.ts) another score.

import { OUT_OF_MEMORY } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import { rankingInsert } from "./ranking_insert";
import {
  leafMember,
  leafNext,
  leafPrevious,
  nodeCount,
  scoreAt,
  setScoreAt,
} from "./ranking_node";
import { rankingRemove } from "./ranking_remove";
import {
  atIndex,
  atLeaf,
  descendToElement,
  precedes,
  raiseSeparator,
} from "./ranking_way";

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
