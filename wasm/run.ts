// The batch loop: parses command after command from the active input. Commands
// that the table marked hot are executed right here, as long as TypeScript
// allows it for this client; any other is handed back by its id.
//
// The table itself is TypeScript's. It registers each name once:
//
//   slot (32 bytes):  3 x u64 name, folded | u16 id + 1 | u8 hot operation |
//                     u8 name length | u32 reserved

import { usedBytes } from "./allocator";
import {
  argCount,
  argLen,
  argPtr,
  argTable,
  mustRelease,
  setArgCount,
} from "./arguments";
import {
  HOT_GET,
  HOT_INCR,
  HOT_PING,
  HOT_SET,
  MISSING,
  RUN_DONE,
  RUN_OUTPUT_FULL,
  RUN_PROTOCOL_ERROR,
  RUN_UNKNOWN,
} from "./codes";
import { hashBytes } from "./hash";
import { incrementBy, incrementedValue } from "./increment";
import { deliveredStart, nextIsArray, parseNext, rewindTo } from "./parser";
import {
  outFull,
  replyBulk,
  replyInteger64,
  replyNull,
  replyOk,
  replyPong,
} from "./reply";
import { uncountHit } from "./statistics";
import { getString, setString, viewBytes, viewPtr } from "./string";

import { presetHash, touchBucketOf, touchEntryOf } from "./table";

/** The parsed command may be executed here. */
const RUN_HOT: i32 = -100;

const SLOT_COUNT: u32 = 1024;
const SLOT_BYTES: u32 = 32;
const NAME_MAX_BYTES: u32 = 24;
const slots = memory.data(32768, 16);
const ID: usize = 24;
const HOT: usize = 26;
const NAME_BYTES: usize = 27;

/** Longer values are written by TypeScript straight from where they lie. */
const HOT_VALUE_MAX_BYTES: u32 = 16 * 1024;

/** Hot calls by operation since TypeScript last took them. */
const hotCalls = memory.data(64, 8);

let protocolErrorCode: i32 = 0;
let memoryLimit: f64 = Infinity;

/** Hot writes stop here above so many used bytes; TypeScript then decides. */
export function setMemoryLimit(byteCount: f64): void {
  memoryLimit = byteCount;
}

export function protocolError(): i32 {
  return protocolErrorCode;
}

// @ts-ignore: decorator
@inline
function foldWord(ptr: u32, byteCount: u32): u64 {
  if (byteCount >= 8) return load<u64>(ptr) | 0x2020202020202020;
  let word: u64 = 0;
  if (byteCount & 4) {
    word = u64(load<u32>(ptr));
    if (byteCount & 2) word |= u64(load<u16>(ptr + 4)) << 32;
  } else if (byteCount & 2) word = u64(load<u16>(ptr));
  if (byteCount & 1) {
    word |= u64(load<u8>(ptr + byteCount - 1)) << ((byteCount - 1) << 3);
  }
  return word | 0x2020202020202020;
}

// @ts-ignore: decorator
@inline
function foldRest(ptr: u32, byteCount: u32, from: u32): u64 {
  return byteCount > from ? foldWord(ptr + from, byteCount - from) : 0;
}

/** The slot of a name, or the free one where it belongs; 0 if too long. */
function findSlot(ptr: u32, byteCount: u32): u32 {
  if (byteCount - 1 >= NAME_MAX_BYTES) return 0;
  const first = foldWord(ptr, byteCount);
  const second = foldRest(ptr, byteCount, 8);
  const third = foldRest(ptr, byteCount, 16);
  let hash = (first ^ second ^ third) * 0x9e3779b97f4a7c15;
  let index = u32(hash >> 54);
  while (true) {
    const slot = u32(slots) + index * SLOT_BYTES;
    if (!load<u16>(slot, ID)) return slot;
    if (
      load<u64>(slot) == first && load<u8>(slot, NAME_BYTES) == byteCount &&
      load<u64>(slot, 8) == second && load<u64>(slot, 16) == third
    ) return slot;
    index = (index + 1) & (SLOT_COUNT - 1);
  }
}

