// The request parser: finds whole commands in the bytes of one source.
//
//   commandStart          cursor                     limit
//        v                   v                         v
//        | understood so far | not looked at yet       |
//        '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\nabcdefg
//
// `parseNext` moves the cursor behind one whole command and leaves its
// arguments in the table of arguments.ts, as pointers into the source: nothing
// is copied. When the source ends too early it keeps its place (`stage` and the
// numbers that belong to it), so that no byte is looked at twice when more have
// come.
// Where the bytes come from, and where they wait, is the affair of input.ts.
//
// Invariants: 1. commandStart <= cursor <= limit; 2. argsLeft is 0 in the
// stages COMMAND and COMMAND_LINE; 3. scannedBytes <= limit - cursor, and is 0
// except in the stages COMMAND_LINE and BULK_LINE.
//
// What is accepted is what Redis accepts, oddities included: the byte after a
// carriage return is not looked at, nor are the two bytes after an argument; a
// count of zero or less is no command; a NUL byte hides the rest of its line.
// In a log (FILE) there is nothing but arrays, none of them empty, and lines
// that begin with `#`, which are delivered as one argument.

import {
  addArgument,
  argCapacity,
  argCount,
  clearArguments,
  moveArguments,
  ownedBytes,
  RECORD_BYTES,
  recordAt,
  setArgCount,
  setRecord,
} from "./arguments";
import {
  CLIENT,
  EXPECTED_DOLLAR,
  EXPECTED_STAR,
  FILE,
  INVALID_BULK_LENGTH,
  INVALID_COUNT,
  OUT_OF_MEMORY,
  PRIMARY,
  TOO_BIG_BULK_LINE,
  TOO_BIG_COUNT_LINE,
  TOO_BIG_INLINE_REQUEST,
  UNAUTHENTICATED,
  UNAUTHENTICATED_BULK_LENGTH,
  UNAUTHENTICATED_COUNT,
} from "./codes";
import { splitInline } from "./inline";
import { parsedInteger, parseInteger } from "./number";

/** Between commands. The last command's arguments may still be in use. */
const COMMAND: u32 = 0;
/** In the first line of a command: its count or an inline command. */
const COMMAND_LINE: u32 = 1;
/** Before or in the line that announces an argument's length. */
const BULK_LINE: u32 = 2;
/** In the bytes of an argument, `bulkBytes` long. */
const BULK: u32 = 3;
/** In an argument that input.ts receives in a block of its own. */
export const RECEIVING: u32 = 4;
/** Behind such an argument. */
const BLOCK_END: u32 = 5;

const HASH: u32 = 0x23;
const DOLLAR: u32 = 0x24;
const STAR: u32 = 0x2a;
const ZERO: u32 = 0x30;
const CARRIAGE_RETURN: u32 = 0x0d;
const LINE_FEED: u32 = 0x0a;
// A carriage return and whatever follows it.
const LINE_END_BYTES: u32 = 2;

// "*d\r", "$d\r", "$dd\r" and "$ddd\r", with the digits masked out.
const ONE_DIGIT_MASK: u64 = 0xff00ff;
const ONE_DIGIT_COUNT: u64 = 0x0d002a;
const ONE_DIGIT_LENGTH: u64 = 0x0d0024;
const TWO_DIGITS_MASK: u64 = 0xff0000ff;
const TWO_DIGITS_LENGTH: u64 = 0x0d000024;
const THREE_DIGITS_MASK: u64 = 0xff000000ff;
const THREE_DIGITS_LENGTH: u64 = 0x0d00000024;
// The most bytes that the fast path looks at before it knows a length.
const LOOK_AHEAD_BYTES: u32 = 8;

const UNAUTHENTICATED_ARG_COUNT: i64 = 10;
const UNAUTHENTICATED_BULK_BYTES: i64 = 16384;
// Longer blocks could not be addressed, whoever sends them.
const ADDRESSABLE_BYTES: i64 = 0xf0000000;

export let cursor: u32 = 0;
export let limit: u32 = 0;
let commandStart: u32 = 0;
let stage: u32 = COMMAND;
let argsLeft: u32 = 0;
let bulkBytes: u32 = 0;
let scannedBytes: u32 = 0;

let maxArgCount: i64 = 2147483647;
let maxBulkBytes: i64 = 512 << 20;
let maxLineBytes: u32 = 64 << 10;
let trust: u32 = CLIENT;
let wrongByte: u32 = 0;

