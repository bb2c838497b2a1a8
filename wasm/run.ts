// The batch loop: parses command after command from the active input. Commands
// that the table marked hot are executed right here, as long as TypeScript
// allows it for this client; any other is handed back by its id.

import {
  argCount,
  argLen,
  argPtr,
  argTable,
  mustRelease,
  ownedBytes,
  setArgCount,
} from "./arguments";
import {
  RUN_DONE,
  RUN_OUTPUT_FULL,
  RUN_PROTOCOL_ERROR,
  RUN_UNKNOWN,
} from "./codes";
import { slotId, slotOf, slotOperation } from "./command_names";
import { isLogging } from "./effects";
import { sameBytes } from "./entry";
import { hashBytes } from "./hash";
import { executeHot, hotForm, NOT_HOT, RECORDED } from "./hot";
import { interest } from "./key_chains";
import { memberArgument, memberTable } from "./member_ahead";
import { isLimited } from "./memory_limit";
import { executeNoted, setReader } from "./noted";
import { hideNoMore } from "./overdue";
import {
  cursor,
  deliveredStart,
  nextIsArray,
  parseNext,
  rewindTo,
} from "./parser";
import { isPermitted } from "./permission";
import { outFull } from "./reply";
import { presetHash } from "./table";
import { touchBucketOf, touchEntryOf } from "./table_ahead";
import { begun } from "./waits";

/** The parsed command may be executed here, after others were parsed too. */
const RUN_HOT: i32 = -100;
/** It may be executed here, but has more arguments than a record keeps. */
const RUN_LONE: i32 = -101;

/**
 * A longer command may take its time, and is TypeScript's, which measures each
 * of its commands: nothing that is executed here can be slow.
 */
const LONE_MAX_BYTES: u32 = 64 * 1024;
/** What `run` gets in place of a permission from who may do everything. */
const ALL_HOT: u32 = 1;

/** Hot calls by operation since TypeScript last took them. */
const hotCalls = memory.data(256, 8);

let protocolErrorCode: i32 = 0;

export function protocolError(): i32 {
  return protocolErrorCode;
}

/** The operation that was executed last since the last take, or 0. */
export function takeLastHot(): u32 {
  const last = lastHot;
  lastHot = 0;
  return last;
}

let lastHot: u32 = 0;

/** The operations that were executed since the last take, a bit for each. */
export function takeHotOperations(): u32 {
  const operations = hotOperations;
  hotOperations = 0;
  return operations;
}

let hotOperations: u32 = 0;

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
//   record (80 bytes):  4 x { u32 ptr, u32 length } arguments | u64 hash of
//                       the key | u32 command start | u32 slot | u32 bucket |
//                       u32 argument count | u32 share (gathered.ts) | u32
//                       member's bucket, 0 for none | u64 member's hash
//
// A command that turns out to be TypeScript's is delivered as usual, and what
// was parsed behind it is parsed again later. So nothing may be parsed ahead
// that cannot be parsed twice: an inline command is split in place.
//
// The records use the argument table one after the other. What it held of the
// command behind them, whole or in part, is kept in one more record meanwhile.

export const AHEAD_MAX: u32 = 32;
const LINE_END_BYTES: u32 = 2;
export const RECORD_BYTES: u32 = 80;
const ARGUMENT_BYTES: u32 = 8;
const LENGTH: usize = 4;
const records = memory.data(2640, 16);
const KEY_PTR: usize = 8;
const KEY_BYTES: usize = 12;
const HASH: usize = 32;
const START: usize = 40;
const SLOT: usize = 44;
const BUCKET: usize = 48;
const ARGUMENT_COUNT: usize = 52;
export const SHARE: usize = 56;
const MEMBER_BUCKET: usize = 60;
const MEMBER_HASH: usize = 64;

/** Halts to TypeScript make looking ahead vain work: it starts small again. */
let aheadCount: u32 = AHEAD_MAX;

// @ts-ignore: decorator
@inline
export function recordAt(index: u32): u32 {
  return u32(records) + index * RECORD_BYTES;
}

/**
 * Runs the active input: hot commands are executed when `hot` says so; at
 * anything else it returns the command's id or a RUN code. `tracker` has sent
 * them, or somebody who is none.
 *
 * `hot` is 0 for none, 1 for all, or a permission (permission.ts).
 */
