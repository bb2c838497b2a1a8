// The members that a geo search has found, until the reply is written.
//
// A point is 24 bytes in one block that grows:
//
//   +0   f64 distance from the center in meters
//   +8   f64 score
//   +16  u32 place of the member in its sorted set (zset_value.ts)
//   +20  u32 number in the order in which it was found
//
// The order is that of the numbers, or by distance with equal ones as found.
// When only the first so many of an order are wanted, no more are kept: the
// block then is a heap with the last of them on top, which a better one
// replaces. So the nearest ten of a million need 240 bytes.

import { alloc, free, resize, usable } from "./allocator";
import { GEO_AS_FOUND, GEO_NEAREST, OUT_OF_MEMORY } from "./codes";

const POINT_BYTES: u32 = 24;
const SCORE: usize = 8;
const PLACE: usize = 16;
const NUMBER: usize = 20;
const FIRST_ROOM: u32 = 16;
/** Points that a block can have. */
const POINTS_MAX: u32 = 1 << 27;

let base: u32 = 0;
let roomCount: u32 = 0;
let count: u32 = 0;
let foundCount: u32 = 0;
let wanted: u32 = POINTS_MAX;
let order: u32 = GEO_AS_FOUND;

/** Begins a search for the first `countMax` members in an order. */
export function beginPoints(countMax: u32, wantedOrder: u32): void {
  freePoints();
  wanted = min(countMax, POINTS_MAX);
  order = wantedOrder;
}

/** Lets go of what was found. */
export function freePoints(): void {
  if (base) free(base);
  base = 0;
  roomCount = 0;
  count = 0;
  foundCount = 0;
}

// @ts-ignore: decorator
@inline
export function pointCount(): u32 {
  return count;
}

// @ts-ignore: decorator
@inline
function pointAt(index: u32): u32 {
  return base + index * POINT_BYTES;
}

// @ts-ignore: decorator
@inline
export function pointDistance(index: u32): f64 {
  return load<f64>(pointAt(index));
}

// @ts-ignore: decorator
@inline
export function pointScore(index: u32): f64 {
  return load<f64>(pointAt(index), SCORE);
}

// @ts-ignore: decorator
@inline
export function pointPlace(index: u32): u32 {
  return load<u32>(pointAt(index), PLACE);
}

/** Adds what was found, if it is wanted: 0 or OUT_OF_MEMORY. */
export function addPoint(distance: f64, score: f64, place: u32): i32 {
  const number = foundCount++;
  if (count < wanted) {
    if (count == roomCount && !grow()) return OUT_OF_MEMORY;
    storePoint(pointAt(count), distance, score, place, number);
    count++;
    if (count == wanted && order != GEO_AS_FOUND) makeHeap();
    return 0;
  }
  // An equal one comes behind those found before.
  if (order == GEO_AS_FOUND || !isCloser(distance, pointDistance(0))) return 0;
  storePoint(base, distance, score, place, number);
  sink(0, count);
  return 0;
}

// @ts-ignore: decorator
@inline
function storePoint(
  at: u32,
  distance: f64,
  score: f64,
  place: u32,
  number: u32,
): void {
  store<f64>(at, distance);
  store<f64>(at, score, SCORE);
  store<u32>(at, place, PLACE);
  store<u32>(at, number, NUMBER);
}

function grow(): bool {
  const room = base ? roomCount * 2 : FIRST_ROOM;
  const byteCount = room * POINT_BYTES;
  const block = base ? resize(base, byteCount) : alloc(byteCount);
  if (!block) return false;
  base = block;
  roomCount = usable(block) / POINT_BYTES;
  return true;
}

/** Brings all points into the order. O(n log n), without memory. */
export function sortPoints(): void {
  if (order == GEO_AS_FOUND) return;
  makeHeap();
  for (let left = count; left > 1;) {
    left--;
    exchange(0, left);
    sink(0, left);
  }
}

// The heap: the point that comes last is on top, 2n + 1 and 2n + 2 below n.

function makeHeap(): void {
  for (let i = count >> 1; i-- > 0;) sink(i, count);
}

function sink(index: u32, end: u32): void {
  while (true) {
    let child: u32 = 2 * index + 1;
    if (child >= end) return;
    if (child + 1 < end && comesBefore(child, child + 1)) child++;
    if (!comesBefore(index, child)) return;
    exchange(index, child);
    index = child;
  }
}

// @ts-ignore: decorator
@inline
function isCloser(distance: f64, other: f64): bool {
  return order == GEO_NEAREST ? distance < other : distance > other;
}

function comesBefore(index: u32, other: u32): bool {
  const distance = pointDistance(index);
  const otherDistance = pointDistance(other);
  if (distance != otherDistance) return isCloser(distance, otherDistance);
  return load<u32>(pointAt(index), NUMBER) < load<u32>(pointAt(other), NUMBER);
}

function exchange(index: u32, other: u32): void {
  const a = pointAt(index);
  const b = pointAt(other);
  for (let i: u32 = 0; i < POINT_BYTES; i += 8) {
    const word = load<u64>(a + i);
    store<u64>(a + i, load<u64>(b + i));
    store<u64>(b + i, word);
  }
}