/** Registers argument `name` as the command `id`; 1, or 0 for a bad name. */
export function registerCommand(name: u32, id: u32, hot: u32): i32 {
  const ptr = argPtr(name);
  const byteCount = argLen(name);
  const slot = findSlot(ptr, byteCount);
  if (!slot) return 0;
  store<u64>(slot, foldWord(ptr, byteCount));
  store<u64>(slot, foldRest(ptr, byteCount, 8), 8);
  store<u64>(slot, foldRest(ptr, byteCount, 16), 16);
  store<u16>(slot, id + 1, ID);
  store<u8>(slot, hot, HOT);
  store<u8>(slot, byteCount, NAME_BYTES);
  return 1;
}

/** The id of the command that argument `name` names, or RUN_UNKNOWN. */
export function commandId(name: u32): i32 {
  const slot = findSlot(argPtr(name), argLen(name));
  if (!slot || !load<u16>(slot, ID)) return RUN_UNKNOWN;
  return load<u16>(slot, ID) - 1;
}

/** The operation that was executed last since the last take, or 0. */
export function takeLastHot(): u32 {
  const last = lastHot;
  lastHot = 0;
  return last;
}

let lastHot: u32 = 0;

/** Takes the count of a hot operation's calls. */
export function takeHotCalls(hot: u32): f64 {
  const at = hotCalls + (hot << 3);
  const count = load<f64>(at);
  store<f64>(at, 0);
  return count;
}

// Looking ahead: up to AHEAD_MAX hot commands are parsed before the first of
// them is executed, so that the memory that they need can be fetched together.
//
//   record (48 bytes):  3 x { u32 ptr, u32 length } arguments | u64 hash of
//                       the key | u32 command start | u32 slot | u32 bucket
//
// A command that turns out to be TypeScript's is delivered as usual, and what
// was parsed behind it is parsed again later. So nothing may be parsed ahead
// that cannot be parsed twice: an inline command is split in place.

const AHEAD_MAX: u32 = 32;
const RECORD_BYTES: u32 = 48;
const records = memory.data(1536, 16);
const HASH: usize = 24;
const START: usize = 32;
const SLOT: usize = 36;
const BUCKET: usize = 40;

/** Halts to TypeScript make looking ahead vain work: it starts small again. */
let aheadCount: u32 = AHEAD_MAX;

// @ts-ignore: decorator
@inline
function recordAt(index: u32): u32 {
  return u32(records) + index * RECORD_BYTES;
}

/**
 * Runs the active input: hot commands are executed when `hot` says so; at
 * anything else it returns the command's id or a RUN code.
 */
export function run(db: u32, hot: i32): i32 {
  let result = RUN_HOT;
  while (result == RUN_HOT) {
    result = outFull() ? RUN_OUTPUT_FULL : runAhead(db, hot);
  }
  return result;
}

/** Parses some commands and executes them; RUN_HOT when more may follow. */
function runAhead(db: u32, hot: i32): i32 {
  let count: u32 = 0;
  let result = RUN_HOT;
  while (count < aheadCount && (count == 0 || nextIsArray())) {
    result = parseCommand(hot);
    if (result != RUN_HOT) break;
    keepRecord(recordAt(count));
    count++;
  }
  if (count == 0) return result;
  const pendingStart = deliveredStart();
  if (count > 1) fetchAhead(db, count);
  const done = executeRecords(db, count);
  if (done < count) {
    aheadCount = 1;
    if (done + 1 < count) rewindTo(load<u32>(recordAt(done + 1), START));
    else if (result != RUN_HOT) rewindTo(pendingStart);
    return deliverRecord(recordAt(done));
  }
  aheadCount = min(aheadCount << 1, AHEAD_MAX);
  if (result == RUN_HOT || result == RUN_PROTOCOL_ERROR) return result;
  // The records have used the argument table: what was parsed of the command
  // behind them has to be parsed again.
  rewindTo(pendingStart);
  return result == RUN_DONE ? result : RUN_HOT;
}

/** Parses one command: RUN_HOT when it may be executed here, or its result. */
// @ts-ignore: decorator
@inline
function parseCommand(hot: i32): i32 {
  const code = parseNext();
  if (code != 1) {
    if (code == 0) return RUN_DONE;
    protocolErrorCode = code;
    return RUN_PROTOCOL_ERROR;
  }
  const slot = findSlot(argPtr(0), argLen(0));
  if (!slot || !load<u16>(slot, ID)) return RUN_UNKNOWN;
  parsedSlot = slot;
  // What a command owns goes with the next parse: it cannot wait.
  return hot && !mustRelease && isAdmissible(load<u8>(slot, HOT))
    ? RUN_HOT
    : load<u16>(slot, ID) - 1;
}

