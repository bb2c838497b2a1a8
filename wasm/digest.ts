// DEBUG DIGEST: one number for the whole data set, equal to Redis's for equal
// data, whatever the order in which the tables hold it.
//
//   add(d, bytes)  d ^= SHA-1(bytes)            parts whose order means nothing
//   mix(d, bytes)  d = SHA-1(d ^ SHA-1(bytes))  parts whose order counts
//
//   value   mix type (u32, big-endian), then its elements, and with a due time
//           add "!!expire!!"
//             string, list   mix the bytes of each element, in order
//             set            add each member
//             sorted set     add, for each member, a digest of its own into
//                            which its name and the digits of its score are
//                            mixed; a hash: the same for field and value
//   key     start at zero, mix key, then its value
//   total   each database that is not empty: mix index (u32, big-endian), then
//           the digests of its keys are added
//
// Keys that are due and still there count, as they do in Redis. What can fail is
// only looking into a compressed list.

import { argLen, argPtr } from "./arguments";
import { DOUBLE_MAX_BYTES, formatShortest } from "./double";
import {
  elementBytes,
  elementPtr,
  elementsBegin,
  elementsCode,
  elementScore,
  elementsNext,
  secondBegin,
} from "./elements";
import {
  entryType,
  hasDue,
  keyBytes,
  keyPtr,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STRING,
  TYPE_ZSET,
} from "./entry";
import { sha1, SHA1_BYTES } from "./sha1";
import { viewBytes, viewPtr, viewString } from "./string";
import { tableFind } from "./table";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
  tableEntryCount,
} from "./table_chains";

/** The digest that TypeScript reads. */
const result: u32 = u32(memory.data(20, 8));
/** The digest of the key that is being looked at. */
const keyDigest: u32 = u32(memory.data(20, 8));
const partDigest: u32 = u32(memory.data(20, 8));
/** The digest of a pair: a member with its score, a field with its value. */
const pairDigest: u32 = u32(memory.data(20, 8));
const scoreText: u32 = u32(memory.data(32));
const number: u32 = u32(memory.data(4, 4));
/** "!!expire!!" */
const expireMark: u32 = u32(
  memory.data<u8>([0x21, 0x21, 0x65, 0x78, 0x70, 0x69, 0x72, 0x65, 0x21, 0x21]),
);
const EXPIRE_MARK_BYTES: u32 = 10;

function clearDigest(digest: u32): void {
  memory.fill(digest, 0, SHA1_BYTES);
}

function xorDigest(digest: u32, other: u32): void {
  for (let i: u32 = 0; i < SHA1_BYTES; i += 4) {
    store<u32>(digest + i, load<u32>(digest + i) ^ load<u32>(other + i));
  }
}

/** Adds a part whose place among the parts means nothing. */
function addToDigest(digest: u32, ptr: u32, byteCount: u32): void {
  sha1(ptr, byteCount, partDigest);
  xorDigest(digest, partDigest);
}

/** Mixes the next part in. */
function mixIntoDigest(digest: u32, ptr: u32, byteCount: u32): void {
  addToDigest(digest, ptr, byteCount);
  sha1(digest, SHA1_BYTES, digest);
}

function mixNumber(digest: u32, value: u32): void {
  store<u32>(number, bswap<u32>(value));
  mixIntoDigest(digest, number, 4);
}

function digestValue(digest: u32, entry: u32): void {
  const type = entryType(entry);
  mixNumber(digest, type);
  if (type == TYPE_STRING) {
    viewString(entry);
    mixIntoDigest(digest, viewPtr(), viewBytes());
  } else digestElements(digest, entry, type);
  if (hasDue(entry)) addToDigest(digest, expireMark, EXPIRE_MARK_BYTES);
}

/** 0, or why a value could not be looked at since a digest began. */
let failure: i32 = 0;

function digestElements(digest: u32, entry: u32, type: u32): void {
  elementsBegin(entry);
  while (elementsNext()) {
    if (type == TYPE_LIST) mixIntoDigest(digest, elementPtr, elementBytes);
    else if (type == TYPE_SET) addToDigest(digest, elementPtr, elementBytes);
    else addPair(digest, type);
  }
  if (elementsCode) failure = elementsCode;
}

function addPair(digest: u32, type: u32): void {
  clearDigest(pairDigest);
  mixIntoDigest(pairDigest, elementPtr, elementBytes);
  secondBegin();
  if (type == TYPE_ZSET) {
    const byteCount = formatShortest(scoreText, elementScore);
    assert(byteCount <= DOUBLE_MAX_BYTES);
    mixIntoDigest(pairDigest, scoreText, byteCount);
  } else mixIntoDigest(pairDigest, elementPtr, elementBytes);
  addToDigest(digest, pairDigest, SHA1_BYTES);
}

/** Where the digest lies that the last function here made. */
export function digestPtr(): u32 {
  return result;
}

/** Begins the digest of a data set. */
export function digestBegin(): void {
  clearDigest(result);
}

/**
 * Goes on with a database, TypeScript does so in the order of their indexes: 0
 * or OUT_OF_MEMORY.
 */
export function digestDatabase(db: u32, index: u32): i32 {
  failure = 0;
  if (!tableEntryCount(db)) return 0;
  mixNumber(result, index);
  const bucketCount = tableBucketCount(db);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(db, i);
    for (; bucket; bucket = bucketNext(bucket)) digestBucket(bucket);
  }
  return failure;
}

function digestBucket(bucket: u32): void {
  const count = bucketEntryCount(bucket);
  for (let i: u32 = 0; i < count; i++) {
    const entry = bucketEntry(bucket, i);
    clearDigest(keyDigest);
    mixIntoDigest(keyDigest, keyPtr(entry), keyBytes(entry));
    digestValue(keyDigest, entry);
    // The key's digest is a part like any other: its own SHA-1 goes in.
    addToDigest(result, keyDigest, SHA1_BYTES);
  }
}

/**
 * The digest of the value under an argument, zeros when there is none: 0 or
 * OUT_OF_MEMORY.
 */
export function digestKeyValue(db: u32, key: u32): i32 {
  failure = 0;
  clearDigest(result);
  const entry = tableFind(db, argPtr(key), argLen(key));
  if (entry) digestValue(result, entry);
  return failure;
}
