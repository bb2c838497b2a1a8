// Intersection, union and difference of sets: SINTER, SUNION, SDIFF, their
// STORE forms and their cardinalities.
//
// intersection  walks the smallest set and asks the others, from small to
//               large, about what is still left of each batch.
// union         one set is walked as it is. Of two, the larger is walked as it
//               is and asked about the members of the other: no memory. More
//               are told apart by a table `seen`, which borrows the members of
//               hash tables where they lie.
// difference    either asks all others about each member of the first (one),
//               or walks the others and marks in the first what they have
//               (two); whichever has less to do by Redis's reckoning. Neither
//               needs memory.
//
// Each member is hashed once per batch (set_batch.ts). What comes out goes to
// a sink (set_sink.ts).

import { free } from "./allocator";
import { SET_INTERSECTION, SET_UNION } from "./codes";
import {
  ENCODING_HASHTABLE,
  ENCODING_INTSET,
  ENCODING_LISTPACK,
  entryFlags,
  setFlags,
} from "./entry";
import { newField } from "./field";
import {
  setMaxIntsetEntries,
  setMaxListpackEntries,
  setMaxListpackValue,
} from "./limits";
import {
  SEGMENTS_BYTES,
  segmentsAppend,
  segmentsAt,
  segmentsCount,
  segmentsFree,
  segmentsInit,
  segmentsPop,
} from "./segments";
import {
  batchBegin,
  batchBytes,
  batchEntry,
  batchHash,
  batchPtr,
  endBatch,
  entryIn,
  membersIn,
  nextBatch,
  touchForm,
} from "./set_batch";
import { isInteger } from "./set_form";
import { MARK, setTableNew, tableOf } from "./set_table";
import {
  beginDraft,
  closeSink,
  failSink,
  narrowDraft,
  openSink,
  sinkBatch,
  sinkCount,
  sinkKind,
  storeDraft,
  TO_DRAFT,
  TO_NUMBER,
  TO_REPLY,
} from "./set_sink";
import {
  anyMissing,
  closeSources,
  firstMissing,
  openSources,
  sortSources,
  sourceCount,
  sourceEncoding,
  sourceSize,
  sourceValue,
} from "./set_sources";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkNext,
  walkPtr,
} from "./set_walk";
import { countChange } from "./statistics";
import { tableFree, tableInsert } from "./table";

/** Replies with what an operation makes of `count` keys; 0 or a code. */
export function replyCombined(
  db: u32,
  operation: u32,
  first: u32,
  count: u32,
): i32 {
  const code = openSources(db, first, count);
  if (code < 0) return code;
  openSink(TO_REPLY, u32.MAX_VALUE);
  combine(operation);
  closeSources();
  return min(closeSink(), 0);
}

/** How many members the result has, at most `limit`; or a code. */
export function countCombined(
  db: u32,
  operation: u32,
  first: u32,
  count: u32,
  limit: f64,
): i32 {
  const code = openSources(db, first, count);
  if (code < 0) return code;
  openSink(TO_NUMBER, u32(min(limit, f64(i32.MAX_VALUE))));
  combine(operation);
  closeSources();
  return closeSink();
}

/**
 * Stores the result under argument `target`; how many members it has, or a
 * code. An empty one leaves the key to the caller.
 */
export function storeCombined(
  db: u32,
  operation: u32,
  target: u32,
  first: u32,
  count: u32,
): i32 {
  const code = openSources(db, first, count);
  if (code < 0) return code;
  openSink(TO_DRAFT, u32.MAX_VALUE);
  combine(operation);
  closeSources();
  if (operation == SET_INTERSECTION) narrowDraft();
  const memberCount = storeDraft(db, target);
  if (memberCount > 0) countChange();
  return memberCount;
}

function combine(operation: u32): void {
  if (operation == SET_INTERSECTION) intersect();
  else if (operation == SET_UNION) unite();
  else subtract();
}

// Intersection.

