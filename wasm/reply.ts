// The reply writer: replies of a batch gather in one buffer, which TypeScript
// takes over when the batch ends or the buffer has become large.
//
// The buffer is a block of the allocator and grows when one reply needs more.
// When it cannot, `outFailed` is set and the bytes are dropped: TypeScript then
// closes the connection, since its replies have a gap.

import { alloc, allocUnbounded, free, usable } from "./allocator";
import { DOUBLE_MAX_BYTES, formatDouble } from "./double";
import { copyBytes } from "./entry";
import { digitCount, formatInteger, integerByteCount } from "./number";

/** What the buffer keeps between batches. */
const OUT_KEEP_BYTES: u32 = 128 * 1024;
/** A batch pauses and lets TypeScript take what there is above this. */
const OUT_FULL_BYTES: u32 = 64 * 1024;
/** Longest header: a type byte, 20 digits, CR LF. */
const HEADER_MAX_BYTES: u32 = 24;

let base: u32 = 0;
let length: u32 = 0;
let capacity: u32 = 0;
/** What the kept buffer has room for. */
let keptCapacity: u32 = 0;
let failed: bool = false;
let resp3: bool = false;
/** A double's digits on their way into a bulk string. */
const doubleText = u32(memory.data(DOUBLE_MAX_BYTES));

export function replyInit(): i32 {
  base = alloc(OUT_KEEP_BYTES);
  capacity = base ? usable(base) : 0;
  keptCapacity = capacity;
  length = 0;
  return base != 0;
}

export function outBase(): u32 {
  return base;
}

export function outLength(): u32 {
  return length;
}

/** Cuts the buffer back to an earlier length. */
export function outTruncate(byteCount: u32): void {
  length = byteCount;
}

/** Empties the buffer; returns whether a reply had to be dropped. */
export function outReset(): i32 {
  const had = failed;
  failed = false;
  length = 0;
  if (capacity > keptCapacity) {
    const smaller = alloc(OUT_KEEP_BYTES);
    if (smaller) {
      free(base);
      base = smaller;
      capacity = usable(base);
    }
  }
  return i32(had);
}

/** Whether a reply had to be dropped since this was last asked. */
// @ts-ignore: decorator
@inline
export function takeFailure(): bool {
  const had = failed;
  failed = false;
  return had;
}

// @ts-ignore: decorator
@inline
export function setResp(version: u32): void {
  resp3 = version == 3;
}

// @ts-ignore: decorator
@inline
export function outFull(): bool {
  return length >= OUT_FULL_BYTES;
}

/** Room for so many bytes at the end, 0 when there is no memory. */
// @ts-ignore: decorator
@inline
export function outReserve(byteCount: u32): u32 {
  if (capacity - length >= byteCount) return base + length;
  return outGrow(byteCount);
}

function outGrow(byteCount: u32): u32 {
  const need = u64(length) + u64(byteCount);
  const wanted = max<u64>(need, min<u64>(u64(capacity) * 2, need + (64 << 20)));
  const grown = wanted < 0xffff0000 ? allocUnbounded(u32(wanted)) : 0;
  if (!grown) {
    failed = true;
    return 0;
  }
  memory.copy(grown, base, length);
  free(base);
  base = grown;
  capacity = usable(grown);
  return base + length;
}

/** Says that the reserved room has been filled. */
// @ts-ignore: decorator
@inline
export function outFilled(byteCount: u32): void {
  length += byteCount;
}

/**
 * Makes room for a header in front of what was written since `at`, whose
 * length was not known before; returns its address, 0 without memory.
 */
export function outInsert(at: u32, byteCount: u32): u32 {
  if (!outReserve(byteCount)) return 0;
  memory.copy(base + at + byteCount, base + at, length - at);
  length += byteCount;
  return base + at;
}

