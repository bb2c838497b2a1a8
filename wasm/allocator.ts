// The engine's allocator, over the whole memory and with exact accounts.
//
//   up to 16 KiB   a block of a size class     slabs.ts
//   above          a run of 4 KiB pages        pages.ts
//
// Promises: a block is aligned to 8 bytes, and to 64 if the bytes asked for are
// a multiple of 64. The address after a block fits in 32 bits. Nobody but the
// caller owns a block; resize and free make its pointer void, and nothing else
// does. Having no memory is a returned 0 and never a trap; a pointer that alloc
// did not return may trap. What the limit of memory refuses (memory_limit.ts) is
// not there either.
//
// The debug build fills new blocks with 0xCD and freed ones with 0xDD, proves
// that nobody wrote to a freed block and that nobody frees one twice, and moves
// a block on every resize.

import { DEBUG } from "./debug";
import { bound, isBounded, mayTake } from "./memory_limit";
import {
  CLASS,
  descriptorOf,
  extendRun,
  initPages,
  kindOf,
  PAGE_BITS,
  PAGE_BYTES,
  PAGE_COUNT,
  pageCountOf,
  pagesInUse,
  returnRun,
  RUN,
  shrinkRun,
  SLAB,
  verifyPages,
  WASM_PAGE_BYTES,
} from "./pages";
import {
  classBytes,
  classOf,
  countLiveBytes,
  FREED_BYTE,
  giveSmall,
  initSlabs,
  isSmall,
  liveByteCount,
  NEW_BYTE,
  obtainRun,
  SMALL_MAX,
  takeSmall,
  verifySlabs,
} from "./slabs";

export { setCeiling } from "./pages";

let isReady = false;
let failureCountdown: i32 = -1;

/** Lays the allocator out over the whole memory; later calls do nothing. */
export function init(): void {
  if (isReady) return;
  isReady = true;
  initPages();
  initSlabs();
}

/** A block of at least these bytes, or 0 when there is no memory. O(1). */
export function alloc(bytes: u32): u32 {
  if (DEBUG && mustFail()) return 0;
  if (isBounded && !mayTake(blockBytes(bytes))) return 0;
  return bytes > SMALL_MAX ? allocRun(bytes) : takeSmall(classOf(bytes));
}

/** The same for what the limit of memory must not keep from anybody. */
export function allocUnbounded(bytes: u32): u32 {
  const wasBounded = isBounded;
  bound(false);
  const block = alloc(bytes);
  bound(wasBounded);
  return block;
}

/** And for what it must not keep from growing. */
export function resizeUnbounded(ptr: u32, bytes: u32): u32 {
  const wasBounded = isBounded;
  bound(false);
  const block = resize(ptr, bytes);
  bound(wasBounded);
  return block;
}

/** What a block for so many bytes really takes. */
function blockBytes(bytes: u32): u32 {
  return bytes > SMALL_MAX
    ? pagesFor(bytes) << PAGE_BITS
    : classBytes(classOf(bytes));
}

/** Gives a block back. O(1). */
export function free(ptr: u32): void {
  const page = descriptorOf(ptr >>> PAGE_BITS);
  if (kindOf(page) == SLAB) giveSmall(page, ptr);
  else freeRun(page, ptr);
}

/** The bytes that a block really has. */
export function usable(ptr: u32): u32 {
  const page = descriptorOf(ptr >>> PAGE_BITS);
  if (kindOf(page) == SLAB) return classBytes(load<u8>(page, CLASS));
  assert(kindOf(page) == RUN);
  return pageCountOf(page) << PAGE_BITS;
}

/**
 * Gives a block another size, if it can where it is. Returns its new address,
 * or 0 when there is no memory; then the old block is as it was. To shrink
 * never fails.
 */
