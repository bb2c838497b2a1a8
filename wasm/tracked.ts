// Which clients have read which keys (CLIENT TRACKING): whoever changes a key
// that a client has in its cache says so here, and it is noted until TypeScript
// takes it and tells those clients.
//
//   tracked key:  node (key_chains.ts), with u32 tracker count | u32 the tracker
//                 if it is one, else its block of them, sorted
//   prefix:       u32 next | u32 length | bytes
//   note:         u32 what (TRACKED_..., codes.ts) | u32 key's length | u32
//                 tracker count | u32 trackers | key, filled up to 4 bytes
//
// A tracker is a number that TypeScript gives to a client. It is told of a key
// once: then the key is forgotten until it is read again. Who has left stays in
// the table until his keys change or are forgotten for want of room. A key has
// no database here, for the messages name none.
//
// Some want to know of all keys with a prefix: these are noted too, and who it
// is that wants it, only TypeScript knows.
//
// What FLUSHALL makes worthless is buried as a whole and freed in slices.
//
// Without memory all of that is given up: then all clients are told that all
// their keys have changed.

import { alloc, allocUnbounded, free, resize, usable } from "./allocator";
import { argLen, argPtr } from "./arguments";
import { TRACKED_ALL, TRACKED_BROADCAST, TRACKED_CHANGE } from "./codes";
import { copyBytes, sameBytes } from "./entry";
import { hashBytes } from "./hash";
import {
  addNode,
  BROADCAST,
  chainCount,
  CHAINS_BYTES,
  chainsSize,
  chainStart,
  drainNode,
  findNode,
  interest,
  moveChains,
  nextInChain,
  nodeKey,
  nodeKeyBytes,
  OWN,
  removeNode,
  setInterest,
  TRACKED,
  verifyChains,
} from "./key_chains";
import {
  addToNotes,
  clearNotes,
  makeNotesRoom,
  NOTES_BYTES,
  notesEnd,
  notesLength,
  notesPtr,
} from "./notes";

const COUNT: usize = OWN;
const TRACKERS: usize = OWN + 4;
const TRACKER_BYTES: u32 = 4;
const TRACKERS_MIN_BYTES: u32 = 16;

const NEXT_PREFIX: usize = 0;
const PREFIX_BYTES: usize = 4;
const PREFIX: u32 = 8;

const WHAT: usize = 0;
const KEY_BYTES: usize = 4;
const TRACKER_COUNT: usize = 8;
const NOTE_BYTES: u32 = 12;

/** All keys are in the same: no database has such a number. */
const NO_DATABASE: u32 = 0;

const keys = u32(memory.data(CHAINS_BYTES, 8));
let itemCount: f64 = 0;
/** Whether any client tracks anything. */
let isTracking: bool = false;
let firstPrefix: u32 = 0;
/** The chain in which a key is looked for that may be forgotten. */
let clock: u32 = 0;

/** The first client wants to track, or the last one does so no more. */
export function setTracking(on: i32): void {
  isTracking = on != 0;
  if (!isTracking) bury();
}

/** How many keys anybody has read. */
export function trackedKeyCount(): u32 {
  return chainsSize(keys);
}

/** The same, each as often as there are clients who have read it. */
export function trackedItemCount(): f64 {
  return itemCount;
}

/** A tracker has read the key of an argument. */
export function trackKey(tracker: u32, key: u32): void {
  if (!addReader(tracker, key)) giveUp();
}

function addReader(tracker: u32, key: u32): bool {
  const ptr = argPtr(key);
  const byteCount = argLen(key);
  const hash = hashBytes(ptr, byteCount);
  let node = findNode(keys, hash, NO_DATABASE, ptr, byteCount);
  if (node) return addTracker(node, tracker);
  node = addNode(keys, TRACKED, hash, NO_DATABASE, ptr, byteCount);
  if (!node) return false;
  store<u32>(node, 1, COUNT);
  store<u32>(node, tracker, TRACKERS);
  itemCount += 1;
  return true;
}

/** Where the trackers of a key lie. */
// @ts-ignore: decorator
@inline
function trackersOf(node: u32): u32 {
  return load<u32>(node, COUNT) == 1
    ? node + u32(TRACKERS)
    : load<u32>(node, TRACKERS);
}

