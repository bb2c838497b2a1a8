// Random members of sorted sets, each with the same chance, without copying.
//
// A large sorted set has a table to draw from. Of a small one the places of all
// members are noted once, or just walked to when one member is enough.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { readTyped, typedCode } from "./lookup";
import { beginDrawn, endDrawn, isNewlyDrawn } from "./drawn";
import { randomBelow } from "./random";
import {
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  TYPE_ZSET,
} from "./entry";
import { fieldScore } from "./field";
import { listpackFirst, replyElement } from "./listpack";
import {
  isResp3,
  outReserve,
  replyArray,
  replyBulk,
  replyDouble,
  replyNull,
} from "./reply";
import { tableRandom } from "./table_scan";
import { membersOf } from "./zset_large";
import { smallCount, smallNext, smallScore, smallSeek } from "./zset_listpack";
import {
  replyMember,
  zsetCount,
  zsetForward,
  zsetScore,
  zsetSeek,
} from "./zset_value";

/** A reply cannot have so many elements: its buffer fails long before. */
const ELEMENTS_MAX: f64 = 4294967295;
/** A reply that may fail any time is looked at before each element. */
const ELEMENT_BYTES: u32 = 64;
/** From this share of all members on, they are walked through. */
const WALK_SHARE: u64 = 3;

let withScores: bool = false;
let inPairs: bool = false;

/** ZRANDMEMBER without a count: replies with a member or null; 0 or a code. */
export function zsetReplyRandom(db: u32, key: u32): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  withScores = false;
  inPairs = false;
  if (!entry) replyNull();
  else if (isSmall(entry)) replySmall(entry, smallRandom(entryValue(entry)));
  else replyLarge(tableRandom(membersOf(entryValue(entry))));
  return 0;
}

// @ts-ignore: decorator
@inline
function isSmall(entry: u32): bool {
  return entryEncoding(entry) == ENCODING_LISTPACK;
}

function smallRandom(lp: u32): u32 {
  return smallSeek(lp, randomBelow(smallCount(lp)));
}

/**
 * ZRANDMEMBER with a count: replies with up to `count` different members, or,
 * when `repeats` is set, with `count` independent ones. Returns 0 or a code.
 */
export function zsetReplyRandoms(
  db: u32,
  key: u32,
  count: f64,
  repeats: i32,
  scores: i32,
): i32 {
  const entry = readTyped(db, key, TYPE_ZSET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (!entry || count == 0) {
    replyArray(0);
    return 0;
  }
  withScores = scores != 0;
  inPairs = withScores && isResp3();
  if (repeats) return replyRepeated(entry, count);
  return replyDifferent(entry, u32(min(count, f64(zsetCount(entry)))));
}

function replyCount(count: f64): void {
  const elements = withScores && !inPairs ? count * 2 : count;
  replyArray(u32(min(elements, ELEMENTS_MAX)));
}

function replyLarge(member: u32): void {
  if (inPairs) replyArray(2);
  replyBulk(keyPtr(member), keyBytes(member));
  if (withScores) replyDouble(fieldScore(member));
}

function replySmall(entry: u32, place: u32): void {
  if (inPairs) replyArray(2);
  replyElement(place);
  if (withScores) replyDouble(smallScore(entryValue(entry), place));
}

function replyRepeated(entry: u32, count: f64): i32 {
  if (!isSmall(entry)) {
    const table = membersOf(entryValue(entry));
    replyCount(count);
    for (let i: f64 = 0; i < count && outReserve(ELEMENT_BYTES); i += 1) {
      replyLarge(tableRandom(table));
    }
    return 0;
  }
  const size = zsetCount(entry);
  const places = placesIn(entryValue(entry), size);
  if (!places) return OUT_OF_MEMORY;
  replyCount(count);
  for (let i: f64 = 0; i < count && outReserve(ELEMENT_BYTES); i += 1) {
    replySmall(entry, load<u32>(places + (randomBelow(size) << 2)));
  }
  free(places);
  return 0;
}

/** Where the members of a listpack stand; 0 without memory. */
function placesIn(lp: u32, count: u32): u32 {
  const places = alloc(count << 2);
  if (!places) return 0;
  let to = places;
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    store<u32>(to, at);
    to += 4;
  }
  return places;
}

function replyDifferent(entry: u32, count: u32): i32 {
  const size = zsetCount(entry);
  const isFew = u64(count) * WALK_SHARE <= u64(size);
  if (isFew && !isSmall(entry)) return replyDrawn(entry, count);
  replyCount(count);
  zsetSeek(entry, 0);
  // A member is taken with the chance that is left: so many of so many.
  for (let left = size; count; left--) {
    if (randomBelow(left) < count) {
      if (inPairs) replyArray(2);
      replyMember();
      if (withScores) replyDouble(zsetScore());
      count--;
    }
    zsetForward();
  }
  return 0;
}

/** Draws few members of a large sorted set. */
function replyDrawn(entry: u32, count: u32): i32 {
  if (!beginDrawn(count)) return OUT_OF_MEMORY;
  const table = membersOf(entryValue(entry));
  replyCount(count);
  while (count) {
    const member = tableRandom(table);
    if (!isNewlyDrawn(member)) continue;
    replyLarge(member);
    count--;
  }
  endDrawn();
  return 0;
}
