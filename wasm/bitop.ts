// BITOP: one string out of several, bit by bit.
//
//   sources ->  { u32 ptr, u32 byteCount, 24 bytes } | ...    one per source
//
// A missing key is an empty string, and a shorter string goes on in zeros. The
// result grows tile by tile in a new block, so that a tile stays in the cache
// while all sources pass over it once, and becomes the value as it is. Nothing
// is changed before the whole result is there.
//
// DIFF, DIFF1 and ANDOR join all sources but the first with OR, and then look
// at the first one. ONE keeps a second tile: what more than one source has.
//
// Short sources are copied into their record: the digits of an integer lie in
// a place that the next look-up takes for its own. A source's pointer is valid
// throughout, since looking up a key moves no entry.

import { alloc, free } from "./allocator";
import {
  BITOP_AND,
  BITOP_ANDOR,
  BITOP_DIFF,
  BITOP_DIFF1,
  BITOP_NOT,
  BITOP_ONE,
  BITOP_OR,
  BITOP_XOR,
  OUT_OF_MEMORY,
  WRONG_TYPE,
} from "./codes";
import { RAW_HEADER_BYTES } from "./entry";
import { INTEGER_MAX_BYTES } from "./number";
import { getString, storeBlock, viewBytes, viewPtr } from "./string";

const SOURCE_LENGTH: usize = 4;
const SOURCE_DIGITS: u32 = 8;
const SOURCE_BYTES: u32 = 32;
const SOURCE_COUNT_MAX: u32 = 1 << 26;

const TILE_BYTES: u32 = 8192;
const repeated: u32 = u32(memory.data(8192, 16));

/** The lengths of the shortest and the longest source. */
let shortestBytes: u32 = 0;
let longestBytes: u32 = 0;

/**
 * Combines the strings at `count` arguments from `first` on and stores the
 * result at argument `to`. Returns its length or a code; 0 stores nothing, and
 * then the destination has yet to be deleted.
 */
export function bitOperation(
  db: u32,
  operation: u32,
  to: u32,
  first: u32,
  count: u32,
): f64 {
  assert(count > 0 && (operation != BITOP_NOT || count == 1));
  if (count > SOURCE_COUNT_MAX) return OUT_OF_MEMORY;
  const sources = alloc(count * SOURCE_BYTES);
  if (!sources) return OUT_OF_MEMORY;
  let block: u32 = 0;
  const areStrings = findSources(db, sources, first, count);
  if (areStrings && longestBytes) {
    block = alloc(longestBytes + RAW_HEADER_BYTES);
    if (block) combine(operation, block + RAW_HEADER_BYTES, sources, count);
  }
  free(sources);
  if (!areStrings) return WRONG_TYPE;
  if (!longestBytes) return 0;
  if (!block) return OUT_OF_MEMORY;
  const byteCount = longestBytes;
  store<u32>(block, byteCount);
  const code = storeBlock(db, to, block);
  return code < 0 ? code : byteCount;
}

/** Fills the records in; false when a key holds something else. */
function findSources(db: u32, sources: u32, first: u32, count: u32): bool {
  shortestBytes = u32.MAX_VALUE;
  longestBytes = 0;
  for (let i: u32 = 0; i < count; i++) {
    const source = sources + i * SOURCE_BYTES;
    const code = getString(db, first + i);
    if (code == WRONG_TYPE) return false;
    const byteCount = code > 0 ? viewBytes() : 0;
    let ptr = viewPtr();
    if (byteCount <= INTEGER_MAX_BYTES) {
      memory.copy(source + SOURCE_DIGITS, ptr, byteCount);
      ptr = source + SOURCE_DIGITS;
    }
    store<u32>(source, ptr);
    store<u32>(source, byteCount, SOURCE_LENGTH);
    shortestBytes = min(shortestBytes, byteCount);
    longestBytes = max(longestBytes, byteCount);
  }
  return true;
}

/** Writes the result, which is as long as the longest source. */
function combine(operation: u32, to: u32, sources: u32, count: u32): void {
  // Where one source has ended, AND is zero.
  const span = operation == BITOP_AND ? shortestBytes : longestBytes;
  const comparesFirst = operation == BITOP_DIFF || operation == BITOP_DIFF1 ||
    operation == BITOP_ANDOR;
  const first = sources;
  if (comparesFirst) {
    sources += SOURCE_BYTES;
    count--;
  }
  const joining = comparesFirst ? BITOP_OR : operation;
  let at: u32 = 0;
  while (at < span) {
    const tileBytes = min(TILE_BYTES, span - at);
    copyPart(to + at, tileBytes, sources, at);
    if (operation == BITOP_NOT) invert(to + at, tileBytes);
    else {
      if (operation == BITOP_ONE) memory.fill(repeated, 0, tileBytes);
      count = joinRest(joining, to, at, tileBytes, sources, count);
      if (comparesFirst) compareFirst(operation, to + at, tileBytes, first, at);
    }
    at += tileBytes;
  }
  memory.fill(to + span, 0, longestBytes - span);
}