/** `$5\r\nhello\r\n` */
// @ts-ignore: decorator
@inline
export function replyBulk(ptr: u32, byteCount: u32): void {
  const at = outReserve(byteCount + HEADER_MAX_BYTES + 2);
  if (!at) return;
  let to = at;
  if (byteCount < 10) {
    store<u32>(to, 0x0a0d3024 + (byteCount << 8));
    to += 4;
  } else {
    store<u8>(to, 0x24);
    to += 1 + formatInteger(to + 1, byteCount);
    store<u16>(to, 0x0a0d);
    to += 2;
  }
  copyBytes(to, ptr, byteCount);
  to += byteCount;
  store<u16>(to, 0x0a0d);
  outFilled(to + 2 - at);
}

/** `:42\r\n`, or with another type byte a length. */
// @ts-ignore: decorator
@inline
function replyNumber(type: u32, value: i64): void {
  const at = outReserve(HEADER_MAX_BYTES);
  if (!at) return;
  store<u8>(at, type);
  let to = at + 1;
  to += formatInteger(to, value);
  store<u16>(to, 0x0a0d);
  outFilled(to + 2 - at);
}

export function replyInteger64(value: i64): void {
  replyNumber(0x3a, value);
}

/** An integer that a double holds exactly. */
export function replyInteger(value: f64): void {
  replyNumber(0x3a, i64(value));
}

/** `,0.5`, in RESP2 a bulk string. */
export function replyDouble(value: f64): void {
  replyDoubleText(doubleText, formatDouble(doubleText, value));
}

/** The same for a double that has been printed in another way. */
export function replyDoubleText(ptr: u32, byteCount: u32): void {
  if (!resp3) {
    replyBulk(ptr, byteCount);
    return;
  }
  const at = outReserve(byteCount + 3);
  if (!at) return;
  store<u8>(at, 0x2c);
  copyBytes(at + 1, ptr, byteCount);
  store<u16>(at + 1 + byteCount, 0x0a0d);
  outFilled(byteCount + 3);
}

/** A header `*n`, `%n`, `~n`, `>n` or `$n`, by its type byte. */
export function replyHeader(type: u32, count: u32): void {
  replyNumber(type, i64(count));
}

/** `*n` */
export function replyArray(count: u32): void {
  replyNumber(0x2a, i64(count));
}

/** `%n`, in RESP2 an array of twice as many. */
export function replyMap(pairCount: u32): void {
  if (resp3) replyNumber(0x25, i64(pairCount));
  else replyNumber(0x2a, i64(pairCount) << 1);
}

/** `~n`, in RESP2 an array. */
export function replySet(count: u32): void {
  replyNumber(resp3 ? 0x7e : 0x2a, i64(count));
}

export function isResp3(): bool {
  return resp3;
}

/**
 * Puts a header `*n`, `%n` or `~n` in front of what was written since
 * `outLength` was `mark`.
 */
export function replyHeaderAt(mark: u32, type: u32, count: u32): void {
  const byteCount = 3 + digitCount(count);
  const at = outInsert(mark, byteCount);
  if (!at) return;
  store<u8>(at, type);
  formatInteger(at + 1, count);
  store<u16>(at + byteCount - 2, 0x0a0d);
}

/** `$2\r\n42\r\n` */
export function replyBulkInteger(value: i64): void {
  replyHeader(0x24, integerByteCount(value));
  const at = outReserve(HEADER_MAX_BYTES);
  if (!at) return;
  const byteCount = formatInteger(at, value);
  store<u16>(at + byteCount, 0x0a0d);
  outFilled(byteCount + 2);
}

/** `$-1`, in RESP3 `_`. */
export function replyNull(): void {
  if (resp3) replyShort(0x0a0d5f, 3);
  else replyShort(0x0a0d312d24, 5);
}

/** `*-1`, in RESP3 `_`. */
export function replyNullArray(): void {
  if (resp3) replyShort(0x0a0d5f, 3);
  else replyShort(0x0a0d312d2a, 5);
}

/** `+OK` */
export function replyOk(): void {
  replyShort(0x0a0d4b4f2b, 5);
}

/** `+PONG` */
export function replyPong(): void {
  replyShort(0x0a0d474e4f502b, 7);
}

/** Up to eight bytes, the first one lowest. */
// @ts-ignore: decorator
@inline
function replyShort(bytes: u64, byteCount: u32): void {
  const at = outReserve(8);
  if (!at) return;
  store<u64>(at, bytes);
  outFilled(byteCount);
}
