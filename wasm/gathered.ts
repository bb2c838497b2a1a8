// What many clients have sent in one turn of the loop, executed together.
//
//   gatheredBytes ->   chunk of share 0 | chunk of share 1 | ...
//   gatheredShares ->  share 0 | share 1 | ...
//
//   share (40 bytes), one chunk of one client without unfinished input:
//     from TypeScript:  u32 address of its bytes | u32 their count | u32 handle
//                       of its database | u32 protocol version of its replies
//     to TypeScript:    u32 how many of the bytes are done with | u32 end of its
//                       replies in the output buffer, 0 for none | u32 operation
//                       executed last, 0 for none | u32 whether a reply was
//                       dropped for want of memory
//     from TypeScript:  u32 what the client may have executed, as `run` gets it |
//                       u32 tracker (tracked.ts) that it is of, or 0
//
// Where each client sends one command and waits, only this gives the engine
// something to look ahead at (run.ts): the records of a batch are of many
// clients. A share is executed as far as it consists of whole commands that can
// wait in a record; the rest is left to the usual path. So the order of each
// client's commands is kept, and each one's replies lie together, in the order
// of the shares.
//
// Invariants: 1. a share's records follow each other in the batch, in the order
// of its commands; 2. a record is executed only if it lies in the part of its
// share that is done with: what fails ends that part.
//
// TypeScript owns the bytes and shares between the calls; nothing points into
// them afterwards.

import { GATHERED_BYTES, GATHERED_SHARE_BYTES, GATHERED_SHARES } from "./codes";
import { hideNoMore } from "./overdue";
import { nextIsArray, setSource, unparsedStart } from "./parser";
import { isResp3, outFull, outLength, setResp, takeFailure } from "./reply";
import {
  AHEAD_MAX,
  executeRecord,
  fetchBucket,
  fetchEntries,
  forgetFetched,
  keepRecord,
  parseRecordable,
  RECORD_BYTES,
  recordAt,
  recordStart,
  SHARE,
  takeLastHot,
} from "./run";
import { setReader } from "./noted";

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

/** Behind the last byte the parser may look at some more. */
const MARGIN_BYTES: u32 = 64;
const bytes = u32(memory.data(GATHERED_BYTES + MARGIN_BYTES, 64));
const shares = u32(memory.data(GATHERED_SHARES * SHARE_BYTES, 64));

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
  open(shares + from * SHARE_BYTES);
  while (share != end && !outFull()) {
    const recordCount = parseShares();
    fetchShares(recordCount);
    executeShares(recordCount);
  }
  // What has been begun is not gone on with here.
  if (share != end && unparsedStart() != load<u32>(share, ADDRESS)) {
    closeAt(unparsedStart());
  }
  setSource(0, 0);
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
      store<u32>(mine, outLength(), REPLIES_END);
      store<u32>(mine, takeLastHot(), OPERATION);
      if (takeFailure()) store<u32>(mine, 1, HAS_GAP);
    } else if (mine == share) {
      closeAt(start);
    } else {
      store<u32>(mine, start - load<u32>(mine), USED);
    }
  }
  forgetFetched();
}
