// Geo operations. A geo key is a sorted set whose scores are geohashes.
//
// A command opens a key first; members are looked up in it, and a search goes
// over the intervals of scores that cover the area (geo_area.ts). What it finds
// are places in the sorted set (geo_points.ts): no name is copied before it is
// written to the reply or to the key that keeps the result. So nothing may
// change the open key between `geoSearch` and that.

import { argLen, argPtr, pushArgument, pushBlock } from "./arguments";
import {
  GEO_WITH_DISTANCE,
  GEO_WITH_HASH,
  GEO_WITH_POSITION,
  OUT_OF_MEMORY,
} from "./codes";
import { overwriteValue } from "./attach";
import { readTyped, typedCode } from "./lookup";
import { deleteKey } from "./keys";
import { parsedDouble, parseDouble } from "./double";
import { entryEncoding, entryValue, TYPE_ZSET } from "./entry";
import { FIXED_MAX_BYTES, formatCoordinate, formatDistance } from "./fixed";
import {
  areaUnit,
  coverArea,
  distanceBetween,
  distanceWithin,
  intervalEnd,
  intervalStart,
  setCenter,
} from "./geo_area";
import {
  addPoint,
  beginPoints,
  freePoints,
  pointCount,
  pointDistance,
  pointPlace,
  pointScore,
  sortPoints,
} from "./geo_points";
import {
  encodePlace,
  GEOHASH_BYTES,
  latitudeOf,
  longitudeOf,
  STEP_MAX,
  writeGeohash,
} from "./geohash";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import {
  replyArray,
  replyBulk,
  replyDoubleText,
  replyInteger64,
  replyNull,
  replyNullArray,
} from "./reply";
import { addChanges } from "./statistics";
import {
  dropDraft,
  foundScore,
  memberBytes,
  memberPtr,
  newZset,
  viewPlace,
  zsetCount,
  zsetDraft,
  zsetFind,
  zsetForward,
  zsetPlace,
  zsetPut,
  zsetRankOfScore,
  zsetScore,
  zsetSeek,
} from "./zset_value";

/** The sorted set that was opened, 0 when the key is missing. */
let openEntry: u32 = 0;
const text = u32(memory.data(FIXED_MAX_BYTES));

/** 1, MISSING or WRONG_TYPE. */
export function openGeo(db: u32, key: u32): i32 {
  openEntry = readTyped(db, key, TYPE_ZSET);
  return openEntry ? 1 : typedCode;
}

/** Whether the open key has the member that an argument names. */
function findMember(member: u32): bool {
  return openEntry != 0 &&
    zsetFind(openEntry, argPtr(member), argLen(member));
}

// Adding.

/**
 * Turns `count` times longitude, latitude and member, from argument `first` on,
 * into arguments as ZADD takes them: score and member. The coordinates have
 * been checked. Returns the index of the first score, or OUT_OF_MEMORY.
 */
export function pushScores(first: u32, count: u32): i32 {
  const block = pushBlock(count * INTEGER_MAX_BYTES);
  if (block < 0) return block;
  let to = argPtr(block);
  for (let i: u32 = 0; i < count; i++) {
    const at = first + i * 3;
    parseDouble(argPtr(at), argLen(at));
    const longitude = parsedDouble;
    parseDouble(argPtr(at + 1), argLen(at + 1));
    const cell = encodePlace(longitude, parsedDouble, STEP_MAX);
    const byteCount = formatInteger(to, i64(cell));
    if (pushArgument(to, byteCount) < 0) return OUT_OF_MEMORY;
    const index = pushArgument(argPtr(at + 2), argLen(at + 2));
    if (index < 0) return OUT_OF_MEMORY;
    to += byteCount;
  }
  return block + 1;
}

// Single members.

/** GEOPOS: longitude and latitude of a member, or null. */
export function replyPosition(member: u32): void {
  if (findMember(member)) replyPlace(foundScore);
  else replyNullArray();
}

function replyPlace(score: f64): void {
  replyArray(2);
  replyDoubleText(text, formatCoordinate(text, longitudeOf(score)));
  replyDoubleText(text, formatCoordinate(text, latitudeOf(score)));
}

/** GEOHASH: a member's geohash, or null. */
export function replyGeohash(member: u32): void {
  if (!findMember(member)) {
    replyNull();
    return;
  }
  writeGeohash(text, foundScore);
  replyBulk(text, GEOHASH_BYTES);
}

