// Changing listpacks (listpack.ts): putting elements in, replacing and deleting
// them. What does so may move the listpack and returns its new address, 0 when
// there is no memory and nothing changed; `listpackAt` is then where the element
// stands. Bytes to be written must not lie in the listpack itself.

import { alloc, resize, usable } from "./allocator";
import { copyBytes } from "./entry";
import {
  after,
  COUNT,
  END,
  HEADER_BYTES,
  lengthBytes,
  LISTPACK_BYTES_MAX,
  listpackCount,
  listpackEnd,
  UNKNOWN,
} from "./listpack";
import { INTEGER_MAX_BYTES, parsedInteger, parseInteger } from "./number";

const ZERO: u32 = 0x30;

/** Set by what writes an element: where it stands. */
export let listpackAt: u32 = 0;

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
function addToCount(lp: u32, change: i32): void {
  const count: u32 = load<u16>(lp, COUNT);
  if (count != UNKNOWN) {
    store<u16>(lp, min<u32>(count + change, UNKNOWN), COUNT);
  }
}

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
  if (u64(old) + u64(added) > LISTPACK_BYTES_MAX) return 0;
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
  if (byteCount > u32(LISTPACK_BYTES_MAX)) return 0;
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
