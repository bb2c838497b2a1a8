// Walking through the members of a set, whatever its encoding.
//
//     const walk = u32(memory.data(WALK_BYTES, 8));
//     ...
//     const set = readTyped(db, key, TYPE_SET);
//     walkBegin(walk, entryEncoding(set), entryValue(set));
//     while (walkNext(walk)) {
//       // walkIsInteger ? walkInteger : the bytes at walkPtr, walkBytes
//     }
//
// After viewMember() walkPtr and walkBytes hold an integer's digits too, until
// the next viewMember. As many walks as wanted may be under way at one time.
// The set must not change meanwhile. An intset comes in ascending order, the
// others in an order that means nothing; there is nothing to free.
//
//   +0  u32 encoding    +4  u32 block
//   +8  u32 index of the next element or chain
//   +12 u32 the listpack's next element, or the bucket
//   +16 u32 next place in the bucket    +20 u32 places in use

import { ENCODING_HASHTABLE, ENCODING_INTSET, keyBytes, keyPtr } from "./entry";
import { intsetAt, intsetCount } from "./intset";
import {
  listpackFirst,
  listpackNext,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
} from "./listpack";
import { formatInteger } from "./number";
import { tableOf } from "./set_table";
import { touchEntries } from "./table_ahead";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
} from "./table_chains";

const VALUE: usize = 4;
const INDEX: usize = 8;
const AT: usize = 12;
const PLACE: usize = 16;
const USED: usize = 20;
/** Bytes of a walk. */
export const WALK_BYTES: u32 = 24;

/** The member that the last walkNext came to. */
export let walkIsInteger: bool = false;
export let walkInteger: i64 = 0;
export let walkPtr: u32 = 0;
export let walkBytes: u32 = 0;
/** Its block, when the set is a hash table. */
export let walkEntry: u32 = 0;

const integerText: u32 = u32(memory.data(24));

/** Begins before the first member. */
export function walkBegin(walk: u32, encoding: u32, value: u32): void {
  store<u32>(walk, encoding);
  store<u32>(walk, value, VALUE);
  store<u64>(walk, 0, INDEX);
  store<u64>(walk, 0, PLACE);
  if (encoding != ENCODING_HASHTABLE && encoding != ENCODING_INTSET) {
    store<u32>(walk, listpackFirst(value), AT);
  }
}

/** Goes to the next member; false at the end. */
// @ts-ignore: decorator
@inline
export function walkNext(walk: u32): bool {
  const encoding = load<u32>(walk);
  if (encoding == ENCODING_HASHTABLE) return nextInTable(walk);
  return encoding == ENCODING_INTSET
    ? nextInIntset(walk)
    : nextInListpack(walk);
}

/** Makes bytes of the member, if it is an integer. */
// @ts-ignore: decorator
@inline
export function viewMember(): void {
  if (!walkIsInteger) return;
  walkPtr = integerText;
  walkBytes = formatInteger(integerText, walkInteger);
}

// @ts-ignore: decorator
@inline
function nextInTable(walk: u32): bool {
  const place = load<u32>(walk, PLACE);
  if (place == load<u32>(walk, USED)) return nextBucket(walk);
  return takePlace(walk, load<u32>(walk, AT), place);
}

// @ts-ignore: decorator
@inline
function takePlace(walk: u32, bucket: u32, place: u32): bool {
  store<u32>(walk, place + 1, PLACE);
  walkEntry = bucketEntry(bucket, place);
  walkIsInteger = false;
  walkPtr = keyPtr(walkEntry);
  walkBytes = keyBytes(walkEntry);
  return true;
}

function nextBucket(walk: u32): bool {
  const table = tableOf(load<u32>(walk, VALUE));
  let bucket = load<u32>(walk, AT);
  if (bucket) bucket = bucketNext(bucket);
  let used: u32 = 0;
  while (!bucket || !(used = bucketEntryCount(bucket))) {
    const index = load<u32>(walk, INDEX);
    if (index == tableBucketCount(table)) {
      store<u32>(walk, 0, AT);
      store<u64>(walk, 0, PLACE);
      return false;
    }
    bucket = tableChain(table, index);
    store<u32>(walk, index + 1, INDEX);
  }
  store<u32>(walk, bucket, AT);
  store<u32>(walk, used, USED);
  touchEntries(bucket, used);
  return takePlace(walk, bucket, 0);
}

function nextInIntset(walk: u32): bool {
  const set = load<u32>(walk, VALUE);
  const index = load<u32>(walk, INDEX);
  if (index == intsetCount(set)) return false;
  walkIsInteger = true;
  walkInteger = intsetAt(set, index);
  store<u32>(walk, index + 1, INDEX);
  return true;
}

function nextInListpack(walk: u32): bool {
  const at = load<u32>(walk, AT);
  if (!at) return false;
  readElement(at);
  walkIsInteger = readIsInteger;
  walkInteger = readInteger;
  walkPtr = readPtr;
  walkBytes = readBytes;
  store<u32>(walk, listpackNext(load<u32>(walk, VALUE), at), AT);
  return true;
}
