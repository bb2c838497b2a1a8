// Putting the items of SORT in order, or only those places that were asked for.
//
//   orders ->  { u64 key, u32 item, u32 0 } | ...
//
// Keys are compared as whole numbers: a double turned so that its bits ascend,
// or the first eight bytes of a text; the complement of it where the order
// descends. Where keys are equal the items decide, and at last their places
// before, so that no two are equal and every way of sorting gives one result.
//
// It is a quicksort around the median of three that leaves parts alone in which
// no wanted place lies. A part that has been split too often without becoming
// small goes to a heapsort: O(n log n) at worst.

import { alloc, free } from "./allocator";
import { compareBytes } from "./ranking";
import { itemBytes, itemPtr, weightBytes, weightPtr } from "./sort_items";

/** What is compared: numbers, the elements' bytes, or those of weights. */
export const BY_NUMBER: u32 = 0;
export const BY_ELEMENT: u32 = 1;
export const BY_WEIGHT: u32 = 2;

const ORDER_SHIFT: u32 = 4;
const ORDER_BYTES: u32 = 1 << ORDER_SHIFT;
const ITEM: usize = 8;
const SIGN: u64 = 1 << 63;

/** So few are sorted by insertion. */
const SMALL_BYTES: u32 = 16 * ORDER_BYTES;

let orders: u32 = 0;
let comparison: u32 = BY_NUMBER;
let descends: bool = false;
let wantedFrom: u32 = 0;
let wantedEnd: u32 = 0;

/** Room for so many; false without memory. */
export function openOrders(count: u32, by: u32, isDescending: bool): bool {
  comparison = by;
  descends = isDescending;
  orders = alloc(max<u32>(count, 1) << ORDER_SHIFT);
  return orders != 0;
}

export function closeOrders(): void {
  if (orders) free(orders);
  orders = 0;
}

/** Which item has come to a place. */
// @ts-ignore: decorator
@inline
export function orderedItem(place: u32): u32 {
  return load<u32>(orders + (place << ORDER_SHIFT), ITEM);
}

/** The key of a number; both zeros are one. */
// @ts-ignore: decorator
@inline
export function numberKey(value: f64): u64 {
  const bits = reinterpret<u64>(value + 0);
  return bits & SIGN ? ~bits : bits | SIGN;
}

/** The key of a text. */
// @ts-ignore: decorator
@inline
export function textKey(ptr: u32, byteCount: u32): u64 {
  if (byteCount >= 8) return bswap<u64>(load<u64>(ptr));
  let key: u64 = 0;
  for (let i: u32 = 0; i < byteCount; i++) {
    key |= u64(load<u8>(ptr + i)) << (56 - (i << 3));
  }
  return key;
}

// @ts-ignore: decorator
@inline
export function setOrder(item: u32, key: u64): void {
  const at = orders + (item << ORDER_SHIFT);
  store<u64>(at, descends ? ~key : key);
  store<u64>(at, item, ITEM);
}

// @ts-ignore: decorator
@inline
function isBefore(key: u64, item: u64, otherKey: u64, other: u64): bool {
  return key < otherKey ||
    (key == otherKey && compareItems(u32(item), u32(other)) < 0);
}

function compareItems(item: u32, other: u32): i32 {
  let result = comparison == BY_WEIGHT
    ? compareWeights(item, other)
    : compareBytes(
      itemPtr(item),
      itemBytes(item),
      itemPtr(other),
      itemBytes(other),
    );
  if (descends) result = -result;
  return result ? result : i32(item > other) - i32(item < other);
}

/** What has no weight stands before all others. */
function compareWeights(item: u32, other: u32): i32 {
  const ptr = weightPtr(item), otherPtr = weightPtr(other);
  if (!ptr || !otherPtr) return i32(ptr != 0) - i32(otherPtr != 0);
  return compareBytes(ptr, weightBytes(item), otherPtr, weightBytes(other));
}

