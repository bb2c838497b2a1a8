// Who is evicted next, by maxmemory-policy.
//
//   allkeys-lru, -lfu     the stalest of some (access.ts): whole chains of the
//                         tables are looked at in turn, so that one look at a
//                         bucket gives a dozen entries, whose headers are then
//                         fetched together; what is seen goes to the pool
//   volatile-lru, -lfu    the same among keys with a due time, drawn from the
//                         heaps of due times
//   *-random              any key, of one database after the other
//   volatile-ttl          who is due next in all databases: exactly
//
// A database is drawn by how many of its keys may be evicted, so that all keys
// of all databases are seen equally often. A look at the chains goes round: each
// key is seen once in a round.

import {
  EVICT_DUE,
  EVICT_NOBODY,
  EVICT_RANDOM,
  EVICT_UNUSED,
  OUT_OF_MEMORY,
} from "./codes";
import { alloc, resize } from "./allocator";
import { dbDueCount, dbSize } from "./database";
import { heapOf } from "./dated";
import { hasDue, keyBytes, keyPtr } from "./entry";
import {
  candidateDatabase,
  candidateEntry,
  candidateHash,
  clearPool,
  isUnchanged,
  offer,
  takeBest,
} from "./eviction_pool";
import { heapAt, heapDueAt, heapSize } from "./expiry";
import { isHashOwner } from "./followed";
import { nextRandom } from "./random";
import { tableFind, tableHolds } from "./table";
import { touchEntries } from "./table_ahead";
import {
  bucketEntry,
  bucketEntryCount,
  bucketNext,
  tableBucketCount,
  tableChain,
} from "./table_chains";
import { tableRandom } from "./table_scan";

/** So many are drawn from a heap for one of maxmemory-samples. */
const DRAWS_FOR_ONE: u32 = 3;
const SAMPLES_MAX: u32 = 1 << 20;
/** So many draws from a heap that give nothing are enough. */
const DRAWS_MAX: u32 = 64;

let policy: u32 = EVICT_NOBODY;
let isVolatile: bool = false;
let sampleCount: u32 = 5;

/** The databases from which keys may be evicted, and where each look goes on. */
let databases: u32 = 0;
let databaseCount: u32 = 0;
const HAND: usize = 4;
const RECORD_BYTES: u32 = 8;
/** Of which database the last random victim was. */
let turn: u32 = 0;

/** The database of the last victim. */
export let victimDatabase: u32 = 0;

/** Keys may be evicted from this database, too: 0 or OUT_OF_MEMORY. */
export function addVictims(db: u32): i32 {
  const byteCount = (databaseCount + 1) * RECORD_BYTES;
  const grown = databases ? resize(databases, byteCount) : alloc(byteCount);
  if (!grown) return OUT_OF_MEMORY;
  databases = grown;
  const record = databases + databaseCount * RECORD_BYTES;
  store<u32>(record, db);
  store<u32>(record, 0, HAND);
  databaseCount++;
  return 0;
}

/** Whom to evict: EVICT_..., whether only keys with a due time. */
export function setVictims(
  kind: u32,
  onlyVolatile: i32,
  samples: u32,
): void {
  policy = kind;
  isVolatile = onlyVolatile != 0;
  sampleCount = min<u32>(samples, SAMPLES_MAX);
  clearPool();
}

export function evictsNobody(): bool {
  return policy == EVICT_NOBODY;
}

// @ts-ignore: decorator
@inline
function databaseAt(index: u32): u32 {
  return load<u32>(databases + index * RECORD_BYTES);
}

/** How many keys of a database may be evicted. */
// @ts-ignore: decorator
@inline
function victimCount(db: u32): u32 {
  return isVolatile ? dbDueCount(db) : dbSize(db);
}

/** The next victim, 0 when nobody may be evicted; it is found in its table. */
export function findVictim(): u32 {
  if (policy == EVICT_UNUSED) return stalest();
  if (policy == EVICT_DUE) return nextDue();
  return policy == EVICT_RANDOM ? random() : 0;
}

function found(db: u32, entry: u32): u32 {
  victimDatabase = db;
  tableFind(db, keyPtr(entry), keyBytes(entry));
  return entry;
}

// The stalest.

function stalest(): u32 {
  if (!sample()) return 0;
  while (true) {
    const candidate = takeBest();
    if (!candidate) {
      if (!sample()) return 0;
      continue;
    }
    const entry = candidateEntry(candidate);
    const db = candidateDatabase(candidate);
    if (!tableHolds(db, entry, candidateHash(candidate))) continue;
    if (!isUnchanged(candidate) || (isVolatile && !hasDue(entry))) continue;
    victimDatabase = db;
    return entry;
  }
}

