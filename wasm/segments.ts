// A segmented array: elements of one size, grown and shrunk at the end without
// ever copying more than one segment.
//
//   control (16 bytes)     directory            segments
//   +0  u32 directory  ->  [ u32, u32, ... ] -> [ element, element, ... ]
//   +4  u32 element count                    -> [ element, ...          ]
//   +8  u32 capacity, in elements
//   +12 u16 element bytes
//   +14 u16 segment bits: a full segment has 2^bits elements
//
// A full segment has as many elements as fit in 64 KiB, rounded down to a
// power of two: 1024 of 64 bytes, 4096 of 12 or of 16. Up to one segment the
// array is a single block that doubles and halves. Beyond, whole segments come
// and go; one goes when it and half of the one before are empty, so that an
// array that sways around a border does not allocate on each step.
//
// Elements are aligned as the allocator promises: to 64 bytes if their size is
// a multiple of 64. The control block belongs to whoever embeds it and may be
// copied to another place; directory and segments belong to it. An address of
// an element is void after the next append, pop or free.
//
// Invariants (verifySegments returns the number):
//   1. the element size is 1 to 65536 - 1 and the segment bits follow from it;
//   2. count <= capacity; without a directory both are 0;
//   3. capacity is a power of two up to a segment, a multiple of one beyond;
//   4. the directory is a block with room for all segments;
//   5. each segment is a block with room for its elements, aligned as promised.

import { alloc, free, isBlock, resize, usable } from "./allocator";

const DIRECTORY: usize = 0;
const COUNT: usize = 4;
const CAPACITY: usize = 8;
const ELEMENT_BYTES: usize = 12;
const SEGMENT_BITS: usize = 14;
/** Bytes of a control block. */
export const SEGMENTS_BYTES: u32 = 16;

const SEGMENT_BYTES_MAX: u32 = 65536;
const FIRST_BLOCK_BYTES: u32 = 64;
const LINK_BITS: u32 = 2;
const DIRECTORY_BYTES_MIN: u32 = 8;

/** The power of two of how many elements a full segment has. */
function segmentBitsFor(elementBytes: u32): u32 {
  return 31 - clz(SEGMENT_BYTES_MAX / elementBytes);
}

function directoryOf(control: u32): u32 {
  return load<u32>(control, DIRECTORY);
}

function capacityOf(control: u32): u32 {
  return load<u32>(control, CAPACITY);
}

function elementBytesOf(control: u32): u32 {
  return load<u16>(control, ELEMENT_BYTES);
}

/** How many elements a full segment has. */
function segmentCapacityOf(control: u32): u32 {
  return 1 << <u32> load<u16>(control, SEGMENT_BITS);
}

function segmentCountOf(control: u32): u32 {
  return (capacityOf(control) + segmentCapacityOf(control) - 1) >>>
    <u32> load<u16>(control, SEGMENT_BITS);
}

/** How many elements the smallest block has. */
function firstCapacity(elementBytes: u32): u32 {
  if (elementBytes >= FIRST_BLOCK_BYTES) return 1;
  return 1 << (31 - clz(FIRST_BLOCK_BYTES / elementBytes));
}

/** Makes an empty array. Allocates nothing. */
export function segmentsInit(control: u32, elementBytes: u32): void {
  assert(elementBytes > 0 && elementBytes < SEGMENT_BYTES_MAX);
  store<u64>(control, 0);
  store<u32>(control, 0, CAPACITY);
  store<u16>(control, elementBytes, ELEMENT_BYTES);
  store<u16>(control, segmentBitsFor(elementBytes), SEGMENT_BITS);
}

/** How many elements there are. */
export function segmentsCount(control: u32): u32 {
  return load<u32>(control, COUNT);
}

/**
 * The address of the element at `index`, which must exist. `elementBytes` is
 * that of segmentsInit: as a constant it leaves two loads and some shifts.
 */
export function segmentsAt(
  control: u32,
  index: u32,
  elementBytes: u32,
): u32 {
  const bits = segmentBitsFor(elementBytes);
  return load<u32>(directoryOf(control) + (index >>> bits << LINK_BITS)) +
    (index & ((1 << bits) - 1)) * elementBytes;
}

/** Adds an element, not filled in; its address, or 0 when out of memory. */
export function segmentsAppend(control: u32): u32 {
  const count = segmentsCount(control);
  if (count == capacityOf(control) && !grow(control)) return 0;
  store<u32>(control, count + 1, COUNT);
  const bits = <u32> load<u16>(control, SEGMENT_BITS);
  return load<u32>(directoryOf(control) + (count >>> bits << LINK_BITS)) +
    (count & ((1 << bits) - 1)) * elementBytesOf(control);
}

/** Removes the last element. Never fails. */
export function segmentsPop(control: u32): void {
  assert(segmentsCount(control) > 0);
  const count = segmentsCount(control) - 1;
  store<u32>(control, count, COUNT);
  const capacity = capacityOf(control);
  const full = segmentCapacityOf(control);
  if (capacity > full) {
    if (count + full + (full >>> 1) <= capacity) dropSegment(control);
  } else if (count << 2 <= capacity) {
    halve(control);
  }
}

