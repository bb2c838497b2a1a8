// Random members: SRANDMEMBER. SPOP, which takes them out, is in set_pop.ts.
//
// Every member has the same chance. Who wants few of many draws them one by
// one; who wants many goes through the set once and takes each member with the
// chance (still wanted / still to come), which makes each choice of that size
// equally likely and needs no memory.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { beginDrawn, endDrawn, isNewlyDrawn } from "./drawn";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  TYPE_SET,
} from "./entry";
import { intsetAt, intsetCount } from "./intset";
import {
  listpackCount,
  listpackFirst,
  listpackNext,
  listpackSeek,
  replyElement,
} from "./listpack";
import { readTyped, typedCode } from "./lookup";
import { randomBelow } from "./random";
import {
  outReserve,
  replyArray,
  replyBulk,
  replyBulkInteger,
  replyNull,
} from "./reply";
import { replyAll } from "./set";
import { formCount } from "./set_form";
import { tableOf } from "./set_table";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkNext,
  walkPtr,
} from "./set_walk";
import { tableRandom } from "./table_scan";

const walk: u32 = u32(memory.data(WALK_BYTES, 8));

// One member.

/** SRANDMEMBER without a count: replies with a member or null; 0 or a code. */
export function replyRandomMember(db: u32, key: u32): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (entry) replyRandom(entryEncoding(entry), entryValue(entry));
  else if (typedCode == WRONG_TYPE) return WRONG_TYPE;
  else replyNull();
  return 0;
}

function replyRandom(encoding: u32, value: u32): void {
  if (encoding == ENCODING_HASHTABLE) {
    const member = tableRandom(tableOf(value));
    replyBulk(keyPtr(member), keyBytes(member));
  } else if (encoding == ENCODING_INTSET) {
    replyBulkInteger(intsetAt(value, randomBelow(intsetCount(value))));
  } else {
    replyElement(listpackSeek(value, randomBelow(listpackCount(value))));
  }
}

// SRANDMEMBER with a count.

/** From this share of a set on, all of it is walked. */
const WALK_SHARE: u64 = 3;

/**
 * Replies with up to `count` different members, or, when `repeats` is set,
 * with `count` independent ones. Returns 0 or a code.
 */
export function replyRandomMembers(
  db: u32,
  key: u32,
  count: f64,
  repeats: i32,
): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (!entry || count == 0) {
    replyArray(0);
    return 0;
  }
  const encoding = entryEncoding(entry);
  const value = entryValue(entry);
  if (repeats) return replyRepeated(encoding, value, count);
  const size = formCount(encoding, value);
  if (count >= f64(size)) {
    replyArray(size);
    replyAll(encoding, value);
    return 0;
  }
  return replyDifferent(encoding, value, u32(count), size);
}

/** Of these many not even the shortest fit in memory; one takes 6 bytes. */
const ELEMENTS_MAX: f64 = 4294967296 / 6;

function replyRepeated(encoding: u32, value: u32, count: f64): i32 {
  if (count > ELEMENTS_MAX) return OUT_OF_MEMORY;
  const places = encoding == ENCODING_LISTPACK && count > 1
    ? listpackPlaces(value)
    : 0;
  const size = formCount(encoding, value);
  replyArray(u32(count));
  for (let i: f64 = 0; i < count; i += 1) {
    // What would never fit ends as soon as the reply has failed.
    if (!outReserve(64)) break;
    if (places) {
      replyElement(load<u32>(places + (randomBelow(size) << 2)));
    } else replyRandom(encoding, value);
  }
  if (places) free(places);
  return 0;
}

/** Where each element of a listpack stands; 0 without memory. */
function listpackPlaces(lp: u32): u32 {
  const places = alloc(listpackCount(lp) << 2);
  if (!places) return 0;
  let to = places;
  for (let at = listpackFirst(lp); at; at = listpackNext(lp, at)) {
    store<u32>(to, at);
    to += 4;
  }
  return places;
}

function replyDifferent(
  encoding: u32,
  value: u32,
  count: u32,
  size: u32,
): i32 {
  if (count == 1) {
    replyArray(1);
    replyRandom(encoding, value);
    return 0;
  }
  if (
    encoding == ENCODING_HASHTABLE && u64(count) * WALK_SHARE <= u64(size)
  ) return replyDrawn(tableOf(value), count);
  replyArray(count);
  walkBegin(walk, encoding, value);
  for (let left = size; count && walkNext(walk); left--) {
    if (randomBelow(left) >= count) continue;
    viewMember();
    replyBulk(walkPtr, walkBytes);
    count--;
  }
  return 0;
}

/** Draws few members of a large table. */
function replyDrawn(table: u32, count: u32): i32 {
  if (!beginDrawn(count)) return OUT_OF_MEMORY;
  replyArray(count);
  while (count) {
    const member = tableRandom(table);
    if (!isNewlyDrawn(member)) continue;
    replyBulk(keyPtr(member), keyBytes(member));
    count--;
  }
  endDrawn();
  return 0;
}
