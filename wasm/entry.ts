// Key entries: a key, its header, its due time and a small value in one block.
//
//   +0   u8   kind: type in the high nibble, encoding in the low one
//   +1   u8   flags: HAS_DUE | EMBEDDED | LONG_KEY | FOLLOWED | marks of
//             snapshots, never COMPACT
//   +2   u16  key length; with LONG_KEY it is 0 and a u32 stands before the key
//   +4   u32  access: when and how often it was used, see access.ts
//   +8   u32  value: byte count when EMBEDDED, else the address of its block
//   +12  f64  due time in ms, u32 heap position        (HAS_DUE only)
//   +..  u32  key length                               (LONG_KEY only)
//   +..       key bytes, then the embedded value bytes (an i64 when INT)
//
// Invariants: 1. an INT value is EMBEDDED and 8 bytes; 2. HAS_DUE if and only
// if the database's heap holds the entry at that position; 3. the block is as
// large as its parts need (usable size of the allocator).
//
// Members of collections (field.ts) are COMPACT: their header ends before the
// access word, the rest follows in the same order. So one table and one heap
// serve both kinds.
//
// The table of a database owns its entries; an entry owns its value block. Any
// operation that lays an entry out anew (a value of other size, a due time
// that comes or goes) moves it: table slot and heap follow, other pointers to
// it are void.

import { alloc } from "./allocator";

export const TYPE_STRING: u32 = 0;
export const TYPE_LIST: u32 = 1;
export const TYPE_SET: u32 = 2;
export const TYPE_ZSET: u32 = 3;
export const TYPE_HASH: u32 = 4;
export const TYPE_STREAM: u32 = 6;

export const ENCODING_INT: u32 = 0;
export const ENCODING_EMBSTR: u32 = 1;
export const ENCODING_RAW: u32 = 2;
export const ENCODING_LISTPACK: u32 = 3;
export const ENCODING_QUICKLIST: u32 = 4;
export const ENCODING_INTSET: u32 = 5;
export const ENCODING_HASHTABLE: u32 = 6;
export const ENCODING_SKIPLIST: u32 = 7;
export const ENCODING_STREAM: u32 = 8;

export const HAS_DUE: u32 = 1;
export const EMBEDDED: u32 = 2;
export const LONG_KEY: u32 = 4;
/** A hash that is followed: it has a field with a due time (followed.ts). */
export const FOLLOWED: u32 = 16;
/**
 * The marks of two snapshots that may run at once: its walk is still to come by
 * and shall pass this entry over (snapshot_walk.ts). Tables see to them.
 */
export const SKIP_MARKS: u32 = 32 | 64;
/** So many bytes shorter is the header of a COMPACT block. */
export const COMPACT: u32 = 8;

const HEADER_BYTES: u32 = 12;
const DUE_BYTES: u32 = 12;
const LONG_KEY_BYTES: u32 = 4;
const LONG_KEY_MIN: u32 = 65536;

/** A raw string block: u32 byte count, then the bytes. */
export const RAW_HEADER_BYTES: u32 = 4;

// @ts-ignore: decorator
@inline
export function entryKind(entry: u32): u32 {
  return load<u8>(entry);
}

// @ts-ignore: decorator
@inline
export function entryType(entry: u32): u32 {
  return load<u8>(entry) >> 4;
}

// @ts-ignore: decorator
@inline
export function entryEncoding(entry: u32): u32 {
  return load<u8>(entry) & 15;
}

// @ts-ignore: decorator
@inline
export function setEntryKind(entry: u32, type: u32, encoding: u32): void {
  store<u8>(entry, (type << 4) | encoding);
}

// @ts-ignore: decorator
@inline
export function entryFlags(entry: u32): u32 {
  return load<u8>(entry, 1);
}

// @ts-ignore: decorator
@inline
export function isEmbedded(entry: u32): bool {
  return (entryFlags(entry) & EMBEDDED) != 0;
}