export function resize(ptr: u32, bytes: u32): u32 {
  const oldBytes = usable(ptr);
  // What counts for the limit is what the block grows by.
  if (isBounded && bytes > oldBytes) {
    if (!mayTake(blockBytes(bytes) - oldBytes)) return 0;
  }
  if (!DEBUG && resizeInPlace(ptr, oldBytes, bytes)) return ptr;
  const block = allocUnbounded(bytes);
  if (block) {
    memory.copy(block, ptr, min(oldBytes, bytes));
    free(ptr);
    return block;
  }
  if (bytes > oldBytes) return 0;
  if (oldBytes > SMALL_MAX) {
    // No small block was left, but most pages can go back.
    resizeRun(ptr, oldBytes, max(bytes, SMALL_MAX + 1));
  }
  return ptr;
}

function resizeInPlace(ptr: u32, oldBytes: u32, bytes: u32): bool {
  if (oldBytes > SMALL_MAX) {
    return bytes > SMALL_MAX && resizeRun(ptr, oldBytes, bytes);
  }
  return bytes <= SMALL_MAX && classBytes(classOf(bytes)) == oldBytes;
}

/** Whether a block in use may begin here; for proofs. Never traps. */
export function isBlock(ptr: u32): bool {
  const page = descriptorOf(ptr >>> PAGE_BITS);
  if (kindOf(page) == SLAB) return isSmall(page, ptr);
  return kindOf(page) == RUN && (ptr & (PAGE_BYTES - 1)) == 0;
}

// ------------------------------------------------------------------------ runs

function pagesFor(bytes: u32): u32 {
  return (bytes >>> PAGE_BITS) + <u32> ((bytes & (PAGE_BYTES - 1)) != 0);
}

function allocRun(bytes: u32): u32 {
  const pageCount = pagesFor(bytes);
  const page = obtainRun(pageCount);
  if (page == 0) return 0;
  const run = descriptorOf(page);
  store<u8>(run, RUN);
  store<u32>(run, pageCount, PAGE_COUNT);
  countLiveBytes(pageCount << PAGE_BITS);
  const ptr = page << PAGE_BITS;
  if (DEBUG) memory.fill(ptr, NEW_BYTE, pageCount << PAGE_BITS);
  return ptr;
}

function freeRun(page: u32, ptr: u32): void {
  assert(kindOf(page) == RUN && (ptr & (PAGE_BYTES - 1)) == 0);
  const runBytes = pageCountOf(page) << PAGE_BITS;
  if (DEBUG) memory.fill(ptr, FREED_BYTE, runBytes);
  countLiveBytes(-runBytes);
  returnRun(ptr >>> PAGE_BITS);
}

/** Whether the run could be given that many bytes where it is. */
function resizeRun(ptr: u32, oldBytes: u32, bytes: u32): bool {
  const page = ptr >>> PAGE_BITS;
  const oldCount = oldBytes >>> PAGE_BITS;
  const pageCount = pagesFor(bytes);
  if (pageCount > oldCount) {
    if (!extendRun(page, pageCount)) return false;
  } else if (pageCount < oldCount) {
    shrinkRun(page, pageCount);
  }
  countLiveBytes((pageCount - oldCount) << PAGE_BITS);
  return true;
}

// -------------------------------------------------------------------- accounts

/** The exact sum of what `usable` says of every block in use. */
export function usedBytes(): f64 {
  return <f64> liveByteCount();
}

/** Bytes of the pages that blocks and slabs lie in. */
export function activeBytes(): f64 {
  return <f64> pagesInUse * PAGE_BYTES;
}

/** Bytes of the whole memory, most of the page table and all tails included. */
export function reservedBytes(): f64 {
  return <f64> memory.size() * WASM_PAGE_BYTES;
}

// ----------------------------------------------------------------------- debug

/**
 * Debug build only: lets `count` allocations succeed and the ones after that
 * fail, until it is called again; -1 lets all succeed. So a test drives an
 * operation into every failure that it can meet.
 */
export function failAllocationsAfter(count: i32): void {
  failureCountdown = count;
}

function mustFail(): bool {
  if (failureCountdown > 0) failureCountdown--;
  else if (failureCountdown == 0) return true;
  return false;
}

/**
 * Proves every invariant of pages.ts and slabs.ts; the number of the broken
 * one, or 0. Costs a walk over the page table and over the free blocks.
 */
export function verifyAllocator(): i32 {
  const broken = verifyPages();
  return broken ? broken : verifySlabs();
}