/** Compares what the other sources have with the first one's part of a tile. */
function compareFirst(
  operation: u32,
  to: u32,
  tileBytes: u32,
  first: u32,
  at: u32,
): void {
  const byteCount = partBytes(first, at, tileBytes);
  join(operation, to, load<u32>(first) + at, byteCount);
  if (operation == BITOP_DIFF1) return;
  memory.fill(to + byteCount, 0, tileBytes - byteCount);
}

/** The first source's part of a tile, zeros where it has ended. */
function copyPart(to: u32, tileBytes: u32, source: u32, at: u32): void {
  const byteCount = partBytes(source, at, tileBytes);
  // Behind its end the source may be behind that of memory: even to copy
  // nothing from there traps.
  if (byteCount) memory.copy(to, load<u32>(source) + at, byteCount);
  memory.fill(to + byteCount, 0, tileBytes - byteCount);
}

// @ts-ignore: decorator
@inline
function partBytes(source: u32, at: u32, tileBytes: u32): u32 {
  const byteCount = load<u32>(source, SOURCE_LENGTH);
  return byteCount > at ? min(byteCount - at, tileBytes) : 0;
}

/**
 * Joins a tile with the sources behind the first one. One that has ended gives
 * its place to the last one; returns how many sources are left.
 */
function joinRest(
  operation: u32,
  to: u32,
  at: u32,
  tileBytes: u32,
  sources: u32,
  count: u32,
): u32 {
  let i: u32 = 1;
  while (i < count) {
    const source = sources + i * SOURCE_BYTES;
    const byteCount = partBytes(source, at, tileBytes);
    if (byteCount) {
      join(operation, to + at, load<u32>(source) + at, byteCount);
      i++;
    } else {
      count--;
      // Digits stay in the record where they are, and are still pointed to.
      store<u64>(source, load<u64>(sources + count * SOURCE_BYTES));
    }
  }
  return count;
}

function join(operation: u32, to: u32, from: u32, byteCount: u32): void {
  if (operation == BITOP_AND) joinAs(BITOP_AND, to, from, byteCount);
  else if (operation == BITOP_OR) joinAs(BITOP_OR, to, from, byteCount);
  else if (operation == BITOP_XOR) joinAs(BITOP_XOR, to, from, byteCount);
  else if (operation == BITOP_DIFF) joinAs(BITOP_DIFF, to, from, byteCount);
  else if (operation == BITOP_DIFF1) joinAs(BITOP_DIFF1, to, from, byteCount);
  else if (operation == BITOP_ANDOR) joinAs(BITOP_AND, to, from, byteCount);
  else joinOne(to, from, byteCount);
}

/** What was there once and is here again goes to the second tile. */
function joinOne(to: u32, from: u32, byteCount: u32): void {
  const end = to + byteCount;
  let more = repeated;
  for (; end - to >= 16; to += 16, from += 16, more += 16) {
    const once = v128.load(to), next = v128.load(from);
    const twice = v128.or(v128.load(more), v128.and(once, next));
    v128.store(more, twice);
    v128.store(to, v128.andnot(v128.or(once, next), twice));
  }
  for (; to != end; to++, from++, more++) {
    const once = load<u8>(to), next = load<u8>(from);
    const twice = load<u8>(more) | (once & next);
    store<u8>(more, twice);
    store<u8>(to, (once | next) & ~twice);
  }
}

/** One loop for each operation: it is a constant where this is inlined. */
// @ts-ignore: decorator
@inline
function joinAs(operation: i32, to: u32, from: u32, byteCount: u32): void {
  const end = to + byteCount;
  for (; end - to >= 64; to += 64, from += 64) {
    joinLanes(operation, to, from, 0);
    joinLanes(operation, to, from, 16);
    joinLanes(operation, to, from, 32);
    joinLanes(operation, to, from, 48);
  }
  for (; end - to >= 8; to += 8, from += 8) {
    store<u64>(to, joined(operation, load<u64>(to), load<u64>(from)));
  }
  for (; to != end; to++, from++) {
    store<u8>(to, u8(joined(operation, load<u8>(to), load<u8>(from))));
  }
}

// @ts-ignore: decorator
@inline
function joinLanes(operation: i32, to: u32, from: u32, offset: u32): void {
  const a = v128.load(to + offset), b = v128.load(from + offset);
  if (operation == BITOP_AND) v128.store(to + offset, v128.and(a, b));
  else if (operation == BITOP_OR) v128.store(to + offset, v128.or(a, b));
  else if (operation == BITOP_DIFF) {
    v128.store(to + offset, v128.andnot(b, a));
  } else if (operation == BITOP_DIFF1) {
    v128.store(to + offset, v128.andnot(a, b));
  } else v128.store(to + offset, v128.xor(a, b));
}

// @ts-ignore: decorator
@inline
function joined(operation: i32, a: u64, b: u64): u64 {
  if (operation == BITOP_AND) return a & b;
  if (operation == BITOP_OR) return a | b;
  if (operation == BITOP_DIFF) return b & ~a;
  if (operation == BITOP_DIFF1) return a & ~b;
  return a ^ b;
}

function invert(at: u32, byteCount: u32): void {
  const end = at + byteCount;
  for (; end - at >= 16; at += 16) {
    v128.store(at, v128.not(v128.load(at)));
  }
  for (; at != end; at++) store<u8>(at, ~load<u8>(at));
}
