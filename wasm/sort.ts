// SORT: the elements of a list, a set or a sorted set in another order.
//
//   gather  the elements become items (sort_source.ts, sort_items.ts)
//   weigh   each gets what it is sorted by: itself, or what BY names
//   order   the places that LIMIT asks for get their items (sort_order.ts)
//   reply   or store, each item itself or what the GETs name for it
//
// Where nothing is to be sorted (BY without a `*`), a list or a sorted set is
// gathered in its own order and only as far as LIMIT asks. Everything is freed
// at the end, and what STORE replaces is replaced when all has been read.
//
//   gets ->  pattern | pattern | ...                    (sort_pattern.ts)

import { alloc, free, resize } from "./allocator";
import {
  OUT_OF_MEMORY,
  SORT_AS_IS,
  SORT_DESCENDING,
  SORT_TEXTS,
  SORT_WEIGHT,
  WRONG_TYPE,
} from "./codes";
import { overwriteValue } from "./attach";
import { lookupRead } from "./lookup";
import { parsedDouble, parseDouble } from "./double";
import {
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  entryType,
  TYPE_LIST,
  TYPE_SET,
} from "./entry";
import { listCompressDepth, listMaxListpackSize } from "./limits";
import { QUICKLIST_KIND } from "./list_form";
import { parsedInteger, parseInteger } from "./number";
import {
  exceedsFill,
  onlyBlock,
  quicklistHead,
  quicklistNew,
  quicklistPush,
  quicklistTail,
  settle,
} from "./quicklist";
import {
  isCompressed,
  isPlain,
  nextNode,
  nodeBytes,
  nodeCount,
  previousNode,
} from "./quicklist_node";
import {
  outLength,
  outTruncate,
  replyArray,
  replyBulk,
  replyNull,
} from "./reply";
import {
  closeItems,
  itemBytes,
  itemCount,
  itemPtr,
  keepBytes,
  openItems,
  setWeight,
} from "./sort_items";
import {
  BY_ELEMENT,
  BY_NUMBER,
  BY_WEIGHT,
  closeOrders,
  numberKey,
  openOrders,
  orderedItem,
  setOrder,
  sortOrders,
  textKey,
} from "./sort_order";
import {
  closePatterns,
  findByPattern,
  foundBytes,
  foundPtr,
  foundStays,
  openPatterns,
  PATTERN_BYTES,
  patternFailed,
  readPattern,
} from "./sort_pattern";
import { gatherElements, isSortable, sourceCount } from "./sort_source";
import { addChanges } from "./statistics";
import { freeCollection } from "./value";

const byPattern: u32 = u32(memory.data(32, 8));
const GETS_FIRST: u32 = 4;
let gets: u32 = 0;
let getCount: u32 = 0;
let getCapacity: u32 = 0;

/** Whether items come in the order in which they were gathered. */
let isAsIs: bool = false;

/** Forgets the GETs of the last call. */
export function sortBegin(): void {
  if (gets) free(gets);
  gets = 0;
  getCount = 0;
  getCapacity = 0;
}

/** Adds a GET of what an argument says: 0 or OUT_OF_MEMORY. */
export function sortGet(argument: u32): i32 {
  if (getCount == getCapacity) {
    const capacity = max<u32>(getCapacity << 1, GETS_FIRST);
    const bytes = capacity * PATTERN_BYTES;
    const grown = gets ? resize(gets, bytes) : alloc(bytes);
    if (!grown) return OUT_OF_MEMORY;
    gets = grown;
    getCapacity = capacity;
  }
  readPattern(gets + getCount * PATTERN_BYTES, argument);
  getCount++;
  return 0;
}

/**
 * Sorts what a key holds by argument `by` (0 for the elements themselves) and
 * replies with `count` elements from `start` on; a count below 0 means all.
 * With `target` it stores them there instead, unless there are none. Returns
 * how many values were stored, 0, or a code.
 */
export function sortKey(
  db: u32,
  key: u32,
  by: u32,
  flags: u32,
  start: f64,
  count: f64,
  target: u32,
): f64 {
  openPatterns();
  const entry = lookupRead(db, key);
  let result: f64;
  if (entry && !isSortable(entry)) result = WRONG_TYPE;
  else result = sortEntry(db, entry, by, flags, start, count, target);
  closeOrders();
  closeItems();
  closePatterns();
  sortBegin();
  return result;
}

function sortEntry(
  db: u32,
  entry: u32,
  by: u32,
  flags: u32,
  start: f64,
  count: f64,
  target: u32,
): f64 {
  isAsIs = (flags & SORT_AS_IS) != 0;
  const isSet = entry && entryType(entry) == TYPE_SET;
  if (isAsIs && isSet && target) {
    // A set has no order of its own that replicas would share.
    isAsIs = false;
    flags |= SORT_TEXTS;
    by = 0;
  }
  const total = entry ? sourceCount(entry) : 0;
  let from = u32(min(max(start, 0), f64(total)));
  const left = total - from;
  const length = count < 0 ? left : u32(min(count, f64(left)));
  const descends = (flags & SORT_DESCENDING) != 0;
  if (!openItems(isAsIs && !isSet ? length : total)) return OUT_OF_MEMORY;
  if (entry) {
    const code = isAsIs && length
      ? gatherElements(entry, descends ? left - 1 : from, length, descends)
      : gatherElements(entry, 0, isAsIs ? 0 : total, false);
    if (code < 0) return code;
  }
  if (isAsIs && !isSet) from = 0;
  if (!isAsIs) {
    const code = orderItems(db, by, flags, from, from + length);
    if (code < 0) return code;
  }
  return target
    ? storeItems(db, from, from + length, target)
    : f64(replyItems(db, from, from + length));
}

