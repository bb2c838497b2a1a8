// What every kind of value can do: free itself, copy itself, say its size and
// prove its invariants. This is the one place that knows all kinds.
//
// A value is embedded in its entry, a single block (raw string, listpack,
// intset), or a collection of many blocks behind a control block:
//
//   +0   u8 0 | u8 flags | u16 0     as in entry.ts, for those in a heap
//   +4   u32 next grave              once it has been thrown away
//   +8   what the collection needs
//
// Freeing: a collection of more than FREE_AT_ONCE elements is buried, which
// costs nothing and cannot fail, and `reclaimValues` takes it apart in slices.

import { alloc, free, usable } from "./allocator";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  ENCODING_QUICKLIST,
  ENCODING_SKIPLIST,
  entryEncoding,
  entryKind,
  entryType,
  entryValue,
  isEmbedded,
  RAW_HEADER_BYTES,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
} from "./entry";
import {
  copyHashtable,
  drainHashtable,
  fieldsOf,
  hashtableCount,
  hashtableFootprint,
  verifyHashtable,
} from "./hashtable";
import { intsetBytes, verifyIntset } from "./intset";
import { listpackBytes, verifyListpack } from "./listpack";
import {
  nodesFootprint,
  quicklistCopy,
  quicklistCount,
  quicklistDrain,
  verifyQuicklist,
} from "./quicklist";
import {
  copySetTable,
  drainSetTable,
  setTableCount,
  setTableFootprint,
  tableOf,
  verifySetTable,
} from "./set_table";
import {
  copyLarge,
  drainLarge,
  largeCount,
  largeFootprint,
  membersOf,
  verifyLarge,
} from "./zset_large";
import { tableWalks } from "./table";
import { keepsString, keepsTable, LARGE_STRING_BYTES, watched } from "./watch";
import { verifySmall } from "./zset_listpack";

// Kinds: type and encoding of a collection of many blocks.
const QUICKLIST: u32 = (TYPE_LIST << 4) | ENCODING_QUICKLIST;
const SET_TABLE: u32 = (TYPE_SET << 4) | ENCODING_HASHTABLE;
const HASH_TABLE: u32 = (TYPE_HASH << 4) | ENCODING_HASHTABLE;
const LARGE_ZSET: u32 = (TYPE_ZSET << 4) | ENCODING_SKIPLIST;

const FREE_AT_ONCE: u32 = 64;
const NEXT: usize = 4;

let graveyard: u32 = 0;
let buriedCount: u32 = 0;

/** Whether a value has a control block in front of many others. */
function isCollection(encoding: u32): bool {
  return encoding == ENCODING_QUICKLIST || encoding == ENCODING_HASHTABLE ||
    encoding == ENCODING_SKIPLIST;
}

/** How many elements a collection of many blocks has. */
function elementCount(kind: u32, value: u32): u32 {
  if (kind == QUICKLIST) return quicklistCount(value);
  if (kind == HASH_TABLE) return hashtableCount(value);
  if (kind == SET_TABLE) return setTableCount(value);
  if (kind == LARGE_ZSET) return largeCount(value);
  return 0;
}

/**
 * Takes about `maxCount` elements out of a collection and frees them; returns
 * how many. Fewer than `maxCount` means that all is gone, control block too.
 */
function drain(kind: u32, value: u32, maxCount: u32): u32 {
  if (kind == QUICKLIST) return quicklistDrain(value, maxCount);
  if (kind == HASH_TABLE) return drainHashtable(value, maxCount);
  if (kind == SET_TABLE) return drainSetTable(value, maxCount);
  if (kind == LARGE_ZSET) return drainLarge(value, maxCount);
  return 0;
}

/** Frees what the value word leads to, if it is much by and by. */
export function freeValue(entry: u32): void {
  if (isEmbedded(entry)) return;
  const value = entryValue(entry);
  if (!isCollection(entryEncoding(entry))) {
    const isKept = watched && load<u32>(value) >= LARGE_STRING_BYTES &&
      keepsString(value);
    if (!isKept) free(value);
    return;
  }
  freeCollection(entryKind(entry), value);
}

