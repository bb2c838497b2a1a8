// Lengths, strings and doubles as an RDB file has them (rdb_codes.ts), put into
// the selected sink.
//
// A string that is the text of a 32-bit integer is written as one. One of more
// than 20 bytes is compressed, if that is switched on, makes it shorter and
// finds memory. Nothing here changes what other files keep in their globals:
// data may be recorded in the middle of an operation that is about to change
// it.

import { alloc, free } from "./allocator";
import { lzfCompress } from "./lzf";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import {
  RDB_LENGTH_14,
  RDB_LENGTH_32,
  RDB_LENGTH_64,
  RDB_STRING_INT16,
  RDB_STRING_INT32,
  RDB_STRING_INT8,
  RDB_STRING_LZF,
} from "./rdb_codes";
import { put64, putBytes, sinkAdvance, sinkRoom } from "./sink";

/** A length takes no more. */
const LENGTH_BYTES_MAX: u32 = 9;

/** Longer texts are no 32-bit integers. */
const INTEGER_TEXT_MAX: u32 = 11;
/** Shorter strings are not compressed, nor is for a gain of fewer bytes. */
const COMPRESS_MIN_BYTES: u32 = 21;
const COMPRESS_GAIN_MIN: u32 = 4;

/** What is compressed of so many bytes needs no memory. */
const SCRATCH_BYTES: u32 = 1024;
const scratch: u32 = u32(memory.data(SCRATCH_BYTES));
const integerText: u32 = u32(memory.data(INTEGER_MAX_BYTES));

let compression: bool = true;

/** rdbcompression. */
export function setRdbCompression(on: i32): void {
  compression = on != 0;
}

// @ts-ignore: decorator
@inline
export function rdbLength(length: u64): void {
  if (length < 64) {
    store<u8>(sinkRoom(1), u8(length));
    sinkAdvance(1);
  } else rdbLongLength(length);
}

function rdbLongLength(length: u64): void {
  const to = sinkRoom(LENGTH_BYTES_MAX);
  if (length < 1 << 14) {
    store<u16>(to, bswap<u16>(u16(u32(length) | (RDB_LENGTH_14 << 8))));
    sinkAdvance(2);
  } else if (length <= u32.MAX_VALUE) {
    store<u8>(to, RDB_LENGTH_32);
    store<u32>(to, bswap<u32>(u32(length)), 1);
    sinkAdvance(5);
  } else {
    store<u8>(to, RDB_LENGTH_64);
    store<u64>(to, bswap<u64>(length), 1);
    sinkAdvance(9);
  }
}

export function rdbDouble(value: f64): void {
  put64(reinterpret<u64>(value));
}

/** A string in the shortest form that is allowed. */
export function rdbString(ptr: u32, byteCount: u32): void {
  if (byteCount <= INTEGER_TEXT_MAX) {
    if (putAsInteger(ptr, byteCount)) return;
  } else if (byteCount >= COMPRESS_MIN_BYTES && compression) {
    if (putCompressed(ptr, byteCount)) return;
  }
  rdbLength(byteCount);
  putBytes(ptr, byteCount);
}

/** The string of an integer's digits. */
export function rdbInteger(value: i64): void {
  if (value == i64(i32(value))) {
    putInteger(i32(value));
    return;
  }
  const byteCount = formatInteger(integerText, value);
  rdbLength(byteCount);
  putBytes(integerText, byteCount);
}

/** A string that has been compressed already. */
export function rdbLzf(ptr: u32, lzfBytes: u32, byteCount: u32): void {
  store<u8>(sinkRoom(1), RDB_STRING_LZF);
  sinkAdvance(1);
  rdbLength(lzfBytes);
  rdbLength(byteCount);
  putBytes(ptr, lzfBytes);
}

function putInteger(value: i32): void {
  const to = sinkRoom(5);
  if (value == i32(i8(value))) {
    store<u8>(to, RDB_STRING_INT8);
    store<u8>(to, value, 1);
    sinkAdvance(2);
  } else if (value == i32(i16(value))) {
    store<u8>(to, RDB_STRING_INT16);
    store<u16>(to, value, 1);
    sinkAdvance(3);
  } else {
    store<u8>(to, RDB_STRING_INT32);
    store<u32>(to, value, 1);
    sinkAdvance(5);
  }
}

/** Puts a text that is a 32-bit integer's only spelling; false for others. */
function putAsInteger(ptr: u32, byteCount: u32): bool {
  if (!byteCount) return false;
  const isNegative = load<u8>(ptr) == 0x2d;
  let at = ptr + u32(isNegative);
  const end = ptr + byteCount;
  if (at == end) return false;
  // A leading zero is right only for zero itself.
  if (load<u8>(at) == 0x30 && byteCount != 1) return false;
  let sum: i64 = 0;
  for (; at != end; at++) {
    const digit = load<u8>(at) - 0x30;
    if (digit > 9) return false;
    sum = sum * 10 + i64(digit);
  }
  const value = isNegative ? -sum : sum;
  if (value != i64(i32(value))) return false;
  putInteger(i32(value));
  return true;
}

function putCompressed(ptr: u32, byteCount: u32): bool {
  const room = byteCount - COMPRESS_GAIN_MIN;
  const isSmall = room <= SCRATCH_BYTES;
  const to = isSmall ? scratch : alloc(room);
  if (!to) return false;
  const lzfBytes = lzfCompress(ptr, byteCount, to, room);
  if (lzfBytes) rdbLzf(to, lzfBytes, byteCount);
  if (!isSmall) free(to);
  return lzfBytes != 0;
}
