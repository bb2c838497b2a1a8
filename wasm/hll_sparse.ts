// The sparse code of a HyperLogLog: runs of equal registers, in their order.
//
//   ZERO   00xxxxxx             x + 1 registers of rank 0, up to 64
//   XZERO  01xxxxxx xxxxxxxx    the same, up to 16384; high bits first
//   VAL    1vvvvvxx             x + 1 registers of rank v + 1: up to 4, up to 32
//
// A value is sound when its runs cover 16384 registers. Clients can write
// anything, so nothing here trusts that: no read or write leaves the string,
// whose end is passed along, and an XZERO that is cut off there is not sound.
//
// To raise a register is to find its run, to put up to three runs (five bytes)
// in its place, and to join equal neighbours: in just the steps of Redis, since
// the same elements have to give the same bytes. Finding and planning change
// nothing, so that the caller can make room in between; `moveFound` then takes
// along what was found.

import { maxima, setDenseRank } from "./hll_dense";
import { countRun } from "./hll_estimate";
import { REGISTER_COUNT } from "./hll_form";

/** No run has a higher rank. */
export const SPARSE_RANK_MAX: u32 = 32;
/** By how much raising one register can make the code longer. */
export const SPARSE_GROWTH_MAX: i32 = 3;
/** What `planRaise` says when the register is as high already. */
export const NOTHING_TO_RAISE: i32 = -100;

const XZERO: u32 = 0x40;
const KIND_MASK: u32 = 0xc0;
const VAL: u32 = 0x80;
const ZERO_RUN_MAX: u32 = 64;
const VAL_RUN_MAX: u32 = 4;
/** How many runs are looked at for equal neighbours. */
const JOIN_LOOKS: u32 = 5;

// @ts-ignore: decorator
@inline
function isXzero(code: u32): bool {
  return (code & KIND_MASK) == XZERO;
}

/** The registers of a ZERO or VAL, without a branch between the two. */
// @ts-ignore: decorator
@inline
export function shortRun(code: u32): u32 {
  return (code & select<u32>(3, 63, code >> 7)) + 1;
}

/** The registers of an XZERO; a second byte that is missing passes for 0. */
// @ts-ignore: decorator
@inline
export function longRun(code: u32, at: u32, end: u32): u32 {
  const low: u32 = at + 1 < end ? load<u8>(at, 1) : 0;
  return (((code & 63) << 8) | low) + 1;
}

// @ts-ignore: decorator
@inline
export function rankOf(code: u32): u32 {
  return ((code >> 2) & 31) + 1;
}

// @ts-ignore: decorator
@inline
function valCode(rank: u32, run: u32): u32 {
  return VAL | ((rank - 1) << 2) | (run - 1);
}

/** Writes the code of an empty HyperLogLog: two bytes. */
export function writeEmpty(at: u32): void {
  const run = REGISTER_COUNT - 1;
  store<u8>(at, XZERO | (run >> 8));
  store<u8>(at, run, 1);
}

// What `findRun` found: the run that covers a register, and the one before it.

let foundAt: u32 = 0;
let foundFirst: u32 = 0;
let foundRun: u32 = 0;
/** 0 when the run found is the first one that was looked at. */
export let foundPrevious: u32 = 0;
let wantedRegister: u32 = 0;

const HIGH_BITS: u64 = 0x8080808080808080;
const XZERO_BITS: u64 = 0x4040404040404040;
const LOW_BYTES: u64 = 0x00ff00ff00ff00ff;
const ONES: u64 = 0x0101010101010101;
const ZERO_LENGTHS: u64 = 0x3f3f3f3f3f3f3f3f;
/** What a VAL's length has not of the bits of a ZERO's. */
const RANK_BITS: u64 = 0x3c;

/**
 * Finds the run that covers a register, looking from the run at `at` on, whose
 * first register is `first`. False when the code ends before.
 */
export function findRun(
  at: u32,
  first: u32,
  end: u32,
  register: u32,
): bool {
  let previous: u32 = 0;
  // Eight bytes at a time and without a branch: the short runs before the
  // first XZERO together, and that one if it lies within the eight.
  while (end - at >= 8) {
    const codes = load<u64>(at);
    const shortBits = ctz<u64>(codes & ~(codes >> 1) & XZERO_BITS) & ~7;
    const hasLong = shortBits < 56;
    const zeros = bswap<u16>(u16(codes >> shortBits)) & 0x3fff;
    const run = select<u32>(zeros + 1, 0, hasLong);
    const after = first + sumOfRuns(codes, shortBits) + run;
    if (register < after) break;
    first = after;
    at += u32(shortBits >> 3) + (u32(hasLong) << 1);
    previous = at - 1 - u32(hasLong);
  }
  while (at < end) {
    const code = <u32> load<u8>(at);
    const isLong = isXzero(code);
    if (isLong && at + 1 == end) return false;
    const run = isLong ? longRun(code, at, end) : shortRun(code);
    if (register < first + run) {
      foundAt = at;
      foundFirst = first;
      foundRun = run;
      foundPrevious = previous;
      wantedRegister = register;
      return true;
    }
    previous = at;
    at += isLong ? 2 : 1;
    first += run;
  }
  return false;
}

/** The registers of the short runs in the lowest so many bits of a word. */
// @ts-ignore: decorator
@inline
function sumOfRuns(codes: u64, shortBits: u64): u32 {
  const vals = (codes & HIGH_BITS) >> 7;
  let runs = (codes & (ZERO_LENGTHS ^ (vals * RANK_BITS))) + ONES;
  runs &= select<u64>(
    u64.MAX_VALUE,
    (<u64> 1 << shortBits) - 1,
    shortBits == 64,
  );
  const pairs = (runs & LOW_BYTES) + ((runs >> 8) & LOW_BYTES);
  return u32((pairs * 0x0001000100010001) >> 48);
}

