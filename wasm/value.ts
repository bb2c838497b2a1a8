// What every type of value can do: copy itself, free itself, say its size.

import { alloc, usable } from "./allocator";
import { entryValue, isEmbedded, RAW_HEADER_BYTES } from "./entry";

/** A copy of a value block, 0 without memory. */
export function copyValue(entry: u32): u32 {
  const from = entryValue(entry);
  const byteCount = load<u32>(from) + RAW_HEADER_BYTES;
  const to = alloc(byteCount);
  if (to) memory.copy(to, from, byteCount);
  return to;
}

/** Bytes of an entry and its value, as the allocator counts them. */
export function entryFootprint(entry: u32): f64 {
  const own = f64(usable(entry));
  return isEmbedded(entry) ? own : own + f64(usable(entryValue(entry)));
}
