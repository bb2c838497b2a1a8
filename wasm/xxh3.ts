// XXH3, its 64-bit form with no seed (after the specification that the authors
// of xxHash publish): what DIGEST replies with, and IFDEQ and IFDNE compare. It
// resists nobody; it tells values apart quickly.
//
//   0 to 16 bytes     a formula each for 0, 1-3, 4-8 and 9-16
//   17 to 240         16-byte pieces, each multiplied with a part of the secret
//   above             eight lanes of 64 bits take stripes of 64 bytes; after
//                     each block of 16 stripes the lanes are scrambled. The
//                     last stripe is the last 64 bytes, seen before or not.
//
// The lanes are four vectors of two. Everything is static, nothing can fail.

const PRIME32_1: u64 = 0x9e3779b1;
const PRIME32_2: u64 = 0x85ebca77;
const PRIME32_3: u64 = 0xc2b2ae3d;
const PRIME64_1: u64 = 0x9e3779b185ebca87;
const PRIME64_2: u64 = 0xc2b2ae3d27d4eb4f;
const PRIME64_3: u64 = 0x165667b19e3779f9;
const PRIME64_4: u64 = 0x85ebca77c2b2ae63;
const PRIME64_5: u64 = 0x27d4eb2f165667c5;
const PRIME_MIX_1: u64 = 0x165667919e3779f9;
const PRIME_MIX_2: u64 = 0x9fb21c651e98df25;

const SMALL_MAX_BYTES: u32 = 16;
const PAIRED_MAX_BYTES: u32 = 128;
const MEDIUM_MAX_BYTES: u32 = 240;

const STRIPE_BYTES: u32 = 64;
const BLOCK_STRIPES: u32 = 16;
const BLOCK_BYTES: u32 = STRIPE_BYTES * BLOCK_STRIPES;

// Where the secret is read; the specification gives these places.
const SECRET_FOR_MEDIUM_REST: u32 = 3;
const SECRET_FOR_MEDIUM_END: u32 = 119;
const SECRET_FOR_LAST_STRIPE: u32 = 121;
const SECRET_FOR_SCRAMBLE: u32 = 128;
const SECRET_FOR_MERGE: u32 = 11;

const lanes: u32 = u32(memory.data(64, 16));
/** The specification's default secret. */
const secret: u32 = u32(memory.data<u64>([
  0xbe4ba423396cfeb8,
  0x1cad21f72c81017c,
  0xdb979083e96dd4de,
  0x1f67b3b7a4a44072,
  0x78e5c0cc4ee679cb,
  0x2172ffcc7dd05a82,
  0x8e2443f7744608b8,
  0x4c263a81e69035e0,
  0xcb00c391bb52283c,
  0xa32e531b8b65d088,
  0x4ef90da297486471,
  0xd8acdea946ef1938,
  0x3f349ce33f76faa8,
  0x1d4f0bc7c7bbdcf9,
  0x3159b4cd4be0518a,
  0x647378d9c97e9fc8,
  0xc3ebd33483acc5ea,
  0xeb6313faffa081c5,
  0x49daf0b751dd0d17,
  0x9e68d429265516d3,
  0xfca1477d58be162b,
  0xce31d07ad1b8f88f,
  0x280416958f3acb45,
  0x7e404bbbcafbd7af,
]));

/** The hash of a message. */
export function xxh3(ptr: u32, byteCount: u32): u64 {
  if (byteCount <= SMALL_MAX_BYTES) return hashSmall(ptr, byteCount);
  if (byteCount <= PAIRED_MAX_BYTES) return hashPaired(ptr, byteCount);
  if (byteCount <= MEDIUM_MAX_BYTES) return hashMedium(ptr, byteCount);
  return hashLarge(ptr, byteCount);
}

// @ts-ignore: decorator
@inline
function secretAt(place: u32): u64 {
  return load<u64>(secret + place);
}

/** Both halves of the 128-bit product, one laid over the other. */
function foldedProduct(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff, aHigh = a >> 32;
  const bLow = b & 0xffffffff, bHigh = b >> 32;
  const low = aLow * bLow;
  const crossed = aHigh * bLow + (low >> 32);
  const middle = aLow * bHigh + (crossed & 0xffffffff);
  const high = aHigh * bHigh + (crossed >> 32) + (middle >> 32);
  return high ^ ((middle << 32) | (low & 0xffffffff));
}

function avalanche(value: u64): u64 {
  value = (value ^ (value >> 37)) * PRIME_MIX_1;
  return value ^ (value >> 32);
}

/** The mixing of XXH64, which the shortest messages still get. */
function avalancheOld(value: u64): u64 {
  value = (value ^ (value >> 33)) * PRIME64_2;
  value = (value ^ (value >> 29)) * PRIME64_3;
  return value ^ (value >> 32);
}

function hashSmall(ptr: u32, byteCount: u32): u64 {
  if (byteCount > 8) return hash9To16(ptr, byteCount);
  if (byteCount > 3) return hash4To8(ptr, byteCount);
  if (byteCount) return hash1To3(ptr, byteCount);
  return avalancheOld(secretAt(56) ^ secretAt(64));
}

function hash1To3(ptr: u32, byteCount: u32): u64 {
  const first = u32(load<u8>(ptr));
  const middle = u32(load<u8>(ptr + (byteCount >> 1)));
  const last = u32(load<u8>(ptr + byteCount - 1));
  const message = last | (byteCount << 8) | (first << 16) | (middle << 24);
  const key = load<u32>(secret) ^ load<u32>(secret, 4);
  return avalancheOld(u64(key ^ message));
}

