// Sets: adding, removing, asking for members, moving one.
//
// Keys and members are named by argument indexes. A set that becomes empty
// takes its key with it (`emptied`). Every encoding behaves alike here: see
// set_form.ts.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { MISSING, OUT_OF_MEMORY, WRONG_TYPE } from "./codes";
import { createValue } from "./attach";
import { dropKey, lookupKey, readTyped, typedCode, writeTyped } from "./lookup";
import {
  entryEncoding,
  entryValue,
  setEntryKind,
  setEntryValue,
  TYPE_SET,
} from "./entry";
import { replyArray, replyBulk, replyInteger64, replySet } from "./reply";
import {
  firstEncoding,
  formAdd,
  formCount,
  formEncoding,
  formHas,
  formRemove,
  formToTable,
  formValue,
  freeForm,
  mustBecomeTable,
  newForm,
} from "./set_form";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkNext,
  walkPtr,
} from "./set_walk";
import { addChanges, countChange } from "./statistics";

const walk: u32 = u32(memory.data(WALK_BYTES, 8));

/** Lets an entry hold what the last change of its set left. */
// @ts-ignore: decorator
@inline
export function keepForm(entry: u32): void {
  setEntryValue(entry, formValue);
  setEntryKind(entry, TYPE_SET, formEncoding);
}

/**
 * SADD of one member: 1, 0 when it is there, WRONG_TYPE, or OUT_OF_MEMORY
 * without a change.
 */
export function addOne(db: u32, key: u32, member: u32): i32 {
  const entry = writeTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  const added = entry
    ? formAdd(
      entryEncoding(entry),
      entryValue(entry),
      argPtr(member),
      argLen(member),
    )
    : createWith(db, key, member, 1);
  if (added > 0) {
    if (entry) keepForm(entry);
    countChange();
  }
  return added;
}

/** Makes a set of some members for a missing key; how many, or a code. */
function createWith(db: u32, key: u32, first: u32, count: u32): i32 {
  const encoding = firstEncoding(argPtr(first), argLen(first), count);
  if (newForm(encoding, count) != 0) return OUT_OF_MEMORY;
  let addedCount: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const member = first + i;
    const added = formAdd(
      formEncoding,
      formValue,
      argPtr(member),
      argLen(member),
    );
    if (added < 0) return giveUp();
    addedCount += added;
  }
  // Looking for a member has spoilt what the key's look-up had found.
  lookupKey(db, key);
  if (createValue(db, key, TYPE_SET, formEncoding, formValue) != 0) {
    return giveUp();
  }
  return addedCount;
}

function giveUp(): i32 {
  freeForm(formEncoding, formValue);
  return OUT_OF_MEMORY;
}

/**
 * SADD: adds `count` arguments from `first` on; how many were not there yet,
 * or a code, and then none of them was added.
 */
export function addMembers(db: u32, key: u32, first: u32, count: u32): i32 {
  if (count == 1) return addOne(db, key, first);
  const entry = writeTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  const added = entry
    ? addMarked(entry, first, count)
    : createWith(db, key, first, count);
  if (added > 0) addChanges(added);
  return added;
}

function addMarked(entry: u32, first: u32, count: u32): i32 {
  const marks = newMarks(count);
  if (!marks) return OUT_OF_MEMORY;
  const added = addAll(entry, first, count, marks);
  freeMarks(marks);
  return added;
}

function addAll(entry: u32, first: u32, count: u32, marks: u32): i32 {
  if (mustBecomeTable(entryEncoding(entry), count)) {
    if (formToTable(entryEncoding(entry), entryValue(entry)) != 0) {
      return OUT_OF_MEMORY;
    }
    keepForm(entry);
  }
  let addedCount: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const added = formAdd(
      entryEncoding(entry),
      entryValue(entry),
      argPtr(first + i),
      argLen(first + i),
    );
    keepForm(entry);
    if (added < 0) {
      takeBack(entry, first, i, marks);
      return OUT_OF_MEMORY;
    }
    if (!added) continue;
    addedCount++;
    mark(marks, i);
  }
  return addedCount;
}

/** Removes the marked ones of the first `count` members again. */
function takeBack(entry: u32, first: u32, count: u32, marks: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (!isMarked(marks, i)) continue;
    formRemove(
      entryEncoding(entry),
      entryValue(entry),
      argPtr(first + i),
      argLen(first + i),
    );
    keepForm(entry);
  }
}

// Marks: one bit for each argument of a command. Few of them need no memory.

const HOME_MARK_COUNT: u32 = 1024;
const homeMarks: u32 = u32(memory.data(128));

