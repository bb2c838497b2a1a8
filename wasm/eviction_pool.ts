// The best candidates for eviction that were seen so far and not yet taken.
//
//   candidate (24 bytes):  u64 hash of its key | u32 entry | u32 database |
//                          u32 access word when it was seen | u32 reserved
//
// Candidates stand in no order; there are few of them. None of them holds an
// entry alive: an address may be void, or be of another entry by now. So whoever
// takes one first asks its table for this entry with this hash (tableHolds), and
// then whether it has been used since.
//
// Sampling a few keys and evicting the stalest of them comes near to LRU only
// with many samples. The pool makes samples count beyond the eviction they were
// drawn for: it always holds the stalest of the last some hundreds.

import { staleness } from "./access";
import { entryAccess, keyBytes, keyPtr } from "./entry";
import { hashBytes } from "./hash";

const POOL_COUNT: u32 = 32;
const CANDIDATE_BYTES: u32 = 24;
const pool = u32(memory.data(768, 16));
const ENTRY: usize = 8;
const DATABASE: usize = 12;
const ACCESS: usize = 16;

let count: u32 = 0;
/** The candidate that the next better one replaces, of a full pool. */
let worst: u32 = 0;
let worstStaleness: u32 = 0;

// @ts-ignore: decorator
@inline
function candidateAt(index: u32): u32 {
  return pool + index * CANDIDATE_BYTES;
}

// @ts-ignore: decorator
@inline
function stalenessOf(candidate: u32): u32 {
  return staleness(load<u32>(candidate, ACCESS));
}

export function candidateDatabase(candidate: u32): u32 {
  return load<u32>(candidate, DATABASE);
}

export function candidateEntry(candidate: u32): u32 {
  return load<u32>(candidate, ENTRY);
}

export function candidateHash(candidate: u32): u64 {
  return load<u64>(candidate);
}

/** Whether its entry, still there, was not used since it was seen. */
export function isUnchanged(candidate: u32): bool {
  return entryAccess(candidateEntry(candidate)) ==
    load<u32>(candidate, ACCESS);
}

export function clearPool(): void {
  count = 0;
}

/** An entry was seen: keeps it when it is better than the worst. */
// @ts-ignore: decorator
@inline
export function offer(db: u32, entry: u32): void {
  if (count == POOL_COUNT && staleness(entryAccess(entry)) <= worstStaleness) {
    return;
  }
  accept(db, entry);
}

function accept(db: u32, entry: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (load<u32>(candidateAt(i), ENTRY) != entry) continue;
    keep(candidateAt(i), db, entry);
    findWorst();
    return;
  }
  if (count < POOL_COUNT) keep(candidateAt(count++), db, entry);
  else keep(worst, db, entry);
  findWorst();
}

function keep(candidate: u32, db: u32, entry: u32): void {
  store<u64>(candidate, hashBytes(keyPtr(entry), keyBytes(entry)));
  store<u32>(candidate, entry, ENTRY);
  store<u32>(candidate, db, DATABASE);
  store<u32>(candidate, entryAccess(entry), ACCESS);
}

function findWorst(): void {
  if (count < POOL_COUNT) return;
  worst = pool;
  worstStaleness = stalenessOf(pool);
  for (let i: u32 = 1; i < POOL_COUNT; i++) {
    const candidate = candidateAt(i);
    const stale = stalenessOf(candidate);
    if (stale >= worstStaleness) continue;
    worst = candidate;
    worstStaleness = stale;
  }
}

/**
 * Takes the stalest candidate out, 0 when there is none. It can be read until
 * the next one is offered.
 */
export function takeBest(): u32 {
  if (!count) return 0;
  let best = pool;
  let most = stalenessOf(pool);
  for (let i: u32 = 1; i < count; i++) {
    const candidate = candidateAt(i);
    const stale = stalenessOf(candidate);
    if (stale <= most) continue;
    best = candidate;
    most = stale;
  }
  // The last one fills the gap, and the one taken stands behind all others.
  const last = candidateAt(--count);
  if (best == last) return last;
  for (let word: u32 = 0; word < CANDIDATE_BYTES; word += 8) {
    const taken = load<u64>(best + word);
    store<u64>(best + word, load<u64>(last + word));
    store<u64>(last + word, taken);
  }
  return last;
}
