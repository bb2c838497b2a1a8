// Lists, what only reads: length, ranges, single elements and positions.
//
// A list is read as a row of blocks: its one listpack, or its nodes' listpacks
// and plain elements, each opened in turn. To open a compressed one needs
// memory; when there is none, what was written of the reply is taken back.

import { argLen, argPtr } from "./arguments";
import { NOT_AN_INTEGER, OUT_OF_MEMORY } from "./codes";
import { readTyped, typedCode } from "./lookup";
import { entryValue, sameBytes, TYPE_LIST } from "./entry";
import { isQuicklist, listCount } from "./list_form";
import {
  elementEquals,
  listpackFirst,
  listpackLast,
  listpackNext,
  listpackPrevious,
  listpackSeek,
  replyElement,
  replyRun,
} from "./listpack";
import { parsedInteger, parseInteger } from "./number";
import { quicklistEnd, seekIndex, seekNode } from "./quicklist";
import {
  closeNode,
  isPlain,
  nextNode,
  nodeCount,
  openNode,
  plainPtr,
  previousNode,
} from "./quicklist_node";
import {
  outLength,
  outTruncate,
  replyArray,
  replyBulk,
  replyHeaderAt,
  replyInteger,
} from "./reply";

/** LLEN: the length or a code. */
export function listLength(db: u32, key: u32): f64 {
  const entry = readTyped(db, key, TYPE_LIST);
  return entry ? f64(listCount(entry)) : f64(typedCode);
}

/**
 * LRANGE: replies with the elements between two indexes, both included and
 * from the end when negative. Returns 1 or a code.
 */
export function listRange(db: u32, key: u32, start: f64, end: f64): i32 {
  const entry = readTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  const count = f64(listCount(entry));
  if (start < 0) start = max<f64>(0, count + start);
  if (end < 0) end += count;
  end = min(end, count - 1);
  if (start > end) {
    replyArray(0);
    return 1;
  }
  const wanted = u32(end - start) + 1;
  const mark = outLength();
  replyArray(wanted);
  if (replyElements(entry, u32(start), wanted, false) == 0) return 1;
  outTruncate(mark);
  return OUT_OF_MEMORY;
}

/**
 * Replies with so many elements of a list, from an index on and towards the
 * head if `backwards`: 0, or OUT_OF_MEMORY after a part of them.
 */
export function replyElements(
  entry: u32,
  index: u32,
  count: u32,
  backwards: bool,
): i32 {
  const value = entryValue(entry);
  if (!isQuicklist(entry)) {
    replyPacked(value, index, count, backwards);
    return 0;
  }
  let node = seekNode(value, index);
  let from = seekIndex;
  while (true) {
    const block = openNode(node);
    if (!block) return OUT_OF_MEMORY;
    const there = backwards ? from + 1 : nodeCount(node) - from;
    const wanted = min(there, count);
    if (isPlain(node)) replyBulk(plainPtr(block), load<u32>(block));
    else replyPacked(block, from, wanted, backwards);
    count -= wanted;
    if (!count) break;
    node = backwards ? previousNode(node) : nextNode(node);
    from = backwards ? nodeCount(node) - 1 : 0;
  }
  closeNode();
  return 0;
}

function replyPacked(
  lp: u32,
  index: u32,
  count: u32,
  backwards: bool,
): void {
  let at = listpackSeek(lp, index);
  if (!backwards) {
    replyRun(lp, at, count);
    return;
  }
  for (let left = count; left; left--) {
    replyElement(at);
    at = listpackPrevious(lp, at);
  }
}

/**
 * LINDEX: replies with the element at the index that an argument says and
 * returns 1; 0 when there is none, or a code.
 */
export function listIndex(db: u32, key: u32, index: u32): i32 {
  const entry = readTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  if (!parseInteger(argPtr(index), argLen(index))) return NOT_AN_INTEGER;
  const place = placeOf(entry, parsedInteger);
  if (place < 0) return 0;
  const code = replyElements(entry, u32(place), 1, false);
  return code < 0 ? code : 1;
}

/** An index from the front for one that may count from the end, or -1. */
export function placeOf(entry: u32, index: i64): i64 {
  const count = i64(listCount(entry));
  if (index < 0) index += count;
  return index >= 0 && index < count ? index : -1;
}

/** Whether the element at `at`, in a plain node its block, has these bytes. */
// @ts-ignore: decorator
@inline
export function equalsAt(
  plain: bool,
  at: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  if (!plain) return elementEquals(at, ptr, byteCount);
  return load<u32>(at) == byteCount &&
    sameBytes(plainPtr(at), ptr, byteCount);
}

// LPOS. What is sought, and how far the search has come.

let soughtPtr: u32 = 0;
let soughtBytes: u32 = 0;
let backwards: bool = false;
/** Matches to be passed over first. */
let passLeft: f64 = 0;
/** Matches and elements that are still wanted. */
let matchesLeft: f64 = 0;
let looksLeft: f64 = 0;
/** How many elements were looked at, and how many of them replied. */
let lookedAt: u32 = 0;
let foundCount: u32 = 0;
let listLengthNow: u32 = 0;

/**
 * LPOS: replies with the positions of elements that equal argument `value`,
 * beginning with the match of a rank (from the tail when negative). At most
 * `count` of them, 0 for all, in an array; with -1 only the first, and no
 * reply when there is none. Looks at no more than `most` elements, 0 for all.
 * Returns how many it found, or a code.
 */
export function listPositions(
  db: u32,
  key: u32,
  value: u32,
  rank: f64,
  count: f64,
  most: f64,
): f64 {
  const entry = readTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  soughtPtr = argPtr(value);
  soughtBytes = argLen(value);
  backwards = rank < 0;
  passLeft = abs(rank) - 1;
  matchesLeft = count < 0 ? 1 : count == 0 ? Infinity : count;
  looksLeft = most == 0 ? Infinity : most;
  lookedAt = 0;
  foundCount = 0;
  listLengthNow = listCount(entry);
  const mark = outLength();
  const code = searchList(entry);
  closeNode();
  if (code < 0) {
    outTruncate(mark);
    return code;
  }
  if (count >= 0) replyHeaderAt(mark, 0x2a, foundCount);
  return foundCount;
}

function searchList(entry: u32): i32 {
  const value = entryValue(entry);
  if (!isQuicklist(entry)) {
    searchBlock(value, false);
    return 0;
  }
  let node = quicklistEnd(value, !backwards);
  while (node) {
    const block = openNode(node);
    if (!block) return OUT_OF_MEMORY;
    if (!searchBlock(block, isPlain(node))) return 0;
    node = backwards ? previousNode(node) : nextNode(node);
  }
  return 0;
}

/** Looks through a block; false when the search is over. */
function searchBlock(block: u32, plain: bool): bool {
  let at = block;
  if (!plain) at = backwards ? listpackLast(block) : listpackFirst(block);
  while (at) {
    if (looksLeft == 0) return false;
    if (
      equalsAt(plain, at, soughtPtr, soughtBytes) && !noteMatch(lookedAt)
    ) return false;
    looksLeft -= 1;
    lookedAt++;
    if (plain) return true;
    at = backwards ? listpackPrevious(block, at) : listpackNext(block, at);
  }
  return true;
}

/** False when no further match is wanted. */
function noteMatch(distance: u32): bool {
  if (passLeft > 0) {
    passLeft -= 1;
    return true;
  }
  replyInteger(backwards ? listLengthNow - 1 - distance : distance);
  foundCount++;
  matchesLeft -= 1;
  return matchesLeft > 0;
}