// A saved place (see savePlace); addresses are kept relative to a base.
export const PLACE_START: usize = 0;
export const PLACE_CURSOR: usize = 4;
export const PLACE_LIMIT: usize = 8;
export const PLACE_STAGE: usize = 12;
const PLACE_ARGS_LEFT: usize = 16;
export const PLACE_BULK_BYTES: usize = 20;
const PLACE_SCANNED_BYTES: usize = 24;
export const PLACE_BYTES: u32 = 28;

/** Limits of the server's configuration. */
export function setParserLimits(
  argCount: u32,
  bulkBytes: u32,
  inlineBytes: u32,
): void {
  maxArgCount = i64(argCount);
  maxBulkBytes = min(i64(bulkBytes), ADDRESSABLE_BYTES);
  maxLineBytes = inlineBytes;
}

/** Who sends the following bytes: UNAUTHENTICATED, CLIENT, PRIMARY or FILE. */
export function setParserTrust(level: u32): void {
  trust = level;
}

/** The byte that stood where '$' was expected. */
export function errorByte(): u32 {
  return wrongByte;
}

/** Where the first byte lies that no delivered command has used. */
export function unparsedStart(): u32 {
  return stage == COMMAND ? cursor : commandStart;
}

/** How many bytes of the source no delivered command has used. */
export function unparsedBytes(): u32 {
  return limit - unparsedStart();
}

/**
 * How many bytes of what was ever fed no delivered command has used; those of
 * big arguments count that lie in blocks of their own.
 */
export function undeliveredBytes(): u32 {
  return stage == COMMAND ? unparsedBytes() : unparsedBytes() + ownedBytes;
}

/** Parsing begins afresh, with these bytes. */
export function setSource(ptr: u32, byteCount: u32): void {
  clearArguments();
  commandStart = ptr;
  cursor = ptr;
  limit = ptr + byteCount;
  stage = COMMAND;
  argsLeft = 0;
  bulkBytes = 0;
  scannedBytes = 0;
}

/** The first byte of the command that was delivered last. */
export function deliveredStart(): u32 {
  return commandStart;
}

/**
 * Whether the next bytes announce arguments: `*` and a count that is not zero.
 * Behind any other line an inline command may follow.
 */
export function nextIsArray(): bool {
  return limit - cursor >= 2 && load<u8>(cursor) == STAR &&
    u32(load<u8>(cursor, 1)) - ZERO - 1 < 9;
}

/** Delivers again from a command on that has been parsed before. */
export function rewindTo(start: u32): void {
  setSource(start, limit - start);
}

/** So many bytes more have come behind the last ones. */
export function extendSource(byteCount: u32): void {
  limit += byteCount;
}

/** The bytes have moved, and with them the arguments. */
export function moveSource(distance: u32): void {
  commandStart += distance;
  cursor += distance;
  limit += distance;
  moveArguments(distance);
}

/** True when nothing of a command is understood that is not delivered. */
export function isBetweenCommands(): bool {
  return stage <= COMMAND_LINE;
}

/**
 * The length of an argument that the source ends in, when it is at least so
 * long; 0 when it ends elsewhere.
 */
export function cutBulkBytes(atLeast: u32): u32 {
  if (stage != BULK || bulkBytes < atLeast) return 0;
  return limit - cursor < bulkBytes ? bulkBytes : 0;
}

/** How many bytes of the cut argument are here; they start at the cursor. */
export function bytesOfCutBulk(): u32 {
  return limit - cursor;
}

/** The cut argument's bytes have been put elsewhere, as will be the rest. */
export function leaveCutBulk(): void {
  limit = cursor;
  stage = RECEIVING;
}

/** That argument is whole and in the table. */
export function endCutBulk(): void {
  assert(stage == RECEIVING);
  stage = BLOCK_END;
}

/** Keeps the parser's place in the source, relative to a base address. */
export function savePlace(place: u32, base: u32): void {
  store<u32>(place, unparsedStart() - base, PLACE_START);
  store<u32>(place, cursor - base, PLACE_CURSOR);
  store<u32>(place, limit - base, PLACE_LIMIT);
  store<u32>(place, stage, PLACE_STAGE);
  store<u32>(place, argsLeft, PLACE_ARGS_LEFT);
  store<u32>(place, bulkBytes, PLACE_BULK_BYTES);
  store<u32>(place, scannedBytes, PLACE_SCANNED_BYTES);
}

