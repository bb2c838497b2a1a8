// The page pool: who uses which 4 KiB page of the linear memory.
//
//   | static data | page table, 16 MiB | arena, in pages ... | never handed out |
//                                      ^ arenaStart          ^ arenaEnd
//
// The table has one descriptor of 16 bytes for every page that the memory can
// ever have. It lies at a fixed place; what is not touched costs no RSS.
//
//   +0   u8   kind      INSIDE: no first page of anything (all 16 bytes are 0)
//   FREE      +4 u32 page count, +8 u32 previous, +12 u32 next descriptor of
//             the bin; the last page of a free run repeats kind and count
//   RUN       +4 u32 page count: a large block
//   SLAB      +1 u8 pages back to the slab's first one, +2 u8 class, on each of
//             its pages; the rest is the first one's, see slabs.ts
//
// Free runs hang in bins by page count, exact below 64 pages, four bins per
// doubling from there on. Two bit maps tell which bins hold a run.
//
// Invariants (verifyPages returns the number):
//   1. the arena is tiled without a gap by free runs, runs and slabs;
//   2. a page inside of a free run or a run has a descriptor of zeros;
//   3. both ends of a free run carry its page count, and no two free runs touch;
//   4. a free run hangs in its own bin, linked both ways, and nothing else does;
//   5. a bin's bit is set if and only if the bin holds a run;
//   6. the pages of a slab say how far its first one is, and its class;
//   7. pagesInUse counts the pages of runs and slabs.
//
// The last page below 4 GiB stays out of the arena: the address after a block
// always fits in 32 bits.

export const PAGE_BITS: u32 = 12;
export const PAGE_BYTES: u32 = 1 << PAGE_BITS;

const INSIDE: u32 = 0;
export const FREE: u32 = 1;
export const RUN: u32 = 2;
export const SLAB: u32 = 3;

export const DESCRIPTOR_BITS: u32 = 4;
const DESCRIPTOR_BYTES: u32 = 1 << DESCRIPTOR_BITS;
export const BACK: usize = 1;
export const CLASS: usize = 2;
export const PAGE_COUNT: usize = 4;
const PREVIOUS: usize = 8;
const NEXT: usize = 12;

const WASM_PAGE_BITS: u32 = 16;
export const WASM_PAGE_BYTES: u32 = 1 << WASM_PAGE_BITS;
const PAGES_PER_WASM_PAGE: u32 = 1 << (WASM_PAGE_BITS - PAGE_BITS);
const WASM_PAGE_COUNT_MAX: u32 = 65536;
const PAGE_COUNT_MAX: u32 = WASM_PAGE_COUNT_MAX * PAGES_PER_WASM_PAGE;
// One descriptor more than pages: the page after the last one is INSIDE.
const TABLE_BYTES: u32 = (PAGE_COUNT_MAX + 1) * DESCRIPTOR_BYTES;

// Memory grows by a sixteenth of itself, at least by 1 MiB.
const GROWTH_MIN: u32 = 16;
const GROWTH_SHIFT: u32 = 4;

const EXACT_BIN_COUNT: u32 = 64;
const EXACT_BIN_BITS: u32 = 6;
const BIN_COUNT: u32 = 120;
const NO_BIN: u32 = 0xffffffff;
const BINS: u32 = <u32> memory.data(480);
// A bin that is not exact is searched this far before a higher one serves.
const SEARCH_LIMIT: u32 = 32;

let binsLow: u64 = 0;
let binsHigh: u64 = 0;

/** First page of the arena. */
export let arenaStart: u32 = 0;
/** The page after the last one of the arena. */
export let arenaEnd: u32 = 0;
/** Pages of runs and slabs. */
export let pagesInUse: u32 = 0;
/** The memory may grow up to this many Wasm pages. */
let ceilingWasmPages: u32 = WASM_PAGE_COUNT_MAX;

/** The address of the page table; a constant after linking. */
export function pageTable(): u32 {
  return (<u32> __heap_base + 63) & ~63;
}

export function descriptorOf(page: u32): u32 {
  return pageTable() + (page << DESCRIPTOR_BITS);
}

export function pageOf(descriptor: u32): u32 {
  return (descriptor - pageTable()) >>> DESCRIPTOR_BITS;
}

export function kindOf(descriptor: u32): u32 {
  return load<u8>(descriptor);
}

