// A set in whatever form it has, not bound to a key: an encoding and a block.
//
//   intset      integers only, at most set-max-intset-entries     intset.ts
//   listpack    at most set-max-listpack-entries, none longer     listpack.ts
//               than set-max-listpack-value
//   hashtable   any                                               set_table.ts
//
// A form only ever changes towards the hash table: when an addition crosses a
// bound of the limits (limits.ts). What a change leaves, another block and
// maybe another encoding, is in formEncoding and formValue; the caller puts it
// where the old one was. Whether a change fails for want of memory or not, the
// two describe a set that is whole.

import { free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  TYPE_SET,
} from "./entry";
import {
  intsetAt,
  intsetCount,
  intsetFind,
  intsetInsert,
  intsetNew,
  intsetRemoveFound,
} from "./intset";
import {
  setMaxIntsetEntries,
  setMaxListpackEntries,
  setMaxListpackValue,
} from "./limits";
import {
  LISTPACK_BYTES_MAX,
  listpackBytes,
  listpackCount,
  listpackEnd,
  listpackFind,
  listpackFirst,
  listpackNext,
  readBytes,
  readPtr,
  viewElementBeside,
} from "./listpack";
import {
  listpackAppend,
  listpackDelete,
  listpackInsertInteger,
  listpackNew,
} from "./listpack_edit";
import {
  formatInteger,
  INTEGER_MAX_BYTES,
  integerByteCount,
  parsedInteger,
  parseInteger,
} from "./number";
import {
  drainSetTable,
  setTableAdd,
  setTableCount,
  setTableNew,
  tableOf,
} from "./set_table";
import { tableFind, tableRemoveFound } from "./table";
import { freeCollection } from "./value";

/** What the last change left. */
export let formEncoding: u32 = 0;
export let formValue: u32 = 0;

const integerText: u32 = u32(memory.data(24));

// @ts-ignore: decorator
@inline
function leave(encoding: u32, value: u32): void {
  formEncoding = encoding;
  formValue = value;
}

/** An empty set of an encoding, or OUT_OF_MEMORY. */
export function newForm(encoding: u32, memberCount: u32): i32 {
  const value = encoding == ENCODING_INTSET
    ? intsetNew()
    : encoding == ENCODING_LISTPACK
    ? listpackNew()
    : setTableNew(memberCount);
  leave(encoding, value);
  return value ? 0 : OUT_OF_MEMORY;
}

/** The encoding of a new set that gets so many members, this one first. */
export function firstEncoding(
  ptr: u32,
  byteCount: u32,
  memberCount: u32,
): u32 {
  if (memberCount <= setMaxIntsetEntries && isInteger(ptr, byteCount)) {
    return ENCODING_INTSET;
  }
  return memberCount <= setMaxListpackEntries
    ? ENCODING_LISTPACK
    : ENCODING_HASHTABLE;
}

// @ts-ignore: decorator
@inline
export function isInteger(ptr: u32, byteCount: u32): bool {
  return byteCount <= INTEGER_MAX_BYTES && parseInteger(ptr, byteCount) != 0;
}

/** Frees a set that no entry holds; a large one by and by. */
export function freeForm(encoding: u32, value: u32): void {
  if (encoding == ENCODING_HASHTABLE) {
    freeCollection((TYPE_SET << 4) | encoding, value);
  } else free(value);
}

// @ts-ignore: decorator
@inline
export function formCount(encoding: u32, value: u32): u32 {
  if (encoding == ENCODING_HASHTABLE) return setTableCount(value);
  return encoding == ENCODING_INTSET
    ? intsetCount(value)
    : listpackCount(value);
}

/** Whether these bytes are a member. */
export function formHas(
  encoding: u32,
  value: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  if (encoding == ENCODING_HASHTABLE) {
    return tableFind(tableOf(value), ptr, byteCount) != 0;
  }
  if (encoding == ENCODING_INTSET) {
    return isInteger(ptr, byteCount) && intsetFind(value, parsedInteger);
  }
  return findInListpack(value, ptr, byteCount) != 0;
}

// @ts-ignore: decorator
@inline
function findInListpack(lp: u32, ptr: u32, byteCount: u32): u32 {
  const first = listpackFirst(lp);
  return first ? listpackFind(lp, first, ptr, byteCount, 0) : 0;
}

/** Adds a member: 1, 0 when it is there, or OUT_OF_MEMORY. */
// @ts-ignore: decorator
@inline
export function formAdd(
  encoding: u32,
  value: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  leave(encoding, value);
  if (encoding == ENCODING_HASHTABLE) {
    return setTableAdd(value, ptr, byteCount);
  }
  return encoding == ENCODING_INTSET
    ? addToIntset(value, ptr, byteCount)
    : addToListpack(value, ptr, byteCount);
}

function addToIntset(set: u32, ptr: u32, byteCount: u32): i32 {
  const count = intsetCount(set);
  if (!isInteger(ptr, byteCount)) {
    return mayBecomeListpack(set, count, byteCount)
      ? intsetToListpack(set, ptr, byteCount)
      : toTableWith(ENCODING_INTSET, set, ptr, byteCount);
  }
  if (intsetFind(set, parsedInteger)) return 0;
  if (count >= setMaxIntsetEntries) {
    return toTableWith(ENCODING_INTSET, set, ptr, byteCount);
  }
  const fresh = intsetInsert(set, parsedInteger);
  if (!fresh) return OUT_OF_MEMORY;
  leave(ENCODING_INTSET, fresh);
  return 1;
}

