// Members of a set, sixteen at a time, for the algebra of sets.
//
// To look a member up in a large table means to wait for memory twice, for the
// bucket and for the entry. With sixteen known in advance all buckets are
// begun to be loaded, then all entries, and the waits overlap. A member is
// hashed once, whatever number of tables it is looked for in.
//
//   record (32 bytes):  u32 ptr | u32 byte count | u64 hash | u32 bucket |
//                       u32 block, when it comes from a hash table
//
// A subset of the batch is a mask, bit i being record i. The bytes are those
// of the set itself, or digits in a text area that the next batch reuses.

import { ENCODING_HASHTABLE } from "./entry";
import { hashBytes } from "./hash";
import { formatInteger } from "./number";
import { formHas } from "./set_form";
import { tableOf } from "./set_table";
import {
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkEntry,
  walkInteger,
  walkIsInteger,
  walkNext,
  walkPtr,
} from "./set_walk";
import { presetHash, tableFind } from "./table";
import { touchBucketOf, touchEntryOf } from "./table_ahead";

const BATCH_MAX: u32 = 16;
const RECORD_SHIFT: u32 = 5;
const TEXT_BYTES: u32 = 24;
const LENGTH: usize = 4;
const HASH: usize = 8;
const BUCKET: usize = 16;
const ENTRY: usize = 20;

const records: u32 = u32(memory.data(512, 16));
const texts: u32 = u32(memory.data(384, 8));
const walk: u32 = u32(memory.data(WALK_BYTES, 8));

let isHashed: bool = false;

// @ts-ignore: decorator
@inline
function recordAt(index: u32): u32 {
  return records + (index << RECORD_SHIFT);
}

// @ts-ignore: decorator
@inline
export function batchPtr(index: u32): u32 {
  return load<u32>(recordAt(index));
}

// @ts-ignore: decorator
@inline
export function batchBytes(index: u32): u32 {
  return load<u32>(recordAt(index), LENGTH);
}

// @ts-ignore: decorator
@inline
export function batchHash(index: u32): u64 {
  return load<u64>(recordAt(index), HASH);
}

/** The member's block, when the set that is walked is a hash table. */
// @ts-ignore: decorator
@inline
export function batchEntry(index: u32): u32 {
  return load<u32>(recordAt(index), ENTRY);
}

/** Begins to walk a set. */
export function batchBegin(encoding: u32, value: u32): void {
  walkBegin(walk, encoding, value);
}

/** Takes the next members; the mask of all of them, 0 at the end. */
export function nextBatch(): u32 {
  isHashed = false;
  let count: u32 = 0;
  while (count < BATCH_MAX && walkNext(walk)) {
    const record = recordAt(count);
    if (walkIsInteger) {
      const text = texts + count * TEXT_BYTES;
      store<u32>(record, text);
      store<u32>(record, formatInteger(text, walkInteger), LENGTH);
    } else {
      store<u32>(record, walkPtr);
      store<u32>(record, walkBytes, LENGTH);
      store<u32>(record, walkEntry, ENTRY);
    }
    count++;
  }
  return (1 << count) - 1;
}

/** Hashes the batch, if that was not done yet. */
export function hashBatch(mask: u32): void {
  if (isHashed) return;
  isHashed = true;
  for (; mask; mask &= mask - 1) {
    const record = recordAt(ctz(mask));
    const hash = hashBytes(load<u32>(record), load<u32>(record, LENGTH));
    store<u64>(record, hash, HASH);
  }
}

/** Loads what a table has for the members of the mask, which are hashed. */
function touchTable(table: u32, mask: u32): void {
  for (let left = mask; left; left &= left - 1) {
    const record = recordAt(ctz(left));
    const bucket = touchBucketOf(table, load<u64>(record, HASH));
    store<u32>(record, bucket, BUCKET);
  }
  for (let left = mask; left; left &= left - 1) {
    const record = recordAt(ctz(left));
    // The header is enough: a likely entry may be another and a shorter one.
    touchEntryOf(load<u32>(record, BUCKET), load<u64>(record, HASH), 0);
  }
}

/** Prepares the members of the mask to be looked up one by one. */
export function touchForm(encoding: u32, value: u32, mask: u32): void {
  if (encoding != ENCODING_HASHTABLE) return;
  hashBatch(mask);
  touchTable(tableOf(value), mask);
}

/** Makes the look-ups that follow use this member's hash; see `endBatch`. */
// @ts-ignore: decorator
@inline
export function useHash(index: u32): void {
  if (isHashed) presetHash(batchPtr(index), batchHash(index));
}

/** After the last `useHash`: a stale hash must not outlive its bytes. */
// @ts-ignore: decorator
@inline
export function endBatch(): void {
  presetHash(0, 0);
}

/** Those members of the mask that another set has, too. */
export function membersIn(encoding: u32, value: u32, mask: u32): u32 {
  touchForm(encoding, value, mask);
  let found: u32 = 0;
  for (let left = mask; left; left &= left - 1) {
    const index = ctz(left);
    useHash(index);
    if (formHas(encoding, value, batchPtr(index), batchBytes(index))) {
      found |= 1 << index;
    }
  }
  endBatch();
  return found;
}

/** The block that a table has for a member of the batch, or 0. */
export function entryIn(table: u32, index: u32): u32 {
  useHash(index);
  return tableFind(table, batchPtr(index), batchBytes(index));
}
