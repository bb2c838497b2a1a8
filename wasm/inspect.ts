// What DEBUG, MEMORY and INFO look at and no other command needs. Nothing here
// changes anything: a key that is due stays, and its access field too.

import { idleSeconds, nowMs } from "./access";
import { argLen, argPtr } from "./arguments";
import { MISSING } from "./codes";
import { heapOf } from "./dated";
import {
  elementBytes,
  elementPtr,
  elementsBegin,
  elementsNext,
  secondBegin,
} from "./elements";
import {
  ENCODING_LISTPACK,
  entryAccess,
  entryBytes,
  entryEncoding,
  entryKind,
  entryType,
  entryValue,
  RAW_HEADER_BYTES,
  TYPE_HASH,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { ELEMENT_BYTES, heapAt, heapDueAt, heapSize } from "./expiry";
import { isHashOwner } from "./followed";
import { sharedKind } from "./keys";
import { listpackBytes } from "./listpack";
import { parsedInteger, parseInteger } from "./number";
import { viewBytes, viewPtr, viewString } from "./string";
import {
  BUCKET_BYTES,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
  tableFind,
  tableOverflowCount,
} from "./table";

function peek(db: u32, key: u32): u32 {
  return tableFind(db, argPtr(key), argLen(key));
}

/** Where a key's entry lies, 0 when there is none. */
export function addressOf(db: u32, key: u32): u32 {
  return peek(db, key);
}

/** The access field as it is stored, or MISSING. */
export function accessOf(db: u32, key: u32): i32 {
  const entry = peek(db, key);
  return entry ? entryAccess(entry) : MISSING;
}

/** Type and encoding as `kindOf` tells them, or MISSING. */
export function storedKindOf(db: u32, key: u32): i32 {
  const entry = peek(db, key);
  return entry ? sharedKind(entry) : MISSING;
}

/** Seconds since the last use, or MISSING. */
export function storedIdleOf(db: u32, key: u32): i32 {
  const entry = peek(db, key);
  return entry ? idleSeconds(entry) : MISSING;
}

/** Integers of up to so many digits are looked for, as Redis does. */
const SAVED_INTEGER_MAX_BYTES: u32 = 11;

/**
 * Bytes of a value in an RDB file, not compressed and, in a list or a large
 * collection, element by element; or MISSING.
 */
export function savedBytesOf(db: u32, key: u32): f64 {
  const entry = peek(db, key);
  if (!entry) return MISSING;
  if (entryType(entry) == TYPE_STRING) {
    viewString(entry);
    return savedText(viewPtr(), viewBytes());
  }
  if (entryEncoding(entry) == ENCODING_LISTPACK) {
    const byteCount = listpackBytes(entryValue(entry));
    return f64(byteCount) + savedLength(byteCount);
  }
  let sum: f64 = 0;
  let count: u32 = 0;
  elementsBegin(entry);
  while (elementsNext()) {
    sum += savedText(elementPtr, elementBytes);
    count++;
    if (entryType(entry) == TYPE_ZSET) sum += 8;
    if (entryType(entry) != TYPE_HASH) continue;
    secondBegin();
    sum += savedText(elementPtr, elementBytes);
  }
  return sum + savedLength(count);
}

function savedText(ptr: u32, byteCount: u32): f64 {
  if (byteCount <= SAVED_INTEGER_MAX_BYTES && parseInteger(ptr, byteCount)) {
    const value = parsedInteger;
    if (value == i64(i8(value))) return 2;
    if (value == i64(i16(value))) return 3;
    if (value == i64(i32(value))) return 5;
  }
  return f64(byteCount) + savedLength(byteCount);
}

function savedLength(length: u32): f64 {
  return length < 64 ? 1 : length < 16384 ? 2 : 5;
}

// Overhead: what a database takes beside the bytes of keys and values.

/** Bytes of buckets and of the entries' headers. */
export function keyOverhead(db: u32): f64 {
  return tableBytes(db) +
    f64(tableEntryCount(db)) * entryBytes(0, false, 0);
}

/** Bytes of due times, in the heap and in the entries. */
export function dueOverhead(db: u32): f64 {
  const inEntry = entryBytes(0, true, 0) - entryBytes(0, false, 0);
  return f64(heapSize(heapOf(db))) * (inEntry + ELEMENT_BYTES);
}

/** Sizes for DEBUG STRUCTSIZE, in the order of its words. */
export function structBytes(index: u32): u32 {
  const header = entryBytes(0, false, 0);
  if (index == 0) return header;
  if (index == 1) return entryBytes(0, true, 0) - header;
  if (index == 2) return BUCKET_BYTES;
  if (index == 3) return ELEMENT_BYTES;
  return RAW_HEADER_BYTES;
}

/** So many due times are looked at for their mean. */
const DUE_SAMPLE_COUNT: u32 = 64;

/**
 * How long the keys with a due time have to live in the mean, in ms; 0 when
 * there are none. Samples at even distances through the heap.
 */
export function meanLifetime(db: u32): f64 {
  const heap = heapOf(db);
  const size = heapSize(heap);
  const count = min(size, DUE_SAMPLE_COUNT);
  let sum: f64 = 0;
  let keyCount: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const position = u32(u64(i) * u64(size) / u64(count));
    if (isHashOwner(heapAt(heap, position))) continue;
    sum += max<f64>(0, heapDueAt(heap, position) - nowMs);
    keyCount++;
  }
  return keyCount ? sum / f64(keyCount) : 0;
}

// DEBUG HTSTATS: how the entries are spread over the chains.

/** Chains of this length and longer ones are counted together. */
export const CHAIN_LENGTH_MAX: u32 = 63;
const chainCounts: u32 = u32(memory.data(256, 8));
let longestChain: u32 = 0;

/** Counts the chains of each length; returns the longest length. O(n). */
export function countChains(db: u32): u32 {
  memory.fill(chainCounts, 0, 256);
  longestChain = 0;
  const bucketCount = tableBucketCount(db);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let length: u32 = 0;
    let bucket = tableChain(db, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      length += bucketEntryCount(bucket);
    }
    longestChain = max(longestChain, length);
    const counter = chainCounts + (min(length, CHAIN_LENGTH_MAX) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  return longestChain;
}

/** How many chains had this length when they were last counted. */
export function chainsOfLength(length: u32): u32 {
  assert(length <= CHAIN_LENGTH_MAX);
  return load<u32>(chainCounts + (length << 2));
}

export function bucketsOf(db: u32): u32 {
  return tableBucketCount(db);
}

export function overflowBucketsOf(db: u32): u32 {
  return tableOverflowCount(db);
}
