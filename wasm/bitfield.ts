// BITFIELD: integers of 1 to 64 bits at any bit of a string.
//
//   bits     ... | field: highest bit first | ...      signed: two's complement
//
// A field takes up to 9 bytes. `openFields` finds the string; the operations
// then name type, offset and amount by argument index and write their reply
// themselves, so that no 64-bit number ever leaves the engine. `checkField` has
// seen each pair of type and offset before, and the caller each amount.
//
// What lies past the end of the string reads as zero. To write there, the
// string was made long enough by `openFields`.

import { argLen, argPtr } from "./arguments";
import { parseBitOffset, parsedOffset } from "./bits";
import {
  BIT_OFFSET,
  FIELD_TYPE,
  MISSING,
  OVERFLOW_FAIL,
  OVERFLOW_WRAP,
} from "./codes";
import { parsedInteger, parseInteger } from "./number";
import { replyInteger64, replyNull } from "./reply";
import { countChange } from "./statistics";
import { getString, viewBytes, viewPtr } from "./string";
import { extendString } from "./string_edit";

const SIGNED: u32 = 0x69;
const UNSIGNED: u32 = 0x75;
/** The most bytes that a field touches. */
const FIELD_BYTES: u32 = 9;

// The string that fields are in, and whether it just became longer.
let stringAt: u32 = 0;
let stringEnd: u32 = 0;
let isExtended: bool = false;

// The field that the last operation named.
let isSigned: bool = false;
let bitCount: u32 = 0;

/** A copy of the last bytes, at most eight; the ninth one stays zero. */
const edge: u32 = u32(memory.data(16));

/**
 * Reads a field's type and offset. Returns the number of bits that a string
 * must have to hold it, or a code.
 */
export function checkField(type: u32, offset: u32): f64 {
  if (!parseType(type)) return FIELD_TYPE;
  if (!parseBitOffset(offset, bitCount)) return BIT_OFFSET;
  return f64(parsedOffset) + f64(bitCount);
}

/** Reads i1 to i64, u1 to u63; nothing unsigned of 64 bits has a reply. */
function parseType(index: u32): bool {
  const at = argPtr(index), byteCount = argLen(index);
  if (byteCount < 2) return false;
  const sign = <u32> load<u8>(at);
  if (sign != SIGNED && sign != UNSIGNED) return false;
  if (!parseInteger(at + 1, byteCount - 1)) return false;
  isSigned = sign == SIGNED;
  if (parsedInteger < 1 || parsedInteger > (isSigned ? 64 : 63)) return false;
  bitCount = u32(parsedInteger);
  return true;
}

/**
 * Finds the string whose fields the next operations name. With `endBit` not 0
 * they may write up to there. Returns 1 when that made it longer or new, 0 when
 * not, or a code.
 */
export function openFields(db: u32, key: u32, endBit: f64): i32 {
  isExtended = false;
  if (endBit != 0) {
    const code = extendString(db, key, (u64(endBit) + 7) >> 3);
    if (code < 0) return code;
    isExtended = code > 0;
  } else {
    const code = getString(db, key);
    if (code == MISSING) {
      stringAt = stringEnd = 0;
      return 0;
    }
    if (code < 0) return code;
  }
  stringAt = viewPtr();
  stringEnd = stringAt + viewBytes();
  return i32(isExtended);
}

/** GET: replies with a field's value. */
export function replyField(type: u32, offset: u32): void {
  replyInteger64(fieldValue(nameField(type, offset)));
}

/**
 * SET: gives a field a value and replies with the one before, or with null
 * when it does not fit and must fail. Returns whether anything changed.
 */
export function setField(
  type: u32,
  offset: u32,
  amount: u32,
  overflow: u32,
): i32 {
  const bit = nameField(type, offset);
  const before = fieldValue(bit);
  const fits = fitValue(argumentAmount(amount), 0, overflow);
  if (!fits && overflow == OVERFLOW_FAIL) {
    replyNull();
    return 0;
  }
  replyInteger64(before);
  return changeField(bit, before);
}

/** INCRBY: adds to a field and replies with the result, or null as above. */
export function addToField(
  type: u32,
  offset: u32,
  amount: u32,
  overflow: u32,
): i32 {
  const bit = nameField(type, offset);
  const before = fieldValue(bit);
  const fits = fitValue(before, argumentAmount(amount), overflow);
  if (!fits && overflow == OVERFLOW_FAIL) {
    replyNull();
    return 0;
  }
  replyInteger64(fitted);
  return changeField(bit, before);
}

