// The inputs of a command that combines sorted sets: sorted sets and plain sets,
// whose members all have the score 1, in any mixture.
//
//   inputs ->  +0 u32 entry, 0 when the key is missing   +4  u32 members
//              +8 f64 weight                             +16 u32 place as given
//              +20 u32 look-ups so far, or the address of an index
//
// They are valid until a value changes. Few of them need no memory. A listpack
// in which many members are looked up gets an index (listpack_index.ts): else
// an intersection of two would compare each member with each.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY, WEIGHT_NOT_A_FLOAT, WRONG_TYPE } from "./codes";
import { lookupRead } from "./lookup";
import { parsedDouble, parseDouble } from "./double";
import {
  ENCODING_LISTPACK,
  entryEncoding,
  entryType,
  entryValue,
  TYPE_SET,
  TYPE_ZSET,
} from "./entry";
import { listpackFind, listpackFirst } from "./listpack";
import { findInIndex, newListpackIndex } from "./listpack_index";
import { formCount, formHas } from "./set_form";
import {
  viewMember,
  WALK_BYTES,
  walkBegin,
  walkBytes,
  walkNext,
  walkPtr,
} from "./set_walk";
import { smallScore } from "./zset_listpack";
import {
  foundScore,
  memberBytes,
  memberPtr,
  zsetCount,
  zsetFetch,
  zsetFind,
  zsetForward,
  zsetScore,
  zsetSeek,
  zsetView,
} from "./zset_value";

const INPUT_BYTES: u32 = 24;
const COUNT: usize = 4;
const WEIGHT: usize = 8;
const PLACE: usize = 16;
const INDEX: usize = 20;

/** Look-ups before an index is made; fewer cost less than it. */
const LOOKUPS_MAX: u32 = 8;

const HOME_COUNT: u32 = 32;
const homeInputs: u32 = u32(memory.data(768, 8));
const SET_SCORE: f64 = 1;

let inputs: u32 = 0;
/** How many keys were given. */
export let inputCount: u32 = 0;

/**
 * Looks `count` keys up, from argument `first` on: 0 or a code. The caller
 * closes them, whatever comes.
 */
export function zsetOpenInputs(db: u32, first: u32, count: u32): i32 {
  inputCount = 0;
  inputs = count <= HOME_COUNT ? homeInputs : roomFor(count);
  if (!inputs) return OUT_OF_MEMORY;
  for (let i: u32 = 0; i < count; i++) {
    const entry = lookupRead(db, first + i);
    if (entry && !isCombinable(entry)) return WRONG_TYPE;
    const input = inputAt(i);
    store<u32>(input, entry);
    store<u32>(input, entry ? sizeOf(entry) : 0, COUNT);
    store<f64>(input, 1, WEIGHT);
    store<u32>(input, i, PLACE);
    store<u32>(input, 0, INDEX);
  }
  inputCount = count;
  return 0;
}

function roomFor(count: u32): u32 {
  const byteCount = u64(count) * INPUT_BYTES;
  return byteCount > u64(u32.MAX_VALUE) ? 0 : alloc(u32(byteCount));
}

export function zsetCloseInputs(): void {
  for (let i: u32 = 0; i < inputCount; i++) {
    const index = load<u32>(inputAt(i), INDEX);
    if (index > LOOKUPS_MAX) free(index);
  }
  inputCount = 0;
  if (inputs && inputs != homeInputs) free(inputs);
  inputs = 0;
}

function isCombinable(entry: u32): bool {
  const type = entryType(entry);
  return type == TYPE_ZSET || type == TYPE_SET;
}

// @ts-ignore: decorator
@inline
function isSet(entry: u32): bool {
  return entryType(entry) == TYPE_SET;
}

function sizeOf(entry: u32): u32 {
  return isSet(entry)
    ? formCount(entryEncoding(entry), entryValue(entry))
    : zsetCount(entry);
}

// @ts-ignore: decorator
@inline
function inputAt(index: u32): u32 {
  return inputs + index * INPUT_BYTES;
}

/** Gives an input the weight in an argument: 0 or a code. */
export function zsetWeighInput(index: u32, argument: u32): i32 {
  if (!parseDouble(argPtr(argument), argLen(argument))) {
    return WEIGHT_NOT_A_FLOAT;
  }
  store<f64>(inputAt(index), parsedDouble, WEIGHT);
  return 0;
}

// @ts-ignore: decorator
@inline
export function inputWeight(index: u32): f64 {
  return load<f64>(inputAt(index), WEIGHT);
}

