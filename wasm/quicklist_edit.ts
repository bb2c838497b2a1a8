// Changes inside of a quicklist: insertion, which splits full nodes and merges
// small neighbours, replacement, and taking elements off an end.
//
// Whatever needs memory comes first; without it, OUT_OF_MEMORY, and the list
// has the elements that it had. Callers name a place by its node and its index
// in there (`seekNode`).

import { OUT_OF_MEMORY } from "./codes";
import {
  listpackEnd,
  listpackFirst,
  listpackSeek,
  readBytes,
  viewElement,
} from "./listpack";
import {
  listpackDelete,
  listpackInsert,
  listpackMerge,
  listpackPrepend,
  listpackReplace,
} from "./listpack_edit";
import {
  addToCount,
  exceedsFill,
  linkNode,
  nodeTakes,
  quicklistCount,
  quicklistDepth,
  quicklistFill,
  removeFrom,
  seekIndex,
  seekNode,
  settle,
  takeBeside,
  unlinkNode,
} from "./quicklist";
import {
  changeNode,
  closeNode,
  copyNode,
  elementNode,
  expandNode,
  freeNode,
  isLargeElement,
  isPlain,
  nextNode,
  nodeBlock,
  nodeBytes,
  nodeCount,
  openNode,
  previousNode,
  replacePlain,
  setNodeBlock,
  setNodeCount,
} from "./quicklist_node";

/** Header and end mark, of which a merged listpack has one less. */
const LISTPACK_FRAME_BYTES: u32 = 7;

/**
 * Inserts an element in front of the one at `index` of a node, or behind the
 * node's last one when the index is their count: 0 or OUT_OF_MEMORY.
 */
export function quicklistInsert(
  list: u32,
  node: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  hasSplit = false;
  const code = insertAt(list, node, index, ptr, byteCount);
  if (code < 0) return code;
  if (hasSplit && !isLargeElement(byteCount)) node = mergeAround(list, node);
  settleAround(list, node);
  return 0;
}

/** Whether the last `insertAt` cut a node in two. */
let hasSplit: bool = false;

/** The same without a look at compression and neighbours. */
function insertAt(
  list: u32,
  node: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  if (nodeTakes(list, node, byteCount)) {
    return insertInto(list, node, index, ptr, byteCount);
  }
  if (index && index < nodeCount(node)) {
    return insertSplitting(list, node, index, ptr, byteCount);
  }
  const beside = index ? nextNode(node) : previousNode(node);
  if (nodeTakes(list, beside, byteCount)) {
    const end = index ? 0 : nodeCount(beside);
    return insertInto(list, beside, end, ptr, byteCount);
  }
  const fresh = elementNode(ptr, byteCount);
  if (!fresh) return OUT_OF_MEMORY;
  linkNode(list, index ? node : beside, fresh);
  addToCount(list, 1);
  return 0;
}

function insertInto(
  list: u32,
  node: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  if (!changeNode(node)) return OUT_OF_MEMORY;
  const lp = nodeBlock(node);
  const count = nodeCount(node);
  const at = index == count ? listpackEnd(lp) : listpackSeek(lp, index);
  const grown = listpackInsert(lp, at, ptr, byteCount);
  if (!grown) return OUT_OF_MEMORY;
  setNodeBlock(node, grown);
  setNodeCount(node, count + 1);
  addToCount(list, 1);
  return 0;
}

/** What lies from `index` on goes to a new node behind, the element first. */
function insertSplitting(
  list: u32,
  node: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  const rest = changeNode(node) ? copyNode(node) : 0;
  if (!rest) return OUT_OF_MEMORY;
  keepFrom(rest, index);
  let fresh: u32 = 0;
  if (isLargeElement(byteCount)) {
    fresh = elementNode(ptr, byteCount);
    if (!fresh) {
      freeNode(rest);
      return OUT_OF_MEMORY;
    }
  } else {
    const grown = listpackPrepend(nodeBlock(rest), ptr, byteCount);
    if (!grown) {
      freeNode(rest);
      return OUT_OF_MEMORY;
    }
    setNodeBlock(rest, grown);
    setNodeCount(rest, nodeCount(rest) + 1);
  }
  keepUntil(node, index);
  linkNode(list, node, rest);
  if (fresh) linkNode(list, node, fresh);
  addToCount(list, 1);
  hasSplit = true;
  return 0;
}

/** Deletes the elements of an expanded node in front of `index`. */
function keepFrom(node: u32, index: u32): void {
  const lp = nodeBlock(node);
  setNodeBlock(node, listpackDelete(lp, listpackFirst(lp), index));
  setNodeCount(node, nodeCount(node) - index);
}

/** Deletes the others. */
function keepUntil(node: u32, index: u32): void {
  const lp = nodeBlock(node);
  const count = nodeCount(node) - index;
  setNodeBlock(node, listpackDelete(lp, listpackSeek(lp, index), count));
  setNodeCount(node, index);
}