function addTracker(node: u32, tracker: u32): bool {
  const count = load<u32>(node, COUNT);
  const trackers = trackersOf(node);
  const place = placeOf(trackers, count, tracker);
  const at = trackers + place * TRACKER_BYTES;
  if (place < count && load<u32>(at) == tracker) return true;
  const block = roomForOne(node, count);
  if (!block) return false;
  const to = block + place * TRACKER_BYTES;
  memory.copy(to + TRACKER_BYTES, to, (count - place) * TRACKER_BYTES);
  store<u32>(to, tracker);
  store<u32>(node, block, TRACKERS);
  store<u32>(node, count + 1, COUNT);
  itemCount += 1;
  return true;
}

/** The block of the trackers with room for one more, 0 without memory. */
function roomForOne(node: u32, count: u32): u32 {
  const byteCount = (count + 1) * TRACKER_BYTES;
  if (count == 1) {
    const block = alloc(TRACKERS_MIN_BYTES);
    if (block) store<u32>(block, load<u32>(node, TRACKERS));
    return block;
  }
  const block = load<u32>(node, TRACKERS);
  return usable(block) >= byteCount ? block : resize(block, byteCount * 2);
}

/** Where a tracker stands among others, or would. */
function placeOf(trackers: u32, count: u32, tracker: u32): u32 {
  let from: u32 = 0;
  let end = count;
  while (from < end) {
    const middle = (from + end) >> 1;
    if (load<u32>(trackers + middle * TRACKER_BYTES) < tracker) {
      from = middle + 1;
    } else end = middle;
  }
  return from;
}

/** Nobody has it any more. */
function forget(node: u32): void {
  itemCount -= f64(load<u32>(node, COUNT));
  freeTrackers(node);
  removeNode(keys, node);
}

function freeTrackers(node: u32): void {
  if (load<u32>(node, COUNT) > 1) free(load<u32>(node, TRACKERS));
}

/**
 * Forgets keys, up to `maxCount` of them, until there are no more than
 * `keyCount`: who has read them is told so.
 */
export function limitTracked(keyCount: u32, maxCount: u32): void {
  for (; maxCount && chainsSize(keys) > keyCount; maxCount--) {
    const node = nextOnClock();
    const ptr = nodeKey(node);
    if (note(TRACKED_CHANGE, node, ptr, nodeKeyBytes(node))) forget(node);
  }
}

/** A key out of the next chain that has any. */
function nextOnClock(): u32 {
  while (true) {
    if (!clock || clock > chainCount(keys)) clock = chainCount(keys);
    const node = chainStart(keys, --clock);
    if (node) return node;
  }
}

// Prefixes.

/** Keys that begin with an argument are noted too; 0 without memory. */
export function addPrefix(prefix: u32): u32 {
  const byteCount = argLen(prefix);
  const added = alloc(PREFIX + byteCount);
  if (!added) return 0;
  store<u32>(added, firstPrefix, NEXT_PREFIX);
  store<u32>(added, byteCount, PREFIX_BYTES);
  copyBytes(added + PREFIX, argPtr(prefix), byteCount);
  firstPrefix = added;
  setInterest(BROADCAST, true);
  return added;
}

/** They are not any more. */
export function removePrefix(prefix: u32): void {
  let before: u32 = 0;
  let at = firstPrefix;
  for (; at != prefix; at = load<u32>(at, NEXT_PREFIX)) before = at;
  const behind = load<u32>(prefix, NEXT_PREFIX);
  if (before) store<u32>(before, behind, NEXT_PREFIX);
  else firstPrefix = behind;
  free(prefix);
  setInterest(BROADCAST, firstPrefix != 0);
}

/** Whether a key begins with any of them. */
function hasPrefix(ptr: u32, byteCount: u32): bool {
  for (let at = firstPrefix; at; at = load<u32>(at, NEXT_PREFIX)) {
    const prefixBytes = load<u32>(at, PREFIX_BYTES);
    if (prefixBytes > byteCount) continue;
    if (sameBytes(at + PREFIX, ptr, prefixBytes)) return true;
  }
  return false;
}

// What happens to keys (see changes.ts).

/**
 * A key with this hash has changed. `what` is TRACKED_CHANGE, with TRACKED_SELF
 * when no client has done it.
 */
export function invalidate(
  hash: u64,
  ptr: u32,
  byteCount: u32,
  what: u32,
): void {
  const node = findNode(keys, hash, NO_DATABASE, ptr, byteCount);
  if (firstPrefix && hasPrefix(ptr, byteCount)) what |= TRACKED_BROADCAST;
  else if (!node) return;
  if (note(what, node, ptr, byteCount) && node) forget(node);
}

