// The names of commands, as the parser delivers them. The table of commands is
// TypeScript's; it registers each name once:
//
//   slot (32 bytes):  3 x u64 name, folded | u16 id + 1 | u8 hot operation |
//                     u8 name length | u32 reserved

import { argLen, argPtr } from "./arguments";

const SLOT_COUNT: u32 = 1024;
const SLOT_BYTES: u32 = 32;
const NAME_MAX_BYTES: u32 = 24;
const slots = memory.data(32768, 16);
const ID: usize = 24;
const HOT: usize = 26;
const NAME_BYTES: usize = 27;

// @ts-ignore: decorator
@inline
function foldWord(ptr: u32, byteCount: u32): u64 {
  if (byteCount >= 8) return load<u64>(ptr) | 0x2020202020202020;
  let word: u64 = 0;
  if (byteCount & 4) {
    word = u64(load<u32>(ptr));
    if (byteCount & 2) word |= u64(load<u16>(ptr + 4)) << 32;
  } else if (byteCount & 2) word = u64(load<u16>(ptr));
  if (byteCount & 1) {
    word |= u64(load<u8>(ptr + byteCount - 1)) << ((byteCount - 1) << 3);
  }
  return word | 0x2020202020202020;
}

// @ts-ignore: decorator
@inline
function foldRest(ptr: u32, byteCount: u32, from: u32): u64 {
  return byteCount > from ? foldWord(ptr + from, byteCount - from) : 0;
}

/** The slot of a name, or the free one where it belongs; 0 if too long. */
function findSlot(ptr: u32, byteCount: u32): u32 {
  if (byteCount - 1 >= NAME_MAX_BYTES) return 0;
  const first = foldWord(ptr, byteCount);
  const second = foldRest(ptr, byteCount, 8);
  const third = foldRest(ptr, byteCount, 16);
  let hash = (first ^ second ^ third) * 0x9e3779b97f4a7c15;
  let index = u32(hash >> 54);
  while (true) {
    const slot = u32(slots) + index * SLOT_BYTES;
    if (!load<u16>(slot, ID)) return slot;
    if (
      load<u64>(slot) == first && load<u8>(slot, NAME_BYTES) == byteCount &&
      load<u64>(slot, 8) == second && load<u64>(slot, 16) == third
    ) return slot;
    index = (index + 1) & (SLOT_COUNT - 1);
  }
}

/** Registers argument `name` as the command `id`; 1, or 0 for a bad name. */
export function registerCommand(name: u32, id: u32, hot: u32): i32 {
  const ptr = argPtr(name);
  const byteCount = argLen(name);
  const slot = findSlot(ptr, byteCount);
  if (!slot) return 0;
  store<u64>(slot, foldWord(ptr, byteCount));
  store<u64>(slot, foldRest(ptr, byteCount, 8), 8);
  store<u64>(slot, foldRest(ptr, byteCount, 16), 16);
  store<u16>(slot, id + 1, ID);
  store<u8>(slot, hot, HOT);
  store<u8>(slot, byteCount, NAME_BYTES);
  return 1;
}

/** The slot of a command's name, 0 when there is no such command. */
// @ts-ignore: decorator
@inline
export function slotOf(ptr: u32, byteCount: u32): u32 {
  const slot = findSlot(ptr, byteCount);
  return slot && load<u16>(slot, ID) ? slot : 0;
}

/** The command's id. */
// @ts-ignore: decorator
@inline
export function slotId(slot: u32): i32 {
  return load<u16>(slot, ID) - 1;
}

/** The hot operation that it is, 0 for none. */
// @ts-ignore: decorator
@inline
export function slotOperation(slot: u32): u32 {
  return load<u8>(slot, HOT);
}
