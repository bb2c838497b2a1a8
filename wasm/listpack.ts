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
// of the allocator. What changes it may move it and returns its new address, 0
// when there is no memory and nothing changed; `listpackAt` is then where the
// element stands. Addresses of elements are void after that. Bytes to be
// written must not lie in the listpack itself.
//
// Invariants (verifyListpack returns the number): 1. the bytes in all fit the
// block; 2. elements end exactly at the 0xFF, which is the last byte; 3. each
// length read backwards is that read forwards; 4. the count is right or 65535;
// 5. no string is the text of an integer.

import { alloc, resize, usable } from "./allocator";
import { copyBytes, sameBytes } from "./entry";
import {
  formatInteger,
  INTEGER_MAX_BYTES,
  parsedInteger,
  parseInteger,
} from "./number";
import { outFilled, outReserve, replyBulk, replyBulkInteger } from "./reply";

const HEADER_BYTES: u32 = 6;
const COUNT: usize = 4;
const UNKNOWN: u32 = 65535;
const ZERO: u32 = 0x30;
const END: u32 = 0xff;
/** A longer listpack would break Redis; nobody makes one of more than this. */
const BYTES_MAX: u64 = 1 << 30;

/** Set by what writes an element: where it stands. */
export let listpackAt: u32 = 0;

/** Set by readElement and viewElement. */
export let readIsInteger: bool = false;
export let readInteger: i64 = 0;
export let readPtr: u32 = 0;
export let readBytes: u32 = 0;

const integerText: u32 = u32(memory.data(24));

/** An empty listpack, 0 without memory. */
export function listpackNew(): u32 {
  const lp = alloc(HEADER_BYTES + 1);
  if (!lp) return 0;
  store<u32>(lp, HEADER_BYTES + 1);
  store<u16>(lp, 0, COUNT);
  store<u8>(lp, END, HEADER_BYTES);
  return lp;
}

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

