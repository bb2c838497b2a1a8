// The source: bytes on their way into the engine, from a file or a replica's
// stream. TypeScript fills a window, the reader takes from it.
//
//   window ->  | read | element being read | not yet read | room |
//              0    mark              at ->             end    capacity
//
// The reader marks the start of an element, takes what it needs, and changes
// data only when the element is whole. When bytes lack, `trouble` says so, the
// reader goes back to the mark, and TypeScript is asked for more. So the window
// is never larger than what has come in of one element.
//
// What is taken while there is trouble is 0, so that whoever takes several
// things looks once at their end. A length that cannot be true, because so many
// bytes are not left, is trouble at once, before anything is allocated for it.
//
// The checksum runs over what is behind `mark`, in large pieces. A payload in
// memory (`sourceOver`) is a window of somebody else that is whole from the
// start. One source is open at a time.

import { alloc, free } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { crc64 } from "./crc64";
import {
  FAULT_END,
  FAULT_TOO_LONG,
  LOAD_CORRUPT,
  LOAD_MORE,
} from "./rdb_faults";

const WINDOW_BYTES_MIN: u32 = 65536;
/** A larger window goes back when it is no longer needed. */
const WINDOW_BYTES_KEPT: u32 = 1 << 20;
const WINDOW_BYTES_MAX: u64 = 0xf0000000;

let window: u32 = 0;
let capacity: u32 = 0;
/** The next byte. */
export let at: u32 = 0;
let mark: u32 = 0;
let end: u32 = 0;
/** Where in the file the window begins. */
let base: f64 = 0;
/** Bytes of the whole, -1 when nobody knows. */
let total: f64 = -1;
/** No byte follows behind `end`. */
let isOver: bool = false;

let summed: u32 = 0;
let sum: u64 = 0;
let sums: bool = false;

/** 0, or why an element cannot be read: LOAD_MORE or a negative code. */
export let trouble: i32 = 0;
/** For LOAD_CORRUPT: what is wrong, and where. */
let fault: i32 = 0;
let faultAt: f64 = 0;

function reset(): void {
  at =
    mark =
    end =
    summed =
      0;
  base = 0;
  sum = 0;
  trouble = 0;
  fault = 0;
}

/** Opens a source of so many bytes, -1 when they are not known. */
export function sourceOpen(byteCount: f64, checksum: i32): void {
  sourceClose();
  reset();
  total = byteCount;
  isOver = false;
  sums = checksum != 0;
}

/** Opens bytes in memory that stay there until the source is closed. */
export function sourceOver(ptr: u32, byteCount: u32): void {
  sourceClose();
  reset();
  at = mark = ptr;
  end = ptr + byteCount;
  base = -f64(ptr);
  total = byteCount;
  isOver = true;
  sums = false;
}

export function sourceClose(): void {
  if (window) free(window);
  window = capacity = 0;
  at =
    mark =
    end =
    summed =
      0;
}

/** Where so many bytes may be written, 0 without memory. */
export function sourceRoom(byteCount: u32): u32 {
  const kept = end - mark;
  const need = u64(kept) + u64(byteCount);
  if (need > WINDOW_BYTES_MAX) return 0;
  const tooLarge = capacity > WINDOW_BYTES_KEPT && need * 4 < capacity;
  if (need > capacity || tooLarge) return moveWindow(u32(need));
  if (u64(end - window) + u64(byteCount) > capacity) dropRead(window);
  return end;
}

/** Goes on in another window. */
function moveWindow(need: u32): u32 {
  const wanted = u64(1) << (32 - clz(need - 1));
  const fresh = alloc(
    max(u32(min(wanted, WINDOW_BYTES_MAX)), WINDOW_BYTES_MIN),
  );
  if (!fresh) return 0;
  const old = window;
  dropRead(fresh);
  if (old) free(old);
  window = fresh;
  capacity = max(u32(min(wanted, WINDOW_BYTES_MAX)), WINDOW_BYTES_MIN);
  return end;
}