/** How many members an input has. */
// @ts-ignore: decorator
@inline
export function inputSize(index: u32): u32 {
  return load<u32>(inputAt(index), COUNT);
}

/**
 * Orders the inputs from an index on by size, the smallest first; equal ones
 * stay as they were given, because a sum of doubles depends on the order. (A
 * shell sort: it needs no memory.)
 */
export function sortInputs(from: u32): void {
  let gap: u32 = 1;
  while (gap < inputCount / 3) gap = gap * 3 + 1;
  for (; gap; gap /= 3) {
    for (let i = from + gap; i < inputCount; i++) {
      for (let at = i; at >= from + gap; at -= gap) {
        if (order(at - gap) <= order(at)) break;
        swap(inputAt(at - gap), inputAt(at));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function order(index: u32): u64 {
  return u64(inputSize(index)) << 32 | u64(load<u32>(inputAt(index), PLACE));
}

function swap(a: u32, b: u32): void {
  for (let at: u32 = 0; at < INPUT_BYTES; at += 8) {
    const word = load<u64>(a + at);
    store<u64>(a + at, load<u64>(b + at));
    store<u64>(b + at, word);
  }
}

// Looking a member up in an input.

/** The score that `findInInput` has found. */
export let scoreInInput: f64 = 0;

/** Whether an input that is not empty has a member of this name. */
// @ts-ignore: decorator
@inline
export function findInInput(index: u32, ptr: u32, byteCount: u32): bool {
  const input = inputAt(index);
  const entry = load<u32>(input);
  if (entryEncoding(entry) == ENCODING_LISTPACK) {
    return findInListpack(input, entry, ptr, byteCount);
  }
  if (!isSet(entry)) {
    const isThere = zsetFind(entry, ptr, byteCount);
    scoreInInput = foundScore;
    return isThere;
  }
  scoreInInput = SET_SCORE;
  return formHas(entryEncoding(entry), entryValue(entry), ptr, byteCount);
}

function findInListpack(
  input: u32,
  entry: u32,
  ptr: u32,
  byteCount: u32,
): bool {
  const lp = entryValue(entry);
  const skip = u32(!isSet(entry));
  let index = load<u32>(input, INDEX);
  if (index < LOOKUPS_MAX) store<u32>(input, ++index, INDEX);
  else if (index == LOOKUPS_MAX) {
    // Without memory it is made later, or never.
    index = newListpackIndex(lp, skip + 1);
    store<u32>(input, index, INDEX);
  }
  const at = index > LOOKUPS_MAX
    ? findInIndex(index, ptr, byteCount)
    : listpackFind(lp, listpackFirst(lp), ptr, byteCount, skip);
  if (!at) return false;
  scoreInInput = skip ? smallScore(lp, at) : SET_SCORE;
  return true;
}

// Walking through the members of one input. Look-ups in others may come between.

const walk: u32 = u32(memory.data(WALK_BYTES, 8));
let walked: u32 = 0;
let walkedCount: u32 = 0;
let walkedSize: u32 = 0;
/** Members that are looked at ahead. */
const FETCH_COUNT: u32 = 16;

/** The member that the walk has come to. */
export let inputPtr: u32 = 0;
export let inputBytes: u32 = 0;
export let inputScore: f64 = 0;

/** Begins before an input's first member. */
export function walkInput(index: u32): void {
  walked = load<u32>(inputAt(index));
  walkedCount = 0;
  walkedSize = inputSize(index);
  if (walkedSize && isSet(walked)) {
    walkBegin(walk, entryEncoding(walked), entryValue(walked));
  }
}

/** To the next member; false behind the last one. */
// @ts-ignore: decorator
@inline
export function nextInInput(): bool {
  if (walkedCount == walkedSize) return false;
  if (isSet(walked)) nextInSet();
  else nextInZset();
  walkedCount++;
  return true;
}

// @ts-ignore: decorator
@inline
function nextInSet(): void {
  walkNext(walk);
  viewMember();
  inputPtr = walkPtr;
  inputBytes = walkBytes;
  inputScore = SET_SCORE;
}

// @ts-ignore: decorator
@inline
function nextInZset(): void {
  if (walkedCount) zsetForward();
  else zsetSeek(walked, 0);
  if (walkedCount % FETCH_COUNT == 0) {
    zsetFetch(min(FETCH_COUNT, walkedSize - walkedCount), false);
  }
  zsetView();
  inputPtr = memberPtr;
  inputBytes = memberBytes;
  inputScore = zsetScore();
}