/**
 * Merges the nodes around one that was split, as far as they go together:
 * those before it, those behind it, then what is left with it. Returns the
 * node that it is in now.
 */
function mergeAround(list: u32, node: u32): u32 {
  const previous = previousNode(node);
  if (previous) mergeNext(list, previousNode(previous));
  mergeNext(list, nextNode(node));
  const before = previousNode(node);
  if (mergeNext(list, before)) node = before;
  mergeNext(list, node);
  return node;
}

/** Appends the next node's elements to a node (or 0), if both are small. */
function mergeNext(list: u32, node: u32): bool {
  const next = node ? nextNode(node) : 0;
  if (!next || isPlain(node) || isPlain(next)) return false;
  const count = nodeCount(node) + nodeCount(next);
  const byteCount = u64(nodeBytes(node)) + nodeBytes(next) -
    LISTPACK_FRAME_BYTES;
  if (exceedsFill(quicklistFill(list), byteCount, count)) return false;
  const block = changeNode(node) ? openNode(next) : 0;
  const merged = block ? listpackMerge(nodeBlock(node), block) : 0;
  closeNode();
  if (!merged) return false;
  setNodeBlock(node, merged);
  setNodeCount(node, count);
  unlinkNode(list, next);
  freeNode(next);
  return true;
}

/** So many nodes from the one before a changed node on may be new. */
const TOUCHED_NODES: u32 = 4;

/** Brings compression in line around a node that was changed. */
function settleAround(list: u32, node: u32): void {
  if (!quicklistDepth(list)) return;
  let at = previousNode(node);
  if (!at) at = node;
  for (let left = TOUCHED_NODES; left && at; left--) {
    settle(list, at);
    at = nextNode(at);
  }
}

/** Replaces the element at `index` of a node: 0 or OUT_OF_MEMORY. */
export function quicklistReplace(
  list: u32,
  node: u32,
  index: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  if (isPlain(node) && isLargeElement(byteCount)) {
    if (!replacePlain(node, ptr, byteCount)) return OUT_OF_MEMORY;
    settle(list, node);
    return 0;
  }
  if (!changeNode(node)) return OUT_OF_MEMORY;
  if (canReplace(list, node, index, byteCount)) {
    const lp = nodeBlock(node);
    const at = listpackSeek(lp, index);
    const fresh = listpackReplace(lp, at, ptr, byteCount);
    if (!fresh) return OUT_OF_MEMORY;
    setNodeBlock(node, fresh);
    settle(list, node);
    return 0;
  }
  // Nothing is compressed before the old element has gone, which cannot fail.
  const code = insertAt(list, node, index + 1, ptr, byteCount);
  if (code < 0) return code;
  const next = nextNode(node);
  const lp = nodeBlock(node);
  const at = isPlain(node) ? 0 : listpackSeek(lp, index);
  settleAround(list, removeFrom(list, node, at, 1) ? node : next);
  return 0;
}

/** Whether an element of a node may get so many bytes where it is. */
function canReplace(list: u32, node: u32, index: u32, byteCount: u32): bool {
  if (isPlain(node) || isLargeElement(byteCount)) return false;
  const count = nodeCount(node);
  if (count == 1) return true;
  viewElement(listpackSeek(nodeBlock(node), index));
  if (byteCount <= readBytes) return true;
  const grown = u64(nodeBytes(node)) + u64(byteCount - readBytes);
  return !exceedsFill(quicklistFill(list), grown, count);
}

/** Nodes taken out by `quicklistShorten` as a list to be freed, or 0. */
export let shortenedBy: u32 = 0;

/**
 * Takes elements off an end, fewer than all: 0 or OUT_OF_MEMORY. The caller
 * frees `shortenedBy` and settles.
 */
export function quicklistShorten(list: u32, count: u32, atHead: bool): i32 {
  shortenedBy = 0;
  if (!count) return 0;
  const node = keeperOf(list, count, atHead);
  const part = atHead ? seekIndex : nodeCount(node) - seekIndex - 1;
  if (part) {
    if (!expandNode(node)) return OUT_OF_MEMORY;
    const from = atHead ? 0 : seekIndex + 1;
    removeFrom(list, node, listpackSeek(nodeBlock(node), from), part);
  }
  shortenedBy = takeBeside(list, node, count - part, atHead);
  return 0;
}

/** The node at this end when so many elements have gone. */
function keeperOf(list: u32, count: u32, atHead: bool): u32 {
  const total = quicklistCount(list);
  assert(count < total);
  return seekNode(list, atHead ? count : total - count - 1);
}

/**
 * Makes sure that elements can be taken off both ends; false without memory.
 * It holds until something settles.
 */
export function prepareShorten(list: u32, atHead: u32, atTail: u32): bool {
  return expandNode(keeperOf(list, atHead, true)) &&
    expandNode(keeperOf(list, atTail, false));
}
