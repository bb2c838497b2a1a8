// The dense code of a HyperLogLog: 16384 registers of six bits.
//
//   byte      0          1          2         four registers in three bytes,
//   bits      11000000   22221111   33333322  the lowest bits first
//
// Registers are named by the address of the string they are in, and reached by
// words that begin before them, in the header: nothing behind the last byte is
// read or written.
//
// Where several HyperLogLogs become one, the registers stand in `maxima`, a
// byte each, sixteen of them to a lane.

import { countRegister, foldHistograms } from "./hll_estimate";
import { HEADER_BYTES, REGISTER_COUNT } from "./hll_form";

const REGISTER_MASK: u32 = 63;
/** Registers of a group, and the bytes that hold them. */
const GROUP_SHIFT: u32 = 2;
const GROUP_BYTES: u32 = 3;

/** The highest rank of each register so far, a byte each. */
export const maxima: u32 = u32(memory.data(16384, 16));

export function clearMaxima(): void {
  memory.fill(maxima, 0, REGISTER_COUNT);
}

/** The word whose bits from 8 on are the register's group. */
// @ts-ignore: decorator
@inline
function groupWord(string: u32, register: u32): u32 {
  return string + HEADER_BYTES - 1 + (register >> GROUP_SHIFT) * GROUP_BYTES;
}

// @ts-ignore: decorator
@inline
function shiftInWord(register: u32): u32 {
  return 8 + (register & 3) * 6;
}

export function denseRank(string: u32, register: u32): u32 {
  const word = load<u32>(groupWord(string, register));
  return (word >> shiftInWord(register)) & REGISTER_MASK;
}

// @ts-ignore: decorator
@inline
export function setDenseRank(string: u32, register: u32, rank: u32): void {
  const at = groupWord(string, register);
  const shift = shiftInWord(register);
  const others = load<u32>(at) & ~(REGISTER_MASK << shift);
  store<u32>(at, others | (rank << shift));
}

/** Raises a register to a rank; 0 when it is as high already. */
export function raiseDense(string: u32, register: u32, rank: u32): i32 {
  if (denseRank(string, register) >= rank) return 0;
  setDenseRank(string, register, rank);
  return 1;
}

/** Adds all registers to the histogram, eight at a time. */
export function countDense(string: u32): void {
  let at = string + HEADER_BYTES;
  const end = at + REGISTER_COUNT * 6 / 8;
  for (; at != end; at += 6) {
    const word = load<u64>(at - 2) >> 16;
    countRegister(0, u32(word));
    countRegister(1, u32(word >> 6));
    countRegister(2, u32(word >> 12));
    countRegister(3, u32(word >> 18));
    countRegister(0, u32(word >> 24));
    countRegister(1, u32(word >> 30));
    countRegister(2, u32(word >> 36));
    countRegister(3, u32(word >> 42));
  }
  foldHistograms();
}

/** Adds the maxima to the histogram. */
export function countMaxima(): void {
  const end = maxima + REGISTER_COUNT;
  for (let at = maxima; at != end; at += 8) {
    const word = load<u64>(at);
    countRegister(0, u32(word));
    countRegister(1, u32(word >> 8));
    countRegister(2, u32(word >> 16));
    countRegister(3, u32(word >> 24));
    countRegister(0, u32(word >> 32));
    countRegister(1, u32(word >> 40));
    countRegister(2, u32(word >> 48));
    countRegister(3, u32(word >> 56));
  }
  foldHistograms();
}

/** Raises the maxima to a HyperLogLog's registers, sixteen at a time. */
export function raiseMaxima(string: u32): void {
  // Twelve bytes behind the first four: each group in a word of its own.
  const spread = i8x16(
    4,
    5,
    6,
    -1,
    7,
    8,
    9,
    -1,
    10,
    11,
    12,
    -1,
    13,
    14,
    15,
    -1,
  );
  let from = string + HEADER_BYTES - 4;
  const end = maxima + REGISTER_COUNT;
  for (let to = maxima; to != end; to += 16, from += 12) {
    const groups = i8x16.swizzle(v128.load(from), spread);
    const ranks = v128.or(
      v128.or(laneOf(groups, 0), laneOf(groups, 1)),
      v128.or(laneOf(groups, 2), laneOf(groups, 3)),
    );
    v128.store(to, i8x16.max_u(v128.load(to), ranks));
  }
}

/** The n-th register of each group, in the n-th byte of its word. */
// @ts-ignore: decorator
@inline
function laneOf(groups: v128, n: i32): v128 {
  const mask = i32x4.splat(REGISTER_MASK << (n << 3));
  return v128.and(i32x4.shl(groups, n << 1), mask);
}

/** Writes the maxima as a HyperLogLog's registers, eight at a time. */
export function storeMaxima(string: u32): void {
  let to = string + HEADER_BYTES;
  const end = maxima + REGISTER_COUNT;
  for (let from = maxima; from != end; from += 8, to += 6) {
    let word = load<u64>(from);
    word = closedUp(word, 0x003f003f003f003f, 8, 2);
    word = closedUp(word, 0x00000fff00000fff, 16, 4);
    word = closedUp(word, 0x0000000000ffffff, 32, 8);
    store<u32>(to, u32(word));
    store<u16>(to, u16(word >> 32), 4);
  }
}

/** Moves the upper field of each pair down, beside the lower one. */
// @ts-ignore: decorator
@inline
function closedUp(word: u64, low: u64, fieldBits: u64, gapBits: u64): u64 {
  return (word & low) | ((word & (low << fieldBits)) >> gapBits);
}