let parsedSlot: u32 = 0;

/** Whether the parsed command has the form that is executed here. */
// @ts-ignore: decorator
@inline
function isAdmissible(operation: u32): bool {
  switch (operation) {
    case HOT_GET:
      return argCount == 2;
    case HOT_SET:
      return argCount == 3 && argLen(2) <= HOT_VALUE_MAX_BYTES;
    case HOT_INCR:
      return argCount == 2;
    case HOT_PING:
      return argCount == 1;
    default:
      return false;
  }
}

// @ts-ignore: decorator
@inline
function keepRecord(record: u32): void {
  store<u64>(record, load<u64>(argTable));
  store<u64>(record, load<u64>(argTable, 8), 8);
  store<u64>(record, load<u64>(argTable, 16), 16);
  store<u32>(record, deliveredStart(), START);
  store<u32>(record, parsedSlot, SLOT);
  store<u64>(record, argCount > 1 ? hashBytes(argPtr(1), argLen(1)) : 0, HASH);
}

// @ts-ignore: decorator
@inline
function installRecord(record: u32): void {
  store<u64>(argTable, load<u64>(record));
  store<u64>(argTable, load<u64>(record, 8), 8);
  store<u64>(argTable, load<u64>(record, 16), 16);
}

/** Hands a record to TypeScript as if it had been parsed just now. */
function deliverRecord(record: u32): i32 {
  installRecord(record);
  const slot = load<u32>(record, SLOT);
  const operation = load<u8>(slot, HOT);
  setArgCount(operation == HOT_PING ? 1 : operation == HOT_SET ? 3 : 2);
  return load<u16>(slot, ID) - 1;
}

/** Touches the buckets of all records, then their entries. */
function fetchAhead(db: u32, count: u32): void {
  const end = recordAt(count);
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) {
    store<u32>(at, touchBucketOf(db, load<u64>(at, HASH)), BUCKET);
  }
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) {
    touchEntryOf(load<u32>(at, BUCKET), load<u64>(at, HASH), load<u32>(at, 12));
  }
}

/** Executes records until one is left to TypeScript; returns how many. */
function executeRecords(db: u32, count: u32): u32 {
  for (let i: u32 = 0; i < count; i++) {
    const record = recordAt(i);
    installRecord(record);
    presetHash(load<u32>(record, 8), load<u64>(record, HASH));
    const operation: u32 = load<u8>(load<u32>(record, SLOT), HOT);
    if (!execute(db, operation)) {
      presetHash(0, 0);
      return i;
    }
    const at = hotCalls + (operation << 3);
    store<f64>(at, load<f64>(at) + 1);
    lastHot = operation;
  }
  presetHash(0, 0);
  return count;
}

/** Executes a hot command; false leaves it, untouched, to TypeScript. */
// @ts-ignore: decorator
@inline
function execute(db: u32, operation: u32): bool {
  switch (operation) {
    case HOT_GET:
      return hotGet(db);
    case HOT_SET:
      return hotSet(db);
    case HOT_INCR:
      return hotIncrement(db);
    case HOT_PING:
      replyPong();
      return true;
    default:
      return false;
  }
}

// @ts-ignore: decorator
@inline
function hotGet(db: u32): bool {
  const code = getString(db, 1);
  if (code == MISSING) {
    replyNull();
    return true;
  }
  if (code < 0 || viewBytes() > HOT_VALUE_MAX_BYTES) {
    uncountHit();
    return false;
  }
  replyBulk(viewPtr(), viewBytes());
  return true;
}

// @ts-ignore: decorator
@inline
function hotSet(db: u32): bool {
  if (usedBytes() > memoryLimit) return false;
  if (setString(db, 1, 2, 0, 0) < 0) return false;
  replyOk();
  return true;
}

// @ts-ignore: decorator
@inline
function hotIncrement(db: u32): bool {
  if (usedBytes() > memoryLimit) return false;
  if (incrementBy(db, 1, 1) < 0) return false;
  replyInteger64(incrementedValue());
  return true;
}
