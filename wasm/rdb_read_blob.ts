// Deep checks of the blobs that RDB values are made of, before anything uses
// them: a listpack and an intset as bytes of a stranger. What passes keeps all
// invariants of listpack.ts and intset.ts.

import { alloc, free } from "./allocator";
import { hashBytes } from "./hash";
import { intsetAt } from "./intset";
import {
  COUNT,
  elementEquals,
  END,
  HEADER_BYTES,
  LISTPACK_BYTES_MAX,
  listpackBytes,
  listpackEnd,
  listpackFirst,
  listpackNext,
  readBytes,
  readElement,
  readInteger,
  readIsInteger,
  readPtr,
  UNKNOWN,
  viewElementBeside,
} from "./listpack";
import { listpackAppend, listpackInsertInteger } from "./listpack_edit";
import { parseInteger } from "./number";
import { FAULT_INTSET, FAULT_LISTPACK } from "./rdb_faults";
import { fail, failForMemory } from "./source";

/** How many elements the last `takeListpack` found. */
export let blobCount: u32 = 0;

/** Bytes of an element in front of `end`, 0 when it does not end there. */
function checkedBytes(ptr: u32, end: u32): u32 {
  const room = end - ptr;
  const first: u32 = load<u8>(ptr);
  let header: u32 = 1;
  let body: u64 = 1;
  if (first < 0x80) body = 1;
  else if (first < 0xc0) body = 1 + (first & 63);
  else if (first < 0xe0) body = 2;
  else if (first < 0xf0) {
    if (room < 2) return 0;
    header = 2;
    body = 2 + ((first & 15) << 8 | <u32> load<u8>(ptr, 1));
  } else if (first == 0xf0) {
    if (room < 5) return 0;
    header = 5;
    body = 5 + u64(load<u32>(ptr, 1));
  } else if (first == 0xf1) body = 3;
  else if (first == 0xf2) body = 4;
  else if (first == 0xf3) body = 5;
  else if (first == 0xf4) body = 9;
  else return 0;
  if (body > u64(room)) return 0;
  const back = backBytes(u32(body));
  if (u64(room) < body + back) return 0;
  if (!readsBackwards(ptr + u32(body), u32(body), back)) return 0;
  return u32(body) + back;
}

// @ts-ignore: decorator
@inline
function backBytes(body: u32): u32 {
  if (body < 1 << 7) return 1;
  return body < 1 << 14 ? 2 : body < 1 << 21 ? 3 : body < 1 << 28 ? 4 : 5;
}

/** Whether a body's length stands behind it as it should. */
function readsBackwards(ptr: u32, body: u32, byteCount: u32): bool {
  for (let i = byteCount - 1; i; i--) {
    if (<u32> load<u8>(ptr + i) != (body & 127 | 128)) return false;
    body >>= 7;
  }
  return <u32> load<u8>(ptr) == body;
}

/**
 * A listpack of our own with the elements of a blob: 0 with trouble. Elements
 * that are texts of integers become integers.
 */
export function takeListpack(ptr: u32, byteCount: u32): u32 {
  const hasTexts = walkListpack(ptr, byteCount);
  if (hasTexts < 0) {
    fail(FAULT_LISTPACK);
    return 0;
  }
  const lp = alloc(byteCount);
  if (!lp) {
    failForMemory();
    return 0;
  }
  memory.copy(lp, ptr, byteCount);
  return hasTexts ? normalised(lp) : lp;
}

/** 1 when texts of integers are in it, 0, or -1: it is no listpack. */
function walkListpack(ptr: u32, byteCount: u32): i32 {
  if (byteCount <= HEADER_BYTES || u64(byteCount) > LISTPACK_BYTES_MAX) {
    return -1;
  }
  if (load<u32>(ptr) != byteCount) return -1;
  const end = ptr + byteCount - 1;
  if (load<u8>(end) != END) return -1;
  let hasTexts = 0;
  let count: u32 = 0;
  for (let element = ptr + HEADER_BYTES; element != end; count++) {
    const bytes = checkedBytes(element, end);
    if (!bytes) return -1;
    readElement(element);
    if (!readIsInteger && parseInteger(readPtr, readBytes)) hasTexts = 1;
    element += bytes;
  }
  const said: u32 = load<u16>(ptr, COUNT);
  if (said != UNKNOWN && said != count) return -1;
  blobCount = count;
  return hasTexts;
}