/** The first register of the run before the one that was found. */
export function previousFirst(end: u32): u32 {
  const code = <u32> load<u8>(foundPrevious);
  const run = isXzero(code)
    ? longRun(code, foundPrevious, end)
    : shortRun(code);
  return foundFirst - run;
}

/** The string has moved by so many bytes: so has what was found in it. */
export function moveFound(distance: u32): void {
  foundAt += distance;
  if (foundPrevious) foundPrevious += distance;
}

// The runs that take the place of the one found.

let plan: u64 = 0;
let planBytes: u32 = 0;
let replacedBytes: u32 = 0;

// @ts-ignore: decorator
@inline
function addToPlan(byte: u32): void {
  plan |= u64(byte) << (planBytes << 3);
  planBytes++;
}

function addZeros(run: u32): void {
  if (run > ZERO_RUN_MAX) {
    addToPlan(XZERO | ((run - 1) >> 8));
    addToPlan((run - 1) & 0xff);
  } else addToPlan(run - 1);
}

/**
 * Prepares to raise the register that was found to a rank of at most
 * SPARSE_RANK_MAX. Returns by how many bytes that makes the code longer, maybe
 * less than 0, or NOTHING_TO_RAISE.
 */
export function planRaise(rank: u32): i32 {
  const code = <u32> load<u8>(foundAt);
  const isVal = (code & VAL) != 0;
  const had = rankOf(code);
  if (isVal && had >= rank) return NOTHING_TO_RAISE;
  const before = wantedRegister - foundFirst;
  const after = foundRun - before - 1;
  plan = 0;
  planBytes = 0;
  replacedBytes = isXzero(code) ? 2 : 1;
  if (before) {
    if (isVal) addToPlan(valCode(had, before));
    else addZeros(before);
  }
  addToPlan(valCode(rank, 1));
  if (after) {
    if (isVal) addToPlan(valCode(had, after));
    else addZeros(after);
  }
  return i32(planBytes) - i32(replacedBytes);
}

/** Does what was planned; there is room for it. Returns the new end. */
export function raiseFound(start: u32, end: u32): u32 {
  const tail = foundAt + replacedBytes;
  memory.copy(foundAt + planBytes, tail, end - tail);
  for (let i: u32 = 0; i < planBytes; i++) {
    store<u8>(foundAt + i, u8(plan >> (i << 3)));
  }
  end = end + planBytes - replacedBytes;
  return joinRuns(foundPrevious ? foundPrevious : start, end);
}

/** Joins equal neighbours among the next few runs; returns the new end. */
function joinRuns(at: u32, end: u32): u32 {
  for (let looks: u32 = 0; looks < JOIN_LOOKS && at < end; looks++) {
    const code = <u32> load<u8>(at);
    if (!(code & VAL)) {
      at += isXzero(code) ? 2 : 1;
      continue;
    }
    const run = at + 1 < end ? joinedRun(code, load<u8>(at, 1)) : 0;
    if (run) {
      store<u8>(at, valCode(rankOf(code), run));
      memory.copy(at + 1, at + 2, end - at - 2);
      end--;
    } else at++;
  }
  return end;
}

/** How many registers two neighbours would have as one; 0 if they cannot. */
// @ts-ignore: decorator
@inline
function joinedRun(code: u32, next: u32): u32 {
  // The same bits but for the length: a VAL of the same rank.
  if ((code ^ next) & ~3) return 0;
  const run = shortRun(code) + shortRun(next);
  return run <= VAL_RUN_MAX ? run : 0;
}

/** Adds the runs to the histogram; false when they are not sound. */
export function countSparse(at: u32, end: u32): bool {
  let register: u32 = 0;
  while (at < end && register <= REGISTER_COUNT) {
    const code = <u32> load<u8>(at);
    let run: u32;
    if (isXzero(code)) {
      if (at + 1 == end) return false;
      run = longRun(code, at, end);
      countRun(0, run);
      at += 2;
    } else {
      run = shortRun(code);
      countRun(select<u32>(rankOf(code), 0, code >> 7), run);
      at++;
    }
    register += run;
  }
  return register == REGISTER_COUNT;
}

// Where the registers of a code go: into the maxima, or into a dense string.

/** Raises the maxima to the runs; false when they are not sound. */
export function raiseMaximaSparse(at: u32, end: u32): bool {
  return spread(at, end, 0);
}

/** Writes the runs to a dense string of zeros; false when not sound. */
export function spreadDense(at: u32, end: u32, dense: u32): bool {
  return spread(at, end, dense);
}

// @ts-ignore: decorator
@inline
function spread(at: u32, end: u32, dense: u32): bool {
  let register: u32 = 0;
  while (at < end) {
    const code = <u32> load<u8>(at);
    if (code & VAL) {
      const stop = register + shortRun(code);
      // As Redis: behind the last register, a VAL ends it and does no harm.
      if (stop > REGISTER_COUNT) break;
      const rank = rankOf(code);
      for (; register != stop; register++) {
        if (dense) setDenseRank(dense, register, rank);
        else if (load<u8>(maxima + register) < rank) {
          store<u8>(maxima + register, rank);
        }
      }
      at++;
    } else if (isXzero(code)) {
      if (at + 1 == end) return false;
      register += longRun(code, at, end);
      at += 2;
    } else {
      register += shortRun(code);
      at++;
    }
    if (register > REGISTER_COUNT) return false;
  }
  return register == REGISTER_COUNT;
}
