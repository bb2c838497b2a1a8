// Keys that the engine removed by itself because they were due. Somebody may
// have to tell replicas, logs and subscribers; while anybody listens, the keys
// are noted here and TypeScript takes them at its commit point.
//
//   note:  u32 database | u32 key length | key bytes
//
// A note that finds no memory is counted in `lost`: the listener then knows.

import { alloc, free, resize, usable } from "./allocator";
import { copyBytes, keyBytes, keyPtr } from "./entry";

const NOTE_HEADER_BYTES: u32 = 8;
const KEEP_BYTES: u32 = 4096;

let observed: bool = false;
let base: u32 = 0;
let length: u32 = 0;
let lost: u32 = 0;

export function setObserved(on: i32): void {
  observed = on != 0;
}

export function isObserved(): bool {
  return observed;
}

export function noteExpired(database: u32, entry: u32): void {
  if (!observed) return;
  const byteCount = keyBytes(entry);
  const need = NOTE_HEADER_BYTES + byteCount;
  if (!base || usable(base) - length < need) {
    const wanted = max<u32>(KEEP_BYTES, (length + need) * 2);
    const grown = base ? resize(base, wanted) : alloc(wanted);
    if (!grown) {
      lost++;
      return;
    }
    base = grown;
  }
  const at = base + length;
  store<u32>(at, database);
  store<u32>(at, byteCount, 4);
  copyBytes(at + NOTE_HEADER_BYTES, keyPtr(entry), byteCount);
  length += need;
}

export function journalBase(): u32 {
  return base;
}

export function journalLength(): u32 {
  return length;
}

export function journalLost(): u32 {
  return lost;
}

/** The notes have been taken. */
export function journalReset(): void {
  length = 0;
  lost = 0;
  if (base && usable(base) > KEEP_BYTES * 16) {
    free(base);
    base = 0;
  }
}
