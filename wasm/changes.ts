// The door through which whoever changes a key, or lets a due one go, tells
// those who are interested in it: watchers (watchers.ts) and clients who have
// it in their caches (tracked.ts). A key is hashed once for all of them.
//
// Whoever comes here asks first whether there is anybody: `interest &
// OF_CHANGES`. What is called here moves no key and spoils nothing that was
// looked up.

import { argLen, argPtr } from "./arguments";
import { TRACKED_CHANGE, TRACKED_SELF } from "./codes";
import { keyBytes, keyPtr } from "./entry";
import { BROADCAST, interest, TRACKED, WATCHED } from "./key_chains";
import { hashOfKey } from "./table";
import { invalidate } from "./tracked";
import { disturb, disturbDue } from "./watchers";

/** The key that an argument names has changed. */
export function keyChanged(db: u32, key: u32): void {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  const hash = hashOfKey(ptr, byteCount);
  if (interest & WATCHED) disturb(hash, db, ptr, byteCount);
  if (interest & (TRACKED | BROADCAST)) {
    invalidate(hash, ptr, byteCount, TRACKED_CHANGE);
  }
}

/**
 * A key goes, to make room for others or because it was due; or a field of it
 * was due, and goes.
 */
export function keyGoes(db: u32, entry: u32, wasDue: bool): void {
  const ptr = keyPtr(entry);
  const byteCount = keyBytes(entry);
  const hash = hashOfKey(ptr, byteCount);
  if (interest & WATCHED) {
    if (wasDue) disturbDue(hash, db, ptr, byteCount);
    else disturb(hash, db, ptr, byteCount);
  }
  if (interest & (TRACKED | BROADCAST)) {
    invalidate(hash, ptr, byteCount, TRACKED_CHANGE | TRACKED_SELF);
  }
}
