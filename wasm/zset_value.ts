// Sorted sets as values, in either form:
//
//   listpack   zset_listpack.ts   up to zset-max-listpack-entries members of up
//                                 to zset-max-listpack-value bytes
//   skiplist   zset_large.ts      more or longer ones; it never becomes small
//                                 again, except as the result of a command that
//                                 stores one
//
// Every function takes an entry, whose value it may replace. A value that no
// key has yet is built in the draft, which looks like an entry:
//
//     newZset(countHint, lengthHint); zsetPut(zsetDraft, ...); ...
//     overwriteValue(db, key, TYPE_ZSET, entryEncoding(zsetDraft), ...)
//
// or else dropDraft(). There is one draft.
//
// A cursor (`zsetSeek`, `zsetForward`, `zsetBack`) holds until the next change.
// What `zsetFind` found holds until the next change or look-up.

import { free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import {
  ENCODING_LISTPACK,
  ENCODING_SKIPLIST,
  entryEncoding,
  entryValue,
  keyBytes,
  keyPtr,
  setEntryKind,
  setEntryValue,
  TYPE_ZSET,
} from "./entry";
import { fieldScore } from "./field";
import { zsetMaxListpackEntries, zsetMaxListpackValue } from "./limits";
import {
  listpackFirst,
  listpackPrevious,
  readBytes,
  readPtr,
  replyElement,
  viewElement,
  viewElementBeside,
} from "./listpack";
import { listpackNew } from "./listpack_edit";
import {
  atIndex,
  atLeaf,
  leafMember,
  memberHere,
  nodeCount,
  rankOf,
  rankOfName,
  rankOfScore,
  scoreHere,
  seekRank,
  stepBack,
  stepForward,
} from "./ranking";
import { replyBulk } from "./reply";
import { touch } from "./table_ahead";
import {
  drainLarge,
  largeAppend,
  largeCount,
  largeCut,
  largeFind,
  largeInsert,
  largeRemoveFound,
  largeRescore,
  newLarge,
  rankingOf,
} from "./zset_large";
import {
  keptListpack,
  smallCount,
  smallDelete,
  smallFind,
  smallInsert,
  smallNext,
  smallRank,
  smallRankOfName,
  smallRankOfScore,
  smallRescore,
  smallScore,
  smallSeek,
} from "./zset_listpack";

/** The digits of a member on its way into the large form. */
const integerText: u32 = u32(memory.data(24));

// @ts-ignore: decorator
@inline
function isSmall(entry: u32): bool {
  return entryEncoding(entry) == ENCODING_LISTPACK;
}

// The draft.

/** Looks like an entry without a key. */
export const zsetDraft: u32 = u32(memory.data(16, 8));

/**
 * Begins a new value in the draft: of the form that suits so many members and
 * members as long as this, hints both. 0 or OUT_OF_MEMORY.
 */
export function newZset(countHint: u32, lengthHint: u32): i32 {
  const small = countHint <= zsetMaxListpackEntries &&
    lengthHint <= zsetMaxListpackValue;
  const value = small ? listpackNew() : newLarge();
  if (!value) return OUT_OF_MEMORY;
  setValue(zsetDraft, small ? ENCODING_LISTPACK : ENCODING_SKIPLIST, value);
  return 0;
}

/** Frees what the draft holds. */
export function dropDraft(): void {
  freeZset(entryEncoding(zsetDraft), entryValue(zsetDraft));
}

function freeZset(encoding: u32, value: u32): void {
  if (encoding == ENCODING_LISTPACK) free(value);
  else drainLarge(value, u32.MAX_VALUE);
}

/** Puts an earlier listpack in the place of what the value has become. */
export function zsetRestore(entry: u32, lp: u32): void {
  freeZset(entryEncoding(entry), entryValue(entry));
  setValue(entry, ENCODING_LISTPACK, lp);
}

function setValue(entry: u32, encoding: u32, value: u32): void {
  setEntryKind(entry, TYPE_ZSET, encoding);
  setEntryValue(entry, value);
}

/** Takes a new listpack over, or after a failure what became of the old one. */
// @ts-ignore: decorator
@inline
function keepListpack(entry: u32, lp: u32): i32 {
  setEntryValue(entry, lp ? lp : keptListpack);
  return lp ? 0 : OUT_OF_MEMORY;
}

// Members.

export function zsetCount(entry: u32): u32 {
  const value = entryValue(entry);
  return isSmall(entry) ? smallCount(value) : largeCount(value);
}

/** Set by `zsetFind`: the score, and the place in the form's own terms. */
export let foundScore: f64 = 0;
let foundAt: u32 = 0;

/** Whether there is a member of this name; then `foundScore` is its score. */
export function zsetFind(entry: u32, ptr: u32, byteCount: u32): bool {
  const value = entryValue(entry);
  if (isSmall(entry)) {
    foundAt = smallFind(value, ptr, byteCount);
    if (foundAt) foundScore = smallScore(value, foundAt);
  } else {
    foundAt = largeFind(value, ptr, byteCount);
    if (foundAt) foundScore = fieldScore(foundAt);
  }
  return foundAt != 0;
}

/** Inserts a member that `zsetFind` has just missed: 0 or OUT_OF_MEMORY. */
export function zsetInsert(
  entry: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): i32 {
  if (isSmall(entry)) {
    if (fitsSmall(entry, byteCount)) {
      const lp = smallInsert(entryValue(entry), score, ptr, byteCount);
      return keepListpack(entry, lp);
    }
    if (zsetEnlarge(entry) != 0) return OUT_OF_MEMORY;
    largeFind(entryValue(entry), ptr, byteCount);
  }
  return largeInsert(entryValue(entry), score, ptr, byteCount);
}

/** Inserts a member or gives it this score: 0 or OUT_OF_MEMORY. */
export function zsetPut(
  entry: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): i32 {
  if (!zsetFind(entry, ptr, byteCount)) {
    return zsetInsert(entry, score, ptr, byteCount);
  }
  return score == foundScore ? 0 : zsetRescore(entry, score);
}

/** Gives the member just found a different score: 0 or OUT_OF_MEMORY. */
export function zsetRescore(entry: u32, score: f64): i32 {
  const value = entryValue(entry);
  if (!isSmall(entry)) return largeRescore(value, foundAt, score);
  return keepListpack(entry, smallRescore(value, foundAt, score));
}

/** Removes the member just found; the caller drops a key without members. */
export function zsetRemoveFound(entry: u32): void {
  const value = entryValue(entry);
  if (isSmall(entry)) {
    setEntryValue(entry, smallDelete(value, smallRank(value, foundAt), 1));
  } else largeRemoveFound(value, foundAt);
}

/** Removes the members of so many ranks, which exist. */
export function zsetCut(entry: u32, rank: u32, count: u32): void {
  const value = entryValue(entry);
  if (isSmall(entry)) setEntryValue(entry, smallDelete(value, rank, count));
  else largeCut(value, rank, count);
}

// @ts-ignore: decorator
@inline
function fitsSmall(entry: u32, byteCount: u32): bool {
  return smallCount(entryValue(entry)) < zsetMaxListpackEntries &&
    byteCount <= zsetMaxListpackValue;
}

/** Makes a value large before so many members come: 0 or OUT_OF_MEMORY. */
export function zsetExpect(entry: u32, count: u32): i32 {
  if (!isSmall(entry) || count <= zsetMaxListpackEntries) return 0;
  return zsetEnlarge(entry);
}

/** Makes a small value large: 0 or OUT_OF_MEMORY. */
export function zsetEnlarge(entry: u32): i32 {
  const lp = entryValue(entry);
  const large = newLarge();
  if (!large) return OUT_OF_MEMORY;
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    const score = smallScore(lp, at);
    // The member that is to come may be what was viewed last.
    viewElementBeside(at, integerText);
    if (largeAppend(large, score, readPtr, readBytes) != 0) {
      drainLarge(large, u32.MAX_VALUE);
      return OUT_OF_MEMORY;
    }
  }
  free(lp);
  setValue(entry, ENCODING_SKIPLIST, large);
  return 0;
}

