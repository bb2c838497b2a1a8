// The current command in its plain form, as logs and queues keep it:
//
//   *3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n

import { argCount, argLen, argPtr } from "./arguments";
import { copyBytes } from "./entry";
import { digitCount, formatInteger } from "./number";

const STAR: u32 = 0x2a;
const DOLLAR: u32 = 0x24;
const LINE_END: u32 = 0x0a0d;
const LINE_END_BYTES: u32 = 2;
/** What a bulk string takes beyond its bytes: ten digits, and the frame. */
export const BULK_MAX_BYTES: u32 = 15;

/** Bytes of `*3\r\n` or `$3\r\n`. */
// @ts-ignore: decorator
@inline
function headerBytes(count: u32): u32 {
  if (count < 10) return 2 + LINE_END_BYTES;
  return count < 100 ? 3 + LINE_END_BYTES : longHeaderBytes(count);
}

function longHeaderBytes(count: u32): u32 {
  return 1 + digitCount(count) + LINE_END_BYTES;
}

function writeHeader(at: u32, type: u32, count: u32): u32 {
  store<u8>(at, type);
  const end = at + 1 + formatInteger(at + 1, count);
  store<u16>(end, LINE_END);
  return end + LINE_END_BYTES;
}

/** `*3\r\n`; returns where it ends. */
export function writeArrayHeader(at: u32, count: u32): u32 {
  return writeHeader(at, STAR, count);
}

/** `$3\r\n`; returns where it ends. */
export function writeBulkHeader(at: u32, byteCount: u32): u32 {
  return writeHeader(at, DOLLAR, byteCount);
}

/** A whole bulk string; returns where it ends. */
export function writeBulk(at: u32, ptr: u32, byteCount: u32): u32 {
  const from = writeBulkHeader(at, byteCount);
  copyBytes(from, ptr, byteCount);
  store<u16>(from + byteCount, LINE_END);
  return from + byteCount + LINE_END_BYTES;
}

/** Bytes of a bulk string. */
// @ts-ignore: decorator
@inline
export function bulkStringBytes(byteCount: u32): u32 {
  return headerBytes(byteCount) + byteCount + LINE_END_BYTES;
}

/** Bytes of the current command. */
export function commandBytes(): u64 {
  let total: u64 = headerBytes(argCount);
  for (let i: u32 = 0; i < argCount; i++) total += bulkStringBytes(argLen(i));
  return total;
}

/** Writes the current command and returns where it ends. */
export function writeCommand(at: u32): u32 {
  at = writeArrayHeader(at, argCount);
  for (let i: u32 = 0; i < argCount; i++) {
    at = writeBulk(at, argPtr(i), argLen(i));
  }
  return at;
}

/**
 * As many bytes as the current command has in plain form, or more, if it began
 * at `start` and owns nothing: an array's arguments stand behind it.
 */
// @ts-ignore: decorator
@inline
export function commandBytesMax(start: u32): u32 {
  if (load<u8>(start) != STAR) return u32(commandBytes());
  const last = argCount - 1;
  return argPtr(last) + argLen(last) + LINE_END_BYTES - start;
}

/**
 * How many bytes the current command has where it begins at `start`, when it
 * came in plain form there; 0 when it did not, or has been moved since.
 */
// @ts-ignore: decorator
@inline
export function plainBytes(start: u32): u32 {
  let at = start + headerBytes(argCount);
  if (load<u8>(start) != STAR || load<u16>(at - 2) != LINE_END) return 0;
  for (let i: u32 = 0; i < argCount; i++) {
    const ptr = argPtr(i);
    const byteCount = argLen(i);
    if (ptr - at != headerBytes(byteCount)) return 0;
    if (load<u16>(ptr - 2) != LINE_END) return 0;
    at = ptr + byteCount + LINE_END_BYTES;
    if (load<u16>(at - 2) != LINE_END) return 0;
  }
  return at - start;
}
