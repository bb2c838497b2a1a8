// Where the algebra of sets puts its result: into the reply, into a number, or
// into a draft, the set that STORE will keep.
//
// A draft begins with the encoding that Redis begins with and grows as any set
// does, so it ends with the encoding that Redis would have given it.

import { OUT_OF_MEMORY } from "./codes";
import { overwriteValue } from "./attach";
import { ENCODING_INTSET, TYPE_SET } from "./entry";
import { intsetFind, intsetInsert, intsetNew } from "./intset";
import { setMaxIntsetEntries } from "./limits";
import { free } from "./allocator";
import { parsedInteger, parseInteger } from "./number";
import {
  isResp3,
  outLength,
  outTruncate,
  replyBulk,
  replyHeaderAt,
} from "./reply";
import {
  batchBytes,
  batchPtr,
  endBatch,
  touchForm,
  useHash,
} from "./set_batch";
import {
  formAdd,
  formEncoding,
  formValue,
  freeForm,
  isInteger,
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

export const TO_REPLY: u32 = 0;
export const TO_NUMBER: u32 = 1;
export const TO_DRAFT: u32 = 2;

const ARRAY: u32 = 0x2a;
const SET: u32 = 0x7e;

/** Which of the three it is. */
export let sinkKind: u32 = TO_REPLY;
/** How many members came so far. */
let sunkCount: u32 = 0;

let limit: u32 = 0;
let mark: u32 = 0;
let hasFailed: bool = false;
let draftEncoding: u32 = 0;
let draftValue: u32 = 0;
let onlyIntegers: bool = true;

const walk: u32 = u32(memory.data(WALK_BYTES, 8));

/** Begins a result; counting may stop at a limit. */
export function openSink(kind: u32, most: u32): void {
  sinkKind = kind;
  limit = most;
  sunkCount = 0;
  hasFailed = false;
  onlyIntegers = true;
  draftValue = 0;
  mark = outLength();
}

/** Makes the draft; false without memory. */
export function beginDraft(encoding: u32, memberCount: u32): bool {
  if (newForm(encoding, memberCount) != 0) return failSink();
  draftEncoding = formEncoding;
  draftValue = formValue;
  return true;
}

/** The operation has run out of memory; always false. */
export function failSink(): bool {
  hasFailed = true;
  return false;
}

/** Takes the members of the mask from the batch; false when to stop. */
export function sinkBatch(mask: u32): bool {
  if (sinkKind == TO_NUMBER) {
    sunkCount += popcnt(mask);
    return sunkCount < limit;
  }
  if (sinkKind == TO_DRAFT) return addToDraft(mask);
  sunkCount += popcnt(mask);
  for (; mask; mask &= mask - 1) {
    const index = ctz(mask);
    replyBulk(batchPtr(index), batchBytes(index));
  }
  return true;
}

/** Takes so many members of which only the number matters. */
export function sinkCount(count: u32): bool {
  sunkCount += count;
  return sunkCount < limit;
}

function addToDraft(mask: u32): bool {
  touchForm(draftEncoding, draftValue, mask);
  for (; mask; mask &= mask - 1) {
    const index = ctz(mask);
    const ptr = batchPtr(index), byteCount = batchBytes(index);
    if (onlyIntegers && !isInteger(ptr, byteCount)) onlyIntegers = false;
    useHash(index);
    const added = formAdd(draftEncoding, draftValue, ptr, byteCount);
    draftEncoding = formEncoding;
    draftValue = formValue;
    if (added < 0) {
      endBatch();
      return failSink();
    }
    sunkCount += added;
  }
  endBatch();
  return true;
}

/**
 * Makes an intset of the draft, if it has only integers and not too many, as
 * Redis does for an intersection.
 */
export function narrowDraft(): void {
  if (hasFailed || !sunkCount || !onlyIntegers) return;
  if (draftEncoding == ENCODING_INTSET) return;
  if (sunkCount > setMaxIntsetEntries) return;
  let set = intsetNew();
  walkBegin(walk, draftEncoding, draftValue);
  while (set && walkNext(walk)) {
    viewMember();
    parseInteger(walkPtr, walkBytes);
    intsetFind(set, parsedInteger);
    const grown = intsetInsert(set, parsedInteger);
    if (!grown) free(set);
    set = grown;
  }
  if (!set) {
    failSink();
    return;
  }
  freeForm(draftEncoding, draftValue);
  draftEncoding = ENCODING_INTSET;
  draftValue = set;
}

/** Ends a reply or a count: the number of members, or OUT_OF_MEMORY. */
export function closeSink(): i32 {
  if (hasFailed) {
    outTruncate(mark);
    return OUT_OF_MEMORY;
  }
  if (sinkKind == TO_REPLY) {
    replyHeaderAt(mark, isResp3() ? SET : ARRAY, sunkCount);
  }
  return min(sunkCount, limit);
}

/** Ends a draft: it becomes the key's value, unless it is empty. */
export function storeDraft(db: u32, target: u32): i32 {
  if (!hasFailed && sunkCount) {
    const code = overwriteValue(
      db,
      target,
      TYPE_SET,
      draftEncoding,
      draftValue,
    );
    if (code == 0) return sunkCount;
    hasFailed = true;
  }
  if (draftValue) freeForm(draftEncoding, draftValue);
  return hasFailed ? OUT_OF_MEMORY : 0;
}