// Ranks.

/** The rank of the member just found. */
export function zsetRank(entry: u32): u32 {
  const value = entryValue(entry);
  if (isSmall(entry)) return smallRank(value, foundAt);
  return rankOf(rankingOf(value), foundScore, foundAt);
}

/** How many members have a lower score, or with `orEqual` no higher one. */
export function zsetRankOfScore(entry: u32, score: f64, orEqual: bool): u32 {
  const value = entryValue(entry);
  if (isSmall(entry)) return smallRankOfScore(value, score, orEqual);
  return rankOfScore(rankingOf(value), score, orEqual);
}

/** The same by the order of the members, where all scores are equal. */
export function zsetRankOfName(
  entry: u32,
  ptr: u32,
  byteCount: u32,
  orEqual: bool,
): u32 {
  const value = entryValue(entry);
  if (isSmall(entry)) return smallRankOfName(value, ptr, byteCount, orEqual);
  return rankOfName(rankingOf(value), ptr, byteCount, orEqual);
}

// The cursor.

/** The listpack that the cursor is in, 0 when it is in a ranking. */
let cursorListpack: u32 = 0;
let cursorAt: u32 = 0;

/** Puts the cursor on the member of a rank, which exists. */
export function zsetSeek(entry: u32, rank: u32): void {
  const value = entryValue(entry);
  if (isSmall(entry)) {
    cursorListpack = value;
    cursorAt = smallSeek(value, rank);
  } else {
    cursorListpack = 0;
    seekRank(rankingOf(value), rank);
  }
}

