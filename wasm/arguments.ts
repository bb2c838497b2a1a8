// The arguments of the current command.
//
//   argTable ->  record 0 | record 1 | ...   record: { u32 ptr, u32 byteCount }
//
// Records 0 .. argCount - 1 were parsed, the next `pushedCount` were appended
// by a handler. A command of usual size fits the home table, which is static,
// so that such a command can never fail for want of memory; a larger one gets a
// table from the allocator, which goes back before the next command.
//
//   ownedTable ->  { u32 argIndex, u32 block } | ...       ascending argIndex
//
// A big argument that arrived in several chunks lies in a block of its own,
// { u32 byteCount; bytes }, and so does what a handler computes (`pushBlock`).
// It is the form of the engine's raw string block, so that a handler may keep
// it without copying (`takeArgument`).
//
// Invariants: 1. argTable is the home table if and only if argCapacity is
// HOME_CAPACITY; 2. argCount + pushedCount <= argCapacity; 3. an owned record
// names an argument that points behind its block's header and has its length;
// 4. owned records ascend, and ownedBytes is the sum of their blocks' bytes;
// 5. `mustRelease` is set if and only if a table came from the allocator; 6. a
// saved argument that is not owned lies in the bytes that were saved with it.
//
// Bytes that are not owned belong to the input (see input.ts) and are valid
// until the next parse; so is everything here.

import { alloc, free, resize } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";

/** The number of arguments a command can have without any allocation. */
const HOME_CAPACITY: u32 = 1024;
const HOME_TABLE: u32 = u32(memory.data(8192, 8));
export const RECORD_BYTES: u32 = 8;
const RECORD_SHIFT: u32 = 3;
const CAPACITY_MAX: u32 = 1 << 28;
const LENGTH: usize = 4;

/** How many arguments were parsed. */
export let argCount: u32 = 0;
/** How many records were appended behind the parsed ones. */
let pushedCount: u32 = 0;
/** The address of record 0. Pushing an argument may change it. */
export let argTable: u32 = HOME_TABLE;
/** How many records the table has room for. */
export let argCapacity: u32 = HOME_CAPACITY;
/** True when `releaseArguments` has something to give back. */
export let mustRelease: bool = false;

/** From this length on, an argument may get a block of its own. */
export const BIG_ARGUMENT_BYTES: u32 = 32768;
/** The header of an owned block. */
export const BLOCK_HEADER_BYTES: u32 = 4;
const OWNED_BYTES: u32 = 8;
const OWNED_BLOCK: usize = 4;
const OWNED_FIRST_CAPACITY: u32 = 4;

let ownedTable: u32 = 0;
let ownedCount: u32 = 0;
let ownedCapacity: u32 = 0;

/** How many bytes the blocks of big arguments hold that nobody took. */
export let ownedBytes: u32 = 0;

// A saved set of arguments (see saveArguments).
const SAVED_TABLE: usize = 0;
/** How many records the saved table has room for. */
export const SAVED_CAPACITY: usize = 4;
const SAVED_COUNT: usize = 8;
const SAVED_PUSHED: usize = 12;
const SAVED_OWNED_TABLE: usize = 16;
const SAVED_OWNED_COUNT: usize = 20;
const SAVED_OWNED_CAPACITY: usize = 24;
/** What ownedBytes was when the set was saved. */
export const SAVED_OWNED_BYTES: usize = 28;
/** The size of a saved set of arguments. */
export const SAVED_ARGUMENTS_BYTES: u32 = 32;

/** The first byte of argument i. */
// @ts-ignore: decorator
@inline
export function argPtr(i: u32): u32 {
  return load<u32>(argTable + (i << RECORD_SHIFT));
}

/** The number of bytes of argument i. */
// @ts-ignore: decorator
@inline
export function argLen(i: u32): u32 {
  return load<u32>(argTable + (i << RECORD_SHIFT), LENGTH);
}

