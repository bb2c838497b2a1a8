// The sets that a command of the algebra takes together.
//
//   sources ->  { u32 encoding, u32 value, u32 count } for each key that exists
//
// Few of them need no memory. They are valid until a set changes.

import { alloc, free } from "./allocator";
import { MISSING, OUT_OF_MEMORY } from "./codes";
import { readTyped, typedCode } from "./lookup";
import { entryEncoding, entryValue, TYPE_SET } from "./entry";
import { formCount } from "./set_form";

const HOME_COUNT: u32 = 32;
const SOURCE_BYTES: u32 = 12;
const VALUE: usize = 4;
const COUNT: usize = 8;
const homeSources: u32 = u32(memory.data(384));

let sources: u32 = 0;

/** How many of the keys exist. */
export let sourceCount: u32 = 0;
/** Whether some key, or the first one, does not exist. */
export let anyMissing: bool = false;
export let firstMissing: bool = false;

/** Looks `count` keys up, from argument `first` on: 0 or a code. */
export function openSources(db: u32, first: u32, count: u32): i32 {
  sources = count <= HOME_COUNT ? homeSources : alloc(count * SOURCE_BYTES);
  if (!sources) return OUT_OF_MEMORY;
  sourceCount = 0;
  firstMissing = false;
  for (let i: u32 = 0; i < count; i++) {
    const entry = readTyped(db, first + i, TYPE_SET);
    if (entry) {
      append(entryEncoding(entry), entryValue(entry));
    } else if (typedCode == MISSING) {
      if (i == 0) firstMissing = true;
    } else {
      closeSources();
      return typedCode;
    }
  }
  anyMissing = sourceCount != count;
  return 0;
}

export function closeSources(): void {
  if (sources != homeSources) free(sources);
}

function append(encoding: u32, value: u32): void {
  const source = sourceAt(sourceCount++);
  store<u32>(source, encoding);
  store<u32>(source, value, VALUE);
  store<u32>(source, formCount(encoding, value), COUNT);
}

// @ts-ignore: decorator
@inline
function sourceAt(index: u32): u32 {
  return sources + index * SOURCE_BYTES;
}

// @ts-ignore: decorator
@inline
export function sourceEncoding(index: u32): u32 {
  return load<u32>(sourceAt(index));
}

// @ts-ignore: decorator
@inline
export function sourceValue(index: u32): u32 {
  return load<u32>(sourceAt(index), VALUE);
}

/** How many members a source has. */
// @ts-ignore: decorator
@inline
export function sourceSize(index: u32): u32 {
  return load<u32>(sourceAt(index), COUNT);
}

/**
 * Brings the sources from an index on into the order of their sizes, the
 * largest first, and drops those that are the same set as one before. (A heap
 * sort: it needs no memory, and no order of keys makes it slow.)
 */
export function sortSources(from: u32): void {
  if (sourceCount - from < 2) return;
  const base = sourceAt(from);
  const count = sourceCount - from;
  for (let i = count >> 1; i-- > 0;) sink(base, i, count);
  for (let last = count - 1; last > 0; last--) {
    swap(base, base + last * SOURCE_BYTES);
    sink(base, 0, last);
  }
  let kept = from + 1;
  for (let i = from + 1; i < sourceCount; i++) {
    if (sourceValue(i) == sourceValue(kept - 1)) continue;
    memory.copy(sourceAt(kept), sourceAt(i), SOURCE_BYTES);
    kept++;
  }
  sourceCount = kept;
}

/** Lets an element of a heap, the smallest on top, go down to its place. */
function sink(base: u32, index: u32, count: u32): void {
  while (true) {
    let child: u32 = 2 * index + 1;
    if (child >= count) return;
    if (
      child + 1 < count &&
      rank(base + (child + 1) * SOURCE_BYTES) <
        rank(base + child * SOURCE_BYTES)
    ) child++;
    const at = base + index * SOURCE_BYTES;
    const childAt = base + child * SOURCE_BYTES;
    if (rank(at) <= rank(childAt)) return;
    swap(at, childAt);
    index = child;
  }
}

/** By size; equal ones by address, so that the same set comes together. */
// @ts-ignore: decorator
@inline
function rank(source: u32): u64 {
  return (u64(load<u32>(source, COUNT)) << 32) | load<u32>(source, VALUE);
}

function swap(a: u32, b: u32): void {
  for (let i: u32 = 0; i < SOURCE_BYTES; i += 4) {
    const word = load<u32>(a + i);
    store<u32>(a + i, load<u32>(b + i));
    store<u32>(b + i, word);
  }
}