/** Moves what has not been read to the front of a window. */
function dropRead(to: u32): void {
  addToSum(mark);
  base += f64(mark - window);
  memory.copy(to, mark, end - mark);
  at += to - mark;
  end += to - mark;
  summed = mark = to;
}

/** So many bytes were written where `sourceRoom` said. */
export function sourceFed(byteCount: u32): void {
  end += byteCount;
}

/** No more bytes will come. */
export function sourceEnd(): void {
  isOver = true;
}

/** Where in the file the next byte stands. */
export function sourceOffset(): f64 {
  return base + f64(at - window);
}

/** How many bytes are left, Infinity when nobody knows. */
export function bytesLeft(): f64 {
  if (isOver) return f64(end - at);
  return total < 0 ? Infinity : max<f64>(total - sourceOffset(), 0);
}

/** How many bytes can be taken now. */
// @ts-ignore: decorator
@inline
export function bytesHere(): u32 {
  return end - at;
}

// Elements.

/** An element begins here; trouble of the one before is forgotten. */
// @ts-ignore: decorator
@inline
export function markHere(): void {
  mark = at;
}

/** Back to the start of the element, to read it again with more bytes. */
export function rewind(): void {
  at = mark;
  if (trouble == LOAD_MORE) trouble = 0;
}

/** Back to an address in the element, to read from there in another way. */
// @ts-ignore: decorator
@inline
export function goBack(to: u32): void {
  at = to;
}

/** Nothing can be read any more because of this. Returns false. */
export function fail(what: i32): bool {
  if (trouble) return false;
  trouble = LOAD_CORRUPT;
  fault = what;
  faultAt = sourceOffset();
  return false;
}

/** The same, and what is wrong stands so many bytes back. */
export function failBack(what: i32, byteCount: u32): bool {
  if (trouble) return false;
  fail(what);
  faultAt -= f64(byteCount);
  return false;
}

export function failForMemory(): bool {
  if (!trouble) trouble = OUT_OF_MEMORY;
  return false;
}

export function sourceFault(): i32 {
  return fault;
}

export function sourceFaultOffset(): f64 {
  return faultAt;
}

/** Whether so many bytes can be taken; else there is trouble. */
// @ts-ignore: decorator
@inline
export function has(byteCount: u32): bool {
  return end - at >= byteCount && !trouble || lacks(byteCount);
}

function lacks(byteCount: u32): bool {
  if (trouble) return false;
  if (isOver) {
    // The end is where the bytes end, not where they should have begun.
    fail(FAULT_END);
    faultAt += f64(end - at);
    return false;
  }
  if (f64(byteCount) > bytesLeft()) return fail(FAULT_TOO_LONG);
  trouble = LOAD_MORE;
  return false;
}

// Taking.

// @ts-ignore: decorator
@inline
export function take8(): u32 {
  if (!has(1)) return 0;
  return load<u8>(at++);
}

export function take16(): u32 {
  if (!has(2)) return 0;
  at += 2;
  return load<u16>(at - 2);
}

export function take32(): u32 {
  if (!has(4)) return 0;
  at += 4;
  return load<u32>(at - 4);
}

export function take64(): u64 {
  if (!has(8)) return 0;
  at += 8;
  return load<u64>(at - 8);
}

/** The address of so many bytes, which hold until the element ends; or 0. */
// @ts-ignore: decorator
@inline
export function takeBytes(byteCount: u32): u32 {
  if (!has(byteCount)) return 0;
  at += byteCount;
  return at - byteCount;
}

// The checksum.

function addToSum(until: u32): void {
  if (sums && until != summed) sum = crc64(sum, summed, until - summed);
  summed = until;
}

/** The checksum of all bytes before the next one. */
export function sourceSum(): u64 {
  addToSum(at);
  return sum;
}