/** The table in a collection, 0 for a list, which has none. */
export function collectionTable(kind: u32, value: u32): u32 {
  if (kind == HASH_TABLE) return fieldsOf(value);
  if (kind == SET_TABLE) return tableOf(value);
  if (kind == LARGE_ZSET) return membersOf(value);
  return 0;
}

/** Whether a snapshot that walks a collection keeps it. */
function isKept(kind: u32, value: u32): bool {
  const table = collectionTable(kind, value);
  return table && tableWalks(table) ? keepsTable(table) : false;
}

/** The same for a collection that no entry holds any more. */
export function freeCollection(kind: u32, value: u32): void {
  if (watched && isKept(kind, value)) return;
  const count = elementCount(kind, value);
  if (count <= FREE_AT_ONCE) {
    drain(kind, value, u32.MAX_VALUE);
    return;
  }
  store<u8>(value, kind);
  store<u32>(value, graveyard, NEXT);
  graveyard = value;
  buriedCount += count;
}

/** Frees an entry that no table and no heap holds any more, with its value. */
export function freeEntry(entry: u32): void {
  freeValue(entry);
  free(entry);
}

/**
 * Frees about `maxCount` elements of buried values; returns how many, but no
 * more than that: those of a list's node go together.
 */
export function reclaimValues(maxCount: u32): u32 {
  let freedCount: u32 = 0;
  while (graveyard && freedCount < maxCount) {
    const value = graveyard;
    const next = load<u32>(value, NEXT);
    const wanted = maxCount - freedCount;
    const count = drain(load<u8>(value), value, wanted);
    freedCount += count;
    buriedCount -= count;
    if (count < wanted) graveyard = next;
  }
  return min(freedCount, maxCount);
}

/** Elements that wait to be freed. */
export function buriedElements(): u32 {
  return buriedCount;
}

export function hasGraves(): bool {
  return graveyard != 0;
}

/** A copy of what the value word leads to, 0 without memory. */
export function copyValue(entry: u32): u32 {
  const from = entryValue(entry);
  const kind = entryKind(entry);
  if (kind == QUICKLIST) return quicklistCopy(from);
  if (kind == HASH_TABLE) return copyHashtable(from);
  if (kind == SET_TABLE) return copySetTable(from);
  if (kind == LARGE_ZSET) return copyLarge(from);
  return copyBlock(from, blockBytes(entryEncoding(entry), from));
}

/** Bytes in use of a value that is a single block. */
function blockBytes(encoding: u32, block: u32): u32 {
  if (encoding == ENCODING_LISTPACK) return listpackBytes(block);
  if (encoding == ENCODING_INTSET) return intsetBytes(block);
  return load<u32>(block) + RAW_HEADER_BYTES;
}

function copyBlock(from: u32, byteCount: u32): u32 {
  const to = alloc(byteCount);
  if (to) memory.copy(to, from, byteCount);
  return to;
}

/** Bytes of an entry and its value, as the allocator counts them. */
export function entryFootprint(entry: u32): f64 {
  const own = f64(usable(entry));
  if (isEmbedded(entry)) return own;
  const value = entryValue(entry);
  const kind = entryKind(entry);
  if (kind == HASH_TABLE) return own + hashtableFootprint(value);
  if (kind == SET_TABLE) return own + setTableFootprint(value);
  if (kind == LARGE_ZSET) return own + largeFootprint(value);
  const first = own + f64(usable(value));
  return kind == QUICKLIST ? first + nodesFootprint(value) : first;
}

/** 0, or what is broken: a number of the structure's own. */
export function verifyValue(entry: u32): i32 {
  if (isEmbedded(entry)) return 0;
  const value = entryValue(entry);
  const encoding = entryEncoding(entry);
  if (encoding == ENCODING_LISTPACK) {
    return entryType(entry) == TYPE_ZSET
      ? verifySmall(value)
      : verifyListpack(value);
  }
  if (encoding == ENCODING_INTSET) return verifyIntset(value);
  const kind = entryKind(entry);
  if (kind == QUICKLIST) return verifyQuicklist(value);
  if (kind == HASH_TABLE) return verifyHashtable(value);
  if (kind == SET_TABLE) return verifySetTable(value);
  if (kind == LARGE_ZSET) return verifyLarge(value);
  return 0;
}
