// The small form of a sorted set: a listpack of members and scores in turn, in
// order. A score is an integer where it is one, else its shortest text, as
// Redis keeps it; so -0 becomes 0 here.
//
// What writes returns the listpack's new address, 0 without memory and with
// nothing changed. A place is the address of a member.

import { alloc, free } from "./allocator";
import {
  DOUBLE_MAX_BYTES,
  formatDouble,
  parsedDouble,
  parseDouble,
} from "./double";
import {
  listpackCount,
  listpackEnd,
  listpackFind,
  listpackFirst,
  listpackNext,
  listpackPrevious,
  listpackSeek,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
  verifyListpack,
  viewElement,
} from "./listpack";
import {
  listpackDelete,
  listpackInsert,
  listpackInsertInteger,
  listpackReplace,
  listpackReplaceInteger,
} from "./listpack_edit";
import { compareBytes } from "./ranking";

/** Integers beyond are kept as text. */
const INTEGER_MAX: f64 = 4611686018427387904;

const scoreText: u32 = u32(memory.data(DOUBLE_MAX_BYTES));

export function smallCount(lp: u32): u32 {
  return listpackCount(lp) >> 1;
}

/** The place of a member, or 0. */
export function smallFind(lp: u32, ptr: u32, byteCount: u32): u32 {
  return listpackFind(lp, listpackFirst(lp), ptr, byteCount, 1);
}

/** The place at a rank, which exists. */
export function smallSeek(lp: u32, rank: u32): u32 {
  return listpackSeek(lp, rank << 1);
}

/** The score of the member at a place. */
export function smallScore(lp: u32, place: u32): f64 {
  return readScore(listpackNext(lp, place));
}

function readScore(at: u32): f64 {
  readElement(at);
  if (readIsInteger) return f64(readInteger);
  parseDouble(readPtr, readBytes);
  return parsedDouble;
}

/** The place behind this one, 0 at the end. */
// @ts-ignore: decorator
@inline
export function smallNext(lp: u32, place: u32): u32 {
  return listpackNext(lp, listpackNext(lp, place));
}

/** How many members stand before a place; 0 means the end. */
export function smallRank(lp: u32, place: u32): u32 {
  let rank: u32 = 0;
  for (let at = listpackFirst(lp); at != place; at = smallNext(lp, at)) rank++;
  return rank;
}

/** How many members have a lower score, or with `orEqual` no higher one. */
export function smallRankOfScore(lp: u32, score: f64, orEqual: bool): u32 {
  let rank: u32 = 0;
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    const here = smallScore(lp, at);
    if (here > score || (here == score && !orEqual)) break;
    rank++;
  }
  return rank;
}

/** The same by the order of the members, where all scores are equal. */
export function smallRankOfName(
  lp: u32,
  ptr: u32,
  byteCount: u32,
  orEqual: bool,
): u32 {
  let rank: u32 = 0;
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    const order = compareName(at, ptr, byteCount);
    if (order > 0 || (order == 0 && !orEqual)) break;
    rank++;
  }
  return rank;
}

function compareName(place: u32, ptr: u32, byteCount: u32): i32 {
  viewElement(place);
  return compareBytes(readPtr, readBytes, ptr, byteCount);
}

/** Puts a member in that is not there, where the order wants it. */
export function smallInsert(
  lp: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): u32 {
  const at = placeFor(lp, score, ptr, byteCount, 0);
  return insertPair(lp, at, score, ptr, byteCount);
}

/** Where a member belongs, not looking at the one at `except`. */
function placeFor(
  lp: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
  except: u32,
): u32 {
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    if (at == except) continue;
    const here = smallScore(lp, at);
    if (here < score) continue;
    if (here > score || compareName(at, ptr, byteCount) > 0) return at;
  }
  return listpackEnd(lp);
}

/** Puts a member in behind all others. */
export function smallAppend(
  lp: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): u32 {
  return insertPair(lp, listpackEnd(lp), score, ptr, byteCount);
}

function insertPair(
  lp: u32,
  at: u32,
  score: f64,
  ptr: u32,
  byteCount: u32,
): u32 {
  const offset = at - lp;
  // The score first: then the member stands before it at the same offset.
  const withScore = insertScore(lp, at, score);
  if (!withScore) return 0;
  const whole = listpackInsert(withScore, withScore + offset, ptr, byteCount);
  if (whole) return whole;
  keptListpack = listpackDelete(withScore, withScore + offset, 1);
  return 0;
}