/** The address of record i, which may be the end of the table. */
// @ts-ignore: decorator
@inline
export function recordAt(i: u32): u32 {
  return argTable + (i << RECORD_SHIFT);
}

/** For the parser: fills a record. */
// @ts-ignore: decorator
@inline
export function setRecord(record: u32, ptr: u32, byteCount: u32): void {
  store<u32>(record, ptr);
  store<u32>(record, byteCount, LENGTH);
}

/** For the parser: so many records are filled now. */
// @ts-ignore: decorator
@inline
export function setArgCount(count: u32): void {
  argCount = count;
}

/** For the parser: forgets the last command's arguments. */
// @ts-ignore: decorator
@inline
export function clearArguments(): void {
  if (mustRelease) releaseArguments();
  argCount = 0;
  pushedCount = 0;
}

/**
 * Appends an argument behind the parsed ones, which keeps argCount as it is.
 * Returns its index, or OUT_OF_MEMORY. The bytes stay the caller's.
 */
export function pushArgument(ptr: u32, byteCount: u32): i32 {
  const index = argCount + pushedCount;
  if (index == argCapacity && !growArguments()) return OUT_OF_MEMORY;
  setRecord(recordAt(index), ptr, byteCount);
  pushedCount++;
  return index;
}

/**
 * Appends an argument with a block of its own, for a handler to fill in; a
 * handler may keep it like a big argument (`takeArgument`). Returns its index,
 * or OUT_OF_MEMORY.
 */
export function pushBlock(byteCount: u32): i32 {
  if (ownedCount == ownedCapacity && !growOwned()) return OUT_OF_MEMORY;
  const block = alloc(byteCount + BLOCK_HEADER_BYTES);
  if (block == 0) return OUT_OF_MEMORY;
  store<u32>(block, byteCount);
  const index = pushArgument(block + BLOCK_HEADER_BYTES, byteCount);
  if (index < 0) {
    free(block);
    return OUT_OF_MEMORY;
  }
  own(index, block);
  return index;
}

/** For the parser: appends a parsed argument; false when out of memory. */
export function addArgument(ptr: u32, byteCount: u32): bool {
  if (argCount == argCapacity && !growArguments()) return false;
  setRecord(recordAt(argCount), ptr, byteCount);
  argCount++;
  return true;
}

/** Doubles the table; false when out of memory, and nothing was changed. */
function growArguments(): bool {
  // A larger table would not fit in 32 bits.
  if (argCapacity >= CAPACITY_MAX) return false;
  const grownCapacity = argCapacity << 1;
  const bytes = grownCapacity << RECORD_SHIFT;
  let table: u32;
  if (argTable == HOME_TABLE) {
    table = alloc(bytes);
    if (table == 0) return false;
    memory.copy(table, HOME_TABLE, HOME_CAPACITY << RECORD_SHIFT);
  } else {
    table = resize(argTable, bytes);
    if (table == 0) return false;
  }
  argTable = table;
  argCapacity = grownCapacity;
  mustRelease = true;
  return true;
}

/**
 * For the input: appends a parsed argument that lies in a block of its own,
 * whose header says its length; false when out of memory, and the block stays
 * the caller's.
 */
export function addOwnedArgument(block: u32): bool {
  if (ownedCount == ownedCapacity && !growOwned()) return false;
  if (!addArgument(block + BLOCK_HEADER_BYTES, load<u32>(block))) return false;
  own(argCount - 1, block);
  return true;
}

/** Notes who owns an argument; growOwned has made room for it. */
function own(argIndex: u32, block: u32): void {
  const record = ownedTable + ownedCount * OWNED_BYTES;
  store<u32>(record, argIndex);
  store<u32>(record, block, OWNED_BLOCK);
  ownedCount++;
  ownedBytes += load<u32>(block);
}

