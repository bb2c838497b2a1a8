// What DEBUG, MEMORY and INFO look at and no other command needs. Nothing here
// changes anything: a key that is due stays, and its access field too.

import { idleSeconds, nowMs, plainAccess } from "./access";
import { argLen, argPtr } from "./arguments";
import { MISSING } from "./codes";
import { heapOf } from "./dated";
import { tableOfElements } from "./elements";
import {
  ENCODING_QUICKLIST,
  entryAccess,
  entryBytes,
  entryEncoding,
  entryValue,
  RAW_HEADER_BYTES,
} from "./entry";
import { ELEMENT_BYTES, heapAt, heapDueAt, heapSize } from "./expiry";
import { isHashOwner } from "./followed";
import { sharedKind } from "./keys";
import {
  quicklistCount,
  quicklistDepth,
  quicklistFill,
  quicklistHead,
} from "./quicklist";
import { nextNode, nodeBytes } from "./quicklist_node";
import { savedBytes } from "./saved";
import { tableFind } from "./table";
import {
  BUCKET_BYTES,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableBytes,
  tableChain,
  tableEntryCount,
  tableOverflowCount,
} from "./table_chains";

function peek(db: u32, key: u32): u32 {
  return tableFind(db, argPtr(key), argLen(key));
}

/** Where a key's entry lies, 0 when there is none. */
export function addressOf(db: u32, key: u32): u32 {
  return peek(db, key);
}

/** The access field as Redis would keep it, or MISSING. */
export function accessOf(db: u32, key: u32): i32 {
  const entry = peek(db, key);
  return entry ? plainAccess(entryAccess(entry)) : MISSING;
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

/** Bytes of a value in an RDB file, MISSING or OUT_OF_MEMORY. */
export function savedBytesOf(db: u32, key: u32): f64 {
  const entry = peek(db, key);
  return entry ? savedBytes(entry) : MISSING;
}

/** The table in which a collection keeps its elements; 0 when it has none. */
export function tableUnder(db: u32, key: u32): u32 {
  const entry = peek(db, key);
  return entry ? tableOfElements(entry) : 0;
}

/** How many entries a table has; a database's is where the database is. */
export function entriesOf(table: u32): u32 {
  return tableEntryCount(table);
}

// Facts of a list that is a quicklist, in the order of their numbers; the last
// one is the bytes of all nodes without compression.

const LIST_NODES: u32 = 0;
const LIST_ELEMENTS: u32 = 1;
const LIST_FILL: u32 = 2;
const LIST_DEPTH: u32 = 3;

/** One of these facts; MISSING when there is no such list. */
export function quicklistFact(db: u32, key: u32, fact: u32): f64 {
  const entry = peek(db, key);
  if (!entry || entryEncoding(entry) != ENCODING_QUICKLIST) return MISSING;
  const list = entryValue(entry);
  if (fact == LIST_ELEMENTS) return quicklistCount(list);
  if (fact == LIST_FILL) return quicklistFill(list);
  if (fact == LIST_DEPTH) return quicklistDepth(list);
  let sum: f64 = 0;
  for (let node = quicklistHead(list); node; node = nextNode(node)) {
    sum += fact == LIST_NODES ? 1 : nodeBytes(node);
  }
  return sum;
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
const CHAIN_LENGTH_MAX: u32 = 63;
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
