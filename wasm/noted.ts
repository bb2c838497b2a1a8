// Executing a hot command of which somebody may have to hear, or which has to
// stay within bounds: there is a log (effects.ts), somebody is interested in keys
// (key_chains.ts), or there is a limit of memory (memory_limit.ts).
//
// Who waits for a key is served before the next command: by those who have
// gathered commands if he waits here (waits.ts), else by TypeScript. Who tracks
// learns what he has changed before his next reply, which is TypeScript's work.

import { argCount } from "./arguments";
import { awaitedBy } from "./awaited";
import { keyChanged } from "./changes";
import { isLogging, keepPledge, keepPop, pledgeCommand } from "./effects";
import { beginWrite, endWrite } from "./eviction";
import { executeHot } from "./hot";
import {
  HOT_BLPOP,
  HOT_BRPOP,
  HOT_GET,
  HOT_HGET,
  HOT_HSET,
  HOT_INCR,
  HOT_LPUSH,
  HOT_MSET,
  HOT_PFADD,
  HOT_PING,
  HOT_RPUSH,
  HOT_SADD,
  HOT_SET,
  HOT_SPOP,
  HOT_ZADD,
} from "./hot_codes";
import {
  AWAITED,
  interest,
  OF_CHANGES,
  READING,
  setInterest,
} from "./key_chains";
import { isLimited } from "./memory_limit";
import { hideNoMore } from "./overdue";
import { changes } from "./statistics";
import { trackKey } from "./tracked";
import { hasWaits, isWaitable } from "./waits";

/** What changes nothing but due keys, which are noted where they go. */
const READS: u32 = (1 << HOT_GET) | (1 << HOT_HGET) | (1 << HOT_PING);

/** What only reads, or takes away, needs no room. */
const ADDS: u32 = (1 << HOT_SET) | (1 << HOT_INCR) | (1 << HOT_MSET) |
  (1 << HOT_LPUSH) | (1 << HOT_RPUSH) | (1 << HOT_SADD) | (1 << HOT_HSET) |
  (1 << HOT_ZADD) | (1 << HOT_PFADD);

/** What may bring in a key for which somebody can wait. */
const BRINGS: u32 = (1 << HOT_LPUSH) | (1 << HOT_RPUSH) | (1 << HOT_ZADD);

/** What takes an element off a list, or waits for one. */
const BLOCKING_POPS: u32 = (1 << HOT_BLPOP) | (1 << HOT_BRPOP);

/** The awaited key that the last command has brought in, or 0. */
export let arrived: u32 = 0;

/** Whoever waits for it is served. */
export function forgetArrived(): void {
  arrived = 0;
}

/** The tracker (tracked.ts) whose commands are executed, or 0. */
let reader: u32 = 0;

/** From now on it is a tracker who reads; 0 for somebody else. */
// @ts-ignore: decorator
@inline
export function setReader(tracker: u32): void {
  if (tracker == reader) return;
  reader = tracker;
  setInterest(READING, tracker != 0);
}

/** Executes the command that began at `start`; false leaves it untouched. */
export function executeNoted(db: u32, operation: u32, start: u32): bool {
  hideNoMore();
  if ((1 << operation) & READS) return read(db, operation);
  if (reader) return false;
  const mayServe = interest & AWAITED && (1 << operation) & BRINGS;
  const awaited = mayServe ? awaitedBy(db, 1) : 0;
  if (awaited && !(isWaitable && hasWaits(awaited))) return false;
  if (isLogging && !pledgeCommand(start)) return false;
  const before = changes;
  const isDone = isLimited && (1 << operation) & ADDS
    ? executeBounded(db, operation)
    : executeHot(db, operation);
  const hasChanged = changes != before;
  if (hasChanged) arrived = awaited;
  if (isLogging) keepEffect(db, operation, start, hasChanged);
  if (hasChanged && interest & OF_CHANGES) keysChanged(db, operation);
  return isDone;
}

function keepEffect(
  db: u32,
  operation: u32,
  start: u32,
  hasChanged: bool,
): void {
  if ((1 << operation) & BLOCKING_POPS) {
    keepPop(db, hasChanged, operation == HOT_BLPOP);
  } else {
    // SPOP has logged itself, by the member that it has drawn.
    keepPledge(db, start, hasChanged && operation != HOT_SPOP);
  }
}

/** The same within the limit of memory, after others have made room. */
function executeBounded(db: u32, operation: u32): bool {
  if (!beginWrite()) return false;
  const isDone = executeHot(db, operation);
  endWrite();
  return isDone;
}

function read(db: u32, operation: u32): bool {
  const isDone = executeHot(db, operation);
  if (isDone && reader && operation != HOT_PING) trackKey(reader, 1);
  return isDone;
}

/** Tells those who are interested that a command has changed its keys. */
function keysChanged(db: u32, operation: u32): void {
  const last: u32 = operation == HOT_MSET ? argCount - 1 : 2;
  for (let key: u32 = 1; key < last; key += 2) keyChanged(db, key);
}
