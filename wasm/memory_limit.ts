// The limit of memory (maxmemory): how much may be allocated, and by whom.
//
//   counted bytes = all live blocks - what waits to leave the engine (sinks)
//   fits(n)       : counted + what lies outside of the engine + n <= the limit
//
// What data need is refused beyond the limit: while a command that changes data
// is executed, the allocator is bounded, and `alloc` returns 0 as it does when
// there is no memory at all. Commands that find none have changed nothing, so
// the limit holds whatever a command needs, and nobody has to know that before.
// Who has been refused makes room (eviction.ts) and tries again.
//
// All that serves commands is never refused: replies, logs, notes, snapshots.
// They allocate with `allocUnbounded`. So do clients' buffers, by being asked
// for while no command is executed; they count, and data make room for them.
//
// Without a limit `isLimited` is false, and all of it is one test.

import { liveByteCount } from "./slabs";

/** Whether there is a limit at all. */
export let isLimited: bool = false;
/** Whether allocations are refused that do not fit now. */
export let isBounded: bool = false;

let limit: u64 = 0;
let outside: u64 = 0;
/** Bytes of blocks that do not count. */
let uncounted: u32 = 0;
/** The most that the limit lacked when something was refused. */
let shortBytes: u64 = 0;
/** Room that would be good to have, beside what commands need. */
let wantedBytes: u32 = 0;

/** maxmemory, Infinity for none. */
export function setMemoryLimit(byteCount: f64): void {
  isLimited = byteCount < Infinity;
  limit = isLimited ? u64(byteCount) : 0;
  wantedBytes = 0;
}

/** What TypeScript holds that counts: connections and their buffers. */
export function setOutsideBytes(byteCount: f64): void {
  outside = u64(byteCount);
}

/** Bytes in use that do not count against the limit. */
export function uncountedBytes(): f64 {
  return f64(uncounted);
}

/** Blocks of so many bytes more, or less, are those of a sink. */
export function countNot(difference: i32): void {
  uncounted += difference;
}

// @ts-ignore: decorator
@inline
function usedWith(bytes: u32): u64 {
  return u64(liveByteCount() - uncounted) + outside + u64(bytes);
}

/** Whether so many bytes more are within the limit. */
// @ts-ignore: decorator
@inline
export function fits(bytes: u32): bool {
  return usedWith(bytes) <= limit;
}

/** How many bytes more fit. */
export function freeRoom(): f64 {
  const used = usedWith(0);
  return used < limit ? f64(limit - used) : 0;
}

/** How many bytes more are in use than may be. */
export function excessBytes(): f64 {
  const used = usedWith(0);
  return isLimited && used > limit ? f64(used - limit) : 0;
}

/** Whether more is in use than may be. */
export function isOverLimit(): i32 {
  return i32(isLimited && !fits(0));
}

/** From now on allocations are refused that do not fit, or no more. */
// @ts-ignore: decorator
@inline
export function bound(on: bool): void {
  isBounded = on;
}

/** The same for TypeScript: a command begins. */
export function beginBounded(): void {
  shortBytes = 0;
  isBounded = isLimited;
}

export function endBounded(): void {
  isBounded = false;
}

/** For the allocator, while it is bounded. */
export function mayTake(bytes: u32): bool {
  const used = usedWith(bytes);
  if (used <= limit) return true;
  shortBytes = max(shortBytes, used - limit);
  return false;
}

/**
 * The most that was lacking for anything since `beginBounded`, 0 when nothing
 * was refused.
 */
export function refusedBytes(): f64 {
  return f64(shortBytes);
}

/** Room is wanted for something that can wait a little. */
export function wantRoom(bytes: u32): void {
  wantedBytes = max(wantedBytes, bytes);
}

/** How much room was wanted since the last time. */
export function takeWanted(): u32 {
  const wanted = wantedBytes;
  wantedBytes = 0;
  return wanted;
}
