// Commands as a client would send them, put into the selected sink:
//
//     commandBegin(3);
//     commandBytes(name, nameBytes); ...      as often as was said

import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import { putBytes, sinkAdvance, sinkRoom } from "./sink";

const STAR: u32 = 0x2a;
const DOLLAR: u32 = 0x24;
const CR_LF: u16 = 0x0a0d;
/** The mark, a count and the line's end. */
const LINE_BYTES_MAX: u32 = 16;

const integerText: u32 = u32(memory.data(INTEGER_MAX_BYTES));

/** A command of so many arguments, its name being the first. */
export function commandBegin(argumentCount: u32): void {
  putLine(STAR, argumentCount);
}

export function commandBytes(ptr: u32, byteCount: u32): void {
  putLine(DOLLAR, byteCount);
  putBytes(ptr, byteCount);
  commandLongEnd();
}

/** An argument whose bytes the caller puts, and `commandLongEnd` behind them. */
export function commandLong(byteCount: u32): void {
  putLine(DOLLAR, byteCount);
}

export function commandLongEnd(): void {
  store<u16>(sinkRoom(2), CR_LF);
  sinkAdvance(2);
}

export function commandInteger(value: i64): void {
  commandBytes(integerText, formatInteger(integerText, value));
}

function putLine(mark: u32, count: u32): void {
  const to = sinkRoom(LINE_BYTES_MAX);
  store<u8>(to, mark);
  if (count < 10) {
    store<u32>(to, (u32(CR_LF) << 8) | (0x30 + count), 1);
    sinkAdvance(4);
    return;
  }
  const byteCount = 1 + formatInteger(to + 1, count);
  store<u16>(to + byteCount, CR_LF);
  sinkAdvance(byteCount + 2);
}
