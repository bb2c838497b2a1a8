// Looking up keys. One whose time has passed is removed by that, and so it is
// with the fields of a hash.

import { touchEntry } from "./access";
import { argLen, argPtr } from "./arguments";
import { MISSING, NOTICE_MISSED, WRONG_TYPE } from "./codes";
import { removeFound } from "./database";
import {
  entryFlags,
  entryType,
  FOLLOWED,
  HAS_DUE,
  keyBytes,
  keyPtr,
} from "./entry";
import { noteMissed, notices } from "./journal";
import { liveFound } from "./overdue";
import { countHit, countMiss } from "./statistics";
import { tableChanges, tableFind } from "./table";
import { watched } from "./watch";

/** The live entry with this key, or 0. Its place is `foundPlace`. */
// @ts-ignore: decorator
@inline
export function lookup(db: u32, ptr: u32, byteCount: u32): u32 {
  const entry = tableFind(db, ptr, byteCount);
  if (entry && entryFlags(entry) & (HAS_DUE | FOLLOWED)) {
    return liveFound(db, entry);
  }
  return entry;
}

/** The live entry that argument `key` names, or 0. */
// @ts-ignore: decorator
@inline
export function lookupKey(db: u32, key: u32): u32 {
  return lookup(db, argPtr(key), argLen(key));
}

/** The same for a read: counts hit or miss and touches the entry. */
// @ts-ignore: decorator
@inline
export function lookupRead(db: u32, key: u32): u32 {
  const entry = lookup(db, argPtr(key), argLen(key));
  if (entry) {
    countHit();
    touchEntry(entry);
  } else {
    countMiss();
    if (notices & NOTICE_MISSED) noteMissed(db, key);
  }
  return entry;
}

/** The same for a question about the key, which is no use of its value. */
export function lookupPeek(db: u32, key: u32): u32 {
  const entry = lookupInspect(db, key);
  if (!entry && notices & NOTICE_MISSED) noteMissed(db, key);
  return entry;
}

/** The same for a look behind the scenes, of which nobody else hears. */
export function lookupInspect(db: u32, key: u32): u32 {
  const entry = lookupKey(db, key);
  if (entry) countHit();
  else countMiss();
  return entry;
}

/**
 * The same for whoever may change the entry in its place: a snapshot that needs
 * it as it is takes it now.
 */
// @ts-ignore: decorator
@inline
export function lookupChange(db: u32, key: u32): u32 {
  const entry = lookup(db, argPtr(key), argLen(key));
  if (watched && entry) tableChanges(db, entry);
  return entry;
}

/** The same for a change of the key: touches the entry and counts nothing. */
export function lookupWrite(db: u32, key: u32): u32 {
  const entry = lookupChange(db, key);
  if (entry) touchEntry(entry);
  return entry;
}

// Values of one type.

/** Why the last typed look-up returned 0: MISSING or WRONG_TYPE. */
export let typedCode: i32 = 0;
/** Whether the last operation took a collection's last element and its key. */
let emptied: bool = false;

/** For a read: the live entry, if it is of this type, or 0. */
// @ts-ignore: decorator
@inline
export function readTyped(db: u32, key: u32, type: u32): u32 {
  return ofType(lookupRead(db, key), type);
}

/** The same for a change. */
// @ts-ignore: decorator
@inline
export function writeTyped(db: u32, key: u32, type: u32): u32 {
  emptied = false;
  return ofType(lookupWrite(db, key), type);
}

// @ts-ignore: decorator
@inline
function ofType(entry: u32, type: u32): u32 {
  if (entry && entryType(entry) == type) return entry;
  typedCode = entry ? WRONG_TYPE : MISSING;
  return 0;
}

/** Removes the key of a collection that has become empty. */
export function dropKey(db: u32, entry: u32): void {
  tableFind(db, keyPtr(entry), keyBytes(entry));
  removeFound(db, entry);
  emptied = true;
}

/** `emptied` for TypeScript. */
export function wasEmptied(): i32 {
  return i32(emptied);
}
