// The expiry index: who is due when. A 4-ary min-heap on a segmented array.
//
//   slot      0 1 2 | 3 | 4 5 6 7 | 8 9 10 11 | ...
//   position   none | 0 | 1 2 3 4 | 5 6  7  8 | ...
//                root ^  ^ children of 0
//
//   element:  +0 f64 due time in ms, +8 u32 owner
//
// The children of position p are 4p + 1 to 4p + 4. Three unused slots at the
// front make them slots 4p + 4 to 4p + 7: four neighbours in one segment, found
// with one look into the directory.
//
// An owner knows its position, so that it is updated and removed without a
// search: the heap calls setHeapPosition (entry.ts) whenever it puts an owner
// somewhere. Bit 0 of an owner says of what kind it is; the heap passes it on.
//
// The control block (16 bytes, that of the segments) belongs to whoever embeds
// it and may be copied elsewhere. A position is void after the next insert,
// update or remove; the owner has the new one.
//
// Invariants (verifyExpiry returns the number; 1 to 5 are segments.ts's):
//   6. the unused slots exist if and only if anything was ever allocated;
//   7. no due time is NaN;
//   8. nobody is due before its parent;
//   9. every owner of kind 0 holds its position.

import { isBlock } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { heapPosition, setHeapPosition } from "./entry";
import {
  SEGMENTS_BYTES,
  segmentsAppend,
  segmentsAt,
  segmentsCount,
  segmentsFree,
  segmentsInit,
  segmentsPop,
  verifySegments,
} from "./segments";

/** Bytes of an element. */
export const ELEMENT_BYTES: u32 = 12;
const OWNER: usize = 8;
const UNUSED_SLOTS: u32 = 3;
const CHILD_BITS: u32 = 2;
const KIND_BIT: u32 = 1;
/** Bytes of a control block. */
export const HEAP_BYTES: u32 = SEGMENTS_BYTES;

/** Makes an empty heap. Allocates nothing. */
export function heapInit(heap: u32): void {
  segmentsInit(heap, ELEMENT_BYTES);
}

/** How many owners are in. */
export function heapSize(heap: u32): u32 {
  return max(segmentsCount(heap), UNUSED_SLOTS) - UNUSED_SLOTS;
}

/** Drops everything at once; owners keep positions that mean nothing. */
export function heapFree(heap: u32): void {
  segmentsFree(heap);
}

function slotAt(heap: u32, position: u32): u32 {
  return segmentsAt(heap, position + UNUSED_SLOTS, ELEMENT_BYTES);
}

function dueIn(slot: u32): f64 {
  return load<f64>(slot);
}

function ownerIn(slot: u32): u32 {
  return load<u32>(slot, OWNER);
}

function put(slot: u32, position: u32, due: f64, owner: u32): void {
  store<f64>(slot, due);
  store<u32>(slot, owner, OWNER);
  setHeapPosition(owner, position);
}

/** The earliest due time, Infinity when the heap is empty. O(1). */
export function heapFirstDue(heap: u32): f64 {
  return heapSize(heap) ? dueIn(slotAt(heap, 0)) : Infinity;
}

/** Who is due first; the heap must not be empty. O(1). */
export function heapFirstOwner(heap: u32): u32 {
  return heapAt(heap, 0);
}

/** Who is at this position, from 0 to size - 1; every owner is at one. O(1). */
export function heapAt(heap: u32, position: u32): u32 {
  assert(position < heapSize(heap));
  return ownerIn(slotAt(heap, position));
}

/** The due time at this position. O(1). */
export function heapDueAt(heap: u32, position: u32): f64 {
  assert(position < heapSize(heap));
  return dueIn(slotAt(heap, position));
}

/** Puts an owner in. 0, or OUT_OF_MEMORY with nothing changed. O(log n). */
export function heapInsert(heap: u32, due: f64, owner: u32): i32 {
  assert(due == due);
  // The first block has room for the unused slots and one element.
  while (segmentsCount(heap) < UNUSED_SLOTS) {
    if (segmentsAppend(heap) == 0) return OUT_OF_MEMORY;
  }
  const position = heapSize(heap);
  if (segmentsAppend(heap) == 0) return OUT_OF_MEMORY;
  siftUp(heap, position, due, owner);
  return 0;
}