/** Brings the items in order, as far as it is asked for: 0 or a code. */
function orderItems(
  db: u32,
  by: u32,
  flags: u32,
  from: u32,
  end: u32,
): i32 {
  const texts = (flags & SORT_TEXTS) != 0;
  const comparison = texts ? (by ? BY_WEIGHT : BY_ELEMENT) : BY_NUMBER;
  const descends = (flags & SORT_DESCENDING) != 0;
  if (!openOrders(itemCount, comparison, descends)) return OUT_OF_MEMORY;
  if (by) readPattern(byPattern, by);
  for (let item: u32 = 0; item < itemCount; item++) {
    const isThere = !by || findByPattern(
      db,
      byPattern,
      itemPtr(item),
      itemBytes(item),
    );
    if (patternFailed) return OUT_OF_MEMORY;
    const ptr = by ? foundPtr : itemPtr(item);
    const byteCount = by ? foundBytes : itemBytes(item);
    if (!isThere) {
      setWeight(item, 0, 0);
      setOrder(item, texts ? 0 : numberKey(0));
    } else if (texts) {
      if (by && !keepWeight(item)) return OUT_OF_MEMORY;
      setOrder(item, textKey(ptr, byteCount));
    } else {
      if (!readNumber(ptr, byteCount)) return SORT_WEIGHT;
      setOrder(item, numberKey(readValue));
    }
  }
  sortOrders(itemCount, from, end);
  return 0;
}

/** Keeps what BY has found as an item's weight; false without memory. */
function keepWeight(item: u32): bool {
  const ptr = foundStays ? foundPtr : keepBytes(foundPtr, foundBytes);
  setWeight(item, ptr, foundBytes);
  return ptr != 0;
}

/** What `readNumber` read. */
let readValue: f64 = 0;

/** Reads a number as C does: no bytes are 0, and spaces may lead. */
function readNumber(ptr: u32, byteCount: u32): bool {
  if (parseInteger(ptr, byteCount)) {
    readValue = f64(parsedInteger);
    return true;
  }
  readValue = 0;
  if (!byteCount) return true;
  while (byteCount && isSpace(load<u8>(ptr))) {
    ptr++;
    byteCount--;
  }
  if (!parseDouble(ptr, byteCount)) return false;
  readValue = parsedDouble;
  return true;
}

// @ts-ignore: decorator
@inline
function isSpace(char: u32): bool {
  return char == 0x20 || char - 9 < 5;
}

// @ts-ignore: decorator
@inline
function itemAt(place: u32): u32 {
  return isAsIs ? place : orderedItem(place);
}

function replyItems(db: u32, from: u32, end: u32): i32 {
  const mark = outLength();
  replyArray((end - from) * max<u32>(getCount, 1));
  for (let place = from; place < end; place++) {
    const ptr = itemPtr(itemAt(place));
    const byteCount = itemBytes(itemAt(place));
    if (!getCount) replyBulk(ptr, byteCount);
    for (let i: u32 = 0; i < getCount; i++) {
      const pattern = gets + i * PATTERN_BYTES;
      if (findByPattern(db, pattern, ptr, byteCount)) {
        replyBulk(foundPtr, foundBytes);
      } else replyNull();
    }
    if (patternFailed) {
      outTruncate(mark);
      return OUT_OF_MEMORY;
    }
  }
  return 0;
}

/** Stores the items as a list: how many values it has, or OUT_OF_MEMORY. */
function storeItems(db: u32, from: u32, end: u32, target: u32): f64 {
  const count = f64(end - from) * f64(max<u32>(getCount, 1));
  if (!count) return 0;
  const list = quicklistNew(listMaxListpackSize, listCompressDepth);
  if (!list) return OUT_OF_MEMORY;
  let code = pushItems(db, list, from, end);
  if (code == 0) code = storeList(db, target, list);
  else freeCollection(QUICKLIST_KIND, list);
  if (code < 0) return code;
  addChanges(u32(count));
  return count;
}

function pushItems(db: u32, list: u32, from: u32, end: u32): i32 {
  for (let place = from; place < end; place++) {
    const ptr = itemPtr(itemAt(place));
    const byteCount = itemBytes(itemAt(place));
    if (!getCount && quicklistPush(list, ptr, byteCount, false) < 0) {
      return OUT_OF_MEMORY;
    }
    for (let i: u32 = 0; i < getCount; i++) {
      const pattern = gets + i * PATTERN_BYTES;
      const isThere = findByPattern(db, pattern, ptr, byteCount);
      if (patternFailed) return OUT_OF_MEMORY;
      // A list holds no nulls.
      const bytes = isThere ? foundBytes : 0;
      if (quicklistPush(list, foundPtr, bytes, false) < 0) return OUT_OF_MEMORY;
    }
  }
  return 0;
}

/** Puts a list, a listpack if it is small enough, in a key's place. */
function storeList(db: u32, target: u32, list: u32): i32 {
  const head = quicklistHead(list);
  const isSmall = !nextNode(head) && !isPlain(head) && !isCompressed(head) &&
    !exceedsFill(listMaxListpackSize, nodeBytes(head), nodeCount(head));
  if (isSmall) {
    const lp = onlyBlock(list);
    const code = overwriteValue(db, target, TYPE_LIST, ENCODING_LISTPACK, lp);
    if (code < 0) free(lp);
    return code;
  }
  for (let node = quicklistTail(list); node; node = previousNode(node)) {
    settle(list, node);
  }
  const code = overwriteValue(db, target, TYPE_LIST, ENCODING_QUICKLIST, list);
  if (code < 0) freeCollection(QUICKLIST_KIND, list);
  return code;
}
