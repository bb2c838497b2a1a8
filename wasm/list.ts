// Lists, their ends: adding and taking elements, one or many, and moving one
// from list to list. Keys and elements are named by argument index.
//
// What has no memory half-way is taken back: no operation does a part.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { createValue } from "./attach";
import { dropKey, lookupKey, typedCode, writeTyped } from "./lookup";
import {
  copyBytes,
  ENCODING_LISTPACK,
  entryValue,
  setEntryValue,
  TYPE_LIST,
} from "./entry";
import {
  endNode,
  freeShortened,
  growFor,
  isQuicklist,
  listCount,
  pushElement,
  settlePushed,
  shrink,
} from "./list_form";
import { replyElements } from "./list_read";
import {
  listpackFirst,
  listpackLast,
  listpackSeek,
  readBytes,
  readPtr,
  viewElement,
} from "./listpack";
import { listpackDelete, listpackNew } from "./listpack_edit";
import { quicklistEnd, removeFrom, settle } from "./quicklist";
import { quicklistShorten } from "./quicklist_edit";
import { expandNode, isPlain, nodeBlock, plainPtr } from "./quicklist_node";
import { outLength, outTruncate, replyArray, replyBulk } from "./reply";
import { addChanges, countChange } from "./statistics";

/** The list under a key for pushing, a new empty one, or 0 with `typedCode`. */
function openForPush(db: u32, key: u32): u32 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (entry || typedCode == WRONG_TYPE) return entry;
  return createList(db, key);
}

/** The key was just looked up and is missing. 0 without memory. */
function createList(db: u32, key: u32): u32 {
  const lp = listpackNew();
  if (!lp) return 0;
  if (createValue(db, key, TYPE_LIST, ENCODING_LISTPACK, lp) == 0) {
    return lookupKey(db, key);
  }
  free(lp);
  return 0;
}

// @ts-ignore: decorator
@inline
function noList(): i32 {
  return typedCode == WRONG_TYPE ? WRONG_TYPE : OUT_OF_MEMORY;
}

/** LPUSH and RPUSH of one element: the new length, or a code. */
export function pushOne(db: u32, key: u32, value: u32, atHead: bool): f64 {
  const entry = openForPush(db, key);
  if (!entry) return noList();
  if (addElement(entry, argPtr(value), argLen(value), atHead) < 0) {
    if (!listCount(entry)) dropKey(db, entry);
    return OUT_OF_MEMORY;
  }
  countChange();
  return listCount(entry);
}

// @ts-ignore: decorator
@inline
function addElement(
  entry: u32,
  ptr: u32,
  byteCount: u32,
  atHead: bool,
): i32 {
  if (growFor(entry, byteCount, 1) < 0) return OUT_OF_MEMORY;
  const end = endNode(entry, atHead);
  const code = pushElement(entry, ptr, byteCount, atHead);
  settlePushed(entry, end, atHead);
  return code;
}

/**
 * Pushes `count` arguments from `first` on, one after the other: the new
 * length, 0 when `onlyOld` finds no key, or a code.
 */
export function pushMany(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
  atHead: bool,
  onlyOld: bool,
): f64 {
  let entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) {
    if (typedCode == WRONG_TYPE) return WRONG_TYPE;
    if (onlyOld) return 0;
    entry = createList(db, key);
    if (!entry) return OUT_OF_MEMORY;
  }
  const had = listCount(entry);
  let bytes: u64 = 0;
  for (let i: u32 = 0; i < count; i++) bytes += argLen(first + i);
  let code = growFor(entry, bytes, count);
  const end = endNode(entry, atHead);
  let done: u32 = 0;
  for (; done < count && code == 0; done++) {
    const value = first + done;
    code = pushElement(entry, argPtr(value), argLen(value), atHead);
  }
  if (code == 0) {
    settlePushed(entry, end, atHead);
    addChanges(count);
    return listCount(entry);
  }
  // Nothing has been compressed yet, so that this cannot fail.
  if (!had) dropKey(db, entry);
  else takeOff(entry, listCount(entry) - had, atHead);
  return OUT_OF_MEMORY;
}

/** Takes elements off an end, fewer than all: 0 or OUT_OF_MEMORY. */
function takeOff(entry: u32, count: u32, atHead: bool): i32 {
  const value = entryValue(entry);
  if (!isQuicklist(entry)) {
    const left = listpackSeek(value, atHead ? 0 : -i32(count));
    if (count) setEntryValue(entry, listpackDelete(value, left, count));
    return 0;
  }
  if (quicklistShorten(value, count, atHead) < 0) return OUT_OF_MEMORY;
  freeShortened();
  settle(value, 0);
  return 0;
}

