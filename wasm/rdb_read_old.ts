// Ziplists and zipmaps, in which files before Redis 7 keep small collections:
// checked byte by byte, and turned into listpacks with the same elements.
//
//   ziplist   u32 bytes | u32 offset of the last entry | u16 count, 65535 for
//             unknown | entries | 0xFF
//   entry     bytes of the entry before: u8, or 0xFE u32 | encoding | data
//             00xxxxxx, 01xxxxxx x8, 10000000 u32: string (big-endian)
//             C0 D0 E0 F0 FE: integer of 16, 32, 64, 24, 8 bits
//             F1 to FD: the integers 0 to 12
//
//   zipmap    u8 count, 254 for unknown | name, value, ... | 0xFF
//   name      length, bytes
//   value     length, u8 spare, bytes, spare bytes
//   length    u8, or 0xFE u32 (little-endian)

import { free, resize } from "./allocator";
import { listpackBytes, listpackEnd } from "./listpack";
import { listpackAppend, listpackInsertInteger } from "./listpack_edit";
import { FAULT_ZIPLIST, FAULT_ZIPMAP } from "./rdb_faults";
import { newSized } from "./rdb_read_blob";
import { fail, failForMemory } from "./source";

const END: u32 = 0xff;
const LONG: u32 = 0xfe;
const ZIPLIST_HEADER_BYTES: u32 = 10;
const COUNT_UNKNOWN: u32 = 65535;
const ZIPMAP_COUNT_UNKNOWN: u32 = 254;

/** How many elements the last listpack has that was made here. */
export let oldCount: u32 = 0;
/** The longest string of the last zipmap. */
export let oldLongest: u32 = 0;

/** What is being made; 0 once there was no memory for it. */
let made: u32 = 0;

function begin(byteCount: u32): void {
  // Headers have about the same size in both; it grows if that is too little.
  made = newSized(byteCount + (byteCount >> 4));
  oldCount = 0;
}

function putString(ptr: u32, byteCount: u32): void {
  if (made) replace(listpackAppend(made, ptr, byteCount));
}

function putInteger(value: i64): void {
  if (made) replace(listpackInsertInteger(made, listpackEnd(made), value));
}

function replace(grown: u32): void {
  if (!grown) free(made);
  made = grown;
  oldCount++;
}

/** The listpack that was made, or 0 with trouble. */
function done(isWhole: bool, fault: i32): u32 {
  if (!made) {
    failForMemory();
    return 0;
  }
  if (isWhole) return resize(made, listpackBytes(made));
  free(made);
  fail(fault);
  return 0;
}

/** A listpack with the elements of a ziplist, or 0 with trouble. */
export function fromZiplist(ptr: u32, byteCount: u32): u32 {
  begin(byteCount);
  return done(readZiplist(ptr, byteCount), FAULT_ZIPLIST);
}

function readZiplist(ptr: u32, byteCount: u32): bool {
  if (byteCount <= ZIPLIST_HEADER_BYTES) return false;
  if (load<u32>(ptr) != byteCount) return false;
  const end = ptr + byteCount - 1;
  if (load<u8>(end) != END) return false;
  let last: u32 = 0;
  let before: u32 = 0;
  let entry = ptr + ZIPLIST_HEADER_BYTES;
  while (entry != end) {
    const entryBytes = readEntry(entry, end, before);
    if (!entryBytes) return false;
    last = entry;
    before = entryBytes;
    entry += entryBytes;
  }
  if (last && load<u32>(ptr, 4) != last - ptr) return false;
  const said: u32 = load<u16>(ptr, 8);
  return said == COUNT_UNKNOWN || said == oldCount || !made;
}

/** Takes an entry over; its bytes, or 0: it does not fit before `end`. */
function readEntry(entry: u32, end: u32, before: u32): u32 {
  let at = entry + 1;
  let said: u32 = load<u8>(entry);
  if (said == LONG) {
    if (end - at < 4) return 0;
    said = load<u32>(at);
    at += 4;
  }
  if (said != before || at >= end) return 0;
  const first: u32 = load<u8>(at++);
  const room = end - at;
  if (first < 0xc0) return readText(entry, at, first, end);
  let byteCount: u32 = 0;
  if (first > 0xf0 && first < LONG) putInteger(i64(first & 15) - 1);
  else {
    byteCount = integerBytes(first);
    if (!byteCount || byteCount > room) return 0;
    putInteger(integerAt(at, byteCount));
  }
  return at + byteCount - entry;
}

function integerBytes(first: u32): u32 {
  if (first == 0xc0) return 2;
  if (first == 0xd0) return 4;
  if (first == 0xe0) return 8;
  if (first == 0xf0) return 3;
  return first == LONG ? 1 : 0;
}

function integerAt(at: u32, byteCount: u32): i64 {
  if (byteCount == 1) return load<i8>(at);
  if (byteCount == 2) return load<i16>(at);
  if (byteCount == 3) {
    return i64(i32(load<u16>(at) | <u32> load<u8>(at, 2) << 16) << 8 >> 8);
  }
  return byteCount == 4 ? i64(load<i32>(at)) : load<i64>(at);
}

function readText(entry: u32, at: u32, first: u32, end: u32): u32 {
  let byteCount = first & 63;
  if (first >= 0x80) {
    if (first != 0x80 || end - at < 4) return 0;
    byteCount = bswap<u32>(load<u32>(at));
    at += 4;
  } else if (first >= 0x40) {
    if (at == end) return 0;
    byteCount = byteCount << 8 | <u32> load<u8>(at++);
  }
  if (byteCount > end - at) return 0;
  putString(at, byteCount);
  return at + byteCount - entry;
}

/** A listpack with the names and values of a zipmap, or 0 with trouble. */
export function fromZipmap(ptr: u32, byteCount: u32): u32 {
  begin(byteCount);
  oldLongest = 0;
  return done(readZipmap(ptr, byteCount), FAULT_ZIPMAP);
}

function readZipmap(ptr: u32, byteCount: u32): bool {
  if (byteCount < 2) return false;
  const end = ptr + byteCount - 1;
  if (load<u8>(end) != END) return false;
  let at = ptr + 1;
  while (at != end) {
    at = readPiece(at, end, false);
    if (!at) return false;
    at = readPiece(at, end, true);
    if (!at) return false;
  }
  const said: u32 = load<u8>(ptr);
  return said >= ZIPMAP_COUNT_UNKNOWN || said == oldCount >> 1 || !made;
}

/** Takes a name or a value over; returns where it ends, 0: beyond `end`. */
function readPiece(at: u32, end: u32, isValue: bool): u32 {
  if (at >= end) return 0;
  let byteCount: u32 = load<u8>(at++);
  if (byteCount == END) return 0;
  if (byteCount == LONG) {
    if (end - at < 4) return 0;
    byteCount = load<u32>(at);
    at += 4;
  }
  let spare: u32 = 0;
  if (isValue) {
    if (at >= end) return 0;
    spare = load<u8>(at++);
  }
  if (u64(byteCount) + u64(spare) > u64(end - at)) return 0;
  putString(at, byteCount);
  oldLongest = max(oldLongest, byteCount);
  return at + byteCount + spare;
}
