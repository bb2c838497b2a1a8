// What the engine counts itself, read by INFO.

let keyspaceHits: f64 = 0;
let keyspaceMisses: f64 = 0;
let expiredKeys: f64 = 0;
let evictedKeys: f64 = 0;
/** Fields of hashes. */
let expiredFields: f64 = 0;
/** Payloads of RESTORE: each is checked to its last byte. */
let checkedPayloads: f64 = 0;
/** Changes to the data set, as rdb_changes_since_last_save counts them. */
export let changes: f64 = 0;

// @ts-ignore: decorator
@inline
export function countHit(): void {
  keyspaceHits += 1;
}

/** A hot command was left to TypeScript, which counts it again. */
// @ts-ignore: decorator
@inline
export function uncountHit(): void {
  keyspaceHits -= 1;
}

// @ts-ignore: decorator
@inline
export function countMiss(): void {
  keyspaceMisses += 1;
}

// @ts-ignore: decorator
@inline
export function countExpired(): void {
  expiredKeys += 1;
}

export function countEvicted(): void {
  evictedKeys += 1;
}

export function addExpiredFields(count: u32): void {
  expiredFields += count;
}

// @ts-ignore: decorator
@inline
export function countChange(): void {
  changes += 1;
}

export function addChanges(count: u32): void {
  changes += count;
}

export function countPayload(): void {
  checkedPayloads += 1;
}

export function statHits(): f64 {
  return keyspaceHits;
}

export function statMisses(): f64 {
  return keyspaceMisses;
}

export function statExpired(): f64 {
  return expiredKeys;
}

export function statEvicted(): f64 {
  return evictedKeys;
}

export function statExpiredFields(): f64 {
  return expiredFields;
}

export function statPayloads(): f64 {
  return checkedPayloads;
}

/** Changes since they were last taken. */
export function statChanges(): f64 {
  return changes;
}

/** Changes since the last call. */
export function takeChanges(): f64 {
  const had = changes;
  changes = 0;
  return had;
}

export function resetStatistics(): void {
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  expiredFields = 0;
  checkedPayloads = 0;
  evictedKeys = 0;
}
