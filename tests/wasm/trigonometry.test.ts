import { assert } from "@std/assert";
import { Random } from "../support/random.ts";
import { type AllocatorExports, loadModules } from "../support/wasm.ts";

interface Exports extends AllocatorExports {
  sine(angle: number): number;
  cosine(angle: number): number;
  arcSine(value: number): number;
}

const calls = await loadModules<Exports>(["allocator", "trigonometry"], {
  debug: false,
});

/** Numbers here are integers that count 2^-200. */
const BITS = 200n;
const ONE = 1n << BITS;

function exact(value: number): bigint {
  // A double of this size is a multiple of 2^-200 when it is above 2^-148.
  const high = BigInt(Math.trunc(value * 2 ** 40));
  const low = BigInt(Math.trunc((value * 2 ** 40 - Number(high)) * 2 ** 110));
  return (high << (BITS - 40n)) + (low << (BITS - 150n));
}

/** The sum of x^n / n! with signs in turn, from `power` on in steps of two. */
function series(x: bigint, power: bigint): bigint {
  let term = power === 0n ? ONE : x;
  let sum = 0n;
  for (let n = power; term !== 0n; n += 2n) {
    sum += term;
    term = -((((term * x) >> BITS) * x) >> BITS) / ((n + 1n) * (n + 2n));
  }
  return sum;
}

const exactSine = (x: number) => series(exact(x), 1n);
const exactCosine = (x: number) => series(exact(x), 0n);

/** The distance to the next double, counting 2^-200. */
function unit(value: number): bigint {
  const power = Math.floor(Math.log2(Math.abs(value)));
  return 1n << (BITS + BigInt(power) - 52n);
}

/** Half a unit, and a hundredth of one for what nobody can be blamed for. */
function assertNearest(value: number, wanted: bigint, about: string): void {
  if (wanted === 0n) return assert(value === 0, about);
  const error = exact(value) - wanted;
  const size = error < 0n ? -error : error;
  assert(size * 100n <= unit(value) * 51n, `${about} gives ${value}`);
}

function* angles(random: Random, max: number): Generator<number> {
  yield* [0, 1 / 64, 1 / 128, 1 / 256, 3 / 256, 1, 1.5, max, -max, -0.5];
  for (let i = 0; i < 2000; i++) {
    const size = max * random.int(2 ** 32) / 2 ** 32 * 10 ** -random.int(5);
    yield random.chance(0.5) ? size : -size;
  }
}

Deno.test("a sine is the nearest double, up to half a turn", () => {
  for (const angle of angles(new Random(51), Math.PI)) {
    assertNearest(calls.sine(angle), exactSine(angle), `sine of ${angle}`);
  }
});

Deno.test("a cosine is the nearest double, for all latitudes of the map", () => {
  for (const angle of angles(new Random(52), 1.4845)) {
    const wanted = exactCosine(angle);
    assertNearest(calls.cosine(angle), wanted, `cosine of ${angle}`);
  }
});

Deno.test("an arc sine is the angle nearest to the one with that sine", () => {
  for (const value of angles(new Random(53), 1)) {
    if (value < 0 || value > 0.999999) continue;
    const angle = calls.arcSine(value);
    // One of Newton's steps from the result leads to the exact angle.
    const rest = exact(value) - exactSine(angle);
    const wanted = exact(angle) + (rest << BITS) / exactCosine(angle);
    assertNearest(angle, wanted, `arc sine of ${value}`);
  }
});