function newMarks(count: u32): u32 {
  const byteCount = (count + 7) >> 3;
  const marks = count <= HOME_MARK_COUNT ? homeMarks : alloc(byteCount);
  if (marks) memory.fill(marks, 0, byteCount);
  return marks;
}

function freeMarks(marks: u32): void {
  if (marks != homeMarks) free(marks);
}

function mark(marks: u32, index: u32): void {
  const at = marks + (index >> 3);
  store<u8>(at, u32(load<u8>(at)) | (1 << (index & 7)));
}

function isMarked(marks: u32, index: u32): bool {
  return ((load<u8>(marks + (index >> 3)) >> (index & 7)) & 1) != 0;
}

/** SREM: how many of `count` arguments from `first` on were members. */
export function removeMembers(db: u32, key: u32, first: u32, count: u32): i32 {
  const entry = writeTyped(db, key, TYPE_SET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  let removedCount: i32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (!removeOne(entry, first + i)) continue;
    removedCount++;
    if (dropIfEmpty(db, entry)) break;
  }
  if (removedCount) addChanges(removedCount);
  return removedCount;
}

function removeOne(entry: u32, member: u32): bool {
  const isRemoved = formRemove(
    entryEncoding(entry),
    entryValue(entry),
    argPtr(member),
    argLen(member),
  );
  if (isRemoved) keepForm(entry);
  return isRemoved;
}

/** Removes a set's key if nothing is left in the set. */
export function dropIfEmpty(db: u32, entry: u32): bool {
  if (formCount(entryEncoding(entry), entryValue(entry))) return false;
  dropKey(db, entry);
  return true;
}

// @ts-ignore: decorator
@inline
function holds(entry: u32, member: u32): bool {
  return formHas(
    entryEncoding(entry),
    entryValue(entry),
    argPtr(member),
    argLen(member),
  );
}

/** SISMEMBER: 1, 0, or WRONG_TYPE. */
export function isMember(db: u32, key: u32, member: u32): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  return i32(holds(entry, member));
}

/** SMISMEMBER: replies with 1 or 0 for each of `count` arguments; 0 or a code. */
export function replyAreMembers(
  db: u32,
  key: u32,
  first: u32,
  count: u32,
): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  replyArray(count);
  for (let i: u32 = 0; i < count; i++) {
    replyInteger64(entry && holds(entry, first + i) ? 1 : 0);
  }
  return 0;
}

/** SCARD: how many members there are, or WRONG_TYPE. */
export function countMembers(db: u32, key: u32): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry) return typedCode == MISSING ? 0 : typedCode;
  return formCount(entryEncoding(entry), entryValue(entry));
}

/** SMEMBERS: replies with all members; 0 or WRONG_TYPE. */
export function replyMembers(db: u32, key: u32): i32 {
  const entry = readTyped(db, key, TYPE_SET);
  if (!entry && typedCode == WRONG_TYPE) return WRONG_TYPE;
  if (!entry) {
    replySet(0);
    return 0;
  }
  replySet(formCount(entryEncoding(entry), entryValue(entry)));
  replyAll(entryEncoding(entry), entryValue(entry));
  return 0;
}

/** Replies with the members of a form, without a header. */
export function replyAll(encoding: u32, value: u32): void {
  walkBegin(walk, encoding, value);
  while (walkNext(walk)) {
    viewMember();
    replyBulk(walkPtr, walkBytes);
  }
}

/** What moveMember did: it moved; and the member is new in the target. */
const MOVED: i32 = 2;
const MOVE_ADDED: i32 = 4;

/**
 * SMOVE: 0 when it is no member of the source, else 1, plus MOVED unless both
 * are the same set, plus MOVE_ADDED; or a code. `emptied` speaks of the source.
 */
export function moveMember(db: u32, from: u32, to: u32, member: u32): i32 {
  const source = writeTyped(db, from, TYPE_SET);
  const sourceCode = typedCode;
  const target = writeTyped(db, to, TYPE_SET);
  if (!source && sourceCode == MISSING) return 0;
  if (!source || (!target && typedCode == WRONG_TYPE)) return WRONG_TYPE;
  if (!holds(source, member)) return 0;
  if (source == target) return 1;
  const added = target
    ? formAdd(
      entryEncoding(target),
      entryValue(target),
      argPtr(member),
      argLen(member),
    )
    : createWith(db, to, member, 1);
  if (added < 0) return added;
  if (target) keepForm(target);
  removeOne(source, member);
  dropIfEmpty(db, source);
  addChanges(1 + added);
  return 1 | MOVED | (added ? MOVE_ADDED : 0);
}
