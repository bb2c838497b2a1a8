// Slabs: small blocks, cut from a few pages at a time.
//
// A slab is 4 to 16 pages cut into blocks of one size class. The descriptor of
// its first page (pages.ts):
//
//   +0   u8   SLAB, +1 u8 0, +2 u8 class: on its other pages too
//   +3   u8   1 when it is in its class's list
//   +4   u32  first free block, 0 if none; a free block begins with the next
//   +8   u32  previous slab of the list | carved block count
//   +12  u32  next slab of the list | used block count
//
// A slab begins a page, so its address leaves 12 bits for a count. Blocks are
// carved, that is linked free, a page at a time: what lies beyond the carved
// ones has never been touched and costs no RSS. A class's list holds the slabs
// that have free or uncarved blocks; its first one serves. A slab that fills up
// leaves the list when the next block is asked for. One that empties becomes
// the class's spare or, if there is one, gives its pages back.
//
// Classes: every 8 bytes to 128, above that 8 steps a doubling, to 16 KiB. The
// slab of a class is the smallest that has 4 blocks or more and loses at most
// 1/64 at its end: many blocks in a slab would keep its pages for one survivor,
// few would make and unmake slabs all the time (both were measured).
//
// Invariants (verifySlabs returns the number; 1 to 7 are pages.ts's):
//   8. a slab's class exists, it has the pages of its class, and
//      used <= carved <= the blocks that fit;
//   9. its free list holds carved - used of its own carved blocks, no other;
//  10. a slab that is not listed is full, or it is its class's spare;
//  11. a listed slab has a used block and is in its class's list, once, linked
//      both ways; `current` is the head, or the descriptor of page 0 if none;
//  12. a spare slab has no used block; a class has one at most;
//  13. liveBytes is the sum of the sizes of all blocks and runs in use.

import { DEBUG } from "./debug";
import {
  arenaEnd,
  arenaStart,
  BACK,
  CLASS,
  DESCRIPTOR_BITS,
  descriptorOf,
  growForRun,
  isArenaDescriptor,
  kindOf,
  markSlab,
  PAGE_BITS,
  PAGE_BYTES,
  pageOf,
  pagesOf,
  pageTable,
  returnSlab,
  RUN,
  SLAB,
  takeRun,
} from "./pages";

const LISTED: usize = 3;
const FREE_HEAD: usize = 4;
const PREVIOUS: u32 = 8;
const CARVED: usize = 8;
const NEXT: u32 = 12;
const USED: usize = 12;

/** The part of a word that counts; the rest is the address of a slab. */
const COUNT_MASK: u32 = PAGE_BYTES - 1;

/** Up to this many bytes a block comes from a slab. */
export const SMALL_MAX: u32 = 16384;
const FINE_MAX: u32 = 1024;
const FINE_BITS: u32 = 3;
const COARSE_BITS: u32 = 6;
const SLAB_PAGES_MIN: u32 = 4;
const SLAB_PAGES_MAX: u32 = 16;
const SLAB_BLOCKS_MIN: u32 = 4;
const SLAB_LOSS_SHIFT: u32 = 6;

// Look-up tables: the class of a size, by steps of 8 and of 64 bytes, and of
// each class the bytes of a block, pages and blocks of a slab, the current slab
// and the spare one. There are 72 classes.
const FINE_CLASSES: u32 = <u32> memory.data(136);
const COARSE_CLASSES: u32 = <u32> memory.data(264);
const CLASS_BYTES: u32 = <u32> memory.data(144);
const SLAB_PAGES: u32 = <u32> memory.data(72);
const SLAB_BLOCKS: u32 = <u32> memory.data(144);
const CURRENT: u32 = <u32> memory.data(288);
const SPARE: u32 = <u32> memory.data(288);

const ALIGN_MASK: u32 = 63;
/** What freed and new blocks are filled with in the debug build. */
export const FREED_BYTE: u8 = 0xdd;
export const NEW_BYTE: u8 = 0xcd;

