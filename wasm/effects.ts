// The log of effects: while logging is on, every change of the data is appended
// to one sink as the commands that make it again, in order:
//
//   *2 SELECT 3 | *3 SET k v | *2 DEL k | *3 HDEL h f | ...
//
// SELECT stands where the database is another than before. Hot commands are
// appended by the batch loop as their clients sent them, byte by byte when they
// came in plain form; what TypeScript executed is appended when it commits; keys
// and fields that were due are appended as DEL and HDEL when they are removed.
//
// Nothing is done that cannot be logged: room is made sure of before a hot
// command runs and before a due key is removed (sinkReserve). What a command
// was promised, `pledged`, is not given to the due keys that it meets.
//
// The effects of a transaction stand between MULTI and EXEC, unless there is
// only one of them: then the MULTI, put before the first, is taken out again as
// long as it lies where it was put.
//
// A database knows its number for this; it stands in its control block.

import { argCount, argLen, argPtr } from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import {
  BULK_MAX_BYTES,
  bulkStringBytes,
  commandBytes,
  commandBytesMax,
  plainBytes,
  writeArrayHeader,
  writeBulk,
  writeBulkHeader,
  writeCommand,
} from "./command_bytes";
import { DATED_BYTES } from "./dated";
import { keyBytes, keyPtr } from "./entry";
import { formatInteger } from "./number";
import {
  putBytes,
  ROOM_MAX,
  selectSink,
  sinkAdvance,
  sinkCut,
  sinkReserve,
  sinkRoom,
  sinkUnreserve,
} from "./sink";

/** In a database's control block, behind the count of followed hashes. */
const INDEX: usize = DATED_BYTES + 4;

const CRLF: u32 = 0x0a0d;
/** "SELECT", a number and the frame around them. */
const SELECT_MAX_BYTES: u32 = 48;
/** The frame of DEL, HDEL or SREM, without key and element. */
const REMOVAL_BYTES: u32 = 32;
const NOBODY: u32 = 0xffffffff;

/** `*1 MULTI` and, shorter, `*1 EXEC`. */
const FRAME_BYTES: u32 = 15;

const names: u32 = u32(memory.data<u8>([
  0x53,
  0x45,
  0x4c,
  0x45,
  0x43,
  0x54, // SELECT
  0x48,
  0x44,
  0x45,
  0x4c, // HDEL
  0x53,
  0x52,
  0x45,
  0x4d, // SREM
  0x4d,
  0x55,
  0x4c,
  0x54,
  0x49, // MULTI
  0x45,
  0x58,
  0x45,
  0x43, // EXEC
  0x4c,
  0x50,
  0x4f,
  0x50, // LPOP
  0x52,
  0x50,
  0x4f,
  0x50, // RPOP
]));
const SELECT: u32 = names;
const HDEL: u32 = names + 6;
const DEL: u32 = names + 7;
const SREM: u32 = names + 10;
const MULTI: u32 = names + 14;
const EXEC: u32 = names + 19;
const LPOP: u32 = names + 23;
const RPOP: u32 = names + 27;
const digits: u32 = u32(memory.data(24));

export let isLogging: bool = false;
let log: u32 = 0;
/** The database of what was appended last. */
let named: u32 = NOBODY;
/** Bytes that were promised to the command that is being executed. */
let pledged: u32 = 0;

/** Logs to a sink, or with 0 no more. */
export function setLogging(sink: u32): void {
  if (log && !sink) sinkUnreserve();
  if (log != sink) framedCount = framePlace = 0;
  log = sink;
  isLogging = sink != 0;
}

/** The next effect names its database, whatever was before it. */
export function forceSelect(): void {
  named = NOBODY;
}

export function dbSetIndex(db: u32, index: u32): void {
  store<u32>(db, index, INDEX);
}

/** A database's number. */
// @ts-ignore: decorator
@inline
export function indexOf(db: u32): u32 {
  return load<u32>(db, INDEX);
}

/** Whether so many bytes find room, and what names their database. */
// @ts-ignore: decorator
@inline
function reserve(byteCount: u64): bool {
  selectSink(log);
  return sinkReserve(byteCount + pledged + SELECT_MAX_BYTES + FRAME_BYTES);
}

/** An effect begins: says which database it is for, if that is news. */
// @ts-ignore: decorator
@inline
function nameDatabase(index: u32): void {
  if (isFraming && countEffects(1)) putMulti();
  if (index != named) putSelect(index);
}

function putSelect(index: u32): void {
  named = index;
  const byteCount = formatInteger(digits, index);
  putHeader(2);
  putBulk(SELECT, 6);
  putBulk(digits, byteCount);
}

function putHeader(count: u32): void {
  const at = sinkRoom(BULK_MAX_BYTES);
  sinkAdvance(writeArrayHeader(at, count) - at);
}

function putBulk(ptr: u32, byteCount: u32): void {
  if (byteCount <= ROOM_MAX - BULK_MAX_BYTES) {
    const at = sinkRoom(byteCount + BULK_MAX_BYTES);
    sinkAdvance(writeBulk(at, ptr, byteCount) - at);
    return;
  }
  const at = sinkRoom(BULK_MAX_BYTES);
  sinkAdvance(writeBulkHeader(at, byteCount) - at);
  putBytes(ptr, byteCount);
  store<u16>(sinkRoom(2), CRLF);
  sinkAdvance(2);
}

/** Appends the current command, of so many bytes, in plain form. */
function putCommand(byteCount: u64): void {
  if (byteCount <= ROOM_MAX) {
    const at = sinkRoom(u32(byteCount));
    sinkAdvance(writeCommand(at) - at);
    return;
  }
  putHeader(argCount);
  for (let i: u32 = 0; i < argCount; i++) putBulk(argPtr(i), argLen(i));
}