/** Takes up a place that was kept; its bytes may have another base now. */
export function loadPlace(place: u32, base: u32): void {
  commandStart = base + load<u32>(place, PLACE_START);
  cursor = base + load<u32>(place, PLACE_CURSOR);
  limit = base + load<u32>(place, PLACE_LIMIT);
  stage = load<u32>(place, PLACE_STAGE);
  argsLeft = load<u32>(place, PLACE_ARGS_LEFT);
  bulkBytes = load<u32>(place, PLACE_BULK_BYTES);
  scannedBytes = load<u32>(place, PLACE_SCANNED_BYTES);
}

/**
 * 1: a whole command is in the argument table. 0: more bytes are needed. Less:
 * the error code of a request that cannot be understood, or OUT_OF_MEMORY; the
 * source is of no use any more.
 */
export function parseNext(): i32 {
  if (stage != COMMAND) return continueCommand();
  clearArguments();
  const at = cursor;
  commandStart = at;
  if (limit - at >= LOOK_AHEAD_BYTES) {
    const line = load<u64>(at);
    const count = (u32(line >> 8) & 0xff) - ZERO;
    if ((line & ONE_DIGIT_MASK) == ONE_DIGIT_COUNT && count - 1 < 9) {
      cursor = at + 4;
      argsLeft = count;
      return parseArguments();
    }
  }
  return parseCommand();
}

function continueCommand(): i32 {
  if (stage == COMMAND_LINE) return parseCommand();
  const code = parseArgument();
  return code <= 0 ? code : parseArguments();
}

/** Any form of command, from its first byte on. */
function parseCommand(): i32 {
  while (cursor != limit) {
    commandStart = cursor;
    stage = COMMAND_LINE;
    if (load<u8>(cursor) == STAR) {
      const code = parseCountLine();
      if (code <= 0) return code;
      if (argsLeft != 0) {
        stage = BULK_LINE;
        return parseArguments();
      }
      if (trust == FILE) return INVALID_COUNT;
    } else {
      const code = trust == FILE ? parseRemark() : parseInline();
      if (code <= 0) return code;
      if (argCount != 0) {
        stage = COMMAND;
        return 1;
      }
    }
    stage = COMMAND;
  }
  commandStart = cursor;
  return 0;
}

/** All arguments that are left; those below 1,000 bytes without a call. */
function parseArguments(): i32 {
  const end = limit;
  while (argsLeft != 0) {
    let at = cursor;
    const firstRecord = recordAt(argCount);
    const recordsEnd = recordAt(min(argCount + argsLeft, argCapacity));
    let record = firstRecord;
    while (record != recordsEnd && end - at >= LOOK_AHEAD_BYTES) {
      const line = load<u64>(at);
      let byteCount = (u32(line >> 8) & 0xff) - ZERO;
      if (byteCount > 9) break;
      let start = at + 4;
      if ((line & ONE_DIGIT_MASK) != ONE_DIGIT_LENGTH) {
        // Left to the careful path: a leading zero, which is an error.
        if (byteCount == 0) break;
        const second = (u32(line >> 16) & 0xff) - ZERO;
        if (second > 9) break;
        byteCount = byteCount * 10 + second;
        start = at + 5;
        if ((line & TWO_DIGITS_MASK) != TWO_DIGITS_LENGTH) {
          const third = (u32(line) >> 24) - ZERO;
          if (third > 9) break;
          if ((line & THREE_DIGITS_MASK) != THREE_DIGITS_LENGTH) break;
          byteCount = byteCount * 10 + third;
          start = at + 6;
        }
      }
      if (end - start < byteCount + LINE_END_BYTES) break;
      setRecord(record, start, byteCount);
      at = start + byteCount + LINE_END_BYTES;
      record += RECORD_BYTES;
    }
    const count = (record - firstRecord) / RECORD_BYTES;
    setArgCount(argCount + count);
    argsLeft -= count;
    cursor = at;
    if (argsLeft != 0) {
      stage = BULK_LINE;
      const code = parseArgument();
      if (code <= 0) return code;
    }
  }
  stage = COMMAND;
  return 1;
}

/** One argument, from wherever `stage` says that it has come to. */
function parseArgument(): i32 {
  if (stage == BULK_LINE) {
    const code = parseBulkLine();
    if (code <= 0) return code;
    stage = BULK;
  }
  if (stage == BULK) {
    if (limit - cursor < bulkBytes + LINE_END_BYTES) return 0;
    if (!addArgument(cursor, bulkBytes)) return OUT_OF_MEMORY;
    cursor += bulkBytes + LINE_END_BYTES;
  } else {
    assert(stage == BLOCK_END);
    if (limit - cursor < LINE_END_BYTES) return 0;
    cursor += LINE_END_BYTES;
  }
  argsLeft--;
  stage = BULK_LINE;
  return 1;
}

