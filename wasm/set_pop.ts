// SPOP: random members are taken out. How members are drawn: set_random.ts.
//
// The members that SPOP with a count takes out are listed until the caller
// releases them, because replicas are told their names:
//
//   popped ->  u32 block of each member (field.ts)
//
// They belong to the list, unless the whole old table went to the graveyard.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { isLogging, logPopped } from "./effects";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  setEntryValue,
  TYPE_SET,
} from "./entry";
import { newField } from "./field";
import { intsetAt, intsetFind, intsetRemoveFound } from "./intset";
import { listpackSeek, readBytes, readPtr, viewElement } from "./listpack";
import { listpackDelete } from "./listpack_edit";
import { dropKey, typedCode, writeTyped } from "./lookup";
import { formatInteger } from "./number";
import { randomBelow } from "./random";
import { replyBulk, replyBulkInteger, replyNull, replySet } from "./reply";
import { dropIfEmpty, keepForm, replyAll } from "./set";
import {
  formAdd,
  formCount,
  formEncoding,
  formRemove,
  formValue,
  freeForm,
  newForm,
} from "./set_form";
import { tableOf } from "./set_table";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkEntry,
  walkNext,
  walkPtr,
} from "./set_walk";
import { addChanges, countChange } from "./statistics";
import { tableFind, tableRemoveFound } from "./table";
import { tableRandom } from "./table_scan";

const walk: u32 = u32(memory.data(WALK_BYTES, 8));
/** An integer's digits on their way into the log. */
const digits: u32 = u32(memory.data(24));

// One member.

/**
 * SPOP without a count: takes a member out and replies with it: 1; 0 when
 * there is none, with null; or without a reply WRONG_TYPE, or OUT_OF_MEMORY
 * when it cannot be logged which member it is.
 */
export function popOne(db: u32, key: u32): i32 {
  const entry = writeTyped(db, key, TYPE_SET);
  if (!entry) {
    if (typedCode == WRONG_TYPE) return WRONG_TYPE;
    replyNull();
    return 0;
  }
  const isTable = entryEncoding(entry) == ENCODING_HASHTABLE;
  if (!(isTable ? popFromTable(db, entry) : popFromBlock(db, entry))) {
    return OUT_OF_MEMORY;
  }
  dropIfEmpty(db, entry);
  countChange();
  return 1;
}

// @ts-ignore: decorator
@inline
function popFromTable(db: u32, entry: u32): bool {
  const table = tableOf(entryValue(entry));
  const member = tableRandom(table);
  if (
    isLogging && !logPopped(db, entry, keyPtr(member), keyBytes(member))
  ) return false;
  replyBulk(keyPtr(member), keyBytes(member));
  tableFind(table, keyPtr(member), keyBytes(member));
  tableRemoveFound(table);
  free(member);
  return true;
}

function popFromBlock(db: u32, entry: u32): bool {
  const encoding = entryEncoding(entry);
  const value = entryValue(entry);
  const index = randomBelow(formCount(encoding, value));
  if (encoding == ENCODING_INTSET) {
    const member = intsetAt(value, index);
    if (isLogging && !logPoppedInteger(db, entry, member)) return false;
    replyBulkInteger(member);
    intsetFind(value, member);
    setEntryValue(entry, intsetRemoveFound(value));
  } else {
    const at = listpackSeek(value, index);
    viewElement(at);
    if (isLogging && !logPopped(db, entry, readPtr, readBytes)) return false;
    replyBulk(readPtr, readBytes);
    setEntryValue(entry, listpackDelete(value, at, 1));
  }
  return true;
}

function logPoppedInteger(db: u32, entry: u32, member: i64): bool {
  return logPopped(db, entry, digits, formatInteger(digits, member));
}

// Several members.

/** So many times what is left must be less than what goes for a new set. */
const REBUILD_SHARE: u64 = 5;

let popped: u32 = 0;
let poppedTotal: u32 = 0;
let ownsPopped: bool = false;

/**
 * Takes up to `count` members out and replies with them: how many, or a code
 * without a reply. All of them go with their key (`emptied`), otherwise the
 * list of them waits for `releasePopped`. With `bare` set there is one member,
 * and the reply is that of SPOP without a count.
 */
