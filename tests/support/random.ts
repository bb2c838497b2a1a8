/**
 * A seeded generator for fuzz tests: the same seed gives the same run on every
 * machine. (mulberry32: 32 bits of state, good enough to pick test data.)
 */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to n-1; n is at most 2^32. */
  int(n: number): number {
    return Math.floor(this.#next() / 0x1_0000_0000 * n);
  }

  /** n bytes of any value. */
  bytes(n: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = this.#next() & 0xff;
    return bytes;
  }

  /** One element of a list that is not empty. */
  pick<T>(a: readonly T[]): T {
    return a[this.int(a.length)];
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.#next() < p * 0x1_0000_0000;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }
}
