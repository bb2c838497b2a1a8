// DEBUG POPULATE: many keys at once, made where they will lie.
//
// Key and value are written into two scratch blocks which two arguments point
// at, so that SET itself stores them.

import { alloc, free } from "./allocator";
import { argLen, argPtr, pushArgument, recordAt, setRecord } from "./arguments";
import { OUT_OF_MEMORY } from "./codes";
import { keyChanged } from "./changes";
import { interest, OF_CHANGES } from "./key_chains";
import { formatInteger, INTEGER_MAX_BYTES } from "./number";
import { SET_ONLY_NEW, setString } from "./string";

const COLON: u8 = 0x3a;
/** "value:" */
const VALUE_TEXT: u64 = 0x3a65756c6176;
const VALUE_TEXT_BYTES: u32 = 6;
const VALUE_ROOM: u32 = VALUE_TEXT_BYTES + INTEGER_MAX_BYTES + 2;

/**
 * Sets `prefix:0` to `prefix:count-1` where they are not there yet. `prefix`
 * is an argument. A value is `value:0` and so on, cut or filled up with zeros
 * to `valueBytes`, unless that is 0. Returns 1, or OUT_OF_MEMORY after as many
 * keys as there was room for.
 */
export function populate(
  db: u32,
  count: u32,
  prefix: u32,
  valueBytes: u32,
): i32 {
  const prefixBytes = argLen(prefix);
  const key = alloc(prefixBytes + 1 + INTEGER_MAX_BYTES);
  if (!key) return OUT_OF_MEMORY;
  const value = alloc(max(valueBytes, VALUE_ROOM));
  if (!value) {
    free(key);
    return OUT_OF_MEMORY;
  }
  memory.copy(key, argPtr(prefix), prefixBytes);
  store<u8>(key + prefixBytes, COLON);
  memory.fill(value, 0, max(valueBytes, VALUE_ROOM));
  const code = populateFrom(db, count, key, prefixBytes + 1, value, valueBytes);
  free(value);
  free(key);
  return code;
}

function populateFrom(
  db: u32,
  count: u32,
  key: u32,
  stemBytes: u32,
  value: u32,
  valueBytes: u32,
): i32 {
  const keyIndex = pushArgument(key, stemBytes);
  if (keyIndex < 0) return OUT_OF_MEMORY;
  const valueIndex = pushArgument(value, valueBytes);
  if (valueIndex < 0) return OUT_OF_MEMORY;
  for (let i: u32 = 0; i < count; i++) {
    const digitBytes = formatInteger(key + stemBytes, i);
    store<u64>(value, VALUE_TEXT);
    memory.copy(value + VALUE_TEXT_BYTES, key + stemBytes, digitBytes);
    const textBytes = VALUE_TEXT_BYTES + digitBytes;
    setRecord(recordAt(keyIndex), key, stemBytes + digitBytes);
    setRecord(recordAt(valueIndex), value, valueBytes ? valueBytes : textBytes);
    const code = setString(db, keyIndex, valueIndex, SET_ONLY_NEW, 0);
    if (code < 0) return code;
    if (code && interest & OF_CHANGES) keyChanged(db, keyIndex);
  }
  return 1;
}
