// What stands around the entries of an RDB file, put into the selected sink:
//
//   header, aux fields, of each database: select and its entries, end
//
// The end bears the CRC64 of the file when the sink is summed, else 0, which
// readers take for "not checked".

import { argLen, argPtr } from "./arguments";
import { formatInteger } from "./number";
import { RDB_AUX, RDB_END, RDB_RESIZE, RDB_SELECT } from "./rdb_codes";
import { rdbLength, rdbString } from "./rdb_write";
import { put64, put8, putBytes, selectedSink, sinkCrc } from "./sink";

const VERSION_DIGITS: u32 = 4;
const versionText: u32 = u32(memory.data(24));

export function rdbHeader(version: u32): void {
  // "REDIS"
  put8(0x52);
  put8(0x45);
  put8(0x44);
  put8(0x49);
  put8(0x53);
  formatInteger(versionText, i64(version + 10000));
  putBytes(versionText + 1, VERSION_DIGITS);
}

/** A field about the file itself: two arguments. */
export function rdbAux(name: u32, value: u32): void {
  put8(RDB_AUX);
  rdbString(argPtr(name), argLen(name));
  rdbString(argPtr(value), argLen(value));
}

/** The database of the entries that follow, and how many of them come. */
export function rdbSelect(index: u32, keyCount: u32, dueCount: u32): void {
  put8(RDB_SELECT);
  rdbLength(index);
  put8(RDB_RESIZE);
  rdbLength(keyCount);
  rdbLength(dueCount);
}

export function rdbEnd(): void {
  put8(RDB_END);
  put64(sinkCrc(selectedSink()));
}
