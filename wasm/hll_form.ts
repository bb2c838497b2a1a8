// The form of a HyperLogLog, which is a string that clients may read and write.
//
//   +0   4 bytes  "HYLL"
//   +4   u8       0 dense, 1 sparse
//   +5   3 bytes  0
//   +8   u64      cardinality as it was last counted, little endian; its
//                 highest bit says that registers have changed since
//   +16           the registers, in one of two codes: hll_dense.ts, always
//                 DENSE_BYTES in all, and hll_sparse.ts
//
// There are 16384 registers. An element's hash names one by its low 14 bits;
// the rank of the element is the place of the lowest 1 in the other 50, from 1
// to 51, and a register keeps the highest rank that it has seen. Hash and form
// are Redis's to the byte, so that values move between servers as they are.

export const REGISTER_COUNT: u32 = 16384;
const REGISTER_BITS: u32 = 14;
export const HEADER_BYTES: u32 = 16;
export const DENSE_BYTES: u32 = HEADER_BYTES + REGISTER_COUNT * 6 / 8;
/** One XZERO covers all registers. */
export const EMPTY_BYTES: u32 = HEADER_BYTES + 2;

const MAGIC: u32 = 0x4c4c5948;
export const DENSE: u32 = 0;
export const SPARSE: u32 = 1;
const ENCODING: usize = 4;
const CARDINALITY: usize = 8;
const STALE: u64 = 1 << 63;

/** Whether these bytes pass for a HyperLogLog; its code is not looked at. */
export function isHyperLogLog(at: u32, byteCount: u32): bool {
  if (byteCount < HEADER_BYTES || load<u32>(at) != MAGIC) return false;
  const encoding = hllEncoding(at);
  return encoding == SPARSE || (encoding == DENSE && byteCount == DENSE_BYTES);
}

// @ts-ignore: decorator
@inline
export function hllEncoding(at: u32): u32 {
  return load<u8>(at, ENCODING);
}

// @ts-ignore: decorator
@inline
export function setHllEncoding(at: u32, encoding: u32): void {
  store<u8>(at, encoding, ENCODING);
}

/** Writes the header of one that is empty: its cardinality is known. */
export function writeHeader(at: u32, encoding: u32): void {
  store<u32>(at, MAGIC);
  store<u32>(at, encoding, ENCODING);
  store<u64>(at, 0, CARDINALITY);
}

// @ts-ignore: decorator
@inline
export function isCounted(at: u32): bool {
  return !(load<u64>(at, CARDINALITY) & STALE);
}

// @ts-ignore: decorator
@inline
export function cardinalityOf(at: u32): i64 {
  return load<i64>(at, CARDINALITY);
}

// @ts-ignore: decorator
@inline
export function setCardinality(at: u32, cardinality: i64): void {
  store<i64>(at, cardinality, CARDINALITY);
}

/** The old count stays where it is, marked as one that no longer holds. */
// @ts-ignore: decorator
@inline
export function markStale(at: u32): void {
  store<u64>(at, load<u64>(at, CARDINALITY) | STALE, CARDINALITY);
}

// The element that was hashed last.

export let hashedRegister: u32 = 0;
export let hashedRank: u32 = 0;

const SEED: u64 = 0xadc83b19;
const FACTOR: u64 = 0xc6a4a7935bd1e995;
const SHIFT: u64 = 47;

/** Finds an element's register and rank: MurmurHash64A with Redis's seed. */
export function hashElement(ptr: u32, byteCount: u32): void {
  let hash = SEED ^ (u64(byteCount) * FACTOR);
  const end = ptr + (byteCount & ~7);
  for (; ptr != end; ptr += 8) {
    let word = load<u64>(ptr) * FACTOR;
    word ^= word >> SHIFT;
    hash = (hash ^ (word * FACTOR)) * FACTOR;
  }
  const rest = byteCount & 7;
  if (rest) hash = (hash ^ lastWord(ptr, rest)) * FACTOR;
  hash = (hash ^ (hash >> SHIFT)) * FACTOR;
  hash ^= hash >> SHIFT;
  hashedRegister = u32(hash) & (REGISTER_COUNT - 1);
  // The bit above all others ends a run that has no 1 in it.
  const ranked = (hash >> REGISTER_BITS) | (1 << (64 - REGISTER_BITS));
  hashedRank = u32(ctz<u64>(ranked)) + 1;
}

/** One to seven bytes as a number, the first one lowest. */
// @ts-ignore: decorator
@inline
function lastWord(ptr: u32, byteCount: u32): u64 {
  let word: u64 = 0;
  for (let i: u32 = 0; i < byteCount; i++) {
    word |= u64(load<u8>(ptr + i)) << (i << 3);
  }
  return word;
}
