// Random numbers, by a xorshift: for samples and chances, not for secrets.

let randomState: u64 = 0x9e3779b97f4a7c15;

export function setRandomSeed(high: u32, low: u32): void {
  randomState = (u64(high) << 32) | u64(low) | 1;
}

export function nextRandom(): u64 {
  randomState ^= randomState << 13;
  randomState ^= randomState >> 7;
  randomState ^= randomState << 17;
  return randomState * 0x2545f4914f6cdd1d >> 11;
}

/** A number below `count`. */
// @ts-ignore: decorator
@inline
export function randomBelow(count: u32): u32 {
  return u32(nextRandom() % u64(count));
}