/** Takes a field's type for what follows; returns its first bit. */
function nameField(type: u32, offset: u32): u64 {
  assert(parseType(type));
  assert(parseBitOffset(offset, bitCount));
  return parsedOffset;
}

function argumentAmount(index: u32): i64 {
  assert(parseInteger(argPtr(index), argLen(index)));
  return parsedInteger;
}

// Overflow. The bounds and the order of the tests are Redis's own: SET takes
// its value as it is, so a negative one is "too large" for an unsigned field,
// and a signed one of 63 bits that is too small counts as too large.

/** What `fitValue` made of a sum. */
let fitted: i64 = 0;

/**
 * Adds and cuts the sum to what the field can hold, as `overflow` says. False
 * when it had to be cut.
 */
function fitValue(value: i64, delta: i64, overflow: u32): bool {
  const excess = isSigned
    ? signedExcess(value, delta)
    : unsignedExcess(value, delta);
  fitted = value + delta;
  if (!excess) return true;
  if (overflow == OVERFLOW_WRAP) fitted = cutToField(fitted);
  else fitted = excess > 0 ? fieldMax() : fieldMin();
  return false;
}

/** 1 above the largest value, -1 below the smallest one, else 0. */
function signedExcess(value: i64, delta: i64): i32 {
  const largest = fieldMax(), smallest = fieldMin();
  const up = largest - value, down = smallest - value;
  if (bitCount == 64) {
    if (value >= 0 && delta > up) return 1;
    return value < 0 && delta < down ? -1 : 0;
  }
  if (value > largest || delta > up) return 1;
  return value < smallest || delta < down ? -1 : 0;
}

function unsignedExcess(value: i64, delta: i64): i32 {
  const largest = fieldMax();
  if (u64(value) > u64(largest) || (delta > 0 && delta > largest - value)) {
    return 1;
  }
  return delta < 0 && delta < -value ? -1 : 0;
}

function fieldMax(): i64 {
  // Two shifts, because the one by 64 for i1 would be one by 0.
  return i64((u64.MAX_VALUE >> (64 - bitCount)) >> u32(isSigned));
}

function fieldMin(): i64 {
  return isSigned ? -fieldMax() - 1 : 0;
}

/** The lowest bits of a value, as the field's type reads them. */
// @ts-ignore: decorator
@inline
function cutToField(value: i64): i64 {
  return fromTop(u64(value) << (64 - bitCount));
}

/** A value whose bits stand at the top of a word. */
// @ts-ignore: decorator
@inline
function fromTop(word: u64): i64 {
  return isSigned ? i64(word) >> (64 - bitCount) : i64(word >> (64 - bitCount));
}

// The bytes of a field.

/**
 * Where the nine bytes can be read that a field begins in: in the string, or
 * in a copy with zeros behind when the string ends before them.
 */
function fieldBytes(bit: u64): u32 {
  const offset = bit >> 3;
  const have = u64(stringEnd - stringAt);
  if (offset + FIELD_BYTES <= have) return stringAt + u32(offset);
  store<u64>(edge, 0);
  if (offset < have) {
    memory.copy(edge, stringAt + u32(offset), u32(have - offset));
  }
  return edge;
}

function fieldValue(bit: u64): i64 {
  const at = fieldBytes(bit);
  const shift = u32(bit) & 7;
  // A shift by a whole byte leaves nothing of the ninth one.
  const word = (bswap<u64>(load<u64>(at)) << shift) |
    ((<u64> load<u8>(at, 8)) >> (8 - shift));
  return fromTop(word);
}

/** Writes `fitted`; returns whether the string is another one now. */
function changeField(bit: u64, before: i64): i32 {
  if (fitted != before) writeField(bit, fitted);
  else if (!isExtended) return 0;
  countChange();
  return 1;
}

function writeField(bit: u64, value: i64): void {
  const at = fieldBytes(bit);
  const shift = u32(bit) & 7;
  const mask = u64.MAX_VALUE << (64 - bitCount);
  const word = u64(value) << (64 - bitCount);
  const kept = bswap<u64>(load<u64>(at)) & ~(mask >> shift);
  store<u64>(at, bswap<u64>(kept | (word >> shift)));
  if (shift + bitCount > 64) {
    const lastMask = <u32> (mask << (64 - shift) >> 56);
    const last = <u32> (word << (64 - shift) >> 56);
    store<u8>(at, (load<u8>(at, 8) & ~lastMask) | last, 8);
  }
  if (at == edge) {
    const to = stringAt + u32(bit >> 3);
    memory.copy(to, edge, stringEnd - to);
  }
}
