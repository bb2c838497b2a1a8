// Queues of commands: those of a transaction, until its end has come. They are
// kept in their plain form (command_bytes.ts), one behind the other, and parsed
// again when they are executed.
//
//   queue:  u32 byte count | u32 unused | commands
//
// A queue is one block, which grows by a quarter and so may move; whoever has
// one owns it.

import { alloc, free, resize, usable } from "./allocator";
import { commandBytes, writeCommand } from "./command_bytes";
import { enterSource, leaveSource } from "./input";

const HEADER_BYTES: u32 = 8;
/** Room for a few small commands. */
const FIRST_BYTES: u32 = 256;
const QUEUE_MAX_BYTES: u64 = 0xf0000000;

/**
 * Adds the current command to a queue, 0 for a new one. Returns where the queue
 * is now; 0 without memory, and then it is as it was.
 */
export function queueCommand(queue: u32): u32 {
  const length = queue ? load<u32>(queue) : 0;
  const need = u64(length) + commandBytes() + HEADER_BYTES;
  if (need > QUEUE_MAX_BYTES) return 0;
  if (!queue || u64(usable(queue)) < need) {
    const wanted = u32(min<u64>(need + (need >> 2), QUEUE_MAX_BYTES));
    const grown = queue
      ? resize(queue, wanted)
      : alloc(max(u32(need), FIRST_BYTES));
    if (!grown) return 0;
    queue = grown;
  }
  writeCommand(queue + HEADER_BYTES + length);
  store<u32>(queue, u32(need) - HEADER_BYTES);
  return queue;
}

/** What a queue takes in memory. */
export function queueBytes(queue: u32): u32 {
  return usable(queue);
}

/** A queue is parsed next, until `leaveQueue`: 0 or OUT_OF_MEMORY. */
export function enterQueue(queue: u32): i32 {
  return enterSource(queue + HEADER_BYTES, load<u32>(queue));
}

/** Back to what was parsed before. The queue is as it was. */
export function leaveQueue(): void {
  leaveSource();
}

export function freeQueue(queue: u32): void {
  free(queue);
}
