// Geohashes: a place on the globe as one integer, near places mostly near.
//
// Longitude and latitude, each in `step` bits (26 at most), are interleaved,
// the longitude's bit above the latitude's. So the leading 2 * n bits name a
// cell of a grid of 2^n by 2^n, and all places of a cell are one interval of
// integers. Redis keeps the 52 bits as the score of a sorted set's member.
//
// All formulas are written in the order of operations in which Redis evaluates
// them: results must agree to the last bit. A coordinate at the very upper edge
// falls out of the grid; its 27th bit is kept, as Redis does.

import { LATITUDE_MAX, LONGITUDE_MAX } from "./codes";

/** Bits of each coordinate in a score. */
export const STEP_MAX: u32 = 26;

/** Where geohashes as texts let the world end. */
const POLE: f64 = 90;

/** Letters of a geohash as text. */
export const GEOHASH_BYTES: u32 = 11;

/** The bits of a latitude; those of a longitude are one further up. */
const LATITUDE_BITS: u64 = 0x5555555555555555;
const LONGITUDE_BITS: u64 = ~LATITUDE_BITS;

/** The cell of a place in the grid of so many steps. */
export function encodePlace(
  longitude: f64,
  latitude: f64,
  step: u32,
): u64 {
  return encodeWithin(longitude, latitude, LATITUDE_MAX, step);
}

// @ts-ignore: decorator
@inline
function encodeWithin(
  longitude: f64,
  latitude: f64,
  latitudeMax: f64,
  step: u32,
): u64 {
  const cells = f64(1 << step);
  const x = (longitude + LONGITUDE_MAX) / (LONGITUDE_MAX * 2) * cells;
  const y = (latitude + latitudeMax) / (latitudeMax * 2) * cells;
  return spread(u64(y)) | (spread(u64(x)) << 1);
}

/** Puts a zero above each of 32 bits. */
function spread(bits: u64): u64 {
  bits = (bits | (bits << 16)) & 0x0000ffff0000ffff;
  bits = (bits | (bits << 8)) & 0x00ff00ff00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x3333333333333333;
  return (bits | (bits << 1)) & LATITUDE_BITS;
}

/** The reverse: every second bit, from the lowest on. */
function gather(bits: u64): u32 {
  bits &= LATITUDE_BITS;
  bits = (bits | (bits >> 1)) & 0x3333333333333333;
  bits = (bits | (bits >> 2)) & 0x0f0f0f0f0f0f0f0f;
  bits = (bits | (bits >> 4)) & 0x00ff00ff00ff00ff;
  bits = (bits | (bits >> 8)) & 0x0000ffff0000ffff;
  return u32(bits | (bits >> 16));
}

// The borders of a cell. Counting up wraps at 32 bits, as it does in C.

// @ts-ignore: decorator
@inline
function border(index: u32, step: u32, max: f64): f64 {
  return -max + (f64(index) / f64(1 << step)) * (max * 2);
}

export function westOf(cell: u64, step: u32): f64 {
  return border(gather(cell >> 1), step, LONGITUDE_MAX);
}

export function eastOf(cell: u64, step: u32): f64 {
  return border(gather(cell >> 1) + 1, step, LONGITUDE_MAX);
}

export function southOf(cell: u64, step: u32): f64 {
  return border(gather(cell), step, LATITUDE_MAX);
}

export function northOf(cell: u64, step: u32): f64 {
  return border(gather(cell) + 1, step, LATITUDE_MAX);
}

// What a score says: the middle of its cell.

export function longitudeOf(score: f64): f64 {
  const cell = scoreBits(score);
  const middle = (westOf(cell, STEP_MAX) + eastOf(cell, STEP_MAX)) / 2;
  return max(min(middle, LONGITUDE_MAX), -LONGITUDE_MAX);
}

export function latitudeOf(score: f64): f64 {
  const cell = scoreBits(score);
  const middle = (southOf(cell, STEP_MAX) + northOf(cell, STEP_MAX)) / 2;
  return max(min(middle, LATITUDE_MAX), -LATITUDE_MAX);
}

/**
 * A score as an integer. A sorted set may hold scores that are no geohash; they
 * count as what C on our usual processors makes of them.
 */
function scoreBits(score: f64): u64 {
  if (score >= 18446744073709551616.0) return 0;
  if (score >= 0) return u64(score);
  return score > -9223372036854775808.0 ? u64(i64(score)) : 1 << 63;
}

/** The cell beside another, around the globe if need be. */
export function besideCell(cell: u64, step: u32, east: i32, north: i32): u64 {
  const all = u64.MAX_VALUE >> (64 - 2 * step);
  const latitudes = LATITUDE_BITS & all;
  const longitudes = LONGITUDE_BITS & all;
  let x = cell & LONGITUDE_BITS;
  let y = cell & LATITUDE_BITS;
  // With the other coordinate's bits set, a carry runs through them.
  if (east > 0) x += latitudes + 1;
  else if (east < 0) x = (x | latitudes) - (latitudes + 1);
  if (north > 0) y += longitudes + 1;
  else if (north < 0) y = (y | longitudes) - (longitudes + 1);
  if (east) x &= longitudes;
  if (north) y &= latitudes;
  return x | y;
}

/** Writes a score's geohash as text, in the world that reaches the poles. */
export function writeGeohash(to: u32, score: f64): void {
  const longitude = longitudeOf(score);
  const latitude = latitudeOf(score);
  const bits = encodeWithin(longitude, latitude, POLE, STEP_MAX);
  for (let i: u32 = 0; i < GEOHASH_BYTES - 1; i++) {
    const index = u32(bits >> (47 - i * 5)) & 31;
    store<u8>(to + i, letter(index));
  }
  // 52 bits are ten letters and a bit of the eleventh: it is taken for zero.
  store<u8>(to + GEOHASH_BYTES - 1, letter(0));
}

/** The ten digits, then the alphabet from b on without i, l and o. */
function letter(index: u32): u32 {
  if (index < 10) return 0x30 + index;
  return 0x62 + index - 10 + u32(index > 16) + u32(index > 18) +
    u32(index > 20);
}