/** Whether an intset and one more member of so many bytes fit a listpack. */
function mayBecomeListpack(set: u32, count: u32, byteCount: u32): bool {
  if (count >= setMaxListpackEntries) return false;
  if (byteCount > setMaxListpackValue) return false;
  if (!count) return true;
  // The longest integer is the least or the greatest.
  const longest = max(
    integerByteCount(intsetAt(set, 0)),
    integerByteCount(intsetAt(set, count - 1)),
  );
  return longest <= setMaxListpackValue &&
    u64(count) * u64(longest + 3) + u64(byteCount) < LISTPACK_BYTES_MAX;
}

function addToListpack(lp: u32, ptr: u32, byteCount: u32): i32 {
  if (findInListpack(lp, ptr, byteCount)) return 0;
  if (
    listpackCount(lp) >= setMaxListpackEntries ||
    byteCount > setMaxListpackValue ||
    u64(listpackBytes(lp)) + u64(byteCount) >= LISTPACK_BYTES_MAX
  ) return toTableWith(ENCODING_LISTPACK, lp, ptr, byteCount);
  const fresh = listpackAppend(lp, ptr, byteCount);
  if (!fresh) return OUT_OF_MEMORY;
  leave(ENCODING_LISTPACK, fresh);
  return 1;
}

function intsetToListpack(set: u32, ptr: u32, byteCount: u32): i32 {
  let lp = listpackNew();
  const count = intsetCount(set);
  for (let i: u32 = 0; lp && i < count; i++) {
    const grown = listpackInsertInteger(lp, listpackEnd(lp), intsetAt(set, i));
    if (!grown) free(lp);
    lp = grown;
  }
  if (!lp) return OUT_OF_MEMORY;
  const grown = listpackAppend(lp, ptr, byteCount);
  if (!grown) {
    free(lp);
    return OUT_OF_MEMORY;
  }
  free(set);
  leave(ENCODING_LISTPACK, grown);
  return 1;
}

/** Makes a hash table of an intset or listpack and of one more member. */
function toTableWith(
  encoding: u32,
  value: u32,
  ptr: u32,
  byteCount: u32,
): i32 {
  const table = tableOfMembers(encoding, value);
  if (!table) return OUT_OF_MEMORY;
  if (setTableAdd(table, ptr, byteCount) < 0) {
    drainSetTable(table, u32.MAX_VALUE);
    return OUT_OF_MEMORY;
  }
  free(value);
  leave(ENCODING_HASHTABLE, table);
  return 1;
}

/** Makes a hash table of an intset or listpack, or returns OUT_OF_MEMORY. */
export function formToTable(encoding: u32, value: u32): i32 {
  leave(encoding, value);
  const table = tableOfMembers(encoding, value);
  if (!table) return OUT_OF_MEMORY;
  free(value);
  leave(ENCODING_HASHTABLE, table);
  return 0;
}

/** A hash table with the members of an intset or listpack, which stays. */
function tableOfMembers(encoding: u32, value: u32): u32 {
  const table = setTableNew(formCount(encoding, value) + 1);
  if (!table) return 0;
  const isDone = encoding == ENCODING_INTSET
    ? addIntegers(table, value)
    : addElements(table, value);
  if (isDone) return table;
  drainSetTable(table, u32.MAX_VALUE);
  return 0;
}

function addIntegers(table: u32, set: u32): bool {
  const count = intsetCount(set);
  for (let i: u32 = 0; i < count; i++) {
    const byteCount = formatInteger(integerText, intsetAt(set, i));
    if (setTableAdd(table, integerText, byteCount) < 0) return false;
  }
  return true;
}

function addElements(table: u32, lp: u32): bool {
  for (let at = listpackFirst(lp); at; at = listpackNext(lp, at)) {
    // The member that is to come may be what was viewed last.
    viewElementBeside(at, integerText);
    if (setTableAdd(table, readPtr, readBytes) < 0) return false;
  }
  return true;
}

/** Whether Redis makes a hash table because so many members may come. */
export function mustBecomeTable(encoding: u32, memberCount: u32): bool {
  if (encoding == ENCODING_LISTPACK) return memberCount > setMaxListpackEntries;
  return encoding == ENCODING_INTSET && memberCount > setMaxIntsetEntries;
}

/** Removes a member: whether it was there. Never fails. */
// @ts-ignore: decorator
@inline
export function formRemove(
  encoding: u32,
  value: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  leave(encoding, value);
  if (encoding != ENCODING_HASHTABLE) {
    return removeFromBlock(encoding, value, ptr, byteCount);
  }
  const member = tableFind(tableOf(value), ptr, byteCount);
  if (!member) return false;
  tableRemoveFound(tableOf(value));
  free(member);
  return true;
}

function removeFromBlock(
  encoding: u32,
  value: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  if (encoding == ENCODING_INTSET) {
    if (!isInteger(ptr, byteCount)) return false;
    if (!intsetFind(value, parsedInteger)) return false;
    leave(encoding, intsetRemoveFound(value));
    return true;
  }
  const at = findInListpack(value, ptr, byteCount);
  if (!at) return false;
  leave(encoding, listpackDelete(value, at, 1));
  return true;
}
