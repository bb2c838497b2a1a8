// HSET and its kind with several fields: all of them or none.
//
// A new hash that cannot have them all goes again. Of one that is there it is
// asked before whether there is memory for all (room.ts), so that storing one
// after the other cannot fail half-way.

import { argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { removeFound } from "./database";
import { lookupKey, typedCode } from "./lookup";
import { entryValue, keyBytes, keyPtr } from "./entry";
import { hashSetDue, writeHash } from "./hashes";
import {
  becomeTable,
  findField,
  isListpack,
  storeArguments,
} from "./hash_form";
import { hashMaxListpackEntries } from "./limits";
import { listpackBytes, listpackCount } from "./listpack";
import { hasRoom } from "./room";
import { addChanges } from "./statistics";
import { tableFind } from "./table";

/** What a field costs beside name and value: header, heap, bucket, chain. */
const FIELD_EXTRA_BYTES: u64 = 256;
/** What a table costs whatever is in it, a grown segment of each kind too. */
const TABLE_EXTRA_BYTES: u64 = 320 << 10;

/**
 * Stores `count` pairs of arguments from `first` on with a due time (0: none,
 * SAME_DUE: each its own); returns how many fields are new, or a code.
 */
export function hashSetPairs(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
  dueMs: f64,
): i32 {
  if (count == 1) return hashSetDue(db, key, first, first + 1, dueMs);
  let entry = writeHash(db, key);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  let newCount = 0;
  let from = first;
  const isNew = entry == 0;
  if (isNew) {
    newCount = storeArguments(db, key, 0, first, first + 1, dueMs);
    if (newCount < 0) return newCount;
    from += 2;
    entry = lookupKey(db, key);
  } else if (!hasRoom(neededBytes(entry, first, count))) return OUT_OF_MEMORY;
  // More pairs than a listpack may have make a table, as in Redis.
  const isMuch = count > hashMaxListpackEntries && isListpack(entry);
  const code = isMuch && !becomeTable(entry)
    ? OUT_OF_MEMORY
    : storeRest(db, key, entry, from, first + count * 2, dueMs);
  if (code < 0) {
    if (isNew) removeNew(db, entry);
    return code;
  }
  addChanges(count);
  return newCount + code;
}

/** Stores pairs up to an argument; how many are new, or OUT_OF_MEMORY. */
function storeRest(
  db: u32,
  key: u32,
  entry: u32,
  from: u32,
  end: u32,
  dueMs: f64,
): i32 {
  let newCount = 0;
  for (let at = from; at < end; at += 2) {
    const code = storeArguments(db, key, entry, at, at + 1, dueMs);
    if (code < 0) return code;
    newCount += code;
  }
  return newCount;
}

function removeNew(db: u32, entry: u32): void {
  tableFind(db, keyPtr(entry), keyBytes(entry));
  removeFound(db, entry);
}

/** More than the pairs can need, a change of encoding included. */
function neededBytes(entry: u32, first: u32, count: u32): u64 {
  let byteCount: u64 = 0;
  for (let at = first; at < first + count * 2; at++) {
    byteCount += u64(argLen(at));
  }
  let fieldCount = u64(count);
  if (isListpack(entry)) {
    const lp = entryValue(entry);
    byteCount += listpackBytes(lp);
    fieldCount += listpackCount(lp);
  }
  return byteCount * 2 + fieldCount * FIELD_EXTRA_BYTES + TABLE_EXTRA_BYTES;
}

/** HSETEX: how many of `count` fields are there, every second argument. */
export function hashCountFields(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
): i32 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode == WRONG_TYPE ? WRONG_TYPE : 0;
  let found = 0;
  for (let at = first; at < first + count * 2; at += 2) {
    if (findField(entry, argPtr(at), argLen(at))) found++;
  }
  return found;
}
