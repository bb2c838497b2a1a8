// Sorting elements as a sorted set orders them: by score, then by member.
//
//   records ->  { f64 score, u32 member, u32 } for each element
//
// A merge sort: runs of a few elements are sorted by insertion, then merged to
// and fro between the records and a second block as large. What comes in order
// already, as most of an intersection does, is only looked through.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import { compareBytes } from "./ranking";

const RECORD_BYTES: u32 = 16;
const MEMBER: usize = 8;
const RUN_COUNT: u32 = 8;

/** 0, or OUT_OF_MEMORY with the records in another order than before. */
export function sortRanked(records: u32, count: u32): i32 {
  const end = records + count * RECORD_BYTES;
  if (isSorted(records, end)) return 0;
  for (let run = records; run < end; run += RUN_COUNT * RECORD_BYTES) {
    insertionSort(run, min(run + RUN_COUNT * RECORD_BYTES, end));
  }
  if (count <= RUN_COUNT) return 0;
  const other = alloc(count * RECORD_BYTES);
  if (!other) return OUT_OF_MEMORY;
  mergeAll(records, other, count * RECORD_BYTES);
  free(other);
  return 0;
}

/** Whether the first of two records comes before the other. */
// @ts-ignore: decorator
@inline
function precedes(a: u32, b: u32): bool {
  const scoreA = load<f64>(a);
  const scoreB = load<f64>(b);
  if (scoreA != scoreB) return scoreA < scoreB;
  return nameOrder(load<u32>(a, MEMBER), load<u32>(b, MEMBER)) < 0;
}

function nameOrder(a: u32, b: u32): i32 {
  return compareBytes(keyPtr(a), keyBytes(a), keyPtr(b), keyBytes(b));
}

function isSorted(records: u32, end: u32): bool {
  for (let at = records + RECORD_BYTES; at < end; at += RECORD_BYTES) {
    if (precedes(at, at - RECORD_BYTES)) return false;
  }
  return true;
}

function insertionSort(first: u32, end: u32): void {
  for (let next = first + RECORD_BYTES; next < end; next += RECORD_BYTES) {
    for (let at = next; at > first; at -= RECORD_BYTES) {
      if (!precedes(at, at - RECORD_BYTES)) break;
      const score = load<f64>(at);
      const member = load<u64>(at, MEMBER);
      copyRecord(at, at - RECORD_BYTES);
      store<f64>(at - RECORD_BYTES, score);
      store<u64>(at - RECORD_BYTES, member, MEMBER);
    }
  }
}

// @ts-ignore: decorator
@inline
function copyRecord(to: u32, from: u32): void {
  store<f64>(to, load<f64>(from));
  store<u64>(to, load<u64>(from, MEMBER), MEMBER);
}

function mergeAll(records: u32, other: u32, byteCount: u32): void {
  let from = records;
  let to = other;
  // In 64 bits: the last doubling may leave 32.
  for (let run = u64(RUN_COUNT * RECORD_BYTES); run < byteCount; run <<= 1) {
    for (let at: u64 = 0; at < byteCount; at += run << 1) {
      const middle = min<u64>(at + run, byteCount);
      const end = min<u64>(middle + run, byteCount);
      merge(to + u32(at), from + u32(at), from + u32(middle), from + u32(end));
    }
    const swapped = from;
    from = to;
    to = swapped;
  }
  if (from != records) memory.copy(records, from, byteCount);
}

/** Merges the runs [left, right) and [right, end). */
function merge(to: u32, left: u32, right: u32, end: u32): void {
  const middle = right;
  if (middle < end && precedes(middle, middle - RECORD_BYTES)) {
    while (left < middle && right < end) {
      if (precedes(right, left)) {
        copyRecord(to, right);
        right += RECORD_BYTES;
      } else {
        copyRecord(to, left);
        left += RECORD_BYTES;
      }
      to += RECORD_BYTES;
    }
  }
  memory.copy(to, left, middle - left);
  memory.copy(to + (middle - left), right, end - right);
}