function growOwned(): bool {
  const grownCapacity = max(ownedCapacity << 1, OWNED_FIRST_CAPACITY);
  const bytes = grownCapacity * OWNED_BYTES;
  const table = ownedTable ? resize(ownedTable, bytes) : alloc(bytes);
  if (table == 0) return false;
  ownedTable = table;
  ownedCapacity = grownCapacity;
  mustRelease = true;
  return true;
}

/**
 * Gives the block of argument i to the caller: { u32 byteCount; bytes }. 0 when
 * the argument has no block of its own, or it was taken before. The argument
 * can still be read for as long as the new owner leaves the block as it is.
 */
export function takeArgument(i: u32): u32 {
  const record = ownedRecord(i);
  if (record == 0) return 0;
  const block = load<u32>(record, OWNED_BLOCK);
  store<u32>(record, 0, OWNED_BLOCK);
  ownedBytes -= argLen(i);
  return block;
}

/** Whether `takeArgument` would give a block. */
export function ownsBlock(i: u32): bool {
  return ownedRecord(i) != 0;
}

/** The record of argument i's own block, 0 without one or when it was taken. */
function ownedRecord(i: u32): u32 {
  let low: u32 = 0;
  let high = ownedCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    const record = ownedTable + middle * OWNED_BYTES;
    const index = load<u32>(record);
    if (index == i) return load<u32>(record, OWNED_BLOCK) ? record : 0;
    if (index < i) low = middle + 1;
    else high = middle;
  }
  return 0;
}

/** Ends the command: frees a large table and the blocks that nobody took. */
export function releaseArguments(): void {
  freeOwned(ownedTable, ownedCount);
  if (argTable != HOME_TABLE) free(argTable);
  forgetArguments();
}

function freeOwned(table: u32, count: u32): void {
  if (table == 0) return;
  const end = table + count * OWNED_BYTES;
  for (let record = table; record != end; record += OWNED_BYTES) {
    const block = load<u32>(record, OWNED_BLOCK);
    if (block != 0) free(block);
  }
  free(table);
}

function forgetArguments(): void {
  argTable = HOME_TABLE;
  argCapacity = HOME_CAPACITY;
  argCount = 0;
  pushedCount = 0;
  ownedTable = 0;
  ownedCount = 0;
  ownedCapacity = 0;
  ownedBytes = 0;
  mustRelease = false;
}

/**
 * Moves the arguments, with all that they own, into a saved set, and leaves no
 * current ones. False when out of memory: then the arguments are as before.
 * A large table changes hands; only one of at most HOME_CAPACITY is copied, so
 * that a command that arrives in many parts costs no time for what is there.
 */
export function saveArguments(saved: u32): bool {
  const count = argCount + pushedCount;
  let table = argTable;
  let capacity = argCapacity;
  if (table == HOME_TABLE) {
    table = 0;
    capacity = count;
    if (count != 0) {
      table = alloc(count << RECORD_SHIFT);
      if (table == 0) return false;
      memory.copy(table, HOME_TABLE, count << RECORD_SHIFT);
    }
  }
  store<u32>(saved, table, SAVED_TABLE);
  store<u32>(saved, capacity, SAVED_CAPACITY);
  store<u32>(saved, argCount, SAVED_COUNT);
  store<u32>(saved, pushedCount, SAVED_PUSHED);
  store<u32>(saved, ownedTable, SAVED_OWNED_TABLE);
  store<u32>(saved, ownedCount, SAVED_OWNED_COUNT);
  store<u32>(saved, ownedCapacity, SAVED_OWNED_CAPACITY);
  store<u32>(saved, ownedBytes, SAVED_OWNED_BYTES);
  forgetArguments();
  return true;
}