/**
 * Where the listpack is after an insert that found no memory: making room for
 * the half that had to go again may have moved it.
 */
export let keptListpack: u32 = 0;

function insertScore(lp: u32, at: u32, score: f64): u32 {
  keptListpack = lp;
  if (isInteger(score)) return listpackInsertInteger(lp, at, i64(score));
  const byteCount = formatDouble(scoreText, score);
  return listpackInsert(lp, at, scoreText, byteCount);
}

function isInteger(score: f64): bool {
  return abs(score) <= INTEGER_MAX && f64(i64(score)) == score;
}

/** A pair that moves is kept here on its way, if it is not longer. */
const HOME_PAIR_BYTES: u32 = 256;
const homePair: u32 = u32(memory.data(256));
/** What another score can add to a pair: its text and its length. */
const SCORE_BYTES_MAX: u32 = DOUBLE_MAX_BYTES + 4;

/** Gives the member at a place a different score; it moves if it must. */
export function smallRescore(lp: u32, place: u32, score: f64): u32 {
  keptListpack = lp;
  if (staysInPlace(lp, place, score)) return replaceScore(lp, place, score);
  const room = pairEnd(lp, place) - place + SCORE_BYTES_MAX;
  const pair = room <= HOME_PAIR_BYTES ? homePair : alloc(room);
  if (!pair) return 0;
  const offset = place - lp;
  const fresh = replaceScore(lp, place, score);
  if (fresh) movePair(fresh, fresh + offset, score, pair);
  if (pair != homePair) free(pair);
  return fresh;
}

function replaceScore(lp: u32, place: u32, score: f64): u32 {
  const at = listpackNext(lp, place);
  if (isInteger(score)) return listpackReplaceInteger(lp, at, i64(score));
  return listpackReplace(lp, at, scoreText, formatDouble(scoreText, score));
}

function pairEnd(lp: u32, place: u32): u32 {
  const next = smallNext(lp, place);
  return next ? next : listpackEnd(lp);
}

function staysInPlace(lp: u32, place: u32, score: f64): bool {
  const before = listpackPrevious(lp, place);
  if (before && readScore(before) >= score) return false;
  const next = smallNext(lp, place);
  return !next || smallScore(lp, next) > score;
}

/** Moves a pair to where its score belongs; `pair` has room for it. */
function movePair(lp: u32, place: u32, score: f64, pair: u32): void {
  const end = pairEnd(lp, place);
  const byteCount = end - place;
  viewElement(place);
  const nameBytes = readBytes;
  memory.copy(pair, readPtr, nameBytes);
  const to = placeFor(lp, score, pair, nameBytes, place);
  memory.copy(pair, place, byteCount);
  if (to < place) {
    memory.copy(to + byteCount, to, place - to);
    memory.copy(to, pair, byteCount);
  } else {
    memory.copy(place, end, to - end);
    memory.copy(to - byteCount, pair, byteCount);
  }
}

/** Deletes so many members from a rank on; never fails. */
export function smallDelete(lp: u32, rank: u32, count: u32): u32 {
  return listpackDelete(lp, smallSeek(lp, rank), count << 1);
}

/** 0, or what is broken: 1 to 5 as verifyListpack, 11 pairs, 12 the order. */
export function verifySmall(lp: u32): i32 {
  const broken = verifyListpack(lp);
  if (broken) return broken;
  if (listpackCount(lp) & 1) return 11;
  let before: u32 = 0;
  for (let at = listpackFirst(lp); at; at = smallNext(lp, at)) {
    if (before && !ascends(lp, before, at)) return 12;
    before = at;
  }
  return 0;
}

function ascends(lp: u32, place: u32, next: u32): bool {
  const score = smallScore(lp, place);
  const nextScore = smallScore(lp, next);
  if (score != nextScore) return score < nextScore;
  // Of two integers as text, only one can be looked at at a time.
  viewElement(place);
  const isDigits = readIsInteger;
  const byteCount = readBytes;
  let ptr = readPtr;
  if (isDigits) {
    memory.copy(scoreText, ptr, byteCount);
    ptr = scoreText;
  }
  return compareName(next, ptr, byteCount) > 0;
}
