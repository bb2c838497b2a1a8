// What many clients have sent in one turn of the loop, executed together.
//
//   gatheredBytes ->   chunk of share 0 | chunk of share 1 | ...
//   gatheredShares ->  share 0 | share 1 | ... (GATHERED_SHARES of them) |
//                      u32 count of those served | served 0 | served 1 | ...
//
//   share (52 bytes), one chunk of one client without unfinished input:
//     from TypeScript:  u32 address of its bytes | u32 their count | u32 handle
//                       of its database | u32 protocol version of its replies
//     to TypeScript:    u32 how many of the bytes are done with | u32 end of its
//                       replies in the output buffer, 0 for none | u32 operation
//                       executed last, 0 for none | u32 whether a reply was
//                       dropped for want of memory
//     from TypeScript:  u32 what the client may have executed, as `run` gets it |
//                       u32 tracker (tracked.ts) that it is of, or 0
//     to TypeScript:    u32 wait (waits.ts) that its last command has begun, or
//                       0 | u32 queue of that command | u32 its timeout, in s
//
//   served (16 bytes), a client that has waited and waits no more:
//     u32 share that it is told of behind | u32 its wait | u32 end of its reply
//     in the output buffer | u32 whether it was dropped for want of memory
//
// Where each client sends one command and waits, only this gives the engine
// something to look ahead at (run.ts): the records of a batch are of many
// clients. A share is executed as far as it consists of whole commands that can
// wait in a record; the rest is left to the usual path. So the order of each
// client's commands is kept, and each one's replies lie together, in the order
// of the shares. A share ends with a command that begins to wait, or that has
// served somebody: whose replies lie where is then plain.
//
// Invariants: 1. a share's records follow each other in the batch, in the order
// of its commands; 2. a record is executed only if it lies in the part of its
// share that is done with: what fails ends that part.
//
// TypeScript owns the bytes and shares between the calls; nothing points into
// them afterwards.

import { awaitedType, makeReady, takeBack } from "./awaited";
import {
  GATHERED_BYTES,
  GATHERED_SERVED,
  GATHERED_SERVED_BYTES,
  GATHERED_SHARE_BYTES,
  GATHERED_SHARES,
} from "./codes";
import { arrived, forgetArrived, setReader } from "./noted";
import { hideNoMore } from "./overdue";
import { nextIsArray, setSource, unparsedStart } from "./parser";
import { isResp3, outFull, outLength, setResp, takeFailure } from "./reply";
import {
  AHEAD_MAX,
  countHot,
  executeRecord,
  fetchBucket,
  fetchEntries,
  forgetFetched,
  keepRecord,
  operationOf,
  parseRecordable,
  RECORD_BYTES,
  recordAt,
  recordEnd,
  recordStart,
  SHARE,
  takeLastHot,
} from "./run";
import {
  begun,
  begunSeconds,
  forgetBegun,
  isLastServed,
  servedOperation,
  serveWait,
  setWaitable,
  waitQueue,
} from "./waits";

const SHARE_BYTES: u32 = GATHERED_SHARE_BYTES;
const ADDRESS: usize = 0;
const BYTE_COUNT: usize = 4;
const DATABASE: usize = 8;
const RESP: usize = 12;
const USED: usize = 16;
const REPLIES_END: usize = 20;
const OPERATION: usize = 24;
const HAS_GAP: usize = 28;
const PERMISSION: usize = 32;
const TRACKER: usize = 36;
const WAIT: usize = 40;
const QUEUE: usize = 44;
const SECONDS: usize = 48;

const SERVED_SHARE: usize = 0;
const SERVED_WAIT: usize = 4;
const SERVED_END: usize = 8;
const SERVED_GAP: usize = 12;

/** Behind the last byte the parser may look at some more. */
const MARGIN_BYTES: u32 = 64;
const bytes = u32(memory.data(GATHERED_BYTES + MARGIN_BYTES, 64));
const SERVED: u32 = GATHERED_SHARES * SHARE_BYTES;
const SERVED_MAX: u32 = GATHERED_SERVED;
const SERVED_BYTES: u32 = 4 + SERVED_MAX * GATHERED_SERVED_BYTES;
const shares = u32(memory.data(SERVED + SERVED_BYTES, 64));
const served: u32 = shares + SERVED;
/** With more of them nothing further is begun: each record may add one. */
const SERVED_ENOUGH: u32 = SERVED_MAX - AHEAD_MAX;

/** The share that is being parsed, and the one behind the last. */
let share: u32 = 0;
let end: u32 = 0;

/** Where TypeScript writes the chunks. */
export function gatheredBytes(): u32 {
  return bytes;
}

/** Where it describes them. */
export function gatheredShares(): u32 {
  return shares;
}

/**
 * Executes the shares from one index on, until the output buffer is full;
 * returns the index of the first one that has not had its turn.
 */