// @ts-ignore: decorator
@inline
function addToCount(lp: u32, change: i32): void {
  const count: u32 = load<u16>(lp, COUNT);
  if (count != UNKNOWN) {
    store<u16>(lp, min<u32>(count + change, UNKNOWN), COUNT);
  }
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
function lengthBytes(body: u32): u32 {
  if (body < 1 << 7) return 1;
  return body < 1 << 14 ? 2 : body < 1 << 21 ? 3 : body < 1 << 28 ? 4 : 5;
}

// @ts-ignore: decorator
@inline
function after(at: u32): u32 {
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

// Writing.

function integerBodyBytes(value: i64): u32 {
  if (value >= 0 && value < 128) return 1;
  if (value >= -4096 && value < 4096) return 2;
  if (value == i64(i16(value))) return 3;
  if (value >= -(1 << 23) && value < 1 << 23) return 4;
  return value == i64(i32(value)) ? 5 : 9;
}

// @ts-ignore: decorator
@inline
function stringBodyBytes(byteCount: u32): u32 {
  return byteCount + (byteCount < 64 ? 1 : byteCount < 4096 ? 2 : 5);
}

/** Whether it is short and ends with a digit; most texts do not. */
// @ts-ignore: decorator
@inline
function mayBeInteger(ptr: u32, byteCount: u32): bool {
  return byteCount - 1 < INTEGER_MAX_BYTES &&
    <u32> load<u8>(ptr + byteCount - 1) - ZERO < 10;
}

/** What an element with these bytes takes in all. */
export function listpackElementBytes(ptr: u32, byteCount: u32): u32 {
  const body = mayBeInteger(ptr, byteCount) && parseInteger(ptr, byteCount)
    ? integerBodyBytes(parsedInteger)
    : stringBodyBytes(byteCount);
  return body + lengthBytes(body);
}

function writeIntegerBody(at: u32, value: i64, body: u32): void {
  switch (body) {
    case 1:
      store<u8>(at, u32(value));
      break;
    case 2:
      store<u8>(at, u32(value >> 8) & 0x1f | 0xc0);
      store<u8>(at, u32(value), 1);
      break;
    case 3:
      store<u8>(at, 0xf1);
      store<u16>(at, u32(value), 1);
      break;
    case 4:
      store<u32>(at, u32(value) << 8 | 0xf2);
      break;
    case 5:
      store<u8>(at, 0xf3);
      store<u32>(at, u32(value), 1);
      break;
    default:
      store<u8>(at, 0xf4);
      store<i64>(at, value, 1);
  }
}

// @ts-ignore: decorator
@inline
function writeStringBody(at: u32, ptr: u32, byteCount: u32): void {
  if (byteCount < 64) {
    store<u8>(at, byteCount | 0x80);
    copyBytes(at + 1, ptr, byteCount);
  } else writeLongStringBody(at, ptr, byteCount);
}

function writeLongStringBody(at: u32, ptr: u32, byteCount: u32): void {
  if (byteCount < 4096) {
    store<u8>(at, byteCount >> 8 | 0xe0);
    store<u8>(at, byteCount, 1);
    at += 2;
  } else {
    store<u8>(at, 0xf0);
    store<u32>(at, byteCount, 1);
    at += 5;
  }
  memory.copy(at, ptr, byteCount);
}

/** Writes a body's length behind it. */
// @ts-ignore: decorator
@inline
function writeLength(at: u32, body: u32): void {
  if (body < 128) store<u8>(at, body);
  else writeLongLength(at, body);
}

function writeLongLength(at: u32, body: u32): void {
  const count = lengthBytes(body);
  for (let last = at + count - 1; last > at; last--) {
    store<u8>(last, body & 127 | 128);
    body >>= 7;
  }
  store<u8>(at, body);
}

/**
 * Makes `added` bytes of room at an offset in the place of `removed` ones;
 * the listpack's new address, 0 without memory.
 */
function replaceRoom(lp: u32, offset: u32, removed: u32, added: u32): u32 {
  const old = load<u32>(lp);
  if (u64(old) + u64(added) > BYTES_MAX) return 0;
  const byteCount = old - removed + added;
  if (added > removed && byteCount > usable(lp)) {
    lp = resize(lp, byteCount);
    if (!lp) return 0;
  }
  const from = lp + offset + removed;
  const rest = old - offset - removed;
  if (rest == 1) store<u8>(lp + offset + added, END);
  else if (removed != added) memory.copy(lp + offset + added, from, rest);
  store<u32>(lp, byteCount);
  return added < removed ? fitted(lp, byteCount) : lp;
}

/** Gives back what a listpack does not need, if that is much. */
function fitted(lp: u32, byteCount: u32): u32 {
  return byteCount * 4 < usable(lp) * 3 ? shrunk(lp, byteCount) : lp;
}

function shrunk(lp: u32, byteCount: u32): u32 {
  const smaller = resize(lp, byteCount);
  return smaller ? smaller : lp;
}

function putString(
  lp: u32,
  at: u32,
  removed: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  if (byteCount > u32(BYTES_MAX)) return 0;
  const offset = at - lp;
  const body = stringBodyBytes(byteCount);
  const fresh = replaceRoom(lp, offset, removed, body + lengthBytes(body));
  if (!fresh) return 0;
  listpackAt = fresh + offset;
  writeStringBody(listpackAt, ptr, byteCount);
  writeLength(listpackAt + body, body);
  return fresh;
}

function putInteger(lp: u32, at: u32, removed: u32, value: i64): u32 {
  const offset = at - lp;
  const body = integerBodyBytes(value);
  const fresh = replaceRoom(lp, offset, removed, body + 1);
  if (!fresh) return 0;
  listpackAt = fresh + offset;
  writeIntegerBody(listpackAt, value, body);
  store<u8>(listpackAt + body, body);
  return fresh;
}

// @ts-ignore: decorator
@inline
function put(lp: u32, at: u32, removed: u32, ptr: u32, byteCount: u32): u32 {
  return mayBeInteger(ptr, byteCount) && parseInteger(ptr, byteCount)
    ? putInteger(lp, at, removed, parsedInteger)
    : putString(lp, at, removed, ptr, byteCount);
}

/** Inserts an element before the one at `at`, or at the end. */
export function listpackInsert(
  lp: u32,
  at: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  const fresh = put(lp, at, 0, ptr, byteCount);
  if (fresh) addToCount(fresh, 1);
  return fresh;
}

export function listpackInsertInteger(lp: u32, at: u32, value: i64): u32 {
  const fresh = putInteger(lp, at, 0, value);
  if (fresh) addToCount(fresh, 1);
  return fresh;
}

export function listpackAppend(lp: u32, ptr: u32, byteCount: u32): u32 {
  return listpackInsert(lp, listpackEnd(lp), ptr, byteCount);
}

export function listpackPrepend(lp: u32, ptr: u32, byteCount: u32): u32 {
  return listpackInsert(lp, lp + HEADER_BYTES, ptr, byteCount);
}

export function listpackReplace(
  lp: u32,
  at: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  return put(lp, at, after(at) - at, ptr, byteCount);
}

export function listpackReplaceInteger(lp: u32, at: u32, value: i64): u32 {
  return putInteger(lp, at, after(at) - at, value);
}

/**
 * Deletes so many elements from `at` on; never fails. `listpackAt` is what
 * follows them, 0 at the end.
 */
export function listpackDelete(lp: u32, at: u32, count: u32): u32 {
  let end = at;
  let deletedCount: u32 = 0;
  while (deletedCount < count && load<u8>(end) != END) {
    end = after(end);
    deletedCount++;
  }
  const offset = at - lp;
  const fresh = replaceRoom(lp, offset, end - at, 0);
  addToCount(fresh, -i32(deletedCount));
  listpackAt = load<u8>(fresh + offset) == END ? 0 : fresh + offset;
  return fresh;
}

/** Appends another listpack's elements; the other one stays as it is. */
export function listpackMerge(lp: u32, other: u32): u32 {
  const count = listpackCount(lp) + listpackCount(other);
  const byteCount = load<u32>(other) - HEADER_BYTES - 1;
  const offset = load<u32>(lp) - 1;
  const fresh = replaceRoom(lp, offset, 0, byteCount);
  if (!fresh) return 0;
  memory.copy(fresh + offset, other + HEADER_BYTES, byteCount);
  store<u16>(fresh, min(count, UNKNOWN), COUNT);
  return fresh;
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