export let classCount: u32 = 0;
let liveBytes: u32 = 0;

/** Sets the classes up. */
export function initSlabs(): void {
  for (let bytes: u32 = 8; bytes <= 128; bytes += 8) addClass(bytes);
  for (let base: u32 = 128; base < SMALL_MAX; base <<= 1) {
    for (let step: u32 = 1; step <= 8; step++) {
      addClass(base + (base >>> 3) * step);
    }
  }
}

function addClass(bytes: u32): void {
  const sizeClass = classCount++;
  const previous = sizeClass ? classBytes(sizeClass - 1) : 0;
  let pageCount = SLAB_PAGES_MIN;
  while (pageCount < SLAB_PAGES_MAX && isWasteful(bytes, pageCount)) {
    pageCount++;
  }
  store<u16>(CLASS_BYTES + (sizeClass << 1), bytes);
  store<u8>(SLAB_PAGES + sizeClass, pageCount);
  store<u16>(SLAB_BLOCKS + (sizeClass << 1), pageCount * PAGE_BYTES / bytes);
  store<u32>(CURRENT + (sizeClass << 2), pageTable());
  for (let i = previous; i < min(bytes, FINE_MAX); i += 8) {
    store<u8>(FINE_CLASSES + ((i + 8) >>> FINE_BITS), sizeClass);
  }
  for (let i = previous & ~63; i < bytes; i += 64) {
    store<u8>(COARSE_CLASSES + ((i + 64) >>> COARSE_BITS), sizeClass);
  }
}

/** Whether a slab of so many pages is too small for blocks of these bytes. */
function isWasteful(bytes: u32, pageCount: u32): bool {
  const slabBytes = pageCount << PAGE_BITS;
  return slabBytes / bytes < SLAB_BLOCKS_MIN ||
    slabBytes % bytes > slabBytes >>> SLAB_LOSS_SHIFT;
}

/** The class that serves so many bytes, at most SMALL_MAX. */
export function classOf(bytes: u32): u32 {
  return bytes <= FINE_MAX
    ? load<u8>(FINE_CLASSES + ((bytes + 7) >>> FINE_BITS))
    : load<u8>(COARSE_CLASSES + ((bytes + 63) >>> COARSE_BITS));
}

/** The bytes of a block of this class. */
export function classBytes(sizeClass: u32): u32 {
  return load<u16>(CLASS_BYTES + (sizeClass << 1));
}

function currentSlab(sizeClass: u32): u32 {
  return load<u32>(CURRENT + (sizeClass << 2));
}

function spareSlab(sizeClass: u32): u32 {
  return load<u32>(SPARE + (sizeClass << 2));
}

function setSpareSlab(sizeClass: u32, slab: u32): void {
  store<u32>(SPARE + (sizeClass << 2), slab);
}

/** The descriptor of the first page of the slab that this page is of. */
function headOf(descriptor: u32): u32 {
  return descriptor - (<u32> load<u8>(descriptor, BACK) << DESCRIPTOR_BITS);
}

/** Where a slab begins; 0 for the descriptor of page 0. */
function slabStart(slab: u32): u32 {
  return pageOf(slab) << PAGE_BITS;
}

/** The slab that a word names; the descriptor of page 0 if none. */
function slabIn(word: u32): u32 {
  return descriptorOf(word >>> PAGE_BITS);
}

export function usedCount(slab: u32): u32 {
  return load<u32>(slab, USED) & COUNT_MASK;
}

export function carvedCount(slab: u32): u32 {
  return load<u32>(slab, CARVED) & COUNT_MASK;
}

function slabPages(sizeClass: u32): u32 {
  return load<u8>(SLAB_PAGES + sizeClass);
}

export function slabBlocks(sizeClass: u32): u32 {
  return load<u16>(SLAB_BLOCKS + (sizeClass << 1));
}

/** The bytes of everything in use, blocks and runs. */
export function liveByteCount(): u32 {
  return liveBytes;
}

