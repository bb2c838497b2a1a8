// MEMORY MALLOC-STATS: who uses the pages, and how full the slabs are. A walk
// over the page table, O(pages), that changes nothing.
//
//   words (u32): class count | runs | pages of runs | free runs | free pages |
//                pages of the largest free run | pages of slabs | 0
//   then for each size class: block bytes | slabs | blocks that fit |
//                carved blocks | used blocks

import {
  arenaEnd,
  arenaStart,
  CLASS,
  descriptorOf,
  FREE,
  kindOf,
  PAGE_BYTES,
  pagesOf,
  pageTable,
  RUN,
} from "./pages";
import {
  carvedCount,
  classBytes,
  classCount,
  slabBlocks,
  usedCount,
} from "./slabs";

const HEAD_WORDS: u32 = 8;
const CLASS_WORDS: u32 = 5;
const CLASS_COUNT_MAX: u32 = 72;
const WORD_COUNT: u32 = HEAD_WORDS + CLASS_COUNT_MAX * CLASS_WORDS;
const words: u32 = u32(memory.data(1472, 8));

function add(word: u32, amount: u32): void {
  const at = words + (word << 2);
  store<u32>(at, load<u32>(at) + amount);
}

/** Counts; `censusWord` then gives the figures. */
export function takeCensus(): void {
  assert(classCount <= CLASS_COUNT_MAX);
  memory.fill(words, 0, WORD_COUNT << 2);
  add(0, classCount);
  for (let page = arenaStart; page < arenaEnd;) {
    const first = descriptorOf(page);
    const pageCount = pagesOf(first);
    countPages(first, pageCount);
    page += pageCount;
  }
  for (let sizeClass: u32 = 0; sizeClass < classCount; sizeClass++) {
    add(HEAD_WORDS + sizeClass * CLASS_WORDS, classBytes(sizeClass));
  }
}

function countPages(first: u32, pageCount: u32): void {
  const kind = kindOf(first);
  if (kind == RUN) {
    add(1, 1);
    add(2, pageCount);
  } else if (kind == FREE) {
    add(3, 1);
    add(4, pageCount);
    const largest = words + (5 << 2);
    store<u32>(largest, max(load<u32>(largest), pageCount));
  } else {
    add(6, pageCount);
    const sizeClass = <u32> load<u8>(first, CLASS);
    const word = HEAD_WORDS + sizeClass * CLASS_WORDS;
    add(word + 1, 1);
    add(word + 2, slabBlocks(sizeClass));
    add(word + 3, carvedCount(first));
    add(word + 4, usedCount(first));
  }
}

export function censusWord(index: u32): u32 {
  assert(index < WORD_COUNT);
  return load<u32>(words + (index << 2));
}

/**
 * Bytes of the memory that may have been touched: the arena, what lies before
 * the page table and the part of the table that describes the arena. The rest
 * of the table costs address space only.
 */
export function touchedBytes(): f64 {
  const arenaBytes = f64(arenaEnd - arenaStart) * PAGE_BYTES;
  const tableBytes = descriptorOf(arenaEnd) - descriptorOf(arenaStart);
  return f64(pageTable()) + f64(tableBytes) + arenaBytes;
}