/** Makes a saved set current; what was current is released first. */
export function loadArguments(saved: u32): void {
  if (mustRelease) releaseArguments();
  const table = load<u32>(saved, SAVED_TABLE);
  const capacity = load<u32>(saved, SAVED_CAPACITY);
  argCount = load<u32>(saved, SAVED_COUNT);
  pushedCount = load<u32>(saved, SAVED_PUSHED);
  if (capacity > HOME_CAPACITY) {
    argTable = table;
    argCapacity = capacity;
  } else if (table != 0) {
    memory.copy(HOME_TABLE, table, capacity << RECORD_SHIFT);
    free(table);
  }
  ownedTable = load<u32>(saved, SAVED_OWNED_TABLE);
  ownedCount = load<u32>(saved, SAVED_OWNED_COUNT);
  ownedCapacity = load<u32>(saved, SAVED_OWNED_CAPACITY);
  ownedBytes = load<u32>(saved, SAVED_OWNED_BYTES);
  mustRelease = argTable != HOME_TABLE || ownedTable != 0;
  memory.fill(saved, 0, SAVED_ARGUMENTS_BYTES);
}

/** Frees a saved set and all that it owns. */
export function freeSavedArguments(saved: u32): void {
  const table = load<u32>(saved, SAVED_TABLE);
  if (table != 0) free(table);
  freeOwned(
    load<u32>(saved, SAVED_OWNED_TABLE),
    load<u32>(saved, SAVED_OWNED_COUNT),
  );
  memory.fill(saved, 0, SAVED_ARGUMENTS_BYTES);
}

/** The input has moved by so many bytes: so do the arguments within it. */
export function moveArguments(distance: u32): void {
  let owned = ownedTable;
  const ownedEnd = ownedTable + ownedCount * OWNED_BYTES;
  for (let i: u32 = 0; i < argCount; i++) {
    if (owned != ownedEnd && load<u32>(owned) == i) {
      owned += OWNED_BYTES;
    } else {
      const record = recordAt(i);
      store<u32>(record, load<u32>(record) + distance);
    }
  }
}

/** 0, or the number of the broken invariant. */
export function verifyArguments(): u32 {
  if ((argTable == HOME_TABLE) != (argCapacity == HOME_CAPACITY)) return 1;
  if (argCount + pushedCount > argCapacity) return 2;
  let bytes: u32 = 0;
  for (let i: u32 = 0; i < ownedCount; i++) {
    const record = ownedTable + i * OWNED_BYTES;
    const index = load<u32>(record);
    if (index >= argCount + pushedCount) return 3;
    if (i != 0 && load<u32>(record - OWNED_BYTES) >= index) return 4;
    const block = load<u32>(record, OWNED_BLOCK);
    if (block == 0) continue;
    if (argPtr(index) != block + BLOCK_HEADER_BYTES) return 3;
    if (argLen(index) != load<u32>(block)) return 3;
    bytes += load<u32>(block);
  }
  if (bytes != ownedBytes) return 4;
  const isHeld = argTable != HOME_TABLE || ownedTable != 0;
  return mustRelease == isHeld ? 0 : 5;
}

/**
 * The same for a saved set whose arguments lie between two addresses, unless
 * they are owned.
 */
export function verifySavedArguments(saved: u32, from: u32, to: u32): u32 {
  const count = load<u32>(saved, SAVED_COUNT);
  const table = load<u32>(saved, SAVED_TABLE);
  let owned = load<u32>(saved, SAVED_OWNED_TABLE);
  const ownedEnd = owned + load<u32>(saved, SAVED_OWNED_COUNT) * OWNED_BYTES;
  if (count > load<u32>(saved, SAVED_CAPACITY)) return 2;
  for (let i: u32 = 0; i < count; i++) {
    const ptr = load<u32>(table + (i << RECORD_SHIFT));
    const byteCount = load<u32>(table + (i << RECORD_SHIFT), LENGTH);
    if (owned != ownedEnd && load<u32>(owned) == i) {
      const block = load<u32>(owned, OWNED_BLOCK);
      if (ptr != block + BLOCK_HEADER_BYTES) return 3;
      if (byteCount != load<u32>(block)) return 3;
      owned += OWNED_BYTES;
    } else if (ptr < from || ptr > to || to - ptr < byteCount) {
      return 6;
    }
  }
  return owned == ownedEnd ? 0 : 4;
}