/** GEODIST: the distance between two members in a unit, or null. */
export function replyDistance(member: u32, other: u32, unit: f64): void {
  if (!findMember(member)) {
    replyNull();
    return;
  }
  const score = foundScore;
  if (!findMember(other)) {
    replyNull();
    return;
  }
  const meters = distanceBetween(
    longitudeOf(score),
    latitudeOf(score),
    longitudeOf(foundScore),
    latitudeOf(foundScore),
  );
  replyBulk(text, formatDistance(text, meters / unit));
}

// Searching.

/** Makes a member the center of the area; 0 when there is none. */
export function centerOnMember(member: u32): i32 {
  if (!findMember(member)) return 0;
  setCenter(longitudeOf(foundScore), latitudeOf(foundScore));
  return 1;
}

/**
 * Finds the members in the area, in an order and up to `countMax` of it. With
 * `any`, it is satisfied with the first `countMax` that it meets. Returns how
 * many, or OUT_OF_MEMORY; `replyFound` or `storeFound` must follow.
 */
export function geoSearch(countMax: f64, any: i32, order: u32): f64 {
  const limit = u32(min<f64>(countMax, 4294967295));
  const enough: u32 = any ? limit : u32.MAX_VALUE;
  beginPoints(limit, order);
  const intervalCount = coverArea();
  for (let i: u32 = 0; i < intervalCount && pointCount() < enough; i++) {
    if (!collect(intervalStart(i), intervalEnd(i), enough)) {
      freePoints();
      return OUT_OF_MEMORY;
    }
  }
  sortPoints();
  return pointCount();
}

/** Adds what lies in the area and in an interval; false without memory. */
function collect(start: f64, end: f64, enough: u32): bool {
  const rank = zsetRankOfScore(openEntry, start, false);
  if (rank == zsetCount(openEntry)) return true;
  zsetSeek(openEntry, rank);
  do {
    const score = zsetScore();
    if (score >= end) return true;
    const distance = distanceWithin(score);
    if (distance < 0) continue;
    if (addPoint(distance, score, zsetPlace()) != 0) return false;
    if (pointCount() >= enough) return true;
  } while (zsetForward());
  return true;
}

/** Replies with what was found; `details` are the GEO_WITH flags. */
export function replyFound(details: u32): void {
  const count = pointCount();
  replyArray(count);
  for (let i: u32 = 0; i < count; i++) {
    if (details) replyArray(1 + popcnt(details));
    viewPlace(openEntry, pointPlace(i));
    replyBulk(memberPtr, memberBytes);
    const score = pointScore(i);
    if (details & GEO_WITH_DISTANCE) {
      const distance = pointDistance(i) / areaUnit();
      replyBulk(text, formatDistance(text, distance));
    }
    if (details & GEO_WITH_HASH) replyInteger64(i64(score));
    if (details & GEO_WITH_POSITION) replyPlace(score);
  }
  freePoints();
}

/**
 * Makes what was found the value of a key, the scores as they are or the
 * distances. Nothing found removes the key. Returns 1 when the key is another
 * one now, 0, or OUT_OF_MEMORY.
 */
export function storeFound(db: u32, key: u32, distances: i32): i32 {
  const count = pointCount();
  if (!count) {
    freePoints();
    return deleteKey(db, key);
  }
  const code = draftFound(distances != 0);
  freePoints();
  if (code != 0) return OUT_OF_MEMORY;
  const encoding = entryEncoding(zsetDraft);
  const value = entryValue(zsetDraft);
  if (overwriteValue(db, key, TYPE_ZSET, encoding, value) != 0) {
    dropDraft();
    return OUT_OF_MEMORY;
  }
  addChanges(count);
  return 1;
}

/** Builds the draft of zset_value.ts: 0 or OUT_OF_MEMORY, and no draft. */
function draftFound(distances: bool): i32 {
  const count = pointCount();
  let longestBytes: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    viewPlace(openEntry, pointPlace(i));
    longestBytes = max(longestBytes, memberBytes);
  }
  if (newZset(count, longestBytes) != 0) return OUT_OF_MEMORY;
  for (let i: u32 = 0; i < count; i++) {
    const score = distances ? pointDistance(i) / areaUnit() : pointScore(i);
    viewPlace(openEntry, pointPlace(i));
    let ptr = memberPtr;
    if (memberBytes <= INTEGER_MAX_BYTES) {
      // An integer's digits are in a place that is used for others too.
      memory.copy(text, ptr, memberBytes);
      ptr = text;
    }
    if (zsetPut(zsetDraft, score, ptr, memberBytes) != 0) {
      dropDraft();
      return OUT_OF_MEMORY;
    }
  }
  return 0;
}
