// Clients that wait for a list and are served here: those whose BLPOP or BRPOP
// of a single key was executed by the batch loop, which found no list.
//
//   wait (20 bytes):  u32 next | u32 the one before | u32 awaited key
//                     (awaited.ts) | u32 queue of its command (queue.ts) | u32
//                     operation
//
// The waits of one key form its queue, first come first served; the key knows
// its ends. A list that a gathered push brings in is handed out right behind the
// push (gathered.ts). Whatever else brings one in, or says that somebody waits
// no more, is TypeScript's: it takes over all waits of a key (`takeWait`), and
// their clients wait there from then on.
//
// Invariants: 1. a key with waits is awaited by nobody of whom TypeScript alone
// knows; 2. a wait's address is what TypeScript calls it by until it is told
// that it is over.

import { alloc, free } from "./allocator";
import { argLen, argPtr } from "./arguments";
import {
  awaitedBy,
  awaitKey,
  awaitNoMore,
  checkAwaited,
  OF_WAITS,
} from "./awaited";
import { isLogging, keepPop, pledgePop } from "./effects";
import { HOT_BLPOP } from "./hot_codes";
import { popWithKey } from "./list";
import { freeQueue, queueCommand } from "./queue";

const FIRST: usize = OF_WAITS;
const LAST: usize = OF_WAITS + 4;

const WAIT_BYTES: u32 = 20;
const NEXT: usize = 0;
const BEFORE: usize = 4;
const AWAITED_KEY: usize = 8;
const QUEUE: usize = 12;
const OPERATION: usize = 16;

/** A plain timeout is a whole number of seconds of no more digits than this. */
const DIGITS_MAX: u32 = 9;
export const NOT_PLAIN: u32 = 0xffffffff;

/** Whether clients are executed who can begin to wait, and can be served. */
export let isWaitable: bool = false;
/** The wait that the last command has begun, or 0, and its timeout. */
export let begun: u32 = 0;
export let begunSeconds: u32 = 0;

export function setWaitable(is: bool): void {
  isWaitable = is;
}

/** The begun wait has been seen. */
export function forgetBegun(): void {
  begun = 0;
}

/** What the command is kept in that waits. */
export function waitQueue(wait: u32): u32 {
  return load<u32>(wait, QUEUE);
}

/** The key that a wait is for. */
export function waitKey(wait: u32): u32 {
  return load<u32>(wait, AWAITED_KEY);
}

/** Whether those who wait for a key have their waits here. */
// @ts-ignore: decorator
@inline
export function hasWaits(awaited: u32): bool {
  return load<u32>(awaited, FIRST) != 0;
}

/** The current command begins to wait for its key; false leaves it untouched. */
export function beginWait(db: u32, operation: u32, seconds: u32): bool {
  if (!isWaitable) return false;
  const known = awaitedBy(db, 1);
  if (known && !hasWaits(known)) return false;
  const wait = alloc(WAIT_BYTES);
  if (!wait) return false;
  const queue = queueCommand(0);
  const awaited = queue ? known || awaitKey(db, 1) : 0;
  if (!awaited) {
    if (queue) freeQueue(queue);
    free(wait);
    return false;
  }
  store<u32>(wait, awaited, AWAITED_KEY);
  store<u32>(wait, queue, QUEUE);
  store<u32>(wait, operation, OPERATION);
  append(awaited, wait);
  begun = wait;
  begunSeconds = seconds;
  return true;
}

/** The timeout in argument 2, or NOT_PLAIN. */
export function plainTimeout(): u32 {
  let ptr = argPtr(2);
  const byteCount = argLen(2);
  if (byteCount == 0 || byteCount > DIGITS_MAX) return NOT_PLAIN;
  let seconds: u32 = 0;
  for (const end = ptr + byteCount; ptr != end; ptr++) {
    const digit: u32 = load<u8>(ptr) - 0x30;
    if (digit > 9) return NOT_PLAIN;
    seconds = seconds * 10 + digit;
  }
  return seconds;
}

/**
 * Hands an element of the list under argument 1, which is that key, to the first
 * who waits, and replies to him: his wait, which is over, or 0 when that cannot
 * be done here.
 */
export function serveWait(db: u32, awaited: u32): u32 {
  const wait = load<u32>(awaited, FIRST);
  if (isLogging && !pledgePop()) return 0;
  const operation = load<u32>(wait, OPERATION);
  const atHead = operation == HOT_BLPOP;
  const isServed = popWithKey(db, 1, -1, atHead) > 0;
  if (isLogging) keepPop(db, isServed, atHead);
  if (!isServed) return 0;
  servedOperation = operation;
  isLastServed = load<u32>(wait, NEXT) == 0;
  freeQueue(waitQueue(wait));
  leaveWait(wait);
  return wait;
}

/** Of the wait that was served last: its operation, ... */
export let servedOperation: u32 = 0;
/** ... and whether nobody waits for the key any more, which is gone then. */
export let isLastServed: bool = false;

/** A client waits no more. Its queue is TypeScript's. */
export function leaveWait(wait: u32): void {
  const awaited = waitKey(wait);
  unlink(wait);
  if (!hasWaits(awaited)) awaitNoMore(awaited);
}

/**
 * TypeScript takes over the first wait of a key and the queue of its command; 0
 * when there is none left. The key is awaited all the same.
 */
export function takeWait(awaited: u32): u32 {
  const wait = load<u32>(awaited, FIRST);
  if (wait) unlink(wait);
  return wait;
}

/** 0, or the number of what is broken. O(n). */
export function verifyWaits(): u32 {
  return checkAwaited(verifyQueue);
}

function verifyQueue(awaited: u32): u32 {
  let before: u32 = 0;
  let wait = load<u32>(awaited, FIRST);
  for (; wait; wait = load<u32>(wait, NEXT)) {
    if (load<u32>(wait, BEFORE) != before) return 5;
    if (waitKey(wait) != awaited) return 6;
    before = wait;
  }
  return load<u32>(awaited, LAST) == before ? 0 : 5;
}

// The queue of a key.

function append(awaited: u32, wait: u32): void {
  const last = load<u32>(awaited, LAST);
  store<u32>(wait, 0, NEXT);
  store<u32>(wait, last, BEFORE);
  if (last) store<u32>(last, wait, NEXT);
  else store<u32>(awaited, wait, FIRST);
  store<u32>(awaited, wait, LAST);
}

function unlink(wait: u32): void {
  const awaited = waitKey(wait);
  const next = load<u32>(wait, NEXT);
  const before = load<u32>(wait, BEFORE);
  if (before) store<u32>(before, next, NEXT);
  else store<u32>(awaited, next, FIRST);
  if (next) store<u32>(next, before, BEFORE);
  else store<u32>(awaited, before, LAST);
  free(wait);
}
