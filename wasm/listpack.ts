// Listpacks: many small elements in one block, in Redis's own bytes, so that
// files and replicas take them as they are.
//
//   +0  u32 bytes in all | u16 element count, 65535 for "count them"
//   +6  elements | 0xFF
//
//   element:  encoding and data | their length, written to be read backwards
//
//   0xxxxxxx                integer 0 to 127
//   10xxxxxx                string of up to 63 bytes
//   110xxxxx x8             integer of 13 bits, signed
//   1110xxxx x8             string of up to 4095 bytes
//   F0 u32                  string
//   F1 F2 F3 F4             integer of 16, 24, 32, 64 bits, little-endian
//
// The length at an element's end is in groups of seven bits, the lowest group
// last; all but the first byte have the top bit set.
//
// Text that is a canonical 64-bit integer is kept as one. A listpack is a block
// of the allocator. Addresses of elements are void when it has changed
// (listpack_edit.ts).
//
// Invariants (verifyListpack returns the number): 1. the bytes in all fit the
// block; 2. elements end exactly at the 0xFF, which is the last byte; 3. each
// length read backwards is that read forwards; 4. the count is right or 65535;
// 5. no string is the text of an integer.

import { usable } from "./allocator";
import { copyBytes, sameBytes } from "./entry";
import { formatInteger, parsedInteger, parseInteger } from "./number";
import { outFilled, outReserve, replyBulk, replyBulkInteger } from "./reply";

export const HEADER_BYTES: u32 = 6;
export const COUNT: usize = 4;
export const UNKNOWN: u32 = 65535;
export const END: u32 = 0xff;
/** A longer listpack would break Redis; nobody makes one of more than this. */
export const LISTPACK_BYTES_MAX: u64 = 1 << 30;

/** Set by readElement and viewElement. */
export let readIsInteger: bool = false;
export let readInteger: i64 = 0;
export let readPtr: u32 = 0;
export let readBytes: u32 = 0;

const integerText: u32 = u32(memory.data(24));

// @ts-ignore: decorator
@inline
export function listpackBytes(lp: u32): u32 {
  return load<u32>(lp);
}

/** Where the end mark stands: the place to append at. */
// @ts-ignore: decorator
@inline
export function listpackEnd(lp: u32): u32 {
  return lp + load<u32>(lp) - 1;
}

export function listpackCount(lp: u32): u32 {
  const count: u32 = load<u16>(lp, COUNT);
  if (count != UNKNOWN) return count;
  let counted: u32 = 0;
  for (let at = listpackFirst(lp); at; at = listpackNext(lp, at)) counted++;
  if (counted < UNKNOWN) store<u16>(lp, counted, COUNT);
  return counted;
}

// Walking.

/** Bytes of encoding and data. */
// @ts-ignore: decorator
@inline
function bodyBytes(at: u32): u32 {
  const first: u32 = load<u8>(at);
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 0x3f);
  return longBodyBytes(at, first);
}

function longBodyBytes(at: u32, first: u32): u32 {
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + ((first & 15) << 8 | <u32> load<u8>(at, 1));
  switch (first) {
    case 0xf0:
      return 5 + load<u32>(at, 1);
    case 0xf1:
      return 3;
    case 0xf2:
      return 4;
    case 0xf3:
      return 5;
    default:
      assert(first == 0xf4);
      return 9;
  }
}

/** Bytes that a body's length takes at the element's end. */
// @ts-ignore: decorator
@inline
export function lengthBytes(body: u32): u32 {
  if (body < 1 << 7) return 1;
  return body < 1 << 14 ? 2 : body < 1 << 21 ? 3 : body < 1 << 28 ? 4 : 5;
}

// @ts-ignore: decorator
@inline
export function after(at: u32): u32 {
  const body = bodyBytes(at);
  return at + body + lengthBytes(body);
}

/** The first element, 0 when there is none. */
// @ts-ignore: decorator
@inline
export function listpackFirst(lp: u32): u32 {
  return load<u8>(lp, HEADER_BYTES) == END ? 0 : lp + HEADER_BYTES;
}

export function listpackLast(lp: u32): u32 {
  return listpackPrevious(lp, listpackEnd(lp));
}