/** Sets `endPtr`, `endBytes` and `endAt` to the element at an end. */
function viewEnd(entry: u32, atHead: bool): bool {
  let lp = entryValue(entry);
  if (isQuicklist(entry)) {
    const node = quicklistEnd(lp, atHead);
    if (!expandNode(node)) return false;
    lp = nodeBlock(node);
    if (isPlain(node)) {
      endAt = 0;
      endPtr = plainPtr(lp);
      endBytes = load<u32>(lp);
      return true;
    }
  }
  endAt = atHead ? listpackFirst(lp) : listpackLast(lp);
  viewElement(endAt);
  endPtr = readPtr;
  endBytes = readBytes;
  return true;
}

/** The element's place in its listpack, 0 in a plain node. */
let endAt: u32 = 0;
let endPtr: u32 = 0;
let endBytes: u32 = 0;

/** Removes the element at `endAt`, of which `viewEnd` or a reply was made. */
// @ts-ignore: decorator
@inline
function removeEnd(db: u32, entry: u32, atHead: bool): void {
  const value = entryValue(entry);
  if (listCount(entry) == 1) {
    dropKey(db, entry);
    return;
  }
  if (!isQuicklist(entry)) {
    setEntryValue(entry, listpackDelete(value, endAt, 1));
    return;
  }
  const node = quicklistEnd(value, atHead);
  if (!removeFrom(value, node, endAt, 1)) settle(value, 0);
  shrink(entry);
}

/** LPOP and RPOP: replies with an element and returns 1, or a code. */
export function popOne(db: u32, key: u32, atHead: bool): i32 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  if (!viewEnd(entry, atHead)) return OUT_OF_MEMORY;
  replyBulk(endPtr, endBytes);
  removeEnd(db, entry, atHead);
  countChange();
  return 1;
}

/**
 * LPOP and RPOP with a count: replies with an array, the outermost element
 * first, and returns its length, or a code.
 */
export function popMany(db: u32, key: u32, most: f64, atHead: bool): f64 {
  const entry = writeTyped(db, key, TYPE_LIST);
  if (!entry) return typedCode;
  const had = listCount(entry);
  const count = u32(min(most, f64(had)));
  const mark = outLength();
  replyArray(count);
  if (!count) return 0;
  const from = atHead ? 0 : had - 1;
  if (
    replyElements(entry, from, count, !atHead) < 0 ||
    count < had && takeOff(entry, count, atHead) < 0
  ) {
    outTruncate(mark);
    return OUT_OF_MEMORY;
  }
  if (count == had) dropKey(db, entry);
  else shrink(entry);
  addChanges(count);
  return count;
}

/**
 * BLPOP, LMPOP and their kin: replies with the key and, behind it, with what
 * `popOne` does or, unless `most` is negative, `popMany`. Returns how many
 * elements it took, or a code.
 */
export function popWithKey(db: u32, key: u32, most: f64, atHead: bool): f64 {
  if (!writeTyped(db, key, TYPE_LIST)) return typedCode;
  const mark = outLength();
  replyArray(2);
  replyBulk(argPtr(key), argLen(key));
  const count = most < 0
    ? f64(popOne(db, key, atHead))
    : popMany(db, key, most, atHead);
  if (count < 0) outTruncate(mark);
  return count;
}

/** An element on its way from list to list. */
const SHORT_BYTES: u32 = 128;
const shortElement: u32 = u32(memory.data(128, 8));

/**
 * LMOVE: takes an element off an end of one list, adds it at an end of another
 * and replies with it. Returns 1 or a code.
 */
export function moveElement(
  db: u32,
  from: u32,
  to: u32,
  fromHead: bool,
  toHead: bool,
): i32 {
  const source = writeTyped(db, from, TYPE_LIST);
  if (!source) return typedCode;
  let target = writeTyped(db, to, TYPE_LIST);
  if (!target && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (!viewEnd(source, fromHead)) return OUT_OF_MEMORY;
  const byteCount = endBytes;
  const copy = byteCount > SHORT_BYTES ? alloc(byteCount) : shortElement;
  if (!copy) return OUT_OF_MEMORY;
  copyBytes(copy, endPtr, byteCount);
  if (!target) target = createList(db, to);
  const code = target
    ? addMoved(source, target, copy, byteCount, toHead)
    : OUT_OF_MEMORY;
  if (code == 0) {
    // The element is still there, but perhaps not where it was.
    viewEnd(source, fromHead);
    removeEnd(db, source, fromHead);
    replyBulk(copy, byteCount);
    countChange();
  } else if (target && !listCount(target)) dropKey(db, target);
  if (byteCount > SHORT_BYTES) free(copy);
  return code == 0 ? 1 : code;
}

/** A list that turns round gets no longer, so that its form may stay. */
function addMoved(
  source: u32,
  target: u32,
  ptr: u32,
  byteCount: u32,
  atHead: bool,
): i32 {
  return source == target && !isQuicklist(target)
    ? pushElement(target, ptr, byteCount, atHead)
    : addElement(target, ptr, byteCount, atHead);
}
