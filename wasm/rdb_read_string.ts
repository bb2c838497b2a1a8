// Strings from RDB. A short one is put into the key's entry; a long one that
// has not come in whole is received into the block that becomes the value, so
// that the window stays small.

import { alloc, free } from "./allocator";
import {
  copyBytes,
  EMBEDDED,
  embeddedPtr,
  ENCODING_INT,
  ENCODING_RAW,
  entryFlags,
  newEntry,
  RAW_HEADER_BYTES,
  setEntryKind,
  setEntryValue,
  setFlags,
  TYPE_STRING,
} from "./entry";
import { INTEGER_MAX_BYTES, parsedInteger, parseInteger } from "./number";
import { setDraft } from "./rdb_draft";
import {
  mayBeString,
  readPlainLength,
  readString,
  stringBytes,
  stringInteger,
  stringIsInteger,
  stringPtr,
  VALUE,
} from "./rdb_read";
import {
  at,
  bytesHere,
  bytesLeft,
  failForMemory,
  goBack,
  has,
  takeBytes,
  trouble,
} from "./source";
import { EMBED_MAX_BYTES, textEncoding } from "./string";

/** A shorter string is waited for. */
const LONG_BYTES: u64 = 65536;

/** Where the next bytes of a long string go, and how many are missing. */
let bodyAt: u32 = 0;
export let bodyMissing: u32 = 0;

/**
 * Reads a string, or the length of a long one whose bytes will come by and by:
 * then `bodyMissing` is not 0 and the draft is the string.
 */
export function beginString(): bool {
  const start = at;
  bodyMissing = 0;
  const byteCount = readPlainLength();
  if (trouble) return false;
  if (
    byteCount >= LONG_BYTES && u64(bytesHere()) < byteCount &&
    bytesLeft() != Infinity
  ) return beginBody(byteCount);
  goBack(start);
  return readString(VALUE);
}

function beginBody(byteCount: u64): bool {
  if (!mayBeString(byteCount)) return false;
  const block = alloc(u32(byteCount) + RAW_HEADER_BYTES);
  if (!block) return failForMemory();
  store<u32>(block, u32(byteCount));
  bodyAt = block + RAW_HEADER_BYTES;
  bodyMissing = u32(byteCount);
  setDraft(TYPE_STRING, ENCODING_RAW, block);
  return true;
}

/** Takes over what has come in of a long string. */
export function readBody(): bool {
  if (!has(1)) return false;
  const byteCount = min(bytesHere(), bodyMissing);
  memory.copy(bodyAt, takeBytes(byteCount), byteCount);
  bodyAt += byteCount;
  bodyMissing -= byteCount;
  return true;
}

/**
 * An entry with the string just read, in no table yet; 0 without memory. `due`
 * makes room for a due time.
 */
export function stringEntry(keyFrom: u32, keyBytes: u32, due: bool): u32 {
  if (stringIsInteger) {
    return integerEntry(keyFrom, keyBytes, due, stringInteger);
  }
  if (
    stringBytes <= INTEGER_MAX_BYTES && parseInteger(stringPtr, stringBytes)
  ) return integerEntry(keyFrom, keyBytes, due, parsedInteger);
  if (stringBytes > EMBED_MAX_BYTES) return rawEntry(keyFrom, keyBytes, due);
  const entry = newEntry(keyFrom, keyBytes, due, stringBytes);
  if (!entry) return 0;
  embed(entry, textEncoding(stringBytes), stringBytes);
  copyBytes(embeddedPtr(entry), stringPtr, stringBytes);
  return entry;
}

function integerEntry(
  keyFrom: u32,
  keyBytes: u32,
  due: bool,
  value: i64,
): u32 {
  const entry = newEntry(keyFrom, keyBytes, due, 8);
  if (!entry) return 0;
  embed(entry, ENCODING_INT, 8);
  store<i64>(embeddedPtr(entry), value);
  return entry;
}

function embed(entry: u32, encoding: u32, byteCount: u32): void {
  setEntryKind(entry, TYPE_STRING, encoding);
  setFlags(entry, entryFlags(entry) | EMBEDDED);
  setEntryValue(entry, byteCount);
}

function rawEntry(keyFrom: u32, keyBytes: u32, due: bool): u32 {
  const entry = newEntry(keyFrom, keyBytes, due, 0);
  if (!entry) return 0;
  const block = alloc(stringBytes + RAW_HEADER_BYTES);
  if (!block) {
    free(entry);
    return 0;
  }
  store<u32>(block, stringBytes);
  memory.copy(block + RAW_HEADER_BYTES, stringPtr, stringBytes);
  setEntryKind(entry, TYPE_STRING, ENCODING_RAW);
  setEntryValue(entry, block);
  return entry;
}