// @ts-ignore: decorator
@inline
export function hasDue(entry: u32): bool {
  return (entryFlags(entry) & HAS_DUE) != 0;
}

// @ts-ignore: decorator
@inline
export function isFollowed(entry: u32): bool {
  return (entryFlags(entry) & FOLLOWED) != 0;
}

// @ts-ignore: decorator
@inline
export function entryAccess(entry: u32): u32 {
  return load<u32>(entry, 4);
}

// @ts-ignore: decorator
@inline
export function setEntryAccess(entry: u32, access: u32): void {
  store<u32>(entry, access, 4);
}

/** Byte count when embedded, else the value's block. */
// @ts-ignore: decorator
@inline
export function entryValue(entry: u32): u32 {
  return load<u32>(entry, 8);
}

// @ts-ignore: decorator
@inline
export function setEntryValue(entry: u32, value: u32): void {
  store<u32>(entry, value, 8);
}

/** The due time in ms; only for an entry that has one. */
// @ts-ignore: decorator
@inline
export function entryDue(entry: u32): f64 {
  return load<f64>(entry - (entryFlags(entry) & COMPACT), 12);
}

// @ts-ignore: decorator
@inline
export function setEntryDue(entry: u32, dueMs: f64): void {
  store<f64>(entry - (entryFlags(entry) & COMPACT), dueMs, 12);
}

// @ts-ignore: decorator
@inline
export function heapPosition(entry: u32): u32 {
  return load<u32>(entry - (entryFlags(entry) & COMPACT), 20);
}

/** Called by the expiry heap whenever it moves an owner. */
// @ts-ignore: decorator
@inline
export function setHeapPosition(owner: u32, position: u32): void {
  store<u32>(owner - (entryFlags(owner) & COMPACT), position, 20);
}

// @ts-ignore: decorator
@inline
function keyOffset(flags: u32): u32 {
  return HEADER_BYTES + (flags & HAS_DUE) * DUE_BYTES +
    (flags & LONG_KEY) - (flags & COMPACT);
}

// @ts-ignore: decorator
@inline
export function keyPtr(entry: u32): u32 {
  return entry + keyOffset(entryFlags(entry));
}

// @ts-ignore: decorator
@inline
export function keyBytes(entry: u32): u32 {
  const flags = entryFlags(entry);
  if (flags & LONG_KEY) {
    return load<u32>(entry + keyOffset(flags) - LONG_KEY_BYTES);
  }
  return load<u16>(entry, 2);
}

/** Where the embedded value lies. */
// @ts-ignore: decorator
@inline
export function embeddedPtr(entry: u32): u32 {
  return keyPtr(entry) + keyBytes(entry);
}

/** Where the bytes of a string lie that is no INT. */
// @ts-ignore: decorator
@inline
export function stringPtr(entry: u32): u32 {
  return isEmbedded(entry)
    ? embeddedPtr(entry)
    : entryValue(entry) + RAW_HEADER_BYTES;
}

// @ts-ignore: decorator
@inline
export function stringBytes(entry: u32): u32 {
  return isEmbedded(entry) ? entryValue(entry) : load<u32>(entryValue(entry));
}

/** Bytes that an entry of this shape takes. */
// @ts-ignore: decorator
@inline
export function entryBytes(keyByteCount: u32, due: bool, embedded: u32): u32 {
  return HEADER_BYTES + (due ? DUE_BYTES : 0) +
    (keyByteCount >= LONG_KEY_MIN ? LONG_KEY_BYTES : 0) + keyByteCount +
    embedded;
}

/**
 * Makes an entry with room for `embedded` value bytes. The value word, the
 * value bytes and, with `due`, due time and heap position are the caller's to
 * fill in. Returns 0 when there is no memory.
 */