export function run(db: u32, hot: u32, tracker: u32): i32 {
  setReader(tracker);
  let result = RUN_HOT;
  delivered = 0;
  hideNoMore();
  while (result == RUN_HOT) {
    result = outFull() ? RUN_OUTPUT_FULL : runAhead(db, hot);
  }
  if (!delivered) delivered = cursor - deliveredStart() + ownedBytes;
  return result;
}

let delivered: u32 = 0;

/** How many bytes the command had that `run` has handed over. */
export function deliveredBytes(): u32 {
  return delivered;
}

/** Parses some commands and executes them; RUN_HOT when more may follow. */
function runAhead(db: u32, hot: u32): i32 {
  let count: u32 = 0;
  let result = RUN_HOT;
  while (count < aheadCount && (count == 0 || nextIsArray())) {
    result = parseCommand(hot);
    if (result != RUN_HOT) break;
    keepRecord(count);
    count++;
  }
  if (count) {
    const pendingStart = deliveredStart();
    if (result != RUN_HOT) keepArguments(recordAt(count));
    if (count > 1) fetchAhead(db, count);
    const done = executeRecords(db, count);
    if (done < count) {
      aheadCount = 1;
      if (done + 1 < count) rewindTo(load<u32>(recordAt(done + 1), START));
      else if (result != RUN_HOT) rewindTo(pendingStart);
      return deliver(recordAt(done));
    }
    aheadCount = min(aheadCount << 1, AHEAD_MAX);
    if (result != RUN_HOT) installRecord(recordAt(count));
  }
  return result == RUN_LONE ? runLone(db) : result;
}

/** Executes the parsed command, which no record could keep. */
function runLone(db: u32): i32 {
  const slot = parsedSlot;
  const operation = slotOperation(slot);
  if (!execute(db, operation, deliveredStart())) return slotId(slot);
  countHot(operation);
  return RUN_HOT;
}

/** Parses one command: RUN_HOT when it may be executed here, or its result. */
// @ts-ignore: decorator
@inline
function parseCommand(hot: u32): i32 {
  const code = parseNext();
  if (code != 1) {
    if (code == 0) return RUN_DONE;
    protocolErrorCode = code;
    return RUN_PROTOCOL_ERROR;
  }
  const slot = slotOf(argPtr(0), argLen(0));
  if (!slot) return RUN_UNKNOWN;
  parsedSlot = slot;
  // What a command owns goes with the next parse: it cannot wait.
  if (hot && !mustRelease) {
    const operation = slotOperation(slot);
    const form = hotForm(operation);
    if (form != NOT_HOT && (hot == ALL_HOT || isPermitted(hot, operation))) {
      if (form == RECORDED) return RUN_HOT;
      if (cursor - deliveredStart() <= LONE_MAX_BYTES) return RUN_LONE;
    }
  }
  return slotId(slot);
}

let parsedSlot: u32 = 0;

/** Parses one command; whether it is one that a record may keep. */
export function parseRecordable(hot: u32): bool {
  return parseCommand(hot) == RUN_HOT;
}

// @ts-ignore: decorator
@inline
export function keepRecord(index: u32): void {
  const record = recordAt(index);
  keepArguments(record);
  store<u32>(record, deliveredStart(), START);
  store<u32>(record, parsedSlot, SLOT);
  if (argCount > 1) store<u64>(record, keyHash(index, record), HASH);
}

/** The hash of a record's key, which often is the same as in the one before. */
// @ts-ignore: decorator
@inline
function keyHash(index: u32, record: u32): u64 {
  const before = record - RECORD_BYTES;
  const ptr = argPtr(1);
  const byteCount = argLen(1);
  return index && load<u32>(before, ARGUMENT_COUNT) > 1 &&
      load<u32>(before, KEY_BYTES) == byteCount &&
      sameBytes(load<u32>(before, KEY_PTR), ptr, byteCount)
    ? load<u64>(before, HASH)
    : hashBytes(ptr, byteCount);
}

// @ts-ignore: decorator
@inline
function keepArguments(record: u32): void {
  v128.store(record, v128.load(argTable));
  v128.store(record, v128.load(argTable, 16), 16);
  store<u32>(record, argCount, ARGUMENT_COUNT);
}

