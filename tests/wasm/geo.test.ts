import { assert, assertEquals } from "@std/assert";
import { Random } from "../support/random.ts";
import { loadGeo } from "./geo_host.ts";

const host = await loadGeo(false);
const { calls } = host;

const LATITUDE_MAX = 85.05112878;

/** With 17 decimals, in integers: 10^17 times the double, ties to even. */
function exactCoordinate(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(value));
  const bits = view.getBigUint64(0);
  const biased = bits >> 52n;
  const fraction = bits & (2n ** 52n - 1n);
  const mantissa = biased > 0n ? fraction | 2n ** 52n : fraction;
  const shift = 1075n - (biased > 0n ? biased : 1n);
  const scaled = mantissa * 10n ** 17n;
  let kept = scaled >> shift;
  const rest = (scaled & ((1n << shift) - 1n)) * 2n;
  const whole = 1n << shift;
  if (rest > whole || (rest === whole && kept % 2n === 1n)) kept++;
  const digits = String(kept).padStart(18, "0");
  const text = `${digits.slice(0, -17)}.${digits.slice(-17)}`
    .replace(/\.?0+$/, "");
  return value < 0 && kept > 0n ? `-${text}` : text;
}

function* places(random: Random, count: number): Generator<[number, number]> {
  for (const longitude of [-180, 180, 0, 1e-9, -1e-9]) {
    for (const latitude of [-LATITUDE_MAX, LATITUDE_MAX, 0, 1e-9, -1e-9]) {
      yield [longitude, latitude];
    }
  }
  for (let i = 0; i < count; i++) {
    const longitude = random.int(2 ** 32) / 2 ** 32 * 360 - 180;
    const latitude = (random.int(2 ** 32) / 2 ** 31 - 1) * LATITUDE_MAX;
    yield [longitude, latitude];
  }
}

Deno.test("coordinates have 17 decimals, rounded exactly", () => {
  const random = new Random(41);
  const values = [
    ...[0, -0, 180, -180, 0.5, 1e-17, -1e-17, 4.9e-18, 5.1e-18, 1e-300, 5e-324],
    ...[2 ** -18, 2 ** -19, 3 * 2 ** -18, 2 ** -57, 2 ** -58, -(2 ** -57)],
    ...[179.99999999999997, 1e-5, -13.361389338970184],
  ];
  for (let i = 0; i < 5000; i++) {
    const size = 180 * random.int(2 ** 32) / 2 ** 32 * 10 ** -random.int(16);
    values.push(random.chance(0.5) ? size : -size);
  }
  for (const value of values) {
    assertEquals(host.coordinate(value), exactCoordinate(value), `${value}`);
  }
});

Deno.test("distances have four decimals, ties going to even digits", () => {
  const rows: [number, string][] = [
    [0, "0.0000"],
    [0.00004, "0.0000"],
    [0.00005000001, "0.0001"],
    [0.03125, "0.0312"],
    [0.09375, "0.0938"],
    [1.5, "1.5000"],
    [166274.15156960033, "166274.1516"],
    [20020741.062, "20020741.0620"],
  ];
  for (const [meters, text] of rows) assertEquals(host.distance(meters), text);
});

Deno.test("a score leads back to its place, less than a cell away", () => {
  const random = new Random(42);
  for (const [longitude, latitude] of places(random, 2000)) {
    const score = host.score(longitude, latitude);
    // On the upper edge itself it has more bits than a double.
    if (score >= 2 ** 52) continue;
    const place = `${longitude} ${latitude}`;
    const east = calls.longitudeOf(score) - longitude;
    const north = calls.latitudeOf(score) - latitude;
    assert(Math.abs(east) <= 360 / 2 ** 26, place);
    assert(Math.abs(north) <= 2 * LATITUDE_MAX / 2 ** 26, place);
  }
});

Deno.test("scores, geohashes and places are those of Redis 7.2.4", () => {
  const told = (longitude: number, latitude: number) => {
    const score = host.score(longitude, latitude);
    const east = host.coordinate(calls.longitudeOf(score));
    const north = host.coordinate(calls.latitudeOf(score));
    return [String(score), host.geohash(score), east, north].join(" ");
  };
  assertEquals(
    told(13.361389, 38.115556),
    "3479099956230698 sqc8b49rny0 13.36138933897018433 38.11555639549629859",
  );
  assertEquals(
    told(15.087269, 37.502669),
    "3479447370796909 sqdtr74hyu0 15.08726745843887329 37.50266842333162032",
  );
});

Deno.test("scores that are no geohashes are places too", () => {
  for (const score of [-5, 1e300, Infinity, -Infinity, 2 ** 60, 2 ** 63]) {
    assert(Math.abs(calls.longitudeOf(score)) <= 180);
    assert(Math.abs(calls.latitudeOf(score)) <= LATITUDE_MAX);
  }
});

Deno.test("neighbours of a cell touch it, around the globe", () => {
  const random = new Random(43);
  for (let step = 1; step <= 26; step++) {
    const mask = 4n ** BigInt(step) - 1n;
    for (let round = 0; round < 50; round++) {
      const cell = (BigInt(random.int(2 ** 32)) << 20n |
        BigInt(random.int(2 ** 20))) & mask;
      const beside = (east: number, north: number) =>
        calls.besideCell(cell, step, east, north);
      const width = 360 / 2 ** step;
      const turn = (degrees: number) => ((degrees % 360) + 360) % 360;
      const east = calls.westOf(beside(1, 0), step);
      assertEquals(turn(east - calls.westOf(cell, step)), turn(width));
      assertEquals(calls.besideCell(beside(1, 0), step, -1, 0), cell);
      assertEquals(calls.besideCell(beside(0, 1), step, 0, -1), cell);
      assertEquals(calls.besideCell(beside(-1, 1), step, 1, -1), cell);
      assertEquals(
        calls.southOf(beside(1, 0), step),
        calls.southOf(cell, step),
      );
    }
  }
});

Deno.test("the intervals of an area hold every member in it, once", () => {
  const random = new Random(44);
  // What lies on the upper edge itself has a score beyond the grid.
  const scores = [...places(random, 3000)].slice(25)
    .map(([x, y]) => host.score(x, y));
  for (const [longitude, latitude] of places(random, 150)) {
    const size = 10 ** (random.int(55) / 10 + 1);
    if (Math.abs(latitude) > 75 && size > 1e4) continue;
    calls.setCenter(longitude, latitude);
    if (random.chance(0.5)) calls.setCircle(size, 1);
    else calls.setBox(size, size * random.int(4) / 2, 1);
    const near = Array.from({ length: 100 }, () => {
      const spread = size / 111_000 * 1.5;
      const east = longitude + (random.int(1000) / 500 - 1) * spread;
      const north = latitude + (random.int(1000) / 500 - 1) * spread;
      const isOnMap = Math.abs(east) <= 180 && Math.abs(north) <= LATITUDE_MAX;
      return isOnMap ? host.score(east, north) : 0;
    });
    const intervals = host.intervals();
    for (const score of [...scores, ...near]) {
      // Redis, and so we, may not look across the date line.
      if (Math.abs(calls.longitudeOf(score) - longitude) > 170) continue;
      const count = intervals.filter(([start, end]) =>
        score >= start && score < end
      ).length;
      const isWithin = calls.distanceWithin(score) >= 0;
      if (isWithin ? count === 1 : count <= 1) continue;
      throw new Error(
        `${score} is in ${count} intervals of ${size} m around ` +
          `${longitude} ${latitude}, seed ${random.seed}`,
      );
    }
  }
});
