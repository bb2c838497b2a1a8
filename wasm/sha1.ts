// SHA-1 (FIPS 180-4), for digests that must equal Redis's and for nothing that
// has to resist anybody.
//
//   chunk (64 bytes)    the last one or two chunks of a message: what is left
//                       of it, 0x80, zeros, the length in bits (u64)
//   words (16 x u32)    the message schedule, used as a ring
//   state (5 x u32)     a, b, c, d, e between chunks
//
// Everything is static, so nothing can fail.

/** Bytes of a digest. */
export const SHA1_BYTES: u32 = 20;

const CHUNK_BYTES: u32 = 64;
const LENGTH_AT: u32 = 56;
const tail: u32 = u32(memory.data(128, 16));
const words: u32 = u32(memory.data(64, 16));

let stateA: u32 = 0;
let stateB: u32 = 0;
let stateC: u32 = 0;
let stateD: u32 = 0;
let stateE: u32 = 0;

/** Writes the digest of a message to `to`, which may lie in the message. */
export function sha1(ptr: u32, byteCount: u32, to: u32): void {
  stateA = 0x67452301;
  stateB = 0xefcdab89;
  stateC = 0x98badcfe;
  stateD = 0x10325476;
  stateE = 0xc3d2e1f0;
  const wholeBytes = byteCount & ~(CHUNK_BYTES - 1);
  for (let at: u32 = 0; at < wholeBytes; at += CHUNK_BYTES) {
    digestChunk(ptr + at);
  }
  digestTail(ptr + wholeBytes, byteCount - wholeBytes, byteCount);
  store<u32>(to, bswap<u32>(stateA));
  store<u32>(to, bswap<u32>(stateB), 4);
  store<u32>(to, bswap<u32>(stateC), 8);
  store<u32>(to, bswap<u32>(stateD), 12);
  store<u32>(to, bswap<u32>(stateE), 16);
}

/** The end of a message of `byteCount` bytes, of which `restBytes` are left. */
function digestTail(ptr: u32, restBytes: u32, byteCount: u32): void {
  const tailBytes = restBytes < LENGTH_AT ? CHUNK_BYTES : 2 * CHUNK_BYTES;
  memory.fill(tail, 0, tailBytes);
  memory.copy(tail, ptr, restBytes);
  store<u8>(tail + restBytes, 0x80);
  store<u64>(tail + tailBytes - 8, bswap<u64>(u64(byteCount) << 3));
  digestChunk(tail);
  if (tailBytes != CHUNK_BYTES) digestChunk(tail + CHUNK_BYTES);
}

// @ts-ignore: decorator
@inline
function wordAt(i: u32): u32 {
  return words + ((i & 15) << 2);
}

/** Word i of the schedule; from the 16th on it is made of earlier ones. */
// @ts-ignore: decorator
@inline
function scheduled(i: u32): u32 {
  const word = rotl<u32>(
    load<u32>(wordAt(i + 13)) ^ load<u32>(wordAt(i + 8)) ^
      load<u32>(wordAt(i + 2)) ^ load<u32>(wordAt(i)),
    1,
  );
  store<u32>(wordAt(i), word);
  return word;
}

function digestChunk(ptr: u32): void {
  let a = stateA;
  let b = stateB;
  let c = stateC;
  let d = stateD;
  let e = stateE;
  for (let i: u32 = 0; i < 80; i++) {
    let word: u32;
    if (i < 16) {
      word = bswap<u32>(load<u32>(ptr + (i << 2)));
      store<u32>(wordAt(i), word);
    } else word = scheduled(i);
    const next = rotl<u32>(a, 5) + e + word + mixed(i, b, c, d);
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  stateA += a;
  stateB += b;
  stateC += c;
  stateD += d;
  stateE += e;
}

/** The function and the constant of a round. */
// @ts-ignore: decorator
@inline
function mixed(i: u32, b: u32, c: u32, d: u32): u32 {
  if (i < 20) return (d ^ (b & (c ^ d))) + 0x5a827999;
  if (i < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (i < 60) return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}
