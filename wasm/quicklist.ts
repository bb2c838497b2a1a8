// Quicklists: long lists as a chain of listpacks of limited size.
//
//   control block:  u8 kind | u8 0 | u16 0 | u32 next grave      as value.ts says
//   +8   u32 head    +12  u32 tail        nodes, see quicklist_node.ts
//   +16  u32 count of elements
//   +20  i16 fill    +22  u16 depth
//
// `fill` is list-max-listpack-size when the list became a quicklist: positive,
// the most elements of a node; negative, its most bytes by class. `depth` is
// list-compress-depth: so many nodes at each end are never compressed, and 0
// means that none is.
//
// Invariants (verifyQuicklist returns the number): 1. head and tail are 0 when
// the list is empty, else the nodes without a previous and a next one; 2. next
// and previous name each other; 3. no node is empty and a plain one has one
// element; 4. a node's count is that of its listpack; 5. count is the sum;
// 10 + n: invariant n of a node's own.
//
// A list owns its nodes. An operation that is told `ptr` and `byteCount` of an
// element reads them last of all and they must not lie in the list.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { listpackCount } from "./listpack";
import {
  listpackAppend,
  listpackDelete,
  listpackPrepend,
} from "./listpack_edit";
import {
  changeNode,
  compressNode,
  copyNode,
  elementNode,
  expandNode,
  forgetNode,
  freeNode,
  isCompressed,
  isLargeElement,
  isPlain,
  nextNode,
  nodeBlock,
  nodeBytes,
  nodeChanges,
  nodeCount,
  nodeFootprint,
  packedNode,
  previousNode,
  setNextNode,
  setNodeBlock,
  setNodeCount,
  setPreviousNode,
  verifyNode,
} from "./quicklist_node";

const HEAD: usize = 8;
const TAIL: usize = 12;
const COUNT: usize = 16;
const FILL: usize = 20;
const DEPTH: usize = 22;
const QUICKLIST_BYTES: u32 = 24;

const FILL_MAX: i32 = 32767;
const DEPTH_MAX: u32 = 65535;

// The limits of a node.

/** Bytes of a node by class: 4, 8, 16, 32 and 64 KiB for -1 to -5. */
const CLASS_BYTES: u32 = 4096;
const CLASS_MAX: i32 = 5;
/** The bytes of a node that is limited by its elements. */
const COUNTED_BYTES_MAX: u32 = 8192;
/** What an element is taken to need beside its bytes. */
const ELEMENT_OVERHEAD: u32 = 8;
const NO_LIMIT: u32 = u32.MAX_VALUE;

/** The most bytes of a node; NO_LIMIT when it is limited by its elements. */
function fillBytes(fill: i32): u32 {
  if (fill >= 0) return NO_LIMIT;
  return CLASS_BYTES << u32(-max(fill, -CLASS_MAX) - 1);
}

/** Whether a node of such a size would be too large. */
// @ts-ignore: decorator
@inline
export function exceedsFill(fill: i32, byteCount: u64, count: u32): bool {
  if (fill < 0) return byteCount > u64(fillBytes(fill));
  return byteCount > u64(COUNTED_BYTES_MAX) || count > u32(max(fill, 1));
}

/** Whether a node is at most half as large as `fill` allows. */
function fillsHalf(fill: i32, byteCount: u32, count: u32): bool {
  const countLimit = fill < 0 ? NO_LIMIT : u32(max(fill, 1));
  return byteCount <= fillBytes(fill) >> 1 && count <= countLimit >> 1;
}

// @ts-ignore: decorator
@inline
function takesElement(list: u32, node: u32, byteCount: u32): bool {
  if (!node || isPlain(node) || isLargeElement(byteCount)) return false;
  const grown = u64(nodeBytes(node)) + u64(byteCount) + ELEMENT_OVERHEAD;
  return !exceedsFill(quicklistFill(list), grown, nodeCount(node) + 1);
}

/** Whether one more element of so many bytes may go into a node (or 0). */
export function nodeTakes(list: u32, node: u32, byteCount: u32): bool {
  return takesElement(list, node, byteCount);
}

// Making and looking.

/** An empty list, 0 without memory. */
export function quicklistNew(fill: i32, depth: u32): u32 {
  const list = alloc(QUICKLIST_BYTES);
  if (!list) return 0;
  memory.fill(list, 0, QUICKLIST_BYTES);
  store<i16>(list, max(min(fill, FILL_MAX), -CLASS_MAX), FILL);
  store<u16>(list, min(depth, DEPTH_MAX), DEPTH);
  return list;
}

/** Makes a listpack the only node of an empty list; false without memory. */
export function quicklistAdopt(list: u32, lp: u32): bool {
  const node = packedNode(lp, listpackCount(lp));
  if (!node) return false;
  linkNode(list, 0, node);
  store<u32>(list, nodeCount(node), COUNT);
  return true;
}

