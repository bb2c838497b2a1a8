// Lists, changes inside: setting, inserting, removing and trimming.

import { argLen, argPtr } from "./arguments";
import { NO_INDEX, NOT_AN_INTEGER, OUT_OF_MEMORY } from "./codes";
import { dropKey, typedCode, writeTyped } from "./lookup";
import { entryValue, setEntryValue, TYPE_LIST } from "./entry";
import {
  freeShortened,
  growFor,
  isQuicklist,
  listCount,
  shrink,
} from "./list_form";
import { equalsAt, placeOf } from "./list_read";
import {
  elementEquals,
  listpackEnd,
  listpackFind,
  listpackFirst,
  listpackLast,
  listpackNext,
  listpackPrevious,
  listpackSeek,
} from "./listpack";
import {
  listpackAt,
  listpackDelete,
  listpackInsert,
  listpackReplace,
} from "./listpack_edit";
import { parsedInteger, parseInteger } from "./number";
import {
  addToCount,
  quicklistDepth,
  quicklistEnd,
  quicklistHead,
  removeFrom,
  seekIndex,
  seekNode,
  settle,
} from "./quicklist";
import {
  prepareShorten,
  quicklistInsert,
  quicklistReplace,
  quicklistShorten,
} from "./quicklist_edit";
import {
  closeNode,
  expandNode,
  isCompressed,
  isPlain,
  nextNode,
  nodeBlock,
  nodeChanges,
  nodeCount,
  openNode,
  previousNode,
  setNodeBlock,
  setNodeCount,
} from "./quicklist_node";
import { addChanges, countChange } from "./statistics";

/**
 * LSET: replaces the element at the index that an argument says. Returns 1, or
 * a code: NO_INDEX when there is no such element.
 */
export function listSet(db: u32, key: u32, index: u32, value: u32): i32 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  if (!parseInteger(argPtr(index), argLen(index))) return NOT_AN_INTEGER;
  const place = placeOf(entry, parsedInteger);
  const ptr = argPtr(value);
  const byteCount = argLen(value);
  if (growFor(entry, byteCount, 1) < 0) return OUT_OF_MEMORY;
  if (place < 0) return NO_INDEX;
  if (setAt(entry, u32(place), ptr, byteCount) < 0) return OUT_OF_MEMORY;
  shrink(entry);
  countChange();
  return 1;
}

function setAt(entry: u32, place: u32, ptr: u32, byteCount: u32): i32 {
  const value = entryValue(entry);
  if (isQuicklist(entry)) {
    const node = seekNode(value, place);
    return quicklistReplace(value, node, seekIndex, ptr, byteCount);
  }
  const at = listpackSeek(value, place);
  const fresh = listpackReplace(value, at, ptr, byteCount);
  if (!fresh) return OUT_OF_MEMORY;
  setEntryValue(entry, fresh);
  return 0;
}

/**
 * LINSERT: puts an element before or behind the first one that equals argument
 * `pivot`. Returns the new length, 0 without a pivot, or a code.
 */
export function listInsert(
  db: u32,
  key: u32,
  pivot: u32,
  value: u32,
  behind: bool,
): f64 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  const ptr = argPtr(value);
  const byteCount = argLen(value);
  // As Redis does, also when it then finds no pivot.
  if (growFor(entry, byteCount, 1) < 0) return OUT_OF_MEMORY;
  const code = isQuicklist(entry)
    ? insertInQuicklist(entryValue(entry), pivot, ptr, byteCount, behind)
    : insertInListpack(entry, pivot, ptr, byteCount, behind);
  if (code <= 0) return code;
  countChange();
  return listCount(entry);
}

function insertInListpack(
  entry: u32,
  pivot: u32,
  ptr: u32,
  byteCount: u32,
  behind: bool,
): i32 {
  const lp = entryValue(entry);
  let at = findIn(lp, pivot);
  if (!at) return 0;
  if (behind) {
    at = listpackNext(lp, at);
    if (!at) at = listpackEnd(lp);
  }
  const fresh = listpackInsert(lp, at, ptr, byteCount);
  if (!fresh) return OUT_OF_MEMORY;
  setEntryValue(entry, fresh);
  return 1;
}

// @ts-ignore: decorator
@inline
function findIn(lp: u32, sought: u32): u32 {
  const first = listpackFirst(lp);
  return listpackFind(lp, first, argPtr(sought), argLen(sought), 0);
}

function insertInQuicklist(
  list: u32,
  pivot: u32,
  ptr: u32,
  byteCount: u32,
  behind: bool,
): i32 {
  let node = quicklistHead(list);
  for (; node; node = nextNode(node)) {
    const block = openNode(node);
    if (!block) return OUT_OF_MEMORY;
    const index = indexIn(node, block, pivot);
    closeNode();
    if (index < 0) continue;
    const place = u32(index) + u32(behind);
    return quicklistInsert(list, node, place, ptr, byteCount) < 0
      ? OUT_OF_MEMORY
      : 1;
  }
  return 0;
}

