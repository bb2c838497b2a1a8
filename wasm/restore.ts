// RESTORE: a value from the payload that DUMP made.
//
//   type | value as in an RDB file | u16 version | u64 CRC64 of all before it
//
// Every part is checked before it is used, as in a file (rdb_read_blob.ts), and
// no old value goes before the new one is whole.

import { accessAfter } from "./access";
import { argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY, RESTORE_BUSY } from "./codes";
import { crc64 } from "./crc64";
import { attach, replaceFound } from "./attach";
import { lookupKey } from "./lookup";
import { setEntryAccess, setEntryDue } from "./entry";
import { RDB_STRING, RDB_VERSION_MAX } from "./rdb_codes";
import { draftCount, draftEntry, dropDraft } from "./rdb_draft";
import { FAULT_EMPTY, FAULT_REST } from "./rdb_faults";
import { isLoadOpen } from "./rdb_load";
import { freeScratch } from "./rdb_read";
import { stringEntry } from "./rdb_read_string";
import {
  beginValue,
  endValue,
  PARTS,
  partsLeft,
  readPart,
} from "./rdb_read_value";
import {
  bytesHere,
  fail,
  failForMemory,
  markHere,
  sourceClose,
  sourceOver,
  take8,
  trouble,
} from "./source";
import { countChange, countPayload } from "./statistics";
import { freeEntry } from "./value";

const FOOTER_BYTES: u32 = 10;
const SUM_BYTES: u32 = 8;

/** Whether payloads are taken whatever their checksum is. */
let skipsSums: bool = false;

/** DEBUG SET-SKIP-CHECKSUM-VALIDATION: for payloads that were made by hand. */
export function skipPayloadSums(on: i32): void {
  skipsSums = on != 0;
}

/** Whether a payload's version can be read and its checksum is right. */
export function isPayload(payload: u32): i32 {
  const byteCount = argLen(payload);
  if (byteCount < FOOTER_BYTES) return 0;
  const end = argPtr(payload) + byteCount;
  if (<u32> load<u16>(end - FOOTER_BYTES) > u32(RDB_VERSION_MAX)) return 0;
  if (skipsSums) return 1;
  const sum = crc64(0, argPtr(payload), byteCount - SUM_BYTES);
  return i32(load<u64>(end - SUM_BYTES) == sum);
}

/**
 * Makes the value of a payload that `isPayload` has passed, in the place of the
 * key's value if it has one. `dueMs` 0 means none; `idle` and `counter` are -1
 * when not known. 1, or a code: LOAD_CORRUPT, OUT_OF_MEMORY, RESTORE_BUSY. With
 * `storeNot` the value is only made and dropped: its time has passed.
 */
export function restoreKey(
  db: u32,
  key: u32,
  payload: u32,
  dueMs: f64,
  idle: f64,
  counter: i32,
  storeNot: i32,
): i32 {
  if (isLoadOpen()) return RESTORE_BUSY;
  countPayload();
  sourceOver(argPtr(payload), argLen(payload) - FOOTER_BYTES);
  const entry = readEntry(key, dueMs != 0);
  const code = trouble;
  freeScratch();
  sourceClose();
  if (!entry) return code;
  if (storeNot) {
    freeEntry(entry);
    return 1;
  }
  if (dueMs != 0) setEntryDue(entry, dueMs);
  setEntryAccess(entry, accessAfter(i64(idle), counter));
  return put(db, key, entry);
}

/** An entry with the payload's value, in no table yet; 0 with trouble. */
function readEntry(key: u32, due: bool): u32 {
  const type = take8();
  const isString = readValue(type) && type == RDB_STRING;
  if (!trouble && bytesHere()) fail(FAULT_REST);
  if (trouble) {
    dropDraft();
    return 0;
  }
  const entry = isString
    ? stringEntry(argPtr(key), argLen(key), due)
    : draftEntry(argPtr(key), argLen(key), due);
  if (entry) return entry;
  dropDraft();
  failForMemory();
  return 0;
}

/** Reads the whole value; false with trouble. */
function readValue(type: u32): bool {
  const begun = beginValue(type);
  if (trouble) return false;
  if (begun == PARTS) {
    while (partsLeft) {
      markHere();
      if (!readPart()) return false;
    }
    if (!endValue()) return false;
  }
  return type == RDB_STRING || draftCount() != 0 || fail(FAULT_EMPTY);
}

function put(db: u32, key: u32, entry: u32): i32 {
  const old = lookupKey(db, key);
  const code = old ? replaceFound(db, old, entry) : attach(db, entry);
  if (code != 0) {
    freeEntry(entry);
    return OUT_OF_MEMORY;
  }
  if (old) freeEntry(old);
  countChange();
  return 1;
}
