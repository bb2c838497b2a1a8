// The intset: a set of 64-bit integers as one sorted array, byte for byte as
// Redis keeps it and writes it to its files.
//
//   +0  u32  width of an element in bytes: 2, 4 or 8
//   +4  u32  how many elements there are
//   +8       the elements, signed, little-endian, ascending, no two equal
//
// All elements have the width of the widest that was ever in it: an insert may
// widen them all, a removal never narrows them. The block belongs to whoever
// keeps its address. Insert and remove may move it, so both return where it is;
// to find is O(log n), to insert and remove O(n).
//
// Invariants (verifyIntset returns the number):
//   1. the width is 2, 4 or 8;
//   2. the block has room for header and elements;
//   3. the elements ascend strictly.

import { alloc, resize, usable } from "./allocator";

const WIDTH: usize = 0;
const COUNT: usize = 4;
const HEADER_BYTES: u32 = 8;
const WIDTH_MIN: u32 = 2;

/** Where the last intsetFind found the value, or where it would belong. */
let position: u32 = 0;

/** An empty intset, or 0 without memory. */
export function intsetNew(): u32 {
  const set = alloc(HEADER_BYTES);
  if (!set) return 0;
  store<u32>(set, WIDTH_MIN, WIDTH);
  store<u32>(set, 0, COUNT);
  return set;
}

// @ts-ignore: decorator
@inline
export function intsetCount(set: u32): u32 {
  return load<u32>(set, COUNT);
}

/** Bytes of header and elements. */
export function intsetBytes(set: u32): u32 {
  return HEADER_BYTES + intsetCount(set) * load<u32>(set, WIDTH);
}

/** The element at an index below the count, in ascending order. */
// @ts-ignore: decorator
@inline
export function intsetAt(set: u32, index: u32): i64 {
  return elementAt(set, load<u32>(set, WIDTH), index);
}

// @ts-ignore: decorator
@inline
function elementAt(set: u32, width: u32, index: u32): i64 {
  const at = set + HEADER_BYTES + index * width;
  if (width == 2) return load<i16>(at);
  if (width == 4) return load<i32>(at);
  return load<i64>(at);
}

// @ts-ignore: decorator
@inline
function putElement(set: u32, width: u32, index: u32, value: i64): void {
  const at = set + HEADER_BYTES + index * width;
  if (width == 2) store<i16>(at, <i16> value);
  else if (width == 4) store<i32>(at, <i32> value);
  else store<i64>(at, value);
}

// @ts-ignore: decorator
@inline
function widthOf(value: i64): u32 {
  if (value == <i64> <i16> value) return 2;
  return value == <i64> <i32> value ? 4 : 8;
}

/** Whether a value is in it. */
export function intsetFind(set: u32, value: i64): bool {
  const width = load<u32>(set, WIDTH);
  let low: u32 = 0;
  let high = intsetCount(set);
  // Values often come in ascending order: the end is looked at first.
  if (high && value > elementAt(set, width, high - 1)) low = high;
  while (low < high) {
    const middle = (low + high) >> 1;
    const element = elementAt(set, width, middle);
    if (element == value) {
      position = middle;
      return true;
    }
    if (element < value) low = middle + 1;
    else high = middle;
  }
  position = low;
  return false;
}

/**
 * Puts a value in that is not there, as intsetFind has just said. Returns the
 * block's address, or 0 without memory: then the old one is as it was.
 */
export function intsetInsert(set: u32, value: i64): u32 {
  const width = load<u32>(set, WIDTH);
  const count = intsetCount(set);
  if (widthOf(value) > width) return widen(set, width, count, value);
  const grown = resize(set, HEADER_BYTES + (count + 1) * width);
  if (!grown) return 0;
  const hole = grown + HEADER_BYTES + position * width;
  memory.copy(hole + width, hole, (count - position) * width);
  putElement(grown, width, position, value);
  store<u32>(grown, count + 1, COUNT);
  return grown;
}

/** Inserts a value that needs wider elements: it is the least or the greatest. */
function widen(set: u32, width: u32, count: u32, value: i64): u32 {
  const wider = widthOf(value);
  const grown = resize(set, HEADER_BYTES + (count + 1) * wider);
  if (!grown) return 0;
  const shift: u32 = value < 0 ? 1 : 0;
  // From the end on, so that no element is overwritten before it was read.
  for (let i = count; i-- > 0;) {
    putElement(grown, wider, i + shift, elementAt(grown, width, i));
  }
  putElement(grown, wider, shift ? 0 : count, value);
  store<u32>(grown, wider, WIDTH);
  store<u32>(grown, count + 1, COUNT);
  return grown;
}

/** Takes out the value that intsetFind has just found. Never fails. */
export function intsetRemoveFound(set: u32): u32 {
  const width = load<u32>(set, WIDTH);
  const count = intsetCount(set) - 1;
  const hole = set + HEADER_BYTES + position * width;
  memory.copy(hole, hole + width, (count - position) * width);
  store<u32>(set, count, COUNT);
  return resize(set, HEADER_BYTES + count * width);
}

/** 0, or the number of the invariant that is broken (see the top). O(n). */
export function verifyIntset(set: u32): i32 {
  const width = load<u32>(set, WIDTH);
  if (width != 2 && width != 4 && width != 8) return 1;
  const count = intsetCount(set);
  if (u64(HEADER_BYTES) + u64(count) * width > u64(usable(set))) return 2;
  for (let i: u32 = 1; i < count; i++) {
    if (intsetAt(set, i - 1) >= intsetAt(set, i)) return 3;
  }
  return 0;
}