export function popMembers(db: u32, key: u32, count: f64, bare: i32): i32 {
  const entry = writeTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (!entry || count == 0) {
    if (bare) replyNull();
    else replySet(0);
    return 0;
  }
  const encoding = entryEncoding(entry);
  const value = entryValue(entry);
  const size = formCount(encoding, value);
  if (!bare && count >= f64(size)) {
    replySet(size);
    replyAll(encoding, value);
    dropKey(db, entry);
    addChanges(size);
    return size;
  }
  const code = takeOut(entry, u32(count), size);
  if (code < 0) return code;
  if (!bare) replySet(poppedTotal);
  for (let i: u32 = 0; i < poppedTotal; i++) {
    replyBulk(poppedPtr(i), poppedBytes(i));
  }
  addChanges(poppedTotal);
  dropIfEmpty(db, entry);
  return poppedTotal;
}

/** Moves members into the list: 0, or OUT_OF_MEMORY without a change. */
function takeOut(entry: u32, count: u32, size: u32): i32 {
  popped = alloc(count << 2);
  if (!popped) return OUT_OF_MEMORY;
  poppedTotal = 0;
  ownsPopped = true;
  let code = 0;
  if (entryEncoding(entry) != ENCODING_HASHTABLE) {
    code = takeFromBlock(entry, count, size);
  } else if (u64(size - count) * REBUILD_SHARE > u64(count)) {
    takeFromTable(tableOf(entryValue(entry)), count);
  } else {
    code = takeMost(entry, count, size);
  }
  if (code < 0) releasePopped();
  return code;
}

/** Draws one by one. The table shrinks with them, so each draw is cheap. */
function takeFromTable(table: u32, count: u32): void {
  while (poppedTotal < count) {
    const member = tableRandom(table);
    tableFind(table, keyPtr(member), keyBytes(member));
    tableRemoveFound(table);
    list(member);
  }
}

// @ts-ignore: decorator
@inline
function list(member: u32): void {
  store<u32>(popped + (poppedTotal << 2), member);
  poppedTotal++;
}

/** Chooses from an intset or listpack: copies first, then the set changes. */
function takeFromBlock(entry: u32, count: u32, size: u32): i32 {
  const encoding = entryEncoding(entry);
  const value = entryValue(entry);
  walkBegin(walk, encoding, value);
  for (let left = size; poppedTotal < count && walkNext(walk); left--) {
    if (randomBelow(left) >= count - poppedTotal) continue;
    viewMember();
    const member = newField(walkPtr, walkBytes, 0, false);
    if (!member) return OUT_OF_MEMORY;
    list(member);
  }
  for (let i: u32 = 0; i < poppedTotal; i++) {
    formRemove(
      encoding,
      entryValue(entry),
      poppedPtr(i),
      poppedBytes(i),
    );
    keepForm(entry);
  }
  return 0;
}

/**
 * Makes a new set of the few members that stay. The old one goes as a whole;
 * its members are listed as long as the command runs.
 */
function takeMost(entry: u32, count: u32, size: u32): i32 {
  if (newForm(ENCODING_LISTPACK, 0) != 0) return OUT_OF_MEMORY;
  let encoding = formEncoding, kept = formValue;
  const old = entryValue(entry);
  ownsPopped = false;
  walkBegin(walk, ENCODING_HASHTABLE, old);
  for (let left = size; walkNext(walk); left--) {
    if (randomBelow(left) < count - poppedTotal) {
      list(walkEntry);
      continue;
    }
    const added = formAdd(encoding, kept, walkPtr, walkBytes);
    encoding = formEncoding;
    kept = formValue;
    if (added < 0) {
      freeForm(encoding, kept);
      return OUT_OF_MEMORY;
    }
  }
  keepForm(entry);
  discard = old;
  return 0;
}

/** The old table of which takeMost listed members, 0 without one. */
let discard: u32 = 0;

/** How many members are listed. */
export function poppedCount(): u32 {
  return poppedTotal;
}

export function poppedPtr(index: u32): u32 {
  return keyPtr(load<u32>(popped + (index << 2)));
}

export function poppedBytes(index: u32): u32 {
  return keyBytes(load<u32>(popped + (index << 2)));
}

/** Frees the list and the members. Does nothing when there is no list. */
export function releasePopped(): void {
  if (!popped) return;
  for (let i: u32 = 0; ownsPopped && i < poppedTotal; i++) {
    free(load<u32>(popped + (i << 2)));
  }
  free(popped);
  popped = 0;
  poppedTotal = 0;
  if (!discard) return;
  freeForm(ENCODING_HASHTABLE, discard);
  discard = 0;
}
