// Single bits of strings, and counting and finding bits in a range of them.
//
//   byte       0                       1
//   bit        0  1  2  3  4  5  6  7  8  9 ...      bit 0 is the highest
//
// A range is given by its first and last bit, both within the string. Counting
// and finding look at the view that `getString` has set (string.ts); they
// allocate nothing and change nothing. Whole bytes go through 64 at a time; the
// ends of a range are masked. Nothing is read outside of the string.

import { argLen, argPtr } from "./arguments";
import { BIT_CHANGED, BIT_OFFSET, BIT_VALUE, MISSING } from "./codes";
import { parsedInteger, parseInteger } from "./number";
import { countChange } from "./statistics";
import { getString, viewBytes, viewPtr } from "./string";
import { maxStringBytes } from "./limits";
import { extendString } from "./string_edit";

const HASH_SIGN: u32 = 0x23;

/** What the last successful `parseBitOffset` read. */
export let parsedOffset: u64 = 0;

/**
 * Reads a bit offset: false when it is none, or none that a string can have.
 * With `fieldBits`, `#n` means the n-th field of so many bits.
 */
export function parseBitOffset(index: u32, fieldBits: u32): bool {
  let at = argPtr(index);
  let byteCount = argLen(index);
  let unit: i64 = 1;
  if (fieldBits && byteCount && load<u8>(at) == HASH_SIGN) {
    at++;
    byteCount--;
    unit = fieldBits;
  }
  if (!parseInteger(at, byteCount)) return false;
  // Redis lets an enormous #n wrap around, and so does this.
  const offset = parsedInteger * unit;
  if (offset < 0 || offset >> 3 >= i64(maxStringBytes)) return false;
  parsedOffset = offset;
  return true;
}

/** GETBIT: 0 or 1, or a code. */
export function getBit(db: u32, key: u32, offset: u32): i32 {
  if (!parseBitOffset(offset, 0)) return BIT_OFFSET;
  const bit = parsedOffset;
  const code = getString(db, key);
  if (code < 0) return code == MISSING ? 0 : code;
  const at = u32(bit >> 3);
  if (at >= viewBytes()) return 0;
  return (load<u8>(viewPtr() + at) >> (7 - (u32(bit) & 7))) & 1;
}

/**
 * SETBIT: the bit that was there before, plus BIT_CHANGED when the string is
 * another one now, or a code.
 */
export function setBit(db: u32, key: u32, offset: u32, value: u32): i32 {
  if (!parseBitOffset(offset, 0)) return BIT_OFFSET;
  const bit = parsedOffset;
  if (!parseInteger(argPtr(value), argLen(value))) return BIT_VALUE;
  if (parsedInteger & ~1) return BIT_VALUE;
  const wanted = u32(parsedInteger);
  const extended = extendString(db, key, (bit >> 3) + 1);
  if (extended < 0) return extended;
  const at = viewPtr() + u32(bit >> 3);
  const mask: u32 = 0x80 >> (u32(bit) & 7);
  const byte = <u32> load<u8>(at);
  const before = i32((byte & mask) != 0);
  if (!extended && before == wanted) return before;
  store<u8>(at, wanted ? byte | mask : byte & ~mask);
  countChange();
  return before | BIT_CHANGED;
}

/** How many bits of the view are set from one bit to another. O(n). */
export function countBits(first: f64, last: f64): f64 {
  const firstBit = u64(first), lastBit = u64(last);
  assert(firstBit <= lastBit && lastBit >> 3 < u64(viewBytes()));
  const at = viewPtr() + u32(firstBit >> 3);
  const end = viewPtr() + u32(lastBit >> 3);
  const head: u32 = 0xff >> (u32(firstBit) & 7);
  const tail: u32 = 0xff << (7 - (u32(lastBit) & 7));
  if (at == end) return popcnt<u32>(load<u8>(at) & head & tail);
  return f64(
    countBytes(at + 1, end - at - 1) +
      popcnt<u32>(load<u8>(at) & head) + popcnt<u32>(load<u8>(end) & tail),
  );
}

/** So many steps of 64 bytes fit before a lane of u8 sums would overflow. */
const COUNT_STEPS: u32 = 7;
const COUNT_BYTES: u32 = COUNT_STEPS * 64;

/** The number of bits set in a run of bytes. */
function countBytes(at: u32, byteCount: u32): u64 {
  const end = at + byteCount;
  let total: u64 = 0;
  while (end - at >= COUNT_BYTES) {
    let lanes = i8x16.splat(0);
    for (const stop = at + COUNT_BYTES; at != stop; at += 64) {
      lanes = i8x16.add(
        lanes,
        i8x16.add(
          i8x16.add(popcntAt(at, 0), popcntAt(at, 16)),
          i8x16.add(popcntAt(at, 32), popcntAt(at, 48)),
        ),
      );
    }
    total += sumOfLanes(lanes);
  }
  for (; end - at >= 8; at += 8) total += popcnt<u64>(load<u64>(at));
  for (; at != end; at++) total += popcnt<u32>(load<u8>(at));
  return total;
}

// @ts-ignore: decorator
@inline
function popcntAt(at: u32, offset: u32): v128 {
  return i8x16.popcnt(v128.load(at + offset));
}

/** The sum of sixteen unsigned bytes. */
// @ts-ignore: decorator
@inline
function sumOfLanes(lanes: v128): u64 {
  const sums = i32x4.extadd_pairwise_i16x8_u(
    i16x8.extadd_pairwise_i8x16_u(lanes),
  );
  return u64(i32x4.extract_lane(sums, 0)) + u64(i32x4.extract_lane(sums, 1)) +
    u64(i32x4.extract_lane(sums, 2)) + u64(i32x4.extract_lane(sums, 3));
}

/**
 * The first bit of a value in a range of the view; -1 when there is none.
 * O(n).
 */
export function findBit(bit: i32, first: f64, last: f64): f64 {
  const firstBit = u64(first), lastBit = u64(last);
  assert(firstBit <= lastBit && lastBit >> 3 < u64(viewBytes()));
  const start = viewPtr();
  // Turned around where a zero is looked for, the first 1 is it.
  const flip: u32 = bit ? 0 : 0xff;
  let at = start + u32(firstBit >> 3);
  const end = start + u32(lastBit >> 3);
  const head: u32 = 0xff >> (u32(firstBit) & 7);
  let found = (load<u8>(at) ^ flip) & head;
  if (!found && at != end) {
    at = skipBytes(at + 1, end, flip);
    found = load<u8>(at) ^ flip;
  }
  if (!found) return -1;
  const position = (u64(at - start) << 3) + u64(clz<u32>(found) - 24);
  return position <= lastBit ? f64(position) : -1;
}

/** The first byte that differs from `flip`, or `end` when none before does. */
function skipBytes(at: u32, end: u32, flip: u32): u32 {
  const skipped = i8x16.splat(i8(flip));
  for (; end - at >= 64; at += 64) {
    const differences = v128.or(
      v128.or(differenceAt(at, 0, skipped), differenceAt(at, 16, skipped)),
      v128.or(differenceAt(at, 32, skipped), differenceAt(at, 48, skipped)),
    );
    if (v128.any_true(differences)) break;
  }
  const word = flip ? u64.MAX_VALUE : 0;
  while (end - at >= 8 && load<u64>(at) == word) at += 8;
  while (at != end && load<u8>(at) == flip) at++;
  return at;
}

// @ts-ignore: decorator
@inline
function differenceAt(at: u32, offset: u32, skipped: v128): v128 {
  return v128.xor(v128.load(at + offset), skipped);
}
