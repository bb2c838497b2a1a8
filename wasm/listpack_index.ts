// An index of a listpack's elements by their bytes, for whoever looks up many
// of them while nothing changes.
//
//   +0  u32 mask: slots - 1
//   +4  slots: u32 address of an element, 0 when free
//
// Open-addressed, and at most half full.

import { alloc } from "./allocator";
import { hashBytes } from "./hash";
import {
  elementEquals,
  listpackCount,
  listpackFirst,
  listpackNext,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
} from "./listpack";
import { formatInteger } from "./number";

const SLOTS: u32 = 4;

/** Not viewElement's: the caller may be looking at an element there. */
const integerText: u32 = u32(memory.data(24));

/**
 * Makes the index of every `step`-th element from the first one on; 0 without
 * memory. The caller frees it.
 */
export function newListpackIndex(lp: u32, step: u32): u32 {
  const count = max(listpackCount(lp) / step, 1);
  const slotCount: u32 = 2 << (32 - clz(count));
  const index = alloc(SLOTS + (slotCount << 2));
  if (!index) return 0;
  memory.fill(index + SLOTS, 0, slotCount << 2);
  store<u32>(index, slotCount - 1);
  let at = listpackFirst(lp);
  while (at) {
    putIn(index, at, hashOf(at));
    for (let left = step; left && at; left--) at = listpackNext(lp, at);
  }
  return index;
}

function hashOf(element: u32): u32 {
  readElement(element);
  if (!readIsInteger) return u32(hashBytes(readPtr, readBytes));
  const byteCount = formatInteger(integerText, readInteger);
  return u32(hashBytes(integerText, byteCount));
}

function putIn(index: u32, element: u32, hash: u32): void {
  const mask = load<u32>(index);
  let slot = hash & mask;
  while (load<u32>(index + SLOTS + (slot << 2))) slot = (slot + 1) & mask;
  store<u32>(index + SLOTS + (slot << 2), element);
}

/** The address of the element with these bytes, or 0. */
export function findInIndex(index: u32, ptr: u32, byteCount: u32): u32 {
  const mask = load<u32>(index);
  let slot = u32(hashBytes(ptr, byteCount)) & mask;
  while (true) {
    const element = load<u32>(index + SLOTS + (slot << 2));
    if (!element || elementEquals(element, ptr, byteCount)) return element;
    slot = (slot + 1) & mask;
  }
}
