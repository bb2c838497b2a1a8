// The estimate of a HyperLogLog: how many elements made these registers.
//
// It needs no more than the histogram of the registers: how many of them have
// which rank. The estimator is Otmar Ertl's ("New cardinality estimation
// algorithms for HyperLogLog sketches", 2017), its operations in Redis's order,
// so that the same registers give the same number to the last digit.
//
//   histograms ->  4 x 64 u32
//
// Equal ranks come in rows, and adding to the same word over and over waits for
// the last addition; so registers take turns with four histograms, which are
// added up in the first one.

import { REGISTER_COUNT } from "./hll_form";

const RANK_COUNT: u32 = 64;
const HISTOGRAM_BYTES: u32 = RANK_COUNT * 4;
const histograms = memory.data(1024, 16);

/** The rank of a hash that has no 1 in it. */
const TOP_RANK: u32 = 51;
/** 0.5 / ln 2 */
const ALPHA: f64 = 0.721347520444481703680;

export function clearHistogram(): void {
  memory.fill(histograms, 0, HISTOGRAM_BYTES * 4);
}

/** Counts the register in the low six bits of a word, in one of four. */
// @ts-ignore: decorator
@inline
export function countRegister(histogram: u32, word: u32): void {
  const at = u32(histograms) + histogram * HISTOGRAM_BYTES + ((word & 63) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Counts several registers of one rank. */
// @ts-ignore: decorator
@inline
export function countRun(rank: u32, count: u32): void {
  const at = histograms + (rank << 2);
  store<u32>(at, load<u32>(at) + count);
}

/** Adds the other three up in the first histogram. */
export function foldHistograms(): void {
  const end = histograms + HISTOGRAM_BYTES;
  for (let at = histograms; at != end; at += 4) {
    let sum = load<u32>(at);
    sum += load<u32>(at, HISTOGRAM_BYTES);
    sum += load<u32>(at, HISTOGRAM_BYTES * 2);
    sum += load<u32>(at, HISTOGRAM_BYTES * 3);
    store<u32>(at, sum);
  }
}

// @ts-ignore: decorator
@inline
function countOf(rank: u32): f64 {
  return f64(load<u32>(histograms + (rank << 2)));
}

/** The cardinality that the histogram tells of. */
export function estimate(): i64 {
  const m = f64(REGISTER_COUNT);
  let z = m * tau((m - countOf(TOP_RANK)) / m);
  for (let rank = TOP_RANK - 1; rank >= 1; rank--) {
    z += countOf(rank);
    z *= 0.5;
  }
  z += m * sigma(countOf(0) / m);
  return rounded(ALPHA * m * m / z);
}

/** Half away from zero; what is no number of 64 bits becomes the smallest. */
function rounded(value: f64): i64 {
  if (!(value < 9223372036854775808.0)) return i64.MIN_VALUE;
  const whole = floor(value);
  return i64(whole) + i64(value - whole >= 0.5);
}

function sigma(x: f64): f64 {
  if (x == 1) return Infinity;
  let y: f64 = 1;
  let z = x;
  let before: f64;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before != z);
  return z;
}

function tau(x: f64): f64 {
  if (x == 0 || x == 1) return 0;
  let y: f64 = 1;
  let z = 1 - x;
  let before: f64;
  do {
    x = sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (before != z);
  return z / 3;
}
