// Fields: the members of a set, of a sorted set or of a hash, each in a block.
//
//   +0   u8   value bytes; 255: a u32 between name and value says it
//   +1   u8   flags: COMPACT | HAS_DUE | LONG_KEY | marks of snapshots
//   +2   u16  name bytes; with LONG_KEY it is 0 and a u32 stands before the name
//   +4   f64  due time in ms, u32 heap position          (HAS_DUE only)
//   +..  u32  name bytes                                 (LONG_KEY only)
//   +..       name, [u32 value bytes], value
//
// It is a key entry (entry.ts) without access and value words: keyPtr and
// keyBytes give the name, and the table of keys holds fields just as well. A
// member of a set has no value, one of a sorted set its score as an f64.

import { alloc } from "./allocator";
import {
  COMPACT,
  copyBytes,
  HAS_DUE,
  keyBytes,
  keyPtr,
  LONG_KEY,
} from "./entry";

const HEADER_BYTES: u32 = 4;
const DUE_BYTES: u32 = 12;
const LONG_WORD_BYTES: u32 = 4;
const LONG_NAME_MIN: u32 = 65536;
const LONG_VALUE: u32 = 255;

/** Bytes that such a field takes, at most 2^32 - 1 by the parser's limits. */
// @ts-ignore: decorator
@inline
export function fieldBytes(nameBytes: u32, valueBytes: u32, due: bool): u64 {
  return u64(HEADER_BYTES + (due ? DUE_BYTES : 0)) +
    (nameBytes >= LONG_NAME_MIN ? LONG_WORD_BYTES : 0) + u64(nameBytes) +
    (valueBytes >= LONG_VALUE ? LONG_WORD_BYTES : 0) + u64(valueBytes);
}

/**
 * Makes a field; value, due time and heap position are the caller's to fill
 * in. Returns 0 when there is no memory.
 */
export function newField(
  nameFrom: u32,
  nameBytes: u32,
  valueBytes: u32,
  due: bool,
): u32 {
  const byteCount = fieldBytes(nameBytes, valueBytes, due);
  if (byteCount > 0xfff00000) return 0;
  const field = alloc(u32(byteCount));
  if (field == 0) return 0;
  const isLong = nameBytes >= LONG_NAME_MIN;
  const flags = COMPACT | (due ? HAS_DUE : 0) | (isLong ? LONG_KEY : 0);
  store<u32>(
    field,
    min(valueBytes, LONG_VALUE) | (flags << 8) |
      (isLong ? 0 : nameBytes << 16),
  );
  const name = keyPtr(field);
  if (isLong) store<u32>(name - LONG_WORD_BYTES, nameBytes);
  copyBytes(name, nameFrom, nameBytes);
  if (valueBytes >= LONG_VALUE) store<u32>(name + nameBytes, valueBytes);
  return field;
}

// @ts-ignore: decorator
@inline
export function fieldValuePtr(field: u32): u32 {
  return keyPtr(field) + keyBytes(field) +
    (load<u8>(field) == LONG_VALUE ? LONG_WORD_BYTES : 0);
}

// @ts-ignore: decorator
@inline
export function fieldValueBytes(field: u32): u32 {
  const short: u32 = load<u8>(field);
  return short == LONG_VALUE
    ? load<u32>(keyPtr(field) + keyBytes(field))
    : short;
}

/** For another value in the same block, which must have room for it. */
// @ts-ignore: decorator
@inline
export function setFieldValueBytes(field: u32, valueBytes: u32): void {
  store<u8>(field, min(valueBytes, LONG_VALUE));
  if (valueBytes >= LONG_VALUE) {
    store<u32>(keyPtr(field) + keyBytes(field), valueBytes);
  }
}

/** The score of a sorted set's member. */
// @ts-ignore: decorator
@inline
export function fieldScore(field: u32): f64 {
  return load<f64>(keyPtr(field) + keyBytes(field));
}

// @ts-ignore: decorator
@inline
export function setFieldScore(field: u32, score: f64): void {
  store<f64>(keyPtr(field) + keyBytes(field), score);
}
