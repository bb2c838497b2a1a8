// LCS: the longest common subsequence of two strings, a and b.
//
// The textbook table has a length of 32 bits for each pair of prefixes. Along a
// row these lengths rise by nothing or by one, and one bit for each step says
// all: bit j of row i is 0 if the common subsequence of a's first i bytes and
// b's first j + 1 is longer than that with b's first j. The next row follows
// from 64 such bits at a time: where `matches` marks the places in b of a's
// next byte,
//
//   next = (row + (row & matches)) | (row & ~matches)
//
// one long addition with its carry running from b's beginning to its end
// (Crochemore and others, 2001). So the table takes a thirty-second of the
// memory and about a fiftieth of the time.
//
//   block ->  matches, one row for each distinct byte of a
//             row 1 .. row n of the table; for the length alone only one
//             the common subsequence
//
// The block lives for one call. Bits of a row beyond b's end are 1.
//
// Of several longest ones, the reply is the one that Redis finds: from the end
// of both strings a step back in a only where that is strictly longer.

import { alloc, free } from "./allocator";
import { LCS_NO_MEMORY, LCS_TOO_LARGE, WRONG_TYPE } from "./codes";
import { lookupRead } from "./lookup";
import { entryType, TYPE_STRING } from "./entry";
import { replyBulk, replyHeader, replyInteger64 } from "./reply";
import { viewBytes, viewPtr, viewString } from "./string";
import { maxStringBytes } from "./limits";

const ARRAY: u32 = 0x2a;
const BLOCK_MAX_BYTES: u64 = 0xff000000;
/** What the length of one pair of prefixes takes in Redis's table. */
const CELL_BYTES: f64 = 4;

/** For each byte value the number of its row of matches; 0: not in a. */
const matchRows = memory.data(512);
/** The digits of a when it is kept as an integer; b's are in the view. */
const digits = memory.data(24);

let a: u32 = 0;
let aBytes: u32 = 0;
let b: u32 = 0;
let bBytes: u32 = 0;
let block: u32 = 0;
let rowBytes: u32 = 0;
/** Row 1 of the table. */
let firstRow: u32 = 0;
/** Where the common subsequence is put together. */
let text: u32 = 0;
let rangeCount: u32 = 0;

/** The length of the common subsequence of two strings, or a code. */
export function lcsLength(db: u32, first: u32, second: u32): f64 {
  const length = build(db, first, second, false);
  if (length >= 0) free(block);
  return length;
}

/** Replies with the common subsequence itself: its length, or a code. */
export function lcsText(db: u32, first: u32, second: u32): f64 {
  const length = build(db, first, second, true);
  if (length < 0) return length;
  gather(u32(length));
  replyBulk(text, u32(length));
  free(block);
  return length;
}

/**
 * Replies with the ranges of at least `minBytes` that the common subsequence
 * consists of, last one first: its length, or a code. `lcsRangeCount` tells
 * how many there are; the header in front is the caller's.
 */
export function lcsRanges(
  db: u32,
  first: u32,
  second: u32,
  minBytes: f64,
  withLength: i32,
): f64 {
  const length = build(db, first, second, true);
  if (length < 0) return length;
  rangeCount = 0;
  let i = aBytes;
  let j = bBytes;
  while (i && j) {
    if (!isMatch(i, j)) {
      if (isLonger(i, j)) i--;
      else j--;
      continue;
    }
    const aEnd = i;
    const bEnd = j;
    do {
      i--;
      j--;
    } while (i && j && isMatch(i, j));
    if (f64(aEnd - i) >= minBytes) replyRange(i, aEnd, j, bEnd, withLength);
  }
  free(block);
  return length;
}

export function lcsRangeCount(): u32 {
  return rangeCount;
}

/** `[[first, last] in a, [first, last] in b, length]` */
function replyRange(
  aStart: u32,
  aEnd: u32,
  bStart: u32,
  bEnd: u32,
  withLength: i32,
): void {
  rangeCount++;
  replyHeader(ARRAY, withLength ? 3 : 2);
  replyHeader(ARRAY, 2);
  replyInteger64(aStart);
  replyInteger64(aEnd - 1);
  replyHeader(ARRAY, 2);
  replyInteger64(bStart);
  replyInteger64(bEnd - 1);
  if (withLength) replyInteger64(aEnd - aStart);
}

/** Puts the common subsequence together, from its end. */
function gather(length: u32): void {
  let i = aBytes;
  let j = bBytes;
  for (let left = length; left;) {
    if (isMatch(i, j)) {
      i--;
      j--;
      left--;
      store<u8>(text + left, load<u8>(a + i));
    } else if (isLonger(i, j)) i--;
    else j--;
  }
}