/** Runs count too: their owner says what comes and goes. */
export function countLiveBytes(difference: i32): void {
  liveBytes += difference;
}

// -------------------------------------------------------------- take and give

/** A block of this class, or 0 when there is no memory. O(1). */
// @ts-ignore: decorator
@inline
export function takeSmall(sizeClass: u32): u32 {
  const slab = currentSlab(sizeClass);
  const block = load<u32>(slab, FREE_HEAD);
  if (block == 0) return takeFromNext(sizeClass);
  return takeBlock(slab, block, sizeClass);
}

// @ts-ignore: decorator
@inline
function takeBlock(slab: u32, block: u32, sizeClass: u32): u32 {
  if (DEBUG) assert(isPoisoned(block, classBytes(sizeClass)));
  store<u32>(slab, load<u32>(block), FREE_HEAD);
  store<u32>(slab, load<u32>(slab, USED) + 1, USED);
  liveBytes += classBytes(sizeClass);
  if (DEBUG) memory.fill(block, NEW_BYTE, classBytes(sizeClass));
  return block;
}

/** Gives back a block that lies on the page with this descriptor. O(1). */
// @ts-ignore: decorator
@inline
export function giveSmall(page: u32, ptr: u32): void {
  const slab = headOf(page);
  const sizeClass = <u32> load<u8>(page, CLASS);
  if (DEBUG) poisonFreedBlock(slab, ptr, classBytes(sizeClass));
  liveBytes -= classBytes(sizeClass);
  const nextFree = load<u32>(slab, FREE_HEAD);
  store<u32>(ptr, nextFree);
  store<u32>(slab, ptr, FREE_HEAD);
  const used = load<u32>(slab, USED) - 1;
  store<u32>(slab, used, USED);
  // Only a slab that had no free block can be one that is not listed.
  if (nextFree == 0 || !(used & COUNT_MASK)) settleSlab(slab, sizeClass);
}

/** After a block came back to a slab that had no free one, or no other used. */
function settleSlab(slab: u32, sizeClass: u32): void {
  if (!load<u8>(slab, LISTED)) linkSlab(slab, sizeClass);
  if (usedCount(slab) == 0) retireSlab(slab, sizeClass);
}

/** A block when the current slab has none ready. */
function takeFromNext(sizeClass: u32): u32 {
  let slab = slabWithBlocks(sizeClass);
  if (slab == 0) slab = newSlab(sizeClass);
  if (slab) return takeBlock(slab, load<u32>(slab, FREE_HEAD), sizeClass);
  return borrowBlock(sizeClass);
}

/** Makes a slab that has a free block the current one; 0 if none has. */
function slabWithBlocks(sizeClass: u32): u32 {
  for (;;) {
    const slab = currentSlab(sizeClass);
    if (slab == pageTable()) break;
    if (load<u32>(slab, FREE_HEAD)) return slab;
    if (carvedCount(slab) < slabBlocks(sizeClass)) {
      carve(slab, sizeClass);
      return slab;
    }
    unlinkSlab(slab, sizeClass);
  }
  const spare = spareSlab(sizeClass);
  if (spare) {
    setSpareSlab(sizeClass, 0);
    linkSlab(spare, sizeClass);
  }
  return spare;
}

/** A new slab with its first blocks carved, listed; 0 when out of memory. */
function newSlab(sizeClass: u32): u32 {
  const pageCount = slabPages(sizeClass);
  const page = obtainRun(pageCount);
  if (page == 0) return 0;
  markSlab(page, pageCount, sizeClass);
  const slab = descriptorOf(page);
  linkSlab(slab, sizeClass);
  carve(slab, sizeClass);
  return slab;
}

/**
 * When no page is left: a block of at most twice the size, from a class that
 * has one and keeps the promise of alignment.
 */