// @ts-ignore: decorator
@inline
function installRecord(record: u32): void {
  v128.store(argTable, v128.load(record));
  v128.store(argTable, v128.load(record, 16), 16);
  setArgCount(load<u32>(record, ARGUMENT_COUNT));
}

/** Hands a record to TypeScript as if it had been parsed just now. */
function deliver(record: u32): i32 {
  installRecord(record);
  delivered = recordEnd(record) - load<u32>(record, START);
  return slotId(load<u32>(record, SLOT));
}

/** Touches what all records need, one step of each look-up after the other. */
function fetchAhead(db: u32, count: u32): void {
  const end = recordAt(count);
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) fetchBucket(db, at);
  fetchEntries(end);
}

// @ts-ignore: decorator
@inline
export function fetchBucket(db: u32, record: u32): void {
  store<u32>(record, touchBucketOf(db, load<u64>(record, HASH)), BUCKET);
}

/** The entries, and if they are large collections the members in question. */
export function fetchEntries(end: u32): void {
  let hasMembers = false;
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) {
    const entry = touchEntryOf(
      load<u32>(at, BUCKET),
      load<u64>(at, HASH),
      load<u32>(at, KEY_BYTES),
    );
    const members = entry ? memberTable(entry, operationOf(at)) : 0;
    store<u32>(at, members, MEMBER_BUCKET);
    if (members) hasMembers = true;
  }
  if (hasMembers) fetchMembers(end);
}

function fetchMembers(end: u32): void {
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) {
    const members = load<u32>(at, MEMBER_BUCKET);
    if (!members) continue;
    const member = memberIn(at);
    const hash = hashBytes(load<u32>(member), load<u32>(member, LENGTH));
    store<u64>(at, hash, MEMBER_HASH);
    store<u32>(at, touchBucketOf(members, hash), MEMBER_BUCKET);
  }
  for (let at = recordAt(0); at != end; at += RECORD_BYTES) {
    const bucket = load<u32>(at, MEMBER_BUCKET);
    if (!bucket) continue;
    const byteCount = load<u32>(memberIn(at), LENGTH);
    touchEntryOf(bucket, load<u64>(at, MEMBER_HASH), byteCount);
  }
}

// @ts-ignore: decorator
@inline
export function operationOf(record: u32): u32 {
  return slotOperation(load<u32>(record, SLOT));
}

/** The record's argument that is a member. */
// @ts-ignore: decorator
@inline
function memberIn(record: u32): u32 {
  return record + memberArgument(operationOf(record)) * ARGUMENT_BYTES;
}

/** Executes records until one is left to TypeScript; returns how many. */
function executeRecords(db: u32, count: u32): u32 {
  let done: u32 = 0;
  while (done < count && executeRecord(db, recordAt(done))) done++;
  forgetFetched();
  return done;
}

/** Executes a record's command; false leaves it, untouched, to TypeScript. */
// @ts-ignore: decorator
@inline
export function executeRecord(db: u32, record: u32): bool {
  installRecord(record);
  presetHash(load<u32>(record, KEY_PTR), load<u64>(record, HASH));
  const operation = operationOf(record);
  if (!execute(db, operation, load<u32>(record, START))) return false;
  // What waits counts when it is over.
  if (!begun) countHot(operation);
  return true;
}

/** The records are done with: their keys' hashes hold no more. */
// @ts-ignore: decorator
@inline
export function forgetFetched(): void {
  presetHash(0, 0);
}

/** Where the command of a record begins. */
// @ts-ignore: decorator
@inline
export function recordStart(record: u32): u32 {
  return load<u32>(record, START);
}

/** Executes the command that began at `start`; false leaves it untouched. */
// @ts-ignore: decorator
@inline
function execute(db: u32, operation: u32, start: u32): bool {
  return u32(isLogging) | interest | u32(isLimited)
    ? executeNoted(db, operation, start)
    : executeHot(db, operation);
}

/** Where it ends. */
export function recordEnd(record: u32): u32 {
  const last = record +
    (load<u32>(record, ARGUMENT_COUNT) - 1) * ARGUMENT_BYTES;
  return load<u32>(last) + load<u32>(last, LENGTH) + LINE_END_BYTES;
}

// @ts-ignore: decorator
@inline
export function countHot(operation: u32): void {
  const at = hotCalls + (operation << 3);
  store<f64>(at, load<f64>(at) + 1);
  hotOperations |= 1 << operation;
  lastHot = operation;
}
