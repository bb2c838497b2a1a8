// Parts of an RDB file that hold no keys of ours: its header, what modules have
// written, which is skipped; and the tallies of a file that is only checked.

import {
  FAULT_MODULE_DATA,
  FAULT_SIGNATURE,
  FAULT_VERSION,
} from "./rdb_faults";
import { RDB_VERSION_MAX } from "./rdb_codes";
import { readLength, readString, VALUE } from "./rdb_read";
import { fail, failBack, take32, take64, takeBytes, trouble } from "./source";

// The header: "REDIS" and four digits.

const HEADER_BYTES: u32 = 9;
const VERSION_BYTES: u32 = 4;
/** "REDI" and "S" */
const MAGIC: u32 = 0x49444552;
const MAGIC_LAST: u32 = 0x53;

/** The version of the format; 0 with trouble. */
export function readHeader(): u32 {
  const ptr = takeBytes(HEADER_BYTES);
  if (trouble) return 0;
  if (load<u32>(ptr) != MAGIC || <u32> load<u8>(ptr, 4) != MAGIC_LAST) {
    failBack(FAULT_SIGNATURE, HEADER_BYTES);
    return 0;
  }
  let version: u32 = 0;
  for (let i = HEADER_BYTES - VERSION_BYTES; i < HEADER_BYTES; i++) {
    const digit: u32 = <u32> load<u8>(ptr + i) - 0x30;
    // What is no digit makes the version a larger one than is read.
    version = version * 10 + (digit < 10 ? digit : 1000000);
  }
  if (version - 1 < u32(RDB_VERSION_MAX)) return version;
  failBack(FAULT_VERSION, VERSION_BYTES);
  return 0;
}

// Modules: things of these kinds in a row.

const MODULE_END: u64 = 0;
const MODULE_SIGNED: u64 = 1;
const MODULE_UNSIGNED: u64 = 2;
const MODULE_FLOAT: u64 = 3;
const MODULE_DOUBLE: u64 = 4;
const MODULE_STRING: u64 = 5;

/** What stands before data that belong to no key: the module's number. */
export function readModuleHead(): u64 {
  const number = readLength();
  const kind = readLength();
  readLength();
  if (kind != MODULE_UNSIGNED) fail(FAULT_MODULE_DATA);
  return number;
}

/** Skips one more thing that a module has written; true at their end. */
export function skipModulePart(): bool {
  const kind = readLength();
  if (kind == MODULE_SIGNED || kind == MODULE_UNSIGNED) readLength();
  else if (kind == MODULE_FLOAT) take32();
  else if (kind == MODULE_DOUBLE) take64();
  else if (kind == MODULE_STRING) readString(VALUE);
  else if (kind != MODULE_END) fail(FAULT_MODULE_DATA);
  return kind == MODULE_END && !trouble;
}

// Tallies: keys, elements and bytes of each type, as three f64.

/** The type under which values of modules are counted. */
export const MODULE_TALLY: u32 = 7;
const TALLY_COUNT: u32 = 8;
const TALLY_BYTES: u32 = 24;
const tallies: u32 = u32(memory.data(192, 8));

export function clearTallies(): void {
  memory.fill(tallies, 0, TALLY_COUNT * TALLY_BYTES);
}

/** Counts a key of a type. */
export function tally(type: u32, elementCount: u32, byteCount: f64): void {
  const at = tallies + type * TALLY_BYTES;
  store<f64>(at, load<f64>(at) + 1);
  store<f64>(at, load<f64>(at, 8) + f64(elementCount), 8);
  store<f64>(at, load<f64>(at, 16) + byteCount, 16);
}

/** Of a type: 0 keys, 1 elements, 2 bytes; 7 stands for modules. */
export function loadTally(type: u32, what: u32): f64 {
  return load<f64>(tallies + type * TALLY_BYTES + (what << 3));
}
