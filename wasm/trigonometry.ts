// Sine, cosine and arc sine to within a hair of half a unit in the last place,
// for angles of half a turn at most.
//
// Geo distances shall have all the digits that Redis gives them, and C's
// library rounds these functions correctly in all but one or two of a thousand
// cases. AssemblyScript's own are good to one unit, which shows.
//
// A table has sine and cosine of k/128, each as a sum of two doubles. With d
// the distance of an angle to the nearest such place,
//
//   sin(k/128 + d) = S + C * d  +  C * (sin d - d)  -  S * (1 - cos d)
//
// the first sum is made exactly, as two doubles; the other terms are so small
// that their rounding does not matter. The table is computed on first use by
// the addition theorem, in sums of two doubles.

const STEPS: f64 = 128;
/** Up to pi / 2. */
const PLACES: u32 = 203;
const PLACE_BYTES: u32 = 32;
const SINE_LOW: usize = 8;
const COSINE: usize = 16;
const COSINE_LOW: usize = 24;

const table = u32(memory.data(PLACES * PLACE_BYTES, 8));
let ready: bool = false;

// Sine and cosine of 1/128 and pi, and what doubles lack of them.
const STEP_SINE: f64 = 0.0078124205273828315;
const STEP_SINE_LOW: f64 = -4.102755709382617e-19;
const STEP_COSINE: f64 = 0.9999694825770951;
const STEP_COSINE_LOW: f64 = 5.427791428371788e-17;
const PI_LOW: f64 = 1.2246467991473532e-16;

/** Below this the series alone is exact enough. */
const SMALL: f64 = 1 / 64;

/** A result as the sum of two doubles, the second less than half a unit. */
let high: f64 = 0;
let low: f64 = 0;

/** What the last `multiply` lost. */
let lost: f64 = 0;

/** The sine of an angle of half a turn at most. */
export function sine(angle: f64): f64 {
  sineParts(abs(angle));
  const value = high + low;
  return angle < 0 ? -value : value;
}

/** The cosine of an angle of less than 1.56. */
export function cosine(angle: f64): f64 {
  if (!ready) computeTable();
  angle = abs(angle);
  const k = nearest(angle * STEPS);
  const d = angle - k / STEPS;
  const place = table + u32(k) * PLACE_BYTES;
  const s = load<f64>(place);
  const c = load<f64>(place, COSINE);
  const product = multiply(s, -d);
  high = c + product;
  low = (product - (high - c)) + lost + load<f64>(place, COSINE_LOW) -
    load<f64>(place, SINE_LOW) * d - s * sineRest(d) - c * cosineRest(d);
  return high + low;
}

/** The arc sine of a value from 0 to 1. */
export function arcSine(value: f64): f64 {
  const estimate = Math.asin(value);
  // One step of Newton's; at the very end it has nothing to hold on to.
  const slope = Math.sqrt((1 - value) * (1 + value));
  if (slope < 0.001) return estimate;
  sineParts(estimate);
  return estimate + ((value - high) - low) / slope;
}

function sineParts(angle: f64): void {
  let tail: f64 = 0;
  if (angle > Math.PI / 2) {
    angle = Math.PI - angle;
    tail = PI_LOW;
  }
  if (angle < SMALL) {
    high = angle;
    low = tail + sineRest(angle);
    return;
  }
  if (!ready) computeTable();
  const k = nearest(angle * STEPS);
  const d = angle - k / STEPS;
  const place = table + u32(k) * PLACE_BYTES;
  const s = load<f64>(place);
  const c = load<f64>(place, COSINE);
  const product = multiply(c, d);
  high = s + product;
  low = (product - (high - s)) + lost + load<f64>(place, SINE_LOW) +
    load<f64>(place, COSINE_LOW) * d + tail * (c - s * d) +
    c * sineRest(d) - s * cosineRest(d);
}

/** sin d - d, for |d| up to SMALL. */
// @ts-ignore: decorator
@inline
function sineRest(d: f64): f64 {
  const z = d * d;
  return d * z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040)));
}

/** 1 - cos d, for |d| up to 1/256. */
// @ts-ignore: decorator
@inline
function cosineRest(d: f64): f64 {
  const z = d * d;
  return z * (0.5 + z * (-1.0 / 24 + z * (1.0 / 720)));
}

// Sums of two doubles.

/** a * b rounded; `lost` is what that took away. */
function multiply(a: f64, b: f64): f64 {
  // Halves of 26 bits, whose products are exact.
  const split: f64 = 134217729;
  const aHigh = a * split - (a * split - a);
  const bHigh = b * split - (b * split - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  const product = a * b;
  lost = ((aHigh * bHigh - product) + aHigh * bLow + aLow * bHigh) +
    aLow * bLow;
  return product;
}

/** a * STEP_COSINE + b * STEP_SINE of such sums, to `high` and `low`. */
function turn(a: f64, aLow: f64, b: f64, bLow: f64): void {
  const first = multiply(a, STEP_COSINE);
  const firstLow = lost + (a * STEP_COSINE_LOW + aLow * STEP_COSINE);
  const second = multiply(b, STEP_SINE);
  const secondLow = lost + (b * STEP_SINE_LOW + bLow * STEP_SINE);
  const sum = first + second;
  const part = sum - first;
  const rest = (first - (sum - part)) + (second - part) +
    (firstLow + secondLow);
  high = sum + rest;
  low = rest - (high - sum);
}

/** Fills the table, from each place to the next by the addition theorem. */
function computeTable(): void {
  store<f64>(table, 1, COSINE);
  const end = table + (PLACES - 1) * PLACE_BYTES;
  for (let place = table; place < end; place += PLACE_BYTES) {
    const next = place + PLACE_BYTES;
    const s = load<f64>(place);
    const sLow = load<f64>(place, SINE_LOW);
    const c = load<f64>(place, COSINE);
    const cLow = load<f64>(place, COSINE_LOW);
    turn(s, sLow, c, cLow);
    store<f64>(next, high);
    store<f64>(next, low, SINE_LOW);
    turn(c, cLow, -s, -sLow);
    store<f64>(next, high, COSINE);
    store<f64>(next, low, COSINE_LOW);
  }
  ready = true;
}