/** "*<count>\r\n" into argsLeft. */
function parseCountLine(): i32 {
  const lineEnd = findLineEnd(CARRIAGE_RETURN);
  if (lineEnd == 0) return isLineTooLong() ? TOO_BIG_COUNT_LINE : 0;
  if (lineEnd == limit - 1) return 0;
  if (parseInteger(cursor + 1, lineEnd - cursor - 1) == 0) return INVALID_COUNT;
  const count = parsedInteger;
  if (count > maxArgCount) return INVALID_COUNT;
  if (trust == UNAUTHENTICATED && count > UNAUTHENTICATED_ARG_COUNT) {
    return UNAUTHENTICATED_COUNT;
  }
  endLine(lineEnd + LINE_END_BYTES);
  argsLeft = count > 0 ? u32(count) : 0;
  return 1;
}

/** "$<length>\r\n" into bulkBytes. */
function parseBulkLine(): i32 {
  const lineEnd = findLineEnd(CARRIAGE_RETURN);
  if (lineEnd == 0) return isLineTooLong() ? TOO_BIG_BULK_LINE : 0;
  if (lineEnd == limit - 1) return 0;
  if (load<u8>(cursor) != DOLLAR) {
    wrongByte = load<u8>(cursor);
    return EXPECTED_DOLLAR;
  }
  if (parseInteger(cursor + 1, lineEnd - cursor - 1) == 0) {
    return INVALID_BULK_LENGTH;
  }
  const byteCount = parsedInteger;
  const most = trust >= u32(PRIMARY) ? ADDRESSABLE_BYTES : maxBulkBytes;
  if (byteCount < 0 || byteCount > most) return INVALID_BULK_LENGTH;
  if (trust == UNAUTHENTICATED && byteCount > UNAUTHENTICATED_BULK_BYTES) {
    return UNAUTHENTICATED_BULK_LENGTH;
  }
  endLine(lineEnd + LINE_END_BYTES);
  bulkBytes = u32(byteCount);
  return 1;
}

/** A line of words, which are split in place. */
function parseInline(): i32 {
  let lineEnd = findLineEnd(LINE_FEED);
  if (lineEnd == 0) return isLineTooLong() ? TOO_BIG_INLINE_REQUEST : 0;
  const next = lineEnd + 1;
  if (lineEnd != cursor && load<u8>(lineEnd - 1) == CARRIAGE_RETURN) lineEnd--;
  const code = splitInline(cursor, lineEnd);
  if (code < 0) return code;
  endLine(next);
  return 1;
}

/** A line that begins with `#`, as one argument. */
function parseRemark(): i32 {
  if (load<u8>(cursor) != HASH) {
    wrongByte = load<u8>(cursor);
    return EXPECTED_STAR;
  }
  let lineEnd = findLineEnd(LINE_FEED);
  if (lineEnd == 0) return isLineTooLong() ? TOO_BIG_INLINE_REQUEST : 0;
  const next = lineEnd + 1;
  if (load<u8>(lineEnd - 1) == CARRIAGE_RETURN) lineEnd--;
  if (!addArgument(cursor, lineEnd - cursor)) return OUT_OF_MEMORY;
  endLine(next);
  return 1;
}

/** The address of the line's end byte; 0 when it has not come yet. */
function findLineEnd(endByte: u32): u32 {
  const end = limit;
  let at = cursor + scannedBytes;
  while (at != end) {
    const byte: u32 = load<u8>(at);
    if (byte == endByte) {
      // The limit holds however the line was cut into chunks.
      scannedBytes = at - cursor;
      return scannedBytes <= maxLineBytes ? at : 0;
    }
    if (byte == 0) break;
    at++;
  }
  scannedBytes = at - cursor;
  return 0;
}

// @ts-ignore: decorator
@inline
function isLineTooLong(): bool {
  return limit - cursor > maxLineBytes;
}

// @ts-ignore: decorator
@inline
function endLine(next: u32): void {
  cursor = next;
  scannedBytes = 0;
}

/** 0, or the number of the broken invariant. */
export function verifyParser(): u32 {
  if (commandStart > cursor || cursor > limit) return 1;
  if (stage <= COMMAND_LINE && argsLeft != 0) return 2;
  if (scannedBytes > limit - cursor) return 3;
  const isInLine = stage == COMMAND_LINE || stage == BULK_LINE;
  return isInLine || scannedBytes == 0 ? 0 : 3;
}
