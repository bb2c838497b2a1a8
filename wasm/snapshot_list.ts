// Frozen lists: what a snapshot still has to record of a list, node by node.
//
//   nodes ->  u32 node | OWNED for each node, 0 once it is done with
//
// A node knows its word there (its place, quicklist_node.ts). When its elements
// are about to change, a copy takes its place; when it is dropped from the list,
// or the list is freed, it is kept. Both are the snapshot's then (OWNED). So
// the list may do what it likes, change its form or go, and no one looks for
// anything. Making the words takes a few nanoseconds for each node of 8 KiB.

import { alloc } from "./allocator";
import { quicklistHead, quicklistNodeCount } from "./quicklist";
import {
  copyNode,
  freeNode,
  nextNode,
  nodePlace,
  setNodePlace,
} from "./quicklist_node";
import {
  failSlot,
  isRunning,
  SLOT_COUNT,
  slotAt,
  slotIndex,
} from "./snapshot_slot";

const OWNED: u32 = 1;

/** The words of the list that was frozen last. */
export let frozenNodes: u32 = 0;

/** Freezes a list; returns how many nodes it has, 0 without memory. */
export function freezeNodes(slot: u32, list: u32): u32 {
  const count = quicklistNodeCount(list);
  frozenNodes = alloc(count << 2);
  if (!frozenNodes) return 0;
  const index = slotIndex(slot);
  let place = frozenNodes;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    store<u32>(place, node);
    setNodePlace(node, index, place);
    place += 4;
  }
  return count;
}

/** The node at a place, 0 when there was no memory for it. */
// @ts-ignore: decorator
@inline
export function nodeAt(nodes: u32, index: u32): u32 {
  return load<u32>(nodes + (index << 2)) & ~OWNED;
}

/** A snapshot has done with a node. */
export function leaveNode(slot: u32, nodes: u32, index: u32): void {
  const word = load<u32>(nodes + (index << 2));
  if (word & OWNED) freeNode(word & ~OWNED);
  else if (word) setNodePlace(word, slotIndex(slot), 0);
}

/** The elements of a node are about to change: copies take its places. */
export function beforeChangeOfNode(node: u32): void {
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const place = nodePlace(node, i);
    if (place) putCopy(i, place, node);
  }
}

/** A node is to be freed: true when a snapshot keeps it. */
export function keepsWholeNode(node: u32): bool {
  let keeper: u32 = 0;
  for (let i: u32 = 0; i < SLOT_COUNT; i++) {
    const place = nodePlace(node, i);
    if (!place) continue;
    if (keeper || !isRunning(slotAt(i))) {
      putCopy(i, place, node);
      continue;
    }
    keeper = place;
    setNodePlace(node, i, 0);
  }
  if (keeper) store<u32>(keeper, node | OWNED);
  return keeper != 0;
}

/** Puts a copy in the place of a node, if that is still to be recorded. */
function putCopy(index: u32, place: u32, node: u32): void {
  const slot = slotAt(index);
  const copy = isRunning(slot) ? copyNode(node) : 0;
  if (!copy) failSlot(slot);
  store<u32>(place, copy ? copy | OWNED : 0);
  setNodePlace(node, index, 0);
}