export function pageCountOf(descriptor: u32): u32 {
  return load<u32>(descriptor, PAGE_COUNT);
}

/** Lays out table and arena; the memory grows as far as they need. */
export function initPages(): void {
  const tableEnd = pageTable() + TABLE_BYTES;
  const wasmPages = (tableEnd + WASM_PAGE_BYTES - 1) >>> WASM_PAGE_BITS;
  if (<u32> memory.size() < wasmPages) {
    const before = memory.grow(wasmPages - memory.size());
    assert(before >= 0);
  }
  arenaStart = wasmPages * PAGES_PER_WASM_PAGE;
  arenaEnd = arenaStart;
  adoptMemory();
}

/** No growth of the memory beyond this many bytes. */
export function setCeiling(bytes: f64): void {
  const wasmPages = Math.floor(bytes / WASM_PAGE_BYTES);
  ceilingWasmPages = wasmPages < WASM_PAGE_COUNT_MAX
    ? <u32> max<f64>(wasmPages, 0)
    : WASM_PAGE_COUNT_MAX;
}

// ---------------------------------------------------------------- free runs

function binOf(pageCount: u32): u32 {
  if (pageCount < EXACT_BIN_COUNT) return pageCount;
  const exponent: u32 = 31 - clz(pageCount);
  return EXACT_BIN_COUNT + ((exponent - EXACT_BIN_BITS) << 2) +
    ((pageCount >>> (exponent - 2)) & 3);
}

/** The first bin from this one on that holds a run. */
function nextUsedBin(from: u32): u32 {
  if (from < 64) {
    const low = binsLow & (~(<u64> 0) << from);
    if (low) return <u32> ctz(low);
    return binsHigh ? 64 + <u32> ctz(binsHigh) : NO_BIN;
  }
  if (from >= BIN_COUNT) return NO_BIN;
  const high = binsHigh & (~(<u64> 0) << (from - 64));
  return high ? 64 + <u32> ctz(high) : NO_BIN;
}

function setBinBit(bin: u32, used: bool): void {
  const bit = <u64> 1 << (bin & 63);
  if (bin < 64) {
    binsLow = used ? binsLow | bit : binsLow & ~bit;
  } else {
    binsHigh = used ? binsHigh | bit : binsHigh & ~bit;
  }
}

function binHead(bin: u32): u32 {
  return load<u32>(BINS + (bin << 2));
}

function clearDescriptor(descriptor: u32): void {
  store<u64>(descriptor, 0);
  store<u64>(descriptor, 0, 8);
}

/** Makes a free run of INSIDE pages; its neighbours must not be free. */
function linkFreeRun(page: u32, pageCount: u32): void {
  const first = descriptorOf(page);
  const last = descriptorOf(page + pageCount - 1);
  store<u8>(last, FREE);
  store<u32>(last, pageCount, PAGE_COUNT);
  store<u8>(first, FREE);
  store<u32>(first, pageCount, PAGE_COUNT);
  const bin = binOf(pageCount);
  const head = binHead(bin);
  store<u32>(first, 0, PREVIOUS);
  store<u32>(first, head, NEXT);
  if (head) store<u32>(head, first, PREVIOUS);
  else setBinBit(bin, true);
  store<u32>(BINS + (bin << 2), first);
}

/** Turns a free run into INSIDE pages. */
function unlinkFreeRun(first: u32): void {
  const pageCount = pageCountOf(first);
  const previous = load<u32>(first, PREVIOUS);
  const next = load<u32>(first, NEXT);
  if (next) store<u32>(next, previous, PREVIOUS);
  if (previous) {
    store<u32>(previous, next, NEXT);
  } else {
    const bin = binOf(pageCount);
    store<u32>(BINS + (bin << 2), next);
    if (!next) setBinBit(bin, false);
  }
  clearDescriptor(first);
  clearDescriptor(first + ((pageCount - 1) << DESCRIPTOR_BITS));
}

/** Makes INSIDE pages free, together with free neighbours. */
function freePages(page: u32, pageCount: u32): void {
  const after = descriptorOf(page + pageCount);
  if (kindOf(after) == FREE) {
    pageCount += pageCountOf(after);
    unlinkFreeRun(after);
  }
  // The page before is the last one of whatever lies there.
  const before = descriptorOf(page - 1);
  if (kindOf(before) == FREE) {
    const beforeCount = pageCountOf(before);
    page -= beforeCount;
    pageCount += beforeCount;
    unlinkFreeRun(descriptorOf(page));
  }
  linkFreeRun(page, pageCount);
}

