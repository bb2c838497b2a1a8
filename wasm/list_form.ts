// The two forms of a list: one listpack while it is small, else a quicklist.
//
// It becomes a quicklist before it would outgrow a node, and a listpack again
// when it has shrunk to a single node of at most half of that, so that a list
// at the limit does not go to and fro.

import { free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  entryEncoding,
  entryValue,
  setEntryKind,
  setEntryValue,
  TYPE_LIST,
} from "./entry";
import { listCompressDepth, listMaxListpackSize } from "./limits";
import { listpackBytes, listpackCount } from "./listpack";
import { listpackAppend, listpackPrepend } from "./listpack_edit";
import {
  exceedsFill,
  isNearlyListpack,
  onlyBlock,
  quicklistAdopt,
  quicklistCount,
  quicklistDepth,
  quicklistEnd,
  quicklistNew,
  quicklistPush,
  settle,
} from "./quicklist";
import { shortenedBy } from "./quicklist_edit";
import { nextNode, previousNode } from "./quicklist_node";
import { freeCollection } from "./value";

export const QUICKLIST_KIND: u32 = (TYPE_LIST << 4) | ENCODING_QUICKLIST;

// @ts-ignore: decorator
@inline
export function isQuicklist(entry: u32): bool {
  return entryEncoding(entry) == ENCODING_QUICKLIST;
}

// @ts-ignore: decorator
@inline
export function listCount(entry: u32): u32 {
  const value = entryValue(entry);
  return isQuicklist(entry) ? quicklistCount(value) : listpackCount(value);
}

/**
 * Makes a listpack a quicklist when it is to get more than it can take: 0 or
 * OUT_OF_MEMORY.
 */
// @ts-ignore: decorator
@inline
export function growFor(entry: u32, byteCount: u64, count: u32): i32 {
  if (isQuicklist(entry)) return 0;
  const lp = entryValue(entry);
  const grownBytes = byteCount + listpackBytes(lp);
  const grownCount = listpackCount(lp) + count;
  return exceedsFill(listMaxListpackSize, grownBytes, grownCount)
    ? toQuicklist(entry)
    : 0;
}

function toQuicklist(entry: u32): i32 {
  const list = quicklistNew(listMaxListpackSize, listCompressDepth);
  if (!list) return OUT_OF_MEMORY;
  const lp = entryValue(entry);
  if (!listpackCount(lp)) free(lp);
  else if (!quicklistAdopt(list, lp)) {
    free(list);
    return OUT_OF_MEMORY;
  }
  setEntryValue(entry, list);
  setEntryKind(entry, TYPE_LIST, ENCODING_QUICKLIST);
  return 0;
}

/** Makes a quicklist that has shrunk enough a listpack. */
// @ts-ignore: decorator
@inline
export function shrink(entry: u32): void {
  if (!isQuicklist(entry)) return;
  const list = entryValue(entry);
  if (!isNearlyListpack(list, listMaxListpackSize)) return;
  setEntryValue(entry, onlyBlock(list));
  setEntryKind(entry, TYPE_LIST, ENCODING_LISTPACK);
}

/**
 * Adds an element in front of all or behind all: 0 or OUT_OF_MEMORY. The
 * caller settles.
 */
// @ts-ignore: decorator
@inline
export function pushElement(
  entry: u32,
  ptr: u32,
  byteCount: u32,
  atHead: bool,
): i32 {
  const value = entryValue(entry);
  if (!isQuicklist(entry)) {
    const grown = atHead
      ? listpackPrepend(value, ptr, byteCount)
      : listpackAppend(value, ptr, byteCount);
    if (!grown) return OUT_OF_MEMORY;
    setEntryValue(entry, grown);
    return 0;
  }
  return quicklistPush(value, ptr, byteCount, atHead);
}

/** The node at an end before something is pushed there; 0 in a listpack. */
// @ts-ignore: decorator
@inline
export function endNode(entry: u32, atHead: bool): u32 {
  return isQuicklist(entry) ? quicklistEnd(entryValue(entry), atHead) : 0;
}

/** Brings compression in line after pushes when `end` was that node. */
// @ts-ignore: decorator
@inline
export function settlePushed(entry: u32, end: u32, atHead: bool): void {
  if (!isQuicklist(entry)) return;
  const list = entryValue(entry);
  if (quicklistDepth(list)) settleUpTo(list, end, atHead);
}

function settleUpTo(list: u32, end: u32, atHead: bool): void {
  let node = quicklistEnd(list, atHead);
  if (node == end) return;
  // So many nodes that were at the end may lie deeper now.
  let deeper = quicklistDepth(list);
  let isOld = false;
  for (; node && deeper; node = atHead ? nextNode(node) : previousNode(node)) {
    settle(list, node);
    if (node == end) isOld = true;
    if (isOld) deeper--;
  }
}

/** Frees what `quicklistShorten` took out, by and by. */
export function freeShortened(): void {
  if (shortenedBy) freeCollection(QUICKLIST_KIND, shortenedBy);
}