/** The element behind this one, 0 at the end. */
// @ts-ignore: decorator
@inline
export function listpackNext(_lp: u32, at: u32): u32 {
  const next = after(at);
  return load<u8>(next) == END ? 0 : next;
}

/** The element before this one (or before the end mark), 0 at the front. */
export function listpackPrevious(lp: u32, at: u32): u32 {
  if (at == lp + HEADER_BYTES) return 0;
  let from = at - 1;
  let byte: u32 = load<u8>(from);
  let body = byte & 127;
  for (let shift: u32 = 7; byte & 128; shift += 7) {
    byte = load<u8>(--from);
    body |= (byte & 127) << shift;
  }
  return from - body;
}

/** The element at an index, from the end when negative; 0 out of range. */
export function listpackSeek(lp: u32, index: i32): u32 {
  const known: u32 = load<u16>(lp, COUNT);
  if (known != UNKNOWN) {
    const count = i32(known);
    if (index < -count || index >= count) return 0;
    // From the nearer end.
    if (index < 0 && index < -(count >> 1)) index += count;
    else if (index > count >> 1) index -= count;
  }
  if (index < 0) {
    let at = listpackLast(lp);
    for (; at && index < -1; index++) at = listpackPrevious(lp, at);
    return at;
  }
  let at = listpackFirst(lp);
  for (; at && index; index--) at = listpackNext(lp, at);
  return at;
}

// Reading.

/** Reads an element: an integer, or a string's place. */
// @ts-ignore: decorator
@inline
export function readElement(at: u32): void {
  const first: u32 = load<u8>(at);
  if (first >= 0x80 && first < 0xc0) {
    readIsInteger = false;
    readPtr = at + 1;
    readBytes = first & 0x3f;
  } else readOther(at, first);
}

function readOther(at: u32, first: u32): void {
  readIsInteger = true;
  if (first < 0x80) readInteger = i64(first);
  else if (first < 0xe0) {
    const bits = (first & 0x1f) << 8 | <u32> load<u8>(at, 1);
    readInteger = i64(i32(bits << 19) >> 19);
  } else if (first < 0xf0) {
    readIsInteger = false;
    readPtr = at + 2;
    readBytes = (first & 15) << 8 | <u32> load<u8>(at, 1);
  } else if (first == 0xf0) {
    readIsInteger = false;
    readPtr = at + 5;
    readBytes = load<u32>(at, 1);
  } else if (first == 0xf1) readInteger = load<i16>(at, 1);
  else if (first == 0xf2) readInteger = i64(load<i32>(at) >> 8);
  else if (first == 0xf3) readInteger = load<i32>(at, 1);
  else readInteger = load<i64>(at, 1);
}

/** Reads an element as bytes; an integer's digits hold until the next view. */
export function viewElement(at: u32): void {
  viewElementBeside(at, integerText);
}

/**
 * The same for whoever leaves what another view has found as it is: an
 * integer's digits go to a place of its own, of INTEGER_MAX_BYTES.
 */
export function viewElementBeside(at: u32, digits: u32): void {
  readElement(at);
  if (!readIsInteger) return;
  readPtr = digits;
  readBytes = formatInteger(digits, readInteger);
}

/** Puts back what was read before, for whoever reads in between. */
export function restoreRead(
  isInteger: bool,
  integer: i64,
  ptr: u32,
  byteCount: u32,
): void {
  readIsInteger = isInteger;
  readInteger = integer;
  readPtr = ptr;
  readBytes = byteCount;
}

/** Replies with an element as a bulk string. */
export function replyElement(at: u32): void {
  readElement(at);
  if (readIsInteger) replyBulkInteger(readInteger);
  else replyBulk(readPtr, readBytes);
}

/** So many short strings are written for one look at the room. */
const RUN_COUNT: u32 = 64;
/** The longest bulk string of a short one: `$63`, CR LF twice, 63 bytes. */
const SHORT_BULK_BYTES: u32 = 70;
const SHORT_BYTES_MAX: u32 = 63;

