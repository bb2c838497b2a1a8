// WATCH on the keys of databases, and what only the databases know of watched
// keys: whether one has become due, and what an exchange of two databases means.
// What a watch is stands in watchers.ts.

import { nowMs } from "./access";
import { argLen, argPtr } from "./arguments";
import { lookup } from "./lookup";
import { isGone } from "./overdue";
import { indexOf } from "./effects";
import { entryValue, isFollowed } from "./entry";
import { hashtableFirstDue } from "./hashtable";
import { tableFind } from "./table";
import {
  addWatch,
  disturbAll,
  eachWatch,
  findWatched,
  firstOwn,
  isOf,
  isStale,
  markDirty,
  nextOwn,
  setStale,
} from "./watchers";
import { interest, WATCHED } from "./key_chains";

/** A watcher wants to know of changes of a key: 0 or OUT_OF_MEMORY. */
export function watchKey(watcher: u32, db: u32, key: u32): i32 {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  let entry = tableFind(db, ptr, byteCount);
  // Fields that are due already are not to go before its eyes.
  if (entry && !isGone(entry) && hasDueField(entry)) {
    entry = lookup(db, ptr, byteCount);
  }
  const stale = entry != 0 && isGone(entry);
  return addWatch(watcher, indexOf(db), ptr, byteCount, stale);
}

function hasDueField(entry: u32): bool {
  return isFollowed(entry) && hashtableFirstDue(entryValue(entry)) < nowMs;
}

/** Marks a watcher as dirty if a key in this database has become due. */
export function watchedDue(watcher: u32, db: u32): void {
  for (let watch = firstOwn(watcher); watch; watch = nextOwn(watch)) {
    if (!isOf(watch, db) || isStale(watch)) continue;
    const entry = findWatched(db, watch);
    if (!entry || !(isGone(entry) || hasDueField(entry))) continue;
    markDirty(watcher);
    return;
  }
}

let first: u32 = 0;
let second: u32 = 0;

/** Two databases are about to exchange their keys. */
export function disturbSwapped(a: u32, b: u32): void {
  if (!(interest & WATCHED) || a == b) return;
  first = a;
  second = b;
  disturbAll((watch) => {
    const from = homeOf(watch);
    return from != 0 && differs(watch, from, otherThan(from));
  });
  eachWatch((watch) => {
    const from = homeOf(watch);
    if (from) setStale(watch, isDueIn(otherThan(from), watch));
  });
}

/** Which of the two databases the watched key is in, or 0. */
function homeOf(watch: u32): u32 {
  if (isOf(watch, first)) return first;
  return isOf(watch, second) ? second : 0;
}

function otherThan(db: u32): u32 {
  return db == first ? second : first;
}

/** Whether the watcher sees a change: a due key is none. */
function differs(watch: u32, from: u32, to: u32): bool {
  const old = !isStale(watch) && findWatched(from, watch) != 0;
  const entry = findWatched(to, watch);
  return old || (entry != 0 && !isGone(entry));
}

function isDueIn(db: u32, watch: u32): bool {
  const entry = findWatched(db, watch);
  return entry != 0 && isGone(entry);
}
