// HRANDFIELD: fields drawn by lot, each with the same chance.
//
//   one, or many with repetition    drawn one by one
//   many different ones, few of all drawn one by one, those seen before again
//   otherwise                       one walk, in which a field is taken with
//                                   the chance wanted / left (so that it comes
//                                   out at exactly the wanted number)
//
// Nothing is copied. Who has been drawn is kept in an open hash set:
//
//   seen ->  { u32 field } x 2^n, 0 for a free place

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { typedCode } from "./lookup";
import { entryValue } from "./entry";
import { readHash } from "./hashes";
import { isListpack, liveCount } from "./hash_form";
import {
  emitAll,
  NAMES,
  replyFieldBlock,
  replyPair,
  VALUES,
} from "./hash_walk";
import { fieldsOf, isDueField } from "./hashtable";
import { listpackFirst, listpackNext, listpackSeek } from "./listpack";
import { isResp3, outReserve, replyArray, replyNull } from "./reply";
import { randomBelow } from "./random";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
} from "./table_chains";
import { tableRandom } from "./table_scan";

/** When most fields are due, drawing goes over to counting after so many. */
const TRIES_MAX: u32 = 256;
/** Different fields are drawn one by one when they are at most 1 of so many. */
const FEW: u32 = 3;
/** What a short field's reply may take. */
const REPLY_ROOM: u32 = 64;

/** HRANDFIELD without a count: replies with a name or null: 1 or a code. */
export function hashReplyRandom(db: u32, key: u32): i32 {
  const entry = readHash(db, key);
  if (!entry) {
    if (typedCode == WRONG_TYPE) return WRONG_TYPE;
    replyNull();
    return 1;
  }
  emitRandom(entry, NAMES);
  return 1;
}

/** Replies with one field by lot. */
function emitRandom(entry: u32, what: u32): void {
  const value = entryValue(entry);
  if (!isListpack(entry)) {
    replyFieldBlock(randomField(entry), what);
    return;
  }
  const name = listpackSeek(value, randomBelow(liveCount(entry)) << 1);
  replyPair(value, name, what);
}

/** A live field by lot; there is one. */
function randomField(entry: u32): u32 {
  const table = fieldsOf(entryValue(entry));
  for (let tries: u32 = 0; tries < TRIES_MAX; tries++) {
    const field = tableRandom(table);
    if (!isDueField(field)) return field;
  }
  return liveField(table, randomBelow(liveCount(entry)));
}

/** The live field of this number, in the order of the table. */
function liveField(table: u32, number: u32): u32 {
  const bucketCount = tableBucketCount(table);
  for (let i: u32 = 0; i < bucketCount; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const field = bucketEntry(bucket, place);
        if (isDueField(field)) continue;
        if (number == 0) return field;
        number--;
      }
    }
  }
  assert(false);
  return 0;
}

/**
 * HRANDFIELD with a count, as a double; negative allows the same field again.
 * Replies with an array; 1, or a code and no reply.
 */
export function hashReplySample(
  db: u32,
  key: u32,
  count: f64,
  withValues: i32,
): i32 {
  const entry = readHash(db, key);
  if (!entry) {
    if (typedCode == WRONG_TYPE) return WRONG_TYPE;
    replyArray(0);
    return 1;
  }
  const what = withValues ? NAMES | VALUES : NAMES;
  if (count < 0) {
    emitRepeated(entry, u32(min<f64>(-count, u32.MAX_VALUE)), what);
    return 1;
  }
  const size = liveCount(entry);
  const wanted = u32(min<f64>(count, size));
  if (wanted < size && !isListpack(entry) && wanted <= size / FEW) {
    return emitFew(entry, wanted, what);
  }
  replySampleHeader(wanted, what);
  if (wanted == size && !(what & VALUES && isResp3())) emitAll(entry, what);
  else emitShare(entry, wanted, size, what);
  return 1;
}

/** With values, RESP3 has pairs in arrays of their own. */
function replySampleHeader(count: u32, what: u32): void {
  if (what & VALUES && !isResp3()) replyArray(count << 1);
  else replyArray(count);
}

// @ts-ignore: decorator
@inline
function replyPairHeader(what: u32): void {
  if (what & VALUES && isResp3()) replyArray(2);
}

function emitRepeated(entry: u32, count: u32, what: u32): void {
  replySampleHeader(count, what);
  for (let i: u32 = 0; i < count; i++) {
    // Without room the reply is lost anyway.
    if (!outReserve(REPLY_ROOM)) return;
    replyPairHeader(what);
    emitRandom(entry, what);
  }
}

/** Few different fields of a table. */
function emitFew(entry: u32, wanted: u32, what: u32): i32 {
  const placeCount = 1 << (33 - clz(wanted | 1));
  const seen = alloc(placeCount << 2);
  if (!seen) return OUT_OF_MEMORY;
  memory.fill(seen, 0, placeCount << 2);
  replySampleHeader(wanted, what);
  while (wanted) {
    const field = randomField(entry);
    if (!remember(seen, placeCount - 1, field)) continue;
    replyPairHeader(what);
    replyFieldBlock(field, what);
    wanted--;
  }
  free(seen);
  return 1;
}

/** Puts a field among those seen; false when it is there already. */
function remember(seen: u32, mask: u32, field: u32): bool {
  let place = (field * 0x9e3779b1 >>> 7) & mask;
  while (true) {
    const at = seen + (place << 2);
    const other = load<u32>(at);
    if (!other) {
      store<u32>(at, field);
      return true;
    }
    if (other == field) return false;
    place = (place + 1) & mask;
  }
}

/** `wanted` of `left` fields, in one walk. */
function emitShare(entry: u32, wanted: u32, left: u32, what: u32): void {
  const value = entryValue(entry);
  if (isListpack(entry)) {
    for (let name = listpackFirst(value); wanted; left--) {
      if (randomBelow(left) < wanted) {
        replyPairHeader(what);
        name = replyPair(value, name, what);
        wanted--;
      } else name = listpackNext(value, listpackNext(value, name));
    }
    return;
  }
  const table = fieldsOf(value);
  for (let i: u32 = 0; wanted; i++) {
    let bucket = tableChain(table, i);
    for (; bucket; bucket = bucketNext(bucket)) {
      const count = bucketEntryCount(bucket);
      for (let place: u32 = 0; place < count; place++) {
        const field = bucketEntry(bucket, place);
        if (isDueField(field)) continue;
        if (randomBelow(left) < wanted) {
          replyPairHeader(what);
          replyFieldBlock(field, what);
          wanted--;
        }
        left--;
      }
    }
  }
}