/** Cuts the first pages off a free run. */
function takeFrom(first: u32, pageCount: u32): u32 {
  const page = pageOf(first);
  const rest = pageCountOf(first) - pageCount;
  unlinkFreeRun(first);
  if (rest) linkFreeRun(page + pageCount, rest);
  pagesInUse += pageCount;
  return page;
}

// ----------------------------------------------------------- take and return

/**
 * Takes a run of pages from what is free already. Returns its first page, or
 * 0. The descriptors are INSIDE, the caller says what the run is. O(1).
 */
export function takeRun(pageCount: u32): u32 {
  let bin = binOf(pageCount);
  // What 32 bits can ask for is up to one page more than a bin is there for.
  if (bin >= BIN_COUNT) return 0;
  if (bin >= EXACT_BIN_COUNT) {
    let run = binHead(bin);
    for (let i: u32 = 0; run && i < SEARCH_LIMIT; i++) {
      if (pageCountOf(run) >= pageCount) return takeFrom(run, pageCount);
      run = load<u32>(run, NEXT);
    }
    bin++;
  }
  bin = nextUsedBin(bin);
  return bin == NO_BIN ? 0 : takeFrom(binHead(bin), pageCount);
}

/** Makes a slab of pages just taken. */
export function markSlab(page: u32, pageCount: u32, sizeClass: u32): void {
  let descriptor = descriptorOf(page);
  for (let back: u32 = 0; back < pageCount; back++) {
    store<u8>(descriptor, SLAB);
    store<u8>(descriptor, back, BACK);
    store<u8>(descriptor, sizeClass, CLASS);
    descriptor += DESCRIPTOR_BYTES;
  }
}

/** Gives the pages of a slab back. */
export function returnSlab(page: u32, pageCount: u32): void {
  const first = descriptorOf(page);
  memory.fill(first, 0, pageCount << DESCRIPTOR_BITS);
  pagesInUse -= pageCount;
  freePages(page, pageCount);
}

/** Gives the pages of a run back. */
export function returnRun(page: u32): void {
  const descriptor = descriptorOf(page);
  const pageCount = pageCountOf(descriptor);
  clearDescriptor(descriptor);
  pagesInUse -= pageCount;
  freePages(page, pageCount);
}

/** Gives back the pages of a run beyond `keepCount`. */
export function shrinkRun(page: u32, keepCount: u32): void {
  const descriptor = descriptorOf(page);
  const surplus = pageCountOf(descriptor) - keepCount;
  store<u32>(descriptor, keepCount, PAGE_COUNT);
  pagesInUse -= surplus;
  freePages(page + keepCount, surplus);
}

/** Grows a run in place, into a free neighbour or new memory, if it can. */
export function extendRun(page: u32, pageCount: u32): bool {
  const descriptor = descriptorOf(page);
  const oldCount = pageCountOf(descriptor);
  const missing = pageCount - oldCount;
  const neighbour = descriptorOf(page + oldCount);
  let available: u32 = 0;
  if (kindOf(neighbour) == FREE) available = pageCountOf(neighbour);
  if (available < missing) {
    if (page + oldCount + available != arenaEnd) return false;
    if (!growArena(missing - available)) return false;
  }
  takeFrom(neighbour, missing);
  store<u32>(descriptor, pageCount, PAGE_COUNT);
  return true;
}

/** Whether new memory made room for a run of this many pages. */
export function growForRun(pageCount: u32): bool {
  const last = descriptorOf(arenaEnd - 1);
  // The page before an empty arena belongs to the table and is INSIDE.
  const tail = kindOf(last) == FREE ? pageCountOf(last) : 0;
  return growArena(tail < pageCount ? pageCount - tail : 1);
}

/** Adds at least this many pages to the end of the arena, free. */
function growArena(pageCount: u32): bool {
  const size = <u32> memory.size();
  if (size >= ceilingWasmPages) return false;
  const room = ceilingWasmPages - size;
  const endMax = min(
    ceilingWasmPages * PAGES_PER_WASM_PAGE,
    PAGE_COUNT_MAX - 1,
  );
  if (pageCount > endMax - arenaEnd) return false;
  const needed = (pageCount + PAGES_PER_WASM_PAGE - 1) / PAGES_PER_WASM_PAGE;
  const wanted = min(room, max(needed, max(GROWTH_MIN, size >>> GROWTH_SHIFT)));
  if (memory.grow(wanted) < 0 && memory.grow(needed) < 0) return false;
  adoptMemory();
  return true;
}