/** The same elements as we write them; frees the old one. */
function normalised(old: u32): u32 {
  let lp = newSized(listpackBytes(old));
  for (let from = listpackFirst(old); lp && from;) {
    readElement(from);
    const grown = readIsInteger
      ? listpackInsertInteger(lp, listpackEnd(lp), readInteger)
      : listpackAppend(lp, readPtr, readBytes);
    if (!grown) free(lp);
    lp = grown;
    from = listpackNext(old, from);
  }
  free(old);
  if (!lp) failForMemory();
  return lp;
}

/** An empty listpack with room for so many bytes; 0 without memory. */
export function newSized(byteCount: u32): u32 {
  const lp = alloc(max(byteCount, HEADER_BYTES + 1));
  if (!lp) return 0;
  store<u32>(lp, HEADER_BYTES + 1);
  store<u16>(lp, 0, COUNT);
  store<u8>(lp, END, HEADER_BYTES);
  return lp;
}

// Uniqueness.

const SLOTS_HOME: u32 = 2048;
const slotsHome: u32 = u32(memory.data(8192, 8));
const leftDigits: u32 = u32(memory.data(24));

/**
 * Whether of a checked listpack's elements every `step`-th, from the first on,
 * is different from the others. False with trouble for want of memory.
 */
export function isUnique(lp: u32, count: u32, step: u32): bool {
  const slotCount: u32 = 2 << (32 - clz(count / step));
  const slots = slotCount <= SLOTS_HOME ? slotsHome : alloc(slotCount << 2);
  if (!slots) return failForMemory();
  memory.fill(slots, 0, slotCount << 2);
  let isSo = true;
  for (let element = listpackFirst(lp); element && isSo;) {
    isSo = putIn(slots, slotCount - 1, element);
    for (let left = step; left && element; left--) {
      element = listpackNext(lp, element);
    }
  }
  if (slots != slotsHome) free(slots);
  return isSo;
}

/** False when an equal element is in the slots. */
function putIn(slots: u32, mask: u32, element: u32): bool {
  viewElementBeside(element, leftDigits);
  const ptr = readPtr;
  const byteCount = readBytes;
  let slot = u32(hashBytes(ptr, byteCount)) & mask;
  while (true) {
    const place = slots + (slot << 2);
    const other = load<u32>(place);
    if (!other) {
      store<u32>(place, element);
      return true;
    }
    if (elementEquals(other, ptr, byteCount)) return false;
    slot = (slot + 1) & mask;
  }
}

// Intsets.

const INTSET_HEADER_BYTES: u32 = 8;

/** An intset of our own with the bytes of a blob: 0 with trouble. */
export function takeIntset(ptr: u32, byteCount: u32): u32 {
  if (!isIntset(ptr, byteCount)) {
    fail(FAULT_INTSET);
    return 0;
  }
  const set = alloc(byteCount);
  if (!set) {
    failForMemory();
    return 0;
  }
  memory.copy(set, ptr, byteCount);
  return set;
}

function isIntset(ptr: u32, byteCount: u32): bool {
  if (byteCount < INTSET_HEADER_BYTES) return false;
  const width = load<u32>(ptr);
  if (width != 2 && width != 4 && width != 8) return false;
  const count = load<u32>(ptr, 4);
  if (u64(count) * width + INTSET_HEADER_BYTES != u64(byteCount)) return false;
  for (let i: u32 = 1; i < count; i++) {
    if (intsetAt(ptr, i - 1) >= intsetAt(ptr, i)) return false;
  }
  return true;
}