// Hot commands.

/**
 * Before the current command is executed, which began at `start`: whether it
 * can be logged afterwards.
 */
// @ts-ignore: decorator
@inline
export function pledgeCommand(start: u32): bool {
  const byteCount = commandBytesMax(start) + frameBytes();
  pledged = 0;
  if (!reserve(byteCount)) return false;
  pledged = byteCount;
  return true;
}

/** What the headers of the current command may take beyond their bytes. */
// @ts-ignore: decorator
@inline
function frameBytes(): u32 {
  return (argCount + 1) * BULK_MAX_BYTES;
}

/** The command was executed, and has changed the data or not. */
// @ts-ignore: decorator
@inline
export function keepPledge(db: u32, start: u32, hasChanged: bool): void {
  pledged = 0;
  if (!hasChanged) return;
  selectSink(log);
  nameDatabase(indexOf(db));
  const byteCount = plainBytes(start);
  if (byteCount) putBytes(start, byteCount);
  else putCommand(commandBytes());
}

/** The same before an element is taken off the list under argument 1. */
export function pledgePop(): bool {
  const byteCount = REMOVAL_BYTES + 2 * BULK_MAX_BYTES +
    bulkStringBytes(argLen(1));
  pledged = 0;
  if (!reserve(byteCount)) return false;
  pledged = byteCount;
  return true;
}

/** Who would have waited has taken it, or not: others get LPOP or RPOP. */
export function keepPop(db: u32, hasChanged: bool, atHead: bool): void {
  pledged = 0;
  if (!hasChanged) return;
  selectSink(log);
  nameDatabase(indexOf(db));
  putHeader(2);
  putBulk(atHead ? LPOP : RPOP, 4);
  putBulk(argPtr(1), argLen(1));
}

// Transactions.

/** Whether a transaction is being executed. */
export let isFraming: bool = false;
/** How many effects it has had. */
let framedCount: u32 = 0;
/** Where its MULTI lies, 0 when that is not to be taken out. */
let framePlace: u32 = 0;

/** What happens until `endFrame` is one transaction. */
export function beginFrame(): void {
  isFraming = true;
  framedCount = framePlace = 0;
}

/** So many effects are about to be logged: whether MULTI comes before them. */
export function countEffects(count: u32): i32 {
  const isFirst = isFraming && framedCount == 0;
  framedCount += count;
  return i32(isFirst);
}

/** MULTI has been written there by TypeScript. */
export function setFramePlace(place: u32): void {
  framePlace = place;
}

function putMulti(): void {
  framePlace = sinkRoom(FRAME_BYTES);
  const end = writeBulk(writeArrayHeader(framePlace, 1), MULTI, 5);
  sinkAdvance(end - framePlace);
}

/** The MULTI stays where it is, even before a single effect. */
export function keepFrame(): void {
  framePlace = 0;
}

/** The transaction is over; 0 when there is no memory for its EXEC. */
export function endFrame(): i32 {
  const count = framedCount;
  const place = framePlace;
  isFraming = false;
  framedCount = framePlace = 0;
  if (!isLogging || !count) return 1;
  selectSink(log);
  if (count == 1 && place && sinkCut(place, FRAME_BYTES)) return 1;
  if (!reserve(0)) return 0;
  putHeader(1);
  putBulk(EXEC, 4);
  return 1;
}

// What TypeScript commits.

/** The current command as it was sent: 0 or OUT_OF_MEMORY. */
export function logCommand(index: u32): i32 {
  const byteCount = commandBytes();
  if (!reserve(byteCount + frameBytes())) return OUT_OF_MEMORY;
  nameDatabase(index);
  putCommand(byteCount);
  return 0;
}

/** Whether so many bytes find room, if there is a log. */
export function logReserve(byteCount: u32): i32 {
  return !isLogging || reserve(byteCount) ? 1 : 0;
}

/** Whether its bytes must begin with SELECT; what they name is noted. */
export function mustSelect(index: u32): i32 {
  if (named == index) return 0;
  named = index;
  return 1;
}

/** Where its next bytes go, at most ROOM_MAX at a time; `logFilled` follows. */
export function logRoom(byteCount: u32): u32 {
  selectSink(log);
  return sinkRoom(byteCount);
}

export function logFilled(byteCount: u32): void {
  sinkAdvance(byteCount);
}

// What the engine removes by itself.

/** A key was due, or with `field` a field of its hash: false without room. */
export function logExpired(db: u32, entry: u32, field: u32): bool {
  const key = keyPtr(entry);
  return field
    ? logRemoval(
      db,
      HDEL,
      4,
      key,
      keyBytes(entry),
      keyPtr(field),
      keyBytes(field),
    )
    : logRemoval(db, DEL, 3, key, keyBytes(entry), 0, 0);
}

/** A member was drawn from a set and is about to leave: false without room. */
export function logPopped(
  db: u32,
  entry: u32,
  member: u32,
  memberBytes: u32,
): bool {
  const key = keyPtr(entry);
  return logRemoval(db, SREM, 4, key, keyBytes(entry), member, memberBytes);
}

function logRemoval(
  db: u32,
  name: u32,
  nameBytes: u32,
  key: u32,
  keyByteCount: u32,
  element: u32,
  elementBytes: u32,
): bool {
  const need = u64(bulkStringBytes(keyByteCount)) +
    bulkStringBytes(elementBytes) + REMOVAL_BYTES + 4 * BULK_MAX_BYTES;
  if (!reserve(need)) return false;
  nameDatabase(indexOf(db));
  putHeader(element ? 3 : 2);
  putBulk(name, nameBytes);
  putBulk(key, keyByteCount);
  if (element) putBulk(element, elementBytes);
  return true;
}
