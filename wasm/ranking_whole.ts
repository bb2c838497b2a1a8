// A ranking (ranking.ts) as a whole: what it takes, and taking it apart.

import { free, usable } from "./allocator";
import { childAt, nodeCount, setNodeCount } from "./ranking_node";
import {
  heightOf,
  pathNode,
  pathPlace,
  rankingInit,
  ROOT,
  setPath,
} from "./ranking_way";

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
