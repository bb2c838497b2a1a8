// Due times of a hash's fields: HEXPIRE and its kind, a field at a time.

import { nowMs } from "./access";
import { argLen, argPtr } from "./arguments";
import { MISSING, OUT_OF_MEMORY } from "./codes";
import { typedCode } from "./lookup";
import { removesDue } from "./overdue";
import { entryDue, entryValue, hasDue } from "./entry";
import { followFields, mustFollow } from "./followed";
import { afterRemoval, writeHash } from "./hashes";
import { becomeTable, findField, isListpack, removePlace } from "./hash_form";
import { hashtableSetDue } from "./hashtable";
import { mayBeDue } from "./keys";
import { countChange } from "./statistics";

/** The field's time had passed already, so it was removed. */
const REMOVED: i32 = 2;

/**
 * Gives a field a due time: 1, REMOVED, 0 when a condition (those of EXPIRE)
 * was not met, MISSING when there is no such field, or a code.
 */
export function setFieldDue(
  db: u32,
  key: u32,
  field: u32,
  dueMs: f64,
  conditions: u32,
): i32 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode;
  let place = findField(entry, argPtr(field), argLen(field));
  if (!place) return MISSING;
  if (conditions && !mayBeDue(placeDue(entry, place), dueMs, conditions)) {
    return 0;
  }
  if (dueMs <= nowMs && removesDue()) {
    removePlace(entry, place);
    afterRemoval(db, entry);
    countChange();
    return REMOVED;
  }
  if (isListpack(entry)) {
    if (!becomeTable(entry)) return OUT_OF_MEMORY;
    place = findField(entry, argPtr(field), argLen(field));
  }
  if (mustFollow(db, entry, dueMs) != 0) return OUT_OF_MEMORY;
  const code = hashtableSetDue(entryValue(entry), place, dueMs);
  followFields(db, entry);
  if (code < 0) return code;
  countChange();
  return 1;
}

/** The due time of the field at a place, Infinity without one. */
function placeDue(entry: u32, place: u32): f64 {
  return !isListpack(entry) && hasDue(place) ? entryDue(place) : Infinity;
}

/** Takes a field's due time away: 1, 0 when it has none, MISSING or a code. */
export function clearFieldDue(db: u32, key: u32, field: u32): i32 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode;
  const place = findField(entry, argPtr(field), argLen(field));
  if (!place) return MISSING;
  if (placeDue(entry, place) == Infinity) return 0;
  const code = hashtableSetDue(entryValue(entry), place, 0);
  if (code < 0) return code;
  followFields(db, entry);
  countChange();
  return 1;
}

/** A field's due time, -1 without one, MISSING or WRONG_TYPE. */
export function fieldDue(db: u32, key: u32, field: u32): f64 {
  const entry = writeHash(db, key);
  if (!entry) return typedCode;
  const place = findField(entry, argPtr(field), argLen(field));
  if (!place) return MISSING;
  const dueMs = placeDue(entry, place);
  return dueMs == Infinity ? -1 : dueMs;
}