/** Gives the owner at this position another due time. O(log n). */
export function heapUpdate(heap: u32, position: u32, due: f64): void {
  assert(due == due && position < heapSize(heap));
  const slot = slotAt(heap, position);
  const owner = ownerIn(slot);
  if (due >= dueIn(slot)) siftDown(heap, position, due, owner);
  else siftUp(heap, position, due, owner);
}

/** Takes out the owner at this position. Never fails. O(log n). */
export function heapRemove(heap: u32, position: u32): void {
  const last = heapSize(heap) - 1;
  assert(position <= last && last != 0xffffffff);
  const lastSlot = slotAt(heap, last);
  const due = dueIn(lastSlot);
  const owner = ownerIn(lastSlot);
  const oldDue = dueIn(slotAt(heap, position));
  segmentsPop(heap);
  if (position == last) return;
  if (due >= oldDue) siftDown(heap, position, due, owner);
  else siftUp(heap, position, due, owner);
}

/** The owner at this position has moved to another address. O(1). */
export function heapMoved(heap: u32, position: u32, newOwner: u32): void {
  assert(position < heapSize(heap));
  store<u32>(slotAt(heap, position), newOwner, OWNER);
  setHeapPosition(newOwner, position);
}

/** Puts an owner where it belongs, from a hole at `position` upwards. */
function siftUp(heap: u32, position: u32, due: f64, owner: u32): void {
  let slot = slotAt(heap, position);
  while (position) {
    const parent = (position - 1) >>> CHILD_BITS;
    const parentSlot = slotAt(heap, parent);
    const parentDue = dueIn(parentSlot);
    if (parentDue <= due) break;
    put(slot, position, parentDue, ownerIn(parentSlot));
    position = parent;
    slot = parentSlot;
  }
  put(slot, position, due, owner);
  if (!position && due < earliestDue) earliestDue = due;
}

/** The earliest due time that came first in any heap since the last take. */
let earliestDue: f64 = Infinity;

/** For whoever sets the alarm: when to look next, Infinity if not sooner. */
export function takeEarliestDue(): f64 {
  const due = earliestDue;
  earliestDue = Infinity;
  return due;
}

/** The same downwards. */
function siftDown(heap: u32, position: u32, due: f64, owner: u32): void {
  const size = heapSize(heap);
  let slot = slotAt(heap, position);
  for (;;) {
    const firstChild = (position << CHILD_BITS) + 1;
    if (firstChild >= size) break;
    const firstSlot = slotAt(heap, firstChild);
    const childCount = min(size - firstChild, 1 << CHILD_BITS);
    let child: u32 = 0;
    let childSlot = firstSlot;
    let childDue = dueIn(firstSlot);
    for (let i: u32 = 1; i < childCount; i++) {
      const otherSlot = firstSlot + i * ELEMENT_BYTES;
      const otherDue = dueIn(otherSlot);
      if (otherDue < childDue) {
        child = i;
        childSlot = otherSlot;
        childDue = otherDue;
      }
    }
    if (childDue >= due) break;
    put(slot, position, childDue, ownerIn(childSlot));
    position = firstChild + child;
    slot = childSlot;
  }
  put(slot, position, due, owner);
}

/** Proves the invariants; the number of the broken one, or 0. O(n). */
export function verifyExpiry(heap: u32): i32 {
  const broken = verifySegments(heap);
  if (broken) return broken;
  const slotCount = segmentsCount(heap);
  if (slotCount != 0 && slotCount < UNUSED_SLOTS) return 6;
  const size = heapSize(heap);
  for (let position: u32 = 0; position < size; position++) {
    const slot = slotAt(heap, position);
    const due = dueIn(slot);
    if (due != due) return 7;
    const parent = (position - 1) >>> CHILD_BITS;
    if (position && dueIn(slotAt(heap, parent)) > due) return 8;
    const owner = ownerIn(slot);
    if (owner & KIND_BIT) continue;
    if (!isBlock(owner) || heapPosition(owner) != position) return 9;
  }
  return 0;
}
