// The patterns of SORT, which name a value for each element.
//
//   weight_*         the string at the key in which the element stands for `*`
//   object_*->price  a field of the hash at that key
//   #                the element itself
//
// Only the first `*` counts, and without one a pattern names nothing. As in
// Redis a zero byte ends a pattern where it is searched.
//
//   pattern ->  { u32 kind, u32 ptr, u32 prefixBytes, u32 tailPtr,
//                 u32 tailBytes, u32 fieldPtr, u32 fieldBytes, u32 0 }

import { alloc, free } from "./allocator";
import { touchEntry } from "./access";
import { argLen, argPtr } from "./arguments";
import { lookup } from "./lookup";
import {
  ENCODING_INT,
  entryEncoding,
  entryType,
  TYPE_HASH,
  TYPE_STRING,
} from "./entry";
import {
  findField,
  hashViewBytes,
  hashViewPtr,
  isListpack,
  viewValue,
} from "./hash_form";
import { readIsInteger } from "./listpack";
import { countHit, countMiss } from "./statistics";
import { viewBytes, viewPtr, viewString } from "./string";

export const PATTERN_BYTES: u32 = 32;
const PTR: usize = 4;
const PREFIX_BYTES: usize = 8;
const TAIL_PTR: usize = 12;
const TAIL_BYTES: usize = 16;
const FIELD_PTR: usize = 20;
const FIELD_BYTES: usize = 24;

const NAMES_NOTHING: u32 = 0;
const NAMES_ELEMENT: u32 = 1;
const NAMES_STRING: u32 = 2;
const NAMES_FIELD: u32 = 3;

const HASH_SIGN: u32 = 0x23;
const STAR: u32 = 0x2a;
const ARROW: u32 = 0x3e2d;

// The value found last, until the next look-up.

export let foundPtr: u32 = 0;
export let foundBytes: u32 = 0;
/** Whether the bytes stay where they are for as long as SORT runs. */
export let foundStays: bool = false;

// The name of a key is put together here, or in a block when it is longer.

const SHORT_NAME_BYTES: u32 = 512;
const shortName = memory.data(512);
let longName: u32 = 0;
let longNameBytes: u32 = 0;
/** Set when there was no memory for a name. */
export let patternFailed: bool = false;

export function openPatterns(): void {
  patternFailed = false;
}

export function closePatterns(): void {
  if (longName) free(longName);
  longName = 0;
  longNameBytes = 0;
}

/** Takes a pattern apart. */
export function readPattern(pattern: u32, argument: u32): void {
  const ptr = argPtr(argument);
  const byteCount = argLen(argument);
  store<u32>(pattern, NAMES_NOTHING);
  if (byteCount == 1 && load<u8>(ptr) == HASH_SIGN) {
    store<u32>(pattern, NAMES_ELEMENT);
    return;
  }
  const end = ptr + byteCount;
  let star = ptr;
  while (star < end && load<u8>(star) != STAR && load<u8>(star)) star++;
  if (star == end || load<u8>(star) != STAR) return;
  const arrow = findArrow(star + 1, end);
  const tailEnd = arrow ? arrow : end;
  store<u32>(pattern, arrow ? NAMES_FIELD : NAMES_STRING);
  store<u32>(pattern, ptr, PTR);
  store<u32>(pattern, star - ptr, PREFIX_BYTES);
  store<u32>(pattern, star + 1, TAIL_PTR);
  store<u32>(pattern, tailEnd - star - 1, TAIL_BYTES);
  if (!arrow) return;
  store<u32>(pattern, arrow + 2, FIELD_PTR);
  store<u32>(pattern, end - arrow - 2, FIELD_BYTES);
}

/** The first arrow, if the name of a field follows it, or else 0. */
function findArrow(at: u32, end: u32): u32 {
  for (; at + 2 < end && load<u8>(at); at++) {
    if (load<u16>(at) == ARROW) return load<u8>(at, 2) ? at : 0;
  }
  return 0;
}

/** Finds what a pattern names for an element; false when there is nothing. */
export function findByPattern(
  db: u32,
  pattern: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  const kind = load<u32>(pattern);
  if (kind == NAMES_NOTHING) return false;
  if (kind == NAMES_ELEMENT) {
    foundPtr = ptr;
    foundBytes = byteCount;
    foundStays = true;
    return true;
  }
  const entry = lookupName(db, pattern, ptr, byteCount);
  if (!entry) return false;
  return kind == NAMES_STRING
    ? viewFoundString(entry)
    : viewFoundField(entry, pattern);
}

function viewFoundString(entry: u32): bool {
  if (entryType(entry) != TYPE_STRING) return false;
  viewString(entry);
  foundPtr = viewPtr();
  foundBytes = viewBytes();
  foundStays = entryEncoding(entry) != ENCODING_INT;
  return true;
}

function viewFoundField(entry: u32, pattern: u32): bool {
  if (entryType(entry) != TYPE_HASH) return false;
  const name = load<u32>(pattern, FIELD_PTR);
  const place = findField(entry, name, load<u32>(pattern, FIELD_BYTES));
  if (!place) return false;
  viewValue(entry, place);
  foundPtr = hashViewPtr();
  foundBytes = hashViewBytes();
  foundStays = !isListpack(entry) || !readIsInteger;
  return true;
}

/** Looks up the key that a pattern names for an element, as a read does. */
function lookupName(
  db: u32,
  pattern: u32,
  ptr: u32,
  byteCount: u32,
): u32 {
  const prefixBytes = load<u32>(pattern, PREFIX_BYTES);
  const tailBytes = load<u32>(pattern, TAIL_BYTES);
  const nameBytes = u64(prefixBytes) + u64(byteCount) + u64(tailBytes);
  const name = roomForName(nameBytes);
  if (!name) {
    patternFailed = true;
    return 0;
  }
  memory.copy(name, load<u32>(pattern, PTR), prefixBytes);
  memory.copy(name + prefixBytes, ptr, byteCount);
  const tail = name + prefixBytes + byteCount;
  memory.copy(tail, load<u32>(pattern, TAIL_PTR), tailBytes);
  const entry = lookup(db, name, u32(nameBytes));
  if (entry) {
    countHit();
    touchEntry(entry);
  } else countMiss();
  return entry;
}

function roomForName(byteCount: u64): u32 {
  if (byteCount <= u64(SHORT_NAME_BYTES)) return u32(shortName);
  if (byteCount <= u64(longNameBytes)) return longName;
  if (byteCount >= 1 << 31) return 0;
  closePatterns();
  longName = alloc(u32(byteCount));
  if (longName) longNameBytes = u32(byteCount);
  return longName;
}
