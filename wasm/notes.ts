// Notes for TypeScript, which takes all of them at once: they follow each other
// in one block, which grows as it must and goes when it has become large.
//
//   notes (8 bytes):  u32 block, 0 as long as there is none | u32 bytes in use
//
// The limit of memory keeps nobody from noting something.

import { allocUnbounded, free, resizeUnbounded, usable } from "./allocator";

const LENGTH: usize = 4;
/** Bytes of `notes`, zeros at first. */
export const NOTES_BYTES: u32 = 8;

const FIRST_BYTES: u32 = 4096;
const KEEP_BYTES: u32 = 65536;

export function notesPtr(notes: u32): u32 {
  return load<u32>(notes);
}

export function notesLength(notes: u32): u32 {
  return load<u32>(notes, LENGTH);
}

/** Where the next note goes. */
export function notesEnd(notes: u32): u32 {
  return notesPtr(notes) + notesLength(notes);
}

/** Makes room for so many bytes; false without memory. */
export function makeNotesRoom(notes: u32, byteCount: u32): bool {
  const block = notesPtr(notes);
  const need = notesLength(notes) + byteCount;
  if (block && usable(block) >= need) return true;
  const wanted = max(FIRST_BYTES, need * 2);
  const grown = block ? resizeUnbounded(block, wanted) : allocUnbounded(wanted);
  if (grown) store<u32>(notes, grown);
  return grown != 0;
}

/** So many bytes have been written at the end. */
export function addToNotes(notes: u32, byteCount: u32): void {
  store<u32>(notes, notesLength(notes) + byteCount, LENGTH);
}

/** Forgets all notes. */
export function clearNotes(notes: u32): void {
  store<u32>(notes, 0, LENGTH);
  const block = notesPtr(notes);
  if (!block || usable(block) <= KEEP_BYTES) return;
  free(block);
  store<u32>(notes, 0);
}