function hash4To8(ptr: u32, byteCount: u32): u64 {
  const first = u64(load<u32>(ptr));
  const last = u64(load<u32>(ptr + byteCount - 4));
  let value = secretAt(8) ^ secretAt(16) ^ (last | (first << 32));
  value ^= rotl<u64>(value, 49) ^ rotl<u64>(value, 24);
  value *= PRIME_MIX_2;
  value ^= (value >> 35) + u64(byteCount);
  value *= PRIME_MIX_2;
  return value ^ (value >> 28);
}

function hash9To16(ptr: u32, byteCount: u32): u64 {
  const low = secretAt(24) ^ secretAt(32) ^ load<u64>(ptr);
  const high = secretAt(40) ^ secretAt(48) ^ load<u64>(ptr + byteCount - 8);
  const product = foldedProduct(low, high);
  return avalanche(u64(byteCount) + bswap<u64>(low) + high + product);
}

// @ts-ignore: decorator
@inline
function mixed(ptr: u32, place: u32): u64 {
  return foldedProduct(
    load<u64>(ptr) ^ secretAt(place),
    load<u64>(ptr, 8) ^ secretAt(place + 8),
  );
}

/** 17 to 128 bytes: pieces from both ends, until they meet. */
function hashPaired(ptr: u32, byteCount: u32): u64 {
  let sum = u64(byteCount) * PRIME64_1;
  const pairCount = ((byteCount - 1) >> 5) + 1;
  for (let i: u32 = 0; i < pairCount; i++) {
    sum += mixed(ptr + (i << 4), i << 5);
    sum += mixed(ptr + byteCount - 16 - (i << 4), (i << 5) + 16);
  }
  return avalanche(sum);
}

/** 129 to 240 bytes: pieces in a row, and the last 16 bytes. */
function hashMedium(ptr: u32, byteCount: u32): u64 {
  let sum = u64(byteCount) * PRIME64_1;
  for (let at: u32 = 0; at < PAIRED_MAX_BYTES; at += 16) {
    sum += mixed(ptr + at, at);
  }
  sum = avalanche(sum);
  const wholeBytes = byteCount & ~15;
  for (let at = PAIRED_MAX_BYTES; at < wholeBytes; at += 16) {
    sum += mixed(ptr + at, at - PAIRED_MAX_BYTES + SECRET_FOR_MEDIUM_REST);
  }
  sum += mixed(ptr + byteCount - 16, SECRET_FOR_MEDIUM_END);
  return avalanche(sum);
}

function hashLarge(ptr: u32, byteCount: u32): u64 {
  v128.store(lanes, i64x2(PRIME32_3, PRIME64_1));
  v128.store(lanes, i64x2(PRIME64_2, PRIME64_3), 16);
  v128.store(lanes, i64x2(PRIME64_4, PRIME32_2), 32);
  v128.store(lanes, i64x2(PRIME64_5, PRIME32_1), 48);
  // A block that is full and the last one is not scrambled.
  let at = ptr;
  let restBytes = byteCount;
  for (; restBytes > BLOCK_BYTES; restBytes -= BLOCK_BYTES) {
    takeStripes(at, BLOCK_STRIPES);
    scramble();
    at += BLOCK_BYTES;
  }
  takeStripes(at, (restBytes - 1) / STRIPE_BYTES);
  takeStripe(
    ptr + byteCount - STRIPE_BYTES,
    secret + SECRET_FOR_LAST_STRIPE,
  );
  return merged(u64(byteCount) * PRIME64_1);
}

function takeStripes(ptr: u32, stripeCount: u32): void {
  for (let i: u32 = 0; i < stripeCount; i++) {
    takeStripe(ptr + i * STRIPE_BYTES, secret + (i << 3));
  }
}

// @ts-ignore: decorator
@inline
function takeStripe(ptr: u32, key: u32): void {
  takeTwo(ptr, key, 0);
  takeTwo(ptr, key, 16);
  takeTwo(ptr, key, 32);
  takeTwo(ptr, key, 48);
}

/** Two lanes: each takes its product and its neighbour's plain bytes. */
// @ts-ignore: decorator
@inline
function takeTwo(ptr: u32, key: u32, offset: u32): void {
  const bytes = v128.load(ptr + offset);
  const value = v128.xor(bytes, v128.load(key + offset));
  const product = i64x2.extmul_low_i32x4_u(
    v128.shuffle<u32>(value, value, 0, 2, 0, 2),
    v128.shuffle<u32>(value, value, 1, 3, 1, 3),
  );
  const swapped = v128.shuffle<u64>(bytes, bytes, 1, 0);
  const sum = i64x2.add(v128.load(lanes + offset), i64x2.add(product, swapped));
  v128.store(lanes + offset, sum);
}

function scramble(): void {
  const prime = i64x2.splat(PRIME32_1);
  for (let offset: u32 = 0; offset < STRIPE_BYTES; offset += 16) {
    let lane = v128.load(lanes + offset);
    lane = v128.xor(lane, i64x2.shr_u(lane, 47));
    lane = v128.xor(lane, v128.load(secret + SECRET_FOR_SCRAMBLE + offset));
    v128.store(lanes + offset, i64x2.mul(lane, prime));
  }
}

function merged(start: u64): u64 {
  let sum = start;
  for (let offset: u32 = 0; offset < STRIPE_BYTES; offset += 16) {
    sum += foldedProduct(
      load<u64>(lanes + offset) ^ secretAt(SECRET_FOR_MERGE + offset),
      load<u64>(lanes + offset, 8) ^ secretAt(SECRET_FOR_MERGE + offset + 8),
    );
  }
  return avalanche(sum);
}