// @ts-ignore: decorator
@inline
export function quicklistCount(list: u32): u32 {
  return load<u32>(list, COUNT);
}

// @ts-ignore: decorator
@inline
export function quicklistHead(list: u32): u32 {
  return load<u32>(list, HEAD);
}

// @ts-ignore: decorator
@inline
export function quicklistTail(list: u32): u32 {
  return load<u32>(list, TAIL);
}

// @ts-ignore: decorator
@inline
export function quicklistEnd(list: u32, atHead: bool): u32 {
  return atHead ? quicklistHead(list) : quicklistTail(list);
}

// @ts-ignore: decorator
@inline
export function quicklistFill(list: u32): i32 {
  return load<i16>(list, FILL);
}

// @ts-ignore: decorator
@inline
export function quicklistDepth(list: u32): u32 {
  return load<u16>(list, DEPTH);
}

// @ts-ignore: decorator
@inline
export function addToCount(list: u32, change: i32): void {
  store<u32>(list, quicklistCount(list) + change, COUNT);
}

/** The element that `seekNode` found: at this place of the node. */
export let seekIndex: u32 = 0;

/** The node with the element at an index, which must be in the list. */
export function seekNode(list: u32, index: u32): u32 {
  const count = quicklistCount(list);
  if (index < count >> 1) {
    let node = quicklistHead(list);
    for (; index >= nodeCount(node); node = nextNode(node)) {
      index -= nodeCount(node);
    }
    seekIndex = index;
    return node;
  }
  let behind = count - index;
  let node = quicklistTail(list);
  for (; behind > nodeCount(node); node = previousNode(node)) {
    behind -= nodeCount(node);
  }
  seekIndex = nodeCount(node) - behind;
  return node;
}

// Linking. Counts of elements are the caller's.

/** Puts a node behind another one, in front of all for 0. */
export function linkNode(list: u32, previous: u32, node: u32): void {
  const next = previous ? nextNode(previous) : quicklistHead(list);
  setPreviousNode(node, previous);
  setNextNode(node, next);
  setForward(list, previous, node);
  setBackward(list, next, node);
}

/** Takes a node out. */
export function unlinkNode(list: u32, node: u32): void {
  setForward(list, previousNode(node), nextNode(node));
  setBackward(list, nextNode(node), previousNode(node));
}

// @ts-ignore: decorator
@inline
function setForward(list: u32, node: u32, next: u32): void {
  if (node) setNextNode(node, next);
  else store<u32>(list, next, HEAD);
}

// @ts-ignore: decorator
@inline
function setBackward(list: u32, node: u32, previous: u32): void {
  if (node) setPreviousNode(node, previous);
  else store<u32>(list, previous, TAIL);
}

/**
 * Brings compression in line after `node` was changed or came in, or with 0
 * after a node went: the ends are expanded as deep as the list says, and what
 * has just come to lie deeper is compressed. Without memory it stays as it is.
 */
// @ts-ignore: decorator
@inline
export function settle(list: u32, node: u32): void {
  if (quicklistDepth(list)) settleDeep(list, node);
}

function settleDeep(list: u32, node: u32): void {
  let front = quicklistHead(list);
  let back = quicklistTail(list);
  if (!front) return;
  let isOuter = false;
  for (let left = quicklistDepth(list); left; left--) {
    expandNode(front);
    expandNode(back);
    if (front == node || back == node) isOuter = true;
    if (front == back || nextNode(front) == back) return;
    front = nextNode(front);
    back = previousNode(back);
  }
  if (node && !isOuter) compressNode(node);
  // One change makes two nodes at most: so many others lie deeper by that.
  compressNode(front);
  compressNode(back);
  if (front == back || nextNode(front) == back) return;
  compressNode(nextNode(front));
  compressNode(previousNode(back));
}

// The ends.

/**
 * Adds an element in front of all or behind all: 0 or OUT_OF_MEMORY. When that
 * made a new node, the caller settles it.
 */
export function quicklistPush(
  list: u32,
  ptr: u32,
  byteCount: u32,
  atHead: bool,
): i32 {
  const end = quicklistEnd(list, atHead);
  if (takesElement(list, end, byteCount)) {
    if (!changeNode(end)) return OUT_OF_MEMORY;
    const lp = nodeBlock(end);
    const grown = atHead
      ? listpackPrepend(lp, ptr, byteCount)
      : listpackAppend(lp, ptr, byteCount);
    if (!grown) return OUT_OF_MEMORY;
    setNodeBlock(end, grown);
    setNodeCount(end, nodeCount(end) + 1);
    addToCount(list, 1);
    return 0;
  }
  const node = elementNode(ptr, byteCount);
  if (!node) return OUT_OF_MEMORY;
  linkNode(list, atHead ? 0 : end, node);
  addToCount(list, 1);
  return 0;
}

