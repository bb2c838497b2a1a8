import type { Random } from "./random.ts";

/**
 * Numbers from 0 on, the n-th with a chance of 1 in n to the exponent: as keys
 * of a cache are used.
 */
export class Zipf {
  readonly #random: Random;
  /** For each number the sum of the weights up to it. */
  readonly #sums: Float64Array;

  constructor(random: Random, count: number, exponent: number) {
    this.#random = random;
    this.#sums = new Float64Array(count);
    let sum = 0;
    for (let i = 0; i < count; i++) {
      this.#sums[i] = sum += 1 / (i + 1) ** exponent;
    }
  }

  next(): number {
    const sums = this.#sums;
    const share = this.#random.int(2 ** 32) / 2 ** 32;
    const wanted = share * sums[sums.length - 1];
    let low = 0;
    let high = sums.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sums[middle] < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
