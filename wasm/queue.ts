// A queue of commands: those of a transaction, until its end has come. They are
// kept in their plain form (command_bytes.ts), one behind the other, and parsed
// again when they are executed.
//
// There is one queue. Its block grows by doubling and stays for the next
// transaction while it is small.

import { alloc, free, resize, usable } from "./allocator";
import { OUT_OF_MEMORY } from "./codes";
import { commandBytes, writeCommand } from "./command_bytes";
import { enterSource, leaveSource } from "./input";

const KEEP_BYTES: u32 = 65536;
const QUEUE_MAX_BYTES: u64 = 0xf0000000;

let base: u32 = 0;
let length: u32 = 0;

/** Adds the current command: 0 or OUT_OF_MEMORY. */
export function queueCommand(): i32 {
  const need = u64(length) + commandBytes();
  if (need > QUEUE_MAX_BYTES) return OUT_OF_MEMORY;
  if (!base || usable(base) < u32(need)) {
    const wanted = u32(min<u64>(need * 2, QUEUE_MAX_BYTES));
    const grown = base ? resize(base, wanted) : alloc(wanted);
    if (!grown) return OUT_OF_MEMORY;
    base = grown;
  }
  writeCommand(base + length);
  length = u32(need);
  return 0;
}

/** The queue is parsed next, until `leaveQueue`: 0 or OUT_OF_MEMORY. */
export function enterQueue(): i32 {
  return enterSource(base, length);
}

/** Back to what was parsed before; the queue is empty. */
export function leaveQueue(): void {
  leaveSource();
  dropQueue();
}

/** Forgets the queue. */
export function dropQueue(): void {
  length = 0;
  if (!base || usable(base) <= KEEP_BYTES) return;
  free(base);
  base = 0;
}