/**
 * All keys of a database have gone. For several at once it is noted once, unless
 * a key was read in between.
 */
export function invalidateAll(): void {
  if (!isTracking || (isAllNoted && !chainsSize(keys))) return;
  if (!note(TRACKED_ALL, 0, 0, 0)) return;
  isAllNoted = true;
  bury();
}

// What is noted.

const notes = u32(memory.data(NOTES_BYTES, 4));
let isGivenUp: bool = false;
/** Whether the last note is of all keys. */
let isAllNoted: bool = false;

function giveUp(): void {
  isGivenUp = true;
  clearNotes(notes);
  bury();
}

/** False when all was given up instead. */
function note(what: u32, node: u32, ptr: u32, byteCount: u32): bool {
  isAllNoted = false;
  const count = node ? load<u32>(node, COUNT) : 0;
  const padded = (byteCount + 3) & ~3;
  const noteBytes = NOTE_BYTES + count * TRACKER_BYTES + padded;
  if (!makeNotesRoom(notes, noteBytes)) {
    giveUp();
    return false;
  }
  const at = notesEnd(notes);
  store<u32>(at, what, WHAT);
  store<u32>(at, byteCount, KEY_BYTES);
  store<u32>(at, count, TRACKER_COUNT);
  let to = at + NOTE_BYTES;
  if (count) {
    memory.copy(to, trackersOf(node), count * TRACKER_BYTES);
    to += count * TRACKER_BYTES;
  }
  memory.copy(to, ptr, byteCount);
  addToNotes(notes, noteBytes);
  return true;
}

/** How many bytes of notes there are. */
export function trackedNoteBytes(): u32 {
  return notesLength(notes);
}

export function trackedNotes(): u32 {
  return notesPtr(notes);
}

/** The notes have been taken; 1 when all was given up before them. */
export function takeTrackedNotes(): i32 {
  const hadGivenUp = isGivenUp;
  isGivenUp = isAllNoted = false;
  clearNotes(notes);
  return i32(hadGivenUp);
}

/** Whether there is anything to be told. */
export function hasTrackedNotes(): i32 {
  return i32(notesLength(notes) != 0 || isGivenUp);
}

// Keys that were forgotten all at once.

const NEXT_GRAVE: usize = CHAINS_BYTES;
const GRAVE_BYTES: u32 = CHAINS_BYTES + 4;
let graves: u32 = 0;

function bury(): void {
  if (!(interest & TRACKED)) return;
  itemCount = 0;
  const grave = allocUnbounded(GRAVE_BYTES);
  if (!grave) {
    for (let node = takeAny(); node; node = takeAny()) removeNode(keys, node);
    return;
  }
  moveChains(keys, grave);
  store<u32>(grave, graves, NEXT_GRAVE);
  graves = grave;
}

/** A key of which the trackers have been freed. */
function takeAny(): u32 {
  if (!chainsSize(keys)) return 0;
  const node = nextOnClock();
  freeTrackers(node);
  return node;
}

/** Whether forgotten keys wait to be freed. */
export function hasForgotten(): bool {
  return graves != 0;
}

/** Frees up to `maxCount` of them; returns how many. */
export function reclaimForgotten(maxCount: u32): u32 {
  let count: u32 = 0;
  while (graves && count < maxCount) {
    const node = drainNode(graves);
    if (node) {
      freeTrackers(node);
      free(node);
      count++;
      continue;
    }
    const next = load<u32>(graves, NEXT_GRAVE);
    free(graves);
    graves = next;
  }
  return count;
}

/**
 * 0, or: 1 to 4 what is broken of the chains; 5 trackers that are not in order;
 * 6 a wrong count of items; 7 a wrong bit for the prefixes.
 */
export function verifyTracked(): u32 {
  const broken = verifyChains(keys);
  if (broken) return broken;
  let items: f64 = 0;
  for (let i: u32 = 0; i < chainCount(keys); i++) {
    let node = chainStart(keys, i);
    for (; node; node = nextInChain(node)) {
      const count = load<u32>(node, COUNT);
      if (!count) return 5;
      const trackers = trackersOf(node);
      for (let at: u32 = 1; at < count; at++) {
        const one = trackers + at * TRACKER_BYTES;
        if (load<u32>(one) <= load<u32>(one - TRACKER_BYTES)) return 5;
      }
      items += f64(count);
    }
  }
  if (items != itemCount) return 6;
  return ((interest & BROADCAST) != 0) == (firstPrefix != 0) ? 0 : 7;
}
