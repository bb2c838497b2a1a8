// ZUNION, ZINTER, ZDIFF and what they are called when they store or only count.
//
//   union          inputs stream into a table, the smallest first
//   intersection   the members of the smallest input are looked up in the
//                  others, the next smallest first
//   difference     the members of the first input are looked up in the others,
//                  or in a table of all the others' members, whichever is less
//
// The order of inputs shows in the reply: sums of doubles depend on it, and
// infinities of both signs come to 0 where they meet. It is Redis's.
//
// TypeScript opens the inputs (zset_inputs.ts), says what it wants, and closes
// them.

import { free } from "./allocator";
import {
  AGGREGATE_COUNT,
  AGGREGATE_MAX,
  AGGREGATE_MIN,
  COMBINE_INTERSECTION,
  COMBINE_UNION,
  OUT_OF_MEMORY,
} from "./codes";
import { ENCODING_SKIPLIST, TYPE_ZSET } from "./entry";
import { fieldScore, newField, setFieldScore } from "./field";
import { countChange } from "./statistics";
import { foundHash, tableInsert } from "./table";
import { freeCollection } from "./value";
import { largeFind, membersOf, newLarge } from "./zset_large";
import {
  findInInput,
  inputBytes,
  inputCount,
  inputPtr,
  inputScore,
  inputSize,
  inputWeight,
  nextInInput,
  scoreInInput,
  sortInputs,
  walkInput,
} from "./zset_inputs";
import {
  addFound,
  addToResult,
  beginResult,
  dropResult,
  findInResult,
  replyResult,
  resultCount,
  sortResult,
  storeResult,
} from "./zset_result";

/** Replies with the members in order: 0 or a code. */
export function zsetReplyCombined(
  operation: u32,
  aggregate: u32,
  withScores: i32,
): i32 {
  const code = combine(operation, aggregate, operation == COMBINE_UNION);
  if (code == 0) replyResult(withScores != 0);
  dropResult();
  return code;
}

/**
 * Stores the result in the place of whatever the key of an argument holds, and
 * returns how many members it has, or a code. A result without members changes
 * nothing: the caller removes the key.
 */
export function zsetStoreCombined(
  db: u32,
  to: u32,
  operation: u32,
  aggregate: u32,
): f64 {
  let code = combine(operation, aggregate, true);
  const count = resultCount;
  if (code == 0 && count) {
    code = storeResult(db, to, true);
    if (code == 0) countChange();
  }
  dropResult();
  return code == 0 ? f64(count) : f64(code);
}

function combine(operation: u32, aggregate: u32, withTable: bool): i32 {
  let code = beginResult(withTable);
  if (code != 0) return code;
  if (operation == COMBINE_UNION) code = unite(aggregate);
  else if (operation == COMBINE_INTERSECTION) code = intersect(aggregate);
  else code = subtract();
  return code == 0 ? sortResult() : code;
}

// Scores.

/** What an input brings for a member, by its score there. */
// @ts-ignore: decorator
@inline
function weighted(index: u32, score: f64, aggregate: u32): f64 {
  const weight = inputWeight(index);
  return aggregate == AGGREGATE_COUNT ? weight : weight * score;
}

/** Nothing times infinity counts as nothing. */
// @ts-ignore: decorator
@inline
function numberOr0(score: f64): f64 {
  return isNaN(score) ? 0 : score;
}

function aggregated(score: f64, more: f64, aggregate: u32): f64 {
  if (aggregate == AGGREGATE_MIN) return more < score ? more : score;
  if (aggregate == AGGREGATE_MAX) return more > score ? more : score;
  return numberOr0(score + more);
}

// The operations.

function unite(aggregate: u32): i32 {
  sortInputs(0);
  for (let i: u32 = 0; i < inputCount; i++) {
    walkInput(i);
    while (nextInInput()) {
      const score = numberOr0(weighted(i, inputScore, aggregate));
      const member = findInResult(inputPtr, inputBytes);
      if (member) {
        setFieldScore(member, aggregated(fieldScore(member), score, aggregate));
      } else if (addFound(score, inputPtr, inputBytes) != 0) {
        return OUT_OF_MEMORY;
      }
    }
  }
  return 0;
}

function intersect(aggregate: u32): i32 {
  sortInputs(0);
  walkInput(0);
  while (nextInInput()) {
    let score = numberOr0(weighted(0, inputScore, aggregate));
    let i: u32 = 1;
    for (; i < inputCount; i++) {
      if (!findInInput(i, inputPtr, inputBytes)) break;
      const more = weighted(i, scoreInInput, aggregate);
      score = aggregated(score, more, aggregate);
    }
    if (i < inputCount) continue;
    if (addToResult(score, inputPtr, inputBytes) != 0) return OUT_OF_MEMORY;
  }
  return 0;
}

/** ZINTERCARD: how many members all inputs share; looks for `limit` at most. */
export function zsetCountShared(limit: f64): f64 {
  sortInputs(0);
  walkInput(0);
  let count: f64 = 0;
  while (nextInInput()) {
    let i: u32 = 1;
    while (i < inputCount && findInInput(i, inputPtr, inputBytes)) i++;
    if (i == inputCount && ++count == limit) break;
  }
  return count;
}

/** Putting a member into a table takes about as long as so many look-ups. */
const LOOKUPS_AN_INSERT: u64 = 3;

function subtract(): i32 {
  const size = u64(inputSize(0));
  sortInputs(1);
  let others: u64 = 0;
  for (let i: u32 = 1; i < inputCount; i++) others += u64(inputSize(i));
  const lookups = size * u64(inputCount - 1);
  return lookups > others * LOOKUPS_AN_INSERT + size
    ? subtractTogether()
    : subtractEach();
}

/** Looks each member up in the other inputs, the largest first. */
function subtractEach(): i32 {
  walkInput(0);
  while (nextInInput()) {
    let i = inputCount - 1;
    while (i && !has(i)) i--;
    if (i) continue;
    if (addToResult(inputScore, inputPtr, inputBytes) != 0) {
      return OUT_OF_MEMORY;
    }
  }
  return 0;
}

/** Whether an input has the member that the walk has come to. */
// @ts-ignore: decorator
@inline
function has(index: u32): bool {
  return inputSize(index) != 0 && findInInput(index, inputPtr, inputBytes);
}

/** Looks each member up in a table of what all other inputs have. */
function subtractTogether(): i32 {
  const others = newLarge();
  if (!others) return OUT_OF_MEMORY;
  let code: i32 = 0;
  for (let i: u32 = 1; i < inputCount && code == 0; i++) {
    walkInput(i);
    while (code == 0 && nextInInput()) code = note(others);
  }
  walkInput(0);
  while (code == 0 && nextInInput()) {
    if (largeFind(others, inputPtr, inputBytes)) continue;
    code = addToResult(inputScore, inputPtr, inputBytes);
  }
  freeCollection((TYPE_ZSET << 4) | ENCODING_SKIPLIST, others);
  return code;
}

/** Puts the member that the walk has come to into a table. */
function note(others: u32): i32 {
  if (largeFind(others, inputPtr, inputBytes)) return 0;
  const hash = foundHash;
  const member = newField(inputPtr, inputBytes, 8, false);
  if (!member) return OUT_OF_MEMORY;
  setFieldScore(member, inputScore);
  if (tableInsert(membersOf(others), member, hash) == 0) return 0;
  free(member);
  return OUT_OF_MEMORY;
}