/** Gives everything back; the array is empty then, as after segmentsInit. */
export function segmentsFree(control: u32): void {
  const directory = directoryOf(control);
  if (directory == 0) return;
  const end = directory + (segmentCountOf(control) << LINK_BITS);
  for (let link = directory; link < end; link += 1 << LINK_BITS) {
    free(load<u32>(link));
  }
  free(directory);
  store<u64>(control, 0);
  store<u32>(control, 0, CAPACITY);
}

/** Bytes of all its blocks, without the control block. */
export function segmentsBytes(control: u32): f64 {
  const directory = directoryOf(control);
  if (directory == 0) return 0;
  return f64(usable(directory)) +
    f64(capacityOf(control)) * f64(elementBytesOf(control));
}

/** About how many bytes it grows by when it is full. */
export function segmentsStep(control: u32): u32 {
  return min(max(capacityOf(control), 1), segmentCapacityOf(control)) *
    elementBytesOf(control);
}

/** Makes room for at least one more element; false leaves all as it was. */
function grow(control: u32): bool {
  const capacity = capacityOf(control);
  if (capacity == 0) return growFirst(control);
  if (capacity >= segmentCapacityOf(control)) return addSegment(control);
  return setBlockCapacity(control, capacity << 1);
}

function growFirst(control: u32): bool {
  const elementBytes = elementBytesOf(control);
  const capacity = firstCapacity(elementBytes);
  const directory = alloc(DIRECTORY_BYTES_MIN);
  if (directory == 0) return false;
  const block = alloc(capacity * elementBytes);
  if (block == 0) {
    free(directory);
    return false;
  }
  store<u32>(directory, block);
  store<u32>(control, directory, DIRECTORY);
  store<u32>(control, capacity, CAPACITY);
  return true;
}

/** Gives the only block another size; to shrink it never fails. */
function setBlockCapacity(control: u32, capacity: u32): bool {
  const directory = directoryOf(control);
  const block = resize(
    load<u32>(directory),
    capacity * elementBytesOf(control),
  );
  if (block == 0) return false;
  store<u32>(directory, block);
  store<u32>(control, capacity, CAPACITY);
  return true;
}

function halve(control: u32): void {
  const capacity = capacityOf(control) >>> 1;
  if (capacity < firstCapacity(elementBytesOf(control))) return;
  setBlockCapacity(control, capacity);
}

function addSegment(control: u32): bool {
  const full = segmentCapacityOf(control);
  const end = segmentCountOf(control) << LINK_BITS;
  let directory = directoryOf(control);
  if (end == usable(directory)) {
    directory = resize(directory, end << 1);
    if (directory == 0) return false;
    store<u32>(control, directory, DIRECTORY);
  }
  const segment = alloc(full * elementBytesOf(control));
  if (segment == 0) return false;
  store<u32>(directory + end, segment);
  store<u32>(control, capacityOf(control) + full, CAPACITY);
  return true;
}

function dropSegment(control: u32): void {
  const directory = directoryOf(control);
  const end = (segmentCountOf(control) - 1) << LINK_BITS;
  free(load<u32>(directory + end));
  store<u32>(
    control,
    capacityOf(control) - segmentCapacityOf(control),
    CAPACITY,
  );
  const directoryBytes = usable(directory);
  if (directoryBytes > DIRECTORY_BYTES_MIN && end << 2 <= directoryBytes) {
    store<u32>(control, resize(directory, directoryBytes >>> 1), DIRECTORY);
  }
}

/** Proves the invariants; the number of the broken one, or 0. O(segments). */
export function verifySegments(control: u32): i32 {
  const elementBytes = elementBytesOf(control);
  if (elementBytes == 0) return 1;
  if (load<u16>(control, SEGMENT_BITS) != segmentBitsFor(elementBytes)) {
    return 1;
  }
  const capacity = capacityOf(control);
  if (segmentsCount(control) > capacity) return 2;
  const directory = directoryOf(control);
  if (directory == 0) return capacity == 0 ? 0 : 2;
  const full = segmentCapacityOf(control);
  const step = capacity > full ? full : firstCapacity(elementBytes);
  if (capacity == 0 || capacity & (step - 1)) return 3;
  if (capacity < full && popcnt(capacity) != 1) return 3;
  if (!isBlock(directory)) return 4;
  const end = segmentCountOf(control) << LINK_BITS;
  if (usable(directory) < end) return 4;
  const blockBytes = min(capacity, full) * elementBytes;
  for (let offset: u32 = 0; offset < end; offset += 1 << LINK_BITS) {
    const segment = load<u32>(directory + offset);
    if (!isBlock(segment) || usable(segment) < blockBytes) return 5;
    if (elementBytes & 63 || !(segment & 63)) continue;
    return 5;
  }
  return 0;
}
