// Powers of ten as 128-bit fractions, for reading and writing doubles.
//
// The table holds, for every q from FIRST to LAST, the 128 leading bits of
// 10^q (those of 5^q, the rest is a power of two), rounded down:
//
//   at (q - FIRST) * 16:  u64 low | u64 high, whose top bit is set
//
// It is computed on first use, exactly, in some tens of microseconds, rather
// than being 1334 literals that nobody can check: upwards by multiplying a big
// integer by five, downwards by dividing a long enough power of two by five
// again and again, which loses nothing, since the floor of a floor is the floor
// of the whole.

const FIRST: i32 = -342;
const LAST: i32 = 324;

/** Words of 32 bits: 2^1023 / 5^342 still has more than 128 bits. */
const WORK_WORDS: u32 = 32;

const table = u32(memory.data((LAST - FIRST + 1) * 16, 8));
const work = u32(memory.data(WORK_WORDS * 4, 8));
let ready: bool = false;

/** Computes the table unless that has been done. */
// @ts-ignore: decorator
@inline
export function preparePowers(): void {
  if (!ready) computePowers();
}

/** The upper half of 10^q; `preparePowers` has been called. */
// @ts-ignore: decorator
@inline
export function powerHigh(q: i32): u64 {
  return load<u64>(table + (u32(q - FIRST) << 4) + 8);
}

// @ts-ignore: decorator
@inline
export function powerLow(q: i32): u64 {
  return load<u64>(table + (u32(q - FIRST) << 4));
}

/** The upper 64 of the 128 bits of a product. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLow = a & 0xffffffff;
  const aHigh = a >> 32;
  const bLow = b & 0xffffffff;
  const bHigh = b >> 32;
  const middle = aHigh * bLow + ((aLow * bLow) >> 32);
  const carry = aLow * bHigh + (middle & 0xffffffff);
  return aHigh * bHigh + (middle >> 32) + (carry >> 32);
}

function computePowers(): void {
  memory.fill(work, 0, WORK_WORDS * 4);
  store<u32>(work, 1);
  for (let q = 0; q <= LAST; q++) {
    storePower(q);
    multiplyByFive();
  }
  memory.fill(work, 0, WORK_WORDS * 4);
  store<u32>(work + (WORK_WORDS - 1) * 4, 0x80000000);
  for (let q = -1; q >= FIRST; q--) {
    divideByFive();
    storePower(q);
  }
  ready = true;
}

function multiplyByFive(): void {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < WORK_WORDS; i++) {
    carry += u64(load<u32>(work + i * 4)) * 5;
    store<u32>(work + i * 4, u32(carry));
    carry >>= 32;
  }
}

function divideByFive(): void {
  let rest: u64 = 0;
  for (let i = WORK_WORDS; i-- > 0;) {
    rest = (rest << 32) | load<u32>(work + i * 4);
    store<u32>(work + i * 4, u32(rest / 5));
    rest %= 5;
  }
}

/** Puts the leading 128 bits of the work number into the table. */
function storePower(q: i32): void {
  let top = WORK_WORDS - 1;
  while (load<u32>(work + top * 4) == 0) top--;
  // Five words hold 128 bits wherever the first one begins.
  const shift = clz(load<u32>(work + top * 4));
  const high = (u64(wordAt(top)) << 32) | wordAt(top - 1);
  const low = (u64(wordAt(top - 2)) << 32) | wordAt(top - 3);
  const last = u64(wordAt(top - 4)) << 32;
  const at = table + (u32(q - FIRST) << 4);
  if (shift == 0) {
    store<u64>(at, low);
    store<u64>(at + 8, high);
    return;
  }
  store<u64>(at, (low << shift) | (last >> (64 - shift)));
  store<u64>(at + 8, (high << shift) | (low >> (64 - shift)));
}

/** A word of the work number, 0 below its first. */
function wordAt(index: i32): u32 {
  return index < 0 ? 0 : load<u32>(work + u32(index) * 4);
}
