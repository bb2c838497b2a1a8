// Looking ahead in a table (table.ts). A look-up waits for memory twice: for the
// bucket and for the entry. When several keys are known in advance, all their
// buckets are touched first and then all their entries, so that the waits
// overlap.

import { bucketEntry, chainOf, matches, placeAt, tagOf } from "./table_chains";

/** Any byte of a page in which a block lies can be read. */
const PAGE_BYTES: u32 = 4096;

/** Loads the bucket of a hash; returns its address for `touchEntryOf`. */
// @ts-ignore: decorator
@inline
export function touchBucketOf(table: u32, hash: u64): u32 {
  const bucket = chainOf(table, hash);
  touched += load<u32>(bucket);
  return bucket;
}

/**
 * Loads the likely entry of a hash: its header and where its key may end. It
 * may be another one and shorter, so that nothing behind its page is touched.
 * Returns it, or 0.
 */
// @ts-ignore: decorator
@inline
export function touchEntryOf(bucket: u32, hash: u64, byteCount: u32): u32 {
  const candidates = matches(bucket, tagOf(hash));
  if (!candidates) return 0;
  const entry = load<u32>(placeAt(bucket, ctz(candidates)));
  touch(entry);
  const end = entry + byteCount;
  if ((end ^ entry) < PAGE_BYTES) touch(end);
  return entry;
}

/** Keeps the loads from being optimised away. */
let touched: u32 = 0;

/** Loads what lies at an address, of which the result is not needed yet. */
// @ts-ignore: decorator
@inline
export function touch(ptr: u32): void {
  touched += load<u8>(ptr);
}

/**
 * Loads all entries of a bucket, which lie anywhere: begun together, that takes
 * as long as loading one.
 */
// @ts-ignore: decorator
@inline
export function touchEntries(bucket: u32, count: u32): void {
  for (let i: u32 = 0; i < count; i++) touch(bucketEntry(bucket, i));
}