function intersect(): void {
  if (anyMissing || !sourceCount) return;
  sortSources(0);
  const smallest = sourceCount - 1;
  const encoding = sourceEncoding(smallest);
  if (sinkKind == TO_DRAFT) {
    const first = encoding == ENCODING_INTSET ? encoding : ENCODING_LISTPACK;
    if (!beginDraft(first, 0)) return;
  }
  batchBegin(encoding, sourceValue(smallest));
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    for (let i = smallest; i-- > 0 && mask;) {
      mask = membersIn(sourceEncoding(i), sourceValue(i), mask);
    }
    if (mask && !sinkBatch(mask)) return;
  }
}

// Union.

function unite(): void {
  if (!sourceCount) return;
  sortSources(0);
  if (sinkKind == TO_DRAFT) uniteInDraft();
  else if (sourceCount == 1) sinkSource(0);
  else if (sourceCount == 2 && sourceEncoding(0) == ENCODING_HASHTABLE) {
    if (sinkSource(0)) sinkOthers(1, 0);
  } else uniteBySeen();
}

/** Takes a whole set; false when to stop. */
function sinkSource(index: u32): bool {
  if (sinkKind == TO_NUMBER) return sinkCount(sourceSize(index));
  batchBegin(sourceEncoding(index), sourceValue(index));
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    if (!sinkBatch(mask)) return false;
  }
  return true;
}

/** Takes what one set has and another has not; false when to stop. */
function sinkOthers(index: u32, other: u32): bool {
  const encoding = sourceEncoding(other), value = sourceValue(other);
  batchBegin(sourceEncoding(index), sourceValue(index));
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    mask &= ~membersIn(encoding, value, mask);
    if (!sinkBatch(mask)) return false;
  }
  return true;
}

/** A draft tells new members from old ones by itself. */
function uniteInDraft(): void {
  const largest = sourceSize(0);
  // With that many members Redis ends with a hash table, whatever they are.
  const isLarge = largest > max(setMaxIntsetEntries, setMaxListpackEntries);
  const encoding = isLarge ? ENCODING_HASHTABLE : ENCODING_INTSET;
  if (!beginDraft(encoding, largest)) return;
  for (let i: u32 = 0; i < sourceCount; i++) {
    if (!sinkSource(i)) return;
  }
}

/** The members that came from elsewhere than hash tables: copies of ours. */
const owned: u32 = u32(memory.data(SEGMENTS_BYTES, 8));

function uniteBySeen(): void {
  const seen = setTableNew(sourceSize(0));
  if (!seen) {
    failSink();
    return;
  }
  segmentsInit(owned, 4);
  for (let i: u32 = 0; i < sourceCount; i++) {
    if (!sinkUnseen(seen, i)) break;
  }
  endBatch();
  const ownedCount = segmentsCount(owned);
  for (let i: u32 = 0; i < ownedCount; i++) {
    free(load<u32>(segmentsAt(owned, i, 4)));
  }
  segmentsFree(owned);
  tableFree(tableOf(seen));
  free(seen);
}

function sinkUnseen(seen: u32, index: u32): bool {
  const encoding = sourceEncoding(index);
  const isFirst = index == 0, isLast = index == sourceCount - 1;
  batchBegin(encoding, sourceValue(index));
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    touchForm(ENCODING_HASHTABLE, seen, mask);
    let fresh: u32 = 0;
    for (let left = mask; left; left &= left - 1) {
      const member = ctz(left);
      if (!isFirst && entryIn(tableOf(seen), member)) continue;
      fresh |= 1 << member;
      // Nothing comes after the last set that could be the same again.
      if (isLast) continue;
      const block = encoding == ENCODING_HASHTABLE
        ? batchEntry(member)
        : ownedCopy(member);
      if (!block) return failSink();
      if (tableInsert(tableOf(seen), block, batchHash(member)) != 0) {
        return failSink();
      }
    }
    if (!sinkBatch(fresh)) return false;
  }
  return true;
}

function ownedCopy(member: u32): u32 {
  const link = segmentsAppend(owned);
  if (!link) return 0;
  const block = newField(batchPtr(member), batchBytes(member), 0, false);
  // A link without a block must not be freed: its place is given back.
  if (block) store<u32>(link, block);
  else segmentsPop(owned);
  return block;
}

