// Whether much memory can be had. An operation that makes many small blocks and
// must not fail half-way asks first: pages that can be had in one run can be
// had in pieces too.

import { alloc, failAllocationsAfter, free } from "./allocator";
import { DEBUG } from "./debug";

/** No block can be larger: the page table takes 16 MiB of the 4 GiB. */
const BLOCK_MAX_BYTES: u64 = 0xff000000;

/** Whether blocks of so many bytes in all can be had for certain. */
export function hasRoom(byteCount: u64): bool {
  if (byteCount > BLOCK_MAX_BYTES) return false;
  const block = alloc(u32(byteCount));
  if (!block) return false;
  free(block);
  // A test lets allocations fail on purpose: what was promised here must not.
  if (DEBUG) failAllocationsAfter(-1);
  return true;
}