/** To the next member; false, and no cursor, behind the last one. */
// @ts-ignore: decorator
@inline
export function zsetForward(): bool {
  if (cursorListpack) {
    cursorAt = smallNext(cursorListpack, cursorAt);
    return cursorAt != 0;
  }
  return stepForward();
}

/** To the member before. */
// @ts-ignore: decorator
@inline
export function zsetBack(): bool {
  if (cursorListpack) {
    cursorAt = listpackPrevious(cursorListpack, cursorAt);
    if (cursorAt) cursorAt = listpackPrevious(cursorListpack, cursorAt);
    return cursorAt != 0;
  }
  return stepBack();
}

/**
 * Says that so many members from the cursor on, or before it, will be read.
 * They lie anywhere; when their loads are begun at once, memory is waited for
 * once. It is enough to call this for every few members.
 */
export function zsetFetch(count: u32, back: bool): void {
  if (cursorListpack) return;
  const last = nodeCount(atLeaf) - 1;
  const first = back ? atIndex - min(count - 1, atIndex) : atIndex;
  const end = back ? atIndex : min(atIndex + count - 1, last);
  for (let i = first; i <= end; i++) touch(leafMember(atLeaf, i));
}

/** The score at the cursor. */
// @ts-ignore: decorator
@inline
export function zsetScore(): f64 {
  return cursorListpack ? smallScore(cursorListpack, cursorAt) : scoreHere();
}

/** Set by `zsetView`: the member's bytes, until the next view. */
export let memberPtr: u32 = 0;
export let memberBytes: u32 = 0;

/** Makes the member at the cursor readable. */
// @ts-ignore: decorator
@inline
export function zsetView(): void {
  if (cursorListpack) {
    viewElement(cursorAt);
    memberPtr = readPtr;
    memberBytes = readBytes;
  } else {
    memberPtr = keyPtr(memberHere());
    memberBytes = keyBytes(memberHere());
  }
}

/** Replies with the member at the cursor. */
// @ts-ignore: decorator
@inline
export function replyMember(): void {
  if (cursorListpack) replyElement(cursorAt);
  else replyBulk(keyPtr(memberHere()), keyBytes(memberHere()));
}

// Places: what remembers a member where the cursor cannot stay. They hold until
// the next change.

/** The place of the member at the cursor. */
// @ts-ignore: decorator
@inline
export function zsetPlace(): u32 {
  return cursorListpack ? cursorAt : memberHere();
}

/** Makes the member at a place readable. */
export function viewPlace(entry: u32, place: u32): void {
  if (isSmall(entry)) {
    viewElement(place);
    memberPtr = readPtr;
    memberBytes = readBytes;
  } else {
    memberPtr = keyPtr(place);
    memberBytes = keyBytes(place);
  }
}
