// Ways through a table that changes meanwhile, and random entries of it.
//
// SCAN: a cursor names a class of hashes, those with equal low bits under
// bigMask / 2, and is counted up in reversed bit order. A class is a chain, or
// two when the class has been split already. Growing splits classes, shrinking
// joins them; in reversed order both keep the visited classes visited.

import { randomBelow } from "./random";
import {
  BIG_MASK,
  BUCKET_COUNT,
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  PLACE_COUNT,
  tableChain,
} from "./table_chains";

/** The first chain of a cursor's class. */
export function scanChain(table: u32, cursor: u32): u32 {
  return tableChain(table, cursor & (load<u32>(table, BIG_MASK) >> 1));
}

/** The second chain of a cursor's class, 0 when it has not been split. */
export function scanSplitChain(table: u32, cursor: u32): u32 {
  const smallMask = load<u32>(table, BIG_MASK) >> 1;
  const index = (cursor & smallMask) + smallMask + 1;
  if (index >= load<u32>(table, BUCKET_COUNT)) return 0;
  return tableChain(table, index);
}

/**
 * Whether a cursor lies inside of its class, because the table has shrunk: some
 * of the class have been visited then.
 */
export function scanIsInside(table: u32, cursor: u32): bool {
  return (cursor & ~(load<u32>(table, BIG_MASK) >> 1)) != 0;
}

/** The class after this one, 0 after the last. */
export function scanNext(table: u32, cursor: u32): u32 {
  const smallMask = load<u32>(table, BIG_MASK) >> 1;
  return reverseBits(reverseBits(cursor | ~smallMask) + 1);
}

/** A hash was visited when its bits in reverse are below the cursor's. */
export function reverseBits(word: u32): u32 {
  word = ((word >> 1) & 0x55555555) | ((word & 0x55555555) << 1);
  word = ((word >> 2) & 0x33333333) | ((word & 0x33333333) << 2);
  word = ((word >> 4) & 0x0f0f0f0f) | ((word & 0x0f0f0f0f) << 4);
  return bswap<u32>(word);
}

/**
 * A random entry, each with the same chance: a random place of a random chain,
 * rejected when it is free. The table must not be empty.
 */
export function tableRandom(table: u32): u32 {
  const bucketCount = load<u32>(table, BUCKET_COUNT);
  while (true) {
    let bucket = tableChain(table, randomBelow(bucketCount));
    let place = randomBelow(RANDOM_PLACES);
    while (bucket && place >= PLACE_COUNT) {
      bucket = bucketNext(bucket);
      place -= PLACE_COUNT;
    }
    if (bucket && place < bucketEntryCount(bucket)) {
      return bucketEntry(bucket, place);
    }
  }
}

/** Entries beyond this place of a chain are never drawn; chances: 1e-9. */
const RANDOM_PLACES: u32 = 48;
