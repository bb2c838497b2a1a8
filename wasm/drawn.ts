// Drawing different members of a large table: few of many, one by one. Those
// drawn already are known by their addresses, in an open-addressed table that
// is at most half full. One drawing at a time.

import { alloc, free } from "./allocator";

let slots: u32 = 0;
let mask: u32 = 0;

/** Begins to draw so many members, at least one; false without memory. */
export function beginDrawn(count: u32): bool {
  const slotCount: u32 = 1 << (32 - clz(2 * count - 1));
  slots = alloc(slotCount << 2);
  if (!slots) return false;
  memory.fill(slots, 0, slotCount << 2);
  mask = slotCount - 1;
  return true;
}

export function endDrawn(): void {
  free(slots);
}

/** Notes a member that was drawn; false when it had been drawn before. */
export function isNewlyDrawn(member: u32): bool {
  let slot = ((member >> 3) * 0x9e3779b1 >> 7) & mask;
  while (true) {
    const at = slots + (slot << 2);
    const noted = load<u32>(at);
    if (noted == member) return false;
    if (!noted) {
      store<u32>(at, member);
      return true;
    }
    slot = (slot + 1) & mask;
  }
}
