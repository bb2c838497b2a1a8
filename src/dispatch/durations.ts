/**
 * How long something took each time, as counts of durations in nanoseconds.
 *
 * Durations up to 255 ns have a place each; from there on each doubling has
 * 128 places, so that a duration is known to within one percent:
 *
 *   place:     0 .. 255 | 256 .. 383   | 384 .. 511    | ...
 *   duration:  0 .. 255 | 256 .. 511   | 512 .. 1023   | ... up to 2^30 - 1
 *   width:     1        | 2            | 4             | ...
 *
 * These are the places of Redis's own histograms, so that percentiles are
 * rounded as clients know them. Places are added when they are needed.
 */
import type { DurationFace } from "../commands/observation.ts";

const NS_PER_MS = 1e6;
/** What takes a second or more is counted as a second. */
const MAX_NS = 1e9;
/** Places of a doubling, and the power of two that they are. */
const HALF = 128;
const HALF_BITS = 7;
/** The first step of `steps`, and the bound that no place lies beyond. */
const FIRST_STEP_NS = 1024;
const BOUND_NS = 2 ** 30;

export class Durations implements DurationFace {
  count = 0;
  #counts = new Float64Array(HALF * 4);

  /** Something took so long, so many times. */
  add(ms: number, times = 1): void {
    const ns = Math.min(MAX_NS, Math.max(1, ms * NS_PER_MS)) | 0;
    const place = placeOf(ns);
    if (place >= this.#counts.length) this.#grow(place);
    this.#counts[place] += times;
    this.count += times;
  }

  /** What so many of a hundred did not exceed, in microseconds. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.floor(percent / 100 * this.count + 0.5));
    let count = 0;
    for (let place = 0; place < this.#counts.length; place++) {
      count += this.#counts[place];
      if (count < wanted) continue;
      return (percent === 0 ? lowest(place) : highest(place)) / 1000;
    }
    return 0;
  }

  steps(): [microseconds: number, count: number][] {
    const steps: [number, number][] = [];
    let count = 0;
    let place = 0;
    for (let step = FIRST_STEP_NS; count < this.count; step *= 2) {
      const last = step < BOUND_NS ? placeOf(step) : placeOf(BOUND_NS - 1);
      const before = count;
      const end = Math.min(last + 1, this.#counts.length);
      while (place < end) count += this.#counts[place++];
      if (count > before) {
        steps.push([Math.floor(highest(last) / 1000), count]);
      }
    }
    return steps;
  }

  #grow(place: number): void {
    const more = new Float64Array((Math.floor(place / HALF) + 1) * HALF);
    more.set(this.#counts);
    this.#counts = more;
  }
}

/** How many places of a doubling lie below, so to speak: 0 up to 255 ns. */
function shiftOf(ns: number): number {
  return Math.max(0, 31 - HALF_BITS - Math.clz32(ns));
}

function placeOf(ns: number): number {
  const shift = shiftOf(ns);
  return (shift << HALF_BITS) + (ns >> shift);
}

/** The shortest duration that a place stands for. */
function lowest(place: number): number {
  const shift = Math.max(0, (place >> HALF_BITS) - 1);
  return (place - (shift << HALF_BITS)) * 2 ** shift;
}

function highest(place: number): number {
  const shift = Math.max(0, (place >> HALF_BITS) - 1);
  return lowest(place) + 2 ** shift - 1;
}