/** Replies with so many elements from `at` on, which must all be there. */
export function replyRun(lp: u32, at: u32, count: u32): void {
  const end = listpackEnd(lp);
  while (count) {
    const wanted = min(count, RUN_COUNT);
    const start = outReserve(wanted * SHORT_BULK_BYTES);
    if (!start) return;
    let to = start;
    let left = wanted;
    for (; left; left--) {
      const byteCount: u32 = load<u8>(at) ^ 0x80;
      if (byteCount > SHORT_BYTES_MAX) break;
      to = writeShortBulk(to, at + 1, byteCount, end);
      at += byteCount + 2;
    }
    outFilled(to - start);
    count -= wanted - left;
    if (!left) continue;
    replyElement(at);
    at = after(at);
    count--;
  }
}

/** Writes a bulk string of up to 63 bytes; returns where it ends. */
// @ts-ignore: decorator
@inline
function writeShortBulk(to: u32, ptr: u32, byteCount: u32, end: u32): u32 {
  if (byteCount < 10) {
    store<u32>(to, 0x0a0d3024 + (byteCount << 8));
    to += 4;
  } else {
    const tens = byteCount / 10;
    store<u32>(to, 0x0d303024 + (tens << 8) + ((byteCount - tens * 10) << 16));
    store<u8>(to, 0x0a, 4);
    to += 5;
  }
  // A word may be more than is wanted: what comes next overwrites the rest.
  if (byteCount <= 8 && ptr + 8 <= end) store<u64>(to, load<u64>(ptr));
  else copyBytes(to, ptr, byteCount);
  store<u16>(to + byteCount, 0x0a0d);
  return to + byteCount + 2;
}

/** Whether an element has these bytes. */
export function elementEquals(at: u32, ptr: u32, byteCount: u32): bool {
  readElement(at);
  if (!readIsInteger) {
    return readBytes == byteCount && sameBytes(readPtr, ptr, byteCount);
  }
  return parseInteger(ptr, byteCount) != 0 && parsedInteger == readInteger;
}

/**
 * The first element with these bytes, looking at `from` and then at every
 * element `skip` further ones behind; 0 when there is none.
 */
export function listpackFind(
  lp: u32,
  from: u32,
  ptr: u32,
  byteCount: u32,
  skip: u32,
): u32 {
  // Bytes that are an integer equal only integers, others only strings.
  const isInteger = parseInteger(ptr, byteCount) != 0;
  if (!isInteger && byteCount < 64) {
    return from ? findShort(from, ptr, byteCount, skip) : 0;
  }
  const integer = parsedInteger;
  let at = from;
  while (at) {
    readElement(at);
    if (readIsInteger) {
      if (isInteger && readInteger == integer) return at;
    } else if (
      !isInteger && readBytes == byteCount &&
      sameBytes(readPtr, ptr, byteCount)
    ) return at;
    at = listpackNext(lp, at);
    for (let left = skip; left && at; left--) at = listpackNext(lp, at);
  }
  return 0;
}

/** The same for a short string: its first byte tells most others apart. */
function findShort(at: u32, ptr: u32, byteCount: u32, skip: u32): u32 {
  const wanted = byteCount | 0x80;
  while (true) {
    const first: u32 = load<u8>(at);
    if (first == END) return 0;
    if (first == wanted && sameBytes(at + 1, ptr, byteCount)) return at;
    at = after(at);
    for (let left = skip; left; left--) {
      if (load<u8>(at) == END) return 0;
      at = after(at);
    }
  }
}

/** 0, or the number of the invariant that is broken (see the top). */
export function verifyListpack(lp: u32): i32 {
  const byteCount = load<u32>(lp);
  if (byteCount > usable(lp) || byteCount <= HEADER_BYTES) return 1;
  const end = lp + byteCount - 1;
  if (load<u8>(end) != END) return 2;
  let at = lp + HEADER_BYTES;
  let counted: u32 = 0;
  while (at < end) {
    const next = after(at);
    if (next > end) return 2;
    if (listpackPrevious(lp, next) != at) return 3;
    readElement(at);
    if (!readIsInteger && parseInteger(readPtr, readBytes)) return 5;
    at = next;
    counted++;
  }
  const count: u32 = load<u16>(lp, COUNT);
  return count == UNKNOWN || count == counted ? 0 : 4;
}
