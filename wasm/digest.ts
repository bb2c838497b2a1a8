// DEBUG DIGEST: one number for the whole data set, equal to Redis's for equal
// data, whatever the order in which the tables hold it.
//
//   add(d, bytes)  d ^= SHA-1(bytes)            parts whose order means nothing
//   mix(d, bytes)  d = SHA-1(d ^ SHA-1(bytes))  parts whose order counts
//
//   value   mix type (u32, big-endian); a string: mix bytes; a hash: add, for
//           each field, a digest of its own into which name and value are
//           mixed; with a due time: add "!!expire!!"
//   key     start at zero, mix key, then its value
//   total   each database that is not empty: mix index (u32, big-endian), then
//           the digests of its keys are added
//
// A new type adds its case to `digestValue`. Keys that are due and still there
// count, as they do in Redis. Nothing is copied and nothing can fail.

import { argLen, argPtr } from "./arguments";
import {
  entryType,
  entryValue,
  hasDue,
  keyBytes,
  keyPtr,
  TYPE_HASH,
  TYPE_STRING,
} from "./entry";
import { fieldValueBytes, fieldValuePtr } from "./field";
import { isListpack } from "./hashes";
import { fieldsOf } from "./hashtable";
import {
  listpackFirst,
  listpackNext,
  readBytes,
  readPtr,
  viewElement,
} from "./listpack";
import { sha1, SHA1_BYTES } from "./sha1";
import { viewBytes, viewPtr, viewString } from "./string";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
  tableEntryCount,
  tableFind,
} from "./table";

/** The digest that TypeScript reads. */
const result: u32 = u32(memory.data(20, 8));
/** The digest of the key that is being looked at. */
const keyDigest: u32 = u32(memory.data(20, 8));
/** The digest of one field of it. */
const elementDigest: u32 = u32(memory.data(20, 8));
const partDigest: u32 = u32(memory.data(20, 8));
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
export function addToDigest(digest: u32, ptr: u32, byteCount: u32): void {
  sha1(ptr, byteCount, partDigest);
  xorDigest(digest, partDigest);
}

/** Mixes the next part in. */
export function mixIntoDigest(digest: u32, ptr: u32, byteCount: u32): void {
  addToDigest(digest, ptr, byteCount);
  sha1(digest, SHA1_BYTES, digest);
}

function mixNumber(digest: u32, value: u32): void {
  store<u32>(number, bswap<u32>(value));
  mixIntoDigest(digest, number, 4);
}

function digestValue(digest: u32, entry: u32): void {
  mixNumber(digest, entryType(entry));
  if (entryType(entry) == TYPE_STRING) {
    viewString(entry);
    mixIntoDigest(digest, viewPtr(), viewBytes());
  } else if (entryType(entry) == TYPE_HASH) digestHash(digest, entry);
  if (hasDue(entry)) addToDigest(digest, expireMark, EXPIRE_MARK_BYTES);
}

function digestHash(digest: u32, entry: u32): void {
  const value = entryValue(entry);
  if (isListpack(entry)) {
    for (let name = listpackFirst(value); name;) {
      clearDigest(elementDigest);
      viewElement(name);
      mixIntoDigest(elementDigest, readPtr, readBytes);
      const element = listpackNext(value, name);
      viewElement(element);
      mixIntoDigest(elementDigest, readPtr, readBytes);
      addToDigest(digest, elementDigest, SHA1_BYTES);
      name = listpackNext(value, element);
    }
    return;
  }
  const table = fieldsOf(value);
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const field = bucketEntry(bucket, place);
        clearDigest(elementDigest);
        mixIntoDigest(elementDigest, keyPtr(field), keyBytes(field));
        mixIntoDigest(
          elementDigest,
          fieldValuePtr(field),
          fieldValueBytes(field),
        );
        addToDigest(digest, elementDigest, SHA1_BYTES);
      }
    }
  }
}

/** Where the digest lies that the last function here made. */
export function digestPtr(): u32 {
  return result;
}

/** Begins the digest of a data set. */
export function digestBegin(): void {
  clearDigest(result);
}

/** Goes on with a database; TypeScript does so in the order of their indexes. */
export function digestDatabase(db: u32, index: u32): void {
  if (!tableEntryCount(db)) return;
  mixNumber(result, index);
  const bucketCount = tableBucketCount(db);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(db, i);
    for (; bucket; bucket = bucketNext(bucket)) digestBucket(bucket);
  }
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

/** The digest of the value under an argument; zeros when there is none. */
export function digestKeyValue(db: u32, key: u32): void {
  clearDigest(result);
  const entry = tableFind(db, argPtr(key), argLen(key));
  if (entry) digestValue(result, entry);
}