// Difference.

function subtract(): void {
  if (firstMissing || !sourceCount) return;
  let firstWork: u64 = 0;
  let allWork: u64 = 0;
  for (let i: u32 = 0; i < sourceCount; i++) {
    if (i && sourceValue(i) == sourceValue(0)) return;
    firstWork += u64(sourceSize(0));
    allWork += u64(sourceSize(i));
  }
  const isOne = firstWork / 2 <= allWork;
  if (sinkKind == TO_DRAFT) {
    // Redis's second way begins with a copy of the first set.
    const encoding = isOne ? ENCODING_INTSET : encodingOfCopy();
    if (!beginDraft(encoding, 0)) return;
  }
  sortSources(1);
  if (isOne || sourceEncoding(0) != ENCODING_HASHTABLE) subtractOne();
  else subtractTwo();
}

/** The encoding that the first source gets when it is built anew. */
function encodingOfCopy(): u32 {
  const count = sourceSize(0);
  if (count > max(setMaxIntsetEntries, setMaxListpackEntries)) {
    return ENCODING_HASHTABLE;
  }
  let onlyIntegers = true;
  let longest: u32 = 0;
  walkBegin(walk, sourceEncoding(0), sourceValue(0));
  while (walkNext(walk)) {
    viewMember();
    longest = max(longest, walkBytes);
    if (!isInteger(walkPtr, walkBytes)) onlyIntegers = false;
  }
  if (onlyIntegers) {
    return count <= setMaxIntsetEntries ? ENCODING_INTSET : ENCODING_HASHTABLE;
  }
  return count <= setMaxListpackEntries && longest <= setMaxListpackValue
    ? ENCODING_LISTPACK
    : ENCODING_HASHTABLE;
}

const walk: u32 = u32(memory.data(WALK_BYTES, 8));

/** Asks the others, the largest first: it has the best chance to say yes. */
function subtractOne(): void {
  batchBegin(sourceEncoding(0), sourceValue(0));
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    for (let i: u32 = 1; i < sourceCount && mask; i++) {
      mask &= ~membersIn(sourceEncoding(i), sourceValue(i), mask);
    }
    if (mask && !sinkBatch(mask)) return;
  }
}

/** Marks in the first set, a hash table, what the others have. */
function subtractTwo(): void {
  const first = sourceValue(0);
  let left = sourceSize(0);
  for (let i: u32 = 1; i < sourceCount && left; i++) {
    batchBegin(sourceEncoding(i), sourceValue(i));
    for (let mask = nextBatch(); mask && left; mask = nextBatch()) {
      left -= markMembers(first, mask);
    }
  }
  // All marks are taken away, also when the result wants no more.
  let isWanted = true;
  batchBegin(ENCODING_HASHTABLE, first);
  for (let mask = nextBatch(); mask; mask = nextBatch()) {
    mask = takeMarks(mask);
    if (isWanted && mask) isWanted = sinkBatch(mask);
  }
}

/** Marks what a table has of the batch; how many were not marked before. */
function markMembers(set: u32, mask: u32): u32 {
  touchForm(ENCODING_HASHTABLE, set, mask);
  let markedCount: u32 = 0;
  for (; mask; mask &= mask - 1) {
    const member = entryIn(tableOf(set), ctz(mask));
    if (!member || entryFlags(member) & MARK) continue;
    setFlags(member, entryFlags(member) | MARK);
    markedCount++;
  }
  endBatch();
  return markedCount;
}

/** Takes the marks away; the members of the batch that had none. */
function takeMarks(mask: u32): u32 {
  let unmarked: u32 = 0;
  for (; mask; mask &= mask - 1) {
    const index = ctz(mask);
    const member = batchEntry(index);
    if (entryFlags(member) & MARK) {
      setFlags(member, entryFlags(member) & ~MARK);
    } else unmarked |= 1 << index;
  }
  return unmarked;
}