export function newEntry(
  keyFrom: u32,
  keyByteCount: u32,
  due: bool,
  embedded: u32,
): u32 {
  const entry = alloc(entryBytes(keyByteCount, due, embedded));
  if (entry == 0) return 0;
  let flags: u32 = due ? HAS_DUE : 0;
  let short = keyByteCount;
  if (keyByteCount >= LONG_KEY_MIN) {
    flags |= LONG_KEY;
    short = 0;
    store<u32>(entry + keyOffset(flags) - LONG_KEY_BYTES, keyByteCount);
  }
  store<u32>(entry, (flags << 8) | (short << 16));
  store<u32>(entry, 0, 4);
  copyBytes(entry + keyOffset(flags), keyFrom, keyByteCount);
  return entry;
}

// @ts-ignore: decorator
@inline
export function setFlags(entry: u32, flags: u32): void {
  store<u8>(entry, flags, 1);
}

/** memory.copy costs a call; keys and small values are copied by words. */
// @ts-ignore: decorator
@inline
export function copyBytes(to: u32, from: u32, byteCount: u32): void {
  if (byteCount > 64 || byteCount < 8) {
    copyOther(to, from, byteCount);
    return;
  }
  // Words from the front, then one that ends exactly at the end.
  const last = byteCount - 8;
  const tail = load<u64>(from + last);
  for (let i: u32 = 0; i < last; i += 8) {
    store<u64>(to + i, load<u64>(from + i));
  }
  store<u64>(to + last, tail);
}

function copyOther(to: u32, from: u32, byteCount: u32): void {
  if (byteCount > 64) {
    memory.copy(to, from, byteCount);
    return;
  }
  if (byteCount >= 4) {
    const tail = load<u32>(from + byteCount - 4);
    store<u32>(to, load<u32>(from));
    store<u32>(to + byteCount - 4, tail);
    return;
  }
  for (let i: u32 = 0; i < byteCount; i++) {
    store<u8>(to + i, load<u8>(from + i));
  }
}

/** Whether the entry's key equals these bytes. */
// @ts-ignore: decorator
@inline
export function keyEquals(entry: u32, ptr: u32, byteCount: u32): bool {
  return keyBytes(entry) == byteCount &&
    sameBytes(keyPtr(entry), ptr, byteCount);
}

// @ts-ignore: decorator
@inline
export function sameBytes(a: u32, b: u32, byteCount: u32): bool {
  if (byteCount >= 8) {
    const last = byteCount - 8;
    for (let i: u32 = 0; i < last; i += 8) {
      if (load<u64>(a + i) != load<u64>(b + i)) return false;
    }
    return load<u64>(a + last) == load<u64>(b + last);
  }
  for (let i: u32 = 0; i < byteCount; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** Bytes of value that lie in the entry itself. */
// @ts-ignore: decorator
@inline
export function embeddedBytes(entry: u32): u32 {
  if (!isEmbedded(entry)) return 0;
  return entryKind(entry) == ENCODING_INT ? 8 : entryValue(entry);
}

/**
 * A copy of an entry in another shape: with another key, with or without a due
 * time. The value moves along: embedded bytes are copied, a value block is
 * shared until the caller forgets the old entry. Returns 0 without memory.
 */
export function reshapedEntry(
  entry: u32,
  keyFrom: u32,
  keyByteCount: u32,
  due: bool,
): u32 {
  const embedded = embeddedBytes(entry);
  const fresh = newEntry(keyFrom, keyByteCount, due, embedded);
  if (!fresh) return 0;
  store<u8>(fresh, entryKind(entry));
  setFlags(
    fresh,
    entryFlags(fresh) | (entryFlags(entry) & (EMBEDDED | FOLLOWED)),
  );
  setEntryAccess(fresh, entryAccess(entry));
  setEntryValue(fresh, entryValue(entry));
  if (embedded) copyBytes(embeddedPtr(fresh), embeddedPtr(entry), embedded);
  if (due && hasDue(entry)) setEntryDue(fresh, entryDue(entry));
  return fresh;
}