/** Whether the prefixes of i and j bytes end in the same byte. */
// @ts-ignore: decorator
@inline
function isMatch(i: u32, j: u32): bool {
  return load<u8>(a + i - 1) == load<u8>(b + j - 1);
}

/**
 * Whether, of prefixes that end in different bytes, the shorter one of a goes
 * further than the shorter one of b. Their own length is the larger of the two,
 * so that it does just when b's last byte adds to it.
 */
// @ts-ignore: decorator
@inline
function isLonger(i: u32, j: u32): bool {
  const row = firstRow + (i - 1) * rowBytes;
  const bit = j - 1;
  return !((load<u64>(row + (bit >> 6 << 3)) >> (bit & 63)) & 1);
}

/**
 * Finds the strings and fills the block; returns the length, or a code without
 * a block. Neither string is changed or moved until the next operation.
 */
function build(db: u32, first: u32, second: u32, wholeTable: bool): f64 {
  const code = findStrings(db, first, second);
  if (code < 0) return code;
  const cells = f64(u64(aBytes) + 1) * f64(u64(bBytes) + 1);
  if (cells * CELL_BYTES > f64(maxStringBytes)) return LCS_TOO_LARGE;
  rowBytes = ((bBytes + 63) >> 6) << 3;
  const matchRowCount = numberMatchRows();
  const rowCount = wholeTable ? max<u32>(aBytes, 1) : 1;
  const textBytes = wholeTable ? min(aBytes, bBytes) : 0;
  const need = u64(matchRowCount + rowCount) * u64(rowBytes) + u64(textBytes);
  block = need < BLOCK_MAX_BYTES ? alloc(u32(need)) : 0;
  if (!block) return LCS_NO_MEMORY;
  firstRow = block + matchRowCount * rowBytes;
  text = firstRow + rowCount * rowBytes;
  markMatches(matchRowCount);
  return fillRows(wholeTable ? rowBytes : 0);
}

function findStrings(db: u32, first: u32, second: u32): i32 {
  const aEntry = lookupRead(db, first);
  const bEntry = lookupRead(db, second);
  aBytes = 0;
  bBytes = 0;
  if (aEntry) {
    if (entryType(aEntry) != TYPE_STRING) return WRONG_TYPE;
    viewString(aEntry);
    a = viewPtr();
    aBytes = viewBytes();
    if (aBytes <= 24) {
      memory.copy(u32(digits), a, aBytes);
      a = u32(digits);
    }
  }
  if (bEntry) {
    if (entryType(bEntry) != TYPE_STRING) return WRONG_TYPE;
    viewString(bEntry);
    b = viewPtr();
    bBytes = viewBytes();
  }
  return 0;
}

/** Numbers the distinct bytes of a from 1 on; returns how many there are. */
function numberMatchRows(): u32 {
  memory.fill(u32(matchRows), 0, 512);
  let count: u32 = 0;
  for (let at = a; at < a + aBytes; at++) {
    const row = u32(matchRows) + (<u32> load<u8>(at) << 1);
    if (!load<u16>(row)) store<u16>(row, ++count);
  }
  return count;
}

/** Sets, for each byte of a, the bits of its places in b. */
function markMatches(rowCount: u32): void {
  memory.fill(block, 0, rowCount * rowBytes);
  for (let j: u32 = 0; j < bBytes; j++) {
    const row = load<u16>(u32(matchRows) + (<u32> load<u8>(b + j) << 1));
    if (!row) continue;
    const word = block + (row - 1) * rowBytes + (j >> 6 << 3);
    store<u64>(word, load<u64>(word) | (<u64> 1 << (j & 63)));
  }
}

/**
 * Fills row after row, each `stepBytes` behind the one before (0: in its
 * place), and returns how many bits of the last one are 0: the length.
 */
function fillRows(stepBytes: u32): f64 {
  let row = firstRow;
  memory.fill(row, 0xff, rowBytes);
  for (let i: u32 = 0; i < aBytes; i++) {
    const from = row;
    if (i) row += stepBytes;
    const number = load<u16>(u32(matchRows) + (<u32> load<u8>(a + i) << 1));
    fillRow(from, row, block + (number - 1) * rowBytes);
  }
  let length: u32 = 0;
  for (let at = row; at < row + rowBytes; at += 8) {
    length += u32(popcnt(~load<u64>(at)));
  }
  return length;
}

function fillRow(from: u32, to: u32, matches: u32): void {
  let carry: u64 = 0;
  for (let at: u32 = 0; at < rowBytes; at += 8) {
    const row = load<u64>(from + at);
    const matched = row & load<u64>(matches + at);
    const sum = row + matched;
    const next = sum + carry;
    carry = u64(sum < row) | u64(next < sum);
    store<u64>(to + at, next | (row - matched));
  }
}
