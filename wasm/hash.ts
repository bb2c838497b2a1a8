// SipHash-1-2, keyed: whoever does not know the seed cannot make keys collide.
// The seed is set once, before the first table exists.

let seed0: u64 = 0;
let seed1: u64 = 0;

export function setHashSeed(a: u32, b: u32, c: u32, d: u32): void {
  seed0 = (u64(a) << 32) | u64(b);
  seed1 = (u64(c) << 32) | u64(d);
}

export function hashBytes(ptr: u32, byteCount: u32): u64 {
  let v0: u64 = seed0 ^ 0x736f6d6570736575;
  let v1: u64 = seed1 ^ 0x646f72616e646f6d;
  let v2: u64 = seed0 ^ 0x6c7967656e657261;
  let v3: u64 = seed1 ^ 0x7465646279746573;
  const tail = ptr + (byteCount & ~7);
  let word: u64;
  while (true) {
    if (ptr != tail) {
      word = load<u64>(ptr);
    } else {
      word = lastWord(ptr, byteCount);
    }
    v3 ^= word;
    // One round for each word.
    v0 += v1;
    v2 += v3;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 = rotl<u64>(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 = rotl<u64>(v2, 32);
    v0 ^= word;
    if (ptr == tail) break;
    ptr += 8;
  }
  v2 ^= 0xff;
  for (let round = 0; round < 2; round++) {
    v0 += v1;
    v2 += v3;
    v1 = rotl<u64>(v1, 13) ^ v0;
    v3 = rotl<u64>(v3, 16) ^ v2;
    v0 = rotl<u64>(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = rotl<u64>(v1, 17) ^ v2;
    v3 = rotl<u64>(v3, 21) ^ v0;
    v2 = rotl<u64>(v2, 32);
  }
  return v0 ^ v1 ^ v2 ^ v3;
}

/** The 0 to 7 bytes that are left, with the length in the top byte. */
// @ts-ignore: decorator
@inline
function lastWord(ptr: u32, byteCount: u32): u64 {
  const rest = byteCount & 7;
  let word: u64 = u64(byteCount) << 56;
  if (rest & 4) {
    word |= u64(load<u32>(ptr));
    if (rest & 2) word |= u64(load<u16>(ptr + 4)) << 32;
    if (rest & 1) word |= u64(load<u8>(ptr + rest - 1)) << ((rest - 1) << 3);
    return word;
  }
  if (rest & 2) word |= u64(load<u16>(ptr));
  if (rest & 1) word |= u64(load<u8>(ptr + rest - 1)) << ((rest - 1) << 3);
  return word;
}
