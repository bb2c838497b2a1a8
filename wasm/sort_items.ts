// The elements that SORT works on, as long as it runs.
//
//   items ->  { u32 ptr, u32 byteCount, u32 weightPtr, u32 weightBytes } | ...
//
// They point to where the bytes lie: nothing that SORT does moves or frees the
// value that it sorts, or one that it has taken a weight from. Bytes that lie
// in passing (an integer's digits, what was compressed) are copied to chunks,
// which are freed all together:
//
//   chunk ->  u32 previous chunk | bytes

import { alloc, free, usable } from "./allocator";

const PTR: usize = 0;
const BYTES: usize = 4;
const WEIGHT_PTR: usize = 8;
const WEIGHT_BYTES: usize = 12;
const ITEM_SHIFT: u32 = 4;
const ITEM_COUNT_MAX: u32 = 1 << 27;

const CHUNK_HEADER_BYTES: u32 = 4;
const CHUNK_BYTES: u32 = 4096 - 16;

let items: u32 = 0;
export let itemCount: u32 = 0;

let chunk: u32 = 0;
let chunkAt: u32 = 0;
let chunkLeft: u32 = 0;

/** Room for so many items; false without memory. */
export function openItems(capacity: u32): bool {
  itemCount = 0;
  chunk = 0;
  chunkLeft = 0;
  if (capacity > ITEM_COUNT_MAX) return false;
  items = alloc(max<u32>(capacity, 1) << ITEM_SHIFT);
  return items != 0;
}

export function closeItems(): void {
  if (items) free(items);
  items = 0;
  while (chunk) {
    const previous = load<u32>(chunk);
    free(chunk);
    chunk = previous;
  }
}

/** A copy of bytes that stays until the items are closed; 0 without memory. */
export function keepBytes(ptr: u32, byteCount: u32): u32 {
  if (byteCount > chunkLeft && !newChunk(byteCount)) return 0;
  const to = chunkAt;
  memory.copy(to, ptr, byteCount);
  chunkAt += byteCount;
  chunkLeft -= byteCount;
  return to;
}

function newChunk(byteCount: u32): bool {
  const wanted = max<u32>(byteCount + CHUNK_HEADER_BYTES, CHUNK_BYTES);
  const fresh = wanted > byteCount ? alloc(wanted) : 0;
  if (!fresh) return false;
  store<u32>(fresh, chunk);
  chunk = fresh;
  chunkAt = fresh + CHUNK_HEADER_BYTES;
  chunkLeft = usable(fresh) - CHUNK_HEADER_BYTES;
  return true;
}

/** Adds an element whose bytes stay where they are. */
// @ts-ignore: decorator
@inline
export function addItem(ptr: u32, byteCount: u32): void {
  const item = items + (itemCount << ITEM_SHIFT);
  store<u32>(item, ptr, PTR);
  store<u32>(item, byteCount, BYTES);
  itemCount++;
}

/** Adds one whose bytes do not; false without memory. */
export function addItemCopy(ptr: u32, byteCount: u32): bool {
  const kept = keepBytes(ptr, byteCount);
  if (kept) addItem(kept, byteCount);
  return kept != 0;
}

// @ts-ignore: decorator
@inline
export function itemPtr(index: u32): u32 {
  return load<u32>(items + (index << ITEM_SHIFT), PTR);
}

// @ts-ignore: decorator
@inline
export function itemBytes(index: u32): u32 {
  return load<u32>(items + (index << ITEM_SHIFT), BYTES);
}

/** The text that an item is sorted by; 0 when there is none. */
// @ts-ignore: decorator
@inline
export function weightPtr(index: u32): u32 {
  return load<u32>(items + (index << ITEM_SHIFT), WEIGHT_PTR);
}

// @ts-ignore: decorator
@inline
export function weightBytes(index: u32): u32 {
  return load<u32>(items + (index << ITEM_SHIFT), WEIGHT_BYTES);
}

// @ts-ignore: decorator
@inline
export function setWeight(index: u32, ptr: u32, byteCount: u32): void {
  const item = items + (index << ITEM_SHIFT);
  store<u32>(item, ptr, WEIGHT_PTR);
  store<u32>(item, byteCount, WEIGHT_BYTES);
}
