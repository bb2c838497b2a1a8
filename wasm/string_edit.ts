// Strings that change in their place: APPEND, SETRANGE, and whatever writes bits
// or registers. Such a string has a block of its own, with room to grow.

import { touchEntry } from "./access";
import { alloc, resize, usable } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { MISSING, OUT_OF_MEMORY, TOO_LONG, WRONG_TYPE } from "./codes";
import {
  ENCODING_RAW,
  entryDue,
  entryValue,
  hasDue,
  isEmbedded,
  RAW_HEADER_BYTES,
  setEntryKind,
  setEntryValue,
  TYPE_STRING,
} from "./entry";
import { lookupChange, lookupKey } from "./lookup";
import { countChange } from "./statistics";
import {
  adoptBlock,
  isString,
  peekString,
  setView,
  storeString,
  viewBytes,
  viewPtr,
  viewString,
} from "./string";
import { maxStringBytes } from "./limits";
import { beforeStringChange, LARGE_STRING_BYTES, watched } from "./watch";

/** A string that grows gets a fourth more room, but no more than this. */
const GROW_EXTRA_MAX_BYTES: u32 = 1 << 20;
/** No block can be larger: the page table takes 16 MiB of the 4 GiB. */
const BLOCK_MAX_BYTES: u32 = 0xff000000;

/**
 * The string as a block of its own with room for `capacity` bytes; makes the
 * key when it is missing. Returns the block or 0 without memory, and only then
 * has nothing changed. The caller writes the byte count.
 */
export function growable(db: u32, key: u32, entry: u32, capacity: u32): u32 {
  if (capacity >= BLOCK_MAX_BYTES) return 0;
  const need = capacity + RAW_HEADER_BYTES;
  if (entry && !isEmbedded(entry)) {
    const block = entryValue(entry);
    stringChanges(block);
    if (usable(block) >= need) {
      touchEntry(entry);
      return block;
    }
    let grown = resize(block, withSlack(need));
    if (!grown) grown = resize(block, need);
    if (!grown) return 0;
    setEntryValue(entry, grown);
    setEntryKind(entry, TYPE_STRING, ENCODING_RAW);
    touchEntry(entry);
    return grown;
  }
  const block = alloc(need);
  if (!block) return 0;
  store<u32>(block, 0);
  const dueMs = entry && hasDue(entry) ? entryDue(entry) : 0;
  if (entry) {
    viewString(entry);
    store<u32>(block, viewBytes());
    memory.copy(block + RAW_HEADER_BYTES, viewPtr(), viewBytes());
  }
  return adoptBlock(db, key, entry, block, dueMs) < 0 ? 0 : block;
}

/** A raw string's block is about to change in its place. */
// @ts-ignore: decorator
@inline
export function stringChanges(block: u32): void {
  if (watched && load<u32>(block) >= LARGE_STRING_BYTES) {
    beforeStringChange(block);
  }
}

// @ts-ignore: decorator
@inline
function withSlack(byteCount: u32): u32 {
  return byteCount + min<u32>(byteCount >> 2, GROW_EXTRA_MAX_BYTES);
}

/** APPEND: the new length, or a code. */
export function appendString(db: u32, key: u32, value: u32): f64 {
  const entry = lookupChange(db, key);
  if (entry && !isString(entry)) return WRONG_TYPE;
  const added = argLen(value);
  if (!entry) {
    const code = storeString(db, key, 0, value, 0, 0);
    if (code < 0) return code;
    countChange();
    return added;
  }
  viewString(entry);
  const had = viewBytes();
  if (u64(had) + u64(added) > u64(maxStringBytes)) return TOO_LONG;
  const block = growable(db, key, entry, had + added);
  if (!block) return OUT_OF_MEMORY;
  memory.copy(block + RAW_HEADER_BYTES + had, argPtr(value), added);
  store<u32>(block, had + added);
  countChange();
  return had + added;
}

/**
 * Makes a string at least so long, with zero bytes, and growable in place.
 * Returns 1 when that made it longer or new, 0 when not, with the view set to
 * all of it, or a code. The caller then writes into the view and counts the
 * change; it knows the limit of a string's length.
 */
export function extendString(db: u32, key: u32, byteCount: u64): i32 {
  const entry = lookupChange(db, key);
  if (entry && !isString(entry)) return WRONG_TYPE;
  if (byteCount > u64(BLOCK_MAX_BYTES)) return OUT_OF_MEMORY;
  let had: u32 = 0;
  if (entry) {
    viewString(entry);
    had = viewBytes();
  }
  const wanted = max<u32>(had, u32(byteCount));
  const block = growable(db, key, entry, wanted);
  if (!block) return OUT_OF_MEMORY;
  const bytes = block + RAW_HEADER_BYTES;
  setView(bytes, wanted);
  if (entry && wanted == had) return 0;
  memory.fill(bytes + had, 0, wanted - had);
  store<u32>(block, wanted);
  return 1;
}

/** SETRANGE: the new length, or a code. An empty value changes nothing. */
export function setRange(db: u32, key: u32, offset: f64, value: u32): f64 {
  const added = argLen(value);
  if (!added) {
    const code = peekString(db, key);
    return code == MISSING ? 0 : code < 0 ? f64(code) : f64(viewBytes());
  }
  const end = offset + f64(added);
  if (end > f64(maxStringBytes)) {
    const entry = lookupKey(db, key);
    return entry && !isString(entry) ? WRONG_TYPE : TOO_LONG;
  }
  const code = extendString(db, key, u64(end));
  if (code < 0) return code;
  countChange();
  memory.copy(viewPtr() + u32(offset), argPtr(value), added);
  return viewBytes();
}
