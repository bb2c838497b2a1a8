// DUMP: a value as a string that RESTORE reads, here or on another server.
//
//   u8 type | value as in an RDB file | u16 version | u64 CRC64 of all before
//
// The version is the lowest that knows the value, so that Redis 7.0 takes all
// but hashes whose fields have due times. Equal values give equal dumps as long
// as nothing changes them: whoever sends one away can ask later whether the
// value is still the one that he sent.

import { MISSING, OUT_OF_MEMORY } from "./codes";
import { lookupKey, lookupRead } from "./lookup";
import { RDB_VERSION, RDB_VERSION_FIELD_DUE } from "./rdb_codes";
import { recordValueOnly } from "./record";
import { replyBulk } from "./reply";
import {
  put64,
  putBytes,
  selectedSink,
  selectSink,
  sinkCrc,
  sinkFailed,
  sinkFree,
  sinkHeadBytes,
  sinkHeadIsFull,
  sinkHeadPtr,
  sinkNew,
  sinkOnlySum,
  sinkSum,
  sinkTotal,
} from "./sink";

const versionText: u32 = u32(memory.data(2));

/** The sink of the last dump, and the sum that it ends with. */
let dumped: u32 = 0;
let sum: u64 = 0;

export function dumpSink(): u32 {
  return dumped;
}

export function dumpSumLow(): u32 {
  return u32(sum);
}

export function dumpSumHigh(): u32 {
  return u32(sum >> 32);
}

/**
 * Puts a key's dump into a sink of its own, `dumpSink`, which is the caller's
 * to free: 0, MISSING or OUT_OF_MEMORY.
 */
export function dumpKey(db: u32, key: u32): i32 {
  const entry = lookupRead(db, key);
  if (!entry) return MISSING;
  dumped = sinkNew();
  if (!dumped) return OUT_OF_MEMORY;
  sinkSum(dumped);
  return putDump(entry);
}

/** Puts it all into the sink; frees it and says OUT_OF_MEMORY if that fails. */
function putDump(entry: u32): i32 {
  const before = selectedSink();
  selectSink(dumped);
  const isDated = recordValueOnly(entry);
  store<u16>(versionText, isDated ? RDB_VERSION_FIELD_DUE : RDB_VERSION);
  putBytes(versionText, 2);
  sum = sinkCrc(dumped);
  put64(sum);
  selectSink(before);
  if (!sinkFailed(dumped)) return 0;
  sinkFree(dumped);
  return OUT_OF_MEMORY;
}

/**
 * Whether a key's dump would still have so many bytes and such a sum: 1, 0,
 * MISSING or OUT_OF_MEMORY.
 */
export function isDumpOf(
  db: u32,
  key: u32,
  byteCount: f64,
  sumLow: u32,
  sumHigh: u32,
): i32 {
  const entry = lookupKey(db, key);
  if (!entry) return MISSING;
  dumped = sinkNew();
  if (!dumped) return OUT_OF_MEMORY;
  sinkOnlySum(dumped);
  const code = putDump(entry);
  if (code != 0) return code;
  const isSame = sinkTotal(dumped) == byteCount &&
    sum == ((u64(sumHigh) << 32) | sumLow);
  sinkFree(dumped);
  return i32(isSame);
}

/**
 * DUMP: replies with the dump and returns 0 when it is small, or what `dumpKey`
 * says; 1 when it has left the dump in its sink.
 */
export function dumpReply(db: u32, key: u32): i32 {
  const code = dumpKey(db, key);
  if (code != 0) return code;
  if (sinkHeadIsFull(dumped)) return 1;
  replyBulk(sinkHeadPtr(dumped), sinkHeadBytes(dumped));
  sinkFree(dumped);
  return 0;
}