function borrowBlock(sizeClass: u32): u32 {
  const bytes = classBytes(sizeClass);
  for (let other = sizeClass + 1; other < classCount; other++) {
    const otherBytes = classBytes(other);
    if (otherBytes > bytes << 1) break;
    if ((bytes & ALIGN_MASK) == 0 && otherBytes & ALIGN_MASK) continue;
    const slab = slabWithBlocks(other);
    if (slab) return takeBlock(slab, load<u32>(slab, FREE_HEAD), other);
  }
  return 0;
}

/** Links about a page of fresh blocks free, in the order of their addresses. */
function carve(slab: u32, sizeClass: u32): void {
  const blockBytes = classBytes(sizeClass);
  const carved = carvedCount(slab);
  const left = slabBlocks(sizeClass) - carved;
  const count = min(left, max(PAGE_BYTES / blockBytes, 1));
  const first = slabStart(slab) + carved * blockBytes;
  const last = first + (count - 1) * blockBytes;
  if (DEBUG) memory.fill(first, FREED_BYTE, count * blockBytes);
  for (let block = first; block < last; block += blockBytes) {
    store<u32>(block, block + blockBytes);
  }
  store<u32>(last, 0);
  store<u32>(slab, first, FREE_HEAD);
  store<u32>(slab, load<u32>(slab, CARVED) + count, CARVED);
}

/** Names another slab in a word and leaves its count. */
function setLink(slab: u32, link: u32, other: u32): void {
  const word = slab + link;
  store<u32>(word, (load<u32>(word) & COUNT_MASK) | slabStart(other));
}

/** Puts a slab that has blocks left in front of its class's list. */
function linkSlab(slab: u32, sizeClass: u32): void {
  const head = currentSlab(sizeClass);
  store<u8>(slab, 1, LISTED);
  setLink(slab, PREVIOUS, pageTable());
  setLink(slab, NEXT, head);
  if (head != pageTable()) setLink(head, PREVIOUS, slab);
  store<u32>(CURRENT + (sizeClass << 2), slab);
}

function unlinkSlab(slab: u32, sizeClass: u32): void {
  const previous = slabIn(load<u32>(slab, PREVIOUS));
  const next = slabIn(load<u32>(slab, NEXT));
  store<u8>(slab, 0, LISTED);
  if (next != pageTable()) setLink(next, PREVIOUS, previous);
  if (previous != pageTable()) setLink(previous, NEXT, next);
  else store<u32>(CURRENT + (sizeClass << 2), next);
}

/** The last block of a slab was freed: it becomes the spare, or free pages. */
function retireSlab(slab: u32, sizeClass: u32): void {
  unlinkSlab(slab, sizeClass);
  if (spareSlab(sizeClass)) returnSlab(pageOf(slab), slabPages(sizeClass));
  else setSpareSlab(sizeClass, slab);
}

/** Gives the pages of all spare slabs back. */
export function freeSpareSlabs(): void {
  for (let sizeClass: u32 = 0; sizeClass < classCount; sizeClass++) {
    const slab = spareSlab(sizeClass);
    if (slab == 0) continue;
    returnSlab(pageOf(slab), slabPages(sizeClass));
    setSpareSlab(sizeClass, 0);
  }
}

/** Free pages from wherever there are any; 0 when out of memory. */
export function obtainRun(pageCount: u32): u32 {
  let page = takeRun(pageCount);
  if (page) return page;
  freeSpareSlabs();
  page = takeRun(pageCount);
  if (page == 0 && growForRun(pageCount)) page = takeRun(pageCount);
  return page;
}

// ------------------------------------------------------------ debug and proofs

/** Whether a free block still holds what it was filled with. */
function isPoisoned(block: u32, blockBytes: u32): bool {
  for (let i: u32 = 4; i < blockBytes; i++) {
    if (load<u8>(block + i) != FREED_BYTE) return false;
  }
  return true;
}

