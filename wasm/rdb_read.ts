// What RDB values are made of: lengths, strings, doubles, times.
//
//   length   00xxxxxx                   6 bits
//            01xxxxxx x8                14 bits
//            10000000 u32, 10000001 u64 big-endian
//   string   length, bytes
//            110000nn                   an integer of 8, 16 or 32 bits
//            11000011 length length     LZF: bytes here, bytes without it
//
// Everything reads from the source (source.ts); with trouble there the result
// means nothing. A string's bytes lie in the window, or, when they had to be
// made, in one of two scratch blocks: a name and its value can be looked at
// together. They hold until the next string of that kind, and no longer than
// the element.

import { alloc, free } from "./allocator";
import { parsedDouble, parseDouble } from "./double";
import { lzfDecompress } from "./lzf";
import { formatInteger } from "./number";
import {
  RDB_LENGTH_14,
  RDB_LENGTH_32,
  RDB_LENGTH_64,
  RDB_STRING_INT16,
  RDB_STRING_INT32,
  RDB_STRING_INT8,
  RDB_STRING_LZF,
} from "./rdb_codes";
import {
  FAULT_LENGTH,
  FAULT_LZF,
  FAULT_SCORE,
  FAULT_STRING_ENCODING,
  FAULT_TOO_LONG,
} from "./rdb_faults";
import {
  at,
  bytesHere,
  bytesLeft,
  fail,
  failBack,
  failForMemory,
  has,
  take16,
  take32,
  take64,
  take8,
  takeBytes,
  trouble,
} from "./source";

/** Room for more elements is not made at once. */
const RESERVE_MAX: f64 = 268435456;
/** LZF makes at most 264 bytes of three. */
const LZF_RATIO_MAX: u64 = 88;
/** No block can be larger: the page table takes 16 MiB of the 4 GiB. */
const STRING_BYTES_MAX: u64 = 0xf0000000;

/** The last string: where its bytes lie. */
export let stringPtr: u32 = 0;
export let stringBytes: u32 = 0;
/** Whether it was written as an integer, and which. */
export let stringIsInteger: bool = false;
export let stringInteger: i64 = 0;

/** Of which kind a string is: what is looked at together is not the same. */
export const NAME: u32 = 0;
export const VALUE: u32 = 1;

const digits: u32 = u32(memory.data(48, 8));
const DIGITS_ROOM: u32 = 24;

const SCRATCH_BYTES_MIN: u32 = 4096;
/** A scratch block of more goes back with the next string. */
const SCRATCH_BYTES_KEPT: u32 = 1 << 20;
const scratchBlocks: u32 = u32(memory.data(16, 4));

/** A length; an encoding of a string is trouble here. */
export function readLength(): u64 {
  const first = take8();
  if (first < 0x40) return first;
  return readLongLength(first);
}

function readLongLength(first: u32): u64 {
  if (first < u32(RDB_LENGTH_32)) return (first ^ RDB_LENGTH_14) << 8 | take8();
  if (first == RDB_LENGTH_32) return bswap<u32>(take32());
  if (first == RDB_LENGTH_64) return bswap<u64>(take64());
  failBack(FAULT_LENGTH, 1);
  return 0;
}

/**
 * A count of elements that take so many bytes or more each; a count that the
 * input cannot hold is trouble.
 */
export function readCount(elementBytes: u32): u64 {
  const count = readLength();
  if (f64(count) * f64(elementBytes) > bytesLeft()) fail(FAULT_TOO_LONG);
  return trouble ? 0 : count;
}

/** A string; `stringPtr` and `stringBytes` are set. False with trouble. */
// @ts-ignore: decorator
@inline
export function readString(kind: u32): bool {
  if (bytesHere() > 64 && !trouble) {
    const byteCount: u32 = load<u8>(at);
    if (byteCount < 64) {
      stringIsInteger = false;
      stringBytes = byteCount;
      stringPtr = takeBytes(byteCount + 1) + 1;
      return true;
    }
  }
  return readOtherString(kind);
}

function readOtherString(kind: u32): bool {
  const first = take8();
  if (trouble) return false;
  if (first >= u32(RDB_STRING_INT8)) return readEncoded(kind, first);
  return readPlain(first < 0x40 ? first : readLongLength(first));
}