/**
 * Removes so many elements from the address `at` of an expanded node on. False
 * when that was all of the node, which is gone then; the caller settles.
 */
export function removeFrom(list: u32, node: u32, at: u32, count: u32): bool {
  const had = nodeCount(node);
  if (count >= had) {
    addToCount(list, -i32(had));
    unlinkNode(list, node);
    freeNode(node);
    return false;
  }
  nodeChanges(node);
  setNodeBlock(node, listpackDelete(nodeBlock(node), at, count));
  setNodeCount(node, had - count);
  addToCount(list, -i32(count));
  return true;
}

/**
 * Takes all nodes in front of `node` out, or all behind it, which together have
 * `count` elements. Returns them as a list of their own for the caller to free,
 * or 0 when they are freed already.
 */
export function takeBeside(
  list: u32,
  node: u32,
  count: u32,
  atHead: bool,
): u32 {
  if (!count) return 0;
  const first = atHead ? quicklistHead(list) : nextNode(node);
  const last = atHead ? previousNode(node) : quicklistTail(list);
  addToCount(list, -i32(count));
  if (atHead) {
    setPreviousNode(node, 0);
    store<u32>(list, node, HEAD);
  } else {
    setNextNode(node, 0);
    store<u32>(list, node, TAIL);
  }
  setPreviousNode(first, 0);
  setNextNode(last, 0);
  const taken = first == last ? 0 : quicklistNew(0, 0);
  if (taken) {
    store<u32>(taken, first, HEAD);
    store<u32>(taken, last, TAIL);
    store<u32>(taken, count, COUNT);
  } else freeChain(first);
  return taken;
}

function freeChain(node: u32): void {
  while (node) {
    const next = nextNode(node);
    freeNode(node);
    node = next;
  }
}

// The whole list.

/** Takes a list's only node out and frees the list; returns the node's block. */
export function onlyBlock(list: u32): u32 {
  const node = quicklistHead(list);
  nodeChanges(node);
  const block = nodeBlock(node);
  forgetNode(node);
  free(list);
  return block;
}

/**
 * Frees nodes from the head on until they had `maxCount` elements; returns how
 * many. Fewer than `maxCount` means that the list itself is freed too.
 */
export function quicklistDrain(list: u32, maxCount: u32): u32 {
  let freedCount: u32 = 0;
  let node = quicklistHead(list);
  while (node && freedCount < maxCount) {
    const next = nextNode(node);
    freedCount += nodeCount(node);
    freeNode(node);
    node = next;
  }
  store<u32>(list, node, HEAD);
  addToCount(list, -i32(freedCount));
  if (freedCount < maxCount) free(list);
  return freedCount;
}

/** A copy with the same nodes, 0 without memory. */
export function quicklistCopy(list: u32): u32 {
  const copy = quicklistNew(quicklistFill(list), quicklistDepth(list));
  if (!copy) return 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    const same = copyNode(node);
    if (!same) {
      quicklistDrain(copy, NO_LIMIT);
      return 0;
    }
    linkNode(copy, quicklistTail(copy), same);
    addToCount(copy, nodeCount(same));
  }
  return copy;
}

/** How many nodes there are: O(nodes). */
export function quicklistNodeCount(list: u32): u32 {
  let count: u32 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) count++;
  return count;
}

/** What the allocator counts for all nodes. */
export function nodesFootprint(list: u32): f64 {
  let sum: f64 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    sum += f64(nodeFootprint(node));
  }
  return sum;
}

/** Whether nothing but a small listpack would be left of the list. */
export function isNearlyListpack(list: u32, fill: i32): bool {
  const node = quicklistHead(list);
  if (!node || nextNode(node) || isPlain(node) || isCompressed(node)) {
    return false;
  }
  return fillsHalf(fill, nodeBytes(node), nodeCount(node));
}

/** 0, or the number of the invariant that is broken (see the top). */
export function verifyQuicklist(list: u32): i32 {
  let previous: u32 = 0;
  let count: u32 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    if (previousNode(node) != previous) return 2;
    const own = nodeCount(node);
    if (!own || isPlain(node) && own != 1) return 3;
    const broken = verifyNode(node);
    if (broken) return 10 + broken;
    if (!isCompressed(node) && !isPlain(node)) {
      if (listpackCount(nodeBlock(node)) != own) return 4;
    }
    count += own;
    previous = node;
  }
  if (quicklistTail(list) != previous) return 1;
  return count == quicklistCount(list) ? 0 : 5;
}