function poisonFreedBlock(slab: u32, ptr: u32, blockBytes: u32): void {
  const offset = ptr - slabStart(slab);
  assert(offset % blockBytes == 0);
  assert(offset / blockBytes < carvedCount(slab));
  if (isPoisoned(ptr, blockBytes)) {
    let block = load<u32>(slab, FREE_HEAD);
    for (; block; block = load<u32>(block)) assert(block != ptr);
  }
  memory.fill(ptr, FREED_BYTE, blockBytes);
}

/** Whether a small block in use may begin here; `page` is of a slab. */
export function isSmall(page: u32, ptr: u32): bool {
  const slab = headOf(page);
  const sizeClass = <u32> load<u8>(slab, CLASS);
  if (sizeClass >= classCount) return false;
  const blockBytes = classBytes(sizeClass);
  const offset = ptr - slabStart(slab);
  return offset % blockBytes == 0 && offset / blockBytes < carvedCount(slab);
}

/** Proves invariants 8 to 13; the pages are proven already. */
export function verifySlabs(): i32 {
  let live: u32 = 0;
  let listedCount: u32 = 0;
  for (let page = arenaStart; page < arenaEnd;) {
    const descriptor = descriptorOf(page);
    const kind = kindOf(descriptor);
    const pageCount = pagesOf(descriptor);
    if (kind == SLAB) {
      const broken = verifySlab(descriptor, pageCount);
      if (broken) return broken;
      live += usedCount(descriptor) * classBytes(load<u8>(descriptor, CLASS));
      listedCount += load<u8>(descriptor, LISTED);
    } else if (kind == RUN) {
      live += pageCount << PAGE_BITS;
    }
    page += pageCount;
  }
  const broken = verifyLists(listedCount);
  if (broken) return broken;
  return live == liveBytes ? 0 : 13;
}

function verifySlab(slab: u32, pageCount: u32): i32 {
  const sizeClass = <u32> load<u8>(slab, CLASS);
  if (sizeClass >= classCount || slabPages(sizeClass) != pageCount) return 8;
  const blockBytes = classBytes(sizeClass);
  const carved = carvedCount(slab);
  const used = usedCount(slab);
  if (used > carved || carved > slabBlocks(sizeClass)) return 8;
  let freeCount: u32 = 0;
  let block = load<u32>(slab, FREE_HEAD);
  while (block) {
    const offset = block - slabStart(slab);
    if (offset >= carved * blockBytes || offset % blockBytes) return 9;
    if (++freeCount > carved - used) return 9;
    block = load<u32>(block);
  }
  if (freeCount != carved - used) return 9;
  if (load<u8>(slab, LISTED)) return used ? 0 : 11;
  return used == slabBlocks(sizeClass) || spareSlab(sizeClass) == slab ? 0 : 10;
}

/** As many slabs are in the lists, each linked both ways, as say so. */
function verifyLists(listedCount: u32): i32 {
  let linked: u32 = 0;
  for (let sizeClass: u32 = 0; sizeClass < classCount; sizeClass++) {
    let slab = currentSlab(sizeClass);
    let previous = pageTable();
    while (slab != pageTable()) {
      if (!isSlabOf(slab, sizeClass) || !load<u8>(slab, LISTED)) return 11;
      if (slabIn(load<u32>(slab, PREVIOUS)) != previous) return 11;
      if (++linked > listedCount) return 11;
      previous = slab;
      slab = slabIn(load<u32>(slab, NEXT));
    }
    const spare = spareSlab(sizeClass);
    if (spare == 0) continue;
    if (!isSlabOf(spare, sizeClass) || load<u8>(spare, LISTED)) return 12;
    if (usedCount(spare)) return 12;
  }
  return linked == listedCount ? 0 : 11;
}

/** Whether a link leads to the first page of a slab of this class. */
function isSlabOf(slab: u32, sizeClass: u32): bool {
  return isArenaDescriptor(slab) && kindOf(slab) == SLAB &&
    load<u8>(slab, BACK) == 0 && <u32> load<u8>(slab, CLASS) == sizeClass;
}