/** Puts memory that the arena does not cover yet at its end. */
function adoptMemory(): void {
  const end = min(
    <u32> memory.size() * PAGES_PER_WASM_PAGE,
    PAGE_COUNT_MAX - 1,
  );
  if (end <= arenaEnd) return;
  const first = arenaEnd;
  arenaEnd = end;
  freePages(first, end - first);
}

// -------------------------------------------------------------------- verify

/** Proves the invariants; the number of the broken one, or 0. O(pages). */
export function verifyPages(): i32 {
  let page = arenaStart;
  let inUse: u32 = 0;
  let freeRunCount: u32 = 0;
  let wasFree = false;
  while (page < arenaEnd) {
    const descriptor = descriptorOf(page);
    const kind = kindOf(descriptor);
    if (kind == INSIDE || kind > SLAB) return 1;
    const isFree = kind == FREE;
    if (kind == SLAB && load<u8>(descriptor, BACK)) return 6;
    const pageCount = pagesOf(descriptor);
    if (pageCount == 0 || pageCount > arenaEnd - page) return 1;
    if (kind != SLAB && !insideIsClear(descriptor, pageCount, isFree)) return 2;
    if (isFree) {
      const last = descriptorOf(page + pageCount - 1);
      if (wasFree || kindOf(last) != FREE) return 3;
      if (pageCountOf(last) != pageCount) return 3;
      freeRunCount++;
    } else {
      inUse += pageCount;
    }
    wasFree = isFree;
    page += pageCount;
  }
  const broken = verifyBins(freeRunCount);
  if (broken) return broken;
  return inUse == pagesInUse ? 0 : 7;
}

/** How many pages belong to what begins here. */
export function pagesOf(first: u32): u32 {
  if (kindOf(first) != SLAB) return pageCountOf(first);
  const word = load<u32>(first) & 0xffffff;
  const end = descriptorOf(arenaEnd);
  let pageCount: u32 = 1;
  let rest = first + DESCRIPTOR_BYTES;
  // The same kind and class, and one page more to go back each time.
  while (
    rest < end && load<u64>(rest) == <u64> (word + (pageCount << 8)) &&
    load<u64>(rest, 8) == 0
  ) {
    pageCount++;
    rest += DESCRIPTOR_BYTES;
  }
  return pageCount;
}

function insideIsClear(first: u32, pageCount: u32, isFree: bool): bool {
  const end = first + ((isFree ? pageCount - 1 : pageCount) << DESCRIPTOR_BITS);
  for (
    let inside = first + DESCRIPTOR_BYTES;
    inside < end;
    inside += DESCRIPTOR_BYTES
  ) {
    if (load<u64>(inside) | load<u64>(inside, 8)) return false;
  }
  return true;
}

function verifyBins(freeRunCount: u32): i32 {
  let linked: u32 = 0;
  for (let bin: u32 = 0; bin < BIN_COUNT; bin++) {
    const bits = bin < 64 ? binsLow : binsHigh;
    const isMarked = ((bits >>> (bin & 63)) & 1) != 0;
    let run = binHead(bin);
    if (isMarked != (run != 0)) return 5;
    let previous: u32 = 0;
    while (run) {
      if (!isArenaDescriptor(run) || kindOf(run) != FREE) return 4;
      if (binOf(pageCountOf(run)) != bin) return 4;
      if (load<u32>(run, PREVIOUS) != previous) return 4;
      // A ring would never end; there are not more links than runs.
      if (++linked > freeRunCount) return 4;
      previous = run;
      run = load<u32>(run, NEXT);
    }
  }
  return linked == freeRunCount ? 0 : 4;
}

/** Whether a number may be followed as a link to a descriptor. */
export function isArenaDescriptor(descriptor: u32): bool {
  return (descriptor & (DESCRIPTOR_BYTES - 1)) == 0 &&
    descriptor >= descriptorOf(arenaStart) &&
    descriptor < descriptorOf(arenaEnd);
}