// @ts-ignore: decorator
@inline
function exchange(at: u32, other: u32): void {
  const held = v128.load(at);
  v128.store(at, v128.load(other));
  v128.store(other, held);
}

// @ts-ignore: decorator
@inline
function isOrdered(at: u32, other: u32): bool {
  return isBefore(
    load<u64>(at),
    load<u64>(at, ITEM),
    load<u64>(other),
    load<u64>(other, ITEM),
  );
}

/** Brings the right items to the places from one to before another. */
export function sortOrders(count: u32, from: u32, end: u32): void {
  wantedFrom = orders + (from << ORDER_SHIFT);
  wantedEnd = orders + (end << ORDER_SHIFT);
  const splits = 2 * (32 - clz<u32>(count));
  sortPart(orders, orders + (count << ORDER_SHIFT), splits);
}

function sortPart(low: u32, high: u32, splitsLeft: u32): void {
  while (high - low > SMALL_BYTES) {
    if (low >= wantedEnd || high <= wantedFrom) return;
    if (!splitsLeft) {
      sortByHeap(low, high);
      return;
    }
    splitsLeft--;
    const middle = split(low, high);
    // The smaller part by a call, so that calls nest no deeper than log n.
    if (middle - low < high - middle) {
      sortPart(low, middle, splitsLeft);
      low = middle;
    } else {
      sortPart(middle, high, splitsLeft);
      high = middle;
    }
  }
  sortByInsertion(low, high);
}

/** Splits a part in two, none of them empty; returns where the second begins. */
function split(low: u32, high: u32): u32 {
  const pivot = medianOf(
    low,
    low + (((high - low) >> ORDER_SHIFT) >> 1 << ORDER_SHIFT),
    high - ORDER_BYTES,
  );
  const key = load<u64>(pivot);
  const item = load<u64>(pivot, ITEM);
  let left = low - ORDER_BYTES;
  let right = high;
  while (true) {
    do left += ORDER_BYTES; while (
      isBefore(load<u64>(left), load<u64>(left, ITEM), key, item)
    );
    do right -= ORDER_BYTES; while (
      isBefore(key, item, load<u64>(right), load<u64>(right, ITEM))
    );
    if (left >= right) return right + ORDER_BYTES;
    exchange(left, right);
  }
}

function medianOf(a: u32, b: u32, c: u32): u32 {
  if (isOrdered(a, b)) {
    if (isOrdered(b, c)) return b;
    return isOrdered(a, c) ? c : a;
  }
  if (isOrdered(a, c)) return a;
  return isOrdered(b, c) ? c : b;
}

function sortByInsertion(low: u32, high: u32): void {
  for (let at = low + ORDER_BYTES; at < high; at += ORDER_BYTES) {
    const key = load<u64>(at);
    const item = load<u64>(at, ITEM);
    let to = at;
    while (to > low) {
      const before = to - ORDER_BYTES;
      if (!isBefore(key, item, load<u64>(before), load<u64>(before, ITEM))) {
        break;
      }
      v128.store(to, v128.load(before));
      to = before;
    }
    store<u64>(to, key);
    store<u64>(to, item, ITEM);
  }
}

function sortByHeap(low: u32, high: u32): void {
  const count = (high - low) >> ORDER_SHIFT;
  for (let i = count >> 1; i > 0; i--) sink(low, i - 1, count);
  for (let left = count - 1; left > 0; left--) {
    exchange(low, low + (left << ORDER_SHIFT));
    sink(low, 0, left);
  }
}

/** Moves the element at an index down to where both below it are smaller. */
function sink(low: u32, index: u32, count: u32): void {
  while (true) {
    let child = (index << 1) + 1;
    if (child >= count) return;
    let at = low + (child << ORDER_SHIFT);
    if (child + 1 < count && isOrdered(at, at + ORDER_BYTES)) {
      child++;
      at += ORDER_BYTES;
    }
    const parent = low + (index << ORDER_SHIFT);
    if (!isOrdered(parent, at)) return;
    exchange(parent, at);
    index = child;
  }
}