/** Where in an open node an element equals an argument, or -1. */
function indexIn(node: u32, block: u32, sought: u32): i32 {
  if (isPlain(node)) {
    return equalsAt(true, block, argPtr(sought), argLen(sought)) ? 0 : -1;
  }
  const found = findIn(block, sought);
  if (!found) return -1;
  let index: i32 = 0;
  let at = listpackFirst(block);
  for (; at != found; at = listpackNext(block, at)) index++;
  return index;
}

/**
 * LREM: removes up to `most` elements that equal an argument (0: all of them),
 * from the tail on when negative. Returns how many, or a code.
 */
export function listRemove(db: u32, key: u32, most: f64, value: u32): f64 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  const had = listCount(entry);
  const fromTail = most < 0;
  removesLeft = most == 0 ? had : u32(min(abs(most), f64(had)));
  if (!isQuicklist(entry)) {
    const lp = removeEqual(entryValue(entry), value, fromTail);
    setEntryValue(entry, lp);
  } else if (!removeInNodes(entryValue(entry), value, fromTail)) {
    return OUT_OF_MEMORY;
  }
  const left = listCount(entry);
  if (left == had) return 0;
  addChanges(had - left);
  if (left) shrink(entry);
  else dropKey(db, entry);
  return had - left;
}

let removesLeft: u32 = 0;

/** Removes elements of a listpack, which may be left empty. */
function removeEqual(lp: u32, sought: u32, fromTail: bool): u32 {
  const ptr = argPtr(sought);
  const byteCount = argLen(sought);
  let at = fromTail ? listpackLast(lp) : findIn(lp, sought);
  while (at && removesLeft) {
    if (fromTail && !elementEquals(at, ptr, byteCount)) {
      at = listpackPrevious(lp, at);
      continue;
    }
    lp = listpackDelete(lp, at, 1);
    removesLeft--;
    at = listpackAt;
    if (fromTail) at = at ? listpackPrevious(lp, at) : listpackLast(lp);
    else if (at) at = listpackFind(lp, at, ptr, byteCount, 0);
  }
  return lp;
}

/** False without memory, and then nothing was removed. */
function removeInNodes(list: u32, sought: u32, fromTail: bool): bool {
  const compresses = quicklistDepth(list) != 0;
  if (compresses && !expandMatching(list, sought)) return false;
  let node = quicklistEnd(list, !fromTail);
  while (node && removesLeft) {
    const following = fromTail ? previousNode(node) : nextNode(node);
    // What is compressed still has no match.
    if (!isCompressed(node)) removeInNode(list, node, sought, fromTail);
    node = following;
  }
  if (compresses) settleAll(list);
  return true;
}

function removeInNode(
  list: u32,
  node: u32,
  sought: u32,
  fromTail: bool,
): void {
  const block = nodeBlock(node);
  if (isPlain(node)) {
    if (!equalsAt(true, block, argPtr(sought), argLen(sought))) return;
    removesLeft--;
    removeFrom(list, node, 0, 1);
    return;
  }
  const before = removesLeft;
  nodeChanges(node);
  setNodeBlock(node, removeEqual(block, sought, fromTail));
  const removed = before - removesLeft;
  if (removed == nodeCount(node)) {
    removeFrom(list, node, 0, removed);
    return;
  }
  setNodeCount(node, nodeCount(node) - removed);
  addToCount(list, -i32(removed));
}

/** Expands the nodes with an element to be removed; false without memory. */
function expandMatching(list: u32, sought: u32): bool {
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    if (!isCompressed(node)) continue;
    const block = openNode(node);
    if (!block) return false;
    const matches = indexIn(node, block, sought) >= 0;
    closeNode();
    if (matches && !expandNode(node)) return false;
  }
  return true;
}

function settleAll(list: u32): void {
  settle(list, 0);
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    settle(list, node);
  }
}

/** How many elements the last `listTrim` took off both ends. */
let trimmedCount: u32 = 0;

/**
 * LTRIM: keeps only the elements between two indexes, both included and from
 * the end when negative. Returns 1, or a code.
 */
export function listTrim(db: u32, key: u32, start: f64, end: f64): i32 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  const had = listCount(entry);
  const count = f64(had);
  if (start < 0) start = max<f64>(0, count + start);
  if (end < 0) end += count;
  end = min(end, count - 1);
  if (start > end) {
    dropKey(db, entry);
    trimmedCount = had;
  } else {
    const atHead = u32(start);
    const atTail = had - 1 - u32(end);
    trimmedCount = atHead + atTail;
    if (!trimEnds(entry, atHead, atTail)) return OUT_OF_MEMORY;
    shrink(entry);
  }
  addChanges(trimmedCount);
  return 1;
}

/** False without memory, and then nothing was removed. */
function trimEnds(entry: u32, atHead: u32, atTail: u32): bool {
  let value = entryValue(entry);
  if (!isQuicklist(entry)) {
    if (atTail) {
      value = listpackDelete(value, listpackSeek(value, -i32(atTail)), atTail);
    }
    if (atHead) value = listpackDelete(value, listpackFirst(value), atHead);
    setEntryValue(entry, value);
    return true;
  }
  if (!prepareShorten(value, atHead, atTail)) return false;
  quicklistShorten(value, atHead, true);
  freeShortened();
  quicklistShorten(value, atTail, false);
  freeShortened();
  settle(value, 0);
  return true;
}