/** Lets the pool see some more keys; false when there are none. */
function sample(): bool {
  const index = drawDatabase();
  if (index == databaseCount) return false;
  if (isVolatile) sampleHeap(databaseAt(index));
  else sampleTable(databaseAt(index), index);
  return true;
}

/** A random database by the number of its keys; `databaseCount`: no keys. */
function drawDatabase(): u32 {
  let total: u64 = 0;
  for (let i: u32 = 0; i < databaseCount; i++) {
    total += u64(victimCount(databaseAt(i)));
  }
  if (!total) return databaseCount;
  let draw = nextRandom() % total;
  let index: u32 = 0;
  while (draw >= u64(victimCount(databaseAt(index)))) {
    draw -= u64(victimCount(databaseAt(index)));
    index++;
  }
  return index;
}

function sampleTable(db: u32, index: u32): void {
  const bucketCount = tableBucketCount(db);
  const record = databases + index * RECORD_BYTES;
  let hand = load<u32>(record, HAND);
  let seen: u32 = 0;
  for (let i: u32 = 0; i < bucketCount && seen < sampleCount; i++) {
    if (hand >= bucketCount) hand = 0;
    seen += sampleChain(db, tableChain(db, hand++));
  }
  store<u32>(record, hand, HAND);
}

function sampleChain(db: u32, chain: u32): u32 {
  let seen: u32 = 0;
  for (let bucket = chain; bucket; bucket = bucketNext(bucket)) {
    const count = bucketEntryCount(bucket);
    touchEntries(bucket, count);
    for (let i: u32 = 0; i < count; i++) offer(db, bucketEntry(bucket, i));
    seen += count;
  }
  return seen;
}

function sampleHeap(db: u32): void {
  const heap = heapOf(db);
  const size = heapSize(heap);
  const wanted = sampleCount * DRAWS_FOR_ONE;
  if (size <= wanted) {
    for (let i: u32 = 0; i < size; i++) offerOwner(db, heapAt(heap, i));
    return;
  }
  const drawCount = max(wanted << 1, DRAWS_MAX);
  let seen: u32 = 0;
  for (let i: u32 = 0; i < drawCount && seen < wanted; i++) {
    seen += offerOwner(db, heapAt(heap, u32(nextRandom() % u64(size))));
  }
  // Nearly all that is due are fields of hashes.
  if (!seen) offer(db, firstKey(heap));
}

function offerOwner(db: u32, owner: u32): u32 {
  if (isHashOwner(owner)) return 0;
  offer(db, owner);
  return 1;
}

// By their due time.

/** Who is due next, in all databases. */
function nextDue(): u32 {
  let earliest = Infinity;
  let next: u32 = 0;
  let nextDatabase: u32 = 0;
  for (let i: u32 = 0; i < databaseCount; i++) {
    const db = databaseAt(i);
    if (!dbDueCount(db)) continue;
    const key = firstKey(heapOf(db));
    if (next && firstKeyDue >= earliest) continue;
    earliest = firstKeyDue;
    next = key;
    nextDatabase = db;
  }
  return next ? found(nextDatabase, next) : 0;
}

let firstKeyDue: f64 = 0;

/**
 * The key that is due first; the heap must have one. Hashes are in the heap,
 * too, by their fields: below one of them the search goes on.
 */
function firstKey(heap: u32): u32 {
  firstKeyDue = Infinity;
  return searchBelow(heap, 0, 0);
}

function searchBelow(heap: u32, position: u32, best: u32): u32 {
  if (position >= heapSize(heap)) return best;
  const due = heapDueAt(heap, position);
  if (best && due >= firstKeyDue) return best;
  const owner = heapAt(heap, position);
  if (!isHashOwner(owner)) {
    firstKeyDue = due;
    return owner;
  }
  for (let child: u32 = 1; child <= 4; child++) {
    best = searchBelow(heap, (position << 2) + child, best);
  }
  return best;
}

// By chance.

/** Any key of the next database that has some. */
function random(): u32 {
  for (let i: u32 = 0; i < databaseCount; i++) {
    turn = turn + 1 < databaseCount ? turn + 1 : 0;
    const db = databaseAt(turn);
    if (!victimCount(db)) continue;
    return found(db, isVolatile ? randomOwner(heapOf(db)) : tableRandom(db));
  }
  return 0;
}

function randomOwner(heap: u32): u32 {
  const size = u64(heapSize(heap));
  for (let draws: u32 = 0; draws < DRAWS_MAX; draws++) {
    const owner = heapAt(heap, u32(nextRandom() % size));
    if (!isHashOwner(owner)) return owner;
  }
  return firstKey(heap);
}
