// The area of a geo search: a circle or a box around a place, which members lie
// in it, and which cells of the geohash grid can have any.
//
// There is one area at a time, set by `setCenter` and `setCircle` or `setBox`.
// The grid is chosen so that the cell of the center and its eight neighbours
// cover the area: nine intervals of scores instead of all members. Cells that
// the area does not reach are left out.
//
// The earth is a ball, distances are by haversine. As in geohash.ts, formulas
// are evaluated in Redis's order, so that distances agree to the last digit and
// members come in the same order.

import {
  besideCell,
  eastOf,
  encodePlace,
  latitudeOf,
  longitudeOf,
  northOf,
  southOf,
  STEP_MAX,
  westOf,
} from "./geohash";
import { arcSine, cosine, sine } from "./trigonometry";

const RADIANS: f64 = Math.PI / 180;
const EARTH_RADIUS: f64 = 6372797.560856;
/** Half of the equator, where Mercator's map ends. */
const MERCATOR_MAX: f64 = 20037726.37;

let centerLongitude: f64 = 0;
let centerLatitude: f64 = 0;
let isBox: bool = false;
let radius: f64 = 0;
let width: f64 = 0;
let height: f64 = 0;
/** Meters in the unit of the lengths above. */
let unit: f64 = 1;

export function setCenter(longitude: f64, latitude: f64): void {
  centerLongitude = longitude;
  centerLatitude = latitude;
}

export function setCircle(size: f64, meters: f64): void {
  isBox = false;
  radius = size;
  unit = meters;
}

export function setBox(across: f64, upright: f64, meters: f64): void {
  isBox = true;
  width = across;
  height = upright;
  unit = meters;
}

/** Meters in the unit that the area was given in. */
// @ts-ignore: decorator
@inline
export function areaUnit(): f64 {
  return unit;
}

// Distances.

/** Meters between two places. */
export function distanceBetween(
  longitude1: f64,
  latitude1: f64,
  longitude2: f64,
  latitude2: f64,
): f64 {
  const from = longitude1 * RADIANS;
  const to = longitude2 * RADIANS;
  const v = sine((to - from) / 2);
  if (v == 0) return distanceAlong(latitude1, latitude2);
  const low = latitude1 * RADIANS;
  const high = latitude2 * RADIANS;
  const u = sine((high - low) / 2);
  const a = u * u + cosine(low) * cosine(high) * v * v;
  // Rounding may have pushed it over the top at the other side of the globe.
  return 2 * EARTH_RADIUS * arcSine(Math.sqrt(min(a, 1)));
}

/** Meters along a meridian. */
function distanceAlong(latitude1: f64, latitude2: f64): f64 {
  return EARTH_RADIUS * abs(latitude2 * RADIANS - latitude1 * RADIANS);
}

/** Meters from the center to a score's place, -1 when outside of the area. */
export function distanceWithin(score: f64): f64 {
  const longitude = longitudeOf(score);
  const latitude = latitudeOf(score);
  if (isBox && !boxHolds(longitude, latitude)) return -1;
  const distance = distanceBetween(
    centerLongitude,
    centerLatitude,
    longitude,
    latitude,
  );
  return !isBox && distance > radius * unit ? -1 : distance;
}

/** The box is as wide as it says at the latitude of the member. */
function boxHolds(longitude: f64, latitude: f64): bool {
  if (distanceAlong(latitude, centerLatitude) > height * unit / 2) return false;
  const across = distanceBetween(
    longitude,
    latitude,
    centerLongitude,
    latitude,
  );
  return !(across > width * unit / 2);
}

// Cells.

const CELLS_MAX: u32 = 9;
/** Pairs of scores: from the first, up to but without the second. */
const intervals = u32(memory.data(CELLS_MAX * 16, 8));

// @ts-ignore: decorator
@inline
export function intervalStart(index: u32): f64 {
  return load<f64>(intervals + (index << 4));
}

// @ts-ignore: decorator
@inline
export function intervalEnd(index: u32): f64 {
  return load<f64>(intervals + (index << 4), 8);
}

/** The directions from the center in the order in which Redis looks. */
const EAST = u32(memory.data<i8>([0, 0, 0, 1, -1, 1, -1, 1, -1]));
const NORTH = u32(memory.data<i8>([0, 1, -1, 0, 0, 1, 1, -1, -1]));

/** Sets up the intervals that cover the area; returns how many there are. */
export function coverArea(): u32 {
  const upright = (isBox ? height / 2 : radius) * unit;
  const across = (isBox ? width / 2 : radius) * unit;
  const latitudes = upright / EARTH_RADIUS / RADIANS;
  const south = centerLatitude - latitudes;
  const north = centerLatitude + latitudes;
  // Meridians are closest together at the side that is further from the
  // equator; there most of them are crossed.
  const narrow = centerLatitude < 0 ? south : north;
  const longitudes = across / EARTH_RADIUS / Math.cos(narrow * RADIANS) /
    RADIANS;
  const west = centerLongitude - longitudes;
  const east = centerLongitude + longitudes;

  let step = estimateStep();
  let center = encodePlace(centerLongitude, centerLatitude, step);
  if (step > 1 && !neighboursReach(center, step, west, south, east, north)) {
    step--;
    center = encodePlace(centerLongitude, centerLatitude, step);
  }

  // A cell that reaches beyond the area on a side needs no neighbour there.
  const isFine = step >= 2;
  const noWest = isFine && westOf(center, step) < west;
  const noEast = isFine && eastOf(center, step) > east;
  const noSouth = isFine && southOf(center, step) < south;
  const noNorth = isFine && northOf(center, step) > north;
  let count: u32 = 0;
  let previous: u64 = center;
  for (let i: u32 = 0; i < CELLS_MAX; i++) {
    const eastward = i32(load<i8>(EAST + i));
    const northward = i32(load<i8>(NORTH + i));
    if (eastward < 0 ? noWest : eastward > 0 && noEast) continue;
    if (northward < 0 ? noSouth : northward > 0 && noNorth) continue;
    const cell = besideCell(center, step, eastward, northward);
    // In a coarse grid the neighbours to both sides are the same cell.
    if (count > 1 && cell == previous) continue;
    addInterval(count, cell, step);
    previous = cell;
    count++;
  }
  return count;
}

function addInterval(index: u32, cell: u64, step: u32): void {
  const shift = (STEP_MAX - step) << 1;
  const at = intervals + (index << 4);
  store<f64>(at, f64(cell << shift));
  store<f64>(at, f64((cell + 1) << shift), 8);
}

/** The finest grid whose cells are sure to be about as large as the area. */
function estimateStep(): u32 {
  const halfWidth = width / 2;
  const halfHeight = height / 2;
  let range = isBox
    ? Math.sqrt(halfWidth * halfWidth + halfHeight * halfHeight)
    : radius;
  range *= unit;
  if (range == 0) return STEP_MAX;
  let step: i32 = -1;
  for (; range < MERCATOR_MAX; range *= 2) step++;
  // Cells become narrow towards the poles.
  const latitude = abs(centerLatitude);
  if (latitude > 66) step--;
  if (latitude > 80) step--;
  return u32(max(1, min(step, i32(STEP_MAX))));
}

function neighboursReach(
  center: u64,
  step: u32,
  west: f64,
  south: f64,
  east: f64,
  north: f64,
): bool {
  return !(northOf(besideCell(center, step, 0, 1), step) < north ||
    southOf(besideCell(center, step, 0, -1), step) > south ||
    eastOf(besideCell(center, step, 1, 0), step) < east ||
    westOf(besideCell(center, step, -1, 0), step) > west);
}