function readPlain(byteCount: u64): bool {
  if (!mayBeString(byteCount)) return false;
  stringIsInteger = false;
  stringPtr = takeBytes(u32(byteCount));
  stringBytes = u32(byteCount);
  return !trouble;
}

/** Whether a string of so many bytes may follow; else there is trouble. */
export function mayBeString(byteCount: u64): bool {
  if (trouble) return false;
  return byteCount < STRING_BYTES_MAX && f64(byteCount) <= bytesLeft() ||
    fail(FAULT_TOO_LONG);
}

function readEncoded(kind: u32, encoding: u32): bool {
  if (encoding == RDB_STRING_LZF) return readCompressed(kind);
  if (encoding == RDB_STRING_INT8) stringInteger = i64(i8(take8()));
  else if (encoding == RDB_STRING_INT16) stringInteger = i64(i16(take16()));
  else if (encoding == RDB_STRING_INT32) stringInteger = i64(i32(take32()));
  else return failBack(FAULT_STRING_ENCODING, 1);
  stringIsInteger = true;
  stringPtr = digits + kind * DIGITS_ROOM;
  stringBytes = formatInteger(stringPtr, stringInteger);
  return !trouble;
}

function readCompressed(kind: u32): bool {
  const packedBytes = readLength();
  const byteCount = readLength();
  if (!mayBeString(packedBytes)) return false;
  if (
    !byteCount || byteCount >= STRING_BYTES_MAX ||
    byteCount > (packedBytes + 3) * LZF_RATIO_MAX
  ) return fail(FAULT_LZF);
  const packed = takeBytes(u32(packedBytes));
  if (trouble) return false;
  const to = scratch(kind, u32(byteCount));
  if (!to) return failForMemory();
  const made = lzfDecompress(packed, u32(packedBytes), to, u32(byteCount));
  if (made != u32(byteCount)) return failBack(FAULT_LZF, u32(packedBytes));
  stringIsInteger = false;
  stringPtr = to;
  stringBytes = made;
  return true;
}

/** The scratch block of a kind with room for so many bytes; 0: no memory. */
function scratch(kind: u32, byteCount: u32): u32 {
  const place = scratchBlocks + (kind << 3);
  const block = load<u32>(place);
  const room = load<u32>(place, 4);
  const tooLarge = room > SCRATCH_BYTES_KEPT && byteCount < room >> 2;
  if (block && room >= byteCount && !tooLarge) return block;
  if (block) free(block);
  const wanted = max(byteCount, SCRATCH_BYTES_MIN);
  const fresh = alloc(wanted);
  store<u32>(place, fresh);
  store<u32>(place, fresh ? wanted : 0, 4);
  return fresh;
}

/** Gives the scratch blocks back. */
export function freeScratch(): void {
  for (let kind: u32 = 0; kind < 2; kind++) {
    const place = scratchBlocks + (kind << 3);
    if (load<u32>(place)) free(load<u32>(place));
    store<u64>(place, 0);
  }
}

/** A double as its eight bytes. */
export function readBinaryDouble(): f64 {
  return reinterpret<f64>(take64());
}

/** A double as text, as old files have it: length, then digits. */
export function readTextDouble(): f64 {
  const byteCount = take8();
  if (byteCount == 255) return -Infinity;
  if (byteCount == 254) return Infinity;
  if (byteCount == 253) return NaN;
  const ptr = takeBytes(byteCount);
  if (trouble) return 0;
  if (parseDouble(ptr, byteCount)) return parsedDouble;
  failBack(FAULT_SCORE, byteCount);
  return 0;
}

/** Seconds since 1970 as 32 bits, in ms. */
export function readSeconds(): f64 {
  return f64(i32(take32())) * 1000;
}

/** Milliseconds since 1970. */
export function readMilliseconds(): f64 {
  return f64(i64(take64()));
}

/**
 * For how many of the announced elements, of two bytes or more each, room may
 * be made at once: for as many as the input can hold.
 */
export function reservable(count: u64): u32 {
  const left = bytesLeft();
  const most = (left == Infinity ? f64(bytesHere()) : left) / 2;
  return u32(min<f64>(f64(count), min<f64>(most, RESERVE_MAX)));
}

/** The length of a string that is its bytes; 0 when it is encoded. */
export function readPlainLength(): u64 {
  if (has(1) && <u32> load<u8>(at) >= u32(RDB_STRING_INT8)) return 0;
  return readLength();
}
