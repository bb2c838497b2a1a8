// The runs of a sparse HyperLogLog as text, which PFDEBUG DECODE shows:
//
//   z:12 v:3,1 Z:16371       zeros, a rank and how often, many zeros

import { formatInteger } from "./number";
import { outFilled, outLength, outReserve, replyHeaderAt } from "./reply";
import { longRun, rankOf, shortRun } from "./hll_sparse";

const BULK: u32 = 0x24;
/** What a byte of code makes at most: `v:32,4 `. */
const TEXT_MAX_BYTES: u32 = 7;

/** Replies with the text of all runs between two addresses. */
export function replySparse(at: u32, end: u32): void {
  const mark = outLength();
  const from = outReserve((end - at) * TEXT_MAX_BYTES + 2);
  if (!from) return;
  let to = from;
  for (; at < end; at++) {
    if (to != from) to = put(to, 0x20);
    const code = <u32> load<u8>(at);
    if (code & 0x80) {
      to = putRun(to, 0x76, rankOf(code));
      to = put(to, 0x2c);
      to += formatInteger(to, shortRun(code));
    } else if (code & 0x40) {
      to = putRun(to, 0x5a, longRun(code, at, end));
      at++;
    } else to = putRun(to, 0x7a, shortRun(code));
  }
  const byteCount = to - from;
  store<u16>(to, 0x0a0d);
  outFilled(byteCount + 2);
  replyHeaderAt(mark, BULK, byteCount);
}

// @ts-ignore: decorator
@inline
function put(to: u32, char: u32): u32 {
  store<u8>(to, char);
  return to + 1;
}

/** `z:12` */
function putRun(to: u32, letter: u32, count: u32): u32 {
  store<u16>(to, letter | 0x3a00);
  return to + 2 + formatInteger(to + 2, count);
}