export function runGathered(from: u32, count: u32): u32 {
  const hadResp3 = isResp3();
  hideNoMore();
  end = shares + count * SHARE_BYTES;
  store<u32>(served, 0);
  setWaitable(true);
  open(shares + from * SHARE_BYTES);
  while (share != end && !outFull() && load<u32>(served) < SERVED_ENOUGH) {
    const recordCount = parseShares();
    fetchShares(recordCount);
    executeShares(recordCount);
  }
  // What has been begun is not gone on with here.
  if (share != end && unparsedStart() != load<u32>(share, ADDRESS)) {
    closeAt(unparsedStart());
  }
  setSource(0, 0);
  setWaitable(false);
  setResp(hadResp3 ? 3 : 2);
  return (share - shares) / SHARE_BYTES;
}

function open(next: u32): void {
  share = next;
  if (next == end) return;
  const byteCount = load<u32>(next, BYTE_COUNT);
  setSource(load<u32>(next, ADDRESS), byteCount);
  store<u32>(next, byteCount, USED);
  store<u64>(next, 0, REPLIES_END);
  store<u32>(next, 0, HAS_GAP);
  store<u32>(next, 0, WAIT);
}

/** The rest of the share that is being parsed is for the usual path. */
function closeAt(address: u32): void {
  store<u32>(share, address - load<u32>(share, ADDRESS), USED);
  open(share + SHARE_BYTES);
}

/** Parses commands of one share after the other; returns how many. */
function parseShares(): u32 {
  let count: u32 = 0;
  while (count < AHEAD_MAX && share != end) {
    const start = unparsedStart();
    if (nextIsArray() && parseRecordable(load<u32>(share, PERMISSION))) {
      keepRecord(count);
      store<u32>(recordAt(count), share, SHARE);
      count++;
    } else {
      closeAt(start);
    }
  }
  return count;
}

// @ts-ignore: decorator
@inline
function databaseOf(record: u32): u32 {
  return load<u32>(load<u32>(record, SHARE), DATABASE);
}

function fetchShares(count: u32): void {
  const last = recordAt(count);
  for (let at = recordAt(0); at != last; at += RECORD_BYTES) {
    fetchBucket(databaseOf(at), at);
  }
  fetchEntries(last);
}

function executeShares(count: u32): void {
  const last = recordAt(count);
  for (let at = recordAt(0); at != last; at += RECORD_BYTES) {
    const mine = load<u32>(at, SHARE);
    const start = recordStart(at);
    if (start - load<u32>(mine) >= load<u32>(mine, USED)) continue;
    setResp(load<u32>(mine, RESP));
    setReader(load<u32>(mine, TRACKER));
    if (executeRecord(databaseOf(at), at)) {
      if (begun) {
        wait(mine, at);
        continue;
      }
      store<u32>(mine, outLength(), REPLIES_END);
      store<u32>(mine, takeLastHot(), OPERATION);
      if (takeFailure()) store<u32>(mine, 1, HAS_GAP);
      if (arrived) serve(mine, at);
    } else {
      endAt(mine, start);
    }
  }
  forgetFetched();
}

/** The rest of a share is for the usual path. */
function endAt(mine: u32, address: u32): void {
  if (mine == share) closeAt(address);
  else store<u32>(mine, address - load<u32>(mine), USED);
}

/** The client of a share has begun to wait. */
function wait(mine: u32, record: u32): void {
  store<u32>(mine, begun, WAIT);
  store<u32>(mine, waitQueue(begun), QUEUE);
  store<u32>(mine, begunSeconds, SECONDS);
  store<u32>(mine, operationOf(record), OPERATION);
  forgetBegun();
  endAt(mine, recordEnd(record));
}

/** A push of a share has brought in a list for which clients wait. */
function serve(mine: u32, record: u32): void {
  const db = databaseOf(record);
  const awaited = arrived;
  forgetArrived();
  takeBack(awaited);
  const wait = serveWait(db, awaited);
  if (wait) {
    countHot(servedOperation);
    // That was not the last one of this share.
    takeLastHot();
    noteServed(mine, wait);
  }
  // What could not be done here is left to TypeScript.
  const isOver = wait && isLastServed;
  if (!isOver && awaitedType(awaited, db) >= 0) makeReady(awaited);
  endAt(mine, recordEnd(record));
}

function noteServed(mine: u32, wait: u32): void {
  const count = load<u32>(served);
  const at = served + 4 + count * GATHERED_SERVED_BYTES;
  store<u32>(at, (mine - shares) / SHARE_BYTES, SERVED_SHARE);
  store<u32>(at, wait, SERVED_WAIT);
  store<u32>(at, outLength(), SERVED_END);
  store<u32>(at, u32(takeFailure()), SERVED_GAP);
  store<u32>(served, count + 1);
}
